// SPDX-License-Identifier: GPL-2.0-only
/* Runs programs of the fuzzer without the fuzzer: from files, or made up by a seed. */
#include <getopt.h>
#include <inttypes.h>
#include <time.h>

#include "inputs.h"
#include "player.h"
#include "sim.h"

#define PROGRAM_BYTES 400

struct settings {
	bool random;
	uint64_t seed;
	uint64_t operations;
	const char *save;
	struct player_options player;
};

static const char usage[] =
	"Usage: %s [OPTION]... FILE|DIRECTORY...\n"
	"       %s [OPTION]... --random SEED --operations N\n"
	"Runs programs of VFIO_DEVICE_SET_IRQS requests and mishaps on the simulated host, and\n"
	"compares what they do with a model of the bindings.\n"
	"\n"
	"  -r, --random SEED     make programs up; the same SEED makes the same ones\n"
	"  -n, --operations N    how many operations those have in all (default 100000)\n"
	"  -s, --save DIRECTORY  keep a made-up program that fails, as a file to replay\n"
	"  -t, --trace           print each operation before it is carried out\n"
	"  -m, --misread N       negative control: read one signal too many after operation N\n"
	"  -h, --help            this text\n"
	"\n"
	"Exit status: 0 all went as it should, 1 something did not, 2 wrong usage.\n";

/* ---- One program ------------------------------------------------------------------- */

static bool run(const char *name, const uint8_t *program, size_t size, void *options)
{
	char complaint[640];

	if (player_run(program, size, options, complaint, sizeof(complaint)))
		return true;
	printf("%s: %s\n", name, complaint);
	return false;
}

/* ---- Made up -------------------------------------------------------------------------- */

static void make_up(uint64_t *state, uint64_t number, uint8_t *program)
{
	/* Another device takes time to make: it changes every 256 programs only. */
	static const uint8_t tables[] = { 0x00, 0x00, 0x00, 0xa0, 0x00, 0x00, 0x00, 0xc0 };
	unsigned int i;

	for (i = 0; i < PROGRAM_BYTES; i++)
		program[i] = inputs_random(state);
	program[0] = (program[0] & ~0x0f) | (number / 256 % 3 == 1 ? 0x0f : 0x00);
	program[1] = (program[1] & 0x1f) | tables[number / 256 % sizeof(tables)];
}

static bool run_random(struct settings *settings)
{
	uint8_t program[PROGRAM_BYTES];
	uint64_t state = settings->seed;
	double next = INPUTS_PROGRESS_SECONDS;
	struct timespec start;
	uint64_t number;
	char name[64];

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (number = 0; player_totals.operations < settings->operations; number++) {
		if (inputs_interrupted)
			break;
		make_up(&state, number, program);
		snprintf(name, sizeof(name), "seed %" PRIu64 ", program %" PRIu64, settings->seed,
			 number);
		if (!run(name, program, sizeof(program), &settings->player)) {
			if (settings->save)
				inputs_keep(settings->save, sim_kernel(), settings->seed, number, program,
					    sizeof(program));
			return false;
		}
		if (inputs_seconds_since(&start) >= next) {
			fprintf(stderr, "%" PRIu64 " of %" PRIu64 " operations, %.0f a second\n",
				player_totals.operations, settings->operations,
				player_totals.operations / inputs_seconds_since(&start));
			next = inputs_seconds_since(&start) + INPUTS_PROGRESS_SECONDS;
		}
	}
	return true;
}

/* ---- main ---------------------------------------------------------------------------------- */

/* 0, or an exit status plus 1. */
static int parse(int argc, char **argv, struct settings *settings)
{
	static const struct option options[] = {
		{ "random", required_argument, NULL, 'r' },
		{ "operations", required_argument, NULL, 'n' },
		{ "save", required_argument, NULL, 's' },
		{ "trace", no_argument, NULL, 't' },
		{ "misread", required_argument, NULL, 'm' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "r:n:s:tm:h", options, NULL)) != -1) {
		switch (option) {
		case 'r':
			settings->random = true;
			if (!inputs_number(optarg, &settings->seed))
				return 1 + inputs_wrong("a seed is a number, not", optarg);
			break;
		case 'n':
			if (!inputs_number(optarg, &settings->operations))
				return 1 + inputs_wrong("a number of operations is not", optarg);
			break;
		case 's':
			settings->save = optarg;
			break;
		case 't':
			settings->player.trace = stdout;
			break;
		case 'm':
			settings->player.misread = true;
			if (!inputs_number(optarg, &settings->player.misread_at))
				return 1 + inputs_wrong("an operation has a number, not", optarg);
			break;
		case 'h':
			printf(usage, argv[0], argv[0]);
			return 1 + 0;
		default:
			return 1 + 2;
		}
	}
	if (settings->random ? optind < argc : optind == argc)
		return 1 + inputs_wrong(settings->random ? "--random takes no files:" :
						    "say what to replay",
				 settings->random ? argv[optind] : NULL);
	return 0;
}

int main(int argc, char **argv)
{
	struct settings settings = { .operations = 100000 };
	struct timespec start;
	bool ok = true;
	int i, ret;

	ret = parse(argc, argv, &settings);
	if (ret)
		return ret - 1;
	inputs_catch_signals();

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (settings.random)
		ok = run_random(&settings);
	for (i = optind; i < argc && !inputs_interrupted; i++)
		ok &= inputs_replay(argv[i], INPUTS_MAX, run, &settings.player);

	printf("kernel %s: %" PRIu64 " programs, %" PRIu64 " operations (%" PRIu64 " requests, "
	       "%" PRIu64 " refused, %" PRIu64 " with a failing call), %" PRIu64 " interrupts in "
	       "the middle, %" PRIu64 " bindings probed, %.0f operations a second: %s\n",
	       sim_kernel(), player_totals.programs, player_totals.operations,
	       player_totals.requests, player_totals.refused, player_totals.injected,
	       player_totals.interrupts, player_totals.probes,
	       player_totals.operations / inputs_seconds_since(&start),
	       !ok ? "FAILED" : inputs_interrupted ? "interrupted" : "no finding");
	return ok && !inputs_interrupted ? 0 : 1;
}
