// SPDX-License-Identifier: GPL-2.0-only
#include "ledger.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/*
 * A tag is queue, generation of the slot, slot. The generation tells a
 * duplicate (already used) from a tag that was never given out.
 */
#define TAG_SLOT_BITS 16
#define TAG_GENERATION_BITS 40
#define TAG_QUEUE_SHIFT (TAG_SLOT_BITS + TAG_GENERATION_BITS)

_Static_assert(LEDGER_MAX_SLOTS == 1U << TAG_SLOT_BITS, "a slot fits its part of the tag");
_Static_assert(LEDGER_MAX_QUEUES == 1U << (64 - TAG_QUEUE_SHIFT), "so does a queue");

static uint64_t tag_make(unsigned int queue, uint64_t generation, unsigned int slot)
{
	return (uint64_t)queue << TAG_QUEUE_SHIFT | generation << TAG_SLOT_BITS | slot;
}

static unsigned int tag_queue(uint64_t tag)
{
	return (unsigned int)(tag >> TAG_QUEUE_SHIFT);
}

static uint64_t tag_generation(uint64_t tag)
{
	return tag >> TAG_SLOT_BITS & ((UINT64_C(1) << TAG_GENERATION_BITS) - 1);
}

unsigned int ledger_slot_of(uint64_t tag)
{
	return (unsigned int)(tag & (LEDGER_MAX_SLOTS - 1));
}

void ledger_counts_add(struct ledger_counts *into, const struct ledger_counts *from)
{
	into->submitted += from->submitted;
	into->interrupted += from->interrupted;
	into->late += from->late;
	into->stranded += from->stranded;
	into->missing += from->missing;
	into->polled += from->polled;
	into->timed_out += from->timed_out;
}

int ledger_init(struct ledger *ledger, unsigned int queue, unsigned int slots, uint64_t deadline_ns)
{
	*ledger = (struct ledger){ .queue = queue, .slots = slots, .deadline_ns = deadline_ns };
	if (queue >= LEDGER_MAX_QUEUES || slots == 0 || slots > LEDGER_MAX_SLOTS)
		return -EINVAL;
	ledger->slot = calloc(slots, sizeof(*ledger->slot));
	ledger->free_slots = calloc(slots, sizeof(*ledger->free_slots));
	if (!ledger->slot || !ledger->free_slots) {
		ledger_destroy(ledger);
		return -ENOMEM;
	}
	/* Taken from the end: slot 0 first. */
	for (unsigned int i = 0; i < slots; i++)
		ledger->free_slots[i] = slots - 1 - i;
	ledger->free_count = slots;
	return 0;
}

void ledger_restart(struct ledger *ledger)
{
	assert(ledger->in_flight == 0);
	for (unsigned int i = 0; i < ledger->slots; i++) {
		ledger->slot[i].in_flight = false;
		ledger->free_slots[i] = ledger->slots - 1 - i;
	}
	ledger->free_count = ledger->slots;
	ledger->lost_slots = 0;
	ledger->counts = (struct ledger_counts){ 0 };
}

void ledger_destroy(struct ledger *ledger)
{
	free(ledger->slot);
	free(ledger->free_slots);
	ledger->slot = NULL;
	ledger->free_slots = NULL;
	ledger->free_count = 0;
}

unsigned int ledger_free_slots(const struct ledger *ledger)
{
	return ledger->free_count;
}

int ledger_submit(struct ledger *ledger, bool interrupt, uint64_t *tag)
{
	struct ledger_slot *slot;
	unsigned int index;

	if (!ledger->free_count)
		return -ENOSPC;
	index = ledger->free_slots[--ledger->free_count];
	slot = &ledger->slot[index];
	assert(!slot->in_flight);
	slot->generation++;
	slot->in_flight = true;
	slot->interrupt = interrupt;
	ledger->in_flight++;
	ledger->counts.submitted++;
	*tag = tag_make(ledger->queue, slot->generation, index);
	return 0;
}

void ledger_withdraw(struct ledger *ledger, uint64_t tag)
{
	unsigned int index = ledger_slot_of(tag);
	struct ledger_slot *slot = &ledger->slot[index];

	assert(index < ledger->slots);
	assert(slot->in_flight && slot->generation == tag_generation(tag));
	/* Given back as if never given out, or an event for it would pass as a duplicate. */
	slot->generation--;
	slot->in_flight = false;
	ledger->free_slots[ledger->free_count++] = index;
	ledger->in_flight--;
	ledger->counts.submitted--;
}

static const char *how_name(unsigned int how)
{
	static const char *const names[] = {
		[DSA_SAMPLE_HOW_INTERRUPT] = "interrupted",
		[DSA_SAMPLE_HOW_STRANDED] = "stranded",
		[DSA_SAMPLE_HOW_MISSING] = "missing",
		[DSA_SAMPLE_HOW_POLLED] = "polled",
		[DSA_SAMPLE_HOW_ABORTED] = "aborted",
	};

	return how < sizeof(names) / sizeof(names[0]) && names[how] ? names[how] : "unknown";
}

/* What each way of being noticed implies for the rest of the event. */
static const char *contradiction(const struct dsa_sample_event *event, bool interrupt)
{
	switch (event->how) {
	case DSA_SAMPLE_HOW_INTERRUPT:
		if (!interrupt)
			return "no interrupt had been requested";
		if (!event->handler_run)
			return "it names no handler run";
		if (!event->status)
			return "its completion record is empty";
		return NULL;
	case DSA_SAMPLE_HOW_STRANDED:
		if (!interrupt)
			return "no interrupt had been requested";
		if (event->handler_run)
			return "it names a handler run";
		if (!event->visible_ns)
			return "its completion record was never seen";
		if (!event->status)
			return "its completion record is empty";
		return NULL;
	case DSA_SAMPLE_HOW_MISSING:
		return event->status ? "its completion record is there" : NULL;
	case DSA_SAMPLE_HOW_POLLED:
		return interrupt ? "an interrupt had been requested" : NULL;
	default:
		return "there is no such way of noticing a completion";
	}
}

/* Find the slot of an event, or say why it is not ours. */
static int find_slot(struct ledger *ledger, const struct dsa_sample_event *event,
		     struct ledger_slot **found, struct problem *problem)
{
	unsigned int index = ledger_slot_of(event->tag);
	struct ledger_slot *slot;

	if (tag_queue(event->tag) != ledger->queue)
		return problem_set(problem, -EXDEV,
				   "queue %u reported tag %#" PRIx64 ", which belongs to queue %u",
				   ledger->queue, (uint64_t)event->tag, tag_queue(event->tag));
	slot = index < ledger->slots ? &ledger->slot[index] : NULL;
	if (!slot || tag_generation(event->tag) == 0 ||
	    tag_generation(event->tag) > slot->generation)
		return problem_set(problem, -ENOENT,
				   "queue %u reported tag %#" PRIx64 ", which was never submitted",
				   ledger->queue, (uint64_t)event->tag);
	if (!slot->in_flight || tag_generation(event->tag) < slot->generation)
		return problem_set(problem, -EEXIST,
				   "queue %u reported tag %#" PRIx64
				   " again (as %s); each descriptor has one outcome",
				   ledger->queue, (uint64_t)event->tag, how_name(event->how));
	*found = slot;
	return 0;
}

static bool is_late(const struct ledger *ledger, const struct dsa_sample_event *event)
{
	/* A record first seen by the handler itself has no time before the handler. */
	return event->visible_ns && event->notice_ns > event->visible_ns &&
	       event->notice_ns - event->visible_ns > ledger->deadline_ns;
}

int ledger_event(struct ledger *ledger, const struct dsa_sample_event *event,
		 struct ledger_outcome *outcome, struct problem *problem)
{
	struct ledger_slot *slot = NULL;
	const char *wrong;
	int error;

	error = find_slot(ledger, event, &slot, problem);
	if (error)
		return error;
	/* Neither kept nor lost: there was no device to send the interrupt any more. */
	if (event->how == DSA_SAMPLE_HOW_ABORTED)
		return problem_set(problem, -ECONNRESET,
				   "queue %u: the device was stopped with work in flight (a halt, a "
				   "reset or a suspend), so this run proves nothing: the kernel log "
				   "(dmesg) says why",
				   ledger->queue);
	wrong = contradiction(event, slot->interrupt);
	if (wrong)
		return problem_set(problem, -EPROTO,
				   "queue %u reported tag %#" PRIx64 " as %s (%u), but %s",
				   ledger->queue, (uint64_t)event->tag, how_name(event->how),
				   event->how, wrong);

	*outcome = (struct ledger_outcome){
		.slot = ledger_slot_of(event->tag),
		.begin_ns = event->submit_ns,
		.end_ns = event->notice_ns,
	};
	switch (event->how) {
	case DSA_SAMPLE_HOW_INTERRUPT:
		outcome->state = is_late(ledger, event) ? LEDGER_LATE : LEDGER_INTERRUPTED;
		/* A handler that began before the submission may still find its record. */
		if (event->notice_ns > event->submit_ns)
			outcome->latency_ns = event->notice_ns - event->submit_ns;
		ledger->counts.interrupted++;
		ledger->counts.late += outcome->state == LEDGER_LATE;
		break;
	case DSA_SAMPLE_HOW_STRANDED:
		outcome->state = LEDGER_STRANDED;
		/* The message follows the record; the confirmation time is not part of it. */
		outcome->end_ns = event->visible_ns;
		ledger->counts.stranded++;
		break;
	case DSA_SAMPLE_HOW_MISSING:
		outcome->state = LEDGER_MISSING;
		outcome->end_ns = event->submit_ns;
		ledger->counts.missing++;
		break;
	default:
		outcome->state = LEDGER_POLLED;
		ledger->counts.polled++;
		break;
	}
	if (outcome->end_ns < outcome->begin_ns)
		outcome->end_ns = outcome->begin_ns;

	slot->in_flight = false;
	assert(ledger->in_flight > 0);
	ledger->in_flight--;
	if (outcome->state == LEDGER_MISSING)
		ledger->lost_slots++;
	else
		ledger->free_slots[ledger->free_count++] = outcome->slot;
	assert(ledger->counts.submitted == ledger->counts.interrupted + ledger->counts.stranded +
						   ledger->counts.missing + ledger->counts.polled +
						   ledger->in_flight);
	return 0;
}

int ledger_check(const struct ledger *ledger, struct problem *problem)
{
	const struct ledger_counts *counts = &ledger->counts;
	unsigned int in_flight = 0;

	for (unsigned int i = 0; i < ledger->slots; i++)
		in_flight += ledger->slot[i].in_flight;
	if (in_flight != ledger->in_flight ||
	    in_flight + ledger->free_count + ledger->lost_slots != ledger->slots ||
	    counts->late > counts->interrupted || counts->missing != ledger->lost_slots ||
	    counts->submitted != counts->interrupted + counts->stranded + counts->missing +
					 counts->polled + in_flight)
		return problem_set(problem, -EPROTO,
				   "queue %u: %" PRIu64 " submitted, but %" PRIu64
				   " interrupted + %" PRIu64 " stranded + %" PRIu64
				   " missing + %" PRIu64 " polled + %u in flight",
				   ledger->queue, counts->submitted, counts->interrupted,
				   counts->stranded, counts->missing, counts->polled, in_flight);
	return 0;
}

int ledger_compare(const struct ledger *ledger, const struct dsa_sample_queue_stats *stats,
		   struct problem *problem)
{
	const struct {
		const char *name;
		uint64_t ours;
		uint64_t theirs;
	} pairs[] = {
		{ "submitted", ledger->counts.submitted, stats->submitted },
		{ "interrupted", ledger->counts.interrupted, stats->interrupted },
		{ "stranded", ledger->counts.stranded, stats->stranded },
		{ "missing", ledger->counts.missing, stats->missing },
		{ "polled", ledger->counts.polled, stats->polled },
	};

	for (unsigned int i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].ours != pairs[i].theirs)
			return problem_set(problem, -EPROTO,
					   "queue %u: the driver counts %" PRIu64
					   " %s, but %" PRIu64 " were reported",
					   ledger->queue, pairs[i].theirs, pairs[i].name,
					   pairs[i].ours);
	return 0;
}
