#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# In a fresh Debian 12: install the packages that lie beside this file, use them, and
# purge them. Prints "result: ok NAME" or "result: not-ok NAME" for each step, and at
# last "result: done".

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
packages='wq-demo dsa-model vfio-pci-dynmsix-dkms dsa-sample-dkms'
cd /root/debs || exit 1

# check NAME COMMAND...
check()
{
	name=$1
	shift
	echo "step: $name"
	if "$@"; then
		echo "result: ok $name"
	else
		echo "result: not-ok $name"
	fi
}

# Everything that bears a name of ours, but logs and what apt has downloaded.
ours()
{
	find / -xdev \( -path /proc -o -path /sys -o -path /root -o -path /tmp -o -path /var/log \
		-o -path /var/cache -o -path /var/lib/apt \) -prune -o \
		\( -name '*dynmsix*' -o -name '*dynamic-msix*' -o -name '*wq-demo*' \
		-o -name '*dsa-model*' -o -name '*dsa?sample*' -o -path '/lib/modules/*/updates*' \
		-o -path '/usr/lib/modules/*/updates*' \) -print
}

as_user()
{
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

installs()
{
	apt-get -q -y install ./*.deb
}

# dkms has built the modules for the kernel whose headers are there.
has_modules()
{
	for module in vfio-pci-core vfio-pci dsa_sample; do
		# shellcheck disable=SC2144  # one kernel
		[ -e /lib/modules/*-amd64/updates/dkms/"$module.ko" ] || {
			echo "there is no $module.ko"
			dkms status
			cat /var/lib/dkms/*/*/build/make.log
			return 1
		}
	done
	for module in vfio-pci-core dsa_sample; do
		[ "$(modinfo -F version /lib/modules/*-amd64/updates/dkms/$module.ko)" = \
			"$(wq-demo version | sed 's/^wq-demo //')" ] || return
	done
}

# What is said and the status, which is the verdict's, without a device.
simulates()
{
	as_user wq-demo run --json /tmp/user/run.json >/tmp/user/run.log 2>&1 || {
		echo "status $?"
		cat /tmp/user/run.log
		return 1
	}
	cat /tmp/user/run.log
	grep -q '"verdict": "held"' /tmp/user/run.json && grep -q '"vmm": "dynamic"' /tmp/user/run.json
}

finds_losses()
{
	as_user wq-demo run --vmm rebuild --quiet
	[ $? = 1 ]
}

# Pictures need gnuplot, which the package only suggests.
report_names_gnuplot()
{
	as_user wq-demo report /tmp/user/run.json || return
	as_user wq-demo report /tmp/user/run.json -o /tmp/user/run.svg >/tmp/user/report.log 2>&1
	[ $? = 3 ] || return
	cat /tmp/user/report.log
	grep -q 'gnuplot' /tmp/user/report.log
}

# The examples for labs, as one copies them; a job that finds no loss says nothing.
runs_at_night()
{
	# In this root nothing is started by being installed.
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod +x /usr/sbin/policy-rc.d
	apt-get -q -y install cron >/dev/null || return
	crontab -n /usr/share/doc/wq-demo/examples/wq-demo.crontab || return
	sed 's/^17 2/17 25/' /usr/share/doc/wq-demo/examples/wq-demo.crontab >/tmp/user/wrong
	! crontab -n /tmp/user/wrong || return
	as_user /usr/share/doc/wq-demo/examples/wq-demo-nightly /tmp/user/nights --backend sim \
		--vmm dynamic >/tmp/user/mail || return
	cat /tmp/user/mail
	[ ! -s /tmp/user/mail ] && grep -q '"verdict": "held"' /tmp/user/nights/*.json
}

# There is no device, but that is all there is to be said: the tool works.
doctor_works()
{
	as_user wq-demo doctor --json /tmp/user/doctor.json || return
	grep -q '"verdict": "simulates"' /tmp/user/doctor.json || return
	as_user wq-demo doctor --part host
	[ $? = 3 ]
}

model_helps()
{
	as_user dsa-model --help | grep -q -e --profile &&
		as_user dsa-model --profile help | grep -q spr &&
		as_user dsa-model-ctl --help >/dev/null
}

model_serves()
{
	mkdir /tmp/model && chown 65534 /tmp/model || return
	# Not as_user: that would be the shell's process.
	setpriv --reuid=65534 --regid=65534 --clear-groups \
		dsa-model --socket /tmp/model/socket >/tmp/model/log 2>&1 &
	model=$!
	tries=300
	until grep -q '^listening on ' /tmp/model/log || [ "$tries" -eq 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	cat /tmp/model/log
	kill -TERM "$model"
	wait "$model" && [ "$tries" -gt 0 ]
}

# The pages of the source tree, no more and no fewer, each from a package of ours.
has_manuals()
{
	# shellcheck disable=SC2086  # a list
	dpkg -L $packages | sed -n 's|^/usr/share/man/.*/\(.*\)\.gz$|\1|p' | sort >/tmp/pages
	sort /root/debs/manuals | diff - /tmp/pages || return
	while read -r page; do
		zcat "/usr/share/man/man${page##*.}/$page.gz" | grep -q '^\.Sh NAME' || return
	done </tmp/pages
}

# The same of what is to be copied and of the formats.
has_examples()
{
	# shellcheck disable=SC2086  # a list
	dpkg -L $packages | sed -n 's|^/usr/share/doc/.*/examples/\(.*\)$|\1|p' | sed 's/\.gz$//' |
		sort >/tmp/examples
	sort /root/debs/examples | diff - /tmp/examples || return
	dpkg -L wq-demo | sed -n 's|^/usr/share/dynamic-msix/\(.*\)$|\1|p' | sort >/tmp/schemas
	sort /root/debs/schemas | diff - /tmp/schemas
}

# As bash-completion does it, when somebody presses the key.
completes()
{
	# shellcheck disable=SC2016  # for bash
	bash -c '. /usr/share/bash-completion/bash_completion && _completion_loader wq-demo
		complete -p wq-demo && COMP_WORDS=(wq-demo do) COMP_CWORD=1 COMP_LINE="wq-demo do" &&
		$(complete -p wq-demo | sed "s/.* -F \([^ ]*\) .*/\1/") &&
		echo "${COMPREPLY[*]}" && [ "${COMPREPLY[*]}" = doctor ]'
}

# Installing enables nothing: no rule, no option, no device for everybody.
enables_nothing()
{
	! ls /etc/modprobe.d/*dsa* /etc/modprobe.d/*vfio* /etc/udev/rules.d/*dsa* /etc/cron*/*wq-demo* \
		/lib/udev/rules.d/*dsa* /etc/systemd/system/*/dsa-model* 2>/dev/null
}

purges()
{
	# shellcheck disable=SC2086  # a list
	apt-get -q -y purge $packages
}

nothing_left()
{
	left=$(ours)
	[ -z "$left" ] || { echo "left behind:"; echo "$left"; return 1; }
	# shellcheck disable=SC2086  # a list
	! dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' $packages 2>/dev/null | grep .
}

mkdir /tmp/user && chown 65534 /tmp/user
check "nothing of ours is there before" nothing_left
check "the packages are installed" installs
check "DKMS has built the modules" has_modules
check "control: what is installed would be found" test -n "$(ours)"
check "the manual pages are installed" has_manuals
check "the examples and the schemas are installed" has_examples
check "bash completes the command" completes
check "nothing is enabled by installing" enables_nothing
check "wq-demo tells its version" as_user wq-demo version
check "wq-demo run simulates for an ordinary user" simulates
check "control: it finds the losses of a monitor that rebuilds" finds_losses
check "wq-demo report names what pictures need" report_names_gnuplot
check "wq-demo doctor works for an ordinary user" doctor_works
check "cron takes the example, and what it starts runs" runs_at_night
check "dsa-model tells its options and profiles" model_helps
check "dsa-model serves a device for an ordinary user" model_serves
check "the packages are purged" purges
check "nothing is left behind" nothing_left
echo "result: done"
