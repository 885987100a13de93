// SPDX-License-Identifier: GPL-2.0-only
/* Runs inputs of the fuzzers of dsa-model/ without the fuzzer: from files, or made up. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "model_target.h"

#define INPUT_MAX 4096
#define PROGRESS_SECONDS 5
#define THOROUGH_EVERY 256
#define NEVER UINT64_MAX

static volatile sig_atomic_t interrupted;

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

static bool run(const char *name, const uint8_t *data, size_t size, bool thorough)
{
	struct model_options options = {
		.trace = settings.trace,
		.spoil = inputs == settings.spoil,
		.thorough = thorough,
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

static bool replay_file(const char *path)
{
	static uint8_t data[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t size = 0;
	bool ok = false;

	if (file) {
		size = fread(data, 1, sizeof(data), file);
		ok = !ferror(file);
		fclose(file);
	}
	if (!ok) {
		fprintf(stderr, "replay: cannot read %s: %s\n", path, strerror(errno));
		return false;
	}
	return run(path, data, size, true);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool replay_directory(const char *path)
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
			ok &= replay_file(file);
			free(file);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return ok;
}

static bool replay(const char *path)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return replay_directory(path);
	return replay_file(path);
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

static size_t make_up(uint64_t *state, uint8_t *data)
{
	size_t size = next_random(state) % (model_target.max_len + 1), at;

	for (at = 0; at < size; at++)
		data[at] = next_random(state) >> 16;
	return size;
}

static void save(uint64_t number, const uint8_t *data, size_t size)
{
	size_t done = 0;
	FILE *file;
	char *path;

	if (asprintf(&path, "%s/finding-%s-%" PRIu64 "-%" PRIu64, settings.save,
		     model_target.name, settings.seed, number) < 0)
		return;
	file = fopen(path, "wb");
	if (file) {
		done = fwrite(data, 1, size, file);
		if (fclose(file))
			done = 0;
	}
	if (done == size)
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

static bool run_random(void)
{
	double next = PROGRESS_SECONDS;
	uint64_t state = settings.seed, number;
	struct timespec start;
	uint8_t data[INPUT_MAX];

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (number = 0; number < settings.operations && !interrupted; number++) {
		size_t size = make_up(&state, data);
		char name[64];

		snprintf(name, sizeof(name), "seed %" PRIu64 ", input %" PRIu64, settings.seed,
			 number);
		if (!run(name, data, size, number % THOROUGH_EVERY == 0)) {
			if (settings.save)
				save(number, data, size);
			return false;
		}
		if (seconds_since(&start) >= next) {
			fprintf(stderr, "%" PRIu64 " of %" PRIu64 " inputs, %.0f a second\n",
				number, settings.operations, number / seconds_since(&start));
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
			if (!number(optarg, &settings.seed))
				return 1 + wrong("a seed is a number, not", optarg);
			break;
		case 'n':
			if (!number(optarg, &settings.operations))
				return 1 + wrong("a number of operations is not", optarg);
			break;
		case 's':
			settings.save = optarg;
			break;
		case 't':
			settings.trace = stdout;
			break;
		case 'm':
			if (!number(optarg, &settings.spoil))
				return 1 + wrong("an input has a number, not", optarg);
			break;
		case 'h':
			printf(usage, argv[0], argv[0]);
			return 1 + 0;
		default:
			return 1 + 2;
		}
	}
	if (settings.random ? optind < argc : optind == argc)
		return 1 + wrong(settings.random ? "--random takes no files:" :
						   "say what to replay",
				 settings.random ? argv[optind] : NULL);
	return 0;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = interrupt };
	struct timespec start;
	bool ok = true;
	int i, ret;

	ret = parse(argc, argv);
	if (ret)
		return ret - 1;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	clock_gettime(CLOCK_MONOTONIC, &start);
	if (settings.random)
		ok = run_random();
	for (i = optind; i < argc && !interrupted; i++)
		ok &= replay(argv[i]);

	printf("%s: %" PRIu64 " inputs, ", model_target.name, inputs);
	model_target.say_totals(stdout);
	printf(", %.0f inputs a second: %s\n", inputs / seconds_since(&start),
	       !ok ? "FAILED" : interrupted ? "interrupted" : "no finding");
	return ok && !interrupted ? 0 : 1;
}
