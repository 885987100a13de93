/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: eventfds, of a table of our own (kapi/files.c). */
#ifndef KAPI_LINUX_EVENTFD_H
#define KAPI_LINUX_EVENTFD_H

#include <linux/err.h>
#include <linux/types.h>

struct eventfd_ctx;

struct eventfd_ctx *eventfd_ctx_fdget(int fd);
void eventfd_ctx_put(struct eventfd_ctx *ctx);
#ifdef HAVE_EVENTFD_SIGNAL_ONE_ARG
void eventfd_signal(struct eventfd_ctx *ctx);
#else
u64 eventfd_signal(struct eventfd_ctx *ctx, u64 n);
#endif

#endif /* KAPI_LINUX_EVENTFD_H */
