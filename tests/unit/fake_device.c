// SPDX-License-Identifier: GPL-2.0-only
#include "fake_device.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/idxd.h>

#include "units.h"

#define QUEUES_MAX 16
#define EVENTS_MAX 4096

struct backend_device {
	bool open;
};

struct backend_queue {
	unsigned int index;
	int fd;
	uint8_t *buffer;
	unsigned int submissions;
	bool held;
	bool vanished;
	struct dsa_sample_event events[EVENTS_MAX];
	unsigned int head, tail;
	struct dsa_sample_queue_stats stats;
};

struct fake_plan fake_plan;

static struct backend_device the_device;
static struct backend_queue *the_queues[QUEUES_MAX];

/* For the bring-up, which waits in another thread for completions. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t progressed = PTHREAD_COND_INITIALIZER;
static unsigned int completed[QUEUES_MAX];

unsigned int fake_devices_open(void)
{
	return the_device.open;
}

unsigned int fake_queues_up(void)
{
	unsigned int up = 0;

	for (int i = 0; i < QUEUES_MAX; i++)
		up += the_queues[i] != NULL;
	return up;
}

void fake_device_perform(uint8_t *buffer, const struct dsa_sample_work *work,
			 struct dsa_sample_event *event)
{
	uint8_t *source = buffer + work->src, *destination = buffer + work->dst;

	event->status = DSA_COMP_SUCCESS;
	switch (work->opcode) {
	case DSA_OPCODE_MEMMOVE:
		memmove(destination, source, work->size);
		break;
	case DSA_OPCODE_MEMFILL:
		for (uint32_t i = 0; i < work->size; i++)
			destination[i] = (uint8_t)(work->pattern >> i % 8 * 8);
		break;
	case DSA_OPCODE_COMPARE:
		for (uint32_t i = 0; i < work->size && !event->result; i++) {
			event->result = source[i] != destination[i];
			event->bytes_completed = event->result ? i : 0;
		}
		break;
	default:
		break;
	}
}

static int fake_open(const struct run_parameters *parameters, struct backend_device **device,
		     struct problem *problem)
{
	(void)parameters;
	if (fake_plan.open_error)
		return problem_set(problem, fake_plan.open_error, "told to fail");
	the_device.open = true;
	*device = &the_device;
	return 0;
}

static void fake_close(struct backend_device *device)
{
	device->open = false;
}

static int fake_info(struct backend_device *device, struct dsa_sample_info *info,
		     struct problem *problem)
{
	(void)device;
	(void)problem;
	*info = (struct dsa_sample_info){
		.argsz = sizeof(*info),
		.api_version = DSA_SAMPLE_API_VERSION,
		.queues = fake_plan.queues,
		.queue_entries = fake_plan.entries,
		.vectors = fake_plan.queues + 1,
		.max_buffer = 1 << 20,
		.max_transfer = 1 << 20,
	};
	return 0;
}

static bool all_moved_on(const unsigned int *from, unsigned int queues)
{
	for (unsigned int i = 0; i < queues; i++)
		if (completed[i] < from[i] + fake_plan.busy_bring_up)
			return false;
	return true;
}

/* The queues that are up must go on meanwhile, or this never returns. */
static void wait_for_others(unsigned int queues)
{
	unsigned int from[QUEUES_MAX];

	pthread_mutex_lock(&lock);
	memcpy(from, completed, sizeof(from));
	while (!all_moved_on(from, queues))
		pthread_cond_wait(&progressed, &lock);
	pthread_mutex_unlock(&lock);
}

static int fake_queue_up(struct backend_device *device, struct dsa_sample_queue_up *up,
			 struct backend_queue **brought_up, struct problem *problem)
{
	struct backend_queue *queue;

	(void)device;
	if (fake_plan.queue_up_error && up->queue == fake_plan.fault_queue)
		return problem_set(problem, fake_plan.queue_up_error, "told to fail");
	if (fake_plan.busy_bring_up)
		wait_for_others(up->queue);
	queue = calloc(1, sizeof(*queue));
	queue->index = up->queue;
	queue->buffer = calloc(1, up->buffer_size);
	queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	up->vector = up->queue + 1;
	up->irq = (int)up->queue + 40;
	up->entries = fake_plan.entries;
	up->request_irq_ns = 20000;
	up->enable_ns = 10000;
	up->total_ns = 35000;
	the_queues[up->queue] = queue;
	*brought_up = queue;
	return 0;
}

static void fake_queue_down(struct backend_queue *queue)
{
	the_queues[queue->index] = NULL;
	close(queue->fd);
	free(queue->buffer);
	free(queue);
}

static struct backend_queue_info fake_queue_info(struct backend_queue *queue)
{
	return (struct backend_queue_info){ .fd = queue->fd, .buffer = queue->buffer };
}

static void report(struct backend_queue *queue, const struct dsa_sample_event *event)
{
	if (queue->tail - queue->head == EVENTS_MAX)
		abort();
	queue->events[queue->tail++ % EVENTS_MAX] = *event;
	eventfd_write(queue->fd, 1);
}

static void complete(struct backend_queue *queue, const struct dsa_sample_work *work,
		     enum fake_fault fault)
{
	struct dsa_sample_event event = {
		.tag = work->tag,
		.submit_ns = units_now_ns(),
		.how = DSA_SAMPLE_HOW_INTERRUPT,
	};
	struct dsa_sample_event other;

	queue->stats.submitted++;
	event.visible_ns = event.submit_ns + 1000;
	event.notice_ns = event.submit_ns + 2000;
	fake_device_perform(queue->buffer, work, &event);
	switch (fault) {
	case FAKE_LOSE_INTERRUPT:
		event.how = DSA_SAMPLE_HOW_STRANDED;
		event.notice_ns += 5 * NSEC_PER_SEC;
		queue->stats.stranded++;
		break;
	case FAKE_LOSE_COMPLETION:
		event.how = DSA_SAMPLE_HOW_MISSING;
		event.visible_ns = 0;
		event.status = 0;
		event.notice_ns += 30 * NSEC_PER_SEC;
		queue->stats.missing++;
		break;
	case FAKE_LATE:
		event.notice_ns = event.visible_ns + fake_plan.deadline_ns + 1;
		break;
	case FAKE_IN_TIME:
		event.notice_ns = event.visible_ns + fake_plan.deadline_ns;
		break;
	case FAKE_CORRUPT_DATA:
		queue->buffer[work->dst + work->size / 2] ^= 1;
		break;
	case FAKE_BAD_STATUS:
		event.status = DSA_COMP_PAGE_FAULT_NOBOF;
		break;
	case FAKE_REPORT_ON_OTHER_QUEUE:
		event.tag += (uint64_t)1 << 56;
		break;
	case FAKE_MISCOUNT:
		queue->stats.stranded++;
		break;
	case FAKE_VANISH:
		queue->vanished = true;
		break;
	default:
		break;
	}
	if (event.how == DSA_SAMPLE_HOW_INTERRUPT) {
		event.handler_run = (uint32_t)++queue->stats.handler_runs;
		queue->stats.interrupted++;
	}
	if (fault == FAKE_SILENCE)
		return;
	other = event;
	report(queue, &event);
	if (fault == FAKE_REPORT_UNKNOWN)
		other.tag += UINT64_C(1000) << 16;
	if (fault == FAKE_REPORT_UNKNOWN || fault == FAKE_REPORT_TWICE)
		report(queue, &other);
}

static int fake_submit(struct backend_queue *queue, const struct dsa_sample_work *work,
		       unsigned int count, struct problem *problem)
{
	for (unsigned int i = 0; i < count; i++) {
		enum fake_fault fault = FAKE_RIGHT;

		if (queue->index == fake_plan.fault_queue &&
		    queue->submissions == fake_plan.fault_at)
			fault = fake_plan.fault;
		if (fault == FAKE_HALT)
			return i ? (int)i : problem_set(problem, -EIO, "halted, as told");
		if (fault == FAKE_HOLD && !queue->held) {
			queue->held = true;
			return i ? (int)i : -EAGAIN;
		}
		queue->submissions++;
		complete(queue, &work[i], fault);
		if (fault == FAKE_ACCEPT_FEWER)
			return (int)i + 1;
	}
	return (int)count;
}

static int fake_read_events(struct backend_queue *queue, struct dsa_sample_event *events,
			    unsigned int count, struct problem *problem)
{
	eventfd_t signals;
	unsigned int taken = 0;

	if (queue->vanished)
		return problem_set(problem, -ENODEV, "gone, as told");
	while (taken < count && queue->head != queue->tail)
		events[taken++] = queue->events[queue->head++ % EVENTS_MAX];
	if (queue->head == queue->tail)
		eventfd_read(queue->fd, &signals);
	if (!taken)
		return -EAGAIN;
	pthread_mutex_lock(&lock);
	completed[queue->index] += taken;
	pthread_cond_broadcast(&progressed);
	pthread_mutex_unlock(&lock);
	return (int)taken;
}

static int fake_stats(struct backend_queue *queue, struct dsa_sample_queue_stats *stats,
		      struct problem *problem)
{
	(void)problem;
	*stats = queue->stats;
	return 0;
}

const struct backend fake_backend = {
	.name = "fake",
	.open = fake_open,
	.info = fake_info,
	.queue_up = fake_queue_up,
	.queue_info = fake_queue_info,
	.submit = fake_submit,
	.read_events = fake_read_events,
	.stats = fake_stats,
	.queue_down = fake_queue_down,
	.close = fake_close,
};
