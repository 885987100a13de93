/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exhaustive tests: an interrupt, or a failure, at every point of an operation.
 *
 * test_exhaustive_ops.c has the operations, test_exhaustive_engine.c runs each
 * once for every point, vector and way to interfere, test_exhaustive_main.c
 * adds up for one kernel, test_exhaustive.c runs it for all of them.
 */
#ifndef TEST_EXHAUSTIVE_H
#define TEST_EXHAUSTIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "owner.h"
#include "sim.h"
#include "vmm.h"

/* Whose way of doing things is looked at. */
enum way {
	WAY_OURS,
	WAY_DISABLE_REENABLE,
	WAY_FREE_REQUEST,
	WAYS,
};

extern const char *const way_names[WAYS];

/**
 * struct world - a machine in the state an operation starts from
 * @owner: who owns the device; in @vmm where an operation is a VMM's
 * @a: eventfds bound at first, one for each vector
 * @b: others, to replace them
 * @other: a descriptor that is no eventfd
 */
struct world {
	struct sim_owner *owner;
	struct sim_owner own;
	struct sim_vmm vmm;
	int a[8];
	int b[8];
	int other;
};

/**
 * struct scenario - an operation, and what it starts from
 * @setup: to the state it starts from; 0 or negative errno
 * @operation: returns what its last request returned
 * @arg: for both
 * @expect: result of the operation
 * @raise: bit for each vector that raises interrupts
 * @msi: MSI messages rather than MSI-X
 * @line: INTx rather than messages
 * @cold: nothing was ever requested before
 * @may_lose: the device itself forgets interrupts in this operation
 * @broken_before: vectors do not work before the operation, nor after one that fails
 * @no_moves: irqs are not moved to other CPUs: the device would not see it, or a
 *	reset in the kernel does not keep it out
 * @growable: only where MSI-X can grow
 */
struct scenario {
	const char *name;
	enum way way;
	struct sim_options options;
	const char *param;
	int (*setup)(struct world *w, int arg);
	int (*operation)(struct world *w, int arg);
	int arg;
	int expect;
	uint64_t raise;
	bool msi;
	bool line;
	bool cold;
	bool may_lose;
	bool broken_before;
	bool no_moves;
	bool growable;
};

extern const struct scenario scenarios[];
extern const unsigned int scenario_count;

/**
 * struct tally - what came of the runs
 * @points: runs: a point, a way to interfere with it, a vector
 * @reached: of them, those in which the point was reached as planned
 * @failures: runs in which a call was made to fail
 * @stranded: a live vector's interrupt was never received
 * @stray: an interrupt in an eventfd whose owner was told that it is unbound
 * @broken: after the operation a bound vector does not work, an unbound one does,
 *	or bindings are not what they were before a request that failed
 * @leaks: irqs, vectors, references, producers or memory are not what they should be
 * @faults: the kernel would have warned, oopsed or deadlocked
 */
struct tally {
	unsigned long points;
	unsigned long reached;
	unsigned long failures;
	unsigned long stranded;
	unsigned long stray;
	unsigned long broken;
	unsigned long leaks;
	unsigned long faults;
};

/**
 * struct loss - the shortest sequence that lost an interrupt
 * @scenario: NULL: none was lost
 * @length: what is compared: points of the operation, and how unusual the
 *	interrupt's timing and the device have to be
 * @text: it, in lines
 */
struct loss {
	const struct scenario *scenario;
	unsigned int length;
	char text[4096];
};

/* True if this kernel has what the scenario needs. */
bool scenario_applies(const struct scenario *scenario);

/*
 * Run it for everything there is to interfere with. Adds to @tally; @loss may be
 * NULL. What is wrong with ours is explained on stderr, the first few times,
 * unless @quiet.
 */
void scenario_run(const struct scenario *scenario, struct tally *tally, struct loss *loss,
		  bool quiet);

/* Called by operations of several requests before each: a point in user space. */
void scenario_between(void *arg);

#endif /* TEST_EXHAUSTIVE_H */
