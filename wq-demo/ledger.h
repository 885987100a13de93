/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ledger of one queue: what became of every descriptor for which a
 * completion interrupt was requested. Bookkeeping only: no clock, no device.
 *
 * Interrupts may merge, so counting them proves nothing; each descriptor is
 * followed by its tag from submission to exactly one outcome.
 */
#ifndef WQ_DEMO_LEDGER_H
#define WQ_DEMO_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include <dsa_sample.h>

#include "problem.h"

/**
 * enum ledger_state - outcome of one descriptor
 * @LEDGER_INTERRUPTED: its completion record was visible and afterwards a
 *	handler of its vector ran
 * @LEDGER_LATE: as above, but more than the deadline after the record had been
 *	seen: a latency figure, not a loss
 * @LEDGER_STRANDED: the record is visible and no handler ran for it during the
 *	confirmation time: a lost interrupt
 * @LEDGER_MISSING: no completion record within the timeout: a lost completion
 * @LEDGER_POLLED: no interrupt had been requested; found by polling
 * @LEDGER_TIMED_OUT: where another client than this program submits: it was told of no
 *	completion within its timeout, and cannot tell a lost interrupt from a lost
 *	completion
 */
enum ledger_state {
	LEDGER_INTERRUPTED,
	LEDGER_LATE,
	LEDGER_STRANDED,
	LEDGER_MISSING,
	LEDGER_POLLED,
	LEDGER_TIMED_OUT,
	LEDGER_STATES
};

/**
 * struct ledger_counts - sums over descriptors
 * @submitted: accepted by the device
 * @interrupted: the late ones included
 * @late: of these, later than the deadline
 * @stranded: lost interrupts
 * @missing: lost completions
 * @polled: no interrupt requested
 * @timed_out: lost interrupts or completions, it is not known which; never in a ledger
 */
struct ledger_counts {
	uint64_t submitted;
	uint64_t interrupted;
	uint64_t late;
	uint64_t stranded;
	uint64_t missing;
	uint64_t polled;
	uint64_t timed_out;
};

/* Add @from to @into. */
void ledger_counts_add(struct ledger_counts *into, const struct ledger_counts *from);

/**
 * struct ledger_outcome - what one event meant
 * @state: the outcome
 * @slot: slot of the descriptor, below struct ledger.slots
 * @latency_ns: submission until the handler noticed; 0 unless interrupted.
 *	A handler that was already running counts as no time at all
 * @begin_ns: begin of the time in which its interrupt could be lost
 * @end_ns: end of that time
 */
struct ledger_outcome {
	enum ledger_state state;
	unsigned int slot;
	uint64_t latency_ns;
	uint64_t begin_ns;
	uint64_t end_ns;
};

struct ledger_slot {
	uint64_t generation;
	bool in_flight;
	bool interrupt;
};

/**
 * struct ledger - the books of one queue
 * @queue: its number, part of every tag
 * @slots: descriptors that can be in flight at once
 * @deadline_ns: an interrupted descriptor is late beyond it
 * @in_flight: submitted and without an outcome
 * @counts: the outcomes
 *
 * The other members are private. A slot whose descriptor went missing is never
 * used again: the device may still write to its memory.
 */
struct ledger {
	unsigned int queue;
	unsigned int slots;
	uint64_t deadline_ns;
	unsigned int in_flight;
	struct ledger_counts counts;

	struct ledger_slot *slot;
	unsigned int *free_slots;
	unsigned int free_count;
	unsigned int lost_slots;
};

/* Largest numbers that fit a tag. */
#define LEDGER_MAX_QUEUES 256U
#define LEDGER_MAX_SLOTS 65536U

/**
 * ledger_init() - open the books
 *
 * Returns 0; -EINVAL a number out of range; -ENOMEM. Undone by ledger_destroy().
 */
int ledger_init(struct ledger *ledger, unsigned int queue, unsigned int slots,
		uint64_t deadline_ns);
void ledger_destroy(struct ledger *ledger);

/**
 * ledger_restart() - the queue has been down and comes up again
 *
 * Everything had its outcome. The counts begin at zero and every slot is free;
 * tags are still never used twice.
 */
void ledger_restart(struct ledger *ledger);

/* Slots that can be taken: neither in flight nor lost. */
unsigned int ledger_free_slots(const struct ledger *ledger);

/* Slot part of a tag this ledger made. */
unsigned int ledger_slot_of(uint64_t tag);

/**
 * ledger_submit() - book one descriptor as handed to the device
 * @interrupt: a completion interrupt is requested for it
 * @tag: out: to put into the descriptor; never used twice
 *
 * Returns 0; -ENOSPC no free slot.
 */
int ledger_submit(struct ledger *ledger, bool interrupt, uint64_t *tag);

/* Take the booking of @tag back: the device did not accept the descriptor. */
void ledger_withdraw(struct ledger *ledger, uint64_t tag);

/**
 * ledger_event() - book an outcome
 * @event: as the driver reported it
 * @outcome: out, on success
 * @problem: out, on error: what is wrong with the event
 *
 * After an error the books are as before and the driver is not to be trusted.
 *
 * Returns 0; -ENOENT the tag was never submitted; -EEXIST the tag already has
 * an outcome; -EXDEV the tag is another queue's; -EPROTO the event contradicts
 * itself or the submission; -ECONNRESET it was aborted, which says nothing about
 * interrupts: the run is no proof of anything.
 */
int ledger_event(struct ledger *ledger, const struct dsa_sample_event *event,
		 struct ledger_outcome *outcome, struct problem *problem);

/**
 * ledger_check() - recount everything
 *
 * Conservation: submitted = interrupted + stranded + missing + polled + in
 * flight, with the descriptors in flight counted slot by slot.
 *
 * Returns 0; -EPROTO with the figures in @problem.
 */
int ledger_check(const struct ledger *ledger, struct problem *problem);

/**
 * ledger_compare() - the driver's own counters against the books
 *
 * Only meaningful while every event has been read.
 *
 * Returns 0; -EPROTO with the first difference in @problem.
 */
int ledger_compare(const struct ledger *ledger, const struct dsa_sample_queue_stats *stats,
		   struct problem *problem);

#endif /* WQ_DEMO_LEDGER_H */
