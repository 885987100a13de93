/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts, one at a time on each vector, and what became of each.
 *
 * A thread raises a vector's message, waits until one of the vector's two eventfds
 * is signalled, and raises the next. So each message needs a signal of its own, and
 * a loss cannot hide behind another one:
 *
 *	arrived		a signal came after the message was raised
 *	lost		the completion record is visible (so the message was raised),
 *			and no signal came in a confirmation time in which the machine
 *			was demonstrably alive: other vectors' interrupts arrived, or,
 *			where there are none, this thread ran many times
 *
 * Nothing is raised on a vector while one of its messages awaits confirmation.
 * Functions return 0 or a negative errno. All may be called from any thread.
 */
#ifndef IRQ_LAB_FIRE_H
#define IRQ_LAB_FIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "accel.h"

/* Raise for ever. */
#define FIRE_ENDLESS UINT64_MAX
/* No eventfd is bound. */
#define FIRE_UNBOUND (-1)

/**
 * struct fire_counts - of one vector, or of several added up
 * @raised: messages
 * @arrived: of them, those that were followed by a signal
 * @lost: of them, those that were not
 * @late: of the lost ones, those whose signal came after all
 * @extra: signals that nothing was raised for
 * @stray: signals to an eventfd after its owner had been told that it is unbound
 */
struct fire_counts {
	uint64_t raised;
	uint64_t arrived;
	uint64_t lost;
	uint64_t late;
	uint64_t extra;
	uint64_t stray;
};

struct fire;

/**
 * fire_create - make the eventfds and start the thread
 * @vectors: how many of the device's are used, from 0
 * @confirm_ns: shortest confirmation time
 *
 * NULL with errno set on failure.
 */
struct fire *fire_create(struct accel *accel, unsigned int vectors, uint64_t confirm_ns);
/* Stops the thread; what is under way is forgotten. */
void fire_destroy(struct fire *fire);

/* Eventfd @which (0 or 1) of @vector. It stays the fire's own. */
int fire_fd(const struct fire *fire, unsigned int vector, int which);

/*
 * What the owner of @vector knows. Before a binding is asked for: signals may go
 * to @which, too. After it: they go to @which only (FIRE_UNBOUND: to none); what
 * the others hold is taken out first.
 */
void fire_may_signal(struct fire *fire, unsigned int vector, int which);
void fire_signals_only(struct fire *fire, unsigned int vector, int which);

/* Raise @count more messages on the vectors from @first on; 0: no more. */
void fire_raise(struct fire *fire, unsigned int first, unsigned int vectors, uint64_t count);

/*
 * Until everything asked for on these vectors has been raised, and has arrived or
 * is lost. With FIRE_ENDLESS, raising stops. -ETIMEDOUT: a completion is missing.
 */
int fire_settle(struct fire *fire, unsigned int first, unsigned int vectors);
/* Until @count more messages have been raised; some vector must be raising. */
int fire_wait_more(struct fire *fire, uint64_t count);

/* The eventfd that the last signal of @vector came through: 0, 1 or FIRE_UNBOUND. */
int fire_last(struct fire *fire, unsigned int vector);
/* Forget it: then it is FIRE_UNBOUND until the next signal. */
void fire_forget_last(struct fire *fire, unsigned int first, unsigned int vectors);
/* Forget all counts, and the last signals. */
void fire_reset_counts(struct fire *fire);
struct fire_counts fire_count(struct fire *fire, unsigned int first, unsigned int vectors);

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t fire_now_ns(void);

#endif /* IRQ_LAB_FIRE_H */
