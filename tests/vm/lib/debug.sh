# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The kernels with checks, as series of kernels.sh: built by build-aux/kernel-debug.sh
# from the sources of the series they are made of. And the module of faults that 6.12-debug
# must find.

# debug_make DIRECTORY SERIES
debug_make()
{
	"$TOP/build-aux/kernel-debug.sh" --output "$1" --linux-source "$(kernel_source "$2")" \
		--jobs "$(build_jobs)" --clean
	rm -f "$1/.lock"
}

# kcsan_make DIRECTORY SERIES: other checks in the same kernel.
kcsan_make()
{
	local config=$1/kcsan.config

	mkdir -p "$1"
	{
		sed '/^# ---- Checks/,$d; s/^CONFIG_LOCALVERSION=.*/CONFIG_LOCALVERSION="-kcsan"/' \
			"$TOP/build-aux/debug.config"
		cat "$TOP/build-aux/kcsan.config"
	} >"$config"
	"$TOP/build-aux/kernel-debug.sh" --output "$1" --linux-source "$(kernel_source "$2")" \
		--config "$config" --jobs "$(build_jobs)" --clean
	rm -f "$1/.lock"
}

# kcsan_item SERIES: leaves the item's directory in ITEM.
kcsan_item()
{
	local key

	key=$(cache_key "$(kernel_version "$1")" "$(gcc --version | head -n 1)" \
		"$(cat "$TOP/build-aux"/{debug,kcsan}.config "$TOP/build-aux/kernel-debug.sh")" \
		"$(recipe_text kcsan_make)")
	cache_item "kernel-$1" "$key" "building the kernel $1 (a quarter of an hour or more)" \
		kcsan_make "$1"
}

# debug_item SERIES: leaves the item's directory in ITEM.
debug_item()
{
	local key

	if [ "$1" = 6.12-kcsan ]; then
		kcsan_item "$1"
		return
	fi
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
