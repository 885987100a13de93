// SPDX-License-Identifier: GPL-2.0-only
/*
 * driver_fuzz: attacks the user interface of dsa_sample.
 *
 *   driver_fuzz [--random SEED] [--calls N] [--length N] [--progress FILE]
 *   driver_fuzz --round SEED [--length N] [--as root|member]
 *   driver_fuzz --soak SECONDS
 *
 * The first makes about N calls in rounds of so many, as root and as a user of the group that
 * the device belongs to, lets a user without it try, and sees at the end whether the
 * device is as good as new. TAP. Each round has a seed of its own; what is wrong is
 * printed with it and with the calls before it, and --round runs that one again. Rounds
 * with several threads do not go the same way twice, the others do.
 *
 * Needs root, the driver bound to its device, nobody else using it, and a kernel booted
 * with iomem=relaxed if it protects registers from those who are root. Exit status 0:
 * all is well, 1: not, 2: usage, 3: there is no device.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../driver/calls.h"
#include "fuzz.h"

/* How long a soak in between takes. */
#define SOAK_SHORT 3

static const struct user users[] = {
	{ "root", 0, 0 },
	{ "member", FUZZ_MEMBER, FUZZ_GROUP },
};

static const char *progress_file;
/* Calls of a round. More of them take less time each: a process is made for a round. */
static uint64_t length = 500;
static unsigned int tests, failed;

static void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void progress(const char *format, ...)
{
	FILE *file = progress_file ? fopen(progress_file, "a") : NULL;
	va_list list;

	if (!file)
		return;
	fprintf(file, "chain: driver-fuzz: ");
	va_start(list, format);
	vfprintf(file, format, list);
	va_end(list);
	fprintf(file, "\n");
	fclose(file);
}

static void result(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void result(bool good, const char *format, ...)
{
	va_list list;

	failed += !good;
	printf("%s %u - ", good ? "ok" : "not ok", ++tests);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	printf("\n");
	fflush(stdout);
}

/* ---- The device ----------------------------------------------------------------- */

void user_become(const struct user *user)
{
	if (!user->uid)
		return;
	if (setgroups(user->gid ? 1 : 0, &user->gid) ||
	    setresgid(user->uid, user->uid, user->uid) ||
	    setresuid(user->uid, user->uid, user->uid) || setuid(0) == 0)
		_exit(99);
}

bool device_grant(bool group)
{
	return !chown(FUZZ_DEVICE, 0, group ? FUZZ_GROUP : 0) &&
	       !chmod(FUZZ_DEVICE, group ? 0660 : 0600);
}

bool device_rebind(void)
{
	bool bound;

	bound = write_file(DRIVER "/unbind", pci_address) && rebind();
	return bound && device_grant(true);
}

/* ---- Tests ------------------------------------------------------------------------ */

/* All queues at once, and each does what it is told to. */
static bool health(void)
{
	struct queue queues[64];
	int device = device_open();
	struct dsa_sample_event event;
	unsigned int i, n;

	failures = 0;
	for (n = 0; n < fuzz_info.queues; n++)
		if (!check(queue_open(device, &queues[n], n)))
			break;
	check(queues_up(device) == (n == 64 ? ~0ULL : (1ULL << n) - 1));
	for (i = 0; i < n; i++) {
		struct queue *q = &queues[i];

		event = run_one(q, (struct dsa_sample_work){ .tag = 1, .opcode = DSA_OPCODE_MEMFILL,
			.flags = DSA_SAMPLE_WORK_INTERRUPT, .size = 5000,
			.pattern = 0x0101010101010101ULL * (i + 1) });
		check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.status == DSA_COMP_SUCCESS);
		event = run_one(q, (struct dsa_sample_work){ .tag = 2, .opcode = DSA_OPCODE_MEMMOVE,
			.flags = DSA_SAMPLE_WORK_INTERRUPT, .dst = 10000, .size = 5000 });
		check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.status == DSA_COMP_SUCCESS);
		check((unsigned char)q->buffer[0] == i + 1);
		check((unsigned char)q->buffer[14999] == i + 1);
		check(q->buffer[15000] == 0);
		event = run_one(q, (struct dsa_sample_work){ .tag = 3, .opcode = DSA_OPCODE_COMPARE,
			.flags = DSA_SAMPLE_WORK_INTERRUPT, .dst = 10000, .size = 5000 });
		check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.result == 0);
	}
	for (i = 0; i < n; i++)
		queue_close(&queues[i]);
	check(queues_up(device) == 0);
	close(device);
	return !failures;
}

static bool fuzz_run(uint64_t seed, const struct user *user, uint64_t calls)
{
	struct fuzz random = { .random = seed };
	uint64_t done = 0, told = 0, round_seed;

	while (done < calls) {
		round_seed = fuzz_random(&random);
		if (!round_run(round_seed, length, user, &done)) {
			printf("# again: driver_fuzz --round %#llx --length %llu --as %s\n",
			       (unsigned long long)round_seed, (unsigned long long)length,
			       user->name);
			return false;
		}
		if (done - told >= calls / 10) {
			told = done;
			progress("%llu of %llu calls as %s", (unsigned long long)done,
				 (unsigned long long)calls, user->name);
		}
	}
	return true;
}

/* What is wrong once would be wrong in all that follows. */
static bool all_run(uint64_t seed, uint64_t calls)
{
	size_t i;

	printf("1..7\n");
	printf("# --random %llu --calls %llu --length %llu\n", (unsigned long long)seed,
	       (unsigned long long)calls, (unsigned long long)length);
	result(strangers_run(), "who was not given the device gets nothing");
	if (!device_grant(true))
		die("the device's group");
	if (!failed)
		result(settings_run(seed), "what is configured is what the device has");
	for (i = 0; i < sizeof(users) / sizeof(users[0]) && !failed; i++)
		result(fuzz_run(seed + i, &users[i], calls / 2), "%llu calls as %s",
		       (unsigned long long)calls / 2, users[i].name);
	tallies_print();
	if (!failed)
		result(health(), "all queues work afterwards");
	if (!failed)
		result(soak_run(SOAK_SHORT), "and at full rate");
	if (!failed)
		result(device_rebind() && device_idle(),
		       "the device can be given back and taken again");
	if (failed)
		printf("Bail out! What follows would show nothing\n");
	return !failed;
}

/* ---- The other program of an exec ------------------------------------------------- */

static int descriptors(char **numbers)
{
	for (; *numbers; numbers++) {
		bool open = fcntl(atoi(*numbers), F_GETFD) >= 0;

		if (open != (**numbers == '+'))
			return 1;
	}
	return 0;
}

/* ---- Main ------------------------------------------------------------------------- */

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr, "usage: driver_fuzz [--random SEED] [--calls N] [--progress FILE]\n"
		"       driver_fuzz --round SEED [--as root|member]\n"
		"       driver_fuzz --soak SECONDS\n");
	exit(2);
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end)
		usage();
	return value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "random", required_argument, NULL, 'r' },
		{ "calls", required_argument, NULL, 'n' },
		{ "length", required_argument, NULL, 'l' },
		{ "round", required_argument, NULL, 'o' },
		{ "as", required_argument, NULL, 'a' },
		{ "soak", required_argument, NULL, 's' },
		{ "progress", required_argument, NULL, 'p' },
		{},
	};
	uint64_t seed = 1, calls = 20000, round = 0, soak = 0, done = 0;
	const struct user *user = &users[0];
	bool one = false;
	int option, device;

	if (argc > 1 && !strcmp(argv[1], "--descriptors"))
		return descriptors(argv + 2);
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
		switch (option) {
		case 'r':
			seed = number(optarg);
			break;
		case 'n':
			calls = number(optarg);
			break;
		case 'l':
			length = number(optarg);
			if (length < FUZZ_THREADS || length > 1000000)
				usage();
			break;
		case 'o':
			round = number(optarg);
			one = true;
			break;
		case 'a':
			user = !strcmp(optarg, users[1].name) ? &users[1] : &users[0];
			if (strcmp(optarg, user->name))
				usage();
			break;
		case 's':
			soak = number(optarg);
			break;
		case 'p':
			progress_file = optarg;
			break;
		default:
			usage();
		}
	}
	if (optind != argc)
		usage();
	device = open(FUZZ_DEVICE, O_RDWR);
	if (device < 0) {
		fprintf(stderr, "driver_fuzz: %s: %s\n", FUZZ_DEVICE, strerror(errno));
		return 3;
	}
	fuzz_info = info_get(device);
	close(device);
	find_device();
	/* What a round leaves behind is ours to wait for. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (one)
		return !(device_grant(true) && round_run(round, length, user, &done));
	if (soak)
		return !soak_run(soak);
	return !all_run(seed, calls);
}
