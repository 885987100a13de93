// SPDX-License-Identifier: GPL-2.0-only
/* Runs programs of the fuzzer without the fuzzer: from files, or made up by a seed. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "player.h"
#include "sim.h"

#define PROGRAM_BYTES 400
#define PROGRESS_SECONDS 5

static volatile sig_atomic_t interrupted;

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

static bool run(const char *name, const uint8_t *program, size_t size,
		const struct player_options *options)
{
	char complaint[640];

	if (player_run(program, size, options, complaint, sizeof(complaint)))
		return true;
	printf("%s: %s\n", name, complaint);
	return false;
}

static bool replay_file(const char *path, const struct player_options *options)
{
	static uint8_t program[1 << 16];
	FILE *file = fopen(path, "rb");
	size_t size;
	bool ok;

	if (!file) {
		fprintf(stderr, "replay: cannot read %s: %s\n", path, strerror(errno));
		return false;
	}
	size = fread(program, 1, sizeof(program), file);
	ok = !ferror(file);
	fclose(file);
	if (!ok) {
		fprintf(stderr, "replay: cannot read %s: %s\n", path, strerror(EIO));
		return false;
	}
	return run(path, program, size, options);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool replay_directory(const char *path, const struct player_options *options)
{
	struct dirent **names;
	int n = scandir(path, &names, visible, alphasort);
	bool ok = n > 0;
	int i;

	if (n < 0)
		fprintf(stderr, "replay: cannot read %s: %s\n", path, strerror(errno));
	else if (!n)
		fprintf(stderr, "replay: %s is empty\n", path);
	for (i = 0; i < n; i++) {
		char *file;

		if (!interrupted && asprintf(&file, "%s/%s", path, names[i]->d_name) >= 0) {
			ok &= replay_file(file, options);
			free(file);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return ok;
}

static bool replay(const char *path, const struct player_options *options)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return replay_directory(path, options);
	return replay_file(path, options);
}

/* ---- Made up -------------------------------------------------------------------------- */

/* splitmix64: every seed is a good one. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static void make_up(uint64_t *state, uint64_t number, uint8_t *program)
{
	/* Another device takes time to make: it changes every 256 programs only. */
	static const uint8_t tables[] = { 0x00, 0x00, 0x00, 0xa0, 0x00, 0x00, 0x00, 0xc0 };
	unsigned int i;

	for (i = 0; i < PROGRAM_BYTES; i++)
		program[i] = next_random(state);
	program[0] = (program[0] & ~0x0f) | (number / 256 % 3 == 1 ? 0x0f : 0x00);
	program[1] = (program[1] & 0x1f) | tables[number / 256 % sizeof(tables)];
}

static void save(const struct settings *settings, uint64_t number, const uint8_t *program)
{
	FILE *file;
	char *path;
	size_t done = 0;

	if (asprintf(&path, "%s/finding-%s-%" PRIu64 "-%" PRIu64, settings->save, sim_kernel(),
		     settings->seed, number) < 0)
		return;
	file = fopen(path, "wb");
	if (file) {
		done = fwrite(program, 1, PROGRAM_BYTES, file);
		if (fclose(file))
			done = 0;
	}
	if (done == PROGRAM_BYTES)
		printf("kept as %s\n", path);
	else
		fprintf(stderr, "replay: cannot write %s: %s\n", path, strerror(errno));
	free(path);
}

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec + (now.tv_nsec - start->tv_nsec) / 1e9;
}

static bool run_random(const struct settings *settings)
{
	uint8_t program[PROGRAM_BYTES];
	uint64_t state = settings->seed;
	double next = PROGRESS_SECONDS;
	struct timespec start;
	uint64_t number;
	char name[64];

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (number = 0; player_totals.operations < settings->operations; number++) {
		if (interrupted)
			break;
		make_up(&state, number, program);
		snprintf(name, sizeof(name), "seed %" PRIu64 ", program %" PRIu64, settings->seed,
			 number);
		if (!run(name, program, sizeof(program), &settings->player)) {
			if (settings->save)
				save(settings, number, program);
			return false;
		}
		if (seconds_since(&start) >= next) {
			fprintf(stderr, "%" PRIu64 " of %" PRIu64 " operations, %.0f a second\n",
				player_totals.operations, settings->operations,
				player_totals.operations / seconds_since(&start));
			next = seconds_since(&start) + PROGRESS_SECONDS;
		}
	}
	return true;
}

/* ---- main ---------------------------------------------------------------------------------- */

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static bool number(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

static int wrong(const char *what, const char *value)
{
	fprintf(stderr, "replay: %s%s%s; see --help\n", what, value ? " " : "", value ? value : "");
	return 2;
}

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
			if (!number(optarg, &settings->seed))
				return 1 + wrong("a seed is a number, not", optarg);
			break;
		case 'n':
			if (!number(optarg, &settings->operations))
				return 1 + wrong("a number of operations is not", optarg);
			break;
		case 's':
			settings->save = optarg;
			break;
		case 't':
			settings->player.trace = stdout;
			break;
		case 'm':
			settings->player.misread = true;
			if (!number(optarg, &settings->player.misread_at))
				return 1 + wrong("an operation has a number, not", optarg);
			break;
		case 'h':
			printf(usage, argv[0], argv[0]);
			return 1 + 0;
		default:
			return 1 + 2;
		}
	}
	if (settings->random ? optind < argc : optind == argc)
		return 1 + wrong(settings->random ? "--random takes no files:" :
						    "say what to replay",
				 settings->random ? argv[optind] : NULL);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = interrupt };
	struct settings settings = { .operations = 100000 };
	struct timespec start;
	bool ok = true;
	int i, ret;

	ret = parse(argc, argv, &settings);
	if (ret)
		return ret - 1;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (settings.random)
		ok = run_random(&settings);
	for (i = optind; i < argc && !interrupted; i++)
		ok &= replay(argv[i], &settings.player);

	printf("kernel %s: %" PRIu64 " programs, %" PRIu64 " operations (%" PRIu64 " requests, "
	       "%" PRIu64 " refused, %" PRIu64 " with a failing call), %" PRIu64 " interrupts in "
	       "the middle, %" PRIu64 " bindings probed, %.0f operations a second: %s\n",
	       sim_kernel(), player_totals.programs, player_totals.operations,
	       player_totals.requests, player_totals.refused, player_totals.injected,
	       player_totals.interrupts, player_totals.probes,
	       player_totals.operations / seconds_since(&start),
	       !ok ? "FAILED" : interrupted ? "interrupted" : "no finding");
	return ok && !interrupted ? 0 : 1;
}
