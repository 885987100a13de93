/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptors and eventfds. */
#ifndef SIM_KAPI_FILES_H
#define SIM_KAPI_FILES_H

#include <linux/eventfd.h>
#include <linux/spinlock.h>

struct virqfd;

#define KAPI_EVENTFD_LIVE 0x65766664U

/**
 * struct eventfd_ctx - an eventfd
 * @magic: KAPI_EVENTFD_LIVE until the last reference is put
 * @refs: one of the open file and those of the kernel
 * @files: descriptors
 * @wait: its wait queue's lock
 * @count: what a read returns
 * @waiters: in its wait queue
 * @next: in the list of all, dead ones too: nothing can point to freed memory
 */
struct eventfd_ctx {
	u32 magic;
	unsigned int refs;
	unsigned int files;
	spinlock_t wait;
	u64 count;
	struct virqfd *waiters;
	struct eventfd_ctx *next;
};

/* The eventfd of a descriptor, or an ERR_PTR: no reference is taken. */
struct eventfd_ctx *kapi_eventfd(int fd);
void kapi_eventfd_add(struct eventfd_ctx *ctx, u64 n);
unsigned int kapi_eventfd_kernel_refs(void);
void kapi_files_reset(void);

#endif /* SIM_KAPI_FILES_H */
