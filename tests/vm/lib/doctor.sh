# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What "wq-demo doctor" must say of the chain's host and of its guest: one line a check,
# its status and its name. It is run in both before the guest's test begins.

# What differs between hosts.
# kernel series (a beginning) vfio-pci QEMU : vfio-pci msix-growth noresize qemu : verdict
DOCTOR_HOSTS='
6.1   stock  7.2  : warn fail fail fail : loses
6.1   stock  10.0 : warn fail fail pass : loses
6.1   ours   10.0 : pass pass pass pass : ready
6.12  stock  10.0 : warn pass pass pass : ready
6.12  ours   7.2  : pass pass pass fail : loses
6.12  ours   10.0 : pass pass pass pass : ready
7     stock  11   : warn pass pass pass : ready
7     ours   11   : pass pass pass pass : ready
'

# Two lines about vectors: the device's, and all.
DOCTOR_HOST_LINES='
pass user
pass kernel
pass iommu
pass interrupt-remapping
%s vfio-pci
pass deny-list
%s msix-growth
pass device
pass iommu-group
%s noresize
pass vectors
pass vectors
pass nodes
pass kvm
%s qemu
'

# QEMU gives the guest no MOVDIR64B; eight stores will do for a device in software.
DOCTOR_GUEST_LINES='
pass user
pass kernel
pass device
pass driver
pass msix-table
warn movdir64b
pass blacklist
pass nodes
'

# The guest in which idxd has the device, without PASID, and the module that lends it the
# instruction is loaded. The second line of the device is about user queues.
DOCTOR_GUEST_IDXD_LINES='
pass user
pass kernel
pass device
warn device
warn driver
pass msix-table
pass dmatest
pass movdir64b
pass blacklist
pass nodes
'

# doctor_host_expected SERIES VFIO-PCI QEMU: lines, then "verdict WORD".
doctor_host_expected()
{
	local series=${1%%-*} statuses verdict

	statuses=$(awk -v key="$series $2 $3" -F' *: *' \
		'{ $1 = $1; split($1, k, " +"); if (k[1] " " k[2] " " k[3] == key) print $2 }' <<<"$DOCTOR_HOSTS")
	verdict=$(awk -v key="$series $2 $3" -F' *: *' \
		'{ split($1, k, " +"); if (k[1] " " k[2] " " k[3] == key) print $3 }' <<<"$DOCTOR_HOSTS")
	[ -n "$statuses" ] || return 1
	# shellcheck disable=SC2059,SC2086  # the format is above; words
	printf "$DOCTOR_HOST_LINES" $statuses | sed '/^$/d'
	echo "verdict $verdict"
}

# doctor_guest_expected BACKEND
doctor_guest_expected()
{
	case $1 in
	idxd) sed '/^$/d' <<<"$DOCTOR_GUEST_IDXD_LINES" ;;
	*)    sed '/^$/d' <<<"$DOCTOR_GUEST_LINES" ;;
	esac
	echo "verdict ready"
}

# doctor_compare EXPECTED FILE: true when the report in FILE has these lines and no
# others. Otherwise shows what differs.
doctor_compare()
{
	local found differences

	found=$(jq -r '(.checks[] | "\(.status) \(.check)"), "verdict \(.verdict)"' "$2" 2>/dev/null) || {
		echo "wq-demo doctor left no report in ${2##*/}"
		return 1
	}
	differences=$(diff <(echo "$1") <(echo "$found")) && return 0
	echo "wq-demo doctor, ${2##*/}: < expected, > found:"
	echo "$differences"
	jq -r '.checks[] | select(.status != "pass") | "\(.status) \(.check): \(.text)"' "$2"
	return 1
}

# doctor_check DIRECTORY VFIO-PCI: the reports of one phase, of the host and the guest.
doctor_check()
{
	local expected

	expected=$(doctor_host_expected "$L1_KERNEL" "$2" "$L1_QEMU") || {
		echo "DOCTOR_HOSTS has no line for $L1_KERNEL $2 $L1_QEMU"
		return 1
	}
	doctor_compare "$expected" "$1/doctor-host.json" || return 1
	doctor_compare "$(doctor_guest_expected "$BACKEND")" "$1/out/doctor-guest.json"
}

# doctor_self_test: that the comparison finds what differs, without a run.
doctor_self_test()
{
	local expected report=$RUN_TMP/doctor-report.json

	expected=$(doctor_host_expected 6.1-rt ours 10.0) || return 1
	jq -Rn '[inputs | split(" ")] | {verdict: (map(select(.[0] == "verdict"))[0][1]),
		checks: map(select(.[0] != "verdict") | {status: .[0], check: .[1], text: ""})}' \
		<<<"$expected" >"$report" || return 1
	doctor_compare "$expected" "$report" || return 1
	! doctor_compare "$(doctor_host_expected 6.1 stock 10.0)" "$report" >/dev/null || return 1
	! doctor_compare "$(sed '/^pass kvm$/d' <<<"$expected")" "$report" >/dev/null || return 1
	! doctor_compare "$expected" "$RUN_TMP/no-such-report" >/dev/null || return 1
	! doctor_host_expected 5.10 ours 10.0 >/dev/null
}
