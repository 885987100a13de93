# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2153,SC2034
#
# Custody of interrupts: in each phase of a scenario the device's counters are taken
# before and after the guest runs, the host counts the signals of vfio-pci meanwhile,
# and wq-demo custody lays both beside the guest's ledger.

# What the table must be, for each expectation of expect.sh:
# name | condition (jq) on wq-demo-custody | in words
CUSTODY_EXPECTATIONS='
held|.verdict == "accounted" and .lost == 0|every interrupt accounted for, at each hop
stranded|.verdict == "lost" and .queues.lost["device-msix-off"] + .queues.lost.host > 0 and .queues.lost.unknown == 0|interrupts lost in the gap, by the device or on the way to a vfio-pci without a handler, and none unexplained
timed-out|.verdict == "lost" and .queues.lost["device-msix-off"] + .queues.lost.host > 0 and .queues.lost.unknown == 0 and .queues.lost.completion == 0|what dmatest was not told of: interrupts lost in the gap, by the device or on the way to a vfio-pci without a handler, and no completion
one-stranded|.verdict == "lost" and .lost == 1 and .queues.lost.device == 1|one interrupt lost, in the device
as-stock|.queues.lost.unknown == 0 and .queues.lost.completion == 0|none lost without a place
'

# What every table must have: all three documents, and exact counts wherever the kernel
# of the host can count for us.
# shellcheck disable=SC2016  # jq's variables
CUSTODY_ALWAYS='.has_device and .has_host and (.host_exact or $sampled) and
	.lost == .queues.guest.stranded + .queues.guest.missing and
	.queues.device.delivered >= .queues.guest.interrupted and
	(if .host_exact then .queues.signals >= .queues.guest.interrupted else true end)'

# Kernels without the histograms of tracing: ours with checks.
CUSTODY_SAMPLED='*-debug'

# ---- Asking the device --------------------------------------------------------

# custody_serve: L1 asks for the device's counters by a file that names another one,
# relative to what is shared; answered between two looks at the scenario.
custody_serve()
{
	local share=$CHAIN_DIR/share name tries=100

	[ -e "$share/request-device" ] || return 0
	name=$(cat "$share/request-device")
	rm -f "$CHAIN_DIR/model-stats.json"
	kill -USR1 "$MODEL_PID" 2>/dev/null || return 0
	while [ ! -s "$CHAIN_DIR/model-stats.json" ] && [ "$tries" -gt 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	[ -s "$CHAIN_DIR/model-stats.json" ] || return 0
	cp "$CHAIN_DIR/model-stats.json" "$share/$name"
	rm -f "$share/request-device"
	: >"$share/done-device"
}

# ---- The table ------------------------------------------------------------------

# custody_make NUMBER DIRECTORY RESULT: the table of one phase, as custody-NUMBER.json
# and .txt. Says why when that cannot be.
custody_make()
{
	local table=$CHAIN_DIR/custody-$1 status=0

	"$BUILT/wq-demo" custody "$3" "$2/host.json" "$2/device-after.json" \
		--before "$2/device-before.json" --json "$table.json" >"$table.txt" 2>&1 || status=$?
	[ "$status" -le 1 ] || { cat "$table.txt"; return 1; }
	custody_agrees "$table.json" "$status" || {
		echo "wq-demo custody ended with status $status, but says $(jq -c .verdict "$table.json")"
		return 1
	}
}

# custody_agrees FILE STATUS: the verdict is that of the exit status.
custody_agrees()
{
	jq -e --argjson status "$2" \
		'.verdict == (if $status == 0 then "accounted" else "lost" end)' "$1" >/dev/null
}

# custody_check EXPECTATION FILE KERNEL: true when the table is as expected. Otherwise
# says what it is not.
custody_check()
{
	local condition words sampled=false

	condition=$(awk -F'|' -v name="$1" '$1 == name { print $2 }' <<<"$CUSTODY_EXPECTATIONS")
	words=$(awk -F'|' -v name="$1" '$1 == name { print $3 }' <<<"$CUSTODY_EXPECTATIONS")
	[ -n "$condition" ] || { echo "CUSTODY_EXPECTATIONS has no $1"; return 1; }
	# shellcheck disable=SC2254  # a pattern
	case $3 in
	$CUSTODY_SAMPLED) sampled=true ;;
	esac
	jq -e --argjson sampled "$sampled" "$CUSTODY_ALWAYS" "$2" >/dev/null || {
		echo "custody: the table is not whole: $(custody_summary "$2")"
		return 1
	}
	jq -e "$condition" "$2" >/dev/null || {
		echo "custody: expected: $words"
		echo "but: $(custody_summary "$2")"
		return 1
	}
}

# custody_collect EXPECTATION NUMBER DIRECTORY RESULT: make the table and check it.
custody_collect()
{
	custody_make "$2" "$3" "$4" && custody_check "$1" "$CHAIN_DIR/custody-$2.json" "$L1_KERNEL"
}

# custody_summary FILE: on one line.
custody_summary()
{
	jq -r '"\(.verdict): \(.reason); lost: " +
		(.queues.lost | to_entries | map(select(.value > 0) | "\(.key) \(.value)") | join(", ")) +
		"; delivered \(.queues.device.delivered), signals \(.queues.signals)" +
		(if .host_exact then "" else " at least" end) +
		", handled \(.queues.guest.interrupts), interrupted \(.queues.guest.interrupted)"' "$1"
}

# custody_self_test: that the comparison finds what differs, without a run.
custody_self_test()
{
	local good=$RUN_TMP/custody-good.json bad=$RUN_TMP/custody-bad.json change

	jq -n '{verdict: "accounted", reason: "all", lost: 0, has_device: true, has_host: true,
		host_exact: true, queues: {signals: 5,
			device: {delivered: 5}, guest: {interrupts: 5, interrupted: 5, stranded: 0, missing: 0},
			lost: {"device-msix-off": 0, device: 0, unknown: 0, completion: 0}}}' >"$good" || return 1
	custody_check held "$good" 6.1 || return 1
	custody_agrees "$good" 0 || return 1
	! custody_agrees "$good" 1 || return 1
	for change in '.verdict = "lost"' '.has_host = false' '.has_device = false' \
		'.host_exact = false' '.queues.signals = 4' '.queues.device.delivered = 4' \
		'.lost = 1' '.queues.guest.stranded = 1' '.lost = 1 | .queues.guest.stranded = 1'; do
		jq "$change" "$good" >"$bad" || return 1
		! custody_check held "$bad" 6.1 >/dev/null || { echo "not noticed: $change"; return 1; }
	done
	jq '.host_exact = false' "$good" >"$bad" || return 1
	custody_check held "$bad" 6.12-debug || return 1
	! custody_check stranded "$good" 6.1 >/dev/null || return 1
	! custody_check no-such-name "$good" 6.1 >/dev/null || return 1
	jq '.verdict = "lost" | .lost = 1 | .queues.guest.stranded = 1
		| .queues.lost["device-msix-off"] = 1' "$good" >"$bad" || return 1
	custody_check stranded "$bad" 6.1 || return 1
	jq '.queues.lost.guest = .queues.lost["device-msix-off"]
		| .queues.lost["device-msix-off"] = 0' "$bad" >"$good.other" || return 1
	! custody_check stranded "$good.other" 6.1 >/dev/null || return 1
	custody_check as-stock "$bad" 6.1 || return 1
	! custody_check one-stranded "$bad" 6.1 >/dev/null || return 1
	! custody_check held "$bad" 6.1 >/dev/null
}
