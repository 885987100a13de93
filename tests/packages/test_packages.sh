#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016  # expanded by apt and by the hook
#
# test_packages.sh [DIRECTORY]: build the Debian packages, or take those in DIRECTORY; see
# what lintian says; install, run and purge them in a fresh Debian 12, with a kernel's
# headers and source, so that DKMS builds the modules. Needs root, mmdebstrap, lintian,
# debhelper, dh-dkms, and the mirror that apt uses. Prints TAP; 77: it cannot be run.

set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
suite=bookworm
count=0 failed=0

skip()
{
	echo "1..0 # SKIP $1"
	exit 77
}

# result NAME STATUS LOG: passed if STATUS is 0; else the end of LOG is shown.
result()
{
	count=$((count + 1))
	if [ "$2" = 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1"
		tail -n 30 "$3" | sed 's/^/# /'
		failed=1
	fi
}

[ "$(id -u)" = 0 ] || skip "only root can make a root file system"
for tool in mmdebstrap lintian dpkg-buildpackage dh dh_dkms; do
	command -v "$tool" >/dev/null || skip "$tool is missing: apt-get install mmdebstrap lintian debhelper dh-dkms"
done
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
	awk -v suite="$suite" '$2 == suite && $3 == "main" { print $1; exit }')
[ -n "$mirror" ] || skip "apt knows no mirror of $suite"

tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP

# ---- Build ------------------------------------------------------------------

packages=${1:-}
if [ -z "$packages" ]; then
	packages=$tmp/build
	mkdir -p "$packages/dynamic-msix"
	# What is generated is made anew, as it is from a fresh clone.
	tar -C "$top" --exclude=./.git --exclude=./build --exclude=./configure \
		--exclude=./autom4te.cache --exclude=./obj-build -cf - . |
		tar -C "$packages/dynamic-msix" -xf -
	(cd "$packages/dynamic-msix" &&
		DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" dpkg-buildpackage -us -uc) \
		>"$tmp/build.log" 2>&1
	result "the packages are built" $? "$tmp/build.log"
	[ "$failed" = 0 ] || exit 1
fi
mkdir "$tmp/debs"
cp "$packages"/*.deb "$tmp/debs/" || exit 99
rm -f "$tmp/debs/"*-dbgsym_*.deb

# ---- lintian ----------------------------------------------------------------

# What is wrong on purpose must be found, or nothing else would be.
mkdir -p "$tmp/wrong/DEBIAN" "$tmp/wrong/usr/local"
printf '%s\n' 'Package: wrong' 'Version: 1' 'Architecture: all' 'Maintainer: nobody' \
	'Description: wrong' >"$tmp/wrong/DEBIAN/control"
dpkg-deb --root-owner-group -b "$tmp/wrong" "$tmp/wrong.deb" >/dev/null
! lintian --allow-root --fail-on error "$tmp/wrong.deb" >"$tmp/lintian.log" 2>&1
result "control: lintian finds errors in a wrong package" $? "$tmp/lintian.log"
lintian --allow-root --fail-on error,warning "$tmp/debs"/*.deb >"$tmp/lintian.log" 2>&1
result "lintian finds no errors and no warnings" $? "$tmp/lintian.log"

# ---- A fresh root ------------------------------------------------------------

cp "$here/in_root.sh" "$tmp/debs/"
mmdebstrap --variant=apt --format=null \
	--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
	--customize-hook="copy-in $tmp/debs /root" \
	--customize-hook='chroot "$1" sh /root/debs/in_root.sh' \
	"$suite" - "deb $mirror $suite main" >"$tmp/root.log" 2>&1 </dev/null
status=$?
# Whatever a hook prints, mmdebstrap has among its own messages.
while read -r _ word name; do
	case $word in
	ok) result "$name" 0 ;;
	not-ok)
		sed -n "/^step: $name\$/,/^result: /p" "$tmp/root.log" >"$tmp/step.log"
		result "$name" 1 "$tmp/step.log"
		;;
	done) complete=yes ;;
	esac
done < <(grep '^result: ' "$tmp/root.log")
[ "$status" = 0 ] && [ -n "${complete:-}" ]
result "the root file system is made, used and removed" $? "$tmp/root.log"
echo "1..$count"
exit "$failed"
