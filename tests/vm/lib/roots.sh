# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Root file systems with a QEMU, for L1 to run from. One of them also has the QEMU
# that runs L1: it needs vfio-user-pci, QEMU 10.1 or later, which Debian 12 does
# not have. Nothing of them runs on this machine but that QEMU, through its own
# loader.

# name : suite : packages come first from
ROOTS='
l1-qemu7.2  bookworm  bookworm-security
l1-qemu10.0 bookworm  bookworm-backports
l1-qemu11   trixie    trixie-backports
'

ROOT_L0=l1-qemu11

ROOT_PACKAGES='qemu-system-x86 qemu-system-common qemu-system-data seabios libc6 kmod busybox-static'

# root_make DIRECTORY SUITE FIRST
root_make()
{
	local dir=$1/root name

	# qemu-system-common and -data must come from the same suite as
	# qemu-system-x86: all of them come from FIRST where it has them.
	# shellcheck disable=SC2086  # a list
	suite_extract "$dir" "$2" "$3" $ROOT_PACKAGES
	# Where everything is below /usr, the old places are links made by a package
	# that is not among these.
	for name in bin sbin lib lib64; do
		[ -e "$dir/$name" ] || ln -s "usr/$name" "$dir/$name"
	done
	# Mount points: L1 mounts its root read-only.
	mkdir -p "$dir/dev" "$dir/proc" "$dir/sys" "$dir/run" "$dir/tmp" "$dir/lib/modules"
	root_qemu "$1" --version | sed -n '1s/^QEMU emulator version //p' >"$1/qemu-version"
	[ -s "$1/qemu-version" ]
	cat "$1/qemu-version"
}

# root_suites NAME: its suites.
root_suites()
{
	awk -v name="$1" '$1 == name { print $2, $3 }' <<<"$ROOTS"
}

# root_item NAME SUITE FIRST
root_item()
{
	local version

	suite_get "$2" "$3" || return 1
	version=$(suite_candidate qemu-system-x86)
	cache_item "$1" "$(cache_key "$2" "$3" "$ROOT_PACKAGES" "$version" \
		"$(recipe_text root_make suite_extract)")" \
		"preparing a root file system with QEMU ($1)" root_make "$2" "$3"
}

# root_get NAME: leaves the item's directory in ITEM.
root_get()
{
	local suites suite first

	suites=$(root_suites "$1")
	[ -n "$suites" ] || die "no root file system is called $1"
	read -r suite first <<<"$suites"
	root_item "$1" "$suite" "$first" && return 0
	# The mirror may not have any more what the lists name.
	suite_renew "$suite" "$first" && root_item "$1" "$suite" "$first"
}

# root_qemu_command ITEM: the words that start the QEMU of an item on this
# machine are left in ROOT_QEMU. Its loader gets its libraries by name, so that
# neither chroot nor a mount is needed.
ROOT_QEMU=()

root_qemu_command()
{
	local root=$1/root dir lib=lib/x86_64-linux-gnu loader=

	# Debian 12's tree is not merged below /usr, Debian 13's is.
	for dir in "$root/usr/$lib" "$root/$lib"; do
		[ -e "$dir/ld-linux-x86-64.so.2" ] && loader=$dir/ld-linux-x86-64.so.2
	done
	ROOT_QEMU=(
		"$loader" --library-path "$root/usr/$lib:$root/$lib"
		"$root/usr/bin/qemu-system-x86_64"
		-L "$root/usr/share/qemu" -L "$root/usr/share/seabios"
	)
}

root_qemu()
{
	root_qemu_command "$1"
	shift
	"${ROOT_QEMU[@]}" "$@"
}
