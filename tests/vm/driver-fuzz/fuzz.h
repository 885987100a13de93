/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * driver_fuzz: what its files share.
 *
 *   main.c       options, the order of everything, results
 *   round.c      one round: a process that makes calls, and who watches it
 *   oracle.c     what a call may answer; the trace of calls
 *   arena.c      user memory of which it is known what can be read and written
 *   world.c      files and mappings, and what is known of them
 *   ops_*.c      the calls
 *   settings.c   what is configured is what the device has
 *   strangers.c  who must get nothing
 *   soak.c       full rate
 *
 * Rounds are of two kinds. In an exact one a single thread makes the calls, keeps a
 * model of what they have done, and every answer must be the one that the model and
 * <uapi/dsa_sample.h> lead to. In a loose one several threads work on the same files
 * and memory, so that every documented answer will do; what is judged there is what
 * is left afterwards.
 */
#ifndef DRIVER_FUZZ_H
#define DRIVER_FUZZ_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include <uapi/dsa_sample.h>

#define FUZZ_DEVICE "/dev/dsa-sample0"
#define FUZZ_PAGE 4096UL
#define FUZZ_THREADS 4
/* Calls that are remembered for each thread. */
#define FUZZ_TRACE 40

/* ---- What a call may answer -------------------------------------------------- */

/* A set of answers: OK, and one bit for each errno. */
typedef uint64_t answers;

#define OK (1ULL << 63)

answers E(int error);

/* ---- What calls take --------------------------------------------------------- */

/* Names of calls, and some to spare. */
#define FUZZ_KINDS 48

/**
 * struct tally - calls of one name
 * @call: the name; NULL: the entry is free
 * @count: made
 * @ns: that took so long together
 */
struct tally {
	const char *call;
	uint64_t count;
	uint64_t ns;
};

/* ---- One call, for the trace ------------------------------------------------- */

/**
 * struct traced - a call that has been made, or is being made
 * @call: its name; NULL: no call yet
 * @detail: of what: the placement of the arguments, or NULL
 * @args: its arguments, or those of the structure it was given
 * @ret: what it returned
 * @error: errno, if that is negative
 * @over: it has returned
 */
struct traced {
	const char *call;
	const char *detail;
	uint64_t args[4];
	long ret;
	int error;
	bool over;
};

/**
 * struct shared - what the process that makes calls tells the one that watches
 * @calls: made so far
 * @failed: something was wrong; only the first to set it writes @why
 * @why: what
 * @thread: in which thread
 * @traces: of each thread, a ring
 * @heads: calls ever traced
 * @begun: when the last call of each began
 * @tallies: of each thread
 */
struct shared {
	uint64_t calls;
	int failed;
	int thread;
	char why[512];
	struct traced traces[FUZZ_THREADS][FUZZ_TRACE];
	uint64_t heads[FUZZ_THREADS];
	uint64_t begun[FUZZ_THREADS];
	struct tally tallies[FUZZ_THREADS][FUZZ_KINDS];
};

struct world;
struct arena;

/**
 * struct fuzz - one thread of a round
 * @random: state of its random numbers
 * @exact: see above
 * @absent: the device may be taken away meanwhile
 * @thread: number
 * @calls: to be made
 * @timer: sends this thread SIGUSR1
 * @armed: it does so now: calls may be interrupted
 * @shared: with the process that watches
 * @world: files and mappings
 * @arena: memory
 */
struct fuzz {
	uint64_t random;
	bool exact;
	bool absent;
	unsigned int thread;
	unsigned int calls;
	timer_t timer;
	bool armed;
	struct shared *shared;
	struct world *world;
	struct arena *arena;
};

/* 64 random bits. */
uint64_t fuzz_random(struct fuzz *f);
/* 0 .. @n - 1 */
uint64_t fuzz_below(struct fuzz *f, uint64_t n);
/* True once in @n times. */
bool fuzz_one_in(struct fuzz *f, uint64_t n);

/* Something is wrong: say what, and end the process. */
void fuzz_fail(struct fuzz *f, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* Before a call. */
void trace_begin(struct fuzz *f, const char *call, const char *detail, uint64_t a, uint64_t b,
		 uint64_t c, uint64_t d);
/* After it: its answer must be one of @allowed. errno as the call has left it. */
void trace_end(struct fuzz *f, long ret, answers allowed);
/* The calls of all threads, oldest first. */
void trace_print(const struct shared *shared);

/* Add what the calls of a round took to what those before it did. */
void tallies_add(const struct shared *shared);
/* How many calls of each name there were, and how long one took. */
void tallies_print(void);

/* Signals come from now on, or do not. */
void fuzz_arm(struct fuzz *f);
void fuzz_disarm(struct fuzz *f);

/* ---- Calls ------------------------------------------------------------------- */

/* Handler of the signals that touching a mapping may bring. */
void memory_fault(int signal);

/**
 * struct operation - something to do
 * @name: for people
 * @weight: how often, relative to the others
 * @run: does it
 * @loose: only in loose rounds
 */
struct operation {
	const char *name;
	unsigned int weight;
	void (*run)(struct fuzz *f);
	bool loose;
};

/* Each list ends with a name that is NULL. */
extern const struct operation ops_device[];
extern const struct operation ops_queue[];
extern const struct operation ops_files[];
extern const struct operation ops_memory[];

/* ---- Rounds ------------------------------------------------------------------ */

/**
 * struct user - who makes the calls
 * @name: for people
 * @uid: user
 * @gid: the only group
 */
struct user {
	const char *name;
	uid_t uid;
	gid_t gid;
};

/* Of the group that the device is given, and not. */
#define FUZZ_MEMBER 61001
#define FUZZ_GROUP 61001
#define FUZZ_STRANGER 61002

/* Sizes, groups and priorities at random into zeroes, and all of it allowed. */
void config_good(struct fuzz *f, struct dsa_sample_configure *config);
/* One thing wrong with a good one: what the answer is then. */
answers config_break(struct fuzz *f, struct dsa_sample_configure *config, unsigned int way);
/* Ways to do that. */
#define CONFIG_WAYS 10

/* What the driver says of its device: constant. */
extern struct dsa_sample_info fuzz_info;

/* Become that user for good, or end the process. */
void user_become(const struct user *user);

/*
 * One round of @length calls with the random numbers of @seed; @calls is advanced by those
 * that were made. False if something was wrong, and then it has been printed. All
 * processes have ended, and no queue is up.
 */
bool round_run(uint64_t seed, unsigned int length, const struct user *user, uint64_t *calls);

/* The device belongs to root, and to the group if @group, as a rule of udev would do. */
bool device_grant(bool group);
/* Take the device from its driver and give it back. */
bool device_rebind(void);
/*
 * No queue is up, as soon as what closes files in the background has run; and the device
 * is configured as after probe now.
 */
bool device_idle(void);

/* ---- Other tests ------------------------------------------------------------- */

/* A user that was not given the device: each attempt at anything must fail. */
bool strangers_run(void);

/* Configurations at random, compared with the device's registers. */
bool settings_run(uint64_t seed);

/*
 * All queues at full rate for that time, each descriptor verified. Prints figures.
 */
bool soak_run(unsigned int seconds);

#endif /* DRIVER_FUZZ_H */
