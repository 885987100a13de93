/* SPDX-License-Identifier: GPL-2.0-only */
/* eventfd_signal() lost its second argument in 6.8 (HAVE_EVENTFD_SIGNAL_ONE_ARG). */
#ifndef COMPAT_EVENTFD_H
#define COMPAT_EVENTFD_H

#include <linux/eventfd.h>

static inline void vfio_compat_eventfd_signal(struct eventfd_ctx *ctx)
{
#ifdef HAVE_EVENTFD_SIGNAL_ONE_ARG
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

#endif /* COMPAT_EVENTFD_H */
