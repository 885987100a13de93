/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel API in user space: which locks are held, and in what order they are
 * taken. Rules as in the kernel's lockdep: an order once seen must never be
 * reversed, a lock taken by a hard irq handler is otherwise taken with
 * interrupts off, nobody sleeps with a spinlock held.
 */
#ifndef KAPI_LINUX_LOCKDEP_H
#define KAPI_LINUX_LOCKDEP_H

#include <linux/bug.h>
#include <linux/types.h>

struct kapi_cpu;

enum kapi_lock_kind {
	KAPI_MUTEX,
	KAPI_RWSEM,
	KAPI_SPINLOCK,
};

/**
 * struct kapi_lock - what every kind of lock is made of
 * @name: of the class: all locks initialised at one place are one class
 * @owner: the CPU that holds it
 */
struct kapi_lock {
	const char *name;
	enum kapi_lock_kind kind;
	struct kapi_cpu *owner;
};

void kapi_lock_init(struct kapi_lock *lock, enum kapi_lock_kind kind, const char *name);
void kapi_lock(struct kapi_lock *lock, const char *what);
bool kapi_trylock(struct kapi_lock *lock, const char *what);
void kapi_unlock(struct kapi_lock *lock, const char *what);
unsigned long kapi_lock_irqsave(struct kapi_lock *lock, const char *what);
void kapi_unlock_irqrestore(struct kapi_lock *lock, unsigned long flags, const char *what);
bool kapi_lock_held(const struct kapi_lock *lock);

#define lockdep_is_held(l) kapi_lock_held(&(l)->kapi)
#define lockdep_assert_held(l) \
	((void)kapi_warn(!kapi_lock_held(&(l)->kapi), "not held: " #l, __FILE__, __LINE__))
#define lockdep_assert_held_write(l) lockdep_assert_held(l)

/* Defined in kapi/lock.c: a call that may sleep, in a context that may not. */
void kapi_might_sleep(const char *what);
#define might_sleep() kapi_might_sleep("might_sleep")

#endif /* KAPI_LINUX_LOCKDEP_H */
