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
	apt-get -q -y install linux-headers-amd64 linux-source-6.1 &&
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
	[ "$(modinfo -F version /lib/modules/*-amd64/updates/dkms/vfio-pci-core.ko)" = \
		"$(wq-demo version | sed 's/^wq-demo //')" ]
}

# This is no machine that could run it; but it says why, and does not fail otherwise.
doctor_works()
{
	as_user wq-demo doctor --part both --json - >/tmp/doctor.json
	status=$?
	[ "$status" -eq 1 ] || [ "$status" -eq 3 ] || return 1
	grep -q '"schema": "wq-demo-doctor"' /tmp/doctor.json
}

model_serves()
{
	mkdir /tmp/model && chown 65534 /tmp/model || return
	as_user dsa-model --socket /tmp/model/socket >/tmp/model/log 2>&1 &
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

has_manuals()
{
	for page in man1/wq-demo.1 man1/wq-demo-doctor.1 man1/dsa-model.1 man1/dsa-model-ctl.1 \
		man4/dsa_sample.4 man4/vfio-pci-dynmsix.4; do
		# Documentation may be left out where packages are installed.
		dpkg -S "/usr/share/man/$page.gz" || return
	done
}

# Installing enables nothing: no rule, no option, no device for everybody.
enables_nothing()
{
	! ls /etc/modprobe.d/*dsa* /etc/modprobe.d/*vfio* /etc/udev/rules.d/*dsa* \
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

check "nothing of ours is there before" nothing_left
check "the packages are installed" installs
check "DKMS has built the modules" has_modules
check "control: what is installed would be found" test -n "$(ours)"
check "the manual pages are installed" has_manuals
check "nothing is enabled by installing" enables_nothing
check "wq-demo tells its version" as_user wq-demo version
check "wq-demo doctor works for an ordinary user" doctor_works
check "dsa-model serves a device for an ordinary user" model_serves
check "the packages are purged" purges
check "nothing is left behind" nothing_left
echo "result: done"
