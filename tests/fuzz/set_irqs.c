// SPDX-License-Identifier: GPL-2.0-only
/* The fuzzer's target: an input is a program. Linked with libFuzzer, which has main(). */
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "player.h"
#include "sim.h"

/* What libFuzzer calls, by these names. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct timespec started;

static void say_totals(void)
{
	const struct player_totals *t = &player_totals;
	struct timespec now;
	double seconds;

	clock_gettime(CLOCK_MONOTONIC, &now);
	seconds = now.tv_sec - started.tv_sec + (now.tv_nsec - started.tv_nsec) / 1e9;
	fprintf(stderr, "kernel %s: %" PRIu64 " programs, %" PRIu64 " operations (%" PRIu64
		" requests, %" PRIu64 " refused, %" PRIu64 " with a failing call), %" PRIu64
		" interrupts in the middle, %" PRIu64 " bindings probed, %.0f operations a "
		"second\n",
		sim_kernel(), t->programs, t->operations, t->requests, t->refused, t->injected,
		t->interrupts, t->probes, t->operations / seconds);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	clock_gettime(CLOCK_MONOTONIC, &started);
	return atexit(say_totals);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char complaint[640];

	if (player_run(data, size, NULL, complaint, sizeof(complaint)))
		return 0;
	fprintf(stderr, "kernel %s: %s\n", sim_kernel(), complaint);
	abort();
}
