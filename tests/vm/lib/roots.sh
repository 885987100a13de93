# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Root file systems with a QEMU: one for the QEMU that runs L1 (it needs
# vfio-user-pci, QEMU 10.1 or later, which Debian 12 does not have), two that L1
# itself runs from. Packages are only unpacked, never configured: nothing of
# them runs on this machine but the QEMU binary, through its own loader.

# name : suite : packages come first from : packages besides QEMU
ROOTS='
l0          trixie    trixie-backports    -
l1-qemu7.2  bookworm  bookworm-security   kmod,busybox-static
l1-qemu10.0 bookworm  bookworm-backports  kmod,busybox-static
'

ROOT_QEMU_PACKAGES=qemu-system-x86,qemu-system-common,qemu-system-data,seabios,libc6

# root_make DIRECTORY SUITE FIRST EXTRA
root_make()
{
	local dir=$1/root suite=$2 first=$3 extra=$4
	local mirror first_mirror include=$ROOT_QEMU_PACKAGES prefer=$first mode=root

	mirror=$(mirror_of bookworm)
	[ -n "$mirror" ] || {
		echo "apt knows no mirror for Debian 12's main section; check /etc/apt/sources.list*"
		echo "and run apt-get update"
		return 1
	}
	first_mirror=$mirror
	if [ "$first" = bookworm-security ]; then
		first_mirror=$(mirror_of "$first")
		prefer=
	fi
	[ "$extra" = - ] || include=$include,$extra
	{
		echo "deb $mirror $suite main"
		[ -z "$first_mirror" ] || echo "deb $first_mirror $first main"
	} >"$1/sources.list"
	# qemu-system-common and -data must come from the same suite as
	# qemu-system-x86, hence the default release.
	# Unpacking needs no privileges; device nodes, the one thing that does, are
	# mounted over in L1.
	[ "$(id -u)" -eq 0 ] || mode=chrootless
	mmdebstrap --mode="$mode" --variant=extract --include="$include" \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt="APT::Default-Release \"$prefer\"" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"$suite" "$dir" "$1/sources.list"
	rm "$1/sources.list"
	# Mount points: L1 mounts its root read-only.
	mkdir -p "$dir/dev" "$dir/proc" "$dir/sys" "$dir/run" "$dir/tmp" "$dir/lib/modules"
	root_qemu "$1" --version | sed -n '1s/^QEMU emulator version //p' >"$1/qemu-version"
	[ -s "$1/qemu-version" ]
	cat "$1/qemu-version"
}

# root_get NAME: leaves the item's directory in ITEM.
root_get()
{
	local name suite first extra version key

	while read -r name suite first extra; do
		[ "$name" = "$1" ] || continue
		# What apt on this machine knows of the suite goes into the key;
		# suites it does not know are looked at when the item is made.
		version=
		[ "$first" != bookworm-security ] || version=$(candidate_of qemu-system-x86)
		key=$(cache_key "$suite" "$first" "$extra" "$ROOT_QEMU_PACKAGES" "$version" \
			"$(recipe_text root_make)")
		cache_item "$name" "$key" "preparing a root file system with QEMU ($name)" \
			root_make "$suite" "$first" "$extra"
		return
	done <<<"$ROOTS"
	die "no root file system is called $1"
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
