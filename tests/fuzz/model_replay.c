// SPDX-License-Identifier: GPL-2.0-only
/* Runs inputs of the fuzzers of dsa-model/ without the fuzzer: from files, or made up. */
#include <getopt.h>
#include <inttypes.h>
#include <time.h>

#include "inputs.h"
#include "model_target.h"

#define INPUT_MAX 4096
#define THOROUGH_EVERY 256
#define NEVER UINT64_MAX

struct settings {
	bool random;
	uint64_t seed;
	uint64_t operations;
	uint64_t spoil;
	const char *save;
	FILE *trace;
};

static struct settings settings = { .operations = 10000, .spoil = NEVER };
static uint64_t inputs;

static const char usage[] =
	"Usage: %s [OPTION]... FILE|DIRECTORY...\n"
	"       %s [OPTION]... --random SEED --operations N\n"
	"Runs inputs of a fuzzer of dsa-model and compares what happens with what should.\n"
	"\n"
	"  -r, --random SEED     make inputs up; the same SEED makes the same ones\n"
	"  -n, --operations N    how many inputs (default 10000)\n"
	"  -s, --save DIRECTORY  keep a made-up input that fails, as a file to replay\n"
	"  -t, --trace           print what is done before it is done\n"
	"  -m, --spoil N         negative control: expect what cannot be in input N, from 0\n"
	"  -h, --help            this text\n"
	"\n"
	"Exit status: 0 all went as it should, 1 something did not, 2 wrong usage.\n";

/* ---- One input ---------------------------------------------------------------------- */

/* @thorough: a bool */
static bool run(const char *name, const uint8_t *data, size_t size, void *thorough)
{
	struct model_options options = {
		.trace = settings.trace,
		.spoil = inputs == settings.spoil,
		.thorough = *(bool *)thorough,
	};
	struct model_verdict verdict = { .wrong = false };

	if (settings.trace)
		fprintf(settings.trace, "%s\n", name);
	model_target.run(data, size, &options, &verdict);
	inputs++;
	if (verdict.wrong)
		printf("%s: %s\n", name, verdict.complaint);
	return !verdict.wrong;
}

/* ---- Made up -------------------------------------------------------------------------- */

static size_t make_up(uint64_t *state, uint8_t *data)
{
	size_t size = inputs_random(state) % (model_target.max_len + 1), at;

	for (at = 0; at < size; at++)
		data[at] = inputs_random(state) >> 16;
	return size;
}

static bool run_random(void)
{
	double next = INPUTS_PROGRESS_SECONDS;
	uint64_t state = settings.seed, number;
	struct timespec start;
	uint8_t data[INPUT_MAX];

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (number = 0; number < settings.operations && !inputs_interrupted; number++) {
		size_t size = make_up(&state, data);
		char name[64];
		bool thorough;

		snprintf(name, sizeof(name), "seed %" PRIu64 ", input %" PRIu64, settings.seed,
			 number);
		thorough = number % THOROUGH_EVERY == 0;
		if (!run(name, data, size, &thorough)) {
			if (settings.save)
				inputs_keep(settings.save, model_target.name, settings.seed, number,
					    data, size);
			return false;
		}
		if (inputs_seconds_since(&start) >= next) {
			fprintf(stderr, "%" PRIu64 " of %" PRIu64 " inputs, %.0f a second\n",
				number, settings.operations, number / inputs_seconds_since(&start));
			next = inputs_seconds_since(&start) + INPUTS_PROGRESS_SECONDS;
		}
	}
	return true;
}

/* ---- main ---------------------------------------------------------------------------------- */

/* 0, or an exit status plus 1. */
static int parse(int argc, char **argv)
{
	static const struct option options[] = {
		{ "random", required_argument, NULL, 'r' },
		{ "operations", required_argument, NULL, 'n' },
		{ "save", required_argument, NULL, 's' },
		{ "trace", no_argument, NULL, 't' },
		{ "spoil", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "r:n:s:tm:h", options, NULL)) != -1) {
		switch (option) {
		case 'r':
			settings.random = true;
			if (!inputs_number(optarg, &settings.seed))
				return 1 + inputs_wrong("a seed is a number, not", optarg);
			break;
		case 'n':
			if (!inputs_number(optarg, &settings.operations))
				return 1 + inputs_wrong("a number of operations is not", optarg);
			break;
		case 's':
			settings.save = optarg;
			break;
		case 't':
			settings.trace = stdout;
			break;
		case 'm':
			if (!inputs_number(optarg, &settings.spoil))
				return 1 + inputs_wrong("an input has a number, not", optarg);
			break;
		case 'h':
			printf(usage, argv[0], argv[0]);
			return 1 + 0;
		default:
			return 1 + 2;
		}
	}
	if (settings.random ? optind < argc : optind == argc)
		return 1 + inputs_wrong(settings.random ? "--random takes no files:" :
						   "say what to replay",
				 settings.random ? argv[optind] : NULL);
	return 0;
}

int main(int argc, char **argv)
{
	bool ok = true, thorough = true;
	struct timespec start;
	int i, ret;

	ret = parse(argc, argv);
	if (ret)
		return ret - 1;
	inputs_catch_signals();

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (settings.random)
		ok = run_random();
	for (i = optind; i < argc && !inputs_interrupted; i++)
		ok &= inputs_replay(argv[i], INPUT_MAX, run, &thorough);

	printf("%s: %" PRIu64 " inputs, ", model_target.name, inputs);
	model_target.say_totals(stdout);
	printf(", %.0f inputs a second: %s\n", inputs / inputs_seconds_since(&start),
	       !ok ? "FAILED" : inputs_interrupted ? "interrupted" : "no finding");
	return ok && !inputs_interrupted ? 0 : 1;
}
