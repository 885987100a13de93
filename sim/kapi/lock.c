// SPDX-License-Identifier: GPL-2.0-only
/* Locks: ownership, order, context. See linux/lockdep.h. */
#include <string.h>

#include <linux/lockdep.h>

#include "cpu.h"
#include "fault.h"
#include "lock.h"
#include "point.h"

#define CLASSES 32

/* @after: bit per class that was taken with this one held, at any time. */
struct class {
	const char *name;
	u32 after;
	bool in_hardirq;
	bool with_irqs_on;
};

static struct class classes[CLASSES];
static unsigned int class_count;

static unsigned int class_of(const struct kapi_lock *lock)
{
	unsigned int i;

	for (i = 0; i < class_count; i++)
		if (classes[i].name == lock->name || !strcmp(classes[i].name, lock->name))
			return i;
	if (class_count == CLASSES) {
		kapi_fault("more than %d classes of locks", CLASSES);
		return 0;
	}
	classes[class_count].name = lock->name;
	return class_count++;
}

/* Can @to be reached from @from along the orders seen so far? */
static bool leads_to(unsigned int from, unsigned int to, u32 *visited)
{
	unsigned int i;

	if (classes[from].after & 1U << to)
		return true;
	*visited |= 1U << from;
	for (i = 0; i < class_count; i++)
		if ((classes[from].after & 1U << i) && !(*visited & 1U << i) &&
		    leads_to(i, to, visited))
			return true;
	return false;
}

static void check_order(unsigned int new)
{
	unsigned int i;

	for (i = 0; i < kapi_cpu->held_count; i++) {
		unsigned int class = class_of(kapi_cpu->held[i]);
		u32 visited = 0;

		if (classes[class].after & 1U << new)
			continue;
		if (class == new || leads_to(new, class, &visited))
			kapi_fault("lock order: %s is taken with %s held, and the other way round",
				   classes[new].name, classes[class].name);
		classes[class].after |= 1U << new;
	}
}

static void check_context(unsigned int class, const struct kapi_lock *lock, const char *what)
{
	struct class *c = &classes[class];

	if (lock->kind != KAPI_SPINLOCK) {
		kapi_might_sleep(what);
		return;
	}

	if (kapi_cpu->hardirq)
		c->in_hardirq = true;
	else if (!kapi_cpu->irqs_off)
		c->with_irqs_on = true;
	if (c->in_hardirq && c->with_irqs_on) {
		kapi_fault("%s is taken by handlers, and elsewhere with interrupts on", c->name);
		c->with_irqs_on = false;
	}
}

static void acquire(struct kapi_lock *lock, const char *what)
{
	unsigned int class = class_of(lock);

	if (lock->owner)
		kapi_fault("%s: %s is held by the %s CPU: deadlock", what, lock->name,
			   lock->owner->name);
	check_context(class, lock, what);
	check_order(class);

	lock->owner = kapi_cpu;
	if (kapi_cpu->held_count < KAPI_HELD_LOCKS)
		kapi_cpu->held[kapi_cpu->held_count++] = lock;
	else
		kapi_fault("more than %d locks held", KAPI_HELD_LOCKS);
	if (lock->kind == KAPI_SPINLOCK)
		kapi_cpu->spinlocks++;
}

static void release(struct kapi_lock *lock, const char *what)
{
	unsigned int i;

	if (lock->owner != kapi_cpu) {
		kapi_fault("%s: %s is not held", what, lock->name);
		return;
	}
	lock->owner = NULL;
	for (i = kapi_cpu->held_count; i--;)
		if (kapi_cpu->held[i] == lock)
			break;
	memmove(&kapi_cpu->held[i], &kapi_cpu->held[i + 1],
		(--kapi_cpu->held_count - i) * sizeof(kapi_cpu->held[0]));
	if (lock->kind == KAPI_SPINLOCK)
		kapi_cpu->spinlocks--;
}

void kapi_lock_init(struct kapi_lock *lock, enum kapi_lock_kind kind, const char *name)
{
	*lock = (struct kapi_lock){ .name = name, .kind = kind };
}

void kapi_lock(struct kapi_lock *lock, const char *what)
{
	kapi_enter(what, 0);
	acquire(lock, what);
	kapi_leave();
}

bool kapi_trylock(struct kapi_lock *lock, const char *what)
{
	bool free = !lock->owner;

	kapi_enter(what, 0);
	if (free)
		acquire(lock, what);
	kapi_leave();
	return free;
}

void kapi_unlock(struct kapi_lock *lock, const char *what)
{
	kapi_enter(what, 0);
	release(lock, what);
	if (!kapi_cpu->spinlocks)
		kapi_cpu_run();
	kapi_leave();
}

unsigned long kapi_lock_irqsave(struct kapi_lock *lock, const char *what)
{
	bool irqs_off = kapi_cpu->irqs_off;

	kapi_enter(what, 0);
	kapi_cpu->irqs_off = true;
	acquire(lock, what);
	kapi_leave();
	return irqs_off;
}

void kapi_unlock_irqrestore(struct kapi_lock *lock, unsigned long flags, const char *what)
{
	kapi_enter(what, 0);
	release(lock, what);
	kapi_cpu->irqs_off = flags;
	if (!kapi_cpu->spinlocks)
		kapi_cpu_run();
	kapi_leave();
}

bool kapi_lock_held(const struct kapi_lock *lock)
{
	return lock->owner == kapi_cpu;
}

void kapi_might_sleep(const char *what)
{
	if (kapi_cpu->spinlocks)
		kapi_fault("%s may sleep, with %s held", what,
			   kapi_cpu->held[kapi_cpu->held_count - 1]->name);
	else if (kapi_cpu->hardirq || kapi_cpu->irqs_off)
		kapi_fault("%s may sleep, in a context that must not", what);
}

void kapi_locks_check_none_held(void)
{
	if (kapi_op_cpu.held_count)
		kapi_fault("%s is still held", kapi_op_cpu.held[0]->name);
}
