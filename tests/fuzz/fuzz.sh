#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make fuzz: build the fuzzers with clang in a directory of its own, and let each
# run on a copy of its corpus.

set -u

prog="make fuzz"
srcdir=. builddir=. make=make cc=${CLANG:-clang} seconds=60 keep=""
# program:corpus:program that replays:what it is about
all_targets=(
	set_irqs_6.12:set_irqs:replay_6.12:"VFIO_DEVICE_SET_IRQS on 6.12, dynamic MSI-X irqs"
	set_irqs_6.1:set_irqs:replay_6.1:"VFIO_DEVICE_SET_IRQS on 6.1, reserved MSI-X irqs"
	fuzz_protocol:protocol:replay_protocol:"what a client sends to dsa-model"
	fuzz_registers:registers:replay_registers:"registers, configuration space and portals"
	fuzz_descriptors:descriptors:replay_descriptors:"descriptors, against a reference"
)
targets=() target=""
scratch="" pid=""

target_list()
{
	local entry program rest

	for entry in "${all_targets[@]}"; do
		IFS=: read -r program _ _ rest <<<"$entry"
		printf '  %-18s %s\n' "$program" "$rest"
	done
}

usage()
{
	cat <<END
Usage: ${0##*/} [--srcdir DIR] [--builddir DIR] [--make COMMAND] [--seconds N]
	[--target NAME] [--keep DIR]

Fuzzes the interrupt code of kernel/ on the simulated host, and dsa-model/, for N
seconds (default $seconds), the same time for each target:

$(target_list)

  --target NAME  only this one
  --keep DIR     afterwards copy the inputs that make a difference to DIR, minimised,
                 into a directory for each corpus

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
	--srcdir | --builddir | --make | --seconds | --target | --keep)
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
for entry in "${all_targets[@]}"; do
	[ -n "$target" ] && [ "$target" != "${entry%%:*}" ] || targets+=("$entry")
done
[ ${#targets[@]} -gt 0 ] || die "there is no target '$target'; see --help"
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
	local programs=("${targets[@]%%:*}")
	"$make" -C "$dir" --no-print-directory "${programs[@]/#/tests/fuzz/}" \
		>"$dir/build.log" 2>&1 || {
		tail -n 20 "$dir/build.log" >&2
		die "building has failed, see $dir/build.log"
	}
}

# fuzz ENTRY SECONDS
fuzz()
{
	local program corpus replay about time=$2 status
	local findings=$builddir/fuzz-build/findings log=$scratch/log

	IFS=: read -r program corpus replay about <<<"$1"
	mkdir -p "$findings" || die "cannot make $findings"
	copy_corpus "$corpus"
	echo "Fuzzing for $time s: $about"
	run "$builddir/fuzz-build/tests/fuzz/$program" -max_total_time="$time" -max_len=400 \
		-timeout=60 -entropic=0 -print_final_stats=1 \
		-artifact_prefix="$findings/$program-" "$scratch/$corpus" >"$log" 2>&1
	status=$?
	if [ $status -ne 0 ]; then
		grep -v -e '^#' "$log" | head -n 60 >&2
		die "a finding: replay it with tests/fuzz/$replay --trace fuzz-build/findings/$program-..."
	fi
	grep -e '^[a-z]* [0-9.]*: .*second$' -e '^[a-z]*: [0-9]* inputs, ' "$log" ||
		die "the fuzzer has not said what it did: $(tail -n 1 "$log")"
	grep -e 'DONE' "$log"
}

copy_corpus()
{
	[ ! -d "$scratch/$1" ] || return 0
	cp -r "$srcdir/tests/fuzz/corpus/$1" "$scratch/$1" ||
		die "there is no corpus in $srcdir/tests/fuzz/corpus/$1"
	chmod -R u+w "$scratch/$1"
}

# keep_inputs ENTRY
keep_inputs()
{
	local program corpus

	IFS=: read -r program corpus _ <<<"$1"
	mkdir -p "$keep/$corpus" || die "cannot make $keep/$corpus"
	run "$builddir/fuzz-build/tests/fuzz/$program" -merge=1 -max_len=400 "$keep/$corpus" \
		"$scratch/$corpus" >"$scratch/log" 2>&1 || die "merging: $(tail -n 1 "$scratch/log")"
	echo "$(find "$keep/$corpus" -type f | wc -l) inputs in $keep/$corpus"
}

check_compiler
build
share=$(((seconds + ${#targets[@]} - 1) / ${#targets[@]}))
for entry in "${targets[@]}"; do
	fuzz "$entry" "$share"
done
[ -n "$keep" ] || exit 0
for entry in "${targets[@]}"; do
	keep_inputs "$entry"
done
