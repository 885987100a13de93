# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What takes too long for ./run check: a table of steps, each a command of ./run with
# its own output directory.

# name | what it does, for people | command of ./run and its arguments, or a function
# long_NAME, which is run in a shell of its own
LONG_STEPS='
check|everything of ./run check|check
fuzz|ten million made-up requests, with ASan and UBSan|long_fuzz
irq-lab|vectors in real kernels, at length|irq-lab 6.12 6.1 6.1-rt 7
outside|the tests of the kernel itself, stock and ours|outside
idxd|wq-demo on the production driver, Debian 12 as it is|scenario idxd-debian12-stock
debug|kernel with KASAN, lockdep, kmemleak|scenario debug-faults debug-ours debug-old-qemu debug-outside debug-irq-lab
driver-lab|all tests of the sample driver with a device, its rules broken|driver-lab
driver|the sample driver in that kernel: a million calls, an hour at full rate|scenario debug-driver-fuzz debug-driver-soak
races|the sample driver in a kernel that looks for data races|scenario kcsan-driver-fuzz
bench|what vectors, interrupts and descriptors cost|bench
'

# What scenarios may ask for with PROVIDE : a Debian package it needs : what for
PROVIDES='
selftests  uuid-dev  the tests of the kernel itself
'

# provide_packages: those for NEED_PROVIDE, in the form of packages.sh.
provide_packages()
{
	local what

	for what in "${NEED_PROVIDE[@]}"; do
		awk -v what="$what" '$1 == what { sub(/^[^ ]+ +/, ""); print }' <<<"$PROVIDES"
	done
}

long_names()
{
	awk -F'|' 'NF == 3 { print $1 }' <<<"$LONG_STEPS"
}

# long_fuzz: another seed each time; the log has it.
LONG_FUZZ_OPERATIONS=5000000

long_fuzz()
{
	local series seed lock

	build_init
	exec {lock}>"$CACHE/lock"
	flock "$lock"
	build_copy
	build_userspace asan --enable-sanitizers
	make -C "$BUILD/asan" tests/fuzz/replay_6.1 tests/fuzz/replay_6.12
	cp "$BUILD"/asan/tests/fuzz/replay_6.{1,12} "$LOGS/"
	exec {lock}>&-
	for series in 6.1 6.12; do
		seed=$(od -An -N 4 -t u4 /dev/urandom | tr -d ' ')
		echo "replay_$series --random $seed --operations $LONG_FUZZ_OPERATIONS"
		"$LOGS/replay_$series" --save "$LOGS" --random "$seed" --operations "$LONG_FUZZ_OPERATIONS"
	done
	rm "$LOGS"/replay_6.{1,12}
}

# long_step NAME DIRECTORY: true when it passed; its log is $LOGS/NAME.log, the
# results are in DIRECTORY.
long_step()
{
	local line name text command

	line=$(awk -F'|' -v name="$1" '$1 == name' <<<"$LONG_STEPS")
	IFS='|' read -r name text command <<<"$line"
	case $command in
	long_*)
		step_function "$name" "$text" "$command"
		;;
	*)
		# shellcheck disable=SC2086  # words
		step "$name" "$text" "$TOP/run" $command --out "$2"
		;;
	esac
}
