# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernels for L1 and L2. A kernel is named by its series (6.1, 6.1-rt, 7). Its
# headers and sources, with which the modules are built, are either installed here
# or unpacked in a root file system of their own, with the compiler they need:
# builders.sh. Which release it is follows from them, because the modules must be
# loaded into exactly that kernel. The kernel itself is only unpacked, never
# installed.

# series : where its modules are built, here or in a root of these suites, or "own",
# here too, for a kernel that is built from the sources (debug.sh) : package of the
# headers : package of the sources : others needed to build modules, or that kernel
KERNELS='
6.1         here                     linux-headers-amd64          linux-source-6.1
6.12        here                     linux-headers-6.12-amd64     linux-source-6.12  dwarves
6.1-rt      here                     linux-headers-rt-amd64       linux-source-6.1
6.12-rt     here                     linux-headers-6.12-rt-amd64  linux-source-6.12  dwarves
6.12-debug  own                      linux-headers-6.12-amd64     linux-source-6.12  dwarves flex bison bc libelf-dev
6.12-kcsan  own                      linux-headers-6.12-amd64     linux-source-6.12  dwarves flex bison bc libelf-dev
7           trixie/trixie-backports  linux-headers-amd64          linux-source
'

# kernel_packages SERIES...: the packages for these to be installed here, in the form
# of packages.sh.
kernel_packages()
{
	local series

	for series in "$@"; do
		awk -v series="$series" '$1 == series && $2 !~ "/" {
			for (i = 3; i <= NF; i++)
				print $i, "modules for " series
		}' <<<"$KERNELS"
	done
}

# kernel_field SERIES COLUMN
kernel_field()
{
	local value

	value=$(awk -v series="$1" -v column="$2" '$1 == series { print $column }' <<<"$KERNELS")
	[ -n "$value" ] || die "no kernel series is called $1"
	echo "$value"
}

kernel_series()
{
	awk 'NF { print $1 }' <<<"$KERNELS"
}

# kernel_is_here SERIES: true when its headers, or those it is built with, are on
# this machine.
kernel_is_here()
{
	[[ $(kernel_field "$1" 2) != */* ]]
}

# kernel_is_own SERIES: true when it is built, not Debian's.
kernel_is_own()
{
	[ "$(kernel_field "$1" 2)" = own ]
}

# kernel_suite SERIES: suite_get for one that is not.
kernel_suite()
{
	local suites

	suites=$(kernel_field "$1" 2)
	suite_get "${suites%/*}" "${suites#*/}" || die "cannot get the package lists of $suites"
}

# kernel_release SERIES: the release (uname -r) the headers are for. While scenarios
# run, it is that of the kernel that was prepared for them.
kernel_release()
{
	local meta depends release

	if [ -n "${CHAIN_ITEM[kernel$1]:-}" ]; then
		cat "${CHAIN_ITEM[kernel$1]}/release"
		return
	fi
	if kernel_is_own "$1"; then
		kernel_item "$1" && cat "$ITEM/release"
		return
	fi
	meta=$(kernel_field "$1" 3)
	if kernel_is_here "$1"; then
		depends=$(dpkg-query -W -f '${Depends}' "$meta")
	else
		kernel_suite "$1"
		depends=$(suite_show "$meta" "$(suite_candidate "$meta")" Depends)
	fi
	release=$(sed -n 's/^.*linux-headers-\([^ ,]*\).*$/\1/p' <<<"$depends")
	[ -n "$release" ] || die "the package $meta does not say which kernel it is for"
	echo "$release"
}

# kernel_version SERIES: the Debian version of the headers.
kernel_version()
{
	if kernel_is_own "$1"; then
		package_version "$(kernel_field "$1" 4)"
	elif kernel_is_here "$1"; then
		package_version "linux-headers-$(kernel_release "$1")"
	else
		kernel_suite "$1"
		suite_candidate "$(kernel_field "$1" 3)"
	fi
}

kernel_do_upgrade()
{
	packages_apt update
	packages_apt install -y --no-install-recommends "$@"
}

# Headers and sources of different uploads cannot be used together; neither can
# headers whose kernel the mirror no longer has. Both are cured by an upgrade.
# kernel_upgrade SERIES REASON
kernel_upgrade()
{
	local meta source

	meta=$(kernel_field "$1" 3)
	source=$(kernel_field "$1" 4)
	[ "$(id -u)" -eq 0 ] || die "$2
As root: apt-get update && apt-get install $meta $source" "$EXIT_CANNOT"
	say "$2"
	step_function "upgrade-$1" "upgrading the headers and sources of $1" \
		kernel_do_upgrade "$meta" "$source" ||
		die "cannot upgrade $meta and $source" "$EXIT_CANNOT"
}

# What the levels load of a kernel: L1 its shares, virtualization and vfio; L2 its
# way to send the results, and in some scenarios the device's own driver.
L1_MODULES='virtio_pci 9pnet_virtio 9p'
L1_LATER_MODULES='kvm-amd vfio_iommu_type1 vfio-pci idxd'
L2_MODULES='virtio_pci virtio_console'

# kernel_number FILE OFFSET SIZE: an unsigned number of a boot header.
kernel_number()
{
	od -An -v -j "$2" -N "$3" -t "u$3" "$1" | tr -d ' '
}

# kernel_unpack VMLINUZ VMLINUX: the kernel without its wrapping. QEMU starts it
# directly (PVH): an emulated processor takes many seconds to unpack it itself.
# The numbers are of the x86 boot protocol: setup_sects, payload_offset,
# payload_length; the payload's last four bytes are its unpacked size.
kernel_unpack()
{
	local begin length magic
	local -a unpack

	begin=$((($(kernel_number "$1" 497 1) + 1) * 512 + $(kernel_number "$1" 584 4)))
	length=$(($(kernel_number "$1" 588 4) - 4))
	magic=$(od -An -v -j "$begin" -N 4 -t x1 "$1" | tr -d ' ')
	case $magic in
	fd377a58) unpack=(xz -dc) ;;
	28b52ffd) unpack=(zstd -dcq) ;;
	1f8b*)    unpack=(gzip -dc) ;;
	*)
		echo "$1: packed in an unknown way ($magic)" >&2
		return 1
		;;
	esac
	dd if="$1" iflag=skip_bytes,count_bytes skip="$begin" count="$length" bs=1M status=none |
		"${unpack[@]}" >"$2"
}

# kernel_modules FROM TO RELEASE: the modules that are needed, unpacked.
kernel_modules()
{
	local from=$1 to=$2 release=$3 word path _ file base=lib/modules/$3

	mkdir -p "$to/$base"
	cp "$from/$base"/modules.{order,builtin,builtin.modinfo} "$to/$base/"
	# shellcheck disable=SC2086  # lists
	modprobe --show-depends --all -C /dev/null -d "$from" -S "$release" \
		$L1_MODULES $L1_LATER_MODULES $L2_MODULES >"$to/depends"
	while read -r word path _; do
		[ "$word" = insmod ] || continue
		file=$to/${path#"$from/"}
		mkdir -p "${file%/*}"
		case $path in
		*.xz) xz -dc "$path" >"${file%.xz}" ;;
		*)    cp "$path" "$file" ;;
		esac
	done <"$to/depends"
	rm "$to/depends"
	depmod -b "$to" "$release"
}

# kernel_download DIRECTORY SERIES RELEASE VERSION: its packages. Newer ones are split
# into the kernel, its modules, and what goes with both.
kernel_download()
{
	local packages=("linux-image-$3-unsigned=$4") options=()

	kernel_is_here "$2" || {
		kernel_suite "$2"
		options=("${SUITE_OPTIONS[@]}")
	}
	apt-cache "${options[@]}" show "${packages[@]}" >/dev/null 2>&1 ||
		packages=("linux-binary-$3=$4" "linux-modules-$3=$4" "linux-base-$3=$4")
	cd "$1" && apt-get -q "${options[@]}" -o APT::Sandbox::User=root download "${packages[@]}"
}

# The status of kernel_make when the archive does not have it.
KERNEL_GONE=9

# kernel_make DIRECTORY SERIES RELEASE VERSION: boot/vmlinux, lib/modules/RELEASE.
kernel_make()
{
	local dir=$1 release=$3 base=lib/modules/$3 deb file
	local PATH=$PATH:/sbin:/usr/sbin

	mkdir "$dir/deb" "$dir/tree" "$dir/boot"
	(kernel_download "$dir/deb" "$2" "$release" "$4") || return "$KERNEL_GONE"
	for deb in "$dir"/deb/*.deb; do
		dpkg-deb -x "$deb" "$dir/tree"
	done
	[ -d "$dir/tree/lib" ] || mv "$dir/tree/usr/lib" "$dir/tree/lib"
	depmod -b "$dir/tree" "$release"
	# Where the kernel and its configuration lie depends on the packages.
	for file in vmlinuz config; do
		[ -e "$dir/tree/boot/$file-$release" ] || {
			mkdir -p "$dir/tree/boot"
			mv "$dir/tree/$base/$file" "$dir/tree/boot/$file-$release"
		}
	done
	kernel_unpack "$dir/tree/boot/vmlinuz-$release" "$dir/boot/vmlinux"
	mv "$dir/tree/boot/config-$release" "$dir/boot/config"
	kernel_modules "$dir/tree" "$dir" "$release"
	echo "$release" >"$dir/release"
	rm -rf "$dir/deb" "$dir/tree"
}

# kernel_item SERIES: the item of what the headers now are for.
kernel_item()
{
	local release version

	if kernel_is_own "$1"; then
		debug_item "$1"
		return
	fi
	release=$(kernel_release "$1") || return 1
	version=$(kernel_version "$1") || return 1
	cache_item "kernel-$1" "$(cache_key "$release" "$version" \
		"$(recipe_text kernel_make kernel_download kernel_unpack kernel_modules)" \
		"$L1_MODULES $L1_LATER_MODULES $L2_MODULES")" \
		"preparing the kernel $release" kernel_make "$1" "$release" "$version"
}

# kernel_get SERIES: leaves the item's directory in ITEM.
kernel_get()
{
	local status=0 version source_version suites

	if kernel_is_here "$1"; then
		version=$(kernel_version "$1") || return 1
		source_version=$(package_version "$(kernel_field "$1" 4)") || return 1
		[ "$version" = "$source_version" ] ||
			kernel_upgrade "$1" "The kernel headers ($version) and sources ($source_version) of $1 differ."
	fi
	kernel_item "$1" || status=$?
	[ "$status" -eq "$KERNEL_GONE" ] || return "$status"
	if kernel_is_here "$1"; then
		kernel_upgrade "$1" "The kernel $(kernel_release "$1") cannot be downloaded; it may have been superseded."
	else
		suites=$(kernel_field "$1" 2)
		suite_renew "${suites%/*}" "${suites#*/}" || return 1
	fi
	kernel_item "$1"
}

# kernel_headers SERIES: the directory of the headers, as builder_run's commands see it.
kernel_headers()
{
	if ! kernel_is_own "$1"; then
		echo "/usr/src/linux-headers-$(kernel_release "$1")"
	elif [ -n "${CHAIN_ITEM[kernel$1]:-}" ]; then
		echo "${CHAIN_ITEM[kernel$1]}/headers"
	else
		kernel_item "$1" && echo "$ITEM/headers"
	fi
}

# kernel_source SERIES: the tarball of the sources.
kernel_source()
{
	local files

	if kernel_is_here "$1"; then
		echo "/usr/src/$(kernel_field "$1" 4).tar.xz"
		return
	fi
	builder_get "$1" || return 1
	files=("$ITEM/root/usr/src/$(kernel_field "$1" 4)"-*.tar.xz)
	echo "${files[0]}"
}
