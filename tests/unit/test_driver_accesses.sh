#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317
#
# compare.awk of tests/vm/driver-accesses: a log that is as the table has it passes, and
# one that is not is told apart, and how.

set -u

folder=$(cd "${srcdir:-.}" && pwd)/tests/vm/driver-accesses
# shellcheck source=tests/unit/check.sh
. "${srcdir:-.}/tests/unit/check.sh"

cat >"$tmp/table" <<'END'
# first	the phases

first	1	write bar0 0x0a0 4 0x00500000	reset
first	1-3	read bar0 0x0a8 4 .*	its end
first	*	read config .*	whoever looks
second	2	write bar0 0x(400|420) 4 .*	sizes
second	0-1	write bar0 0x088 4 .*	if it likes
second	1	write bar0 0x0a0 4 0x80100000	enable
END

# The log, with a change by a sed command; true when it is accepted.
compare()
{
	sed "${1:-}" >"$tmp/log" <<-'END'
		0.000000001 begin
		0.000000002 read bar0 0x000 8 0x0000000000000100
		0.000000003 read config 0xf04 4 0x00000000
		0.000000004 write bar0 0x0a0 4 0x00500000
		0.000000005 read config 0x04 2 0x0006
		0.000000006 read bar0 0x0a8 4 0x80000000
		0.000000007 read bar0 0x0a8 4 0x00000000
		0.000000008 read config 0xf08 4 0x00000000
		0.000000009 write bar0 0x400 4 0x00000010
		0.000000010 write bar0 0x420 4 0x00000010
		0.000000011 write bar0 0x088 4 0x00000003
		0.000000012 write bar0 0x0a0 4 0x80100000
		0.000000013 read config 0xf0c 4 0x00000000
		0.000000014 write bar0 0x123 4 0x80100000
	END
	awk -v marks=first,second -v out="$tmp/out" -f "$folder/compare.awk" "$tmp/table" \
		"$tmp/log" >"$tmp/said"
}

# The same as a command that says what is wrong.
say()
{
	local status=0

	compare "$@" || status=1
	cat "$tmp/said"
	return "$status"
}

check 'a log as expected' 0 '' say
check 'each access has its reason' 0 '^first .*0x00500000 *reset$' cat "$tmp/out"
check 'what may be left out may be left out' 0 '' say '/0x088/d'
check 'an access too many' 1 'first: read bar0 0x090 4 0x1 is not in the table' say \
	's/^0.000000006.*/&\n0.1 read bar0 0x090 4 0x1/'
check 'once too often' 1 'write bar0 0x420.* is not in' say 's/^0.000000010.*/&\n&/'
check 'one is missing' 1 'next is write bar0 0x(400|420)' say '/0x420/d'
check 'the last one is missing' 1 'expected write bar0 0x0a0.*0 of 1 times' say '/0x80100000/d'
check 'the wrong order' 1 'first: read bar0 0x0a8' say '/^0.000000004/{h;d};/^0.000000007/G'
check 'the wrong value' 1 'write bar0 0x0a0 4 0x80600000 is not' say 's/0x80100000$/0x80600000/'
check 'a mark is missing' 1 '2 marks in the log, not 3' say '/0xf08/d'
check 'no log at all' 1 '0 marks' say d
# Against an empty log all of the real table is missing, but its lines are lines.
check 'the table itself' 1 '0 marks' awk -v marks=probe -f "$folder/compare.awk" \
	"$folder/expected.list" /dev/null
awk -v marks=probe -f "$folder/compare.awk" "$folder/expected.list" /dev/null >"$tmp/said"
! grep -q 'not four fields' "$tmp/said"
result 'its lines have four fields' $? "$(cat "$tmp/said")"

exit $failed
