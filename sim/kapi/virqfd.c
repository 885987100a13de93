// SPDX-License-Identifier: GPL-2.0-only
/*
 * virqfds: an eventfd that, written by user space, calls a handler at once and
 * without sleeping, and then a thread half if the handler wants it.
 */
#include <linux/slab.h>
#include <linux/vfio.h>

#include "fault.h"
#include "files.h"
#include "point.h"
#include "virqfd.h"

/* @slot: where the owner keeps it; NULL once it is shut down */
struct virqfd {
	void *opaque;
	void *data;
	int (*handler)(void *opaque, void *data);
	void (*thread)(void *opaque, void *data);
	struct virqfd **slot;
	struct eventfd_ctx *ctx;
	bool due;
	struct virqfd *next_waiter;
	struct virqfd *next;
};

static struct virqfd *all;

static void call(struct virqfd *virqfd)
{
	if (virqfd->handler && virqfd->handler(virqfd->opaque, virqfd->data) && virqfd->thread)
		virqfd->due = true;
}

int vfio_virqfd_enable(void *opaque, int (*handler)(void *opaque, void *data),
		       void (*thread)(void *opaque, void *data), void *data,
		       struct virqfd **slot, int fd)
{
	struct virqfd *virqfd = NULL;
	struct eventfd_ctx *ctx;
	unsigned long flags;
	int ret;

	kapi_might_sleep("vfio_virqfd_enable");
	ret = kapi_enter("vfio_virqfd_enable", -ENOMEM);
	if (ret)
		goto out;

	ctx = kapi_eventfd(fd);
	ret = IS_ERR(ctx) ? PTR_ERR(ctx) : *slot ? -EBUSY : 0;
	if (ret)
		goto out;

	virqfd = kzalloc(sizeof(*virqfd), GFP_KERNEL_ACCOUNT);
	ret = -ENOMEM;
	if (!virqfd)
		goto out;

	ctx->refs++;
	*virqfd = (struct virqfd){
		.opaque = opaque,
		.data = data,
		.handler = handler,
		.thread = thread,
		.slot = slot,
		.ctx = ctx,
		.next_waiter = ctx->waiters,
		.next = all,
	};
	all = virqfd;
	*slot = virqfd;
	spin_lock_irqsave(&ctx->wait, flags);
	ctx->waiters = virqfd;
	if (ctx->count)
		call(virqfd);
	spin_unlock_irqrestore(&ctx->wait, flags);
	ret = 0;
out:
	kapi_leave();
	return ret;
}

static void run_thread(struct virqfd *virqfd)
{
	if (!virqfd->due)
		return;
	virqfd->due = false;
	virqfd->thread(virqfd->opaque, virqfd->data);
}

static void shutdown(struct virqfd *virqfd)
{
	struct virqfd **link;

	for (link = &virqfd->ctx->waiters; *link != virqfd; link = &(*link)->next_waiter)
		;
	*link = virqfd->next_waiter;
	run_thread(virqfd);
	*virqfd->slot = NULL;
	for (link = &all; *link != virqfd; link = &(*link)->next)
		;
	*link = virqfd->next;
	eventfd_ctx_put(virqfd->ctx);
	kfree(virqfd);
}

void vfio_virqfd_disable(struct virqfd **slot)
{
	kapi_might_sleep("vfio_virqfd_disable");
	kapi_enter("vfio_virqfd_disable", 0);
	if (*slot)
		shutdown(*slot);
	kapi_leave();
}

void vfio_virqfd_flush_thread(struct virqfd **slot)
{
	kapi_might_sleep("vfio_virqfd_flush_thread");
	kapi_enter("vfio_virqfd_flush_thread", 0);
	if (*slot)
		run_thread(*slot);
	kapi_leave();
}

void kapi_virqfd_wake(struct eventfd_ctx *ctx)
{
	struct virqfd *virqfd;

	/* It reads the eventfd empty before it calls anyone. */
	if (ctx->waiters)
		ctx->count = 0;
	for (virqfd = ctx->waiters; virqfd; virqfd = virqfd->next_waiter)
		call(virqfd);
}

void kapi_virqfd_hangup(struct eventfd_ctx *ctx)
{
	while (ctx->waiters)
		shutdown(ctx->waiters);
}

void kapi_virqfd_run(void)
{
	struct virqfd *virqfd;

	for (virqfd = all; virqfd; virqfd = virqfd->next)
		run_thread(virqfd);
}
