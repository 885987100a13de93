# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Initramfs images for L1 and L2: busybox, an init from tests/vm/guest, the
# modules in the order in which they are to be loaded, and programs with the
# libraries they need.

# The functions are called where a failing command does not end the shell, so each
# says by its status whether all went well.

# initramfs_begin DIRECTORY INIT
initramfs_begin()
{
	local dir=$1

	rm -rf "$dir" &&
		mkdir -p "$dir"/{bin,dev,proc,sys,run,tmp,modules,out,root} &&
		cp /bin/busybox "$dir/bin/busybox" &&
		install -m 755 "$2" "$dir/init" &&
		: >"$dir/modules/order"
}

# initramfs_module DIRECTORY FILE: one module, to be loaded after those added
# before it.
initramfs_module()
{
	local base=${2##*/}

	base=${base%.xz}
	grep -qxF "$base" "$1/modules/order" && return 0
	case $2 in
	*.xz) xz -dc "$2" >"$1/modules/$base" || return 1 ;;
	*)    cp "$2" "$1/modules/$base" || return 1 ;;
	esac
	echo "$base" >>"$1/modules/order"
}

# initramfs_modules DIRECTORY KERNEL-ITEM RELEASE MODULE...: the modules with
# all they depend on; built-in ones need nothing.
initramfs_modules()
{
	local dir=$1 item=$2 release=$3 depends word path

	shift 3
	depends=$(PATH=$PATH:/sbin:/usr/sbin modprobe --show-depends --all \
		-C /dev/null -d "$item" -S "$release" "$@") || return 1
	while read -r word path _; do
		[ "$word" = insmod ] || continue
		initramfs_module "$dir" "$path" || return 1
	done <<<"$depends"
}

# initramfs_program DIRECTORY FILE: a program and its shared libraries, at the
# places where its loader looks for them.
initramfs_program()
{
	local dir=$1 libraries lib

	install -m 755 "$2" "$dir/bin/${2##*/}" || return 1
	libraries=$(ldd "$2") || return 1
	# Lines are "name => path (address)" or "path (address)".
	libraries=$(sed -n 's/^.*[[:space:]]\(\/[^ ]*\) (0x.*$/\1/p' <<<"$libraries")
	while read -r lib; do
		install -D -m 755 "$lib" "$dir$lib" || return 1
	done <<<"$libraries"
}

# initramfs_pack DIRECTORY IMAGE
initramfs_pack()
{
	(cd "$1" && find . -mindepth 1 -printf '%P\0' | LC_ALL=C sort -z |
		cpio --quiet -0 -o -H newc -R 0:0) >"$2" || return 1
	rm -rf "$1"
}

# initramfs_l1 IMAGE KERNEL-ITEM RELEASE
initramfs_l1()
{
	local dir=$1.d

	# shellcheck disable=SC2086  # a list
	initramfs_begin "$dir" "$TOP/tests/vm/guest/l1-init" &&
		initramfs_modules "$dir" "$2" "$3" $L1_MODULES &&
		initramfs_pack "$dir" "$1"
}

# initramfs_l2 IMAGE KERNEL-ITEM RELEASE DRIVER PROGRAM CONFIG: the guest. DRIVER
# is the sample driver's module file, CONFIG the text of its /config.
initramfs_l2()
{
	local dir=$1.d depends

	depends=$(PATH=$PATH:/sbin:/usr/sbin modinfo -F depends "$4") || return 1
	# shellcheck disable=SC2086  # lists
	initramfs_begin "$dir" "$TOP/tests/vm/guest/l2-init" &&
		initramfs_modules "$dir" "$2" "$3" $L2_MODULES ${depends//,/ } &&
		initramfs_module "$dir" "$4" &&
		initramfs_program "$dir" "$5" &&
		echo "$6" >"$dir/config" &&
		initramfs_pack "$dir" "$1"
}

# initramfs_l2_idxd IMAGE KERNEL-ITEM RELEASE MOVDIR64B DMATEST PROGRAM CONFIG: the guest with
# Debian's own driver, and the instruction that it needs. dmatest is for PROGRAM to load.
initramfs_l2_idxd()
{
	local dir=$1.d

	# shellcheck disable=SC2086  # a list
	initramfs_begin "$dir" "$TOP/tests/vm/guest/l2-init" &&
		initramfs_modules "$dir" "$2" "$3" $L2_MODULES &&
		initramfs_module "$dir" "$4" &&
		initramfs_modules "$dir" "$2" "$3" idxd &&
		cp "$5" "$dir/modules/dmatest.ko" &&
		initramfs_program "$dir" "$6" &&
		echo "$7" >"$dir/config" &&
		initramfs_pack "$dir" "$1"
}
