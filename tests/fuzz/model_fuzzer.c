// SPDX-License-Identifier: GPL-2.0-only
/* The fuzzer's entry to a target of dsa-model/. Linked with libFuzzer, which has main(). */
#include <stdlib.h>
#include <time.h>

#include "model_target.h"

/* What libFuzzer calls, by these names. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What takes long is checked that seldom. */
#define THOROUGH_EVERY 256

static struct timespec started;
static unsigned long inputs;

static void say_totals(void)
{
	struct timespec now;
	double seconds;

	clock_gettime(CLOCK_MONOTONIC, &now);
	seconds = now.tv_sec - started.tv_sec + (now.tv_nsec - started.tv_nsec) / 1e9;
	fprintf(stderr, "%s: %lu inputs, ", model_target.name, inputs);
	model_target.say_totals(stderr);
	fprintf(stderr, ", %.0f inputs a second\n", inputs / seconds);
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
	struct model_options options = { .thorough = ++inputs % THOROUGH_EVERY == 0 };
	struct model_verdict verdict = { .wrong = false };

	model_target.run(data, size, &options, &verdict);
	if (!verdict.wrong)
		return 0;
	fprintf(stderr, "%s: %s\n", model_target.name, verdict.complaint);
	abort();
}
