# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a scenario may expect of a run, each a condition on the JSON of wq-demo
# with "device" added. The texts are what people read when it is not so.

# A run that proves anything: the least the ledger must have seen.
EXPECT_MIN_BRING_UPS=8
EXPECT_MIN_DESCRIPTORS=4000

# name | condition (jq) | in words
EXPECTATIONS='
held|.verdict == "held" and .stranded == 0 and .missing == 0|no completion interrupt lost
stranded|.verdict == "broken" and .stranded > 0 and .missing == 0|at least one completion interrupt lost, no completion
one-stranded|.verdict == "broken" and .stranded == 1 and .missing == 0|exactly one completion interrupt lost, no completion
timed-out|.verdict == "broken" and .timed_out > 0 and .stranded == 0 and .missing == 0 and .data_errors == 0|at least one completion of which dmatest was not told in time, all data right
tests-pass|true|every test of the program passes, none is skipped
ran|true|the program in the host ends with status 0
as-stock|.missing == 0 and (.verdict == (if .stranded == 0 then "held" else "broken" end))|the guest runs; losses are reported, no completion lost
'

# expect_field NAME COLUMN
expect_field()
{
	awk -F'|' -v name="$1" -v column="$2" '$1 == name { print $column }' <<<"$EXPECTATIONS"
}

expect_known()
{
	[ -n "$(expect_field "$1" 2)" ]
}

# expect_check NAME FILE STATUS: true when the result in FILE is what NAME says
# and agrees with itself and with wq-demo's exit status. Otherwise says why.
expect_check()
{
	local name=$1 file=$2 status=$3 condition least=${MIN_DESCRIPTORS:-$EXPECT_MIN_DESCRIPTORS}

	condition=$(expect_field "$name" 2)
	jq -e '[.bring_ups, .descriptors, .interrupted, .stranded, .missing]
		| all(type == "number")' "$file" >/dev/null || {
		echo "the result has not all of bring_ups, descriptors, interrupted, stranded, missing as numbers"
		return 1
	}
	jq -e --argjson bring_ups $EXPECT_MIN_BRING_UPS --argjson descriptors "$least" \
		'.bring_ups >= $bring_ups and .descriptors >= $descriptors' "$file" >/dev/null || {
		echo "too little was run: $(expect_summary "$file")"
		echo "(at least $EXPECT_MIN_BRING_UPS bring-ups and $least descriptors)"
		return 1
	}
	jq -e --argjson status "$status" \
		'.verdict == (if $status == 0 then "held" elif $status == 1 then "broken" else "none" end)' \
		"$file" >/dev/null || {
		echo "wq-demo ended with status $status, but $(expect_summary "$file")"
		return 1
	}
	jq -e "$condition" "$file" >/dev/null || {
		echo "expected: $(expect_field "$name" 3)"
		echo "but: $(expect_summary "$file")"
		return 1
	}
}

# expect_tests FILE STATUS: true when the TAP in FILE is complete and nothing failed
# or was skipped. Otherwise says why.
expect_tests()
{
	local planned ok bad

	planned=$(sed -n 's/^1\.\.\([0-9][0-9]*\)$/\1/p' "$1")
	ok=$(grep -c '^ok ' "$1") || true
	bad=$(grep -iE '^not ok |^ok .*# *skip|^Bail out!' "$1") || true
	if [ -z "$planned" ] || [ "$planned" -eq 0 ] || [ "$planned" -ne "$ok" ]; then
		echo "planned ${planned:-nothing}, passed $ok (status $2); ${bad:-the output is incomplete}"
		return 1
	fi
	if [ -n "$bad" ] || [ "$2" -ne 0 ]; then
		echo "ended with status $2; $bad"
		return 1
	fi
}

# expect_host_test NAME DIRECTORY STATUS: the same for a program that has run in the
# host: tests-pass goes by test.tap, which it has left in its DIRECTORY.
expect_host_test()
{
	case $1 in
	tests-pass)
		[ -s "$2/test.tap" ] || { echo "it left no test.tap (status $3)"; return 1; }
		expect_tests "$2/test.tap" "$3"
		;;
	ran)
		[ "$3" -eq 0 ] || { echo "it ended with status $3"; return 1; }
		;;
	*)
		echo "$1 is not an expectation of a program in the host"
		return 1
		;;
	esac
}

# expect_summary FILE: the figures on one line.
expect_summary()
{
	jq -r '"\(.verdict): \(.bring_ups) bring-ups, \(.descriptors) descriptors, " +
		"\(.interrupted) interrupted, \(.stranded) stranded, \(.missing) missing" +
		(if (.timed_out // 0) > 0 then ", \(.timed_out) timed out" else "" end) +
		(if .device.raised then "; device raised \(.device.raised), delivered \(.device.delivered), dropped \(.device.dropped)"
		 else "" end)' "$1"
}
