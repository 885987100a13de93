// SPDX-License-Identifier: GPL-2.0-only
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "bring_up_job.h"
#include "random.h"
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

	struct run_pace pace;
	struct recent recent;
	cpu_set_t cpus_before;

	unsigned int target;
	unsigned int slots;
	/* In the order in which they come up; @queue_count have been up, @up_count are. */
	struct run_queue *queues;
	unsigned int queue_count;
	unsigned int up_count;
	/* Place of the one that the job brings up. */
	unsigned int coming;
	struct run_queue *closing;
	uint64_t random;
	struct bring_up_job job;
	struct pollfd *polled;
	struct run_queue_status *each;
	int timer_fd;

	enum run_phase phase;
	/* Nothing more can be learnt: do not wait for outcomes. */
	bool abandoned;
	uint64_t next_bring_up_ns;
	uint64_t next_cycle_ns;
	uint64_t steady_end_ns;
	uint64_t next_status_ns;
	uint64_t next_wake_ns;
	uint64_t drain_left_ns;
	uint64_t last_turn_ns;
	uint64_t turns;
};

static uint64_t later(uint64_t time_ns, uint64_t by_ns)
{
	uint64_t sum;

	return __builtin_add_overflow(time_ns, by_ns, &sum) ? UINT64_MAX : sum;
}

static uint64_t now_of(const struct run *run)
{
	return run->backend->now ? run->backend->now(run->device) : units_now_ns();
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

static uint64_t tick_of(const struct run *run)
{
	return run->observer && run->observer->tick_ns ? run->observer->tick_ns : TICK_NS;
}

/*
 * How often the loop wakes up for the observer alone. In the device's own time not more
 * often than without one: to look changes nothing, to wake up does.
 */
static uint64_t wake_tick(const struct run *run)
{
	return run->backend->now ? TICK_NS : tick_of(run);
}

static struct run_queue_status queue_status(const struct run *run, const struct run_queue *queue,
					    struct ledger_counts *sum)
{
	/* What it has behind it, and what it is in the middle of. */
	struct ledger_counts counts = queue->result->counts;

	if (queue->up && !queue->concluded && run->phase != RUN_CLOSING)
		ledger_counts_add(&counts, &queue->ledger.counts);
	ledger_counts_add(sum, &counts);
	return (struct run_queue_status){
		.queue = queue->result->queue,
		.vector = queue->result->vector,
		.up = queue->up,
		.in_flight = queue->ledger.in_flight,
		.interrupted = counts.interrupted,
		.stranded = counts.stranded,
		.missing = counts.missing,
		.last_interrupt_ns =
			counts.interrupted ? queue->result->last_interrupt_ns : UINT64_MAX,
	};
}

static void tell_status(struct run *run, uint64_t now)
{
	struct run_status status = {
		.phase = run->phase,
		.elapsed_ns = now - run->result->start_ns,
		.queues_up = run->up_count,
		.queues = run->target,
		.cycles_done = run->result->cycles_done,
		.in_flight = total_in_flight(run),
		.bring_ups = run->result->timeline.begun,
		.each = run->each,
		.queue_count = run->queue_count,
	};

	run->next_status_ns = now + tick_of(run);
	if (!run->observer || !run->observer->status)
		return;
	for (unsigned int i = 0; i < run->queue_count; i++)
		run->each[i] = queue_status(run, &run->queues[i], &status.counts);
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

static void job_done(struct run *run);

static void start_job(struct run *run, const struct dsa_sample_queue_up *up,
		      struct backend_queue *queue)
{
	struct problem problem;
	int error = bring_up_job_start(&run->job, up, queue);

	if (error) {
		if (up) {
			run->result->timeline.count--;
			run->result->timeline.begun--;
		} else {
			/* The others stand still meanwhile, but it has to go. */
			run->backend->queue_down(queue);
		}
		problem_set(&problem, error, "cannot start a thread: %s", strerror(-error));
		end_early(run, RUN_FAILED, &problem);
	} else if (run->backend->now) {
		job_done(run);
	}
}

/* Bring up the @nth queue. */
static void bring_up(struct run *run, unsigned int nth, uint64_t now)
{
	const struct run_parameters *parameters = parameters_of(run);
	const unsigned int number = wq_config_number(parameters->config, nth);
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t bytes = run->slots * verify_slot_bytes(&run->verify);
	struct dsa_sample_queue_up up = {
		.queue = number,
		.buffer_size = (uint32_t)((bytes + page - 1) / page * page),
		.confirm_ms = (uint32_t)(parameters->confirm_ns / NSEC_PER_MSEC),
		.timeout_ms = (uint32_t)(parameters->timeout_ns / NSEC_PER_MSEC),
	};

	run->coming = nth;
	timeline_begin(&run->result->timeline, number, now);
	run->next_bring_up_ns = later(now, parameters->interval_ns);
	start_job(run, &up, NULL);
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

/* Take over the queue of the job. Returns it, or NULL without memory. */
static struct run_queue *take_over(struct run *run)
{
	struct run_queue *queue = &run->queues[run->coming];

	if (run->coming < run->queue_count) {
		run_queue_resume(queue, run->job.queue, &run->job.up);
	} else {
		if (run_queue_init(queue, run->backend, run->job.queue, &run->job.up,
				   &run->verify, run->slots, parameters_of(run)->deadline_ns,
				   &run->result->queues[run->coming]))
			return NULL;
		run->queue_count++;
		run->result->queue_count = run->queue_count;
	}
	queue->due_ns = now_of(run);
	queue->progress_ns = queue->due_ns;
	queue->recent = parameters_of(run)->until_loss ? &run->recent : NULL;
	queue->nth = run->coming;
	run->up_count++;
	return queue;
}

static void start_churning(struct run *run, uint64_t now)
{
	run->phase = RUN_CHURNING;
	run->next_cycle_ns = later(now, parameters_of(run)->cycle_ns);
}

static void start_steady(struct run *run, uint64_t now)
{
	run->phase = RUN_STEADY;
	run->steady_end_ns = later(now, parameters_of(run)->duration_ns);
}

static void cycle_done(struct run *run, uint64_t now)
{
	if (run->phase != RUN_CHURNING)
		return;
	run->result->cycles_done++;
	if (run->result->cycles_done == parameters_of(run)->cycles)
		start_steady(run, now);
}

static void fill_queue(struct run *run, struct run_queue *queue)
{
	struct problem problem;

	if (run->phase == RUN_DRAINING || queue->closing)
		return;
	if (run_queue_fill(queue, &run->pace, now_of(run), &problem))
		end_early(run, RUN_FAILED, &problem);
}

static void bring_up_done(struct run *run)
{
	struct timeline *timeline = &run->result->timeline;
	struct bring_up *bring_up = &timeline->entries[timeline->count - 1];
	struct run_queue *queue;
	struct problem problem;

	bring_up->end_ns = now_of(run);
	if (run->job.error) {
		bring_up_failed(run, bring_up, &run->job.problem);
		return;
	}
	queue = take_over(run);
	if (!queue) {
		run->backend->queue_down(run->job.queue);
		problem_set(&problem, -ENOMEM, "out of memory");
		bring_up_failed(run, bring_up, &problem);
		return;
	}
	bring_up->vector = run->job.up.vector;
	bring_up->irq = run->job.up.irq;
	bring_up->request_irq_ns = run->job.up.request_irq_ns;
	bring_up->enable_ns = run->job.up.enable_ns;
	bring_up->total_ns = run->job.up.total_ns;

	if (run->phase == RUN_RISING && run->observer && run->observer->brought_up)
		run->observer->brought_up(run->observer->context, timeline->count - 1, bring_up);
	cycle_done(run, bring_up->end_ns);
	if (run->phase == RUN_RISING && run->queue_count == run->target) {
		if (parameters_of(run)->cycles)
			start_churning(run, bring_up->end_ns);
		else
			start_steady(run, bring_up->end_ns);
	}
	fill_queue(run, queue);
}

static void job_done(struct run *run)
{
	bring_up_job_finish(&run->job);
	if (run->job.down)
		cycle_done(run, now_of(run));
	else
		bring_up_done(run);
}

/* ---- Churn ----------------------------------------------------------------- */

/* The books of the queue are closed when everything on it has its outcome. */
static void take_down(struct run *run)
{
	struct run_queue *queue = run->closing;
	struct problem problem;

	if (queue->ledger.in_flight)
		return;
	run->closing = NULL;
	queue->concluded = true;
	if (run_queue_conclude(queue, true, &problem)) {
		end_early(run, RUN_LEDGER_BROKEN, &problem);
		return;
	}
	queue->up = false;
	run->up_count--;
	start_job(run, NULL, queue->handle);
}

/* One queue, chosen at random, comes up if it is down, and goes down otherwise. */
static void begin_cycle(struct run *run, uint64_t now)
{
	struct run_queue *queue;

	do {
		run->random += RANDOM_STEP;
		queue = &run->queues[random_mix(run->random) % run->queue_count];
	} while (queue->up && run->up_count == 1 && run->queue_count > 1);
	run->next_cycle_ns = later(now, parameters_of(run)->cycle_ns);
	if (!queue->up) {
		bring_up(run, (unsigned int)(queue - run->queues), now);
		return;
	}
	queue->closing = true;
	run->closing = queue;
	take_down(run);
}

/* ---- Until the first loss --------------------------------------------------- */

/* A queue that is silent this part of the confirmation time may have lost something. */
#define SUSPICIOUS 32

/* While one is, what was when it fell silent is kept. */
static void watch_for_silence(struct run *run, uint64_t now)
{
	const uint64_t patience = parameters_of(run)->confirm_ns / SUSPICIOUS;
	bool silent = false;

	for (unsigned int i = 0; i < run->queue_count; i++) {
		const struct run_queue *queue = &run->queues[i];

		silent |= queue->up && queue->ledger.in_flight &&
			  now - queue->progress_ns > patience;
	}
	run->recent.frozen = silent;
}

/* The run ends. What others still wait for is awaited: it may be lost as well. */
static void loss_found(struct run *run)
{
	if (run->phase == RUN_DRAINING)
		return;
	if (run->observer && run->observer->lost)
		run->observer->lost(run->observer->context, &run->result->first_loss);
	start_draining(run, full_patience(run));
}

/* ---- The loop -------------------------------------------------------------- */

static void serve_queue(struct run *run, struct run_queue *queue, short events)
{
	bool ledger_broken = false;
	struct problem problem;
	int taken = 0;

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
	if (taken)
		queue->progress_ns = now_of(run);
	if (parameters_of(run)->until_loss && run->result->first_loss.known)
		loss_found(run);
	fill_queue(run, queue);
}

/* Those of which a descriptor is due. */
static void serve_due(struct run *run)
{
	uint64_t now;

	if (!run->pace.period_ns || run->phase == RUN_DRAINING)
		return;
	now = now_of(run);
	for (unsigned int i = 0; i < run->queue_count && !run->abandoned; i++)
		if (run_queue_due(&run->queues[i], &run->pace) <= now)
			fill_queue(run, &run->queues[i]);
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
	if (parameters_of(run)->until_loss)
		watch_for_silence(run, now);
	switch (run->phase) {
	case RUN_RISING:
		if (!run->job.running && now >= run->next_bring_up_ns)
			bring_up(run, run->queue_count, now);
		break;
	case RUN_CHURNING:
		if (run->closing)
			take_down(run);
		else if (!run->job.running && now >= run->next_cycle_ns)
			begin_cycle(run, now);
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

/* When there is something to do, whatever the queues do. */
static uint64_t next_deadline(const struct run *run, uint64_t now)
{
	const uint64_t tick = wake_tick(run);
	uint64_t next = run->next_wake_ns < now + tick ? run->next_wake_ns : now + tick;

	if (run->phase == RUN_RISING && !run->job.running && run->next_bring_up_ns < next)
		next = run->next_bring_up_ns;
	if (run->phase == RUN_CHURNING && !run->job.running && !run->closing &&
	    run->next_cycle_ns < next)
		next = run->next_cycle_ns;
	if (run->phase == RUN_STEADY && run->steady_end_ns < next)
		next = run->steady_end_ns;
	for (unsigned int i = 0; run->phase != RUN_DRAINING && i < run->queue_count; i++) {
		uint64_t due = run_queue_due(&run->queues[i], &run->pace);

		if (due < next)
			next = due;
	}
	return next;
}

static int arm_timer(struct run *run, uint64_t now)
{
	uint64_t next = next_deadline(run, now);
	struct itimerspec timer = { 0 };

	/* Zero would disarm it. */
	if (next == 0)
		next = 1;
	timer.it_value.tv_sec = (time_t)(next / NSEC_PER_SEC);
	timer.it_value.tv_nsec = (long)(next % NSEC_PER_SEC);
	return timerfd_settime(run->timer_fd, TFD_TIMER_ABSTIME, &timer, NULL) ? -errno : 0;
}

/* What is waited for on a queue. */
static short wanted_events(const struct run *run, const struct run_queue *queue)
{
	return queue->refused && run->phase != RUN_DRAINING ? POLLIN | POLLOUT : POLLIN;
}

/* In the device's own time: those queues of which something is waited for. */
static void serve_ready(void *context)
{
	const short errors = POLLERR | POLLHUP | POLLNVAL;
	struct run *run = context;

	for (unsigned int i = 0; i < run->queue_count && !run->abandoned; i++) {
		struct run_queue *queue = &run->queues[i];
		short events;

		if (!queue->up || queue->concluded)
			continue;
		events = run->backend->ready(queue->handle) & (wanted_events(run, queue) | errors);
		if (events)
			serve_queue(run, queue, events);
	}
	serve_due(run);
}

/* Between two looks at what is outside of the device's own time. */
#define TURNS_PER_LOOK 256

/* One turn in the device's own time: it goes on until something happens there. */
static int own_turn(struct run *run)
{
	struct pollfd *stop = &run->polled[POLL_STOP];

	if (run->turns++ % TURNS_PER_LOOK == 0 && stop->fd >= 0 && poll(stop, 1, 0) > 0) {
		stop_requested(run);
		return 0;
	}
	run->backend->wait(run->device, next_deadline(run, now_of(run)));
	serve_ready(run);
	return 0;
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
		polled[POLL_QUEUES + i].fd =
			run->abandoned || !run->queues[i].up ? -1 : run->queues[i].fd;
		polled[POLL_QUEUES + i].events = wanted_events(run, &run->queues[i]);
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
	serve_due(run);
	if (polled[POLL_BRING_UP].revents && run->job.running)
		job_done(run);
	if (polled[POLL_STOP].fd >= 0 && polled[POLL_STOP].revents)
		stop_requested(run);
	return 0;
}

static void loop(struct run *run)
{
	struct problem problem;
	int error;

	run->last_turn_ns = now_of(run);
	run->next_bring_up_ns = run->last_turn_ns;
	while (!finished(run)) {
		uint64_t now = now_of(run);

		advance(run, now);
		if (now >= run->next_wake_ns || now >= run->next_status_ns)
			tell_status(run, now);
		if (now >= run->next_wake_ns)
			run->next_wake_ns = now + wake_tick(run);
		error = run->backend->now ? own_turn(run) : turn(run);
		if (error) {
			problem_set(&problem, error, "cannot wait for events: %s",
				    strerror(-error));
			end_early(run, RUN_FAILED, &problem);
			if (run->job.running)
				job_done(run);
		}
	}
}

static int compare_numbers(const void *a, const void *b)
{
	const struct queue_result *x = a, *y = b;

	return (x->queue > y->queue) - (x->queue < y->queue);
}

static void conclude(struct run *run)
{
	struct problem problem;

	run->result->end_ns = now_of(run);
	for (unsigned int i = 0; i < run->queue_count; i++) {
		struct run_queue *queue = &run->queues[i];
		bool drained = !run->abandoned && queue->ledger.in_flight == 0;

		if (queue->up && !queue->concluded &&
		    run_queue_conclude(queue, drained, &problem) &&
		    run->result->end != RUN_LEDGER_BROKEN) {
			run->result->end = RUN_LEDGER_BROKEN;
			run->result->failure = problem;
		}
	}
	/* Their books are closed. */
	if (run->backend->meanwhile)
		run->backend->meanwhile(run->device, NULL, NULL, false);
	run->phase = RUN_CLOSING;
	tell_status(run, run->result->end_ns);
	for (unsigned int i = 0; i < run->queue_count; i++) {
		run_queue_destroy(&run->queues[i]);
		run->up_count -= run->queues[i].up;
		tell_status(run, now_of(run));
	}
	/* Nobody has pointers into it any more. */
	qsort(run->result->queues, run->queue_count, sizeof(*run->result->queues),
	      compare_numbers);
	if (run->backend->check && run->backend->check(run->device, &problem) &&
	    run->result->end == RUN_COMPLETE) {
		run->result->end = RUN_FAILED;
		run->result->failure = problem;
	}
	run->result->has_dropped = run->backend->dropped;
	if (run->backend->dropped)
		run->result->dropped = run->backend->dropped(run->device);
}

/* Does what was asked for fit this device? */
static int check_fit(const struct run_parameters *parameters, const struct dsa_sample_info *info,
		     const struct verify *verify, struct problem *problem)
{
	const uint64_t need = parameters->depth * verify_slot_bytes(verify);
	const unsigned int queues = wq_config_queues(parameters->config, info->queues);

	if (info->queues == 0 || info->queues > LEDGER_MAX_QUEUES)
		return problem_set(problem, -ENODEV, "the device says it has %u queues",
				   info->queues);
	if (parameters->queues > queues)
		return problem_set(problem, -ENOENT, "--queues %" PRIu64 ": the %s has only %u",
				   parameters->queues, queues == info->queues ? "device" : "file",
				   queues);
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
	run->each = calloc(run->target, sizeof(*run->each));
	if (!run->queues || !run->polled || !run->each) {
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
	if (run->result->parameters.until_loss) {
		error = recent_init(&run->recent, run->target);
		if (error)
			goto destroy_job;
	}
	run->polled[POLL_STOP] = (struct pollfd){ .fd = stop_fd, .events = POLLIN };
	run->polled[POLL_TIMER] = (struct pollfd){ .fd = run->timer_fd, .events = POLLIN };
	run->polled[POLL_BRING_UP] = (struct pollfd){ .fd = run->job.done_fd, .events = POLLIN };
	return 0;

destroy_job:
	bring_up_job_destroy(&run->job);
close_timer:
	close(run->timer_fd);
free_arrays:
	free(run->each);
	free(run->polled);
	free(run->queues);
	return problem_set(problem, error, "cannot set up the run: %s", strerror(-error));
}

static void release(struct run *run)
{
	recent_destroy(&run->recent);
	bring_up_job_destroy(&run->job);
	close(run->timer_fd);
	free(run->each);
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

/* Only the thread that submits, and only for the run. */
static int bind_to_cpus(struct run *run, struct problem *problem)
{
	const char *text = parameters_of(run)->cpus;
	cpu_set_t wanted, both;
	int error;

	if (!text)
		return 0;
	error = units_parse_cpus(text, &wanted);
	if (error)
		return problem_set(problem, error, "--cpu: '%s' is not a list of CPUs, such as 0-3,8",
				   text);
	if (sched_getaffinity(0, sizeof(run->cpus_before), &run->cpus_before) < 0)
		return problem_set(problem, -errno, "--cpu: %s", strerror(errno));
	CPU_AND(&both, &wanted, &run->cpus_before);
	if (!CPU_EQUAL(&both, &wanted))
		return problem_set(problem, -ENXIO,
				   "--cpu: not all of '%s' are CPUs that this program may use: see "
				   "'taskset -pc $$'", text);
	if (sched_setaffinity(0, sizeof(wanted), &wanted) < 0)
		return problem_set(problem, -errno, "--cpu: %s: %s", text, strerror(errno));
	return 0;
}

int run(const struct backend *backend, const struct run_parameters *parameters,
	const struct run_observer *observer, int stop_fd, struct result *result,
	struct problem *problem)
{
	struct run run = { .backend = backend, .observer = observer, .result = result };
	struct dsa_sample_info info;
	int error;

	if (backend->run)
		return backend->run(parameters, observer, stop_fd, result, problem);
	run.verify.seed = parameters->seed;
	run.verify.size = (uint32_t)parameters->size;
	run.verify.min_size = (uint32_t)parameters->min_size;
	run.verify.opcodes = (uint32_t)parameters->opcodes;
	run.pace.depth = parameters->depth;
	run.pace.period_ns = parameters->rate ? NSEC_PER_SEC / parameters->rate : 0;

	error = backend->open(parameters, &run.device, problem);
	if (error)
		return error;
	error = backend->info(run.device, &info, problem);
	if (!error)
		error = check_fit(parameters, &info, &run.verify, problem);
	if (error)
		goto close_device;
	run.target = parameters->queues ? (unsigned int)parameters->queues :
					  wq_config_queues(parameters->config, info.queues);
	run.slots = fit_slots(parameters, &info, &run.verify);
	error = result_init(result, parameters, run.target);
	if (error) {
		problem_set(problem, error, "out of memory");
		goto close_device;
	}
	result->parameters.queues = run.target;
	if (!parameters->device)
		result->parameters.device = backend->now ? backend->word : BACKEND_DEVICE;
	run.random = parameters->seed;
	result->driver = backend->name;
	result->info = info;
	error = allocate(&run, stop_fd, problem);
	if (error)
		goto destroy_result;

	if (backend->meanwhile)
		backend->meanwhile(run.device, serve_ready, &run, run.pace.period_ns != 0);
	error = bind_to_cpus(&run, problem);
	if (error)
		goto release;
	result->start_ns = now_of(&run);
	loop(&run);
	conclude(&run);
	if (parameters->cpus)
		sched_setaffinity(0, sizeof(run.cpus_before), &run.cpus_before);
	/* Not even one queue: that is this machine's failure, not a run. */
	if (run.queue_count == 0 && result->end == RUN_FAILED) {
		error = -EIO;
		*problem = result->failure;
	}
release:
	release(&run);
destroy_result:
	if (error)
		result_destroy(result);
close_device:
	backend->close(run.device);
	return error;
}
