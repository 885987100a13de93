// SPDX-License-Identifier: GPL-2.0-only
/*
 * The operations that are measured, on the host in one process (sim/): to be run
 * under callgrind, which counts the instructions of each. Linked once with the
 * interrupt code of kernel/ and once with the kernel's own.
 *
 * Nothing but the operation itself is counted, in dumps of callgrind's named
 * "operation vector round count": so many operations, the last on that vector.
 * Without callgrind it does the same, uncounted.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "sim.h"

#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define VECTORS 2048
/* Bound in operations for which their number does not matter. */
#define SOME 8
#define VICTIM 3
#define REPETITIONS 100

static int fds[VECTORS];
static int others[VECTORS];

static void die(const char *what, int error)
{
	fprintf(stderr, "bench-sim: %s: %s\n", what, error < 0 ? strerror(-error) : "refused");
	exit(EXIT_FAILURE);
}

static void must(int ret, const char *what)
{
	if (ret)
		die(what, ret);
}

/* ---- Counting -------------------------------------------------------------- */

static void begin(void)
{
	CALLGRIND_TOGGLE_COLLECT;
}

static void end(void)
{
	CALLGRIND_TOGGLE_COLLECT;
}

/* What has been counted since the last time was @count operations. */
static void dump(const char *operation, unsigned int vector, unsigned int round,
		 unsigned int count)
{
	char label[64];

	snprintf(label, sizeof(label), "%s %u %u %u", operation, vector, round, count);
	CALLGRIND_DUMP_STATS_AT(label);
}

/* ---- The machine ------------------------------------------------------------- */

static void start(void)
{
	const struct sim_options options = { .msix_vectors = VECTORS };
	unsigned int i;

	must(sim_start(&options), "cannot start the machine");
	must(sim_open_device(), "cannot open the device");
	for (i = 0; i < VECTORS; i++) {
		fds[i] = sim_eventfd();
		others[i] = i < SOME ? sim_eventfd() : -1;
		if (fds[i] < 0)
			die("no eventfd", fds[i]);
	}
}

static void stop(void)
{
	const char *fault;

	sim_stop();
	if (sim_faults(&fault)) {
		fprintf(stderr, "bench-sim: the kernel would have warned: %s\n", fault);
		exit(EXIT_FAILURE);
	}
}

static void bind(unsigned int start, unsigned int count, const int *fd)
{
	must(sim_bind(MSIX, start, count, fd), "cannot bind");
}

static void disable(void)
{
	must(sim_disable(MSIX), "cannot disable MSI-X");
}

/* ---- Operations ---------------------------------------------------------------- */

/* About six to a decade of a logarithmic axis, and the last one. */
static unsigned int next_step(unsigned int k)
{
	unsigned int next = k + (k + 1) / 2;

	return k < VECTORS && next > VECTORS ? VECTORS : next;
}

/* Vectors are counted from 1 here: the k-th to be bound. Each is counted. */
static void add_one_by_one(unsigned int round)
{
	unsigned int k, step = 1, before = 0;

	for (k = 1; k <= VECTORS; k++) {
		begin();
		bind(k - 1, 1, &fds[k - 1]);
		end();
		if (k != step)
			continue;
		dump("bind", k, round, k - before);
		before = k;
		step = next_step(step);
	}
	disable();
}

/* What VMMs do that cannot add one: all down, and up again with one more. */
static void rebuild_to(unsigned int k, unsigned int round)
{
	if (k > 1)
		bind(0, k - 1, fds);
	begin();
	if (k > 1)
		disable();
	bind(0, k, fds);
	end();
	dump("rebuild", k, round, 1);
	disable();
}

static void rebuild(unsigned int round)
{
	unsigned int k;

	for (k = 1; k <= VECTORS; k = next_step(k))
		rebuild_to(k, round);
}

static void swap(unsigned int round)
{
	unsigned int i;

	bind(0, SOME, fds);
	for (i = 0; i < REPETITIONS; i++) {
		const int *fd = i & 1 ? &fds[VICTIM] : &others[VICTIM];

		begin();
		bind(VICTIM, 1, fd);
		end();
	}
	dump("swap", VICTIM, round, REPETITIONS);
	disable();
}

static void interrupt(unsigned int round)
{
	unsigned int i;

	bind(0, SOME, fds);
	for (i = 0; i < REPETITIONS; i++) {
		begin();
		sim_raise(VICTIM, SIM_PROMPT);
		end();
		if (sim_read(fds[VICTIM]) != 1)
			die("an interrupt did not come", 0);
	}
	dump("interrupt", VICTIM, round, REPETITIONS);
	disable();
}

static void nothing(unsigned int round)
{
	begin();
	end();
	dump("nothing", 0, round, 1);
}

/* ---- Bytes --------------------------------------------------------------------- */

/* What a kernel function allocates when the code under test calls it. */
#define FUNCTIONS 32
/* Vectors 2 to 257: their number makes the names longer. */
#define SAMPLE 256
static struct {
	const char *name;
	long bytes;
} allocators[FUNCTIONS];
static size_t bytes_before;

static size_t bytes_now(void)
{
	struct sim_counts counts;

	sim_counts(&counts);
	return counts.bytes;
}

static void account(const char *name, long bytes)
{
	unsigned int i;

	for (i = 0; i < FUNCTIONS - 1 && allocators[i].name; i++)
		if (!strcmp(allocators[i].name, name))
			break;
	allocators[i].name = name;
	allocators[i].bytes += bytes;
}

static bool account_point(void *arg, const struct sim_point *point)
{
	(void)arg;
	if (point->when == SIM_BEFORE)
		bytes_before = bytes_now();
	else if (point->when == SIM_AFTER && bytes_now() != bytes_before)
		account(point->name, (long)bytes_now() - (long)bytes_before);
	return false;
}

/* What is allocated for a vector and stays, by which function is called for it. */
static void bytes(unsigned int round)
{
	unsigned int i;

	if (round)
		return;
	bind(0, 1, fds);
	sim_set_hook(account_point, NULL);
	for (i = 1; i <= SAMPLE; i++)
		bind(i, 1, &fds[i]);
	sim_set_hook(NULL, NULL);
	disable();
	for (i = 0; i < FUNCTIONS && allocators[i].name; i++)
		printf("%s,%.3f\n", allocators[i].name,
		       (double)allocators[i].bytes / SAMPLE);
}

/* ---- Main ------------------------------------------------------------------------ */

static const struct {
	const char *name;
	void (*run)(unsigned int round);
	const char *text;
} operations[] = {
	{ "bind", add_one_by_one, "bind vectors 1 to 2048, one at a time" },
	{ "rebuild", rebuild, "the same by taking all down and up again" },
	{ "swap", swap, "give a bound vector another eventfd" },
	{ "interrupt", interrupt, "handle an interrupt" },
	{ "nothing", nothing, "what is counted when there is nothing to count" },
	{ "bytes", bytes, "print what a bound vector has allocated, by kernel function" },
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static int usage(FILE *f)
{
	unsigned int i;

	fputs("usage: bench-sim OPERATION ROUNDS\n\nUnder callgrind, with --collect-atstart=no:\n",
	      f);
	for (i = 0; i < OPERATIONS; i++)
		fprintf(f, "  %-10s %s\n", operations[i].name, operations[i].text);
	return f == stderr ? 2 : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	unsigned int i, round, rounds;
	char *rest;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout);
	if (argc != 3)
		return usage(stderr);
	rounds = strtoul(argv[2], &rest, 10);
	for (i = 0; i < OPERATIONS && strcmp(argv[1], operations[i].name); i++)
		;
	if (i == OPERATIONS || *rest || !rounds || rounds > 1000)
		return usage(stderr);

	start();
	for (round = 0; round < rounds; round++)
		operations[i].run(round);
	stop();
	return EXIT_SUCCESS;
}
