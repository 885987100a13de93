# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2153,SC2317
#
# Clients of the device that nobody here has written: Debian's idxd, accel-config,
# accel-config-test and DPDK, and dmatest of the kernel's sources. tests/outside/README.md.

# What ./run outside runs besides the kernel's own tests.
STRANGERS_SCENARIOS='idxd-6.1 idxd-6.12 idxd-7 dpdk accel-config-test-6.1 accel-config-test-7'

# Controls: a device that does something wrong, which the client has to find. They pass
# when it does, and are not among the results.
STRANGERS_CONTROLS='dpdk-stuck idxd-fault'

# Programs, in a root file system of their own that L1 sees as the share "strangers".
# Nothing of it is installed on this machine.
STRANGERS_SUITE='bookworm bookworm-security'
STRANGERS_PACKAGES='accel-config accel-config-test dpdk-dev librte-dma-idxd23 bash coreutils
	grep sed mawk findutils kmod'

# ---- Building ---------------------------------------------------------------

# strangers_make DIRECTORY: DIRECTORY/root.
strangers_make()
{
	local dir

	# shellcheck disable=SC2086  # lists
	suite_extract "$1/root" $STRANGERS_SUITE $STRANGERS_PACKAGES || return 1
	for dir in proc sys dev tmp run out lib/modules; do
		mkdir -p "$1/root/$dir"
	done
	# What configuring the packages would have made.
	ln -sf mawk "$1/root/usr/bin/awk"
	rm -rf "$1/root/var/run"
	ln -s ../run "$1/root/var/run"
	for dir in accel-config dpdk-test; do
		[ -x "$1/root/usr/bin/$dir" ] || { echo "there is no $dir"; return 1; }
	done
}

# provide_strangers: BUILT/strangers, a link to the root file system.
provide_strangers()
{
	local versions=

	# shellcheck disable=SC2086  # lists
	suite_get $STRANGERS_SUITE || die "cannot get the package lists of $STRANGERS_SUITE"
	versions="$(suite_candidate accel-config) $(suite_candidate dpdk-dev)"
	cache_item strangers "$(cache_key "$STRANGERS_SUITE" "$STRANGERS_PACKAGES" "$versions" \
		"$(recipe_text strangers_make suite_extract)")" \
		"preparing a root file system with accel-config and DPDK" strangers_make ||
		die "cannot prepare accel-config and DPDK"
	ln -sfn "$ITEM/root" "$BUILT/strangers"
}

# provide_movdir64b SERIES: the instruction that no emulated processor has.
provide_movdir64b()
{
	provide_test_module movdir64b movdir64b "$1"
}

slow_clock_make()
{
	build_paths
	gcc -O2 -Wall -Wextra -Werror -shared -fPIC -o "$BUILD/slow-clock.so" \
		"$TOP/tests/outside/slow-clock.c"
}

# provide_slow_clock: into BUILT, for DPDK; see tests/outside/slow-clock.c.
provide_slow_clock()
{
	step_function slow-clock "building a clock for DPDK" slow_clock_make ||
		die "tests/outside/slow-clock.c does not build"
	cp "$BUILD/slow-clock.so" "$BUILT/" || die "there is no slow-clock.so"
}

# The stable series have taken a fix for a leak (Fix leaking event log memory), but 6.12 not
# the check that it relies on.
# shellcheck disable=SC2016  # for people
IDXD_EVL_FLAW='disabling a device without event log, as all of DSA 1.0 are, crashes this
 kernel: its idxd_device_evl_free() does not check for one'

# idxd_flaw FILE: what is known to be wrong in the driver with this device.c.
idxd_flaw()
{
	local body

	body=$(sed -n '/^static void idxd_device_evl_free/,/^}/p' "$1")
	[ -z "$body" ] || grep -qE '!evl\)|evl_en\)' <<<"$body" || tr -d '\n' <<<"$IDXD_EVL_FLAW"
}

# idxd_forgets FILE: what a driver with this device.c does to a queue that its client has
# let go of.
IDXD_FORGETS='dmaengine_terminate_sync() takes the interrupt handle of a queue away for good:
 idxd_wq_flush_descs()'

idxd_forgets()
{
	! sed -n '/^void idxd_wq_flush_descs/,/^}/p' "$1" | grep -q INVALID_INT_HANDLE ||
		tr -d '\n' <<<"$IDXD_FORGETS"
}

# dmatest_make DIRECTORY SERIES: DIRECTORY/dmatest.ko, and what run-idxd has to know of the
# driver, which are files that are empty or say why: no-disable, idxd cannot disable the
# device; restart-queues, they have to be enabled anew after a client.
dmatest_make()
{
	local source dir name top

	build_paths
	dir=$BUILD/dmatest-$2
	source=$(kernel_source "$2") || return 1
	top=$(basename "${source%.tar.xz}")
	mkdir -p "$dir/idxd"
	# They are nearer to the beginning than to the end: no need to read on.
	tar -xf "$source" -C "$dir" --strip-components=3 --occurrence=1 \
		"$top/drivers/dma/dmatest.c" "$top/drivers/dma/idxd/device.c" || return 1
	echo 'obj-m := dmatest.o' >"$dir/Kbuild"
	builder_run "$2" env -i PATH="$PATH" make -C "$(kernel_headers "$2")" M="$dir" modules || return 1
	idxd_flaw "$dir/idxd/device.c" >"$1/no-disable"
	idxd_forgets "$dir/idxd/device.c" >"$1/restart-queues"
	cp "$dir/dmatest.ko" "$1/"
}

# provide_dmatest SERIES: Debian's kernels do not have it. Into BUILT/dmatest-SERIES.
provide_dmatest()
{
	cache_item "dmatest-$1" "$(cache_key "$1" "$(kernel_release "$1")" "$(kernel_version "$1")" \
		"$IDXD_EVL_FLAW" "$IDXD_FORGETS" "$(recipe_text dmatest_make idxd_flaw idxd_forgets)")" \
		"building dmatest for $1" dmatest_make "$1" || die "dmatest does not build for $1"
	mkdir -p "$BUILT/dmatest-$1"
	cp "$ITEM/dmatest.ko" "$ITEM/no-disable" "$ITEM/restart-queues" "$BUILT/dmatest-$1/" ||
		die "there is no dmatest.ko for $1"
}

# strangers_program DIRECTORY ROOT FILE: a program of that root file system with its
# libraries, at the same places.
strangers_program()
{
	local dir=$1 root=$2 library libraries loader=$2/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2

	libraries=$("$loader" --library-path "$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu" \
		--list "$root$3") || return 1
	# Lines are "name => path (address)" or "path (address)".
	libraries=$(sed -n 's/^.*[[:space:]]\(\/[^ ]*\) (0x.*$/\1/p' <<<"$libraries")
	mkdir -p "$dir/bin" "$dir/lib64" "$dir/lib/x86_64-linux-gnu"
	cp -L "$root$3" "$dir/bin/" && cp -L "$loader" "$dir/lib64/" || return 1
	while read -r library; do
		[[ $library == */ld-linux-* ]] || cp -L "$library" "$dir/lib/x86_64-linux-gnu/" || return 1
	done <<<"$libraries"
}

# idxd_guest_make DIRECTORY SERIES ARGUMENTS: the guest of run-idxd-guest, which sees
# DIRECTORY as /run/guest.
idxd_guest_make()
{
	local dir=$1/l2-initramfs.d kernel=${CHAIN_ITEM[kernel$2]} name

	# shellcheck disable=SC2086  # a list
	initramfs_begin "$dir" "$TOP/tests/outside/guest-init" &&
		initramfs_modules "$dir" "$kernel" "$(kernel_release "$2")" $L2_MODULES idxd &&
		strangers_program "$dir" "$BUILT/strangers" /usr/bin/accel-config &&
		mkdir "$dir/strangers" || return 1
	for name in "$TOP/tests/outside/run-idxd" "$TOP/tests/outside/strangers-lib" \
		"$BUILT/movdir64b-$2/movdir64b.ko" "$BUILT/dmatest-$2"/*; do
		cp "$name" "$dir/strangers/" || return 1
	done
	echo "$3" >"$dir/config" &&
		initramfs_pack "$dir" "$1/l2-initramfs" &&
		cp "$kernel/boot/vmlinux" "$1/l2-vmlinux" &&
		echo "$KERNEL_APPEND pci=lastbus=0" >"$1/append"
}

# ---- Scenarios ----------------------------------------------------------------

# strangers_scenario CLIENT ARGUMENT...: the settings of a scenario that runs
# tests/outside/run-CLIENT in L1, for its L1_KERNEL.
strangers_scenario()
{
	local client=$1

	shift
	PHASES=stock
	EXPECT=ran
	PROVIDE="strangers movdir64b:$L1_KERNEL"
	HOST_TEST=("run-$client" "$@")
	HOST_FILES=("tests/outside/run-$client" tests/outside/strangers-lib
		"movdir64b-$L1_KERNEL/movdir64b.ko")
	MODEL_ARGS=(--profile spr)
	LIMIT=1800
	drive()
	{
		strangers_boot
	}
	compare()
	{
		strangers_failed "$1"
	}
}

strangers_boot()
{
	local root

	root=$(readlink "$BUILT/strangers")
	L0_ARGS+=(-virtfs
		"local,path=$root,mount_tag=strangers,security_model=none,readonly=on,multidevs=remap")
	chain_boot
	chain_follow
}

# strangers_dpdk
strangers_dpdk()
{
	strangers_scenario dpdk
	PROVIDE+=" slow_clock"
	HOST_FILES+=(slow-clock.so)
}

# strangers_idxd [ARGUMENT... [-- TEST...]]: run-idxd with these arguments in L2, which has
# the kernel of L1, and these tests of run-idxd-guest. The initramfs is made when the
# scenario begins: by then all it consists of is there.
strangers_idxd()
{
	IDXD_ARGUMENTS=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		IDXD_ARGUMENTS+="$1 "
		shift
	done
	[ $# -eq 0 ] || shift
	strangers_scenario idxd-guest "$@"
	PROVIDE+=" dmatest:$L1_KERNEL"
	HOST_FILES=(tests/outside/run-idxd-guest tests/outside/strangers-lib)
	LIMIT=7200
	drive()
	{
		idxd_guest_make "$CHAIN_DIR/guest" "$L1_KERNEL" "$IDXD_ARGUMENTS" \
			>>"$CHAIN_DIR/prepare.log" 2>&1 || {
			chain_fail "preparing the guest: $(tail -n 3 "$CHAIN_DIR/prepare.log")"
			return 1
		}
		strangers_boot
	}
	compare()
	{
		strangers_failed "$1" && strangers_guest_log "$1/guest/dmesg.log"
	}
}

# strangers_failed DIRECTORY: says which tests have failed; true when none has.
strangers_failed()
{
	[ -s "$1/results.tsv" ] || { echo "it left no results"; return 1; }
	awk -F '\t' '$3 == "fail" { print $1 " " $2 ": " $4; bad = 1 } END { exit bad }' "$1/results.tsv"
}

# strangers_caught DIRECTORY CLIENT TEST TEXT: true when that test has failed, and its
# reason has that text.
strangers_caught()
{
	local failed

	failed=$(awk -F '\t' '$3 == "fail" { print $1 " " $2 ": " $4 }' "$1/results.tsv") || return 1
	[ -n "$failed" ] || { echo "$2 has not found what the device did"; return 1; }
	[[ $'\n'$failed == *$'\n'"$2 $3: "*"$4"* ]] || {
		echo "not what had to fail: $failed"
		return 1
	}
}

# strangers_guest_log FILE: true when nothing that must not be is in that kernel log.
strangers_guest_log()
{
	local found

	[ -s "$1" ] || { echo "the guest's kernel log is missing"; return 1; }
	found=$(logscan "$1") || {
		echo "the guest's kernel log has: $(head -n 3 <<<"$found")"
		return 1
	}
	logscan_controlled "$1" 2 || {
		echo "the control line is not there: the guest's kernel log was not captured"
		return 1
	}
}
