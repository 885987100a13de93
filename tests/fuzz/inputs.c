// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "inputs.h"

volatile sig_atomic_t inputs_interrupted;

static void interrupt(int signal)
{
	(void)signal;
	inputs_interrupted = 1;
}

void inputs_catch_signals(void)
{
	struct sigaction action = { .sa_handler = interrupt };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* ---- Files ------------------------------------------------------------------------------ */

static bool replay_file(const char *path, size_t max, inputs_run run, void *context)
{
	static uint8_t data[INPUTS_MAX];
	FILE *file = fopen(path, "rb");
	size_t size;
	bool ok;

	if (!file) {
		fprintf(stderr, "replay: cannot read %s: %s\n", path, strerror(errno));
		return false;
	}
	size = fread(data, 1, max < sizeof(data) ? max : sizeof(data), file);
	ok = !ferror(file);
	fclose(file);
	if (!ok) {
		fprintf(stderr, "replay: cannot read %s: %s\n", path, strerror(EIO));
		return false;
	}
	return run(path, data, size, context);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool replay_directory(const char *path, size_t max, inputs_run run, void *context)
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

		if (!inputs_interrupted &&
		    asprintf(&file, "%s/%s", path, names[i]->d_name) >= 0) {
			ok &= replay_file(file, max, run, context);
			free(file);
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return ok;
}

bool inputs_replay(const char *path, size_t max, inputs_run run, void *context)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return replay_directory(path, max, run, context);
	return replay_file(path, max, run, context);
}

/* ---- Made up ---------------------------------------------------------------------------- */

/* splitmix64 */
uint64_t inputs_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

void inputs_keep(const char *folder, const char *target, uint64_t seed, uint64_t number,
		 const uint8_t *data, size_t size)
{
	size_t done = 0;
	FILE *file;
	char *path;

	if (asprintf(&path, "%s/finding-%s-%" PRIu64 "-%" PRIu64, folder, target, seed, number) < 0)
		return;
	file = fopen(path, "wb");
	if (file) {
		done = fwrite(data, 1, size, file);
		if (fclose(file))
			done = 0;
	}
	if (file && done == size)
		printf("kept as %s\n", path);
	else
		fprintf(stderr, "replay: cannot write %s: %s\n", path, strerror(errno));
	free(path);
}

double inputs_seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec + (now.tv_nsec - start->tv_nsec) / 1e9;
}

/* ---- Command line ----------------------------------------------------------------------- */

bool inputs_number(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	return *text >= '0' && *text <= '9' && !*end && !errno;
}

int inputs_wrong(const char *what, const char *value)
{
	fprintf(stderr, "replay: %s%s%s; see --help\n", what, value ? " " : "", value ? value : "");
	return 2;
}
