/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * /dev/irq_hold: a write keeps the calling processor with interrupts off.
 *
 * For a test that must know that an interrupt has been accepted by a processor
 * (it is in the local APIC's request register) but not been served.
 */
#ifndef IRQ_HOLD_H
#define IRQ_HOLD_H

#include <linux/types.h>

/**
 * struct irq_hold_page - what mmap() of the device shows, at offset 0
 * @release: set by the user: enough, interrupts on again
 * @held: set by the module: interrupts are off now
 * @accepted: number of the first device vector that has been requested since; 0: none
 *
 * A write clears @held and @accepted first. The user clears @release before.
 */
struct irq_hold_page {
	__u32 release;
	__u32 held;
	__u32 accepted;
};

/* A hold ends by itself after this many milliseconds; write() then fails with ETIME. */
#define IRQ_HOLD_LONGEST_MS 500

#endif /* IRQ_HOLD_H */
