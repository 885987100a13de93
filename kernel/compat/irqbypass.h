/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A producer's token and irq were fields the caller filled in and, after a
 * failure, had to clear; newer kernels (HAVE_IRQBYPASS_EVENTFD) take them as
 * arguments. With both, unregistering what is not registered does nothing.
 */
#ifndef COMPAT_IRQBYPASS_H
#define COMPAT_IRQBYPASS_H

#include <linux/irqbypass.h>

struct eventfd_ctx;

#ifdef HAVE_IRQBYPASS_EVENTFD

static inline int vfio_compat_bypass_register(struct irq_bypass_producer *producer,
					      struct eventfd_ctx *trigger, int irq)
{
	return irq_bypass_register_producer(producer, trigger, irq);
}

static inline void vfio_compat_bypass_unregister(struct irq_bypass_producer *producer)
{
	irq_bypass_unregister_producer(producer);
}

#else

static inline int vfio_compat_bypass_register(struct irq_bypass_producer *producer,
					      struct eventfd_ctx *trigger, int irq)
{
	int ret;

	producer->token = trigger;
	producer->irq = irq;
	ret = irq_bypass_register_producer(producer);
	if (ret)
		producer->token = NULL;

	return ret;
}

static inline void vfio_compat_bypass_unregister(struct irq_bypass_producer *producer)
{
	irq_bypass_unregister_producer(producer);
	producer->token = NULL;
}

#endif /* HAVE_IRQBYPASS_EVENTFD */
#endif /* COMPAT_IRQBYPASS_H */
