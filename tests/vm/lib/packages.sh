# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2016
#
# The Debian packages this needs on the machine it runs on; those for each kernel
# are in kernels.sh. The lists are used by ./run.

# package : what for. One list: the reasons are printed when they are missing.
PACKAGES='
build-essential            compiler and make
autoconf                   configure script
automake                   makefiles
autoconf-archive           configure script
pkg-config                 configure script
rsync                      copy of the source tree that is built
libjson-c-dev              JSON in dsa-model and wq-demo
libbsd-dev                 trees in dsa-model
libisal-dev                checksums in dsa-model
libseccomp-dev             filter of system calls in dsa-model
libaccel-config-dev        queues of idxd in wq-demo
uuid-dev                   header of libaccel-config
check                      unit tests
libsubunit-dev             unit tests
xz-utils                   kernel sources, make dist
zstd                       kernels
kmod                       initramfs images
cpio                       initramfs images
busybox-static             initramfs images
mmdebstrap                 root file systems with QEMU
debian-archive-keyring     root file systems with QEMU
jq                         results
'

# Only ./run check needs these.
CHECK_PACKAGES='
shellcheck                 style of scripts
mandoc                     manual pages
coccinelle                 static analysis of the modules
cppcheck                   static analysis
sparse                     static analysis of the modules
libvirt-clients            schema of libvirt for the example in dsa-model(1)
libxml2-utils              the same, and reports in XML
gnuplot-nox                pictures of results
python3-jsonschema         results against their JSON Schema
python3-junitparser        reports in XML
python3-yaml               examples for labs
lava-common                the same
'

# ./run demo does without, unless it can install it.
DEMO_PACKAGES='
gnuplot-nox                pictures of results
'

# package_installed NAME
package_installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# package_version NAME: the installed version.
package_version()
{
	dpkg-query -W -f '${Version}' "$1"
}

# packages_missing LIST: names of LIST that are not installed.
packages_missing()
{
	local name _

	while read -r name _; do
		[ -n "$name" ] || continue
		package_installed "$name" || echo "$name"
	done <<<"$1"
}

packages_check_system()
{
	local id

	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
		die "this needs a Debian system (dpkg and apt)" "$EXIT_CANNOT"
	fi
	id=$(dpkg --print-architecture)
	[ "$id" = amd64 ] ||
		die "this needs an amd64 machine, not $id" "$EXIT_CANNOT"
	# shellcheck source=/dev/null
	id=$(. /etc/os-release && echo "${ID:-} ${VERSION_CODENAME:-}")
	[ "$id" = "debian bookworm" ] ||
		warn "made for Debian 12 (bookworm); this is \"$id\", package names may differ"
}

packages_apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q "$@"
}

packages_do_install()
{
	packages_apt install -y --no-install-recommends "$@" && return 0
	# Package lists that are absent or old are the usual reason.
	packages_apt update
	packages_apt install -y --no-install-recommends "$@"
}

# packages_install LIST: install what is missing, or say what that is.
packages_install()
{
	local missing

	packages_check_system
	mapfile -t missing < <(packages_missing "$1")
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		status_clear
		{
			echo "Missing Debian packages. As root:"
			echo
			echo "    apt-get install --no-install-recommends ${missing[*]}"
			echo
			echo "and start this again."
		} >&2
		exit "$EXIT_CANNOT"
	fi
	step_function packages "installing ${#missing[@]} Debian packages" \
		packages_do_install "${missing[@]}" ||
		die "cannot install: ${missing[*]}" "$EXIT_CANNOT"
}

# mirror_of SUITE: the address of the system's own mirror that carries SUITE.
mirror_of()
{
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk -v suite="$1" '$2 == suite && $3 == "main" { print $1; exit }'
}
