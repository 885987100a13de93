# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Faults of the emulator that no test here can be blamed for, told apart by proof.
#
# QEMU's TCG, which runs L1, delivers an interrupt to L2 twice now and then: when
# VMRUN injects an external interrupt, helper_vmrun() (target/i386/tcg, svm_helper.c,
# up to 11.1 at least) leaves its vector in exception_index; if something kicks that
# virtual CPU before L2 exits or takes another interrupt, cpu_exec() finds the vector
# there and delivers it as an exception, which asks nobody whether interrupts are
# enabled. In the entry code, before SWAPGS, the guest's kernel dies of it.
#
# The same was seen in L1, at the instruction behind VMRUN, where the global interrupt
# flag is clear: KVM sets it again only when it has left __svm_vcpu_run().
#
# The proof is in the last words: a maskable interrupt that was taken in that function,
# or where the interrupt flag (bit 9 of EFLAGS) was clear. No processor does either.

# emulator_fault FILE: a console. True when it holds the proof, which is printed; the
# entry of an interrupt is followed by the registers of what it interrupted.
emulator_fault()
{
	awk '
	{
		sub(/\r$/, "")
	}
	/asm_(common_interrupt|sysvec_[a-z0-9_]+)\+0x/ && !/RIP: / && !/\? asm_/ {
		entry = $0
		sub(/^.*asm_/, "asm_", entry)
		sub(/\+.*$/, "", entry)
		where = ""
		left = 4
		next
	}
	/RIP: / && !/RIP: 0010:/ {
		left = 0
	}
	left > 0 && /RIP: / {
		where = $0
		sub(/^.*RIP: 0010:/, "", where)
		sub(/\+.*$/, "", where)
	}
	left > 0 && where != "" && /EFLAGS: [0-9a-f]+/ {
		flags = $0
		sub(/^.*EFLAGS: /, "", flags)
		sub(/[^0-9a-f].*$/, "", flags)
		if (substr(flags, length(flags) - 2, 1) !~ /[2367abef]/ || where == "__svm_vcpu_run") {
			printf "%s was entered from %s with interrupts disabled (EFLAGS %s)\n", entry, where, flags
			found = 1
			exit
		}
		left = 0
	}
	left > 0 {
		left--
	}
	END {
		exit !found
	}' "$1"
}

# Samples as they stand in consoles: found | text with \n for the end of a line.
EMULATOR_SAMPLES='
yes|[   15.1] Call Trace:\r\n[   15.1]  <ENTRY_TRAMPOLINE>\r\n[   15.1]  common_interrupt+0xf/0xa0\r\n[   15.1]  asm_common_interrupt+0x22/0x40\r\n[   15.1] RIP: 0010:asm_common_interrupt+0x3/0x40\r\n[   15.1] Code: 00 <fc> e8\r\n[   15.1] RSP: 0000:fffffe0000002fd0 EFLAGS: 00010002\r
yes| asm_sysvec_apic_timer_interrupt+0x16/0x20\nRIP: 0010:f+0x3/0x40\nRSP: 0018:ffffc90000003e38 EFLAGS: 00000046
yes|[  104.1]  asm_sysvec_reschedule_ipi+0x1a/0x20\r\n[  104.1] RIP: 0010:__svm_vcpu_run+0xa0/0x220 [kvm_amd]\r\n[  104.1] Code: 00\r\n[  104.1] RSP: 0018:ffffc90000437940 EFLAGS: 00010246\r
no| asm_common_interrupt+0x22/0x40\nRIP: 0010:default_idle+0xf/0x20\nCode: 00\nRSP: 0018:ffffffff82e03e98 EFLAGS: 00000246
no| ? asm_common_interrupt+0x22/0x40\nRIP: 0010:f+0x3/0x40\nRSP: 0018:ffffc90000003e38 EFLAGS: 00000046
no| asm_exc_page_fault+0x22/0x30\nRIP: 0010:exc_page_fault+0x15/0x170\nCode: 00\nRSP: 0000:fffffe0000002060 EFLAGS: 00010083
no| asm_common_interrupt+0x22/0x40\nRIP: 0033:0x5566ee846b70\nRSP: 002b:00007ffe36f382e8 EFLAGS: 00010202\nRIP: 0010:f+0x1/0x2\nRSP: 0018:0 EFLAGS: 00010002
no|RIP: 0010:asm_common_interrupt+0x3/0x40\nRSP: 0000:fffffe0000002fd0 EFLAGS: 00010002
no|Kernel panic - not syncing: Attempted to kill init!
'

emulator_self_test()
{
	local dir=$RUN_TMP/emulator line found status=0

	mkdir -p "$dir"
	while IFS= read -r line; do
		[ -n "$line" ] || continue
		printf '%b\n' "${line#*|}" >"$dir/sample"
		found=no
		emulator_fault "$dir/sample" >/dev/null && found=yes
		[ "$found" = "${line%%|*}" ] || {
			echo "found: $found, and should be: $line"
			status=1
		}
	done <<<"$EMULATOR_SAMPLES"
	return "$status"
}
