# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Searches kernel logs for what must not be there, and proves on every run that
# it would have been found: each level writes one control line that looks like a
# warning, and a log without it has not been captured.

# One extended regular expression a line.
LOGSCAN_PATTERNS='WARNING:
BUG:
kernel BUG at
Oops:
general protection fault
Unable to handle kernel
unable to handle page fault
Call Trace:
Kernel panic
INFO: possible (circular|recursive|irq lock inversion)
INFO: inconsistent lock state
possible (circular|recursive) locking
inconsistent .* usage
suspicious RCU usage
detected stalls on CPUs
self-detected stall
soft lockup
blocked for more than [0-9]+ seconds
nobody cared
No irq handler for vector
KASAN:
UBSAN:
refcount_t:
list_(add|del) corruption
scheduling while atomic
sleeping function called from invalid context
DMAR: .*fault
genirq: Flags mismatch
WARNING: possible
kmemleak: [0-9]+ new suspected memory leaks
ODEBUG:
trying to register non-static key'

LOGSCAN_CONTROL='WARNING: chain control line, level'

# Lines that are no offence: an extended regular expression, or nothing.
LOGSCAN_IGNORE=

# logscan FILE: prints the offending lines; true when there are none.
logscan()
{
	! grep -anE -f <(printf '%s\n' "$LOGSCAN_PATTERNS") -- "$1" | grep -vF "$LOGSCAN_CONTROL" |
		grep -vE -- "${LOGSCAN_IGNORE:-^\$}"
}

# logscan_controlled FILE LEVEL: true when the control line of LEVEL is found by
# the same search.
logscan_controlled()
{
	# Not grep -q: it would leave while the first one still writes, which then fails.
	grep -aE -f <(printf '%s\n' "$LOGSCAN_PATTERNS") -- "$1" |
		grep -F "$LOGSCAN_CONTROL $2" >/dev/null
}

# logscan_self_test: each sample must be found, an ordinary log must not.
# Samples are one for each pattern, in the same order.
LOGSCAN_SAMPLES='WARNING: CPU: 0 PID: 1 at drivers/vfio/pci/vfio_pci_core.c:100 f+0x1/0x2
BUG: kernel NULL pointer dereference, address: 0000000000000000
kernel BUG at mm/slub.c:400!
Oops: 0002 [#1] PREEMPT SMP NOPTI
general protection fault, probably for non-canonical address
Unable to handle kernel paging request
BUG: unable to handle page fault for address: ffff
Call Trace:
Kernel panic - not syncing: Attempted to kill init!
INFO: possible recursive locking detected
INFO: inconsistent lock state
WARNING: possible circular locking dependency detected
inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage.
WARNING: suspicious RCU usage
rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: INFO: rcu_preempt self-detected stall on CPU
watchdog: BUG: soft lockup - CPU#0 stuck for 22s!
INFO: task qemu:100 blocked for more than 120 seconds.
irq 24: nobody cared (try booting with the "irqpoll" option)
__common_interrupt: 0.34 No irq handler for vector
BUG: KASAN: use-after-free in f
UBSAN: shift-out-of-bounds in f.c:1:2
refcount_t: underflow; use-after-free.
list_del corruption. prev->next should be ffff
BUG: scheduling while atomic: wq-demo/100
BUG: sleeping function called from invalid context at f.c:1
DMAR: [DMA Write NO_PASID] Request device [00:04.0] fault addr 0x0
genirq: Flags mismatch irq 0. 00000080 (a) vs. 00015a00 (b)
WARNING: possible irq lock inversion dependency detected
kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
ODEBUG: free active (active state 0) object: ffff object type: timer_list
INFO: trying to register non-static key.'

LOGSCAN_CLEAN='Linux version 6.1.0 (debian-kernel@lists.debian.org)
Warning: unusual but harmless
DMAR: IOMMU enabled
kvm: Nested Virtualization enabled
ACPI BIOS Warning (bug): in a table
vfio-pci 0000:00:04.0: enabling device (0000 -> 0002)'

logscan_self_test()
{
	local dir=$RUN_TMP/logscan sample pattern number=0 status=0

	mkdir -p "$dir"
	while read -r sample; do
		number=$((number + 1))
		pattern=$(sed -n "${number}p" <<<"$LOGSCAN_PATTERNS")
		echo "$sample" >"$dir/sample"
		if logscan "$dir/sample" >/dev/null; then
			echo "not found: $sample"
			status=1
		fi
		if ! grep -qE -- "$pattern" "$dir/sample"; then
			echo "pattern $number, \"$pattern\", does not match its sample"
			status=1
		fi
	done <<<"$LOGSCAN_SAMPLES"
	if [ "$number" -ne "$(wc -l <<<"$LOGSCAN_PATTERNS")" ]; then
		echo "$number samples for $(wc -l <<<"$LOGSCAN_PATTERNS") patterns"
		status=1
	fi
	echo "$LOGSCAN_CLEAN" >"$dir/sample"
	if ! logscan "$dir/sample"; then
		echo "found in an ordinary log: the lines above"
		status=1
	fi
	printf 'BUG: this\nBUG: that\n' >"$dir/sample"
	[ "$(LOGSCAN_IGNORE='BUG: th.s' logscan "$dir/sample")" = '2:BUG: that' ] || {
		echo "LOGSCAN_IGNORE does not take away just what it says"
		status=1
	}
	if logscan_controlled "$dir/sample" 1; then
		echo "control line found where there is none"
		status=1
	fi
	echo "$LOGSCAN_CONTROL 1" >"$dir/sample"
	for number in {1..20000}; do
		echo "BUG: $number"
	done >>"$dir/sample"
	if ! logscan_controlled "$dir/sample" 1 || logscan_controlled "$dir/sample" 2; then
		echo "control line not told apart by level"
		status=1
	fi
	return "$status"
}
