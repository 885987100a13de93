#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# test_packages.sh [BUILD INSTALL]: build the Debian packages in a Debian 12 that
# has what they ask for and nothing else; see what lintian says; install, use and purge
# them in another, with a kernel's headers and source, so that DKMS builds the modules.
# The archives are those of make_root.sh, and are made if they are not given. Nothing
# is downloaded in either. Needs root. Prints TAP; 77: it cannot be run.

set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
count=0 failed=0

skip()
{
	echo "1..0 # SKIP $1"
	exit 77
}

# result NAME STATUS LOG: passed if STATUS is 0; else the errors in LOG and its end are shown.
result()
{
	count=$((count + 1))
	if [ "$2" = 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		grep -E '(error|undefined reference): ' "$3" | tail -n 10 | sed 's/^/# /'
		tail -n 40 "$3" | sed 's/^/# /'
		failed=1
	fi
}

finish()
{
	echo "1..$count"
	exit "$failed"
}

[ "$(id -u)" = 0 ] || skip "only root can make a root file system"
tmp=$(mktemp -d) || exit 99
# Mounts are the business of a name space of their own.
trap 'rm -rf --one-file-system "$tmp"' EXIT
trap 'exit 1' INT TERM HUP

build=${1:-} install=${2:-}
if [ -z "$build" ]; then
	command -v mmdebstrap >/dev/null || skip "mmdebstrap is missing: apt-get install mmdebstrap"
	build=$tmp/build.tar install=$tmp/install.tar
	"$here/make_root.sh" build "$build" >"$tmp/root.log" 2>&1 &&
		"$here/make_root.sh" install "$install" >>"$tmp/root.log" 2>&1
	result "the root file systems are made" $? "$tmp/root.log"
	[ "$failed" = 0 ] || finish
fi
for archive in "$build" "$install"; do
	[ -r "$archive" ] || skip "${archive:-the second archive} cannot be read"
done

# in_root DIRECTORY COMMAND...: processes, mounts and network of its own, which end with it.
in_root()
{
	# shellcheck disable=SC2016  # expanded by the inner shell
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root \
		DEBIAN_FRONTEND=noninteractive \
		unshare --mount --pid --net --ipc --uts --fork --kill-child -- sh -c '
			set -e
			root=$1
			shift
			mount -t proc proc "$root/proc"
			mount -t tmpfs tmpfs "$root/dev"
			for node in null zero full random urandom tty; do
				: >"$root/dev/$node"
				mount --bind "/dev/$node" "$root/dev/$node"
			done
			ln -s /proc/self/fd "$root/dev/fd"
			mkdir "$root/dev/shm"
			chmod 1777 "$root/dev/shm"
			exec chroot "$root" "$@"' root "$@" </dev/null
}

# ---- Build ------------------------------------------------------------------

root=$tmp/build-root
mkdir "$root" "$tmp/debs"
tar -C "$root" -xf "$build" || exit 99
mkdir -p "$root/build/dynamic-msix"
# What is generated is made anew, as it is from a fresh clone.
tar -C "$top" --exclude=./.git --exclude=./build --exclude=./configure --exclude=./modules \
	--exclude=./autom4te.cache --exclude=./obj-build -cf - . |
	tar -C "$root/build/dynamic-msix" --no-same-owner -xf -
chown -R 65534:65534 "$root/build"
# shellcheck disable=SC2016
in_root "$root" setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '
	cd /build/dynamic-msix && DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" HOME=/build \
		dpkg-buildpackage -us -uc' >"$tmp/build.log" 2>&1
result "the packages are built, with what they ask for and without root" $? "$tmp/build.log"
[ "$failed" = 0 ] || finish
cp "$root/build"/*.deb "$tmp/debs/" || exit 99
rm -f "$tmp/debs"/*-dbgsym_*.deb

# ---- lintian ----------------------------------------------------------------

# What is wrong on purpose must be found, or nothing else would be.
mkdir -p "$root/wrong/DEBIAN" "$root/wrong/usr/local"
printf '%s\n' 'Package: wrong' 'Version: 1' 'Architecture: all' 'Maintainer: nobody' \
	'Description: wrong' >"$root/wrong/DEBIAN/control"
in_root "$root" dpkg-deb --root-owner-group -b /wrong /wrong.deb >/dev/null
! in_root "$root" lintian --allow-root --fail-on error /wrong.deb >"$tmp/lintian.log" 2>&1
result "control: lintian finds errors in a wrong package" $? "$tmp/lintian.log"
in_root "$root" sh -c 'lintian --allow-root --fail-on error,warning /build/*.changes' \
	>"$tmp/lintian.log" 2>&1
result "lintian finds no errors and no warnings" $? "$tmp/lintian.log"
rm -rf --one-file-system "$root"

# ---- Install, use, purge ------------------------------------------------------

root=$tmp/root
mkdir "$root"
tar -C "$root" -xf "$install" || exit 99
mkdir "$root/root/debs"
cp "$tmp/debs"/*.deb "$here/in_root.sh" "$root/root/debs/" || exit 99
# What has to be there after that.
(cd "$top/man" && ls ./*.[1-8]) | sed 's|^\./||' >"$root/root/debs/manuals"
(cd "$top/examples" && ls) | grep -v '^Makefile' >"$root/root/debs/examples"
(cd "$top/wq-demo" && ls ./*.schema.json) | sed 's|^\./||' >"$root/root/debs/schemas"
in_root "$root" sh /root/debs/in_root.sh >"$tmp/root.log" 2>&1
status=$?
while read -r _ word name; do
	case $word in
	ok) result "$name" 0 ;;
	not-ok)
		grep -Fx -A 100000 "step: $name" "$tmp/root.log" | sed '/^result: /q' >"$tmp/step.log"
		result "$name" 1 "$tmp/step.log"
		;;
	done) complete=yes ;;
	esac
done < <(grep '^result: ' "$tmp/root.log")
[ "$status" = 0 ] && [ -n "${complete:-}" ]
result "all of it was done" $? "$tmp/root.log"
finish
