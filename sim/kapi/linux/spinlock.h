/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KAPI_LINUX_SPINLOCK_H
#define KAPI_LINUX_SPINLOCK_H

#include <linux/lockdep.h>

typedef struct spinlock {
	struct kapi_lock kapi;
} spinlock_t;

typedef struct raw_spinlock {
	struct kapi_lock kapi;
} raw_spinlock_t;

#define KAPI_SPINLOCK_INIT(l) { .kapi = { .name = #l, .kind = KAPI_SPINLOCK } }
#define DEFINE_SPINLOCK(l) spinlock_t l = KAPI_SPINLOCK_INIT(l)
#define DEFINE_RAW_SPINLOCK(l) raw_spinlock_t l = KAPI_SPINLOCK_INIT(l)
#define spin_lock_init(l) kapi_lock_init(&(l)->kapi, KAPI_SPINLOCK, #l)
#define raw_spin_lock_init(l) spin_lock_init(l)

#define spin_lock(l) kapi_lock(&(l)->kapi, "spin_lock")
#define spin_unlock(l) kapi_unlock(&(l)->kapi, "spin_unlock")
#define spin_lock_irqsave(l, flags) \
	((flags) = kapi_lock_irqsave(&(l)->kapi, "spin_lock_irqsave"))
#define spin_unlock_irqrestore(l, flags) \
	kapi_unlock_irqrestore(&(l)->kapi, flags, "spin_unlock_irqrestore")
#define spin_lock_irq(l) ((void)kapi_lock_irqsave(&(l)->kapi, "spin_lock_irq"))
#define spin_unlock_irq(l) kapi_unlock_irqrestore(&(l)->kapi, 0, "spin_unlock_irq")

#define raw_spin_lock(l) kapi_lock(&(l)->kapi, "raw_spin_lock")
#define raw_spin_unlock(l) kapi_unlock(&(l)->kapi, "raw_spin_unlock")
#define raw_spin_lock_irqsave(l, flags) \
	((flags) = kapi_lock_irqsave(&(l)->kapi, "raw_spin_lock_irqsave"))
#define raw_spin_unlock_irqrestore(l, flags) \
	kapi_unlock_irqrestore(&(l)->kapi, flags, "raw_spin_unlock_irqrestore")

#endif /* KAPI_LINUX_SPINLOCK_H */
