#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench-model: what it refuses, and that a hundredth of a run leaves results that are
# complete. What the figures are is not looked at.

set -u

program=tests/bench/bench-model
# shellcheck source=tests/unit/check.sh
. "${srcdir:-.}/tests/unit/check.sh"

check "help" 0 "Usage:" "$program" --help
check "too few rounds" 2 "from 3 to 64, not 2" "$program" --rounds 2
check "no number of rounds" 2 "from 3 to 64, not x" "$program" --rounds x
check "one argument too many" 2 "no arguments are taken: x" "$program" x
check "unknown option" 2 "unrecognized" "$program" --x
check "results that cannot be written" 1 "cannot write $tmp/none/x" \
	"$program" --quick --out "$tmp/none/x"
check "a run" 0 "mappings" "$program" --quick --rounds 3 --out "$tmp/model.json"

if command -v jq >/dev/null; then
	figures='noop_per_second memmove_ratio mmio_read_ratio map_lookup_ns'
	# Not with a sanitizer, whose allocator does not count.
	grep -q __asan_init "$program" || figures="$figures bytes_per_map"
	for name in $figures; do
		check "$name is a number above 0" 0 true jq -e ".$name > 0" "$tmp/model.json"
	done
	check "a figure has its noise" 0 true \
		jq -e '.figures.mmio_read_ratio | .value > 0 and .noise >= 0' "$tmp/model.json"
	check "the yardsticks are there" 0 true \
		jq -e '.figures | .ping_pong_ns.value > 0 and .memcpy_1048576_bytes_per_second.value > 0
			and .eventfd_ns.value > 0 and .map_lookup_of_one_ns.value > 0' "$tmp/model.json"
else
	echo "# jq is not there: the results are not tested"
fi

exit "$failed"
