// SPDX-License-Identifier: GPL-2.0-only
#include "run_queue.h"

#include <errno.h>
#include <stdio.h>

/* Slots beyond the depth, for descriptors that went missing. */
#define SPARE_SLOTS 4

/* Descriptors of one submission, events of one read, reads of one reap. */
#define SUBMIT_BATCH 64
#define EVENT_BATCH 64
#define REAP_BATCHES 4

unsigned int run_queue_slots(uint64_t depth, unsigned int entries)
{
	return depth + SPARE_SLOTS < entries ? (unsigned int)depth + SPARE_SLOTS : entries;
}

void run_queue_resume(struct run_queue *queue, struct backend_queue *handle,
		      const struct dsa_sample_queue_up *up)
{
	struct backend_queue_info info = queue->backend->queue_info(handle);

	queue->fd = info.fd;
	queue->buffer = info.buffer;
	queue->handle = handle;
	queue->up = true;
	queue->closing = false;
	queue->concluded = false;
	queue->refused = false;
	queue->result->vector = up->vector;
	queue->result->irq = up->irq;
	ledger_restart(&queue->ledger);
}

int run_queue_init(struct run_queue *queue, const struct backend *backend,
		   struct backend_queue *handle, const struct dsa_sample_queue_up *up,
		   const struct verify *verify, unsigned int slots, uint64_t deadline_ns,
		   struct queue_result *result)
{
	struct backend_queue_info info = backend->queue_info(handle);
	int error;

	*queue = (struct run_queue){
		.fd = info.fd,
		.up = true,
		.result = result,
		.backend = backend,
		.handle = handle,
		.verify = verify,
		.buffer = info.buffer,
		.slot_bytes = verify_slot_bytes(verify),
	};
	error = ledger_init(&queue->ledger, up->queue, slots, deadline_ns);
	if (error)
		return error;
	result->queue = up->queue;
	result->vector = up->vector;
	result->irq = up->irq;
	result->entries = up->entries;
	return 0;
}

void run_queue_destroy(struct run_queue *queue)
{
	if (queue->up)
		queue->backend->queue_down(queue->handle);
	ledger_destroy(&queue->ledger);
}

/* Submit at most one batch. Returns how many were accepted; a negative errno. */
static int submit_batch(struct run_queue *queue, unsigned int wanted, struct problem *problem)
{
	struct dsa_sample_work work[SUBMIT_BATCH];
	unsigned int count = 0;
	int accepted;
	uint64_t tag;

	while (count < wanted && count < SUBMIT_BATCH &&
	       ledger_submit(&queue->ledger, true, &tag) == 0) {
		verify_prepare(queue->verify, queue->buffer,
			       ledger_slot_of(tag) * queue->slot_bytes, tag, &work[count]);
		work[count].flags = DSA_SAMPLE_WORK_INTERRUPT;
		count++;
	}
	if (!count)
		return 0;
	accepted = queue->backend->submit(queue->handle, work, count, problem);
	/* Last first, so that the slots come back in the order they were taken. */
	for (unsigned int i = count; i > (accepted > 0 ? (unsigned int)accepted : 0); i--)
		ledger_withdraw(&queue->ledger, work[i - 1].tag);
	queue->refused = accepted < (int)count;
	return accepted;
}

/* How many are due; those that are long overdue are forgotten. */
static uint64_t count_due(struct run_queue *queue, const struct run_pace *pace, uint64_t now_ns)
{
	uint64_t due;

	if (!pace->period_ns)
		return pace->depth;
	if (queue->due_ns > now_ns)
		return 0;
	due = 1 + (now_ns - queue->due_ns) / pace->period_ns;
	if (due > pace->depth) {
		due = pace->depth;
		queue->due_ns = now_ns - (due - 1) * pace->period_ns;
	}
	return due;
}

int run_queue_fill(struct run_queue *queue, const struct run_pace *pace, uint64_t now_ns,
		   struct problem *problem)
{
	int accepted;

	queue->refused = false;
	while (queue->ledger.in_flight < pace->depth && !queue->refused) {
		uint64_t wanted = count_due(queue, pace, now_ns);

		if (wanted > pace->depth - queue->ledger.in_flight)
			wanted = pace->depth - queue->ledger.in_flight;
		if (!wanted)
			return 0;
		if (!queue->ledger.in_flight)
			queue->progress_ns = now_ns;
		accepted = submit_batch(queue, (unsigned int)wanted, problem);
		if (accepted == -EAGAIN || accepted == 0)
			return 0;
		if (accepted < 0)
			return accepted;
		queue->due_ns += (uint64_t)accepted * pace->period_ns;
	}
	return 0;
}

uint64_t run_queue_due(const struct run_queue *queue, const struct run_pace *pace)
{
	if (!pace->period_ns || !queue->up || queue->closing || queue->refused ||
	    queue->ledger.in_flight >= pace->depth)
		return UINT64_MAX;
	return queue->due_ns;
}

/* Keep it among the newest; the first loss takes those around it with it. */
static void keep(struct run_queue *queue, const struct dsa_sample_event *event,
		 enum ledger_state state, struct result *result)
{
	const struct loss_event kept = {
		.queue = queue->ledger.queue,
		.state = state,
		.submit_ns = event->submit_ns,
		.visible_ns = event->visible_ns,
		.notice_ns = event->notice_ns,
	};

	if (!queue->recent || result->first_loss.known)
		return;
	if (state == LEDGER_STRANDED || state == LEDGER_MISSING)
		recent_around(queue->recent, queue->nth, &kept, &result->first_loss);
	else
		recent_add(queue->recent, queue->nth, &kept);
}

static void book(struct run_queue *queue, const struct dsa_sample_event *event,
		 const struct ledger_outcome *outcome, struct result *result)
{
	struct problem wrong, note;

	result_book(result, queue->result, event, outcome);
	keep(queue, event, outcome->state, result);

	/* What went missing has neither a status nor data. */
	if (outcome->state == LEDGER_MISSING ||
	    !verify_completion(queue->verify, queue->buffer, outcome->slot * queue->slot_bytes,
			       event, &wrong))
		return;
	queue->result->data_errors++;
	problem_set(&note, 0, "queue %u: %.400s", queue->ledger.queue, wrong.text);
	result_note(result, &note);
}

int run_queue_reap(struct run_queue *queue, struct result *result, bool *ledger_broken,
		   struct problem *problem)
{
	struct dsa_sample_event events[EVENT_BATCH];
	struct ledger_outcome outcome;
	int taken = 0;

	for (int batch = 0; batch < REAP_BATCHES; batch++) {
		int count =
			queue->backend->read_events(queue->handle, events, EVENT_BATCH, problem);

		if (count == -EAGAIN)
			break;
		/* What was taken is booked; the error comes again with the next read. */
		if (count < 0)
			return taken ? taken : count;
		for (int i = 0; i < count; i++) {
			int error = ledger_event(&queue->ledger, &events[i], &outcome, problem);

			if (error) {
				*ledger_broken = true;
				return error;
			}
			book(queue, &events[i], &outcome, result);
		}
		taken += count;
		if (count < EVENT_BATCH)
			break;
	}
	return taken;
}

static void add_stats(struct dsa_sample_queue_stats *into,
		      const struct dsa_sample_queue_stats *from)
{
	into->submitted += from->submitted;
	into->interrupted += from->interrupted;
	into->stranded += from->stranded;
	into->missing += from->missing;
	into->polled += from->polled;
	into->handler_runs += from->handler_runs;
	into->handler_spurious += from->handler_spurious;
	into->last_handler_ns = from->last_handler_ns;
	into->probes += from->probes;
	into->in_flight = from->in_flight;
	into->awaiting = from->awaiting;
}

int run_queue_conclude(struct run_queue *queue, bool drained, struct problem *problem)
{
	struct queue_result *result = queue->result;
	struct dsa_sample_queue_stats stats;
	int error;

	/* The sum over all the times that it was up. */
	ledger_counts_add(&result->counts, &queue->ledger.counts);
	result->unresolved = queue->ledger.in_flight;
	/* Without its counters (the device is gone) the books still say what they say. */
	result->has_stats = queue->backend->stats(queue->handle, &stats, NULL) == 0;
	if (result->has_stats)
		add_stats(&result->stats, &stats);
	error = ledger_check(&queue->ledger, problem);
	if (!error && drained && result->has_stats)
		error = ledger_compare(&queue->ledger, &stats, problem);
	return error;
}
