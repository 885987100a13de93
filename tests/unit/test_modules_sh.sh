#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# build-aux/modules.sh: what it must refuse, and that it accepts the rest. No
# kernel headers or source are needed: the few files it looks at are made up.

set -u

modules_sh=$(cd "${srcdir:-.}" && pwd)/build-aux/modules.sh
# shellcheck source=tests/unit/check.sh
. "${srcdir:-.}/tests/unit/check.sh"

# Export list: CRC, symbol, module, type, namespace
symvers()
{
	printf '%s\t%s\t%s\tEXPORT_SYMBOL_GPL\t\n' \
		0x11111111 vfio_pci_core_enable "$1" \
		"${2:-0x22222222}" vfio_pci_core_disable "$1" \
		"${2:-0x33333333}" vfio_register_group_dev drivers/vfio/vfio
}

stock=drivers/vfio/pci/vfio-pci-core
symvers $stock >"$tmp/stock"
symvers vfio-pci-core >"$tmp/same"
symvers vfio-pci-core 0x22222223 >"$tmp/changed"
grep -v core_enable "$tmp/same" >"$tmp/missing"
grep -v $stock "$tmp/stock" >"$tmp/without"

check "equal CRCs are accepted" 0 "2 symbols" \
	"$modules_sh" --check-crc "$tmp/same" "$tmp/stock"
check "a changed CRC is refused" 1 "vfio_pci_core_disable has CRC 0x22222223 instead of 0x22222222" \
	"$modules_sh" --check-crc "$tmp/changed" "$tmp/stock"
check "a missing export is refused" 1 "vfio_pci_core_enable is not exported" \
	"$modules_sh" --check-crc "$tmp/missing" "$tmp/stock"
check "a stock list without vfio-pci-core is refused" 1 "lists no symbol" \
	"$modules_sh" --check-crc "$tmp/same" "$tmp/without"
check "an unreadable list is refused" 1 "cannot read" \
	"$modules_sh" --check-crc "$tmp/none" "$tmp/stock"

# Type information of modules that differ in one structure, and of one without.
# layout FILE [MEMBER]: an object file; MEMBER is one more in struct virqfd.
layout()
{
	local name

	for name in vfio_device vfio_device_ops vfio_pci_core_device vfio_pci_region \
		vfio_pci_regops virqfd; do
		echo "struct $name { int first; $([ "$name" != virqfd ] || echo "${2:-}") long last; } $name;"
	done | ${CC:-cc} -g -c -x c - -o "$1"
}

if command -v pahole >/dev/null && echo 'int base;' | ${CC:-cc} -g -c -x c - -o "$tmp/base" &&
	pahole -J "$tmp/base"; then
	layout "$tmp/built"
	layout "$tmp/grown" 'char grown;'
	layout "$tmp/untyped"
	for file in built grown; do
		pahole -J --btf_base "$tmp/base" "$tmp/$file"
	done
	check "equal layouts are accepted" 0 "6 structures as in the stock module" \
		"$modules_sh" --check-layout "$tmp/built" "$tmp/built" "$tmp/base"
	check "a changed layout is refused" 1 "struct virqfd is laid out differently" \
		"$modules_sh" --check-layout "$tmp/grown" "$tmp/built" "$tmp/base"
	check "a module without type information is refused" 1 "untyped does not tell what struct" \
		"$modules_sh" --check-layout "$tmp/untyped" "$tmp/built" "$tmp/base"
	check "a stock module without type information is refused" 1 "untyped does not tell" \
		"$modules_sh" --check-layout "$tmp/built" "$tmp/untyped" "$tmp/base"
else
	echo "# the comparison of layouts is not tested: no pahole (package dwarves)"
fi
check "an unreadable module is refused" 1 "cannot read" \
	"$modules_sh" --check-layout "$tmp/none" "$tmp/none" "$tmp/none"

# Headers and source of 6.1.100, and source of 6.1.101
headers=$tmp/headers
mkdir -p "$headers"/include/{config,generated/uapi/linux} "$tmp/srcdir" "$tmp/build"
cp "$tmp/stock" "$headers/Module.symvers"
: >"$headers/Makefile"
echo CONFIG_VFIO_PCI_CORE=m >"$headers/include/config/auto.conf"
cat >"$headers/include/generated/uapi/linux/version.h" <<-END
	#define LINUX_VERSION_MAJOR 6
	#define LINUX_VERSION_PATCHLEVEL 1
	#define LINUX_VERSION_SUBLEVEL 100
END
echo '#define LINUX_PACKAGE_ID " Debian 6.1.100-1"' >"$headers/include/generated/package.h"
for sublevel in 100 101; do
	mkdir -p "$tmp/linux-$sublevel/drivers/vfio/pci"
	printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = %d\nEXTRAVERSION =\n' $sublevel \
		>"$tmp/linux-$sublevel/Makefile"
	echo '/* no question about NORESIZE in here */' \
		>"$tmp/linux-$sublevel/drivers/vfio/pci/vfio_pci_core.c"
done

# shellcheck disable=SC2317 # called by check
build()
{
	"$modules_sh" --srcdir "${srcdir:-.}" --builddir "$tmp/build" --kernel 6.1.0-test \
		--only vfio "$@"
}

check "source of another upload is refused" 1 "linux-source is version 6.1.101" \
	build --headers "$headers" --linux-source "$tmp/linux-101"
check "source of the same upload is not, but one the glue does not fit is" 1 "noresize.sed does not fit" \
	build --headers "$headers" --linux-source "$tmp/linux-100"
check "absent source is refused" 1 "no kernel source" \
	build --headers "$headers" --linux-source "$tmp/nothing"
check "a directory that is no kernel source is refused" 1 "is not a kernel source" \
	build --headers "$headers" --linux-source "$tmp"
check "absent headers name the package" 1 "apt-get install linux-headers-6.1.0-test" build
check "a directory that is no headers is refused" 1 "no kernel headers in" \
	build --headers "$tmp"
echo CONFIG_VFIO_PCI_CORE=y >"$headers/include/config/auto.conf"
check "a kernel with vfio-pci-core built in is refused" 1 "no vfio-pci-core module" \
	build --headers "$headers" --linux-source "$tmp/linux-100"
check "nothing to install is an error" 1 "make modules KERNEL=6.1.0-test" \
	build --install "$tmp/root"
mkdir -p "$tmp/build/modules/6.1.0-test"
echo module >"$tmp/build/modules/6.1.0-test/vfio-pci.ko"
check "modules are installed below a root" 0 "run depmod there" \
	build --install "$tmp/root/"
check "in updates/, where they come first" 0 module \
	cat "$tmp/root/lib/modules/6.1.0-test/updates/vfio-pci.ko"
check "a root that cannot be written to is an error" 1 "cannot install into" \
	build --install "$tmp/stock"
check "an unknown option is refused" 1 "unknown option: --frob" build --frob
check "a missing value is refused" 1 "\-\-jobs needs a value" build --jobs
check "--jobs must be a number" 1 "is a number" build --jobs many

echo "1..$count"
exit $failed
