#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
#
# dsa_sample for dkms(8), as the package dsa-sample-dkms has it: what its dkms.conf says, and
# that it needs nothing but what debian/rules puts beside it. With DKMS_KERNEL=RELEASE in the
# environment dkms itself builds, installs and removes the module for that kernel, in
# directories of its own; that takes headers, and root.

set -u

srcdir=$(cd "${srcdir:-.}" && pwd)
# shellcheck source=tests/unit/check.sh
. "$srcdir/tests/unit/check.sh"
PATH=$PATH:/usr/sbin:/sbin
version=$(sed -nE 's/^AC_INIT\(\[[^]]*\], \[([^]]*)\].*/\1/p' "$srcdir/configure.ac")
tree=$tmp/usr/dsa-sample-$version

# The same as in override_dh_auto_install of debian/rules.
make_tree()
{
	mkdir -p "$tree/build-aux" "$tree/guest-driver" &&
		cp -a "$srcdir/build-aux/modules.sh" "$tree/build-aux/" &&
		cp -a "$srcdir"/guest-driver/Kbuild "$srcdir"/guest-driver/*.[ch] "$tree/guest-driver/" &&
		cp -a "$srcdir/include" "$tree/" && chmod -R u+w "$tmp/usr" &&
		sed "s/#MODULE_VERSION#/$version/" "$srcdir/debian/dsa-sample-dkms.dkms" >"$tree/dkms.conf" &&
		! grep '#[A-Z_]*#' "$tree/dkms.conf"
}

# conf VARIABLE: the value dkms sees.
conf()
{
	(
		# shellcheck disable=SC2034 # dkms.conf uses them
		kernelver=6.1.0-56-amd64 kernel_source_dir=$tmp/headers parallel_jobs=2
		# shellcheck source=/dev/null
		. "$tree/dkms.conf"
		eval "echo \"\${$1}\""
	)
}

names_agree()
{
	[ "$(conf PACKAGE_NAME)-$(conf PACKAGE_VERSION)" = "$(basename "$tree")" ] &&
		[ "$(conf 'BUILT_MODULE_NAME[*]').o" = "$(sed -n 's/^obj-m := //p' "$tree/guest-driver/Kbuild")" ] &&
		[ "$(sed -n 's/^MODULE_VERSION("\(.*\)").*/\1/p' "$tree"/guest-driver/*.c)" = "$version" ]
}

# Any kernel will do, on this architecture.
kernels()
{
	[[ x86_64 =~ $(conf BUILD_EXCLUSIVE_ARCH) ]] && [ -z "$(conf BUILD_EXCLUSIVE_KERNEL-)" ]
}

# command VARIABLE [ARGUMENT...]: what dkms would run, in the tree.
command_of()
{
	local words

	read -ra words <<<"$(conf "$1")"
	shift
	(cd "$tree" && "${words[@]}" "$@")
}

check 'the tree' 0 '' make_tree
check 'names and versions agree' 0 '' names_agree
check 'kernels it is built for' 0 '' kernels
check 'without headers it is said which' 1 'no kernel headers' command_of PRE_BUILD
mkdir -p "$tmp/headers/include/generated/uapi/linux" "$tmp/headers/include/config"
: >"$tmp/headers/Module.symvers"
: >"$tmp/headers/Makefile"
printf '#define LINUX_VERSION_%s\n' 'MAJOR 6' 'PATCHLEVEL 1' 'SUBLEVEL 5' \
	>"$tmp/headers/include/generated/uapi/linux/version.h"
check 'headers are all it needs' 0 'all that is needed' command_of PRE_BUILD

# ---- dkms(8) ------------------------------------------------------------------

run_dkms()
{
	dkms "$@" --dkmstree "$tmp/var" --sourcetree "$tmp/usr" --installtree "$tmp/modules"
}

# Without a suffix, as some kernels have it compressed.
installed()
{
	ls "$tmp/modules/$DKMS_KERNEL"/updates/dkms/dsa_sample.ko* &&
		[ "$(modinfo -F version "$tmp/modules/$DKMS_KERNEL"/updates/dkms/dsa_sample.ko*)" = "$version" ]
}

if [ -n "${DKMS_KERNEL:-}" ]; then
	mkdir -p "$tmp/var" "$tmp/modules/$DKMS_KERNEL"
	check "dkms install for $DKMS_KERNEL" 0 '' run_dkms install "dsa-sample/$version" -k "$DKMS_KERNEL"
	check 'the module is there' 0 dsa_sample installed
	check 'dkms remove' 0 '' run_dkms remove "dsa-sample/$version" --all
	check 'the module is gone' 2 'No such file' installed
else
	echo "ok $((count + 1)) - dkms itself # SKIP DKMS_KERNEL is not set"
fi
exit $failed
