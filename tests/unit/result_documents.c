// SPDX-License-Identifier: GPL-2.0-only
/*
 * result_documents DIRECTORY: the results of runs over a fake device, one for
 * each end a run can have, and of a long run in made-up time, as the program
 * writes them. For tests of what others make of these files.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/idxd.h>

#include "fake_device.h"
#include "output_file.h"
#include "render.h"
#include "run.h"
#include "units.h"

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "result_documents: %s: %s\n", what, why);
	exit(99);
}

static void write_document(const char *directory, const char *name, const struct result *result)
{
	static const char *const endings[] = {
		[RENDER_HUMAN] = "txt", [RENDER_JSON] = "json", [RENDER_NDJSON] = "ndjson",
		[RENDER_TAP] = "tap",	[RENDER_JUNIT] = "xml",
	};

	for (unsigned int i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *text = render(result, (enum render_format)i);
		struct problem problem;
		char path[4096];

		if (!text)
			fail(name, "out of memory");
		snprintf(path, sizeof(path), "%s/%s.%s", directory, name, endings[i]);
		if (output_file_write(path, text, &problem))
			fail(name, problem.text);
		free(text);
	}
}

/* ---- Runs over the fake device ------------------------------------------------ */

#define QUEUES 3

static const struct {
	const char *name;
	enum fake_fault fault;
	int queue_up_error;
	bool stopped;
	enum verdict verdict;
} ends[] = {
	{ "held", FAKE_RIGHT, 0, false, VERDICT_HELD },
	{ "late", FAKE_LATE, 0, false, VERDICT_HELD },
	{ "stranded", FAKE_LOSE_INTERRUPT, 0, false, VERDICT_BROKEN },
	{ "missing", FAKE_LOSE_COMPLETION, 0, false, VERDICT_BROKEN },
	{ "data", FAKE_CORRUPT_DATA, 0, false, VERDICT_BROKEN },
	{ "twice", FAKE_REPORT_TWICE, 0, false, VERDICT_BROKEN },
	{ "gone", FAKE_VANISH, 0, false, VERDICT_INCOMPLETE },
	{ "no-queue", FAKE_RIGHT, -EBUSY, false, VERDICT_INCOMPLETE },
	{ "stopped", FAKE_RIGHT, 0, true, VERDICT_INCOMPLETE },
};

static void run_to_end(const char *directory, size_t end)
{
	struct wq_config config = { 0 };
	const struct run_parameters parameters = {
		/* A path can have any byte, and formats have ideas about some. */
		.device = "/dev/fake#<\"&'\\\001\302\265\377>0",
		.depth = 6,
		/* Who stops it has to be faster. */
		.interval_ns = ends[end].stopped ? 3600 * NSEC_PER_SEC : NSEC_PER_MSEC,
		.window_ns = NSEC_PER_MSEC / 10,
		.duration_ns = 5 * NSEC_PER_MSEC,
		.deadline_ns = 250 * NSEC_PER_MSEC,
		.confirm_ns = 10 * NSEC_PER_MSEC,
		.timeout_ns = 10 * NSEC_PER_MSEC,
		.opcodes = 1 << DSA_OPCODE_MEMMOVE,
		.size = 100,
		.seed = 7,
		.config = &config,
	};
	int stop_fd = eventfd(ends[end].stopped, EFD_CLOEXEC);
	struct problem problem;
	struct result result;

	/* The fake device does not care. */
	wq_settings_set(&config.common, WQ_OP_CONFIG, 0, "ff,00000001");

	if (stop_fd < 0)
		fail("eventfd", strerror(errno));
	fake_plan = (struct fake_plan){
		.queues = QUEUES,
		.entries = 16,
		.fault = ends[end].fault,
		.fault_queue = 1,
		.fault_at = 3,
		.deadline_ns = parameters.deadline_ns,
		.queue_up_error = ends[end].queue_up_error,
	};
	if (run(&fake_backend, &parameters, NULL, stop_fd, &result, &problem))
		fail(ends[end].name, problem.text);
	close(stop_fd);
	if (result_verdict(&result, &problem) != ends[end].verdict)
		fail(ends[end].name, problem.text);
	write_document(directory, ends[end].name, &result);
	result_destroy(&result);
}

/* ---- A run in made-up time ------------------------------------------------------ */

#define MADE_QUEUES 8U
#define MADE_INTERVAL_NS (300 * NSEC_PER_MSEC)
#define MADE_CONFIRM_NS (2 * NSEC_PER_SEC)
#define MADE_END_NS (6 * NSEC_PER_SEC)
/* Of CLOCK_MONOTONIC: times in the result are since the begin. */
#define MADE_START_NS (1000 * NSEC_PER_SEC)

struct made_queue {
	struct ledger ledger;
	uint64_t free_ns;
};

/* Latencies between about 1 and 20 ms, the same each time. */
static uint64_t made_latency(void)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return NSEC_PER_MSEC + (state >> 16) % 200 * (state >> 8 & 0xff) * 380;
}

/* One descriptor, from submission to its outcome, at depth 1. */
static void made_descriptor(struct result *result, unsigned int number, struct made_queue *queue,
			    bool loses)
{
	struct dsa_sample_event event = {
		.submit_ns = queue->free_ns,
		.visible_ns = queue->free_ns + NSEC_PER_MSEC / 2,
		.notice_ns = queue->free_ns + made_latency(),
		.handler_run = 1,
		.how = DSA_SAMPLE_HOW_INTERRUPT,
		.status = DSA_COMP_SUCCESS,
	};
	struct ledger_outcome outcome;
	struct problem problem;
	uint64_t tag;

	if (ledger_submit(&queue->ledger, true, &tag))
		fail("made-up run", "no slot");
	event.tag = tag;
	if (loses) {
		event.how = DSA_SAMPLE_HOW_STRANDED;
		event.handler_run = 0;
		event.notice_ns = event.visible_ns + MADE_CONFIRM_NS;
	}
	if (ledger_event(&queue->ledger, &event, &outcome, &problem))
		fail("made-up run", problem.text);
	result_book(result, &result->queues[number], &event, &outcome);
	queue->free_ns = event.notice_ns;
}

static void made_queue_up(struct result *result, struct made_queue *queues, unsigned int number,
			  uint64_t now)
{
	struct bring_up *bring_up = timeline_begin(&result->timeline, number, now);
	struct queue_result *queue = &result->queues[number];

	bring_up->vector = number + 1;
	bring_up->irq = (int)number + 27;
	bring_up->request_irq_ns = 20 * NSEC_PER_MSEC;
	bring_up->enable_ns = 5 * NSEC_PER_MSEC;
	bring_up->total_ns = 30 * NSEC_PER_MSEC;
	bring_up->end_ns = now + bring_up->total_ns;
	queue->queue = number;
	queue->vector = bring_up->vector;
	queue->irq = bring_up->irq;
	queue->entries = 16;
	if (ledger_init(&queues[number].ledger, number, 4, 250 * NSEC_PER_MSEC))
		fail("made-up run", "no ledger");
	queues[number].free_ns = bring_up->end_ns;
	result->queue_count = number + 1;
}

/* The same as dmatest on the driver idxd would see it. */
static void make_dmatests(struct result *result)
{
	result->dmatest = true;
	result->driver = "idxd";
	for (unsigned int i = 0; i < result->timeline.count; i++) {
		struct bring_up *bring_up = &result->timeline.entries[i];

		bring_up->timed_out = bring_up->stranded;
		bring_up->stranded = 0;
		bring_up->request_irq_ns = 0;
	}
	for (unsigned int i = 0; i < result->queue_count; i++) {
		struct queue_result *queue = &result->queues[i];

		queue->counts.timed_out = queue->counts.stranded;
		queue->counts.stranded = 0;
		queue->counts.late = 0;
		queue->unannounced = queue->counts.timed_out;
		queue->busy_ns = result->end_ns - result->start_ns;
		memset(&queue->steady, 0, sizeof(queue->steady));
		memset(&queue->window, 0, sizeof(queue->window));
		for (unsigned int j = 0; j < queue->lost.count; j++)
			queue->lost.entries[j].state = LEDGER_TIMED_OUT;
	}
}

/* Queues 0 and 2 lose an interrupt each time another queue comes up from the fifth on. */
static void make_run(const char *directory, const char *name, bool loses, bool dmatest)
{
	const struct run_parameters parameters = {
		.device = "/dev/made0",
		.queues = MADE_QUEUES,
		.depth = 1,
		.interval_ns = MADE_INTERVAL_NS,
		.duration_ns = 3 * NSEC_PER_SEC,
		.window_ns = 100 * NSEC_PER_MSEC,
		.deadline_ns = 250 * NSEC_PER_MSEC,
		.confirm_ns = MADE_CONFIRM_NS,
		.timeout_ns = 30 * NSEC_PER_SEC,
		.opcodes = 1 << DSA_OPCODE_MEMMOVE,
		.size = 4096,
		.seed = 1,
	};
	struct made_queue queues[MADE_QUEUES];
	struct result result;

	if (result_init(&result, &parameters, MADE_QUEUES))
		fail(name, "out of memory");
	result.driver = "made-up";
	result.info.queues = MADE_QUEUES;
	result.start_ns = MADE_START_NS;
	result.end_ns = MADE_START_NS + MADE_END_NS;
	for (uint64_t now = MADE_START_NS; now < result.end_ns; now += MADE_INTERVAL_NS) {
		const bool rises = result.queue_count < MADE_QUEUES;

		if (rises)
			made_queue_up(&result, queues, result.queue_count, now);
		for (unsigned int i = 0; i < result.queue_count; i++) {
			const bool touched = rises && result.queue_count > 4 && (i == 0 || i == 2);

			if (touched && loses && queues[i].free_ns < now + MADE_INTERVAL_NS)
				made_descriptor(&result, i, &queues[i], true);
			while (queues[i].free_ns < now + MADE_INTERVAL_NS)
				made_descriptor(&result, i, &queues[i], false);
		}
	}
	for (unsigned int i = 0; i < result.queue_count; i++) {
		result.queues[i].counts = queues[i].ledger.counts;
		result.queues[i].has_stats = true;
		result.queues[i].stats.handler_runs = queues[i].ledger.counts.interrupted;
		ledger_destroy(&queues[i].ledger);
	}
	if (dmatest)
		make_dmatests(&result);
	write_document(directory, name, &result);
	result_destroy(&result);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		fail("usage", "result_documents DIRECTORY");
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		run_to_end(argv[1], i);
	make_run(argv[1], "made-gap", true, false);
	make_run(argv[1], "made-whole", false, false);
	make_run(argv[1], "made-idxd", true, true);
	return 0;
}
