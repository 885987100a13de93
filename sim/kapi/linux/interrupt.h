/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: requesting irqs (kapi/irq.c). */
#ifndef KAPI_LINUX_INTERRUPT_H
#define KAPI_LINUX_INTERRUPT_H

#include <linux/irqreturn.h>
#include <linux/kernel.h>

#define IRQF_SHARED 0x080UL
#define IRQF_ONESHOT 0x2000UL
#define IRQF_NO_AUTOEN 0x80000UL
#define IRQ_NOTCONNECTED (1U << 31)

typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);

int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags,
		const char *name, void *dev_id);
const void *free_irq(unsigned int irq, void *dev_id);
void enable_irq(unsigned int irq);
void disable_irq_nosync(unsigned int irq);
void disable_irq(unsigned int irq);
void synchronize_irq(unsigned int irq);

#endif /* KAPI_LINUX_INTERRUPT_H */
