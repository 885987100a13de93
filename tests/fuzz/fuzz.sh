#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make fuzz: build the fuzzer with clang in a directory of its own, and let it
# run on a copy of the corpus.

set -u

prog="make fuzz"
srcdir=. builddir=. make=make cc=${CLANG:-clang} seconds=60 keep=""
kernels=(6.12 6.1)
scratch="" pid=""

usage()
{
	cat <<END
Usage: ${0##*/} [--srcdir DIR] [--builddir DIR] [--make COMMAND] [--seconds N] [--keep DIR]

Fuzzes VFIO_DEVICE_SET_IRQS of kernel/ on the simulated host, for N seconds
(default $seconds), half of them with dynamic and half with reserved MSI-X irqs.

  --keep DIR   afterwards copy the inputs that make a difference to DIR, minimised

Environment: CLANG, the compiler (default clang).
END
}

die()
{
	echo "$prog: $*" >&2
	exit 1
}

cleanup()
{
	if [ -n "$pid" ]; then
		kill "$pid" 2>/dev/null
		wait "$pid"
	fi
	[ -z "$scratch" ] || rm -rf "$scratch"
}

# In the background, so that a signal to this script alone ends the fuzzer at once.
run()
{
	"$@" &
	pid=$!
	wait "$pid"
	local status=$?
	pid=""
	return $status
}

while [ $# -gt 0 ]; do
	case $1 in
	--help)
		usage
		exit 0
		;;
	--srcdir | --builddir | --make | --seconds | --keep)
		[ $# -ge 2 ] || die "$1 needs a value"
		declare "${1#--}=$2"
		shift 2
		;;
	*)
		die "unknown option $1; see --help"
		;;
	esac
done
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "SECONDS is a number of seconds, not '$seconds'"
[ -z "$keep" ] || mkdir -p "$keep" || die "cannot make $keep"

trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
scratch=$(mktemp -d) || die "no temporary directory"

check_compiler()
{
	command -v "$cc" >/dev/null ||
		die "$cc is missing: install clang and libclang-rt-dev, or say CLANG=<compiler>"
	echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return !d && n; }' \
		>"$scratch/probe.c"
	"$cc" -fsanitize=fuzzer,address,undefined "$scratch/probe.c" -o "$scratch/probe" \
		2>"$scratch/probe.log" || {
		cat "$scratch/probe.log" >&2
		die "$cc cannot link libFuzzer and the sanitizers: install libclang-rt-dev (of clang's version)"
	}
}

build()
{
	local dir=$builddir/fuzz-build

	mkdir -p "$dir" || die "cannot make $dir"
	if [ ! -e "$dir/Makefile" ]; then
		[ ! -e "$srcdir/config.status" ] ||
			die "the source directory itself is configured: 'make distclean' there, and configure in a directory of its own"
		echo "Configuring for $cc in fuzz-build/ (log: fuzz-build/configure.log)"
		(cd "$dir" && "$srcdir/configure" CC="$cc" CFLAGS="-O1 -g" \
			--enable-sanitizers=address,undefined,fuzzer-no-link) \
			>"$dir/configure.log" 2>&1 || {
			rm -f "$dir/Makefile"
			tail -n 5 "$dir/configure.log" >&2
			die "configuring has failed, see $dir/configure.log"
		}
	fi
	echo "Building in fuzz-build/ (log: fuzz-build/build.log)"
	"$make" -C "$dir" --no-print-directory "${kernels[@]/#/tests/fuzz/set_irqs_}" \
		>"$dir/build.log" 2>&1 || {
		tail -n 20 "$dir/build.log" >&2
		die "building has failed, see $dir/build.log"
	}
}

# fuzz KERNEL SECONDS
fuzz()
{
	local kernel=$1 time=$2 status findings=$builddir/fuzz-build/findings log=$scratch/log

	mkdir -p "$findings" || die "cannot make $findings"
	echo "Fuzzing for $time s, kernel $kernel"
	run "$builddir/fuzz-build/tests/fuzz/set_irqs_$kernel" -max_total_time="$time" \
		-max_len=400 -timeout=60 -entropic=0 -print_final_stats=1 -artifact_prefix="$findings/$kernel-" \
		"$scratch/corpus" >"$log" 2>&1
	status=$?
	if [ $status -ne 0 ]; then
		grep -v -e '^#' "$log" | head -n 60 >&2
		die "a finding: replay it with tests/fuzz/replay_$kernel --trace fuzz-build/findings/$kernel-..."
	fi
	grep -e '^kernel ' "$log" || die "the fuzzer has not said what it did: $(tail -n 1 "$log")"
	grep -e 'DONE' "$log"
}

keep_inputs()
{
	local kernel=${kernels[0]}

	run "$builddir/fuzz-build/tests/fuzz/set_irqs_$kernel" -merge=1 -max_len=400 "$keep" \
		"$scratch/corpus" >"$scratch/log" 2>&1 || die "merging: $(tail -n 1 "$scratch/log")"
	echo "$(find "$keep" -type f | wc -l) inputs in $keep"
}

check_compiler
build
cp -r "$srcdir/tests/fuzz/corpus/set_irqs" "$scratch/corpus" ||
	die "there is no corpus in $srcdir/tests/fuzz/corpus/set_irqs"
chmod -R u+w "$scratch/corpus"
half=$(((seconds + 1) / 2))
for kernel in "${kernels[@]}"; do
	fuzz "$kernel" "$half"
done
[ -z "$keep" ] || keep_inputs
