#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Build the kernel modules for one kernel: vfio-pci-core and vfio-pci from the
# kernel's own sources with the interrupt code of kernel/, and dsa_sample from
# guest-driver/. "make modules KERNEL=..." calls this; --help tells the rest.

set -euo pipefail
shopt -s nullglob

readonly prog=${0##*/}

usage()
{
	cat <<-END
	usage: $prog --srcdir DIR --builddir DIR --kernel RELEASE [option...]
	       $prog --check-crc BUILT STOCK
	       $prog --check-layout BUILT STOCK VMLINUX

	Builds into BUILDDIR/modules/RELEASE/: vfio-pci-core.ko, vfio-pci.ko, dsa_sample.ko.

	  --srcdir DIR          top of the source tree; is only read
	  --builddir DIR        top of the build tree
	  --kernel RELEASE      kernel to build for, as in "uname -r"
	  --linux-source X      linux-source tarball or directory
	                        (default: /usr/src/linux-source-<major.minor>.tar.xz)
	  --headers DIR         kernel headers (default: those installed for RELEASE)
	  --only vfio|guest     build only the host's or only the guest's modules
	  --jobs N              parallel compilations (default: number of CPUs)
	  --make-arg ARG        pass ARG to kbuild, for example C=1; may be repeated
	  --check               do not build: say whether all that is needed is there
	  --checkpatch          do not build: run the kernel's checkpatch.pl --strict
	                        over kernel/, guest-driver/ and the modules of tests/vm
	  --verbose             show the commands kbuild runs
	  --install ROOT        do not build: install what was built below ROOT,
	                        into ROOT/lib/modules/RELEASE/updates
	  --check-crc B S       do not build: compare what vfio-pci-core exports in
	                        the Module.symvers files B (built) and S (stock)
	  --check-layout B S V  do not build: compare how the structures that
	                        vfio-pci-core shares with other modules are laid out in
	                        the modules B (built) and S (stock), by the type
	                        information in them and in the kernel V; needs pahole
	  --help                this text
	END
}

die()
{
	printf '%s: %s\n' "$prog" "$1" >&2
	shift
	[ $# -eq 0 ] || printf '  %s\n' "$@" >&2
	exit 1
}

say()
{
	printf '  %-7s %s\n' "$1" "$2"
}

# ---- Where things are -------------------------------------------------------

find_headers()
{
	local dir

	if [ -n "$headers" ]; then
		[ -e "$headers/Module.symvers" ] ||
			die "no kernel headers in $headers: it has no Module.symvers"
		headers=$(readlink -f "$headers")
		return
	fi

	for dir in "/lib/modules/$kernel/build" "/usr/src/linux-headers-$kernel"; do
		if [ -e "$dir/Makefile" ] && [ -e "$dir/Module.symvers" ]; then
			headers=$(readlink -f "$dir")
			return
		fi
	done

	die "no kernel headers for $kernel" \
	    "they are neither in /lib/modules/$kernel/build nor in /usr/src/linux-headers-$kernel" \
	    "install them: apt-get install linux-headers-$kernel" \
	    "headers present: $(list_headers)"
}

list_headers()
{
	local dir found=()

	for dir in /usr/src/linux-headers-*; do
		[ -e "$dir/Module.symvers" ] && found+=("${dir#/usr/src/linux-headers-}")
	done
	echo "${found[*]:-none}"
}

# Value of a #define of the headers, quotes removed; empty if there is none
header_define()
{
	sed -n "s/^#define $2[[:space:]]\+\"\?\([^\"]*\)\"\?$/\1/p" "$headers/include/$1" 2>/dev/null || :
}

read_headers_version()
{
	local v=generated/uapi/linux/version.h

	series=$(header_define $v LINUX_VERSION_MAJOR).$(header_define $v LINUX_VERSION_PATCHLEVEL)
	[ "$series" != . ] ||
		die "cannot tell the version of the headers in $headers" \
		    "include/$v has no LINUX_VERSION_MAJOR: reinstall linux-headers-$kernel"
	headers_version=$series.$(header_define $v LINUX_VERSION_SUBLEVEL)

	# " Debian 6.1.192-2"
	headers_upload=$(header_define generated/package.h LINUX_PACKAGE_ID)
	headers_upload=${headers_upload##* }
}

config_is()
{
	grep -qx "$1" "$headers/include/config/auto.conf"
}

find_linux_source()
{
	local default=/usr/src/linux-source-$series.tar.xz

	linux_source=${linux_source:-$default}
	if [ -d "$linux_source" ]; then
		[ -e "$linux_source/drivers/vfio/pci/vfio_pci_core.c" ] ||
			die "$linux_source is not a kernel source: no drivers/vfio/pci/vfio_pci_core.c in it"
	elif [ ! -f "$linux_source" ]; then
		die "no kernel source: $linux_source does not exist" \
		    "install it: apt-get install linux-source-$series" \
		    "or name a tarball or a directory: LINUX_SOURCE=..."
	fi
	linux_source=$(readlink -f "$linux_source")
}

# ---- Kernel source ----------------------------------------------------------

# Debian version of the package a file belongs to; empty if it is not packaged
package_version()
{
	local owner

	command -v dpkg-query >/dev/null || return 0
	owner=$(dpkg-query --search "$1" 2>/dev/null) || return 0
	# shellcheck disable=SC2016 # dpkg-query's own substitution
	dpkg-query --show --showformat '${Version}' "${owner%%:*}"
}

# Structure layouts come from the headers, code from the source: of two uploads
# they may disagree, and the modules would corrupt memory.
check_same_upload()
{
	local upload version how

	how=("install both from the same upload:"
	     "  apt-get update && apt-get install linux-headers-$kernel linux-source-$series"
	     "if the archive has newer headers, use those: make modules KERNEL=<newer release>"
	     "headers present: $(list_headers)")

	version=$(sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$extracted/Makefile" | paste -sd.)
	[ "$version" = "$headers_version" ] ||
		die "headers and linux-source do not belong together" \
		    "headers of $kernel are version $headers_version: $headers" \
		    "linux-source is version $version: $linux_source" "${how[@]}"

	upload=$(package_version "$linux_source")
	[ -z "$upload" ] || [ -z "$headers_upload" ] || [ "$upload" = "$headers_upload" ] ||
		die "headers and linux-source come from different uploads" \
		    "headers of $kernel are from $headers_upload: $headers" \
		    "linux-source is from $upload: $linux_source" "${how[@]}"
}

# Sets $extracted to a directory with Makefile, drivers/vfio/pci, checkpatch.pl
extract_linux_source()
{
	local key lock

	if [ -d "$linux_source" ]; then
		extracted=$linux_source
		return
	fi

	key=$(printf '%s %s' "$linux_source" "$(stat -c '%s %Y' "$linux_source")" | sha256sum)
	extracted=$modules/source/$(basename "${linux_source%%.tar*}")-${key:0:12}
	mkdir -p "$modules/source"
	exec {lock}>"$modules/source/.lock"
	flock "$lock"
	if [ ! -d "$extracted" ]; then
		say EXTRACT "$linux_source (takes some seconds)"
		scratch=$(mktemp -d "$modules/source/tmp.XXXXXX")
		tar -xf "$linux_source" -C "$scratch" --strip-components=1 --wildcards \
			--no-wildcards-match-slash '*/Makefile' '*/drivers/vfio/pci/*.[ch]' \
			'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
			'*/scripts/const_structs.checkpatch' ||
			die "cannot extract drivers/vfio/pci from $linux_source" \
			    "reinstall it: apt-get install --reinstall linux-source-$series"
		chmod 755 "$scratch"
		mv "$scratch" "$extracted"
		scratch=
	fi
	exec {lock}>&-
}

# ---- Building ---------------------------------------------------------------

# Copy without touching what has not changed: kbuild goes by time stamps
sync_file()
{
	[ -e "$1" ] || die "missing file: $1"
	cmp -s "$1" "$2" || install -m 644 -D "$1" "$2"
}

# Remove sources of $1 that are not among the remaining arguments
drop_stale()
{
	local dir=$1 file
	shift

	for file in "$dir"/*.[ch] "$dir"/*/*.h; do
		case " $* " in
		*" ${file#"$dir"/} "*) ;;
		*) [[ $file == *.mod.c ]] || rm "$file" ;;
		esac
	done
}

# Build the external modules in $1, with the remaining arguments for make, and
# with nothing of the caller's environment: MAKEFLAGS, ARCH, O, ... would leak in
run_kbuild()
{
	local dir=$1
	shift

	env -i PATH="$PATH" HOME="${HOME:-/}" LC_ALL=C ${TMPDIR:+TMPDIR="$TMPDIR"} \
		make --no-print-directory -C "$headers" M="$dir" -j "$jobs" \
		V=$verbose "$@" ${make_args[@]+"${make_args[@]}"} modules
}

# The core announces NORESIZE for MSI-X unless it knows better by itself
glue_core()
{
	local core=$1 glued=$1.glued

	if grep -q has_dyn_msix "$core"; then
		return
	fi
	sed -f "$srcdir/kernel/glue/noresize.sed" "$core" >"$glued"
	[ "$(grep -c 'vfio_pci_irq_can_grow(vdev, info.index)' "$glued")" = 1 ] ||
		die "kernel/glue/noresize.sed does not fit vfio_pci_core.c of $linux_source" \
		    "vfio_pci_ioctl_get_irq_info() looks different from what it expects"
	mv "$glued" "$core"
}

# Leaves the kernel source that belongs to the headers in $extracted
need_vfio()
{
	config_is CONFIG_VFIO_PCI_CORE=m ||
		die "kernel $kernel has no vfio-pci-core module that could be replaced" \
		    "its configuration lacks CONFIG_VFIO_PCI_CORE=m"
	find_linux_source
	extract_linux_source
	check_same_upload
}

build_vfio()
{
	local pristine=$out/pristine work=$out/vfio file name names=()

	need_vfio
	mkdir -p "$work" "$pristine"
	for file in "$extracted"/drivers/vfio/pci/*.[ch]; do
		name=${file##*/}
		[ "$name" != vfio_pci_intrs.c ] || continue
		if [ "$name" = vfio_pci_core.c ]; then
			install -m 644 "$file" "$pristine/$name"
			glue_core "$pristine/$name"
			file=$pristine/$name
		fi
		sync_file "$file" "$work/$name"
		names+=("$name")
	done
	for file in "$srcdir"/kernel/*.[ch] "$srcdir"/kernel/compat/*.h "$srcdir/kernel/Kbuild"; do
		name=${file#"$srcdir"/kernel/}
		sync_file "$file" "$work/$name"
		names+=("$name")
	done
	drop_stale "$work" "${names[@]}"

	rm -f "$out"/vfio-pci-core.ko "$out"/vfio-pci.ko
	say KBUILD "vfio-pci-core, vfio-pci for $kernel"
	run_kbuild "$work" || die "building vfio-pci for $kernel failed"
	if config_is CONFIG_MODVERSIONS=y; then
		check_crc "$work/Module.symvers" "$headers/Module.symvers"
	else
		say CRC "not checked: $kernel has no symbol versions (CONFIG_MODVERSIONS is off)"
		check_layout_of_stock "$work/vfio-pci-core.ko"
	fi
	for name in vfio-pci-core vfio-pci; do
		install -m 644 "$work/$name.ko" "$out/$name.ko"
	done
}

build_guest()
{
	local work=$out/guest file name names=() headers_names=()

	[ -e "$srcdir/guest-driver/Kbuild" ] ||
		die "missing file: $srcdir/guest-driver/Kbuild"

	for file in "$srcdir"/guest-driver/*.[ch] "$srcdir/guest-driver/Kbuild"; do
		name=${file##*/}
		sync_file "$file" "$work/guest-driver/$name"
		names+=("$name")
	done
	for file in "$srcdir"/include/*/*.h; do
		name=${file#"$srcdir"/include/}
		sync_file "$file" "$work/include/$name"
		headers_names+=("$name")
	done
	drop_stale "$work/guest-driver" "${names[@]}"
	drop_stale "$work/include" "${headers_names[@]}"

	rm -f "$out/dsa_sample.ko"
	say KBUILD "dsa_sample for $kernel"
	run_kbuild "$work/guest-driver" DSA_INCLUDE="$work/include" || die "building dsa_sample for $kernel failed"
	install -m 644 "$work/guest-driver/dsa_sample.ko" "$out/dsa_sample.ko"
}

# A release name can survive an upload: then nothing old may be reused
drop_other_upload()
{
	local id="$headers $headers_version $headers_upload"

	if [ -e "$out/upload" ] && [ "$(<"$out/upload")" != "$id" ]; then
		rm -rf "$out/vfio" "$out/guest" "$out/pristine"
	fi
	echo "$id" >"$out/upload"
}

build()
{
	local lock

	mkdir -p "$out"
	exec {lock}>"$out/.lock"
	flock "$lock"
	find_headers
	read_headers_version
	drop_other_upload
	[ "$only" = guest ] || build_vfio
	[ "$only" = vfio ] || build_guest
	say DONE "$out"
}

# Whether build could begin
check_needs()
{
	find_headers
	read_headers_version
	[ "$only" = guest ] || need_vfio
	say FOUND "all that is needed to build for $kernel"
}

# ---- Exported symbols -------------------------------------------------------

# Variant drivers of the distribution load against the exports of vfio-pci-core.
# A CRC that differs means that a structure they share with it has changed.
check_crc()
{
	local built=$1 stock=$2 file

	for file in "$built" "$stock"; do
		[ -r "$file" ] || die "cannot read $file"
	done
	awk -F '\t' -v prog="$prog" '
		$3 !~ /(^|\/)vfio-pci-core$/ { next }
		FILENAME == ARGV[1] { built[$2] = $1; next }
		{
			total++
			if (!($2 in built))
				why = "is not exported"
			else if (built[$2] != $1)
				why = "has CRC " built[$2] " instead of " $1
			else
				next
			printf "%s: %s %s\n", prog, $2, why >"/dev/stderr"
			bad++
		}
		END {
			if (!total) {
				printf "%s: %s lists no symbol of vfio-pci-core\n", prog, ARGV[2] >"/dev/stderr"
				exit 1
			}
			if (bad)
				exit 1
			printf "  %-7s %d symbols of vfio-pci-core as in the stock build\n", "CRC", total
		}' "$built" "$stock" ||
		die "vfio-pci-core would not fit modules built for the stock one" \
		    "built: $built" "stock: $stock"
}

# ---- Layout of structures ---------------------------------------------------

# What vfio-pci-core shares with vfio.ko, vfio-pci.ko and the variant drivers
readonly shared_structs='vfio_device vfio_device_ops vfio_pci_core_device vfio_pci_region
	vfio_pci_regops virqfd'

# Where there are no CRCs, a module of another layout is loaded without a word and
# corrupts memory: compare what the type information (BTF) of both says.
check_layout()
{
	local built=$1 stock=$2 base=$3 file name ours theirs bad=0 total=0

	for file in "$built" "$stock" "$base"; do
		[ -r "$file" ] || die "cannot read $file"
	done
	command -v pahole >/dev/null ||
		die "pahole is needed to compare structures: apt-get install dwarves"
	for name in $shared_structs; do
		theirs=$(pahole --btf_base "$base" -C "$name" "$stock" 2>/dev/null) || theirs=
		ours=$(pahole --btf_base "$base" -C "$name" "$built" 2>/dev/null) || ours=
		[ -n "$theirs" ] ||
			die "$stock does not tell what struct $name looks like" \
			    "it has no type information, or it does not belong to $base"
		[ -n "$ours" ] ||
			die "$built does not tell what struct $name looks like" \
			    "it was built without type information: is pahole installed, and $base there?"
		total=$((total + 1))
		[ "$ours" != "$theirs" ] || continue
		printf '%s: struct %s is laid out differently (<: stock, >: built):\n' "$prog" "$name" >&2
		diff <(echo "$theirs") <(echo "$ours") >&2 || :
		bad=1
	done
	[ "$bad" = 0 ] ||
		die "vfio-pci-core would not fit the other modules of its kernel" \
		    "built: $built" "stock: $stock"
	say LAYOUT "$total structures as in the stock module"
}

# The same with the stock module of this machine, where that is possible
check_layout_of_stock()
{
	local stock why=

	set -- "$1" "/lib/modules/$kernel/kernel/drivers/vfio/pci/vfio-pci-core.ko"*
	stock=${2:-}
	[ -n "$(pahole --btf_base "$headers/vmlinux" -C vfio_pci_core_device "$1" 2>/dev/null)" ] ||
		why="pahole finds no type information in the module, or is too old for it"
	command -v pahole >/dev/null || why="pahole is not installed (package dwarves)"
	[ -e "$headers/vmlinux" ] || why="the headers have no type information (vmlinux)"
	[ -e "$stock" ] || why="the kernel $kernel is not installed"
	if [ -n "$why" ]; then
		say LAYOUT "not checked: $why"
		return
	fi
	scratch=$(mktemp -d)
	case $stock in
	*.xz) xz -dc "$stock" >"$scratch/stock.ko" ;;
	*.zst) zstd -dcq "$stock" >"$scratch/stock.ko" ;;
	*.gz) gzip -dc "$stock" >"$scratch/stock.ko" ;;
	*) cp "$stock" "$scratch/stock.ko" ;;
	esac
	check_layout "$1" "$scratch/stock.ko" "$headers/vmlinux"
	rm -rf "$scratch"
	scratch=
}

# ---- Style ------------------------------------------------------------------

checkpatch()
{
	find_headers
	read_headers_version
	find_linux_source
	extract_linux_source
	cd "$srcdir"
	perl "$extracted/scripts/checkpatch.pl" --strict --no-tree --no-summary --terse --file \
		kernel/*.[ch] kernel/compat/*.h guest-driver/*.[ch] \
		tests/vm/constant-tsc/*.c tests/vm/faults/*.c tests/vm/irq-lab/hold/*.c ||
		die "checkpatch.pl found something"
	say STYLE "checkpatch.pl --strict is content with kernel/, guest-driver/ and modules of tests/vm"
}

# ---- Installing -------------------------------------------------------------

install_modules()
{
	local dir=$1/lib/modules/$kernel file files=("$out"/*.ko)

	[ ${#files[@]} -gt 0 ] ||
		die "nothing to install: there are no modules in $out" \
		    "build them first: make modules KERNEL=$kernel"
	for file in "${files[@]}"; do
		say INSTALL "$dir/updates/${file##*/}"
		install -m 644 -D "$file" "$dir/updates/${file##*/}" ||
			die "cannot install into $dir/updates"
	done
	if [ -e "$dir/modules.order" ]; then
		say DEPMOD "$kernel"
		PATH=$PATH:/usr/sbin:/sbin depmod ${1:+-b "$1"} "$kernel"
	else
		say NOTE "$dir holds no kernel's modules: run depmod there when it does"
	fi
}

# ---- Command line -----------------------------------------------------------

srcdir='' builddir='' kernel='' linux_source='' headers='' only='' install_root=''
action=build verbose=0 jobs='' scratch='' make_args=()

while [ $# -gt 0 ]; do
	case $1 in
	--srcdir|--builddir|--kernel|--linux-source|--headers|--only|--jobs|--make-arg|--install)
		[ $# -ge 2 ] || die "$1 needs a value, see $prog --help" ;;
	esac
	case $1 in
	--srcdir) srcdir=$2; shift ;;
	--builddir) builddir=$2; shift ;;
	--kernel) kernel=$2; shift ;;
	--linux-source) linux_source=$2; shift ;;
	--headers) headers=$2; shift ;;
	--only) only=$2; shift ;;
	--jobs) jobs=$2; shift ;;
	--make-arg) make_args+=("$2"); shift ;;
	--verbose) verbose=1 ;;
	--check) action=check ;;
	--checkpatch) action=checkpatch ;;
	--install) action=install install_root=$2; shift ;;
	--check-crc)
		[ $# -eq 3 ] || die "--check-crc needs two files, see $prog --help"
		check_crc "$2" "$3"
		exit 0 ;;
	--check-layout)
		[ $# -eq 4 ] || die "--check-layout needs three files, see $prog --help"
		check_layout "$2" "$3" "$4"
		exit 0 ;;
	--help) usage; exit 0 ;;
	*) die "unknown option: $1, see $prog --help" ;;
	esac
	shift
done

[[ -n $srcdir && -n $builddir && -n $kernel ]] ||
	die "--srcdir, --builddir and --kernel are needed, see $prog --help"
case $kernel in
*/*|.*|*[[:space:]]*) die "not a kernel release: '$kernel'" ;;
esac
case $only in
''|vfio|guest) ;;
*) die "--only is vfio or guest, not '$only'" ;;
esac
jobs=${jobs:-$(nproc)}
[[ $jobs =~ ^[1-9][0-9]*$ ]] || die "--jobs is a number, not '$jobs'"
for dir in "$srcdir" "$builddir"; do
	[ -d "$dir" ] || die "not a directory: $dir"
done
srcdir=$(cd "$srcdir" && pwd)
builddir=$(cd "$builddir" && pwd)
[[ $builddir != *[[:space:]:]* ]] ||
	die "kbuild cannot work in a folder with a space or colon in its name: $builddir"

modules=$builddir/modules
out=$modules/$kernel
trap '[ -z "$scratch" ] || rm -rf "$scratch"' EXIT

case $action in
build) build ;;
check) check_needs ;;
checkpatch) checkpatch ;;
install) install_modules "${install_root%/}" ;;
esac
