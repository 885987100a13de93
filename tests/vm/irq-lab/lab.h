/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the operations have in common: the open device, the bindings its owner was
 * told of, and the figures of the operation under way.
 *
 * Functions return 0 or a negative errno; those are failures of the laboratory,
 * what the host under test does wrong is in the figures.
 */
#ifndef IRQ_LAB_LAB_H
#define IRQ_LAB_LAB_H

#include <stdbool.h>
#include <stdint.h>

#include "accel.h"
#include "fire.h"
#include "vfio.h"

/* Vectors 0 to 7 take part, 8 is the witness that the machine is alive. */
#define LAB_VECTORS 8
#define LAB_WITNESS LAB_VECTORS
#define LAB_USED (LAB_VECTORS + 1)
#define LAB_MOST_VECTORS 2048

/**
 * struct settings - from the command line
 * @rounds: of each quiet operation
 * @swaps, @interrupts: least of the one under fire
 * @repoints: trials of the reproducer
 * @confirm_ns: shortest confirmation of a loss
 * @limit_ns: longest time of one operation; then it ends with what it has
 * @hold: device of the module that holds a processor, NULL: none
 * @progress: where to report progress, NULL: nowhere
 * @phase: how to call the host under test there
 */
struct settings {
	const char *bdf;
	unsigned int rounds;
	uint64_t swaps;
	uint64_t interrupts;
	unsigned int repoints;
	uint64_t confirm_ns;
	uint64_t limit_ns;
	const char *hold;
	const char *progress;
	const char *phase;
};

/**
 * struct figures - of one operation
 * @counts: messages and what became of them
 * @bindings: how often a binding was examined that should have worked
 * @kept: how often it did: its message came through the eventfd bound to it
 * @calls: calls of the host under test that were timed
 * @nanoseconds: all of them together
 * @worst: the slowest of them
 * @accepted: interrupts that a processor had accepted, and had not served, when their
 *	vector was changed
 * @note: what else people should know
 */
struct figures {
	struct fire_counts counts;
	uint64_t bindings;
	uint64_t kept;
	uint64_t calls;
	uint64_t nanoseconds;
	uint64_t worst;
	uint64_t accepted;
	char note[200];
};

/**
 * struct lab
 * @deadline_ns: when the operation's time is over
 * @enabled: MSI-X is on, possibly without a vector
 * @bound: which eventfd each vector has, as far as its owner has been told
 */
struct lab {
	const struct settings *settings;
	struct vfio vfio;
	struct accel *accel;
	struct fire *fire;
	uint64_t deadline_ns;
	bool enabled;
	int8_t bound[LAB_MOST_VECTORS];
	struct figures figures;
};

/* Whether the time that a call takes is one of the figures. */
enum lab_timing { LAB_UNTIMED, LAB_TIMED };

int lab_open(struct lab *lab);
/* What is under way is not waited for. */
void lab_close(struct lab *lab, enum lab_timing timing);

/* Add the interrupts counted since the last time to the figures. */
void lab_fold(struct lab *lab);
void lab_note(struct lab *lab, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The operation's time is over. */
bool lab_late(const struct lab *lab);
/* Tell whoever watches how far it is. */
void lab_progress(const struct lab *lab, const char *operation, uint64_t done, uint64_t all);

/**
 * lab_bind - bind eventfds to a range of vectors, with one call
 * @which: for each 0, 1 or FIRE_UNBOUND
 *
 * Return: what vfio_bind() does. After a failure the bindings are expected to be
 * what they were.
 */
int lab_bind(struct lab *lab, unsigned int start, unsigned int count, const int8_t *which,
	     enum lab_timing timing);
/* The same with entry @bad replaced by @fd. */
int lab_bind_with(struct lab *lab, unsigned int start, unsigned int count, const int8_t *which,
		  unsigned int bad, int fd, enum lab_timing timing);
/* One vector; a failure is a failure of the laboratory, too. */
int lab_bind_one(struct lab *lab, unsigned int vector, int which, enum lab_timing timing);
/* Take the index down, if it is up. */
int lab_disable(struct lab *lab, enum lab_timing timing);
/* Take the index down and up again with the first @vectors of the same bindings. */
int lab_rebuild(struct lab *lab, unsigned int vectors, enum lab_timing timing);
/* From no vectors to the first @vectors, each to eventfd 0, and nothing under way. */
int lab_fresh(struct lab *lab, unsigned int vectors);
/* Raise one message on each bound vector of a range, and see whether it arrives. */
int lab_check(struct lab *lab, unsigned int first, unsigned int count);

/**
 * struct operation - one line of the table
 * @name: in the results
 * @title: for people
 * @run: carry it out
 */
struct operation {
	const char *name;
	const char *title;
	int (*run)(struct lab *lab);
};

/* Until @name is NULL. */
extern const struct operation quiet_operations[];
extern const struct operation live_operations[];
extern const struct operation repoint_operations[];

#endif /* IRQ_LAB_LAB_H */
