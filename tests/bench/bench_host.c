// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long the host it runs on takes to bind the k-th vector of a device, and to
 * give a bound vector another eventfd. Every single call of VFIO_DEVICE_SET_IRQS is
 * timed; the results are left to others to sum up (tests/vm/lib/bench.sh).
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "vfio.h"

#define NSEC_PER_SEC 1000000000ULL
#define MOST_VECTORS 2048
/* Bound in operations for which their number does not matter. */
#define SOME 8
#define VICTIM 3

/**
 * struct bench
 * @vectors: as many are used
 * @fds: one for each, and one more to swap with
 * @results: a line for each call: operation,vector,round,nanoseconds
 * @progress: NULL: nowhere
 */
struct bench {
	struct vfio vfio;
	unsigned int vectors;
	unsigned int rounds;
	unsigned int swaps;
	int32_t fds[MOST_VECTORS + 1];
	FILE *results;
	FILE *progress;
	const char *phase;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NSEC_PER_SEC + t.tv_nsec;
}

static int complain(const char *what, int error)
{
	fprintf(stderr, "bench-host: %s: %s\n", what, strerror(error < 0 ? -error : ENOSPC));
	return error < 0 ? error : -ENOSPC;
}

static void result(struct bench *b, const char *operation, unsigned int vector,
		   unsigned int round, uint64_t ns)
{
	fprintf(b->results, "%s,%u,%u,%" PRIu64 "\n", operation, vector, round, ns);
}

static void progress(struct bench *b, const char *operation, unsigned int round)
{
	if (!b->progress)
		return;
	fprintf(b->progress, "chain: %s: %s, round %u of %u\n", b->phase, operation, round + 1,
		b->rounds);
	fflush(b->progress);
}

/* ---- Operations ------------------------------------------------------------ */

static int bind_range(struct bench *b, unsigned int start, unsigned int count, const int32_t *fds)
{
	int ret = vfio_bind(&b->vfio, start, count, fds);

	return ret ? complain("cannot bind vectors", ret) : 0;
}

/* Vectors are counted from 1 here: the k-th to be bound. */
static int add_one_by_one(struct bench *b, unsigned int round)
{
	unsigned int k;
	int ret = 0;

	for (k = 1; k <= b->vectors; k++) {
		uint64_t begin = now_ns();

		ret = vfio_bind(&b->vfio, k - 1, 1, &b->fds[k - 1]);
		if (ret) {
			fprintf(stderr, "bench-host: vector %u cannot be bound; has the host "
				"enough processors?\n", k);
			return complain("cannot bind", ret);
		}
		result(b, "bind", k, round, now_ns() - begin);
	}
	return vfio_disable(&b->vfio);
}

/* What VMMs do that cannot add one: all down, and up again with one more. */
static int rebuild_to(struct bench *b, unsigned int k, unsigned int round)
{
	uint64_t begin;
	int ret = 0;

	if (k > 1)
		ret = bind_range(b, 0, k - 1, b->fds);
	begin = now_ns();
	if (!ret && k > 1)
		ret = vfio_disable(&b->vfio);
	if (!ret)
		ret = bind_range(b, 0, k, b->fds);
	result(b, "rebuild", k, round, now_ns() - begin);
	return ret ? ret : vfio_disable(&b->vfio);
}

static unsigned int next_step(const struct bench *b, unsigned int k)
{
	unsigned int next = k + (k + 1) / 2;

	return k < b->vectors && next > b->vectors ? b->vectors : next;
}

static int rebuild(struct bench *b, unsigned int round)
{
	unsigned int k;
	int ret = 0;

	for (k = 1; !ret && k <= b->vectors; k = next_step(b, k))
		ret = rebuild_to(b, k, round);
	return ret;
}

/* @other: the eventfd that takes turns with the vector's own */
static int set_again(struct bench *b, const char *operation, unsigned int round, int32_t other)
{
	unsigned int i;
	int ret;

	ret = bind_range(b, 0, SOME, b->fds);
	for (i = 0; !ret && i < b->swaps; i++) {
		int32_t fd = i & 1 ? b->fds[VICTIM] : other;
		uint64_t begin = now_ns();

		ret = bind_range(b, VICTIM, 1, &fd);
		result(b, operation, VICTIM, round, now_ns() - begin);
	}
	return ret ? ret : vfio_disable(&b->vfio);
}

static int swap(struct bench *b, unsigned int round)
{
	return set_again(b, "swap", round, b->fds[MOST_VECTORS]);
}

static int rebind(struct bench *b, unsigned int round)
{
	return set_again(b, "rebind", round, b->fds[VICTIM]);
}

/* @once: not in every round, because it takes long */
static const struct {
	const char *name;
	int (*run)(struct bench *b, unsigned int round);
	bool once;
} operations[] = {
	{ "bind", add_one_by_one, false },
	{ "swap", swap, false },
	{ "rebind", rebind, false },
	{ "rebuild", rebuild, true },
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* ---- Main ------------------------------------------------------------------ */

static int make_eventfds(struct bench *b)
{
	const struct rlimit files = { MOST_VECTORS + 256, MOST_VECTORS + 256 };
	unsigned int i;

	if (setrlimit(RLIMIT_NOFILE, &files))
		return complain("cannot allow that many open files", -errno);
	for (i = 0; i <= MOST_VECTORS; i++) {
		b->fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (b->fds[i] < 0)
			return complain("cannot make an eventfd", -errno);
	}
	return 0;
}

static int run(struct bench *b)
{
	unsigned int round, i;
	int ret = 0;

	for (round = 0; !ret && round < b->rounds; round++) {
		for (i = 0; !ret && i < OPERATIONS; i++) {
			if (operations[i].once && round)
				continue;
			progress(b, operations[i].name, round);
			ret = operations[i].run(b, round);
		}
	}
	return ret;
}

static int bench(struct bench *b, const char *bdf)
{
	int ret = make_eventfds(b);

	if (!ret)
		ret = vfio_open(&b->vfio, bdf);
	if (ret)
		return ret;
	if (b->vectors > b->vfio.vectors)
		b->vectors = b->vfio.vectors;
	if (b->vfio.noresize)
		ret = complain("this host cannot add vectors one by one", -ENOTSUP);
	else
		ret = run(b);
	vfio_close(&b->vfio);
	return ret;
}

static void print_help(void)
{
	puts("usage: bench-host [option...]\n\n"
	     "Times VFIO_DEVICE_SET_IRQS on a device that is bound to vfio-pci.\n\n"
	     "  --device BDF      the device (default: $BDF)\n"
	     "  --vectors N       how many to bind, at most (default: 2048)\n"
	     "  --rounds N        of everything that is short (default: 5)\n"
	     "  --swaps N         changes of eventfd in a round (default: 500)\n"
	     "  --out FILE        results: operation,vector,round,nanoseconds\n"
	     "                    (default: bench.csv in the directory $OUT)\n"
	     "  --progress FILE   append a line now and then\n"
	     "  --help            print this text\n\n"
	     "Exit status: 0 all was done, 1 not, 2 usage.");
}

static const struct option options[] = {
	{ "device", required_argument, NULL, 'd' },  { "vectors", required_argument, NULL, 'v' },
	{ "rounds", required_argument, NULL, 'r' },  { "swaps", required_argument, NULL, 's' },
	{ "out", required_argument, NULL, 'o' },     { "progress", required_argument, NULL, 'p' },
	{ "help", no_argument, NULL, 'h' },	     { NULL, 0, NULL, 0 },
};

static int usage(const char *why)
{
	if (why)
		fprintf(stderr, "bench-host: %s\n", why);
	fputs("bench-host: try 'bench-host --help'\n", stderr);
	return 2;
}

/* 0: not a number from 1 to @most. */
static unsigned int number(const char *text, unsigned int most)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	return *text < '0' || *text > '9' || *end || value > most ? 0 : value;
}

static FILE *open_file(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);

	if (!f)
		fprintf(stderr, "bench-host: cannot open %s: %s\n", path, strerror(errno));
	return f;
}

static struct bench b = {
	.vectors = MOST_VECTORS,
	.rounds = 5,
	.swaps = 500,
};

int main(int argc, char **argv)
{
	const char *bdf = getenv("BDF"), *out = NULL, *tell = NULL;
	char default_out[PATH_MAX];
	int option, ret;

	b.phase = getenv("PHASE") ? getenv("PHASE") : "this host";
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'd': bdf = optarg; break;
		case 'v': b.vectors = number(optarg, MOST_VECTORS); break;
		case 'r': b.rounds = number(optarg, 10000); break;
		case 's': b.swaps = number(optarg, 10000000); break;
		case 'o': out = optarg; break;
		case 'p': tell = optarg; break;
		case 'h': print_help(); return 0;
		default: return usage(NULL);
		}
	}
	if (optind < argc)
		return usage("unexpected argument");
	if (!bdf)
		return usage("which device? --device BDF");
	if (b.vectors < SOME || !b.rounds || !b.swaps)
		return usage("--vectors takes 8 to 2048, --rounds 1 to 10000, --swaps 1 to 10000000");

	if (!out && getenv("OUT")) {
		snprintf(default_out, sizeof(default_out), "%s/bench.csv", getenv("OUT"));
		out = default_out;
	}
	b.results = out ? open_file(out, "w") : stdout;
	if (!b.results)
		return 1;
	b.progress = tell ? open_file(tell, "a") : NULL;
	if (tell && !b.progress)
		return 1;
	ret = bench(&b, bdf);
	if (fflush(b.results) || ferror(b.results))
		ret = complain("cannot write the results", -EIO);
	return ret ? 1 : 0;
}
