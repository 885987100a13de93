// SPDX-License-Identifier: GPL-2.0-only
/* The table of descriptors, and eventfds. */
#include <errno.h>
#include <stdlib.h>

#include "bypass.h"
#include "cpu.h"
#include "fault.h"
#include "files.h"
#include "irq.h"
#include "point.h"
#include "virqfd.h"
#include "../sim.h"

enum kind {
	CLOSED,
	EVENTFD,
	OTHER,
};

static struct file {
	enum kind kind;
	struct eventfd_ctx *ctx;
} files[SIM_FDS];

static unsigned int lowest; /* no closed descriptor is below */
static unsigned int highest; /* all from here on are closed */
static struct eventfd_ctx *all;

static struct file *file_of(int fd)
{
	if (fd < SIM_FIRST_FD || fd >= SIM_FIRST_FD + SIM_FDS)
		return NULL;
	return files[fd - SIM_FIRST_FD].kind == CLOSED ? NULL : &files[fd - SIM_FIRST_FD];
}

static int install(enum kind kind, struct eventfd_ctx *ctx)
{
	unsigned int i;

	for (i = lowest; i < SIM_FDS; i++) {
		if (files[i].kind != CLOSED)
			continue;
		files[i] = (struct file){ kind, ctx };
		lowest = i + 1;
		if (highest < lowest)
			highest = lowest;
		return SIM_FIRST_FD + i;
	}
	return -EMFILE;
}

int sim_eventfd(void)
{
	struct eventfd_ctx *ctx = calloc(1, sizeof(*ctx));
	int fd;

	if (!ctx)
		return -ENOMEM;
	fd = install(EVENTFD, ctx);
	if (fd < 0) {
		free(ctx);
		return fd;
	}
	ctx->magic = KAPI_EVENTFD_LIVE;
	ctx->refs = 1;
	ctx->files = 1;
	kapi_lock_init(&ctx->wait.kapi, KAPI_SPINLOCK, "eventfd wait queue");
	ctx->next = all;
	all = ctx;
	return fd;
}

int sim_other_file(void)
{
	return install(OTHER, NULL);
}

int sim_dup(int fd)
{
	struct file *file = file_of(fd);
	int new;

	if (!file)
		return -EBADF;
	new = install(file->kind, file->ctx);
	if (new >= 0 && file->ctx)
		file->ctx->files++;
	return new;
}

static void put(struct eventfd_ctx *ctx)
{
	if (ctx->magic != KAPI_EVENTFD_LIVE || !ctx->refs) {
		kapi_fault("a reference of an eventfd is put that is not held");
		return;
	}
	if (!--ctx->refs)
		ctx->magic = 0;
}

int sim_close(int fd)
{
	struct file *file = file_of(fd);
	struct eventfd_ctx *ctx;

	if (!file)
		return -EBADF;
	ctx = file->ctx;
	*file = (struct file){ CLOSED, NULL };
	if (lowest > (unsigned int)fd - SIM_FIRST_FD)
		lowest = fd - SIM_FIRST_FD;

	if (ctx && !--ctx->files) {
		kapi_virqfd_hangup(ctx);
		put(ctx);
	}
	return 0;
}

struct eventfd_ctx *kapi_eventfd(int fd)
{
	struct file *file = file_of(fd);

	if (!file)
		return ERR_PTR(-EBADF);
	return file->kind == EVENTFD ? file->ctx : ERR_PTR(-EINVAL);
}

uint64_t sim_read(int fd)
{
	struct eventfd_ctx *ctx = kapi_eventfd(fd);
	uint64_t count;

	if (IS_ERR(ctx))
		return 0;
	count = ctx->count + kapi_bypass_take(ctx);
	ctx->count = 0;
	return count;
}

/* Under the lock of the wait queue, as the kernel wakes whoever waits. */
void kapi_eventfd_add(struct eventfd_ctx *ctx, u64 n)
{
	unsigned long flags;

	if (ctx->magic != KAPI_EVENTFD_LIVE) {
		kapi_fault("an eventfd is signalled after its last reference was put");
		return;
	}
	spin_lock_irqsave(&ctx->wait, flags);
	ctx->count = n > U64_MAX - 1 - ctx->count ? U64_MAX - 1 : ctx->count + n;
	kapi_virqfd_wake(ctx);
	spin_unlock_irqrestore(&ctx->wait, flags);
}

int sim_write(int fd)
{
	struct eventfd_ctx *ctx = kapi_eventfd(fd);

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	kapi_eventfd_add(ctx, 1);
	return 0;
}

/* ---- Kernel API ----------------------------------------------------------------- */

struct eventfd_ctx *eventfd_ctx_fdget(int fd)
{
	struct eventfd_ctx *ctx;
	int ret;

	/* Injected: another thread of the process has just closed it. */
	ret = kapi_enter("eventfd_ctx_fdget", -EBADF);
	ctx = ret ? ERR_PTR(ret) : kapi_eventfd(fd);
	if (!IS_ERR(ctx))
		ctx->refs++;
	kapi_leave();
	return ctx;
}

void eventfd_ctx_put(struct eventfd_ctx *ctx)
{
	kapi_enter("eventfd_ctx_put", 0);
	put(ctx);
	kapi_leave();
}

static void signal_one(struct eventfd_ctx *ctx, u64 n)
{
	kapi_enter("eventfd_signal", 0);
	if (!kapi_cpu->hardirq || !kapi_irq_stall_signal(ctx))
		kapi_eventfd_add(ctx, n);
	kapi_leave();
}

#ifdef HAVE_EVENTFD_SIGNAL_ONE_ARG
void eventfd_signal(struct eventfd_ctx *ctx)
{
	signal_one(ctx, 1);
}
#else
u64 eventfd_signal(struct eventfd_ctx *ctx, u64 n)
{
	signal_one(ctx, n);
	return n;
}
#endif

/* ---- Accounts --------------------------------------------------------------------- */

unsigned int kapi_eventfd_kernel_refs(void)
{
	struct eventfd_ctx *ctx;
	unsigned int refs = 0;

	for (ctx = all; ctx; ctx = ctx->next)
		refs += ctx->refs - !!ctx->files;
	return refs;
}

void kapi_files_reset(void)
{
	struct eventfd_ctx *ctx;
	unsigned int i;

	for (i = 0; i < highest; i++)
		if (files[i].kind != CLOSED)
			sim_close(SIM_FIRST_FD + i);
	lowest = 0;
	highest = 0;
	while (all) {
		ctx = all;
		all = ctx->next;
		if (ctx->refs)
			kapi_fault("an eventfd has %u references left", ctx->refs);
		free(ctx);
	}
}
