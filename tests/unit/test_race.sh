#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A data race is noticed, and none where there is none: else a build with the thread
# sanitizer proves nothing. For make check-threads; elsewhere it is skipped.
# shellcheck disable=SC2317,SC2181 # functions are called by check
set -u

# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"

noticed()
{
	not ./tests/unit/race >"$dir/said" 2>&1 && grep -q 'WARNING: ThreadSanitizer: data race' "$dir/said"
}

./tests/unit/race locked
[ $? -ne 77 ] || exit 77

check 'a race is noticed' noticed
check 'with a lock there is none' ./tests/unit/race locked
exit $failed
