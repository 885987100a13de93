// SPDX-License-Identifier: GPL-2.0-only
/* Host, guest and device in this process: see sim/guest.h. */
#include "backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "queue_layout.h"
#include "units.h"

/* How long a descriptor takes: of the order of silicon's, so that gaps are hit. */
#define SERVICE_MIN_NS (3 * NSEC_PER_USEC)
#define SERVICE_MAX_NS (40 * NSEC_PER_USEC)

/**
 * struct backend_device - the machine
 * @warnings: of the host's kernel when it began
 * @configured: groups and queues are as the user wants them
 * @smallest: then, what is true of every queue: queue_entries and max_transfer
 */
struct backend_device {
	struct sim_guest *guest;
	unsigned int warnings;
	bool configured;
	struct dsa_sample_info smallest;
};

/* The same thing under two names. */
static struct backend_queue *queue_of(struct sim_guest_queue *queue)
{
	return (struct backend_queue *)queue;
}

static struct sim_guest_queue *guest_queue_of(struct backend_queue *queue)
{
	return (struct sim_guest_queue *)queue;
}

static int sim_configure(struct backend_device *device, const struct run_parameters *parameters,
			 struct problem *problem)
{
	struct dsa_sample_configure layout;
	int error;

	sim_guest_info(device->guest, &device->smallest);
	error = queue_layout_make(parameters->config, (unsigned int)parameters->queues,
				  &device->smallest, &layout, problem);
	if (error)
		return error;
	error = sim_guest_configure(device->guest, &layout);
	if (error)
		return problem_set(problem, error,
				   "simulated: the device refuses this configuration: %s",
				   error == -EIO ? "see what is said of read buffers and engines" :
						   strerror(-error));
	device->configured = true;
	return 0;
}

static int sim_open(const struct run_parameters *parameters, struct backend_device **opened,
		    struct problem *problem)
{
	const struct sim_guest_options options = {
		.vmm = parameters->vmm,
		.latch = parameters->latch,
		.seed = parameters->seed,
		.service_min_ns = SERVICE_MIN_NS,
		.service_max_ns = SERVICE_MAX_NS,
	};
	struct backend_device *device = calloc(1, sizeof(*device));
	int error;

	if (!device)
		return problem_set(problem, -ENOMEM, "out of memory");
	device->warnings = sim_guest_warnings(NULL);
	error = sim_guest_start(&options, &device->guest);
	if (error) {
		free(device);
		return problem_set(problem, error, "cannot start the simulated machine: %s",
				   strerror(-error));
	}
	if (wq_config_asks(parameters->config)) {
		error = sim_configure(device, parameters, problem);
		if (error) {
			sim_guest_stop(device->guest);
			free(device);
			return error;
		}
	}
	*opened = device;
	return 0;
}

static int sim_info(struct backend_device *device, struct dsa_sample_info *info,
		    struct problem *problem)
{
	(void)problem;
	sim_guest_info(device->guest, info);
	if (device->configured) {
		info->queue_entries = device->smallest.queue_entries;
		info->max_transfer = device->smallest.max_transfer;
	}
	return 0;
}

static int sim_queue_up(struct backend_device *device, struct dsa_sample_queue_up *up,
			struct backend_queue **queue, struct problem *problem)
{
	struct sim_guest_queue *guest_queue;
	int error = sim_guest_queue_up(device->guest, up, &guest_queue);

	if (error)
		return problem_set(problem, error, "simulated: cannot bring queue %u up: %s",
				   up->queue, strerror(-error));
	*queue = queue_of(guest_queue);
	return 0;
}

static struct backend_queue_info sim_queue_info(struct backend_queue *queue)
{
	return (struct backend_queue_info){
		.fd = -1, .buffer = sim_guest_buffer(guest_queue_of(queue))
	};
}

static int sim_submit(struct backend_queue *queue, const struct dsa_sample_work *work,
		      unsigned int count, struct problem *problem)
{
	int accepted = sim_guest_submit(guest_queue_of(queue), work, count);

	if (accepted < 0 && accepted != -EAGAIN)
		problem_set(problem, accepted, "simulated: the driver refuses a descriptor: %s",
			    strerror(-accepted));
	return accepted;
}

static int sim_read_events(struct backend_queue *queue, struct dsa_sample_event *events,
			   unsigned int count, struct problem *problem)
{
	(void)problem;
	return sim_guest_read(guest_queue_of(queue), events, count);
}

static int sim_stats(struct backend_queue *queue, struct dsa_sample_queue_stats *stats,
		     struct problem *problem)
{
	(void)problem;
	sim_guest_stats(guest_queue_of(queue), stats);
	return 0;
}

static void sim_queue_down(struct backend_queue *queue)
{
	sim_guest_queue_down(guest_queue_of(queue));
}

static void sim_close(struct backend_device *device)
{
	sim_guest_stop(device->guest);
	free(device);
}

static uint64_t sim_now(struct backend_device *device)
{
	return sim_guest_now(device->guest);
}

static void sim_wait(struct backend_device *device, uint64_t until_ns)
{
	sim_guest_wait(device->guest, until_ns);
}

static short sim_ready(struct backend_queue *queue)
{
	return sim_guest_poll(guest_queue_of(queue));
}

static void sim_meanwhile(struct backend_device *device, void (*function)(void *context),
			  void *context, bool always)
{
	sim_guest_meanwhile(device->guest, function, context, always);
}

static uint64_t sim_dropped(struct backend_device *device)
{
	return sim_guest_dropped(device->guest);
}

static int sim_check(struct backend_device *device, struct problem *problem)
{
	const char *first = NULL;

	if (sim_guest_warnings(&first) == device->warnings)
		return 0;
	return problem_set(problem, -EPROTO,
			   "simulated: the host's interrupt code does what a kernel warns of: %s",
			   first);
}

const struct backend backend_sim = {
	.word = "sim",
	.name = "sim",
	.support = &queue_layout_support_sim,
	.open = sim_open,
	.info = sim_info,
	.queue_up = sim_queue_up,
	.queue_info = sim_queue_info,
	.submit = sim_submit,
	.read_events = sim_read_events,
	.stats = sim_stats,
	.queue_down = sim_queue_down,
	.close = sim_close,
	.now = sim_now,
	.wait = sim_wait,
	.ready = sim_ready,
	.meanwhile = sim_meanwhile,
	.dropped = sim_dropped,
	.check = sim_check,
};
