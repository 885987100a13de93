/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUs. Code under test runs on one; interrupts and everything else that goes
 * on at the same time run on another, in between the first one's calls.
 *
 * A message's way: accepted by a CPU (a bit in its IRR) - the CPU has interrupts
 * on and looks its vector up - the irq's flow handler - the action's handler -
 * eventfd_signal(). It can stand still before each: the CPU is held (interrupts
 * off), or the handler stalls at its entry or at its eventfd_signal().
 */
#ifndef SIM_KAPI_CPU_H
#define SIM_KAPI_CPU_H

#include <linux/irqdesc.h>
#include <linux/lockdep.h>

#define KAPI_HELD_LOCKS 12

/**
 * struct kapi_cpu - an execution context
 * @depth: nesting of calls into the kernel's API
 * @spinlocks: spinlocks held; nobody sleeps with one
 * @irqs_off: as after local_irq_save()
 * @hardirq: runs an interrupt handler
 */
struct kapi_cpu {
	const char *name;
	unsigned int depth;
	unsigned int spinlocks;
	bool irqs_off;
	bool hardirq;
	unsigned int held_count;
	struct kapi_lock *held[KAPI_HELD_LOCKS];
};

extern struct kapi_cpu kapi_op_cpu;
extern struct kapi_cpu kapi_irq_cpu;
/* The one that runs now. */
extern struct kapi_cpu *kapi_cpu;

/* Run on the other CPU for a while. Returns what kapi_cpu_switch_back() wants. */
struct kapi_cpu *kapi_cpu_switch(void);
void kapi_cpu_switch_back(struct kapi_cpu *before);

/**
 * kapi_vector_alloc() - give an irq a CPU and one of its vectors
 * @desc: not activated
 *
 * Return: 0, or -ENOSPC.
 */
int kapi_vector_alloc(struct irq_desc *desc);
/* A message that a CPU has accepted for it and not handled yet is lost with it. */
void kapi_vector_free(struct irq_desc *desc);
/* Another CPU, another vector; the old one goes as soon as nothing waits in it. */
int kapi_vector_move(struct irq_desc *desc);
unsigned int kapi_vectors_used(void);

/* The message that goes there. */
u32 kapi_message_address(const struct irq_desc *desc);
u32 kapi_message_data(const struct irq_desc *desc);

/* A message arrives. False if nothing is at that address. Does not handle it. */
bool kapi_cpu_message(u32 address_hi, u32 address_lo, u32 data);
/* The kernel sends the irq to itself again. */
void kapi_cpu_retrigger(struct irq_desc *desc);

/*
 * Handle what was accepted, unless a spinlock is held: then a handler could
 * have to wait for it, and this is called again when it is released.
 */
void kapi_cpu_run(void);

/* The next handler that starts stalls there. */
void kapi_cpu_arm_stall(enum kapi_stall stall);
enum kapi_stall kapi_cpu_take_stall(void);
/* Interrupts off on the CPU a message would go to. */
void kapi_cpu_hold(u32 address_lo);
void kapi_cpu_release(void);

void kapi_cpu_reset(void);

#endif /* SIM_KAPI_CPU_H */
