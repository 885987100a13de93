// SPDX-License-Identifier: GPL-2.0-only
/* The driver's calls, the PCI function, and how a test fails. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "calls.h"

int patience_ms = 60000;

char pci_address[32];
int failures;
const char *skipped;

bool check_that(bool condition, const char *text, int line)
{
	if (!condition) {
		printf("# line %d: %s (errno %d)\n", line, text, errno);
		failures++;
	}
	return condition;
}

void check_error(long ret, int error, const char *text, int line)
{
	if (ret >= 0 || errno != error) {
		printf("# line %d: %s: returned %ld, errno %d, not %d\n", line, text, ret,
		       ret < 0 ? errno : 0, error);
		failures++;
	}
}

void die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

int device_open(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die(DEVICE);
	return fd;
}

struct dsa_sample_info info_get(int device)
{
	struct dsa_sample_info info = { .argsz = sizeof(info) };

	if (ioctl(device, DSA_SAMPLE_INFO, &info))
		die("DSA_SAMPLE_INFO");
	return info;
}

uint64_t queues_up(int device)
{
	return info_get(device).queues_up;
}

struct dsa_sample_queue_up up_args(unsigned int number)
{
	return (struct dsa_sample_queue_up){
		.argsz = sizeof(struct dsa_sample_queue_up),
		.flags = DSA_SAMPLE_QUEUE_CLOEXEC,
		.queue = number,
		.buffer_size = 16 * PAGE,
	};
}

bool queue_open_with(int device, struct queue *q, struct dsa_sample_queue_up args)
{
	int error;

	q->up = args;
	q->size = args.buffer_size;
	if (ioctl(device, DSA_SAMPLE_QUEUE_UP, &q->up))
		return false;
	q->fd = q->up.fd;
	q->buffer = mmap(NULL, q->size, PROT_READ | PROT_WRITE, MAP_SHARED, q->fd, 0);
	if (q->buffer != MAP_FAILED)
		return true;
	/* The device has gone in between. */
	error = errno;
	close(q->fd);
	errno = error;
	return false;
}

bool queue_open(int device, struct queue *q, unsigned int number)
{
	return queue_open_with(device, q, up_args(number));
}

void queue_close(struct queue *q)
{
	munmap(q->buffer, q->size);
	close(q->fd);
}

void up_fails(int device, struct dsa_sample_queue_up args, int error)
{
	check_fails(ioctl(device, DSA_SAMPLE_QUEUE_UP, &args), error);
}

int submit(int fd, const struct dsa_sample_work *work, unsigned int count, uint32_t flags)
{
	struct dsa_sample_submit args = {
		.argsz = sizeof(args),
		.flags = flags,
		.count = count,
		.work = (uintptr_t)work,
	};

	return ioctl(fd, DSA_SAMPLE_SUBMIT, &args) ? -1 : (int)args.accepted;
}

struct dsa_sample_queue_stats stats_get(int fd)
{
	struct dsa_sample_queue_stats stats = { .argsz = sizeof(stats) };

	if (ioctl(fd, DSA_SAMPLE_QUEUE_STATS, &stats))
		die("DSA_SAMPLE_QUEUE_STATS");
	return stats;
}

bool wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, PATIENCE_MS) == 1 && (p.revents & events);
}

short poll_now(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&p, 1, 0) < 0 ? 0 : p.revents;
}

bool event_get(int fd, struct dsa_sample_event *event)
{
	return wait_for(fd, POLLIN) && read(fd, event, sizeof(*event)) == sizeof(*event);
}

struct dsa_sample_work noop(uint64_t tag)
{
	return (struct dsa_sample_work){
		.tag = tag,
		.opcode = DSA_OPCODE_NOOP,
		.flags = DSA_SAMPLE_WORK_INTERRUPT,
	};
}

struct dsa_sample_event run_one(struct queue *q, struct dsa_sample_work work)
{
	struct dsa_sample_event event = {};

	check(submit(q->fd, &work, 1, 0) == 1);
	check(event_get(q->fd, &event));
	check(event.tag == work.tag);
	return event;
}

/* ---- The PCI function -------------------------------------------------------- */

bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

bool device_address(unsigned int number, char address[32])
{
	char path[64], target[256] = "";

	snprintf(path, sizeof(path), "/sys/class/misc/dsa-sample%u/device", number);
	if (readlink(path, target, sizeof(target) - 1) < 0 || !strrchr(target, '/'))
		return false;
	return snprintf(address, 32, "%s", strrchr(target, '/') + 1) < 32;
}

void find_device(void)
{
	if (!device_address(0, pci_address))
		die("a device bound to dsa_sample");
}

bool reset_by_hand(const char *address)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset", address);
	return write_file(path, "1");
}

bool resets_reach(int device, uint64_t resets)
{
	uint64_t end = now_ns() + PATIENCE_MS * 1000000ULL;

	while (info_get(device).resets < resets) {
		if (!check(now_ns() < end))
			return false;
		poll(NULL, 0, 10);
	}
	return true;
}

bool rebind(void)
{
	return write_file(DRIVER "/bind", pci_address);
}

volatile uint32_t *map_bar(unsigned int bar, off_t offset)
{
	char path[128];
	void *page;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%u", pci_address, bar);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die(path);
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
	close(fd);
	if (page != MAP_FAILED)
		return page;
	skipped = "the registers cannot be mapped; boot with iomem=relaxed";
	return NULL;
}

int config_word(unsigned int offset, int set, int clear)
{
	char path[128];
	uint16_t word;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", pci_address);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || pread(fd, &word, 2, offset) != 2)
		die(path);
	word = (word | set) & ~clear;
	if (pwrite(fd, &word, 2, offset) != 2)
		die(path);
	close(fd);
	return word;
}
