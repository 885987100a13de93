// SPDX-License-Identifier: GPL-2.0-only
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bring_up_job.h"
#include "run_queue.h"
#include "units.h"

/* How often the observer is told, and the longest sleep of the loop. */
#define TICK_NS (200 * NSEC_PER_MSEC)

/*
 * A machine that stands still shows as one long turn of the loop. No more than
 * this of a turn counts when the loop loses patience with the driver.
 */
#define ALIVE_MAX_NS (2 * TICK_NS)

/* How long the last descriptors are waited for after the user stopped the run. */
#define STOPPED_DRAIN_NS NSEC_PER_SEC

enum poll_slot {
	POLL_STOP,
	POLL_TIMER,
	POLL_BRING_UP,
	POLL_QUEUES,
};

struct run {
	const struct backend *backend;
	const struct run_observer *observer;
	struct backend_device *device;
	struct result *result;
	struct verify verify;

	unsigned int target;
	unsigned int slots;
	struct run_queue *queues;
	unsigned int queue_count;
	struct bring_up_job job;
	struct pollfd *polled;
	int timer_fd;

	enum run_phase phase;
	/* Nothing more can be learnt: do not wait for outcomes. */
	bool abandoned;
	uint64_t next_bring_up_ns;
	uint64_t steady_end_ns;
	uint64_t next_status_ns;
	uint64_t drain_left_ns;
	uint64_t last_turn_ns;
};

static uint64_t later(uint64_t time_ns, uint64_t by_ns)
{
	uint64_t sum;

	return __builtin_add_overflow(time_ns, by_ns, &sum) ? UINT64_MAX : sum;
}

static const struct run_parameters *parameters_of(const struct run *run)
{
	return &run->result->parameters;
}

static uint64_t total_in_flight(const struct run *run)
{
	uint64_t in_flight = 0;

	for (unsigned int i = 0; i < run->queue_count; i++)
		in_flight += run->queues[i].ledger.in_flight;
	return in_flight;
}

static void tell_status(struct run *run, uint64_t now)
{
	struct run_status status = {
		.phase = run->phase,
		.elapsed_ns = now - run->result->start_ns,
		.queues_up = run->queue_count,
		.queues = run->target,
		.in_flight = total_in_flight(run),
	};

	run->next_status_ns = now + TICK_NS;
	if (!run->observer || !run->observer->status)
		return;
	for (unsigned int i = 0; i < run->queue_count; i++)
		ledger_counts_add(&status.counts, &run->queues[i].ledger.counts);
	run->observer->status(run->observer->context, &status);
}

static void start_draining(struct run *run, uint64_t patience_ns)
{
	run->phase = RUN_DRAINING;
	run->drain_left_ns = patience_ns;
}

/* The first reason stays: what follows is often its consequence. */
static void end_early(struct run *run, enum run_end end, const struct problem *problem)
{
	if (run->result->end == RUN_COMPLETE) {
		run->result->end = end;
		run->result->failure = *problem;
	}
	run->abandoned = true;
	start_draining(run, 0);
}

static uint64_t full_patience(const struct run *run)
{
	const struct run_parameters *parameters = parameters_of(run);

	return later(later(parameters->timeout_ns, parameters->confirm_ns),
		     parameters->drain_grace_ns);
}

static void bring_up_next(struct run *run, uint64_t now)
{
	const struct run_parameters *parameters = parameters_of(run);
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t bytes = run->slots * verify_slot_bytes(&run->verify);
	struct dsa_sample_queue_up up = {
		.queue = run->queue_count,
		.buffer_size = (uint32_t)((bytes + page - 1) / page * page),
		.confirm_ms = (uint32_t)(parameters->confirm_ns / NSEC_PER_MSEC),
		.timeout_ms = (uint32_t)(parameters->timeout_ns / NSEC_PER_MSEC),
	};
	struct problem problem;
	int error;

	timeline_begin(&run->result->timeline, run->queue_count, now);
	run->next_bring_up_ns = later(now, parameters->interval_ns);
	error = bring_up_job_start(&run->job, &up);
	if (error) {
		run->result->timeline.count--;
		problem_set(&problem, error, "cannot start a thread: %s", strerror(-error));
		end_early(run, RUN_FAILED, &problem);
	}
}

/* A queue that cannot come up ends the bring-ups; what is in flight is awaited. */
static void bring_up_failed(struct run *run, struct bring_up *bring_up,
			    const struct problem *problem)
{
	bring_up->failed = true;
	if (run->result->end == RUN_COMPLETE) {
		run->result->end = RUN_FAILED;
		run->result->failure = *problem;
	}
	if (run->phase != RUN_DRAINING)
		start_draining(run, full_patience(run));
}

static void bring_up_done(struct run *run)
{
	struct timeline *timeline = &run->result->timeline;
	struct bring_up *bring_up = &timeline->entries[timeline->count - 1];
	struct run_queue *queue = &run->queues[run->queue_count];
	struct problem problem;
	int error;

	bring_up_job_finish(&run->job);
	bring_up->end_ns = units_now_ns();
	if (run->job.error) {
		bring_up_failed(run, bring_up, &run->job.problem);
		return;
	}
	error = run_queue_init(queue, run->backend, run->job.queue, &run->job.up, &run->verify,
			       run->slots, parameters_of(run)->deadline_ns,
			       &run->result->queues[run->queue_count]);
	if (error) {
		run->backend->queue_down(run->job.queue);
		problem_set(&problem, error, "out of memory");
		bring_up_failed(run, bring_up, &problem);
		return;
	}
	bring_up->vector = run->job.up.vector;
	bring_up->irq = run->job.up.irq;
	bring_up->request_irq_ns = run->job.up.request_irq_ns;
	bring_up->enable_ns = run->job.up.enable_ns;
	bring_up->total_ns = run->job.up.total_ns;
	run->queue_count++;
	run->result->queue_count = run->queue_count;

	if (run->observer && run->observer->brought_up)
		run->observer->brought_up(run->observer->context, timeline->count - 1, bring_up);
	if (run->phase == RUN_RISING && run->queue_count == run->target) {
		run->phase = RUN_STEADY;
		run->steady_end_ns = later(bring_up->end_ns, parameters_of(run)->duration_ns);
	}
	if (run->phase != RUN_DRAINING &&
	    run_queue_fill(queue, parameters_of(run)->depth, &problem))
		end_early(run, RUN_FAILED, &problem);
}

static void serve_queue(struct run *run, struct run_queue *queue, short events)
{
	bool ledger_broken = false;
	struct problem problem;
	int taken = 0, error;

	if (events & (POLLIN | POLLERR | POLLHUP | POLLNVAL)) {
		taken = run_queue_reap(queue, run->result, &ledger_broken, &problem);
		if (taken < 0) {
			end_early(run, ledger_broken ? RUN_LEDGER_BROKEN : RUN_FAILED, &problem);
			return;
		}
	}
	if (!taken && (events & (POLLERR | POLLHUP | POLLNVAL))) {
		problem_set(
			&problem, -EIO,
			"queue %u: the device is halted or gone: the kernel log (dmesg) says why",
			queue->ledger.queue);
		end_early(run, RUN_FAILED, &problem);
		return;
	}
	if (run->phase == RUN_DRAINING)
		return;
	error = run_queue_fill(queue, parameters_of(run)->depth, &problem);
	if (error)
		end_early(run, RUN_FAILED, &problem);
}

static void stop_requested(struct run *run)
{
	struct problem none = { "" };

	if (run->result->end == RUN_COMPLETE) {
		run->result->end = RUN_STOPPED;
		run->result->failure = none;
	}
	if (run->phase != RUN_DRAINING || run->drain_left_ns > STOPPED_DRAIN_NS)
		start_draining(run, STOPPED_DRAIN_NS);
	/* Once is enough: a readable descriptor would keep the loop spinning. */
	run->polled[POLL_STOP].fd = -1;
	if (run->observer && run->observer->stopping)
		run->observer->stopping(run->observer->context);
}

static void advance(struct run *run, uint64_t now)
{
	uint64_t turn = now - run->last_turn_ns;

	run->last_turn_ns = now;
	switch (run->phase) {
	case RUN_RISING:
		if (!run->job.running && now >= run->next_bring_up_ns)
			bring_up_next(run, now);
		break;
	case RUN_STEADY:
		if (now >= run->steady_end_ns)
			start_draining(run, full_patience(run));
		break;
	default:
		if (turn > ALIVE_MAX_NS)
			turn = ALIVE_MAX_NS;
		run->drain_left_ns -= turn < run->drain_left_ns ? turn : run->drain_left_ns;
		break;
	}
}

static bool finished(struct run *run)
{
	if (run->phase != RUN_DRAINING || run->job.running)
		return false;
	if (run->abandoned || total_in_flight(run) == 0)
		return true;
	if (run->drain_left_ns)
		return false;
	if (run->result->end == RUN_COMPLETE)
		run->result->end = RUN_UNRESOLVED;
	return true;
}

static int arm_timer(struct run *run, uint64_t now)
{
	uint64_t next = run->next_status_ns < now + TICK_NS ? run->next_status_ns : now + TICK_NS;
	struct itimerspec timer = { 0 };

	if (run->phase == RUN_RISING && !run->job.running && run->next_bring_up_ns < next)
		next = run->next_bring_up_ns;
	if (run->phase == RUN_STEADY && run->steady_end_ns < next)
		next = run->steady_end_ns;
	/* Zero would disarm it. */
	if (next == 0)
		next = 1;
	timer.it_value.tv_sec = (time_t)(next / NSEC_PER_SEC);
	timer.it_value.tv_nsec = (long)(next % NSEC_PER_SEC);
	return timerfd_settime(run->timer_fd, TFD_TIMER_ABSTIME, &timer, NULL) ? -errno : 0;
}

/* One turn: sleep until something happens, and deal with it. */
static int turn(struct run *run)
{
	struct pollfd *polled = run->polled;
	/* A queue that comes up in this turn was not polled in it. */
	const unsigned int queue_count = run->queue_count;
	uint64_t expirations;
	int error;

	error = arm_timer(run, units_now_ns());
	if (error)
		return error;
	for (unsigned int i = 0; i < queue_count; i++) {
		/* A dead device is always ready: do not spin while a bring-up returns. */
		polled[POLL_QUEUES + i].fd = run->abandoned ? -1 : run->queues[i].fd;
		polled[POLL_QUEUES + i].events = POLLIN;
		if (run->queues[i].refused && run->phase != RUN_DRAINING)
			polled[POLL_QUEUES + i].events |= POLLOUT;
	}
	if (poll(polled, POLL_QUEUES + queue_count, -1) < 0)
		return errno == EINTR ? 0 : -errno;

	/* Non-blocking; what it says is only that time has passed. */
	if (polled[POLL_TIMER].revents &&
	    read(run->timer_fd, &expirations, sizeof(expirations)) < 0 && errno != EAGAIN)
		return -errno;
	for (unsigned int i = 0; i < queue_count && !run->abandoned; i++)
		if (polled[POLL_QUEUES + i].revents)
			serve_queue(run, &run->queues[i], polled[POLL_QUEUES + i].revents);
	if (polled[POLL_BRING_UP].revents && run->job.running)
		bring_up_done(run);
	if (polled[POLL_STOP].fd >= 0 && polled[POLL_STOP].revents)
		stop_requested(run);
	return 0;
}

static void loop(struct run *run)
{
	struct problem problem;
	int error;

	run->last_turn_ns = units_now_ns();
	run->next_bring_up_ns = run->last_turn_ns;
	while (!finished(run)) {
		uint64_t now = units_now_ns();

		advance(run, now);
		if (now >= run->next_status_ns)
			tell_status(run, now);
		error = turn(run);
		if (error) {
			problem_set(&problem, error, "cannot wait for events: %s",
				    strerror(-error));
			end_early(run, RUN_FAILED, &problem);
			if (run->job.running)
				bring_up_done(run);
		}
	}
}

static void conclude(struct run *run)
{
	struct problem problem;

	run->result->end_ns = units_now_ns();
	run->phase = RUN_CLOSING;
	tell_status(run, run->result->end_ns);
	for (unsigned int i = 0; i < run->queue_count; i++) {
		struct run_queue *queue = &run->queues[i];
		bool drained = !run->abandoned && queue->ledger.in_flight == 0;

		if (run_queue_conclude(queue, drained, &problem) &&
		    run->result->end != RUN_LEDGER_BROKEN) {
			run->result->end = RUN_LEDGER_BROKEN;
			run->result->failure = problem;
		}
		run_queue_destroy(queue);
		tell_status(run, units_now_ns());
	}
}

/* Does what was asked for fit this device? */
static int check_fit(const struct run_parameters *parameters, const struct dsa_sample_info *info,
		     const struct verify *verify, struct problem *problem)
{
	const uint64_t need = parameters->depth * verify_slot_bytes(verify);

	if (info->queues == 0 || info->queues > LEDGER_MAX_QUEUES)
		return problem_set(problem, -ENODEV, "the device says it has %u queues",
				   info->queues);
	if (parameters->queues > info->queues)
		return problem_set(problem, -ENOENT, "--queues %" PRIu64 ": the device has only %u",
				   parameters->queues, info->queues);
	if (parameters->depth > info->queue_entries)
		return problem_set(problem, -ENOSPC,
				   "--depth %" PRIu64
				   ": a queue of the device holds only %u descriptors",
				   parameters->depth, info->queue_entries);
	if (parameters->size > info->max_transfer)
		return problem_set(problem, -EFBIG,
				   "--size %" PRIu64 ": the device transfers at most %" PRIu64
				   " bytes at once",
				   parameters->size, (uint64_t)info->max_transfer);
	if (need > info->max_buffer)
		return problem_set(problem, -EFBIG,
				   "--depth %" PRIu64 " of --size %" PRIu64
				   " needs a buffer of %" PRIu64
				   " bytes, the driver allows %u: make one of them smaller",
				   parameters->depth, parameters->size, need, info->max_buffer);
	return 0;
}

static int allocate(struct run *run, int stop_fd, struct problem *problem)
{
	int error;

	run->queues = calloc(run->target, sizeof(*run->queues));
	run->polled = calloc(POLL_QUEUES + run->target, sizeof(*run->polled));
	if (!run->queues || !run->polled) {
		error = -ENOMEM;
		goto free_arrays;
	}
	run->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (run->timer_fd < 0) {
		error = -errno;
		goto free_arrays;
	}
	error = bring_up_job_init(&run->job, run->backend, run->device);
	if (error)
		goto close_timer;
	run->polled[POLL_STOP] = (struct pollfd){ .fd = stop_fd, .events = POLLIN };
	run->polled[POLL_TIMER] = (struct pollfd){ .fd = run->timer_fd, .events = POLLIN };
	run->polled[POLL_BRING_UP] = (struct pollfd){ .fd = run->job.done_fd, .events = POLLIN };
	return 0;

close_timer:
	close(run->timer_fd);
free_arrays:
	free(run->polled);
	free(run->queues);
	return problem_set(problem, error, "cannot set up the run: %s", strerror(-error));
}

static void release(struct run *run)
{
	bring_up_job_destroy(&run->job);
	close(run->timer_fd);
	free(run->polled);
	free(run->queues);
}

/* Data slots for which the driver's largest buffer has room; at least the depth. */
static unsigned int fit_slots(const struct run_parameters *parameters,
			      const struct dsa_sample_info *info, const struct verify *verify)
{
	unsigned int slots = run_queue_slots(parameters->depth, info->queue_entries);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	while (slots > parameters->depth &&
	       slots * verify_slot_bytes(verify) + page > info->max_buffer)
		slots--;
	return slots;
}

int run(const struct backend *backend, const struct run_parameters *parameters,
	const struct run_observer *observer, int stop_fd, struct result *result,
	struct problem *problem)
{
	struct run run = { .backend = backend, .observer = observer, .result = result };
	struct dsa_sample_info info;
	int error;

	run.verify.seed = parameters->seed;
	run.verify.size = (uint32_t)parameters->size;
	run.verify.opcodes = (uint32_t)parameters->opcodes;

	error = backend->open(parameters->device, &run.device, problem);
	if (error)
		return error;
	error = backend->info(run.device, &info, problem);
	if (!error)
		error = check_fit(parameters, &info, &run.verify, problem);
	if (error)
		goto close_device;
	run.target = parameters->queues ? (unsigned int)parameters->queues : info.queues;
	run.slots = fit_slots(parameters, &info, &run.verify);
	error = result_init(result, parameters, run.target);
	if (error) {
		problem_set(problem, error, "out of memory");
		goto close_device;
	}
	result->parameters.queues = run.target;
	result->driver = backend->name;
	result->info = info;
	error = allocate(&run, stop_fd, problem);
	if (error)
		goto destroy_result;

	result->start_ns = units_now_ns();
	loop(&run);
	conclude(&run);
	/* Not even one queue: that is this machine's failure, not a run. */
	if (run.queue_count == 0 && result->end == RUN_FAILED) {
		error = -EIO;
		*problem = result->failure;
	}
	release(&run);
destroy_result:
	if (error)
		result_destroy(result);
close_device:
	backend->close(run.device);
	return error;
}
