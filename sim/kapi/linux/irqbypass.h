/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: producers and consumers of bypassed irqs (kapi/bypass.c). */
#ifndef KAPI_LINUX_IRQBYPASS_H
#define KAPI_LINUX_IRQBYPASS_H

#include <linux/types.h>

struct eventfd_ctx;
struct kapi_consumer;

/**
 * struct irq_bypass_producer - an irq that may bypass its handler
 * @consumer: connected, or NULL
 * @next: in the list of producers
 */
struct irq_bypass_producer {
#ifdef HAVE_IRQBYPASS_EVENTFD
	struct eventfd_ctx *eventfd;
#else
	void *token;
#endif
	int irq;
	struct kapi_consumer *consumer;
	struct irq_bypass_producer *next;
};

#ifdef HAVE_IRQBYPASS_EVENTFD
int irq_bypass_register_producer(struct irq_bypass_producer *producer,
				 struct eventfd_ctx *eventfd, int irq);
#else
int irq_bypass_register_producer(struct irq_bypass_producer *producer);
#endif
void irq_bypass_unregister_producer(struct irq_bypass_producer *producer);

#endif /* KAPI_LINUX_IRQBYPASS_H */
