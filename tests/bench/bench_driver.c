// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench-driver: what a descriptor costs the processors in a driver, in L1.
 *
 *	bench-driver --module NAME --irq TEXT --out FILE -- COMMAND...
 *	bench-driver --copies N [--queues N] [--bytes N]
 *
 * The first runs COMMAND, and meanwhile samples all processors by perf's cpu-clock, each
 * sample with the kernel's call chain. A sample is the driver's if any frame is in the module
 * NAME. Of these three kinds are told apart: the write to the portal, which here is emulated
 * twice over and on silicon is one posted write; those with a frame in __schedule(), a caller
 * that waits or makes way; and those with a frame in a function that copies from or to a
 * program. FILE gets these counts as JSON, with the descriptors, which movdir64b has counted,
 * and the interrupts whose lines in /proc/interrupts have TEXT.
 *
 * A sample that falls due while interrupts are off is taken when they are on again. So one in
 * the emulated write is found behind it, where movdir64b says the instruction was; and one in a
 * handler in the kernel's function that has called it, if handlers run in threads: boot with
 * threadirqs.
 *
 * The second is a load for dsa_sample that is like dmatest's: a thread for each queue, which
 * submits one copy, waits for its completion, and goes on until it has done its part of N.
 *
 * Exit status 0: done, 1: not, 2: usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../vm/driver/calls.h"

#define PERIOD_NS 400000
#define CPUS_MAX 16
#define RING_PAGES 256
#define RING_BYTES (RING_PAGES * 4096UL)
/* How often rings are emptied: a tenth of the time in which they would be full. */
#define EMPTY_MS 20
#define QUEUES_MAX 64
#define FUNCTIONS_MAX 256

#define COUNTER "/sys/module/movdir64b/parameters/kernel_count"
#define PORTAL "/sys/module/movdir64b/parameters/kernel_ip"

/* ---- Where code is --------------------------------------------------------------- */

/* Text from first to last; nothing if both are 0. */
struct range {
	uint64_t first;
	uint64_t last;
};

static bool in_range(const struct range *range, uint64_t address)
{
	return address >= range->first && address < range->last;
}

/**
 * struct function - one of the driver
 * @first: its address
 * @name: its name
 * @carries: it only carries the arguments of calls from and to a program
 * @samples: in which it is the outermost of the driver's, of those that do not carry if there
 *	is one, without portal, waiting, copying
 */
struct function {
	uint64_t first;
	char name[64];
	bool carries;
	uint64_t samples;
};

static struct function functions[FUNCTIONS_MAX];
static size_t functions_number;

static void function_add(uint64_t first, const char *name)
{
	static const char *const carriers[] = { "call", "queue_ioctl", "device_ioctl",
						"queue_submit" };
	struct function *function = &functions[functions_number];
	size_t i;

	if (functions_number == FUNCTIONS_MAX)
		return;
	function->first = first;
	snprintf(function->name, sizeof(function->name), "%.63s", name);
	for (i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++)
		function->carries |= !strcmp(name, carriers[i]);
	functions_number++;
}

/* The one with the highest address that is not behind @address. */
static struct function *function_find(uint64_t address)
{
	struct function *found = &functions[0];
	size_t i;

	for (i = 0; i < functions_number; i++)
		if (functions[i].first <= address &&
		    (found->first > address || functions[i].first > found->first))
			found = &functions[i];
	return found;
}

/* The text of a module, or of one function of the kernel, by /proc/kallsyms. */
static struct range range_find(const char *module, const char *function)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	struct range range = {};
	unsigned long long address;
	char line[300], name[200], owner[80], type;
	bool next = false;
	int fields;

	if (!file)
		die("/proc/kallsyms");
	while (fgets(line, sizeof(line), file)) {
		owner[0] = '\0';
		fields = sscanf(line, "%llx %c %199s [%79[^]]", &address, &type, name, owner);
		if (fields < 3 || !strchr("tT", type))
			continue;
		if (function) {
			/* Until whatever is next; the kernel's own are sorted. */
			if (next && address > range.first) {
				range.last = address;
				break;
			}
			if (!owner[0] && !strcmp(name, function)) {
				range.first = address;
				next = true;
			}
			continue;
		}
		if (strcmp(owner, module))
			continue;
		function_add(address, name);
		if (!range.first || address < range.first)
			range.first = address;
		/* The last function is no longer than that. */
		if (address + 4096 > range.last)
			range.last = address + 4096;
	}
	fclose(file);
	return range;
}

/* ---- Samples --------------------------------------------------------------------- */

/**
 * struct counts - samples
 * @all: in the kernel, idle included
 * @driver: with a frame in the module
 * @portal: of these, in the write to the portal
 * @waiting: of the others, with a frame in __schedule()
 * @copying: of the others, with a frame in a function that copies from or to a program
 * @lost: that did not fit in a ring
 */
struct counts {
	uint64_t all;
	uint64_t driver;
	uint64_t portal;
	uint64_t waiting;
	uint64_t copying;
	uint64_t lost;
};

struct ring {
	int fd;
	struct perf_event_mmap_page *page;
	uint64_t tail;
};

static struct range driver_text, schedule_text, handler_text, softirq_text;
/* Not each kernel has all of them. */
static const char *const copiers[] = { "_copy_from_user", "_copy_to_user", "__get_user_4",
				       "__check_object_size" };
static struct range copy_texts[sizeof(copiers) / sizeof(copiers[0])];
/* Threads of interrupts with this in their names are the driver's. */
static char thread_text[8];
/* Behind the instruction that writes to the portal. */
static uint64_t portal_ip;

static void ring_copy(const struct ring *ring, uint64_t at, void *to, size_t size)
{
	const char *data = (const char *)ring->page + 4096;
	size_t i;

	for (i = 0; i < size; i++)
		((char *)to)[i] = data[(at + i) % RING_BYTES];
}

/* Whether it is a thread of one of the driver's interrupts. */
static bool is_handler(uint32_t thread)
{
	static struct {
		uint32_t thread;
		bool is;
	} known[1024];
	size_t slot = thread % (sizeof(known) / sizeof(known[0]));
	char path[64], name[32] = "";
	FILE *file;

	if (known[slot].thread != thread) {
		snprintf(path, sizeof(path), "/proc/%u/comm", thread);
		file = fopen(path, "re");
		known[slot].thread = thread;
		known[slot].is = file && fgets(name, sizeof(name), file) &&
				 !strncmp(name, "irq/", 4) && strstr(name, thread_text);
		if (file)
			fclose(file);
	}
	return known[slot].is;
}

static void sample_count(struct counts *counts, uint32_t thread, const uint64_t *frames, uint64_t n)
{
	bool driver = false, portal = false, waiting = false, copying = false, handler = false;
	uint64_t outermost = 0, i, j;

	for (i = 0; i < n; i++) {
		/* What softirqs find to do there, without threads they would find elsewhere. */
		if (in_range(&softirq_text, frames[i]))
			return;
		if (in_range(&driver_text, frames[i])) {
			driver = true;
			if (!outermost || !function_find(frames[i])->carries)
				outermost = frames[i];
		}
		handler |= in_range(&handler_text, frames[i]);
		portal |= frames[i] == portal_ip;
		waiting |= in_range(&schedule_text, frames[i]);
		for (j = 0; j < sizeof(copiers) / sizeof(copiers[0]); j++)
			copying |= in_range(&copy_texts[j], frames[i]);
	}
	if (!driver && handler && is_handler(thread)) {
		driver = true;
		outermost = handler_text.first;
	}
	counts->all++;
	counts->driver += driver;
	counts->portal += driver && portal;
	counts->waiting += driver && waiting && !portal;
	counts->copying += driver && copying && !waiting && !portal;
	if (driver && !portal && !waiting && !copying)
		function_find(outermost)->samples++;
}

static void ring_empty(struct ring *ring, struct counts *counts)
{
	uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
	struct perf_event_header header;
	uint64_t frames[200], n, lost[2], at;
	uint32_t ids[2];

	while (ring->tail < head) {
		ring_copy(ring, ring->tail, &header, sizeof(header));
		if (header.type == PERF_RECORD_SAMPLE) {
			at = ring->tail + sizeof(header);
			ring_copy(ring, at, ids, sizeof(ids));
			ring_copy(ring, at + sizeof(ids), &n, sizeof(n));
			if (n > sizeof(frames) / sizeof(frames[0]))
				n = sizeof(frames) / sizeof(frames[0]);
			ring_copy(ring, at + sizeof(ids) + sizeof(n), frames, n * sizeof(frames[0]));
			sample_count(counts, ids[1], frames, n);
		} else if (header.type == PERF_RECORD_LOST) {
			ring_copy(ring, ring->tail + sizeof(header), lost, sizeof(lost));
			counts->lost += lost[1];
		}
		ring->tail += header.size;
	}
	__atomic_store_n(&ring->page->data_tail, ring->tail, __ATOMIC_RELEASE);
}

static void ring_open(struct ring *ring, unsigned int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = PERIOD_NS,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_CALLCHAIN,
		.disabled = 1,
		.exclude_user = 1,
		.exclude_callchain_user = 1,
	};

	ring->fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (ring->fd < 0)
		die("perf_event_open");
	ring->page = mmap(NULL, RING_BYTES + 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring->fd, 0);
	if (ring->page == MAP_FAILED)
		die("the ring of a perf event");
}

/* ---- What else is counted ----------------------------------------------------------- */

static uint64_t parameter(const char *path)
{
	FILE *file = fopen(path, "re");
	unsigned long long value;

	if (!file || fscanf(file, "%llu", &value) != 1)
		die(path);
	fclose(file);
	return value;
}

static uint64_t interrupts(const char *text)
{
	FILE *file = fopen("/proc/interrupts", "re");
	char line[4096], *at, *end;
	uint64_t sum = 0, value;

	if (!file)
		die("/proc/interrupts");
	while (fgets(line, sizeof(line), file)) {
		if (!strstr(line, text) || !strchr(line, ':'))
			continue;
		/* One number for each processor, and then words. */
		for (at = strchr(line, ':') + 1;; at = end) {
			value = strtoull(at, &end, 10);
			if (end == at)
				break;
			sum += value;
		}
	}
	fclose(file);
	return sum;
}

/* ---- Measuring ------------------------------------------------------------------------ */

static int measure(const char *module, const char *irq, const char *out, char **command)
{
	unsigned int cpus = sysconf(_SC_NPROCESSORS_ONLN), i;
	struct ring rings[CPUS_MAX] = {};
	struct counts counts = {};
	uint64_t begin, time, work, before, irqs, now;
	struct pollfd over = { .events = POLLIN };
	const char *comma = "";
	int status = -1;
	FILE *file;
	pid_t pid;

	if (cpus > CPUS_MAX)
		cpus = CPUS_MAX;
	driver_text = range_find(module, NULL);
	schedule_text = range_find(NULL, "__schedule");
	for (i = 0; i < sizeof(copiers) / sizeof(copiers[0]); i++)
		copy_texts[i] = range_find(NULL, copiers[i]);
	handler_text = range_find(NULL, "irq_forced_thread_fn");
	softirq_text = range_find(NULL, "__local_bh_enable_ip");
	snprintf(thread_text, sizeof(thread_text), "%.6s", irq);
	function_add(handler_text.first, "handler in a thread");
	if (!driver_text.first || !schedule_text.first || !handler_text.first) {
		fprintf(stderr, "bench-driver: %s, __schedule() or irq_forced_thread_fn() is not there\n",
			module);
		return 1;
	}
	for (i = 0; i < cpus; i++)
		ring_open(&rings[i], i);
	work = parameter(COUNTER);
	before = interrupts(irq);
	irqs = before;
	begin = now_ns();
	for (i = 0; i < cpus; i++)
		ioctl(rings[i].fd, PERF_EVENT_IOC_ENABLE, 0);
	pid = fork();
	if (!pid) {
		execvp(command[0], command);
		_exit(127);
	}
	over.fd = syscall(SYS_pidfd_open, pid, 0);
	do {
		/* It is as new as any sample that is in a ring by now. */
		portal_ip = parameter(PORTAL);
		for (i = 0; i < cpus; i++)
			ring_empty(&rings[i], &counts);
		/* The line goes when the queue does. */
		now = interrupts(irq);
		irqs = now > irqs ? now : irqs;
	} while (poll(&over, 1, EMPTY_MS) == 0);
	for (i = 0; i < cpus; i++)
		ioctl(rings[i].fd, PERF_EVENT_IOC_DISABLE, 0);
	time = now_ns() - begin;
	work = parameter(COUNTER) - work;
	for (i = 0; i < cpus; i++)
		ring_empty(&rings[i], &counts);
	waitpid(pid, &status, 0);
	if (status) {
		fprintf(stderr, "bench-driver: %s ended with status %#x\n", command[0], status);
		return 1;
	}
	if (!work || irqs == before || !counts.driver || !counts.portal) {
		fprintf(stderr, "bench-driver: %llu descriptors, %llu interrupts, %llu samples in %s\n",
			(unsigned long long)work, (unsigned long long)(irqs - before),
			(unsigned long long)counts.driver, module);
		return 1;
	}
	file = fopen(out, "we");
	if (!file)
		die(out);
	fprintf(file,
		"{\"name\": \"%s\", \"nanoseconds\": %llu, \"period_ns\": %d, \"samples\": %llu,\n"
		" \"driver\": %llu, \"portal\": %llu, \"waiting\": %llu, \"copying\": %llu,\n"
		" \"lost\": %llu,"
		" \"descriptors\": %llu, \"interrupts\": %llu,\n \"functions\": {",
		module, (unsigned long long)time, PERIOD_NS, (unsigned long long)counts.all,
		(unsigned long long)counts.driver, (unsigned long long)counts.portal,
		(unsigned long long)counts.waiting, (unsigned long long)counts.copying,
		(unsigned long long)counts.lost,
		(unsigned long long)work, (unsigned long long)(irqs - before));
	for (i = 0; i < functions_number; i++)
		if (functions[i].samples) {
			fprintf(file, "%s\"%s\": %llu", comma, functions[i].name,
				(unsigned long long)functions[i].samples);
			comma = ", ";
		}
	fprintf(file, "}}\n");
	if (fclose(file))
		die(out);
	return 0;
}

/* ---- Load ----------------------------------------------------------------------------- */

struct load {
	struct queue queue;
	pthread_t thread;
	uint64_t copies;
	uint32_t bytes;
	bool failed;
};

static void *load_run(void *data)
{
	struct load *load = data;
	struct dsa_sample_work work = {
		.opcode = DSA_OPCODE_MEMMOVE, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		.dst = load->bytes, .size = load->bytes,
	};
	struct dsa_sample_event event;

	for (; load->copies; load->copies--)
		if (submit(load->queue.fd, &work, 1, 0) != 1 ||
		    read(load->queue.fd, &event, sizeof(event)) != sizeof(event) ||
		    event.status != DSA_COMP_SUCCESS) {
			load->failed = true;
			break;
		}
	return NULL;
}

static int load_all(uint64_t copies, unsigned int queues, uint32_t bytes)
{
	static struct load loads[QUEUES_MAX];
	int device = device_open();
	bool failed = false;
	unsigned int i;

	for (i = 0; i < queues; i++) {
		struct dsa_sample_queue_up up = up_args(i);

		loads[i].copies = copies / queues;
		loads[i].bytes = bytes;
		up.buffer_size = (2 * bytes + PAGE - 1) / PAGE * PAGE;
		if (!queue_open_with(device, &loads[i].queue, up))
			die("a queue");
	}
	for (i = 0; i < queues; i++)
		if (pthread_create(&loads[i].thread, NULL, load_run, &loads[i]))
			die("pthread_create");
	for (i = 0; i < queues; i++) {
		pthread_join(loads[i].thread, NULL);
		failed |= loads[i].failed;
	}
	for (i = 0; i < queues; i++)
		queue_close(&loads[i].queue);
	close(device);
	return failed;
}

static void __attribute__((noreturn)) usage(void)
{
	fprintf(stderr, "usage: bench-driver --module NAME --irq TEXT --out FILE -- COMMAND...\n"
		"       bench-driver --copies N [--queues N] [--bytes N]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "module", required_argument, NULL, 'm' },
		{ "irq", required_argument, NULL, 'i' },
		{ "out", required_argument, NULL, 'o' },
		{ "copies", required_argument, NULL, 'c' },
		{ "queues", required_argument, NULL, 'q' },
		{ "bytes", required_argument, NULL, 'b' },
		{},
	};
	const char *module = NULL, *irq = NULL, *out = NULL;
	unsigned long long copies = 0, queues = 1, bytes = 1024;
	int option;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) >= 0) {
		switch (option) {
		case 'm':
			module = optarg;
			break;
		case 'i':
			irq = optarg;
			break;
		case 'o':
			out = optarg;
			break;
		case 'c':
			copies = strtoull(optarg, NULL, 10);
			break;
		case 'q':
			queues = strtoull(optarg, NULL, 10);
			break;
		case 'b':
			bytes = strtoull(optarg, NULL, 10);
			break;
		default:
			usage();
		}
	}
	if (copies && queues && queues <= QUEUES_MAX && bytes && bytes <= 1024 * 1024 &&
	    optind == argc)
		return load_all(copies, queues, bytes);
	if (!module || !irq || !out || optind == argc)
		usage();
	return measure(module, irq, out, argv + optind);
}
