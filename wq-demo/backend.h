/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a run needs of a device with work queues. The structures of the guest
 * driver's interface serve every backend.
 *
 * Functions that fail return a negative errno and explain themselves in
 * @problem: what was wrong and what to do. A device may be used by several
 * threads at once; one queue by one thread at a time.
 */
#ifndef WQ_DEMO_BACKEND_H
#define WQ_DEMO_BACKEND_H

#include <stddef.h>
#include <stdint.h>

#include <dsa_sample.h>

#include "problem.h"
#include "result.h"

struct backend_device;
struct backend_queue;
struct run_observer;

/**
 * struct backend_queue_info - a queue that is up
 * @fd: for poll(2): POLLIN events to read, POLLOUT a submission would be
 *	accepted, POLLERR the device is gone or halted. Owned by the queue
 * @buffer: memory the device reaches; offsets of work items are into it
 */
struct backend_queue_info {
	int fd;
	uint8_t *buffer;
};

/**
 * struct backend - one kind of device
 * @word: what it is called on the command line
 * @name: driver name, as in reports
 * @support: what it can do of a configuration; NULL: none. Checked before @open
 * @open: find the device and see that it can be used. -ENOENT, -EACCES,
 *	-EPROTONOSUPPORT (the interface is another version) and others
 * @info: what the device is; the structure is filled in whole
 * @queue_up: bring one queue up. In: queue, buffer_size, confirm_ms,
 *	timeout_ms; out: the rest of @up but fd, and @queue. Blocks as long as
 *	the device takes; may run while other queues are used
 * @queue_info: of a queue that is up; cannot fail
 * @submit: hand over @count items with DSA_SAMPLE_SUBMIT_HOLD. Returns how many
 *	were accepted, from 1 to @count; -EAGAIN none at the moment: wait for
 *	POLLOUT
 * @read_events: read at most @count events. Returns how many, at least 1;
 *	-EAGAIN none; -ENODEV the device is gone and every event has been read
 * @stats: counters of the queue since it came up
 * @queue_down: take the queue down and free it. Blocks while it drains
 * @close: after all queues are down
 * @now: nanoseconds of the device's own time; NULL: it has the time of the
 *	machine, CLOCK_MONOTONIC, and the two that follow are not used
 * @wait: let time go on until something may have changed for a queue, and at
 *	most until @until_ns. Time goes on in other calls, too, but nowhere else
 * @ready: POLLIN, POLLOUT and POLLERR as for @fd
 * @meanwhile: what to call in @queue_up and @queue_down, for those queues that
 *	are up to be kept busy; it may use @submit, @read_events and @ready of
 *	these. It is called when one of them has an event, with @always at every
 *	occasion: time goes on in between
 * @dropped: messages the device did not send because MSI-X was off; NULL: it
 *	is not known
 * @check: what the device's surroundings found wrong with themselves. NULL:
 *	they do not look
 * @run: do all of it, as run() does: for a driver that hands out no descriptors.
 *	The other functions are then not used and may be NULL. NULL: run() does it
 *	with them
 */
struct backend {
	const char *word;
	const char *name;
	const struct wq_config_support *support;
	int (*open)(const struct run_parameters *parameters, struct backend_device **device,
		    struct problem *problem);
	int (*info)(struct backend_device *device, struct dsa_sample_info *info,
		    struct problem *problem);
	int (*queue_up)(struct backend_device *device, struct dsa_sample_queue_up *up,
			struct backend_queue **queue, struct problem *problem);
	struct backend_queue_info (*queue_info)(struct backend_queue *queue);
	int (*submit)(struct backend_queue *queue, const struct dsa_sample_work *work,
		      unsigned int count, struct problem *problem);
	int (*read_events)(struct backend_queue *queue, struct dsa_sample_event *events,
			   unsigned int count, struct problem *problem);
	int (*stats)(struct backend_queue *queue, struct dsa_sample_queue_stats *stats,
		     struct problem *problem);
	void (*queue_down)(struct backend_queue *queue);
	void (*close)(struct backend_device *device);

	uint64_t (*now)(struct backend_device *device);
	void (*wait)(struct backend_device *device, uint64_t until_ns);
	short (*ready)(struct backend_queue *queue);
	void (*meanwhile)(struct backend_device *device, void (*function)(void *context),
			  void *context, bool always);
	uint64_t (*dropped)(struct backend_device *device);
	int (*check)(struct backend_device *device, struct problem *problem);
	int (*run)(const struct run_parameters *parameters, const struct run_observer *observer,
		   int stop_fd, struct result *result, struct problem *problem);
};

/* The guest driver, dsa_sample(4). */
extern const struct backend backend_sample;
/* The kernel's own driver, with dmatest as its client. */
extern const struct backend backend_idxd;
/* Host, guest and device in this process, in a time of their own. */
extern const struct backend backend_sim;

/* Where the sample driver's first device is. */
#define BACKEND_DEVICE "/dev/dsa-sample0"

/* All of them; NULL ends the table. */
extern const struct backend *const backends[];

/**
 * backend_choose() - the one that fits this machine
 * @device: path the user named, or NULL
 *
 * The guest driver if a device is named by its path, or its node is there; idxd if one is
 * named as dsa0; idxd where that driver
 * has one; the guest driver where a device has another driver, or none; sim where there is no
 * device.
 */
const struct backend *backend_choose(const char *device);

#endif /* WQ_DEMO_BACKEND_H */
