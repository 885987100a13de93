/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The client's triggers: one eventfd per MSI-X vector, or none.
 *
 * Threads: everything can be called from any thread. A trigger is replaced in
 * one step; a signal goes to the old or to the new one.
 */
#ifndef DSA_MODEL_IRQ_H
#define DSA_MODEL_IRQ_H

#include <stdbool.h>
#include <stdint.h>

struct irq_set;

/* NULL with errno set on failure. What it says is about the device of log_device(). */
struct irq_set *irq_set_create(unsigned int vectors);
void irq_set_destroy(struct irq_set *set);

/**
 * irq_set_bind - bind eventfds to vectors @start .. @start + @count - 1
 * @fds: on success they belong to the set; each entry is then set to -1
 * @why: what is wrong, for people
 *
 * Return: 0, or -EINVAL for a descriptor that is no eventfd or a range beyond
 * the vectors; then nothing has changed.
 */
int irq_set_bind(struct irq_set *set, unsigned int start, unsigned int count, int *fds,
		 const char **why);

/* Take away the triggers of a range; vectors without one are no error. */
void irq_set_unbind(struct irq_set *set, unsigned int start, unsigned int count);

/**
 * irq_set_signal - fire one trigger
 *
 * Never waits for the client: an eventfd whose counter is full has an interrupt
 * waiting already, and counts as fired. One that blocks the writer all the same
 * is taken away.
 *
 * Return: 1 fired, 0 no trigger is bound, negative errno.
 */
int irq_set_signal(struct irq_set *set, unsigned int vector);

/* How many vectors have a trigger. */
unsigned int irq_set_bound(struct irq_set *set);

#endif /* DSA_MODEL_IRQ_H */
