#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What judges the clients of tests/outside: how the scripts in L1 come to a result, what
# a scenario makes of it, and the table and JSON of ./run outside.

# shellcheck disable=SC2034  # read by what is sourced
set -u

top=$(cd "${srcdir:-.}" && pwd)
# shellcheck source=tests/unit/check.sh
. "$top/tests/unit/check.sh"

command -v jq >/dev/null || { echo "jq is not installed"; exit 77; }

# equal NAME EXPECTED ACTUAL
equal()
{
	[ "$2" = "$3" ]
	result "$1" $? "expected
$2
but got
$3"
}

# ---- strangers-lib --------------------------------------------------------------

cat >"$tmp/script" <<'END'
STRANGERS=
. "$1"
tell()
{
	:
}
kernel_mark()
{
	:
}
kernel_since()
{
	:
}
test_good()
{
	name=other client=other test=other
	note first
	note second
}
test_bad()
{
	[ 1 = 2 ] || why "1 is not 2"
	note "went on"
	[ 2 = 3 ] || why "2 is not 3"
}
test_false()
{
	return 3
}
test_skipped()
{
	skip "nothing there" && return
	why "not reached"
}
test_bad_and_skipped()
{
	skip "no reason to hide"
	why "a failure"
}
cannot_disable && why "no file, but disabling is not possible"
echo "the kernel crashes" >no-disable
test_flawed()
{
	cannot_disable && return
	why "not reached"
}
run_tests client good bad false skipped bad_and_skipped flawed
END

mkdir "$tmp/out"
(cd "$tmp" && OUT=$tmp/out BDF=none PHASE=unit sh ./script "$top/tests/outside/strangers-lib") >"$tmp/log" 2>&1
equal "failed tests do not end the script with an error" 0 $?
equal "results" "client	good	pass	first; second
client	bad	fail	1 is not 2; 2 is not 3 (went on)
client	false	fail	ended with status 3
client	skipped	skip	nothing there
client	bad_and_skipped	fail	a failure
client	flawed	skip	the kernel crashes" "$(cat "$tmp/out/results.tsv")"
equal "TAP" "1..6
ok 1 - client good # first; second
not ok 2 - client bad # 1 is not 2; 2 is not 3 (went on)
not ok 3 - client false # ended with status 3
ok 4 - client skipped # SKIP nothing there
not ok 5 - client bad_and_skipped # a failure
ok 6 - client flawed # SKIP the kernel crashes" "$(cat "$tmp/out/test.tap")"

# ---- run-dpdk -------------------------------------------------------------------

eval "$(sed -n '/^parts()/,/^}/p' "$top/tests/outside/run-dpdk")"
OUT=$tmp BDF=0000:00:06.0
printf '%s\n' 'Total tests   : 11' '### Test dmadev instance 0 [0000:00:06.0-q0]' \
	'DMA Dev 0: Running copy Tests  ' >"$tmp/dpdk.log"
printf 'Ops submitted: 133\tErrors: 0\rOps submitted: 266\tErrors: 0\r\n' >>"$tmp/dpdk.log"
printf '%s\n' 'DMA Dev 0: Running error handling Tests (errors expected)' \
	'DMA Dev 0: No device fill support, skipping fill tests' '' \
	'### Test dmadev instance 1 [0000:00:06.0-q1]' 'DMA Dev 1: Running copy Tests  ' >"$tmp/end"
cp "$tmp/dpdk.log" "$tmp/begin"
cat "$tmp/end" >>"$tmp/dpdk.log"
echo 'Test Failed' >>"$tmp/dpdk.log"
DPDK_PARTS='dpdk	queue 0 copy	pass	
dpdk	queue 0 error handling	pass	
dpdk	queue 0 fill	skip	No device fill support	
dpdk	queue 1 copy	'
equal "DPDK: the part in which it failed" "${DPDK_PARTS}fail	" "$(parts)"
{
	cat "$tmp/begin" "$tmp/end"
	printf '%s\n' '### Test dmadev instance 2 [dma_skeleton]' 'DMA Dev 2: Running copy Tests  ' 'Test OK'
} >"$tmp/dpdk.log"
equal "DPDK: its own device is no result" "${DPDK_PARTS}pass	" "$(parts)"
cat "$tmp/begin" >"$tmp/dpdk.log"
equal "DPDK: a part without an end" 'dpdk	queue 0 copy	fail	' "$(parts)"

# ---- strangers.sh ---------------------------------------------------------------

# shellcheck source=/dev/null
. "$top/tests/vm/lib/strangers.sh"
# shellcheck source=/dev/null
. "$top/tests/vm/lib/outside.sh"

equal "what has failed is named" "client bad: 1 is not 2; 2 is not 3 (went on)
client false: ended with status 3
client bad_and_skipped: a failure
1" "$(strangers_failed "$tmp/out"; echo $?)"
mkdir "$tmp/fine" "$tmp/empty"
grep -v '	fail	' "$tmp/out/results.tsv" >"$tmp/fine/results.tsv"
equal "skips are no failures" 0 "$(strangers_failed "$tmp/fine"; echo $?)"
equal "no results at all are a failure" "it left no results
1" "$(strangers_failed "$tmp/empty"; echo $?)"

equal "a control that is caught" 0 "$(strangers_caught "$tmp/out" client bad '2 is not 3'; echo $?)"
equal "a control that fails elsewhere" 1 \
	"$(strangers_caught "$tmp/out" client good '2 is not 3' >"$tmp/said"; echo $?)"
equal "a control that fails otherwise" 1 \
	"$(strangers_caught "$tmp/out" client bad '2 is not 4' >"$tmp/said"; echo $?)"
equal "a control that is not caught" "client has not found what the device did
1" "$(strangers_caught "$tmp/fine" client bad ''; echo $?)"

# flaw BODY: what is said of a driver whose function has that body.
flaw()
{
	printf 'static void idxd_device_evl_free(struct idxd_device *idxd)\n{\n%s\n}\n' "$1" >"$tmp/device.c"
	idxd_flaw "$tmp/device.c"
}

equal "a check of the pointer is found" "" "$(flaw '	if (!evl)
		return;
	mutex_lock(&evl->lock);')"
equal "a check of the register is found" "" "$(flaw '	if (!gencfg.evl_en)
		return;
	mutex_lock(&evl->lock);')"
equal "no check is found" 1 "$(flaw '	mutex_lock(&evl->lock);
	gencfg.evl_en = 0;' | grep -c 'crashes this kernel')"
echo 'static void other(void)' >"$tmp/device.c"
equal "a driver without event log is fine" "" "$(idxd_flaw "$tmp/device.c")"

# forgets FUNCTION: what is said of a driver in which that function gives the handle up.
forgets()
{
	printf 'void %s(struct idxd_wq *wq)\n{\n\tie->int_handle = INVALID_INT_HANDLE;\n}\n' "$1" >"$tmp/device.c"
	idxd_forgets "$tmp/device.c"
}

equal "a handle that is given up with a client is found" 1 \
	"$(forgets idxd_wq_flush_descs | grep -c 'takes the interrupt handle')"
equal "one that is given up with the queue is fine" "" "$(forgets idxd_wq_free_irq)"

# ---- outside.sh -----------------------------------------------------------------

PHASES='stock ours' CHAIN_DIR=$tmp/chain RESULTS=$tmp CHAIN_REASON=
mkdir -p "$CHAIN_DIR"/share/phase-{1,2}
printf '%s\t%s\t%s\t%s\n' dsa one pass '' dsa two skip 'no iommufd' \
	dsa 'vfio_pci_driver_test three' pass '' >"$CHAIN_DIR/share/phase-1/results.tsv"
printf '%s\t%s\t%s\t%s\n' dsa one pass '' igb two fail '' >"$CHAIN_DIR/share/phase-2/results.tsv"
outside_collect outside-6.12
PHASES=stock
cp "$tmp/out/results.tsv" "$CHAIN_DIR/share/phase-1/"
outside_collect idxd-7
rm "$CHAIN_DIR/share/phase-1/results.tsv"
CHAIN_REASON='L1 has ended	too early
and more'
outside_collect dpdk
outside_json "$tmp/outside.tsv" >"$tmp/outside.json"
equal "JSON" 'outside-6.12 stock vfio selftests, dsa: 2 1 0 1
outside-6.12 stock vfio selftests, dsa driver: 1 1 0 0
outside-6.12 ours vfio selftests, dsa: 1 1 0 0
outside-6.12 ours vfio selftests, igb: 1 0 1 0
idxd-7 stock client: 6 1 3 2
dpdk all DPDK: 1 0 1 0' "$(jq -r '.[] | "\(.scenario) \(.phase) \(.client): \(.tests) \(.passed) \(.failed) \(.skipped | length)"' "$tmp/outside.json")"
equal "reasons" 'no iommufd
nothing there
the kernel crashes' "$(jq -r '.[].skipped[].reason' "$tmp/outside.json")"
equal "what has passed is named" 'vfio_pci_driver_test three' \
	"$(jq -r '.[] | select(.client == "vfio selftests, dsa driver").passes[]' "$tmp/outside.json")"
equal "a scenario that broke off says why" 'L1 has ended too early' \
	"$(jq -r '.[] | select(.scenario == "dpdk").failures[].reason' "$tmp/outside.json")"
outside_table "$tmp/outside.json" >"$tmp/table"
equal "table" 1 "$(grep -cE '^  idxd-7 +client +stock +6 +1 +3 +2$' "$tmp/table")"
equal "table: failures" 5 "$(grep -c '^  failed: ' "$tmp/table")"
equal "table: skips" 1 "$(grep -cF '  skipped: client: the kernel crashes (1)' "$tmp/table")"

# A control is no client.
cp "$tmp/outside.tsv" "$tmp/before"
# shellcheck disable=SC2317  # called by report_outside
report_scenario()
{
	:
}
report_outside dpdk-stuck
equal "a control is not among the results" "$(cat "$tmp/before")" "$(cat "$tmp/outside.tsv")"

exit "$failed"
