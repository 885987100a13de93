#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The corpora of the fuzzers of dsa-model/, and some made-up inputs, without the fuzzer;
# and that the programs which run them notice what is wrong.

set -u

here=$(cd "${srcdir:-.}" && pwd)/tests/fuzz
# shellcheck source=tests/unit/check.sh
. "${srcdir:-.}/tests/unit/check.sh"

for target in protocol registers descriptors; do
	replay=tests/fuzz/replay_$target
	check "$target: corpus" 0 "no finding" "$replay" "$here/corpus/$target"
	check "$target: made-up inputs" 0 "no finding" "$replay" --random 3 --operations 1500
	check "$target: what cannot be is noticed" 1 "seed 4, input [0-9]*: " \
		"$replay" --random 4 --operations 300 --spoil 290 --save "$tmp"
done

: >"$tmp/empty"
head -c 5000 /dev/zero >"$tmp/zeroes"
for target in protocol registers descriptors; do
	replay=tests/fuzz/replay_$target
	check "$target: the failing input was kept" 0 "." \
		find "$tmp" -type f -name "finding-$target-*"
	check "$target: and alone it runs" 0 "no finding" "$replay" "$tmp"/finding-"$target"-*
	check "$target: an empty input is one, and zeroes are" 0 "2 inputs, .*no finding" \
		"$replay" "$tmp/empty" "$tmp/zeroes"
	check "$target: a trace" 0 "^  " "$replay" --trace --random 1 --operations 20
	check "$target: a missing file is refused" 1 "cannot read" "$replay" "$tmp/missing"
	check "$target: no arguments are refused" 2 "say what to replay" "$replay"
	check "$target: a seed must be a number" 2 "a seed is a number, not x" "$replay" --random x
	check "$target: help" 0 "Usage:" "$replay" --help
done

exit "$failed"
