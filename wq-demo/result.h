/* SPDX-License-Identifier: GPL-2.0-only */
/* What a run found out: one structure, rendered for people and for programs. */
#ifndef WQ_DEMO_RESULT_H
#define WQ_DEMO_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include <dsa_sample.h>

#include "first_loss.h"
#include "histogram.h"
#include "ledger.h"
#include "problem.h"
#include "timeline.h"
#include "timeline_series.h"
#include "wq_config.h"

/**
 * struct run_parameters - what a run does; times in nanoseconds
 * @device: path of the device; NULL: the usual one, or the backend has none
 * @vmm: what adds vectors, in sim; NULL elsewhere
 * @latch: in sim, the device remembers messages while MSI-X is off
 * @queues: how many to bring up; 0: all the device has
 * @depth: descriptors kept in flight on every queue that is up
 * @rate: descriptors per second of each queue, at most; 0: as many as go
 * @until_loss: end at the first lost interrupt or completion
 * @cpus: for the thread that submits, as "0-3,8"; NULL: any
 * @interval_ns: from the start of one bring-up to the start of the next
 * @cycles: then, how often to take a queue down or bring it up again, in an
 *	order that follows from @seed
 * @cycle_ns: from the start of one such change to the start of the next
 * @duration_ns: how long to go on after the last of these
 * @window_ns: how long after a bring-up completions belong to it
 * @deadline_ns: an interrupt is late beyond it
 * @confirm_ns: how long a completion without an interrupt is watched before it
 *	is stranded; whole milliseconds
 * @timeout_ns: how long to wait for a completion record; whole milliseconds
 * @drain_grace_ns: how long to wait, beyond @timeout_ns and @confirm_ns, for
 *	the driver to report what became of the last descriptors
 * @opcodes: bit mask by enum dsa_opcode
 * @size: bytes of each transfer
 * @min_size: sizes are mixed from it up to @size; 0: they are all @size
 * @seed: of the data and the order of the opcodes
 * @config: how the queues are to be configured; NULL: as the backend does. Outlives the run
 */
struct run_parameters {
	const char *device;
	const char *vmm;
	bool latch;
	uint64_t queues;
	uint64_t depth;
	uint64_t rate;
	bool until_loss;
	const char *cpus;
	uint64_t interval_ns;
	uint64_t cycles;
	uint64_t cycle_ns;
	uint64_t duration_ns;
	uint64_t window_ns;
	uint64_t deadline_ns;
	uint64_t confirm_ns;
	uint64_t timeout_ns;
	uint64_t drain_grace_ns;
	uint64_t opcodes;
	uint64_t size;
	uint64_t min_size;
	uint64_t seed;
	const struct wq_config *config;
};

/**
 * enum verdict - what the run proves
 * @VERDICT_HELD: every descriptor was followed by its interrupt, its data right
 * @VERDICT_BROKEN: an interrupt, a completion or data was lost, or the
 *	accounts do not balance
 * @VERDICT_INCOMPLETE: nothing was lost, but the run ended too early to say so
 */
enum verdict {
	VERDICT_HELD,
	VERDICT_BROKEN,
	VERDICT_INCOMPLETE,
};

const char *verdict_name(enum verdict verdict);

/**
 * enum run_end - why a run ended
 * @RUN_COMPLETE: it did all it was asked to
 * @RUN_STOPPED: the user stopped it
 * @RUN_FAILED: the device or the driver failed; struct result.failure
 * @RUN_LEDGER_BROKEN: the driver's reports contradict each other; the same
 * @RUN_UNRESOLVED: the driver never said what became of the last descriptors
 */
enum run_end {
	RUN_COMPLETE,
	RUN_STOPPED,
	RUN_FAILED,
	RUN_LEDGER_BROKEN,
	RUN_UNRESOLVED,
};

/**
 * struct queue_result - one queue
 * @queue: its number
 * @vector: MSI-X table index
 * @irq: Linux irq number
 * @entries: descriptors the device's queue holds
 * @counts: outcomes of its descriptors
 * @unresolved: descriptors without an outcome when the run ended
 * @data_errors: completions with a bad status, a wrong result or wrong data
 * @busy_ns: how long descriptors were submitted; 0: not known
 * @unannounced: of those that timed out, how many had no interrupt later either;
 *	known at depth 1 only
 * @has_stats: @stats is valid
 * @stats: the driver's counters at the end
 * @steady: latency, submission to handler, outside the windows of bring-ups
 * @window: the same, inside
 * @completions: interrupted descriptors over time
 * @last_interrupt_ns: when the last of these was noticed, since the begin of the run;
 *	0 if there are none
 * @lost: stranded and missing ones, one by one
 */
struct queue_result {
	unsigned int queue;
	unsigned int vector;
	int irq;
	unsigned int entries;
	struct ledger_counts counts;
	uint64_t unresolved;
	uint64_t data_errors;
	uint64_t busy_ns;
	uint64_t unannounced;
	bool has_stats;
	struct dsa_sample_queue_stats stats;
	struct histogram steady;
	struct histogram window;
	struct series completions;
	uint64_t last_interrupt_ns;
	struct losses lost;
};

/* Most bring-ups kept in detail besides the first of each queue. */
#define RESULT_BRING_UPS 2048

/* Details kept of data errors; the rest is only counted. */
#define RESULT_NOTES 8

/**
 * struct result - the whole run
 * @parameters: as asked for, but queues as many as were to come up
 * @driver: name of the backend
 * @dmatest: the kernel's dmatest has done the work: one that gets no notice is
 *	timed out, neither stranded nor missing; latencies are not known
 * @info: what the device said before the first bring-up
 * @start_ns: begin of the run
 * @end_ns: end of the run
 * @end: why it ended
 * @failure: in words, where @end needs them
 * @cycles_done: of struct run_parameters.cycles
 * @has_dropped: @dropped is known
 * @dropped: messages the device did not send because MSI-X was off
 * @timeline: the bring-ups
 * @stranded_steady: stranded outside the windows of all bring-ups
 * @queue_count: queues that came up
 * @queues: these, in order
 * @first_loss: with struct run_parameters.until_loss, what happened around it
 * @notes: what was wrong with the first data errors
 * @note_count: valid entries of @notes
 */
struct result {
	struct run_parameters parameters;
	const char *driver;
	bool dmatest;
	struct dsa_sample_info info;
	uint64_t start_ns;
	uint64_t end_ns;
	enum run_end end;
	struct problem failure;
	uint64_t cycles_done;
	bool has_dropped;
	uint64_t dropped;
	struct timeline timeline;
	uint64_t stranded_steady;
	unsigned int queue_count;
	struct queue_result *queues;
	struct first_loss first_loss;
	struct problem notes[RESULT_NOTES];
	unsigned int note_count;
};

/**
 * struct result_totals - sums over all queues
 * @counts: outcomes
 * @unresolved: without an outcome
 * @data_errors: completions with something wrong
 * @interrupts: handler runs
 * @interrupts_spurious: of these, runs that found nothing
 * @unannounced: timed out, and no interrupt later either
 */
struct result_totals {
	struct ledger_counts counts;
	uint64_t unresolved;
	uint64_t data_errors;
	uint64_t interrupts;
	uint64_t interrupts_spurious;
	uint64_t unannounced;
};

/* Returns 0; -ENOMEM. @queues: most that can come up. Undone by result_destroy(). */
int result_init(struct result *result, const struct run_parameters *parameters,
		unsigned int queues);
void result_destroy(struct result *result);

/**
 * result_book() - enter what became of a descriptor
 * @queue: its queue, one of @result's
 * @event: as the driver reported it
 * @outcome: what the ledger made of it
 *
 * Attributes it to a bring-up and to a place in time. The sums of outcomes are
 * the ledger's and not touched.
 */
void result_book(struct result *result, struct queue_result *queue,
		 const struct dsa_sample_event *event, const struct ledger_outcome *outcome);

/* Keep the description of a data error if there is room. */
void result_note(struct result *result, const struct problem *note);

struct result_totals result_totals(const struct result *result);

/* Bring-ups that succeeded. */
unsigned int result_bring_ups(const struct result *result);

/**
 * result_verdict() - judge the run
 * @reason: out: one sentence that says why; not NULL
 */
enum verdict result_verdict(const struct result *result, struct problem *reason);

#endif /* WQ_DEMO_RESULT_H */
