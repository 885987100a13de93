#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/outside/compare.awk: what it must refuse, and that it accepts the rest.

set -u

compare=$(cd "${srcdir:-.}" && pwd)/tests/outside/compare.awk
required=${compare%/*}/required.list
# shellcheck source=tests/unit/check.sh
. "${srcdir:-.}/tests/unit/check.sh"

# results FILE [DEVICE TEST RESULT]...
results()
{
	local file=$tmp/$1

	shift
	: >"$file"
	[ $# -eq 0 ] || printf '%s\t%s\t%s\t\n' "$@" >"$file"
}

# compares NAME EXPECTED-STATUS PATTERN STOCK OURS
compares()
{
	check "$1" "$2" "$3" awk -v required="$tmp/required" -f "$compare" "$tmp/$4" "$tmp/$5"
}

echo '^dsa irq$' >"$tmp/required"
results stock dsa irq pass  igb irq fail  nvme irq skip
results same dsa irq pass  igb irq fail  nvme irq skip
results better dsa irq pass  igb irq pass  nvme irq pass
results worse dsa irq pass  igb irq fail  nvme irq fail
results skipped dsa irq skip  igb irq fail  nvme irq skip
results other nvme irq pass
cp "$tmp/skipped" "$tmp/skipped-too"
cp "$tmp/other" "$tmp/other-too"
results absent dsa irq pass  igb irq fail
results more dsa irq pass  igb irq fail  nvme irq skip  nvme reset fail
results odd dsa irq pass  igb irq perhaps  nvme irq skip
results nothing

compares "the same results are accepted" 0 "ours: 1 passed, 1 failed, 1 skipped" stock same
compares "better results are accepted" 0 "^better fail *pass *igb irq" stock better
compares "a new test that fails is accepted" 0 "^better absent *fail *nvme reset" stock more
compares "a worse result is refused" 1 "^nvme irq: skip with stock, fail with ours" stock worse
compares "a test that was not run is refused" 1 "^nvme irq: skip with stock, absent with ours" stock absent
compares "a required test that is skipped is refused" 1 "^dsa irq: has to pass, but: skip" skipped skipped-too
compares "a required test that is not there is refused" 1 "no test is called" other other-too
compares "results that are not there are refused" 1 "two files" stock nothing
compares "an unknown result is refused" 1 "no such result: perhaps" stock odd
rm "$tmp/required"
compares "a missing list of required tests is refused" 1 "no required tests" stock same

# The list itself: expressions that awk understands.
count=$((count + 1))
if grep -v '^#' "$required" | while read -r pattern; do
	awk -v pattern="$pattern" 'BEGIN { exit !("x" !~ pattern) }' 2>/dev/null || exit 1
done; then
	echo "ok $count - required.list is made of expressions"
else
	echo "not ok $count - required.list is made of expressions"
	failed=1
fi

echo "1..$count"
exit $failed
