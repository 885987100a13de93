/* SPDX-License-Identifier: GPL-2.0-only */
/* A thread that keeps a queue busy, and an account of what became of each item. */
#ifndef DRIVER_TEST_LOAD_H
#define DRIVER_TEST_LOAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "calls.h"

/* Items one load may submit. */
#define LOAD_ITEMS (1 << 20)

struct load {
	struct queue q;
	pthread_t thread;
	unsigned int depth; /* items in flight at most */
	atomic_bool stop; /* set by load_end() */
	atomic_uint events; /* so far */
	unsigned int submitted;
	unsigned char *seen; /* events of each item */
	unsigned int how[6];
	unsigned int bad_status; /* neither success nor aborted without a record */
	atomic_int error; /* that ended it before load_end(), or 0 */
};

/* Bring queue @number up and keep it busy. */
bool load_begin(struct load *l, int device, unsigned int number, unsigned int depth);
/* The same with other arguments. */
bool load_begin_with(struct load *l, int device, struct dsa_sample_queue_up args,
		     unsigned int depth);
/* Wait until there are that many more events. */
bool load_moves(struct load *l, unsigned int events);
/* Wait until it has ended with this error: load_end() must still be called. */
void load_fails(struct load *l, int error);
/*
 * Let it run empty and check that each item has had exactly one event, none of them
 * stranded or missing. The queue stays up.
 */
void load_end(struct load *l);

#endif /* DRIVER_TEST_LOAD_H */
