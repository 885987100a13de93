#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2034,SC2154
# What tests/vm/lib/lab.sh demands of two results of irq-lab: a good pair passes, and
# each single thing that is not so is found, with its words.
set -u

lab=${IRQ_LAB:-./tests/vm/irq-lab/irq-lab}
command -v jq >/dev/null || { echo "skipped: jq is not installed"; exit 77; }
# shellcheck source=/dev/null
. "${srcdir:-.}/tests/vm/lib/lab.sh"
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/stock" "$dir/ours"
CHAIN_DIR=$dir
HOST_TEST=(./run-irq-lab --rounds 1 --swaps 30 --interrupts 50 --repoints 2)

# host NAME: a result with all operations, as a host without faults has it.
host()
{
	"$lab" --list | jq -R -s --arg name "$1" '
		{kernel: "1.2", vfio_pci: $name, vectors: 16, confirm_ns: 1, noresize: false,
		 operations: [split("\n")[] | select(. != "") | split(" ")[0] | {name: .,
			title: ., interrupts: 50, lost: 0, kept: 4, bindings: 4,
			nanoseconds: 9, calls: 30, worst_nanoseconds: 9, accepted: 2, late: 0,
			extra: 0, stray: 0, note: ""}]}
		| (.operations[] | select(.name == "control-rebuild")).lost = 3' >"$dir/$1/good"
}

failed=0
# compares STATUS TEXT: with the results as they are.
compares()
{
	local got=0

	lab_compare "$dir/stock" "$dir/ours" >"$dir/answer" 2>&1 || got=1
	if [ "$got" -eq "$1" ] && grep -qF -e "$2" "$dir/answer" "$dir/kept/irq-lab.txt"; then
		echo "ok - $2"
	else
		echo "not ok - status $got, expected $1 and '$2':"
		cat "$dir/answer"
		failed=1
	fi
}

# finds TEXT HOST CHANGE: this (jq) makes the good pair a bad one.
finds()
{
	cp "$dir/stock/good" "$dir/stock/irq-lab.json"
	cp "$dir/ours/good" "$dir/ours/irq-lab.json"
	jq "def op(name): .operations[] | select(.name == name); $3" "$dir/$2/good" \
		>"$dir/$2/irq-lab.json" || failed=1
	compares 1 "$1"
}

host stock
host ours
jq '(.operations[] | select(.name == "range-bad-fd")).kept = 1' "$dir/stock/good" >"$dir/new"
mv "$dir/new" "$dir/stock/good"
cp "$dir/stock/good" "$dir/stock/irq-lab.json"
cp "$dir/ours/good" "$dir/ours/irq-lab.json"
compares 0 'Linux 1.2, 16 vectors'

finds 'carried out the same operations' stock 'del(.operations[-1])'
finds 'carried out the same operations' ours 'del(.operations[0])'
finds 'ours loses no interrupt' ours 'op("swap-fire").lost = 1'
finds 'ours loses no interrupt' ours 'op("repoint-accepted").lost = 1'
finds 'ours keeps every binding' ours 'op("range-bad-fd").kept = 3'
finds 'no eventfd after it has been unbound' ours 'op("swap").stray = 1'
finds 'every operation is carried out on ours' ours 'op("reset").calls = 0'
finds 'as many interrupts and changes' ours 'op("swap-fire").interrupts = 49'
finds 'as many interrupts and changes' ours 'op("swap-fire").calls = 29'
finds 'were accepted when their vector was changed' ours 'op("repoint-accepted").accepted = 0'
finds 'control: all down and up' ours 'op("control-rebuild").lost = 0'
finds 'control: all down and up' stock 'op("control-rebuild").lost = 0'
finds 'control: stock loses bindings' stock 'op("range-bad-fd").kept = 4'
rm "$dir/ours/irq-lab.json"
compares 1 'irq-lab left no results'
exit $failed
