# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# For tests in bash, which source it: checks that are counted, and a directory, $tmp,
# that goes when the test ends. The last line of a test is "exit $failed".

tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
failed=0 count=0

# result NAME STATUS TEXT: passed if STATUS is 0; else TEXT says why not.
result()
{
	count=$((count + 1))
	if [ "$2" = 0 ]; then
		echo "ok $count - $1"
	else
		echo "not ok $count - $1: $3"
		failed=1
	fi
}

# check NAME EXPECTED-STATUS PATTERN COMMAND...: it ends like that and says that.
check()
{
	local name=$1 expected=$2 pattern=$3 output status
	shift 3

	output=$("$@" 2>&1)
	status=$?
	[ "$status" -eq "$expected" ] && grep -q -e "$pattern" <<<"$output"
	result "$name" $? "status $status, expected $expected and \"$pattern\" in:
$output"
}
