#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make dkms: what is in the package, what its dkms.conf says, and that missing
# kernel sources are named. With DKMS_KERNEL=RELEASE in the environment dkms(8)
# itself builds, installs and removes the modules for that kernel, in directories
# of its own; that takes a minute or two, headers and linux-source, and root.
#
# shellcheck disable=SC2317 # functions are called by check

set -u

srcdir=${srcdir:-.}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
failed=0 count=0

# check NAME COMMAND...: its output is shown if it fails.
check()
{
	local name=$1 output

	shift
	count=$((count + 1))
	if output=$("$@" 2>&1); then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name:"
		echo "$output"
		failed=1
	fi
}

# refuses PATTERN COMMAND...: it fails, and says PATTERN.
refuses()
{
	local pattern=$1 output

	shift
	! output=$("$@" 2>&1) && grep -q -e "$pattern" <<<"$output" && return
	printf 'expected a failure with "%s", got:\n%s\n' "$pattern" "$output"
	return 1
}

# ---- The package ------------------------------------------------------------

make_package()
{
	env -u MAKEFLAGS -u MAKELEVEL "${MAKE:-make}" --no-print-directory dkms DKMS_DIR="$tmp/dkms" || return
	tree=$(echo "$tmp"/dkms/vfio-pci-dynmsix-*/)
	[ -d "$tree" ] && mkdir "$tmp/unpacked" && tar -xf "${tree%/}.tar.xz" -C "$tmp/unpacked" &&
		diff -r "$tree" "$tmp/unpacked/$(basename "$tree")"
}

# All of kernel/ that is compiled or included.
is_complete()
{
	local file missing=0

	for file in "$srcdir"/kernel/*.[ch] "$srcdir"/kernel/*/*.h "$srcdir"/kernel/glue/* \
		"$srcdir/kernel/Kbuild" "$srcdir/build-aux/modules.sh"; do
		file=${file#"$srcdir"/}
		cmp "$srcdir/$file" "$tree/$file" || missing=1
	done
	return "$missing"
}

is_filled_in()
{
	! grep -rn '@DKMS' "$tree"
}

check "make dkms" make_package
tree=$(echo "$tmp"/dkms/vfio-pci-dynmsix-*/)
check "the package is complete" is_complete
check "nothing is left to be filled in" is_filled_in

# ---- dkms.conf --------------------------------------------------------------

# conf VARIABLE: the value dkms sees.
conf()
{
	(
		# shellcheck disable=SC2034 # dkms.conf uses them
		kernelver=6.1.0-56-amd64 kernel_source_dir=$tmp/headers
		# shellcheck source=/dev/null
		. "$tree/dkms.conf"
		eval "echo \"\${$1}\""
	)
}

names_agree()
{
	[ "$(conf 'PACKAGE_NAME')-$(conf PACKAGE_VERSION)" = "$(basename "$tree")" ] || return
	[ "$(conf PACKAGE_VERSION)" = "$(sed -n 's/^#define VFIO_PCI_DYNMSIX_VERSION "\(.*\)"$/\1/p' \
		"$srcdir/kernel/vfio_pci_version.h")" ] || return
	diff <(sed -n 's/^obj-m := \(.*\)$/\1/p' "$srcdir/kernel/Kbuild" | sed 's/\.o//g' | tr ' ' '\n') \
		<(conf 'BUILT_MODULE_NAME[*]' | tr ' ' '\n')
}

# Two modules without a version are the same one to dkms: it would install nothing.
have_versions()
{
	local name bad=0

	for name in $(conf 'BUILT_MODULE_NAME[*]'); do
		grep -q "^$name-y .*_version\.o" "$tree/kernel/Kbuild" || { echo "$name has none"; bad=1; }
	done
	return "$bad"
}

# kernels yes|no RELEASE...
kernels()
{
	local wanted=$1 release answer exclusive bad=0

	shift
	exclusive=$(conf BUILD_EXCLUSIVE_KERNEL)
	for release in "$@"; do
		answer=no
		[[ ! $release =~ $exclusive ]] || answer=yes
		[ "$answer" = "$wanted" ] || { echo "$release: $answer"; bad=1; }
	done
	return "$bad"
}

check "names are those of the package and of Kbuild" names_agree
check "the modules have a version" have_versions
check "kernels it is built for" kernels yes \
	6.1.0-56-amd64 6.12.117+deb12-amd64 6.12.117+deb12-rt-amd64 7.3.4+deb13-amd64
check "kernels it leaves alone" kernels no \
	5.10.0-30-amd64 6.10.9-amd64 6.11.0-1-amd64 6.13.0 6.8.0-45-generic 16.1.0 77 8.1.0

# ---- What it says when kernel sources are missing ------------------------------

mkdir -p "$tmp"/headers/include/{config,generated/uapi/linux} "$tmp/linux/drivers/vfio/pci"
: >"$tmp/headers/Makefile"
: >"$tmp/headers/Module.symvers"
echo CONFIG_VFIO_PCI_CORE=m >"$tmp/headers/include/config/auto.conf"
printf '#define LINUX_VERSION_%s\n' 'MAJOR 99' 'PATCHLEVEL 1' 'SUBLEVEL 5' \
	>"$tmp/headers/include/generated/uapi/linux/version.h"
printf 'VERSION = 99\nPATCHLEVEL = 1\nSUBLEVEL = 5\n' >"$tmp/linux/Makefile"
: >"$tmp/linux/drivers/vfio/pci/vfio_pci_core.c"

pre_build()
{
	local words

	read -ra words <<<"$(conf PRE_BUILD)"
	(cd "$tree" && "${words[@]}" "$@")
}

check "without linux-source the package is named" \
	refuses 'apt-get install linux-source-99.1' pre_build
check "with it the build may begin" pre_build --linux-source "$tmp/linux"
sed -i 's/= 5/= 6/' "$tmp/linux/Makefile"
check "with that of another version it may not" \
	refuses 'linux-source is version 99.1.6' pre_build --linux-source "$tmp/linux"

# ---- dkms(8) ----------------------------------------------------------------

run_dkms()
{
	dkms "$@" --dkmstree "$tmp/var" --sourcetree "$tmp/usr" --installtree "$tmp/modules"
}

installed()
{
	ls "$tmp/modules/$DKMS_KERNEL"/updates/dkms/{vfio-pci-core,vfio-pci}.ko*
}

if [ -n "${DKMS_KERNEL:-}" ]; then
	id="$(conf PACKAGE_NAME)/$(conf PACKAGE_VERSION)"
	mkdir -p "$tmp/var" "$tmp/usr" "$tmp/modules/$DKMS_KERNEL"
	# With the kernel's own modules, which dkms compares with those it installs.
	(cd "/lib/modules/$DKMS_KERNEL" && cp --parents -r modules.{order,builtin,builtin.modinfo} \
		kernel/drivers/vfio "$tmp/modules/$DKMS_KERNEL/")
	check "dkms add" run_dkms add "$tree"
	check "dkms install for $DKMS_KERNEL" run_dkms install "$id" -k "$DKMS_KERNEL"
	check "the modules are there" installed
	check "dkms remove" run_dkms remove "$id" --all
	check "the modules are gone" refuses 'No such file' installed
else
	count=$((count + 1))
	echo "ok $count - dkms itself # SKIP DKMS_KERNEL is not set"
fi

echo "1..$count"
exit $failed
