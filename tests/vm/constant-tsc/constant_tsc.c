// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells the kernel of L1 that its time stamp counter runs at a constant rate, for
 * tests only. On PREEMPT_RT kvm loads on no other processor. QEMU's emulation keeps
 * the rate, but has no means to announce it (CPUID 80000007h, EDX bit 8).
 */

#include <linux/module.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>

static int __init constant_tsc_init(void)
{
	set_cpu_cap(&boot_cpu_data, X86_FEATURE_CONSTANT_TSC);
	pr_info("constant_tsc: announced\n");
	return 0;
}
module_init(constant_tsc_init);

MODULE_DESCRIPTION("Announces a constant time stamp counter, in tests under emulation");
MODULE_LICENSE("GPL");
