// SPDX-License-Identifier: GPL-2.0-only
/* What an administrator sees and sets: counters, trace points, affinity hints, limits. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "calls.h"
#include "tests.h"

#define TRACING "/sys/kernel/tracing"
#define PARAMETERS "/sys/module/dsa_sample/parameters/"

/* The text of a small file, or of the first that it has; NULL if it cannot be read. */
static const char *read_file(const char *path)
{
	static char text[65536];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 0;
	ssize_t n;

	if (fd < 0)
		return NULL;
	while (size < sizeof(text) - 1 && (n = read(fd, text + size, sizeof(text) - 1 - size)) > 0)
		size += n;
	text[size] = '\0';
	close(fd);
	return text;
}

/* ---- Counters -------------------------------------------------------------------- */

void test_counters(void)
{
	static const char *const path = "/sys/kernel/debug/dsa-sample0";
	struct dsa_sample_work silent = { .tag = 2, .opcode = DSA_OPCODE_NOOP };
	int device = device_open();
	const char *text = read_file(path);
	struct queue q;

	if (!text) {
		skipped = "debugfs is not mounted";
		return;
	}
	check(strncmp(text, "running: resets ", 16) == 0);
	check(!strstr(text, "queue "));
	if (!check(queue_open(device, &q, 3)))
		return;
	run_one(&q, noop(1));
	run_one(&q, silent);
	text = read_file(path);
	check(text && strstr(text, "\nqueue 3: submitted 2 again 0 interrupted 1 polled 1 "
				   "stranded 0 missing 0 aborted 0 runs 1 "));
	queue_close(&q);
	close(device);
	check(!strstr(read_file(path) ?: "queue ", "queue "));
}

/* ---- Trace points ------------------------------------------------------------------ */

void test_trace_points(void)
{
	int device = device_open();
	const char *text, *submit_at, *complete_at, *reap_at;
	struct queue q;

	if (access(TRACING "/trace", F_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
	if (access(TRACING "/events/dsa_sample", F_OK)) {
		skipped = "this kernel has no trace points";
		return;
	}
	if (!check(queue_open(device, &q, 2)))
		return;
	check(write_file(TRACING "/trace", ""));
	check(write_file(TRACING "/events/dsa_sample/enable", "1"));
	run_one(&q, noop(0xabc));
	check(write_file(TRACING "/events/dsa_sample/enable", "0"));
	run_one(&q, noop(0xdef));
	text = read_file(TRACING "/trace");
	if (check(text != NULL)) {
		submit_at = strstr(text, "dsa_sample_submit: dsa-sample0 queue 2 tag 0xabc");
		complete_at = strstr(text, "dsa_sample_complete: dsa-sample0 queue 2 tag 0xabc "
					   "status 0x1");
		reap_at = strstr(text, "dsa_sample_reap: dsa-sample0 queue 2 tag 0xabc status 0x1 "
				       "interrupt");
		check(submit_at && complete_at && reap_at);
		check(submit_at < complete_at && complete_at < reap_at);
		check(!strstr(text, "tag 0xdef"));
	}
	queue_close(&q);
	close(device);
}

/* ---- Affinity ------------------------------------------------------------------------ */

static unsigned long mask_of(int irq, const char *which)
{
	char path[64];
	const char *text;

	snprintf(path, sizeof(path), "/proc/irq/%d/%s", irq, which);
	text = read_file(path);
	return text ? strtoul(text, NULL, 16) : 0;
}

/* The vectors of the queues are spread over the CPUs, and aimed at them. */
void test_hints(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN), i;
	int device = device_open();
	unsigned long hint, seen = 0;
	struct queue q[2];

	for (i = 0; i < 2; i++) {
		if (!check(queue_open(device, &q[i], i)))
			return;
		hint = mask_of(q[i].up.irq, "affinity_hint");
		check(hint && !(hint & (hint - 1)));
		check(mask_of(q[i].up.irq, "smp_affinity") == hint);
		check(cpus < 2 || !(seen & hint));
		seen |= hint;
		run_one(&q[i], noop(1));
	}
	for (i = 0; i < 2; i++)
		queue_close(&q[i]);
	close(device);
}

/* ---- Limits ----------------------------------------------------------------------------- */

/* One open file of the device may take so much, another one as much again. */
void test_limits(void)
{
	struct dsa_sample_queue_up large = up_args(1);
	int first = device_open(), second = device_open();
	char before[2][16];
	struct queue a, b;

	snprintf(before[0], 16, "%s", read_file(PARAMETERS "opener_queues") ?: "64");
	snprintf(before[1], 16, "%s", read_file(PARAMETERS "opener_memory") ?: "256");
	check(write_file(PARAMETERS "opener_queues", "1"));
	if (!check(queue_open(first, &a, 0)))
		return;
	up_fails(first, up_args(1), EDQUOT);
	check(queue_open(second, &b, 1));
	queue_close(&a);
	check(queue_open(first, &a, 0));
	up_fails(first, up_args(2), EDQUOT);
	check(queues_up(first) == 3);
	queue_close(&a);
	queue_close(&b);
	check(write_file(PARAMETERS "opener_queues", before[0]));

	check(write_file(PARAMETERS "opener_memory", "1"));
	large.buffer_size = 1 << 20;
	up_fails(first, large, EDQUOT);
	large.buffer_size = 3 << 18;
	check(queue_open_with(first, &a, large));
	large.queue = 2;
	up_fails(first, large, EDQUOT);
	check(queue_open_with(second, &b, large));
	queue_close(&b);
	/* What is given back can be taken again. */
	queue_close(&a);
	check(queue_open_with(first, &a, large));
	run_one(&a, noop(1));
	queue_close(&a);
	check(write_file(PARAMETERS "opener_memory", "0"));
	up_fails(first, up_args(0), EDQUOT);
	check(write_file(PARAMETERS "opener_memory", before[1]));
	check(queue_open(first, &a, 0));
	queue_close(&a);
	close(first);
	close(second);
}
