# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2016,SC2034,SC2153,SC2317
#
# ./run bench: what vectors and interrupts cost. Times are taken in L1, on stock and on
# ours in turn (the scenario bench); instructions are counted on sim/ (make bench); sizes
# are read from the modules. tests/bench/README.md says what is in the results.

BENCH_PACKAGES='
valgrind                   counting instructions
gnuplot-nox                plots
'

BENCH_SCENARIO=bench
BENCH_DRIVER_SCENARIO=driver-bench
BENCH_SERIES=6.12

# ---- Building and counting ----------------------------------------------------

bench_make()
{
	build_paths
	make -C "$BUILD/plain" tests/bench/bench-host tests/bench/bench-model
}

# provide_bench: into BUILT.
provide_bench()
{
	step_function bench-host "building bench-host" bench_make || die "bench-host does not build"
	cp "$BUILD/plain/tests/bench/bench-host" "$BUILT/" || die "there is no bench-host"
	# Only ./run bench counts.
	[ ! -d "$BUILD/plain/tests/bench/results" ] ||
		cp -R "$BUILD/plain/tests/bench/results" "$BUILT/bench-counts"
}

bench_count()
{
	build_paths
	make -C "$BUILD/plain" bench LINUX_SOURCE="$(kernel_source "$BENCH_SERIES")"
}

provide_driver_bench()
{
	provide_program bench bench-driver
}

# bench_model FILE: the device model by itself, before anything else runs beside it.
bench_model()
{
	build_paths
	"$BUILD/plain/tests/bench/bench-model" --out "$1"
}

# ---- What the modules say -------------------------------------------------------

# The stock module of the kernel that was prepared.
bench_stock_module()
{
	find "${CHAIN_ITEM[kernel$BENCH_SERIES]}/lib/modules" -name vfio-pci-core.ko
}

# bench_struct MODULE NAME: bytes of that structure, null if the module does not say.
bench_struct()
{
	local size

	size=$(pahole --btf_base "$(kernel_headers "$BENCH_SERIES")/vmlinux" -C "$2" "$1" 2>/dev/null |
		sed -n 's/^.*\/\* size: \([0-9]*\),.*$/\1/p')
	echo "${size:-null}"
}

# bench_instructions MODULE FUNCTION: how many it has; null if there is none. Both
# handlers run straight through.
bench_instructions()
{
	local lines

	lines=$(objdump -d --no-show-raw-insn --disassemble="$2" "$1" 2>/dev/null |
		grep -cE '^ +[0-9a-f]+:' || true)
	[ "$lines" -gt 0 ] && echo "$lines" || echo null
}

# ---- Summing up -----------------------------------------------------------------

# Single calls differ more from each other than vectors do: vector 2 stands for the
# first 64 that are added, vector 2048 for the last ones.
BENCH_WINDOWS='{ print }
	$1 == "bind" && $2 >= 2 && $2 <= 65 { print "bind-first," 2 "," $3 "," $4 }
	$1 == "bind" && $2 >= 1985 && $2 <= 2048 { print "bind-last," 2048 "," $3 "," $4 }'

# bench_medians HOST PASS FILE...: host,pass,operation,vector,nanoseconds,calls
bench_medians()
{
	local host=$1 pass=$2

	shift 2
	awk -F, "$BENCH_WINDOWS" "$@" | sort -t, -k1,1 -k2,2n -k4,4n | awk -F, -v head="$host,$pass" '
		function flush() {
			if (n)
				printf "%s,%s,%s,%d\n", head, key,
					(value[int((n + 1) / 2)] + value[int(n / 2) + 1]) / 2, n
			n = 0
		}
		$1 "," $2 != key { flush(); key = $1 "," $2 }
		{ value[++n] = $4 }
		END { flush() }'
}

# bench_times SHARE: all medians of the phases stock, ours, stock, ours.
bench_times()
{
	bench_medians stock 1 "$1/phase-1/bench.csv"
	bench_medians ours 1 "$1/phase-2/bench.csv"
	bench_medians stock 2 "$1/phase-3/bench.csv"
	bench_medians ours 2 "$1/phase-4/bench.csv"
	bench_medians stock all "$1"/phase-[13]/bench.csv
	bench_medians ours all "$1"/phase-[24]/bench.csv
}

# A table as arrays, numbers as numbers; "all" and "1" of a pass stay texts.
BENCH_ARRAYS='[inputs | split(",") | [.[0], .[1]] + (.[2:] | map(tonumber? // .))]'

bench_json()
{
	local dir=$1 name

	for name in times instructions bytes; do
		jq -Rn "$BENCH_ARRAYS" "$dir/$name.csv" >"$dir/$name.json" || return 1
	done
	# Where a measurement is missing there is no result at all, and -e minds.
	jq -ne --slurpfile times "$dir/times.json" --slurpfile counts "$dir/instructions.json" \
		--slurpfile bytes "$dir/bytes.json" --slurpfile more "$dir/more.json" \
		'$times[0] as $times | $counts[0] as $counts | $bytes[0] as $bytes
		| $more[0] as {$structs, $handlers, $machine, $commands}
		| '"$(cat "$TOP/tests/bench/figures.jq")"
}

# bench_more SHARE: what else is in the results.
bench_more()
{
	local stock ours=$BUILT/modules-$BENCH_SERIES/vfio-pci-core.ko

	stock=$(bench_stock_module)
	jq -n --arg kernel "$(head -n 1 "$1/l1-info")" --arg cpus "$(nproc)" \
		--arg scenario "./run bench: in L1, bench-host ${HOST_TEST[*]:1}; stock, ours, stock, ours" \
		--argjson ours "$(bench_struct "$ours" vfio_pci_vector)" \
		--argjson stock "$(bench_struct "$stock" vfio_pci_irq_ctx)" \
		--argjson handler_ours "$(bench_instructions "$ours" vfio_msi_handler)" \
		--argjson handler_stock "$(bench_instructions "$stock" vfio_msihandler)" '{
		structs: {$ours, $stock},
		handlers: {ours: $handler_ours, stock: $handler_stock},
		machine: {l1_kernel: $kernel, cpus: ($cpus | tonumber)},
		commands: {
			bind_cost_ratio_2048_2: $scenario,
			swap_cost_ratio_stock_ours: $scenario,
			handler_instructions: "make bench: callgrind, 100 interrupts, instructions of the handler itself",
			bytes_per_vector: "pahole -C vfio_pci_vector (stock: vfio_pci_irq_ctx) vfio-pci-core.ko; names counted by bench-sim bytes; as kmalloc() rounds it"
		}}'
}

# bench_plot DIRECTORY OUTPUT
bench_plot()
{
	local dir=$1 host

	for host in ours stock; do
		awk -F, -v host="$host" '$1 == host && $2 == "all" && $3 == "bind" { print $4, $5 / 1000 }' \
			"$dir/times.csv" >"$dir/host-$host-bind"
		# In the middle, on the logarithmic axis, of what a count is of.
		awk -F, -v host="$host" '$1 == host && $2 == "bind" && $4 == 0 {
			print sqrt($3 * ($3 - $5 + 1)), $6 / $5 }' \
			"$dir/instructions.csv" >"$dir/sim-$host-bind"
	done
	awk -F, '$1 == "stock" && $2 == "all" && $3 == "rebuild" { print $4, $5 / 1000 }' \
		"$dir/times.csv" >"$dir/host-stock-rebuild"
	awk -F, '$1 == "stock" && $2 == "rebuild" && $4 == 0 { print $3, $6 / $5 }' \
		"$dir/instructions.csv" >"$dir/sim-stock-rebuild"
	gnuplot -e "dir='$dir'; out='$2'; title_host='$(jq -r .machine.l1_kernel "$dir/kernel.json") in L1'" \
		"$TOP/tests/bench/bench.gnuplot"
}

# text | stock | ours (jq; an object with value and noise, or a number) | what it is
# divided by, for people
BENCH_ROWS='
bind one of vectors 2 to 65, us|.nanoseconds.stock.bind_2|.nanoseconds.ours.bind_2|1000
bind one of vectors 1985 to 2048, us|.nanoseconds.stock.bind_2048|.nanoseconds.ours.bind_2048|1000
all down and up again for 2048, us|.nanoseconds.stock.rebuild_2048|.nanoseconds.ours.rebuild_2048|1000
another eventfd for a vector, us|.nanoseconds.stock.swap|.nanoseconds.ours.swap|1000
the same eventfd again, us|.nanoseconds.stock.rebind|.nanoseconds.ours.rebind|1000
handler, instructions|.instructions.stock.interrupt|.instructions.ours.interrupt|1
handler in the module, instructions|.handler_instructions_in_modules.stock|.handler_instructions_in_modules.ours|1
bind vector 2, own instructions|.instructions.stock.bind_2|.instructions.ours.bind_2|1
bind vector 2048, own instructions|.instructions.stock.bind_2048|.instructions.ours.bind_2048|1
another eventfd, own instructions|.instructions.stock.swap|.instructions.ours.swap|1
memory of a vector, bytes|.bytes_per_vector.stock|.bytes_per_vector.ours|1
'

# bench_table FILE
bench_table()
{
	local text stock ours unit format='  %-38s %12s %9s %12s %9s\n' show

	show='if type == "object" then [.value, .noise] else [., 0] end
		| map(if . == null then "-" else . / $unit * 100 | round / 100 | tostring end) | join(" ")'
	status_clear
	echo
	# shellcheck disable=SC2059
	printf "$format" "$(jq -r .machine.l1_kernel "$1")" stock noise ours noise
	while IFS='|' read -r text stock ours unit; do
		[ -n "$text" ] || continue
		# shellcheck disable=SC2059,SC2046  # two words each
		printf "$format" "$text" $(jq -r --argjson unit "$unit" "$stock | $show" "$1") \
			$(jq -r --argjson unit "$unit" "$ours | $show" "$1")
	done <<<"$BENCH_ROWS"
	echo
	jq -r '"  one of the last 64 vectors costs \(.bind_cost_ratio_2048_2) times what one of the first 64 costs (noise \(.noise.bind_cost_ratio_2048_2); at most 1.5 is the aim)",
		"  another eventfd is \(.swap_cost_ratio_stock_ours) times cheaper than on stock (noise \(.noise.swap_cost_ratio_stock_ours); at least 5 is the aim)"' "$1"
	cat <<-END

	  Times: medians of single calls in L1. Each host was measured twice, in turn; noise
	  is by how much the two differ. Instructions: counted by callgrind on sim/, both
	  compiled with the same flags against the same headers; own are those of the
	  interrupt code, without what it calls. Noise there: between two rounds.
	END
}

# bench_model_table FILE
bench_model_table()
{
	jq -r '.figures as $f | def round2: . * 100 | round / 100;
		"",
		"  The device model, each beside its yardstick in the same run",
		"  NOOP descriptors a second            \(.noop_per_second | round)",
		"  Memory Move of 1 MiB / memcpy()      \(.memmove_ratio | round2)",
		"  register read / bare round trip      \(.mmio_read_ratio | round2)",
		"  portal to interrupt / bare eventfd   \($f.interrupt_ratio.value | round2)",
		"  bytes for a DMA mapping              \(.bytes_per_map | round)",
		"  ns for a look-up among \($f.maps)       \(.map_lookup_ns | round)"' "$1"
}

# bench_driver_table FILE
bench_driver_table()
{
	local text ours idxd

	echo
	{
		printf 'A descriptor, in the drivers (time in L1)\tours\tidxd\n'
		jq -r '["ns, without the three below", .ns_per_descriptor],
			["noise of that, of one", .noise],
			["ns of carrying it from and to a program", .interface_ns],
			["ns of waiting in the driver", .waiting_ns],
			["ns of the portal write, emulated", .portal_ns],
			["interrupts a second", .interrupts_per_second] |
			[.[0], .[1].ours, .[1].idxd] | @tsv' "$1"
	} | while IFS=$'\t' read -r text ours idxd; do
		printf '  %-42s %9s %9s\n' "$text" "$ours" "$idxd"
	done
	jq -r '"  ours costs \(.ratio) times what idxd does, noise \(.noise.ratio) (at most 1.1 is the aim)"' \
		"$1"
}

# report_bench NAME: the scenario is over; what it left, into RESULTS.
report_bench()
{
	local share=$CHAIN_DIR/share

	if [ -n "$CHAIN_REASON" ]; then
		chain_keep "$LOGS/$1"
		die "$1: $CHAIN_REASON
logs: $LOGS/$1"
	fi
	[ -z "$OUT" ] || chain_keep "$LOGS/$1"
	if [ "$1" = "$BENCH_DRIVER_SCENARIO" ]; then
		jq -s -f "$TOP/tests/bench/driver.jq" "$share"/phase-1/{ours,idxd}-*.json \
			>"$RESULTS/driver.json" || die "the results cannot be summed up"
		rm -rf "$CHAIN_DIR"
		return
	fi
	{
		bench_times "$share" >"$RESULTS/times.csv" &&
			cp "$BENCH_COUNTS/instructions.csv" "$BENCH_COUNTS/bytes.csv" "$RESULTS/" &&
			bench_more "$share" >"$RESULTS/more.json" &&
			bench_json "$RESULTS" >"$RESULTS/kernel.json"
	} || die "the results cannot be summed up"
	rm -rf "$CHAIN_DIR"
}

# ---- Command --------------------------------------------------------------------

command_bench()
{
	no_arguments
	needs "$BENCH_SCENARIO" "$BENCH_DRIVER_SCENARIO"
	begin "$PACKAGES$BENCH_PACKAGES" "${NEED_SERIES[@]}"
	build_for_chain "${NEED_SERIES[@]}"
	step_function bench-count "counting instructions" bench_count || die "make bench has failed"
	ready "${NEED_SERIES[@]}"
	RESULTS=$RUN_TMP/bench-results
	BENCH_COUNTS=$BUILT/bench-counts
	mkdir -p "$RESULTS"
	step_function bench-model "measuring the device model" bench_model "$RESULTS/model.json" ||
		die "bench-model has failed"
	# One after the other: times are the result.
	pool_run report_bench "$BENCH_SCENARIO"
	pool_run report_bench "$BENCH_DRIVER_SCENARIO"
	bench_plot "$RESULTS" "$RESULTS/kernel-bind" || die "gnuplot has failed"
	if [ -n "$OUT" ]; then
		cp "$RESULTS"/{kernel,model,driver}.json "$RESULTS"/kernel-bind.{svg,png} \
			"$RESULTS"/{times,instructions,bytes}.csv "$OUT/" || die "cannot write to $OUT"
	fi
	bench_table "$RESULTS/kernel.json"
	bench_model_table "$RESULTS/model.json"
	bench_driver_table "$RESULTS/driver.json"
}
