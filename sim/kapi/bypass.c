// SPDX-License-Identifier: GPL-2.0-only
/*
 * Producers and consumers are matched by eventfd; a connected pair posts. The
 * two shapes of the interface behave alike.
 */
#include <errno.h>
#include <stdlib.h>

#include <linux/irqbypass.h>
#include <linux/lockdep.h>

#include "bypass.h"
#include "fault.h"
#include "files.h"
#include "point.h"
#include "../sim.h"

/* @posted: since the last read */
struct kapi_consumer {
	struct eventfd_ctx *ctx;
	struct irq_bypass_producer *producer;
	u64 posted;
	struct kapi_consumer *next;
};

static struct irq_bypass_producer *producers;
static struct kapi_consumer *consumers;

static void *token_of(const struct irq_bypass_producer *producer)
{
#ifdef HAVE_IRQBYPASS_EVENTFD
	return producer->eventfd;
#else
	return producer->token;
#endif
}

static struct kapi_consumer *find_consumer(const void *token)
{
	struct kapi_consumer *c;

	for (c = consumers; c && c->ctx != token; c = c->next)
		;
	return c;
}

static struct irq_bypass_producer *find_producer(const void *token)
{
	struct irq_bypass_producer *p;

	for (p = producers; p && token_of(p) != token; p = p->next)
		;
	return p;
}

static void connect(struct irq_bypass_producer *producer, struct kapi_consumer *consumer)
{
	producer->consumer = consumer;
	consumer->producer = producer;
}

static void disconnect(struct kapi_consumer *consumer)
{
	consumer->producer->consumer = NULL;
	consumer->producer = NULL;
}

static int add(struct irq_bypass_producer *producer, void *token)
{
	struct irq_bypass_producer *p;
	struct kapi_consumer *consumer;

	if (!token)
		return -EINVAL;
	for (p = producers; p; p = p->next) {
		if (p == producer) {
			kapi_fault("a producer of bypassed irqs is registered twice");
			return -EBUSY;
		}
	}
	if (find_producer(token))
		return -EBUSY;
	consumer = find_consumer(token);
	if (consumer)
		connect(producer, consumer);
	producer->next = producers;
	producers = producer;
	return 0;
}

#ifdef HAVE_IRQBYPASS_EVENTFD
int irq_bypass_register_producer(struct irq_bypass_producer *producer,
				 struct eventfd_ctx *eventfd, int irq)
{
	int ret;

	kapi_might_sleep("irq_bypass_register_producer");
	ret = kapi_enter("irq_bypass_register_producer", -ENOMEM);
	if (WARN_ON(producer->eventfd))
		ret = -EINVAL;
	if (!ret)
		ret = add(producer, eventfd);
	if (!ret) {
		producer->eventfd = eventfd;
		producer->irq = irq;
	}
	kapi_leave();
	return ret;
}
#else
int irq_bypass_register_producer(struct irq_bypass_producer *producer)
{
	int ret;

	kapi_might_sleep("irq_bypass_register_producer");
	ret = kapi_enter("irq_bypass_register_producer", -EINVAL);
	if (!ret)
		ret = add(producer, producer->token);
	kapi_leave();
	return ret;
}
#endif

void irq_bypass_unregister_producer(struct irq_bypass_producer *producer)
{
	struct irq_bypass_producer **link;

	kapi_might_sleep("irq_bypass_unregister_producer");
	kapi_enter("irq_bypass_unregister_producer", 0);
	for (link = &producers; token_of(producer) && *link; link = &(*link)->next) {
		if (*link != producer)
			continue;
		*link = producer->next;
		if (producer->consumer)
			disconnect(producer->consumer);
		break;
	}
#ifdef HAVE_IRQBYPASS_EVENTFD
	producer->eventfd = NULL;
#endif
	kapi_leave();
}

int sim_consumer_add(int fd)
{
	struct eventfd_ctx *ctx = kapi_eventfd(fd);
	struct irq_bypass_producer *producer;
	struct kapi_consumer *consumer;

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	if (find_consumer(ctx))
		return -EBUSY;
	consumer = calloc(1, sizeof(*consumer));
	if (!consumer)
		return -ENOMEM;
	consumer->ctx = ctx;
	consumer->next = consumers;
	consumers = consumer;
	producer = find_producer(ctx);
	if (producer)
		connect(producer, consumer);
	return 0;
}

static void remove_consumer(struct kapi_consumer **link)
{
	struct kapi_consumer *consumer = *link;

	*link = consumer->next;
	if (consumer->producer)
		disconnect(consumer);
	free(consumer);
}

int sim_consumer_remove(int fd)
{
	struct eventfd_ctx *ctx = kapi_eventfd(fd);
	struct kapi_consumer **link;

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	for (link = &consumers; *link; link = &(*link)->next) {
		if ((*link)->ctx == ctx) {
			remove_consumer(link);
			return 0;
		}
	}
	return -ENOENT;
}

bool kapi_bypass_post(unsigned int irq)
{
	struct irq_bypass_producer *p;

	for (p = producers; p; p = p->next)
		if (p->consumer && p->irq == (int)irq)
			break;
	if (!p)
		return false;
	p->consumer->posted++;
	return true;
}

u64 kapi_bypass_take(struct eventfd_ctx *ctx)
{
	struct kapi_consumer *consumer = find_consumer(ctx);
	u64 posted = 0;

	if (consumer) {
		posted = consumer->posted;
		consumer->posted = 0;
	}
	return posted;
}

void kapi_bypass_freed(const void *memory, size_t size)
{
	struct irq_bypass_producer **link = &producers;

	while (*link) {
		const char *at = (const char *)*link;

		if (at >= (const char *)memory && at < (const char *)memory + size) {
			kapi_fault("a registered producer of bypassed irqs is freed");
			if ((*link)->consumer)
				disconnect((*link)->consumer);
			*link = (*link)->next;
		} else {
			link = &(*link)->next;
		}
	}
}

unsigned int kapi_bypass_producers(void)
{
	struct irq_bypass_producer *p;
	unsigned int count = 0;

	for (p = producers; p; p = p->next)
		count++;
	return count;
}

void kapi_bypass_reset(void)
{
	if (producers)
		kapi_fault("%u producers of bypassed irqs are left", kapi_bypass_producers());
	producers = NULL;
	while (consumers)
		remove_consumer(&consumers);
}
