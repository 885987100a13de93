/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SIM_KAPI_VIRQFD_H
#define SIM_KAPI_VIRQFD_H

struct eventfd_ctx;

/* Its count went up; called with its lock held. */
void kapi_virqfd_wake(struct eventfd_ctx *ctx);
/* Its last descriptor was closed. */
void kapi_virqfd_hangup(struct eventfd_ctx *ctx);
/* The work queue: thread halves that are due. */
void kapi_virqfd_run(void);

#endif /* SIM_KAPI_VIRQFD_H */
