/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: what an irq is made of. */
#ifndef KAPI_LINUX_IRQ_H
#define KAPI_LINUX_IRQ_H

#include <linux/interrupt.h>
#include <linux/spinlock.h>

struct msi_desc;

#define IRQ_DISABLE_UNLAZY (1UL << 19)

/* Embedded in struct irq_desc; an interrupt domain's view of the irq. */
struct irq_data {
	unsigned int irq;
};

void irq_set_status_flags(unsigned int irq, unsigned long set);
void irq_clear_status_flags(unsigned int irq, unsigned long clear);
struct irq_data *irq_get_irq_data(unsigned int irq);
struct msi_desc *irq_get_msi_desc(unsigned int irq);

#endif /* KAPI_LINUX_IRQ_H */
