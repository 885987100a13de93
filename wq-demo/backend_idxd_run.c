// SPDX-License-Identifier: GPL-2.0-only
#include "backend_idxd_run.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "units.h"

/* How often interrupts are looked at, and the longest sleep of the loop. */
#define TICK_NS (100 * NSEC_PER_MSEC)

/*
 * dmatest ends by itself when this program does not raise its limit any more: about so long
 * after it has gone.
 */
#define LEASE_NS (60 * NSEC_PER_SEC)
#define LEASE_RENEW_NS (2 * NSEC_PER_SEC)
/* Tests, at least; and where the rate is not known yet, for the fastest there are. */
#define LEASE_LEAST 1000
#define LEASE_UNKNOWN 1000000

/*
 * dmatest says that it gave up, not when it began to wait: before that, for the timeout and what
 * the scheduler took; and the completion came later than that. So it may belong to a bring-up that
 * ended a bit before, or began a bit after; on a machine that crawls, more than a bit.
 */
static const uint64_t around_ns[] = { 50 * NSEC_PER_MSEC, 500 * NSEC_PER_MSEC };

/* The last callback is still on its way when the thread that it woke has said its last word. */
#define SETTLE_NS (200 * NSEC_PER_MSEC)

static const struct run_parameters *parameters_of(const struct idxd_run *run)
{
	return &run->result->parameters;
}

/* The first reason stays: what follows is often its consequence. */
static void fail(struct idxd_run *run, const struct problem *problem)
{
	if (run->result->end != RUN_COMPLETE)
		return;
	run->result->end = RUN_FAILED;
	run->result->failure = *problem;
}

static uint64_t interrupts_of(const struct idxd_run *run, unsigned int number)
{
	const struct interrupt_line *line = &run->lines[number];

	return line->found && line->count > run->queues[number].base
		       ? line->count - run->queues[number].base
		       : 0;
}

/* ---- Looking ----------------------------------------------------------------- */

/* At depth 1 every interrupt is one test; at others this is what is known of the rate. */
static void book_interrupts(struct idxd_run *run, unsigned int number, uint64_t before,
			    uint64_t now)
{
	struct queue_result *queue = &run->result->queues[number];
	const struct ledger_outcome outcome = {
		.state = LEDGER_INTERRUPTED,
		.begin_ns = run->last_tick_ns,
		.end_ns = now,
	};

	if (interrupts_of(run, number) > before) {
		queue->last_interrupt_ns = now - run->result->start_ns;
		run->queues[number].last_ns = queue->last_interrupt_ns;
	}
	for (uint64_t i = before; i < interrupts_of(run, number); i++) {
		timeline_book(&run->result->timeline, queue->queue, &outcome);
		series_add(&queue->completions, now - run->result->start_ns);
	}
}

static void look(struct idxd_run *run, uint64_t now)
{
	const unsigned int count = run->result->queue_count;
	uint64_t before[LEDGER_MAX_QUEUES];
	struct problem problem;
	int error;

	for (unsigned int i = 0; i < count; i++)
		before[i] = interrupts_of(run, i);
	error = interrupts_read(run->machine, run->lines, count);
	if (error) {
		problem_set(&problem, error, "/proc/interrupts: %s", strerror(-error));
		fail(run, &problem);
		return;
	}
	for (unsigned int i = 0; i < count; i++)
		book_interrupts(run, i, before[i], now);
	run->last_tick_ns = now;
}

static void tell_status(struct idxd_run *run, uint64_t now)
{
	struct run_status status = {
		.phase = run->phase,
		.elapsed_ns = now - run->result->start_ns,
		.queues_up = run->result->queue_count,
		.queues = run->target,
		.bring_ups = run->result->timeline.begun,
		.each = run->each,
		.queue_count = run->result->queue_count,
	};

	if (!run->observer || !run->observer->status)
		return;
	for (unsigned int i = 0; i < run->result->queue_count; i++) {
		const struct queue_result *queue = &run->result->queues[i];

		status.counts.interrupted += interrupts_of(run, i);
		status.counts.timed_out += queue->counts.timed_out;
		run->each[i] = (struct run_queue_status){
			.queue = queue->queue,
			.vector = queue->vector,
			.up = true,
			.interrupted = interrupts_of(run, i),
			.last_interrupt_ns = run->queues[i].last_ns,
		};
		if (run->queues[i].threads_ended < parameters_of(run)->depth)
			run->each[i].in_flight = (unsigned int)parameters_of(run)->depth;
		status.in_flight += run->each[i].in_flight;
	}
	status.counts.submitted = status.counts.interrupted + status.counts.timed_out;
	run->observer->status(run->observer->context, &status);
}

/* ---- What dmatest says -------------------------------------------------------- */

static int find_channel(const struct idxd_run *run, const char *channel)
{
	for (unsigned int i = 0; i < run->result->queue_count; i++)
		if (strcmp(run->queues[i].channel, channel) == 0)
			return (int)i;
	return -1;
}

static uint64_t less(uint64_t time_ns, uint64_t by_ns)
{
	return time_ns > by_ns ? time_ns - by_ns : 0;
}

static void book_timeout(struct idxd_run *run, unsigned int number, uint64_t time_ns)
{
	struct queue_result *queue = &run->result->queues[number];
	const uint64_t begin_ns = less(time_ns, parameters_of(run)->timeout_ns);
	struct ledger_outcome outcome = { .state = LEDGER_TIMED_OUT };
	struct loss loss = {
		.state = LEDGER_TIMED_OUT,
		.at_ns = less(begin_ns, run->result->start_ns),
		.until_ns = less(time_ns, run->result->start_ns),
		.bring_up_ns = UINT64_MAX,
	};
	const struct bring_up *bring_up = NULL;

	for (size_t i = 0; !bring_up && i < sizeof(around_ns) / sizeof(around_ns[0]); i++) {
		outcome.begin_ns = less(begin_ns, around_ns[i]);
		outcome.end_ns = begin_ns + around_ns[i];
		bring_up = timeline_book(&run->result->timeline, queue->queue, &outcome);
	}
	if (bring_up)
		loss.bring_up_ns = bring_up->start_ns;
	queue->counts.timed_out++;
	losses_add(&queue->lost, &loss);
}

static void note(struct idxd_run *run, unsigned int number, const char *text)
{
	struct problem problem;

	problem_set(&problem, 0, "queue %u: %s", run->result->queues[number].queue, text);
	result_note(run->result, &problem);
}

static void heard(struct idxd_run *run, const struct dmatest_message *message)
{
	const int number = find_channel(run, message->channel);
	struct queue_result *result;
	struct idxd_queue *queue;

	/* Another device's, which is none of ours. */
	if (number < 0)
		return;
	queue = &run->queues[number];
	result = &run->result->queues[number];
	switch (message->kind) {
	case DMATEST_TIMED_OUT:
		book_timeout(run, (unsigned int)number, message->time_ns);
		look(run, units_now_ns());
		queue->seen = interrupts_of(run, (unsigned int)number);
		queue->lost_test = message->test;
		break;
	case DMATEST_WRONG:
		result->data_errors++;
		note(run, (unsigned int)number, message->text);
		break;
	case DMATEST_NOT_SUBMITTED:
		queue->not_submitted++;
		note(run, (unsigned int)number, message->text);
		break;
	case DMATEST_SUMMARY:
		queue->threads_ended++;
		queue->tests += message->tests;
		queue->end_ns = message->time_ns;
		break;
	case DMATEST_OTHER:
		break;
	}
}

static void listen(struct idxd_run *run)
{
	struct dmatest_message message;
	struct problem problem;
	int heard_one;

	while ((heard_one = kernel_log_read(&run->log, &message)) > 0)
		heard(run, &message);
	if (heard_one < 0) {
		problem_set(&problem, heard_one, "cannot read the kernel's log: %s",
			    strerror(-heard_one));
		fail(run, &problem);
	} else if (run->log.overwritten) {
		problem_set(
			&problem, -EPIPE,
			"the kernel's log was overwritten before it was read: what dmatest said "
			"is not known; find out what fills it, or make it larger (log_buf_len=)");
		fail(run, &problem);
	}
}

/* ---- Bring-ups ------------------------------------------------------------------ */

static void *enable(void *argument)
{
	struct idxd_run *run = argument;
	struct idxd_job *job = &run->job;
	eventfd_t one = 1;

	job->error = accel_enable_queue(run->accel, job->queue, &job->duration_ns, job->channel,
					&job->problem);
	/* Cannot fail, and it is joined in any case. */
	(void)!write(job->done_fd, &one, sizeof(one));
	return NULL;
}

static void begin_bring_up(struct idxd_run *run, uint64_t now)
{
	struct idxd_job *job = &run->job;
	struct problem problem;
	sigset_t all, before;
	int error;

	job->queue = wq_config_number(parameters_of(run)->config, run->result->queue_count);
	run->next_bring_up_ns = now + parameters_of(run)->interval_ns;
	/* Signals are for the thread that runs the loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = -pthread_create(&job->thread, NULL, enable, run);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error) {
		problem_set(&problem, error, "cannot start a thread: %s", strerror(-error));
		fail(run, &problem);
		return;
	}
	job->running = true;
	timeline_begin(&run->result->timeline, job->queue, now);
}

/* The limit for those that are to go on for a lease from now on. */
static uint64_t lease(struct idxd_run *run, uint64_t now)
{
	uint64_t most = LEASE_LEAST;

	for (unsigned int i = 0; i < run->result->queue_count; i++) {
		const uint64_t done = interrupts_of(run, i);
		const uint64_t busy_ns = now - run->queues[i].begin_ns;
		const uint64_t more =
			busy_ns < NSEC_PER_SEC
				? LEASE_UNKNOWN
				: (uint64_t)((double)done * (double)LEASE_NS / (double)busy_ns);

		if (done + more + LEASE_LEAST > most)
			most = done + more + LEASE_LEAST;
	}
	/* The kernel's type. */
	run->most = most < UINT32_MAX ? most : UINT32_MAX;
	return run->most;
}

/* The queue is up: dmatest takes its channel, too. */
static int put_to_work(struct idxd_run *run, struct bring_up *bring_up, struct problem *problem)
{
	const unsigned int nth = run->result->queue_count, number = run->job.queue;
	struct queue_result *result = &run->result->queues[nth];
	struct idxd_queue *queue = &run->queues[nth];
	struct interrupt_line *line = &run->lines[nth];
	int irq, error;

	/* idxd has vector 0 for itself, and the next ones for the queues in their order. */
	irq = interrupts_vector(run->machine, run->info.address, number + 1);
	if (irq < 0)
		return problem_set(problem, irq, "%s has no vector for queue %u", run->info.address,
				   number);
	line->irq = irq;
	error = interrupts_read(run->machine, line, 1);
	if (error || !line->found)
		return problem_set(problem, error ?: -ENOENT,
				   "/proc/interrupts has no line for irq %d, of queue %u", irq,
				   number);
	queue->base = line->count;
	queue->last_ns = UINT64_MAX;
	snprintf(queue->channel, sizeof(queue->channel), "%s", run->job.channel);
	result->queue = number;
	result->vector = number + 1;
	result->irq = irq;
	result->entries = idxd_entries(parameters_of(run)->config, nth, run->entries);
	bring_up->vector = result->vector;
	bring_up->irq = irq;
	bring_up->enable_ns = run->job.duration_ns;
	bring_up->total_ns = run->job.duration_ns;
	queue->begin_ns = units_now_ns();
	/* Before it begins to speak of it. */
	run->result->queue_count++;
	error = dmatest_add(&run->dmatest, queue->channel, lease(run, queue->begin_ns), problem);
	/* There is nothing to wait for. */
	if (error)
		queue->threads_ended = (unsigned int)parameters_of(run)->depth;
	return error;
}

static void end_bring_up(struct idxd_run *run)
{
	struct timeline *timeline = &run->result->timeline;
	struct bring_up *bring_up = &timeline->entries[timeline->count - 1];
	struct problem problem;
	eventfd_t count;
	int error;

	pthread_join(run->job.thread, NULL);
	eventfd_read(run->job.done_fd, &count);
	run->job.running = false;
	bring_up->end_ns = bring_up->start_ns + run->job.duration_ns;
	problem = run->job.problem;
	error = run->job.error;
	if (!error)
		error = put_to_work(run, bring_up, &problem);
	if (error) {
		bring_up->failed = true;
		fail(run, &problem);
		return;
	}
	if (run->observer && run->observer->brought_up)
		run->observer->brought_up(run->observer->context, timeline->count - 1, bring_up);
}

/* ---- The end ------------------------------------------------------------------ */

static bool all_ended(const struct idxd_run *run)
{
	for (unsigned int i = 0; i < run->result->queue_count; i++)
		if (run->queues[i].threads_ended < parameters_of(run)->depth)
			return false;
	return true;
}

static bool any_ended(const struct idxd_run *run)
{
	for (unsigned int i = 0; i < run->result->queue_count; i++)
		if (run->queues[i].threads_ended)
			return true;
	return false;
}

/* How long a test may take that is given up, and the next one. */
static uint64_t patience(const struct idxd_run *run)
{
	return parameters_of(run)->timeout_ns + parameters_of(run)->drain_grace_ns;
}

/*
 * A test that times out leaves its descriptor with the driver. The interrupt of the next one
 * brings it back; if there is none, the driver finds it when the queue is disabled, and calls
 * a thread that is gone. So a queue that waits in vain is waited for.
 */
static void mark_all(struct idxd_run *run, uint64_t now)
{
	/* An older count would take an interrupt before the lost one for one after it. */
	look(run, now);
	for (unsigned int i = 0; i < run->result->queue_count; i++)
		run->queues[i].mark = interrupts_of(run, i);
	run->phase_end_ns = now + patience(run);
	run->marked = true;
}

static bool all_moving(const struct idxd_run *run)
{
	for (unsigned int i = 0; i < run->result->queue_count; i++)
		if (interrupts_of(run, i) == run->queues[i].mark &&
		    run->queues[i].threads_ended < parameters_of(run)->depth)
			return false;
	return true;
}

static void end_dmatest(struct idxd_run *run, uint64_t now)
{
	struct problem problem;

	run->ending = true;
	run->phase_end_ns = now + patience(run);
	/* Nobody there: dmatest would take the channel anew. */
	if (!all_ended(run) && dmatest_limit(&run->dmatest, 1, &problem))
		fail(run, &problem);
}

/*
 * Did an interrupt come after the last test that timed out? Some may have come before the log
 * was read; of a single thread it is known whether it has completed another one since.
 */
static bool is_reaped(const struct idxd_run *run, unsigned int number)
{
	const struct idxd_queue *queue = &run->queues[number];

	if (!run->result->queues[number].counts.timed_out ||
	    interrupts_of(run, number) > queue->seen)
		return true;
	return parameters_of(run)->depth == 1 && !queue->not_submitted &&
	       queue->tests > queue->lost_test;
}

static void judge_safety(struct idxd_run *run)
{
	for (unsigned int i = 0; i < run->result->queue_count; i++) {
		const struct queue_result *queue = &run->result->queues[i];

		if (run->queues[i].threads_ended < parameters_of(run)->depth) {
			problem_set(&run->unsafe, -ETIMEDOUT,
				    "dmatest does not end on %s (queue %u)", run->queues[i].channel,
				    queue->queue);
			return;
		}
		if (!is_reaped(run, i)) {
			problem_set(&run->unsafe, -ETIMEDOUT,
				    "no interrupt of queue %u (irq %d) came after a test that "
				    "timed out",
				    queue->queue, queue->irq);
			return;
		}
	}
}

static void conclude_queue(struct idxd_run *run, unsigned int number)
{
	struct queue_result *result = &run->result->queues[number];
	const struct idxd_queue *queue = &run->queues[number];
	const uint64_t submitted = queue->tests - queue->not_submitted;
	struct problem problem;

	result->busy_ns = less(queue->end_ns, queue->begin_ns);
	result->has_stats = true;
	result->stats.handler_runs = interrupts_of(run, number);
	if (queue->threads_ended < parameters_of(run)->depth) {
		/* Only the summary has the number of tests. */
		result->counts.interrupted = result->stats.handler_runs;
		result->counts.submitted = result->counts.interrupted + result->counts.timed_out;
		result->unresolved = parameters_of(run)->depth - queue->threads_ended;
		result->counts.submitted += result->unresolved;
	} else {
		result->counts.submitted = submitted;
		result->counts.interrupted = less(submitted, result->counts.timed_out);
	}
	/* At depth 1 no interrupt can stand in for another. */
	if (parameters_of(run)->depth == 1)
		result->unannounced = less(submitted, result->stats.handler_runs);
	if (queue->not_submitted) {
		problem_set(&problem, -EIO,
			    "queue %u: dmatest could not submit %" PRIu64
			    " descriptors; the kernel's log says more",
			    result->queue, queue->not_submitted);
		fail(run, &problem);
	}
}

/* ---- The loop -------------------------------------------------------------------- */

static void stop(struct idxd_run *run)
{
	run->stopped = true;
	if (run->result->end == RUN_COMPLETE)
		run->result->end = RUN_STOPPED;
	if (run->observer && run->observer->stopping)
		run->observer->stopping(run->observer->context);
	run->phase = RUN_DRAINING;
}

static void renew_lease(struct idxd_run *run, uint64_t now)
{
	const uint64_t before = run->most;
	struct problem problem;

	if (now < run->next_limit_ns || run->ending || !run->result->queue_count || any_ended(run))
		return;
	run->next_limit_ns = now + LEASE_RENEW_NS;
	if (lease(run, now) != before && dmatest_limit(&run->dmatest, run->most, &problem))
		fail(run, &problem);
}

/* Anything the time brings about. Returns false at the end. */
static bool advance(struct idxd_run *run, uint64_t now)
{
	struct problem problem;

	if (run->phase != RUN_DRAINING && run->result->end == RUN_FAILED)
		run->phase = RUN_DRAINING;
	if (run->phase != RUN_DRAINING && any_ended(run)) {
		problem_set(&problem, -EIO,
			    "dmatest has ended before it was to: did somebody else write to its "
			    "parameters?");
		fail(run, &problem);
		run->phase = RUN_DRAINING;
	}
	switch (run->phase) {
	case RUN_RISING:
		if (run->job.running)
			break;
		if (run->result->queue_count == run->target) {
			run->phase = RUN_STEADY;
			run->phase_end_ns = now + parameters_of(run)->duration_ns;
		} else if (now >= run->next_bring_up_ns) {
			begin_bring_up(run, now);
		}
		break;
	case RUN_STEADY:
		if (now >= run->phase_end_ns)
			run->phase = RUN_DRAINING;
		break;
	default:
		/* A bring-up that is under way can cost interrupts, too. */
		if (run->job.running)
			break;
		if (!run->marked)
			mark_all(run, now);
		if (!run->ending && (all_moving(run) || now >= run->phase_end_ns))
			end_dmatest(run, now);
		if (run->ending && (all_ended(run) || now >= run->phase_end_ns))
			return false;
		break;
	}
	renew_lease(run, now);
	return true;
}

/* Until when nothing happens but what is polled. */
static int wait_ms(const struct idxd_run *run, uint64_t now)
{
	uint64_t until = run->next_tick_ns;

	if (run->phase == RUN_RISING && !run->job.running && run->next_bring_up_ns < until)
		until = run->next_bring_up_ns;
	return until > now ? (int)((until - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC) : 0;
}

static void turn(struct idxd_run *run)
{
	struct pollfd polled[] = {
		{ .fd = run->log.fd, .events = POLLIN },
		{ .fd = run->job.done_fd, .events = POLLIN },
		{ .fd = run->stopped ? -1 : run->stop_fd, .events = POLLIN },
	};
	uint64_t now;

	/* EINTR is no more than a short sleep. */
	poll(polled, sizeof(polled) / sizeof(polled[0]), wait_ms(run, units_now_ns()));
	now = units_now_ns();
	if (polled[0].revents)
		listen(run);
	if (polled[1].revents && run->job.running)
		end_bring_up(run);
	if (polled[2].fd >= 0 && polled[2].revents)
		stop(run);
	if (now < run->next_tick_ns)
		return;
	look(run, now);
	tell_status(run, now);
	run->next_tick_ns = now + TICK_NS;
}

void idxd_run_loop(struct idxd_run *run)
{
	const struct timespec settle = { .tv_nsec = SETTLE_NS };
	struct problem problem;

	run->phase = RUN_RISING;
	run->result->start_ns = units_now_ns();
	run->last_tick_ns = run->result->start_ns;
	run->next_bring_up_ns = run->result->start_ns;
	run->next_limit_ns = run->result->start_ns + LEASE_RENEW_NS;
	while (advance(run, units_now_ns()))
		turn(run);
	nanosleep(&settle, NULL);
	look(run, units_now_ns());
	run->result->end_ns = units_now_ns();
	judge_safety(run);
	for (unsigned int i = 0; i < run->result->queue_count; i++)
		conclude_queue(run, i);
	run->phase = RUN_CLOSING;
	tell_status(run, run->result->end_ns);
	if (!run->unsafe.text[0] && run->result->queue_count &&
	    dmatest_release(&run->dmatest, &problem)) {
		fail(run, &problem);
		run->unsafe = problem;
	}
}
