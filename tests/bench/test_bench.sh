#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317  # functions that check() calls
#
# How figures are made of measurements, with measurements that are made up: sums of
# callgrind's dumps, medians, ratios, noise. And what bench-host refuses.

set -u

TOP=$(cd "${srcdir:-.}" && pwd)
program=${BENCH_HOST:-tests/bench/bench-host}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
failed=0 count=0

# shellcheck source=/dev/null
. "$TOP/tests/vm/lib/bench.sh"

# check NAME EXPECTED-STATUS EXPECTED-OUTPUT COMMAND...
check()
{
	local name=$1 expected=$2 text=$3 output status
	shift 3

	output=$("$@" 2>&1)
	status=$?
	count=$((count + 1))
	if [ "$status" -eq "$expected" ] && [ "$output" = "$text" ]; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name: status $status, expected $expected and \"$text\" in:"
		echo "$output"
		failed=1
	fi
}

# ---- Callgrind's dumps --------------------------------------------------------

# dumps SUMMARY: two operations; of the first 12 instructions are the code's own, the
# second knows names by number only. What a call costs in all is not added up.
dumps()
{
	cat <<-END
		# callgrind format
		version: 1
		cmd:  ./bench-sim-ours swap 1
		part: 1

		desc: Trigger: Client Request: swap 3 0 4

		positions: line
		events: Ir
		summary: $1

		ob=(1) /b/bench-sim-ours
		fl=(1) /src/kernel/vfio_pci_msi.c
		fn=(1) vfio_msi_handler
		10 5
		+1 4
		cfi=(2) /src/sim/kapi/files.c
		cfn=(2) eventfd_signal
		calls=2 7
		* 5000
		fi=(3) /src/kernel/compat/eventfd.h
		20 3
		fe=(1)
		fi=(4) /src/kernel/vfio_pci_trace.h
		30 9

		fl=(2)
		fn=(2)
		7 8
		fl=(5) /src/sim/kapi/kernel/irq.c.h
		1 100

		totals: $1
		part: 2
		desc: Trigger: Client Request: swap 3 1 4
		summary: 7

		fl=(1)
		fn=(1)
		10 6
		fl=(2)
		7 1
		totals: 7
		part: 3
		desc: Trigger: Program termination
		summary: 0
		totals: 0
	END
}

own=$(sed -n "s/^readonly own='\(.*\)'$/\1/p" "$TOP/tests/bench/measure-sim")

instructions()
{
	dumps "$1" | awk -v own="$own" -f "$TOP/tests/bench/instructions.awk"
}

check "own and all instructions" 0 $'swap,3,0,4,12,129\nswap,3,1,4,6,7' instructions 129
complaint()
{
	{ instructions "$1" >/dev/null; } 2>&1
}

check "a sum that callgrind does not have" 1 \
	"instructions.awk: instructions of swap,3,0,4: 129 added up, 130 in all" complaint 130

# ---- Figures --------------------------------------------------------------------

# phase NUMBER BIND-2 BIND-2048 SWAP
phase()
{
	mkdir -p "$tmp/phase-$1"
	# The median of three; an outlier must not matter.
	printf '%s\n' "bind,2,0,$2" "bind,2,1,$(($2 - 1))" "bind,2,2,9999999" \
		"bind,2048,0,$3" "bind,2048,1,1" "bind,2048,2,$(($3 + 5))" \
		"swap,3,0,$4" "swap,3,1,$(($4 + 2))" "swap,3,0,$(($4 - 2))" \
		"rebind,3,0,5" "rebuild,2,0,7" "rebuild,2048,0,8" >"$tmp/phase-$1/bench.csv"
}

figures()
{
	bench_times "$tmp" >"$tmp/times.csv" 2>/dev/null && bench_json "$tmp" >"$tmp/kernel.json" 2>/dev/null || return 1
	jq -c "$1" "$tmp/kernel.json"
}

if command -v jq >/dev/null; then
	phase 1 100 200 1000
	phase 2 100 110 100
	phase 3 100 200 1200
	phase 4 100 120 100
	printf '%s\n' ours,{interrupt,swap},3,{0,1},100,600,9000 ours,bind,{2,2048},{0,1},1,7,9 \
		stock,swap,3,{0,1},100,600,9000 stock,bind,{2,2048},{0,1},1,7,9 \
		stock,interrupt,3,0,100,700,9000 stock,interrupt,3,1,100,800,9000 >"$tmp/instructions.csv"
	printf '%s\n' ours,kzalloc,112 stock,kzalloc,80 stock,kasprintf,28.5 >"$tmp/bytes.csv"
	echo '{"structs": {"ours": 144, "stock": null}, "handlers": {"ours": 7, "stock": 7},
		"machine": {}, "commands": {}}' >"$tmp/more.json"

	check "medians" 0 '[100,1100]' figures '[.nanoseconds.ours.bind_2.value, .nanoseconds.stock.swap.value]'
	check "ratios" 0 '[1.125,11]' figures '[.bind_cost_ratio_2048_2, .swap_cost_ratio_stock_ours]'
	check "noise between passes" 0 '[0.1,2,200]' figures \
		'[.noise.bind_cost_ratio_2048_2, .noise.swap_cost_ratio_stock_ours, .nanoseconds.stock.swap.noise]'
	check "instructions of one operation, noise between rounds" 0 '[6,7.5,0,1]' figures \
		'[.handler_instructions.ours, .handler_instructions.stock, .noise.handler_instructions.ours, .noise.handler_instructions.stock]'
	check "bytes as kmalloc rounds them" 0 '[192,128]' figures \
		'[.bytes_per_vector.ours, .bytes_per_vector.stock]'
	rm "$tmp/phase-4/bench.csv"
	check "results that are missing are no results" 1 '' figures .
else
	echo "# jq is not there: figures are not tested"
fi

# ---- bench-host -------------------------------------------------------------------

if [ -x "$program" ]; then
	try="bench-host: try 'bench-host --help'"
	unset BDF OUT
	check "no device" 2 $'bench-host: which device? --device BDF\n'"$try" "$program"
	check "too few vectors" 2 \
		$'bench-host: --vectors takes 8 to 2048, --rounds 1 to 10000, --swaps 1 to 10000000\n'"$try" \
		"$program" --device 0000:00:00.0 --vectors 7
	check "one argument too many" 2 $'bench-host: unexpected argument\n'"$try" "$program" x
	check "results that cannot be written" 1 \
		"bench-host: cannot open $tmp/none/x: No such file or directory" \
		"$program" --device 0000:00:00.0 --out "$tmp/none/x"
fi

exit "$failed"
