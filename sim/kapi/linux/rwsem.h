/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: one thread, so readers are writers. */
#ifndef KAPI_LINUX_RWSEM_H
#define KAPI_LINUX_RWSEM_H

#include <linux/lockdep.h>

struct rw_semaphore {
	struct kapi_lock kapi;
};

#define init_rwsem(s) kapi_lock_init(&(s)->kapi, KAPI_RWSEM, #s)
#define down_read(s) kapi_lock(&(s)->kapi, "down_read")
#define up_read(s) kapi_unlock(&(s)->kapi, "up_read")
#define down_write(s) kapi_lock(&(s)->kapi, "down_write")
#define up_write(s) kapi_unlock(&(s)->kapi, "up_write")

#endif /* KAPI_LINUX_RWSEM_H */
