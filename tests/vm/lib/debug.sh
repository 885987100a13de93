# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The kernel with checks, as a series of kernels.sh: built by build-aux/kernel-debug.sh
# from the sources of the series it is made of. And the module of faults it must find.

# debug_make DIRECTORY SERIES
debug_make()
{
	"$TOP/build-aux/kernel-debug.sh" --output "$1" --linux-source "$(kernel_source "$2")" \
		--jobs "$(build_jobs)" --clean
	rm -f "$1/.lock"
}

# debug_item SERIES: leaves the item's directory in ITEM.
debug_item()
{
	local key

	key=$(cache_key "$(kernel_version "$1")" "$(gcc --version | head -n 1)" \
		"$(cat "$TOP/build-aux/debug.config" "$TOP/build-aux/kernel-debug.sh")" \
		"$(recipe_text debug_make)")
	cache_item "kernel-$1" "$key" "building the kernel $1 (a quarter of an hour or more)" \
		debug_make "$1"
}

# provide_faults: into BUILT.
provide_faults()
{
	provide_test_module faults faults 6.12-debug
}
