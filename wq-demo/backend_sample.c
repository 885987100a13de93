// SPDX-License-Identifier: GPL-2.0-only
/* The guest driver through its character device. */
#include "backend.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "queue_layout.h"

/* How long to wait for a device that is being reset, when to say so, and how often to look. */
#define RESET_MS 30000
#define RESET_SAY_MS 1000
#define RESET_LOOK_MS 10

/**
 * struct backend_device - the device node
 * @configured: groups and queues are other than the driver has them by itself
 * @smallest: then, what is true of every queue: queue_entries and max_transfer
 */
struct backend_device {
	int fd;
	char *path;
	bool configured;
	struct dsa_sample_info smallest;
};

struct backend_queue {
	int fd;
	unsigned int index;
	uint8_t *buffer;
	size_t buffer_size;
};

static int explain_missing_node(const char *path, struct problem *problem)
{
	glob_t nodes;
	int error;

	if (glob("/dev/dsa-sample*", 0, NULL, &nodes) == 0) {
		error = problem_set(problem, -ENOENT,
				    "%s does not exist, but %s does: use --device %s", path,
				    nodes.gl_pathv[0], nodes.gl_pathv[0]);
		globfree(&nodes);
		return error;
	}
	return problem_set(
		problem, -ENOENT,
		"%s does not exist: load the driver (modprobe dsa_sample) and see that a DSA "
		"function is bound to it and not to idxd (lspci -k -d 8086:0b25)",
		path);
}

static int explain_open(const char *path, int error, struct problem *problem)
{
	switch (error) {
	case ENOENT:
		return explain_missing_node(path, problem);
	case EACCES:
	case EPERM:
		return problem_set(
			problem, -EACCES,
			"no permission to open %s: run as root, or as a user who may read and "
			"write it",
			path);
	case ENODEV:
	case ENXIO:
		return problem_set(problem, -error,
				   "%s: the device behind it is gone: see the kernel log (dmesg)",
				   path);
	default:
		return problem_set(problem, -error, "cannot open %s: %s", path, strerror(error));
	}
}

static int sample_info(struct backend_device *device, struct dsa_sample_info *info,
		       struct problem *problem)
{
	*info = (struct dsa_sample_info){ .argsz = sizeof(*info) };
	if (ioctl(device->fd, DSA_SAMPLE_INFO, info) == 0) {
		if (device->configured) {
			info->queue_entries = device->smallest.queue_entries;
			info->max_transfer = device->smallest.max_transfer;
		}
		return 0;
	}
	switch (errno) {
	case ENOTTY:
	case EOPNOTSUPP:
		return problem_set(
			problem, -ENOTTY,
			"%s is not a device of the driver dsa_sample: name one with --device",
			device->path);
	case ENODEV:
		return problem_set(problem, -ENODEV,
				   "%s: the device is gone: see the kernel log (dmesg)",
				   device->path);
	default:
		return problem_set(problem, -errno, "%s: cannot ask what the device is: %s",
				   device->path, strerror(errno));
	}
}

/*
 * A call that changes what the device is to do. The driver refuses it with EAGAIN while it
 * resets the device, which takes a moment, or seconds of a device that does not answer.
 */
static int call_device(const struct backend_device *device, unsigned long request, void *arguments)
{
	const struct timespec look = { .tv_nsec = RESET_LOOK_MS * 1000000L };
	unsigned int waited_ms = 0;

	while (ioctl(device->fd, request, arguments) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || waited_ms >= RESET_MS)
			return -errno;
		if (waited_ms == RESET_SAY_MS)
			fprintf(stderr,
				"wq-demo: %s: the driver is resetting the device: waiting %d s at "
				"most\n",
				device->path, RESET_MS / 1000);
		nanosleep(&look, NULL);
		waited_ms += RESET_LOOK_MS;
	}
	return 0;
}

static int explain_configure(const struct backend_device *device, int error,
			     struct problem *problem)
{
	static const struct {
		int error;
		const char *text;
	} reasons[] = {
		{ EBUSY, "a queue is up: another program is using the device" },
		{ EINVAL, "a size is beyond what the device or the driver can do" },
		{ EIO,
		  "the device refuses it, or did not come back from a reset: the kernel log "
		  "(dmesg) says why" },
		{ EAGAIN,
		  "the driver has been resetting the device for 30 s: see the kernel log (dmesg)" },
		{ ENODEV, "the device is gone: see the kernel log (dmesg)" },
		{ ETIMEDOUT, "the device did not answer: see the kernel log (dmesg)" },
		{ ENOTTY, "the driver is of an older release, which cannot do that" },
		{ EBADF, "the device is not open for writing" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == error)
			return problem_set(problem, -error, "%s: cannot configure its queues: %s",
					   device->path, reasons[i].text);
	return problem_set(problem, -error, "%s: cannot configure its queues: %s", device->path,
			   strerror(error));
}

static int sample_configure(struct backend_device *device, const struct run_parameters *parameters,
			    struct dsa_sample_info *info, struct problem *problem)
{
	struct dsa_sample_configure layout;
	int error;

	error = queue_layout_make(parameters->config, (unsigned int)parameters->queues, info,
				  &layout, problem);
	if (error)
		return error;
	error = call_device(device, DSA_SAMPLE_CONFIGURE, &layout);
	if (error)
		return explain_configure(device, -error, problem);
	device->configured = true;
	device->smallest = *info;
	return 0;
}

static void sample_close(struct backend_device *device)
{
	struct dsa_sample_configure usual = { .argsz = sizeof(usual) };

	/* Whoever comes next finds it as it was. Of an error the next one will hear. */
	if (device->configured)
		call_device(device, DSA_SAMPLE_CONFIGURE, &usual);
	close(device->fd);
	free(device->path);
	free(device);
}

static int sample_open(const struct run_parameters *parameters, struct backend_device **opened,
		       struct problem *problem)
{
	const char *path = parameters->device ?: BACKEND_DEVICE;
	struct backend_device *device;
	struct dsa_sample_info info;
	int error;

	device = calloc(1, sizeof(*device));
	if (!device)
		return problem_set(problem, -ENOMEM, "out of memory");
	device->path = strdup(path);
	if (!device->path) {
		error = problem_set(problem, -ENOMEM, "out of memory");
		goto free_device;
	}
	device->fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (device->fd < 0) {
		error = explain_open(path, errno, problem);
		goto free_path;
	}
	error = sample_info(device, &info, problem);
	if (error)
		goto close_fd;
	if (info.api_version != DSA_SAMPLE_API_VERSION) {
		error = problem_set(
			problem, -EPROTONOSUPPORT,
			"%s: the driver has interface version %u, this program %u: install both "
			"from the same release",
			path, info.api_version, DSA_SAMPLE_API_VERSION);
		goto close_fd;
	}
	if (info.flags & DSA_SAMPLE_INFO_HALTED) {
		error = problem_set(
			problem, -EIO,
			"%s: the device did not come back from a reset and was given up: see the "
			"kernel log (dmesg) for the reason; reset it (echo 1 to its reset file in "
			"/sys/bus/pci/devices) or bind the driver again",
			path);
		goto close_fd;
	}
	if (wq_config_asks(parameters->config)) {
		error = sample_configure(device, parameters, &info, problem);
		if (error)
			goto close_fd;
	}
	*opened = device;
	return 0;

close_fd:
	close(device->fd);
free_path:
	free(device->path);
free_device:
	free(device);
	return error;
}

static int explain_queue_up(const struct backend_device *device,
			    const struct dsa_sample_queue_up *up, int error,
			    struct problem *problem)
{
	static const struct {
		int error;
		const char *text;
	} reasons[] = {
		{ EBUSY, "it is up already: another program is using it" },
		{ ENOENT, "the device has no such queue" },
		{ EINVAL,
		  "the driver refuses the buffer size or a time: the program and the driver "
		  "may be of different releases" },
		{ ENOSPC, "no interrupt vector is to be had" },
		{ ENOMEM, "not enough memory for its buffer: make --depth or --size smaller" },
		{ EIO,
		  "the device refused a command, or did not come back from a reset: the kernel "
		  "log (dmesg) says which and why" },
		{ EAGAIN,
		  "the driver has been resetting the device for 30 s: see the kernel log (dmesg)" },
		{ EDQUOT,
		  "one program may not have more queues or memory: see opener_queues and "
		  "opener_memory in dsa_sample(4)" },
		{ EOPNOTSUPP,
		  "the device does not reach ordinary memory: see the kernel log (dmesg)" },
		{ ETIMEDOUT, "the device did not answer: see the kernel log (dmesg)" },
		{ ENODEV, "the device is gone: see the kernel log (dmesg)" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].error == error)
			return problem_set(problem, -error, "%s: cannot bring queue %u up: %s",
					   device->path, up->queue, reasons[i].text);
	return problem_set(problem, -error, "%s: cannot bring queue %u up: %s", device->path,
			   up->queue, strerror(error));
}

static int sample_queue_up(struct backend_device *device, struct dsa_sample_queue_up *up,
			   struct backend_queue **brought_up, struct problem *problem)
{
	struct backend_queue *queue;
	void *buffer;
	int error, flags;

	queue = calloc(1, sizeof(*queue));
	if (!queue)
		return problem_set(problem, -ENOMEM, "out of memory");
	up->argsz = sizeof(*up);
	up->flags = DSA_SAMPLE_QUEUE_CLOEXEC;
	error = call_device(device, DSA_SAMPLE_QUEUE_UP, up);
	if (error) {
		error = explain_queue_up(device, up, -error, problem);
		goto free_queue;
	}
	queue->fd = up->fd;
	queue->index = up->queue;
	queue->buffer_size = up->buffer_size;

	flags = fcntl(queue->fd, F_GETFL);
	if (flags < 0 || fcntl(queue->fd, F_SETFL, flags | O_NONBLOCK) < 0) {
		error = problem_set(problem, -errno, "queue %u: cannot make it non-blocking: %s",
				    up->queue, strerror(errno));
		goto close_fd;
	}
	buffer = mmap(NULL, queue->buffer_size, PROT_READ | PROT_WRITE, MAP_SHARED, queue->fd, 0);
	if (buffer == MAP_FAILED) {
		error = problem_set(problem, -errno, "queue %u: cannot map its buffer: %s",
				    up->queue, strerror(errno));
		goto close_fd;
	}
	queue->buffer = buffer;
	*brought_up = queue;
	return 0;

close_fd:
	close(queue->fd);
free_queue:
	free(queue);
	return error;
}

static struct backend_queue_info sample_queue_info(struct backend_queue *queue)
{
	return (struct backend_queue_info){ .fd = queue->fd, .buffer = queue->buffer };
}

static int sample_submit(struct backend_queue *queue, const struct dsa_sample_work *work,
			 unsigned int count, struct problem *problem)
{
	struct dsa_sample_submit submit = {
		.argsz = sizeof(submit),
		.flags = DSA_SAMPLE_SUBMIT_HOLD,
		.count = count < DSA_SAMPLE_SUBMIT_MAX ? count : DSA_SAMPLE_SUBMIT_MAX,
		.work = (uintptr_t)work,
	};

	if (ioctl(queue->fd, DSA_SAMPLE_SUBMIT, &submit) == 0) {
		if (submit.accepted >= 1 && submit.accepted <= count)
			return (int)submit.accepted;
		return problem_set(problem, -EPROTO,
				   "queue %u: the driver says it accepted %u of %u descriptors",
				   queue->index, submit.accepted, count);
	}
	switch (errno) {
	case EAGAIN:
	case EINTR:
		return -EAGAIN;
	case EIO:
		return problem_set(
			problem, -EIO,
			"queue %u: the device did not come back from a reset and was given up: "
			"the kernel log (dmesg) says why",
			queue->index);
	case ENODEV:
		return problem_set(problem, -ENODEV,
				   "queue %u: the device is gone: see the kernel "
				   "log (dmesg)",
				   queue->index);
	default:
		return problem_set(problem, -errno, "queue %u: the driver refuses a descriptor: %s",
				   queue->index, strerror(errno));
	}
}

static int sample_read_events(struct backend_queue *queue, struct dsa_sample_event *events,
			      unsigned int count, struct problem *problem)
{
	ssize_t size;

	do {
		size = read(queue->fd, events, count * sizeof(*events));
	} while (size < 0 && errno == EINTR);
	if (size > 0 && (size_t)size % sizeof(*events) == 0)
		return (int)((size_t)size / sizeof(*events));
	if (size >= 0)
		return problem_set(
			problem, -EPROTO,
			"queue %u: the driver returned %zd bytes, which is not whole events",
			queue->index, size);
	if (errno == EAGAIN)
		return -EAGAIN;
	if (errno == ENODEV)
		return problem_set(problem, -ENODEV,
				   "queue %u: the device is gone: see the kernel log (dmesg)",
				   queue->index);
	if (errno == EIO)
		return problem_set(
			problem, -EIO,
			"queue %u: the device did not come back from a reset and was given up: "
			"the kernel log (dmesg) says why",
			queue->index);
	return problem_set(problem, -errno, "queue %u: cannot read events: %s", queue->index,
			   strerror(errno));
}

static int sample_stats(struct backend_queue *queue, struct dsa_sample_queue_stats *stats,
			struct problem *problem)
{
	*stats = (struct dsa_sample_queue_stats){ .argsz = sizeof(*stats) };
	if (ioctl(queue->fd, DSA_SAMPLE_QUEUE_STATS, stats) < 0)
		return problem_set(problem, -errno, "queue %u: cannot read its counters: %s",
				   queue->index, strerror(errno));
	return 0;
}

static void sample_queue_down(struct backend_queue *queue)
{
	munmap(queue->buffer, queue->buffer_size);
	close(queue->fd);
	free(queue);
}

const struct backend backend_sample = {
	.word = "sample",
	.name = "dsa_sample",
	.support = &queue_layout_support_sample,
	.open = sample_open,
	.info = sample_info,
	.queue_up = sample_queue_up,
	.queue_info = sample_queue_info,
	.submit = sample_submit,
	.read_events = sample_read_events,
	.stats = sample_stats,
	.queue_down = sample_queue_down,
	.close = sample_close,
};
