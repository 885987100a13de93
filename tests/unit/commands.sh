# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
#
# For tests of programs in sh, which source it: commands that must succeed, and a
# directory, $dir, that goes when the test ends, and with it the process $pid, if any.
# The last line of a test is "exit $failed". For bash there is check.sh.

dir=$(mktemp -d) || exit 99
pid=
trap 'test -z "$pid" || kill -9 "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
failed=0 count=0

# check NAME COMMAND...: it succeeds; else what it said is shown.
check()
{
	what=$1
	shift
	count=$((count + 1))
	if "$@" >"$dir/checked" 2>&1; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		cat "$dir/checked"
		failed=1
	fi
}

not()
{
	! "$@"
}

# wait_for LINE: read on descriptor 3, what a program says. The pipe ends when the program
# does, so this does not wait for ever.
wait_for()
{
	while read -r line <&3; do
		[ "$line" = "$1" ] && return 0
	done
	return 1
}
