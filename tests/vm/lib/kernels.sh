# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernels for L1 and L2. A kernel is named by its series (6.1, 6.12); which
# release that is follows from the installed headers, because the modules are
# built with those and must be loaded into exactly that kernel. The kernel
# itself is only unpacked, never installed.

# series : meta package of the headers : package of the sources : others needed
# to build modules
KERNELS='
6.1   linux-headers-amd64       linux-source-6.1
6.12  linux-headers-6.12-amd64  linux-source-6.12  dwarves
'

# kernel_packages SERIES...: the packages for these, in the form of packages.sh.
kernel_packages()
{
	local series

	for series in "$@"; do
		awk -v series="$series" '$1 == series {
			for (i = 2; i <= NF; i++)
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

# kernel_release SERIES: the release (uname -r) the installed headers are for.
kernel_release()
{
	local meta release

	meta=$(kernel_field "$1" 2)
	release=$(dpkg-query -W -f '${Depends}' "$meta" |
		sed -n 's/^.*linux-headers-\([^ ,]*\).*$/\1/p')
	[ -n "$release" ] || die "the package $meta does not say which kernel it is for"
	echo "$release"
}

# kernel_version SERIES: the Debian version of the installed headers.
kernel_version()
{
	package_version "linux-headers-$(kernel_release "$1")"
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

	meta=$(kernel_field "$1" 2)
	source=$(kernel_field "$1" 3)
	[ "$(id -u)" -eq 0 ] || die "$2
As root: apt-get update && apt-get install $meta $source" "$EXIT_CANNOT"
	say "$2"
	step_function "upgrade-$1" "upgrading the headers and sources of $1" \
		kernel_do_upgrade "$meta" "$source" ||
		die "cannot upgrade $meta and $source" "$EXIT_CANNOT"
}

# What the levels load of a kernel: L1 its shares, virtualization and vfio; L2 its
# way to send the results.
L1_MODULES='virtio_pci 9pnet_virtio 9p'
L1_LATER_MODULES='kvm-amd vfio_iommu_type1 vfio-pci'
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

# kernel_make DIRECTORY RELEASE VERSION: boot/vmlinux, lib/modules/RELEASE.
kernel_make()
{
	local dir=$1 release=$2 version=$3 package=linux-image-$2-unsigned
	local PATH=$PATH:/sbin:/usr/sbin

	mkdir "$dir/deb" "$dir/tree" "$dir/boot"
	(cd "$dir/deb" && apt-get -q -o APT::Sandbox::User=root download "$package=$version") || {
		# The lists may be older than the mirror; only root can renew them.
		[ "$(id -u)" -eq 0 ] || return 1
		packages_apt update
		(cd "$dir/deb" && apt-get -q -o APT::Sandbox::User=root download "$package=$version")
	}
	dpkg-deb -x "$dir"/deb/*.deb "$dir/tree"
	[ -d "$dir/tree/lib" ] || mv "$dir/tree/usr/lib" "$dir/tree/lib"
	depmod -b "$dir/tree" "$release"
	kernel_unpack "$dir/tree/boot/vmlinuz-$release" "$dir/boot/vmlinux"
	mv "$dir/tree/boot/config-$release" "$dir/boot/config"
	kernel_modules "$dir/tree" "$dir" "$release"
	rm -rf "$dir/deb" "$dir/tree"
}

# kernel_get SERIES: leaves the item's directory in ITEM.
kernel_get()
{
	local release version source_version key

	version=$(kernel_version "$1")
	source_version=$(package_version "$(kernel_field "$1" 3)")
	if [ "$version" != "$source_version" ]; then
		kernel_upgrade "$1" "The kernel headers ($version) and sources ($source_version) of $1 differ."
		version=$(kernel_version "$1")
	fi
	release=$(kernel_release "$1")
	key=$(cache_key "$release" "$version" "$(recipe_text kernel_make kernel_unpack kernel_modules) $L1_MODULES $L1_LATER_MODULES $L2_MODULES")
	cache_item "kernel-$1" "$key" "preparing the kernel $release" \
		kernel_make "$release" "$version" && return 0
	kernel_upgrade "$1" "The kernel $release ($version) cannot be downloaded; it may have been superseded."
	release=$(kernel_release "$1")
	version=$(kernel_version "$1")
	key=$(cache_key "$release" "$version" "$(recipe_text kernel_make kernel_unpack kernel_modules) $L1_MODULES $L1_LATER_MODULES $L2_MODULES")
	cache_item "kernel-$1" "$key" "preparing the kernel $release" \
		kernel_make "$release" "$version"
}

# kernel_source SERIES: the tarball of the sources.
kernel_source()
{
	echo "/usr/src/$(kernel_field "$1" 3).tar.xz"
}
