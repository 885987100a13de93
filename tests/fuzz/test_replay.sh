#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The fuzzer's corpus, and some made-up programs, without the fuzzer; and that
# the program which runs them notices what is wrong.

set -u

here=$(cd "${srcdir:-.}" && pwd)/tests/fuzz
# shellcheck source=tests/unit/check.sh
. "${srcdir:-.}/tests/unit/check.sh"

for kernel in 6.1 6.12 7; do
	replay=tests/fuzz/replay_$kernel
	check "$kernel: corpus" 0 "no finding" "$replay" "$here/corpus/set_irqs"
	check "$kernel: made-up programs" 0 "no finding" "$replay" --random 3 --operations 20000
done

first=$(find "$here/corpus/set_irqs" -type f | sort | head -n 1)
check "a signal too many is noticed in a file" 1 "FAILED" "$replay" --misread 1 "$first"
check "a signal too many is noticed in a made-up program" 1 "seed 4, program .* expected" \
	"$replay" --random 4 --operations 5000 --misread 2500 --save "$tmp"
check "the failing program was kept" 0 "." find "$tmp" -type f -name 'finding-*'
check "and alone it runs" 0 "no finding" "$replay" "$tmp"
check "a trace shows operations" 0 "set irqs flags" "$replay" --trace "$tmp"

: >"$tmp/empty"
check "an empty program is one" 0 "no finding" "$replay" "$tmp/empty"
head -c 5000 /dev/zero >"$tmp/zeroes"
check "a program of zeroes too" 0 "no finding" "$replay" "$tmp/zeroes"
mkdir "$tmp/none"
check "an empty directory is refused" 1 "is empty" "$replay" "$tmp/none"
check "a missing file is refused" 1 "cannot read" "$replay" "$tmp/missing"
check "no arguments are refused" 2 "say what to replay" "$replay"
check "a seed must be a number" 2 "a seed is a number, not x" "$replay" --random x
check "a number of operations too" 2 "is not 1k" "$replay" --random 1 --operations 1k
check "seed and files exclude each other" 2 "takes no files" "$replay" --random 1 "$tmp/empty"
check "help" 0 "Usage:" "$replay" --help

check "fuzz.sh: wrong time" 1 "SECONDS is a number" "$here/fuzz.sh" --seconds 0
check "fuzz.sh: unknown option" 1 "unknown option --x" "$here/fuzz.sh" --x
check "fuzz.sh: missing compiler" 1 "no-such-clang is missing: install" \
	env CLANG=no-such-clang "$here/fuzz.sh" --srcdir "$here/../.." --builddir "$tmp"
check "fuzz.sh: help" 0 "Usage:" "$here/fuzz.sh" --help

echo "1..$count"
exit $failed
