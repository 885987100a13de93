# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2153,SC2317
#
# tests/vm/irq-lab: a program in L1 that drives SET_IRQS itself, on the stock and on
# our vfio-pci, one after the other in the same boot. What scenarios have in common,
# what must hold, the table and irq-lab.json.

# What ./run irq-lab runs, in this order; the first one is in ./run check, too.
LAB_SCENARIOS='irq-lab irq-lab-6.1'

# The short form, and what an account of at least 100000 interrupts takes.
LAB_SHORT='--rounds 1 --swaps 3000 --interrupts 5000 --repoints 30'
LAB_LONG='--rounds 5 --swaps 100000 --interrupts 100000 --repoints 500 --limit 3600'

# lab_scenario: the settings of such a scenario, for its L1_KERNEL. The environment
# says whether it is the long form.
lab_scenario()
{
	local options=$LAB_SHORT entries=512

	[ -z "${IRQ_LAB_LONG:-}" ] || options=$LAB_LONG entries=2048
	PHASES='stock ours'
	EXPECT='ran ran'
	PROVIDE="irq_lab irq_hold:$L1_KERNEL"
	MODEL_ARGS=(--profile spr --msix-disabled drop --msix-entries "$entries")
	# shellcheck disable=SC2206  # words
	HOST_TEST=(./run-irq-lab $options)
	HOST_FILES=(irq-lab "irq-hold-$L1_KERNEL/irq_hold.ko" tests/vm/irq-lab/run-irq-lab)
	LIMIT=600
	[ -z "${IRQ_LAB_LONG:-}" ] || LIMIT=9000
	compare()
	{
		lab_compare "$@"
	}
}

# lab_name SERIES: of the scenario for that kernel.
lab_name()
{
	case $1 in
	6.12) echo irq-lab ;;
	6.12-debug) echo debug-irq-lab ;;
	*) echo "irq-lab-$1" ;;
	esac
}

# ---- Building ---------------------------------------------------------------

provide_irq_lab()
{
	provide_program vm/irq-lab irq-lab
}

# provide_irq_hold SERIES
provide_irq_hold()
{
	provide_test_module irq-lab/hold irq-hold "$1"
}

# ---- Results ----------------------------------------------------------------

# Where the control must find losses whatever the host does.
LAB_CONTROL='control-rebuild'

# jq: the results of both hosts as one.
# shellcheck disable=SC2016  # jq's variables
LAB_MERGE='def figures: del(.name, .title);
	.[0] as $stock | .[1] as $ours
	| {kernel: $ours.kernel, vectors: $ours.vectors, confirm_ns: $ours.confirm_ns,
	   noresize: {stock: $stock.noresize, ours: $ours.noresize},
	   operations: [$stock.operations, $ours.operations] | transpose
		| map({name: .[1].name, title: .[1].title, same: (.[0].name == .[1].name),
		       stock: .[0] | figures, ours: .[1] | figures})}'

# What must hold of such a result: condition (jq) | in words. The last ones make sure
# that a loss would have been seen.
# shellcheck disable=SC2016  # jq's variables
LAB_RULES='
[.operations[] | .same and .stock != null] | all|both hosts have carried out the same operations
[.operations[] | select(.name != $control).ours.lost] | add == 0|ours loses no interrupt
[.operations[].ours | .kept == .bindings] | all|ours keeps every binding
[.operations[].ours.stray] | add == 0|ours signals no eventfd after it has been unbound
[.operations[].ours | .calls > 0 or (.note | startswith("not run"))] | all|every operation is carried out on ours
.operations[] | select(.name == "swap-fire").ours | .interrupts >= $interrupts and .calls >= $swaps|as many interrupts and changes as were asked for
.operations[] | select(.name == "repoint-accepted").ours | .accepted > 0|some interrupts were accepted when their vector was changed
[.operations[] | select(.name == $control) | .stock.lost > 0, .ours.lost > 0] | all|control: all down and up under fire loses interrupts, on both
.operations[] | select(.name == "range-bad-fd").stock | .kept < .bindings|control: stock loses bindings when a range fails
'

# lab_option NAME: its value in HOST_TEST.
lab_option()
{
	sed -n "s/^.*--$1 \([0-9]*\).*$/\1/p" <<<"${HOST_TEST[*]} "
}

# lab_compare STOCK OURS: the directories of the phases. Leaves irq-lab.json and
# irq-lab.txt; true when all rules hold.
lab_compare()
{
	local kept=$CHAIN_DIR/kept condition words status=0
	local result=$kept/irq-lab.json

	mkdir -p "$kept"
	jq -s "$LAB_MERGE" "$1/irq-lab.json" "$2/irq-lab.json" >"$result" || {
		echo "irq-lab left no results"
		return 1
	}
	lab_table "$result" >"$kept/irq-lab.txt"
	while IFS= read -r condition; do
		[ -n "$condition" ] || continue
		words=${condition##*|}
		condition=${condition%|*}
		jq -e --arg control "$LAB_CONTROL" --argjson swaps "$(lab_option swaps)" \
			--argjson interrupts "$(lab_option interrupts)" "$condition" "$result" \
			>/dev/null || { echo "expected: $words"; status=1; }
	done <<<"$LAB_RULES"
	[ "$status" -eq 0 ] || cat "$kept/irq-lab.txt"
	return "$status"
}

# lab_table FILE: for people.
lab_table()
{
	local format='%-36s %9s %9s %6s %6s %11s %11s %12s %12s\n'

	jq -r '"Linux \(.kernel), \(.vectors) vectors"' "$1"
	# shellcheck disable=SC2059
	{
		printf "$format" '' interrupts '' lost '' 'bindings kept' '' 'ns per call' ''
		printf "$format" operation stock ours stock ours stock ours stock ours
	}
	jq -r '.operations[] | [.title, .stock.interrupts, .ours.interrupts, .stock.lost, .ours.lost,
		"\(.stock.kept)/\(.stock.bindings)", "\(.ours.kept)/\(.ours.bindings)",
		.stock.nanoseconds, .ours.nanoseconds] | map(tostring) | join("|")' "$1" |
		while IFS='|' read -r -a row; do
			# shellcheck disable=SC2059
			printf "$format" "${row[@]}"
		done
	jq -r '.operations[] | .title as $title | ({stock}, {ours} | to_entries[])
		| select(.value.note != "") | "  \($title), \(.key): \(.value.note)"' "$1"
}

# report_irq_lab NAME: a scenario that is over, with its table.
report_irq_lab()
{
	local result=$CHAIN_DIR/kept/irq-lab

	if [ -s "$result.txt" ]; then
		status_clear
		sed 's/^/# /' "$result.txt"
		[ -z "$OUT" ] || cp "$result.json" "$OUT/$1.json"
	fi
	report_scenario "$1"
}
