# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What people and programs get to see: TAP lines with a tally, the table of
# ./run demo, the JSON files of --out.

# ---- TAP --------------------------------------------------------------------

TAP_NUMBER=0
TAP_PASSED=0
TAP_FAILED=0
TAP_SKIPPED=0

tap_plan()
{
	status_clear
	echo "TAP version 13"
	echo "1..$1"
}

# tap_result NAME STATUS SECONDS [WHY]: STATUS as of a command; 77 is skipped.
tap_result()
{
	status_clear
	TAP_NUMBER=$((TAP_NUMBER + 1))
	case $2 in
	0)
		TAP_PASSED=$((TAP_PASSED + 1))
		echo "ok $TAP_NUMBER - $1 # $3 s"
		;;
	77)
		TAP_SKIPPED=$((TAP_SKIPPED + 1))
		echo "ok $TAP_NUMBER - $1 # SKIP ${4:-}"
		;;
	*)
		TAP_FAILED=$((TAP_FAILED + 1))
		echo "not ok $TAP_NUMBER - $1 # $3 s"
		[ -z "${4:-}" ] || echo "# ${4//$'\n'/$'\n'# }"
		;;
	esac
}

# tap_summary: the last line; true when nothing has failed.
tap_summary()
{
	status_clear
	printf '%d passed, %d failed' "$TAP_PASSED" "$TAP_FAILED"
	[ "$TAP_SKIPPED" -eq 0 ] || printf ', %d skipped' "$TAP_SKIPPED"
	printf '\n'
	[ "$TAP_FAILED" -eq 0 ]
}

# ---- chain.json -------------------------------------------------------------

# chain_json_add FILE NAME EXPECTATION RESULT SECONDS
chain_json_add()
{
	local new=$1.new

	[ -s "$1" ] || echo '[]' >"$1"
	jq --arg name "$2" --arg expectation "$3" --arg result "$4" --argjson seconds "$5" \
		'. + [{name: $name, expectation: $expectation, result: $result, seconds: $seconds}]' \
		"$1" >"$new" &&
		mv "$new" "$1"
}

# ---- The demo's table -------------------------------------------------------

# demo_row TEXT LEFT RIGHT
demo_row()
{
	printf '  %-35s %-25s %s\n' "$1" "$2" "$3"
}

# demo_rows FILE FILE TEXT=CONDITION...: one row for each jq expression.
demo_rows()
{
	local left=$1 right=$2 row

	shift 2
	for row in "$@"; do
		demo_row "${row%%=*}" "$(jq -r "${row#*=}" "$left")" "$(jq -r "${row#*=}" "$right")"
	done
}

# demo_report STOCK OURS: two results side by side.
demo_report()
{
	status_clear
	echo
	demo_row '' 'Debian 12 as it is' 'with our vfio-pci'
	demo_rows "$1" "$2" \
		'host kernel=.chain.l1_kernel' \
		'host vfio-pci=.chain.vfio_pci' \
		'host QEMU=.chain.l1_qemu' \
		'guest kernel=.chain.l2_kernel'
	echo
	demo_rows "$1" "$2" \
		'rounds, the driver loaded anew=.rounds | length' \
		'queues brought up=.bring_ups' \
		'descriptors=.descriptors' \
		'interrupted=.interrupted' \
		'stranded (interrupt lost)=.stranded' \
		'missing (completion lost)=.missing' \
		'verdict=.verdict | ascii_upcase'
	echo
	echo '  Where they were lost: counted by the device, the host and the guest, of the'
	echo '  vectors that queues have (wq-demo custody)'
	demo_rows "$1" "$2" \
		'device: messages raised=.custody.queues.device.raised' \
		'device: sent to the host=.custody.queues.device.delivered' \
		'host: signalled by vfio-pci=.custody.queues.signals' \
		'guest: handler ran, found something=.custody.queues.guest | .interrupts - .interrupts_spurious' \
		'lost=.custody.lost' \
		'  in the device, MSI-X was off=.custody.queues.lost["device-msix-off"]' \
		'  between device and vfio-pci=.custody.queues.lost.host' \
		'  between vfio-pci and guest=.custody.queues.lost.guest' \
		'  elsewhere=.custody | .lost - .queues.lost["device-msix-off"] - .queues.lost.host
			- .queues.lost.guest'
	echo
}

# demo_custody NAME FILE: the table of one host, as it ends.
demo_custody()
{
	status_clear
	echo
	echo "$1:"
	echo
	sed 's/^./  &/' "$2"
}

# demo_draw OUTPUT FILE...: a picture. Without it the demo goes on.
demo_draw()
{
	local output=$1

	shift
	if "$BUILT/wq-demo" report "$@" -o "$output"; then
		echo "  $output"
	else
		warn "there is no $output"
	fi
}

# demo_pictures DIRECTORY STOCK OURS: what happened, drawn.
demo_pictures()
{
	mkdir -p "$1" || return 1
	if ! command -v gnuplot >/dev/null; then
		echo 'No pictures: there is no gnuplot (apt-get install gnuplot-nox).'
		return 0
	fi
	echo 'Pictures: the timeline of each host, both on one page'
	demo_draw "$1/debian12-stock.png" "$2"
	demo_draw "$1/debian12-stock.svg" "$2"
	demo_draw "$1/debian12-ours.png" "$3"
	demo_draw "$1/debian12-ours.svg" "$3"
	demo_draw "$1/demo.html" "$2" "$3"
	echo
}

# demo_verdict STOCK OURS: the sentence at the end; true when the problem and
# its cure have both been shown.
demo_verdict()
{
	local lost kept descriptors

	lost=$(jq -r .stranded "$1")
	kept=$(jq -r .stranded "$2")
	descriptors=$(jq -r .descriptors "$2")
	if [ "$lost" -gt 0 ] && [ "$kept" -eq 0 ] && [ "$(jq -r .verdict "$2")" = held ]; then
		echo "Shown: the stock host lost $lost completion interrupts while queues came up, ours none of $descriptors."
		return 0
	fi
	[ "$lost" -gt 0 ] ||
		echo "Not shown: the stock host lost no interrupt in this run. Run it again."
	[ "$kept" -eq 0 ] && [ "$(jq -r .verdict "$2")" = held ] ||
		echo "Not shown: our host did not hold: $(expect_summary "$2")"
	return 1
}
