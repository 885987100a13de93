/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KAPI_LINUX_MUTEX_H
#define KAPI_LINUX_MUTEX_H

#include <linux/lockdep.h>

struct mutex {
	struct kapi_lock kapi;
};

#define DEFINE_MUTEX(m) struct mutex m = { .kapi = { .name = #m, .kind = KAPI_MUTEX } }
#define mutex_init(m) kapi_lock_init(&(m)->kapi, KAPI_MUTEX, #m)
#define mutex_lock(m) kapi_lock(&(m)->kapi, "mutex_lock")
#define mutex_trylock(m) kapi_trylock(&(m)->kapi, "mutex_trylock")
#define mutex_unlock(m) kapi_unlock(&(m)->kapi, "mutex_unlock")
#define mutex_destroy(m) ((void)(m))
#define mutex_is_locked(m) (!!(m)->kapi.owner)

#endif /* KAPI_LINUX_MUTEX_H */
