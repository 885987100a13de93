// SPDX-License-Identifier: GPL-2.0-only
#include "report_load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_reader.h"
#include "ledger.h"
#include "render.h"

#define BRING_UPS_MAX 1000000U
#define QUEUES_MAX 4096U

static void read_histogram(struct json_reader *reader, struct json_object *queue, const char *key,
			   struct histogram *histogram)
{
	struct json_object *object = json_member(reader, queue, key, json_type_object);
	struct json_object *buckets =
		object ? json_member(reader, object, "buckets", json_type_array) : NULL;
	uint64_t counted = 0;

	if (!buckets)
		return;
	histogram->count = json_number(reader, object, "count");
	histogram->min = json_number(reader, object, "min_ns");
	histogram->max = json_number(reader, object, "max_ns");
	histogram->sum = json_number(reader, object, "mean_ns") * histogram->count;
	for (size_t i = 0; i < json_object_array_length(buckets); i++) {
		struct json_object *pair = json_object_array_get_idx(buckets, i);
		uint64_t low, count;

		if (!json_object_is_type(pair, json_type_array) ||
		    json_object_array_length(pair) != 2) {
			json_complain(reader, key, "has a bucket that is not a pair");
			return;
		}
		low = json_plain_number(reader, json_object_array_get_idx(pair, 0), key);
		count = json_plain_number(reader, json_object_array_get_idx(pair, 1), key);
		histogram->bucket[histogram_index(low)] += count;
		counted += count;
	}
	if (counted != histogram->count)
		json_complain(reader, key, "has buckets that do not add up to its count");
}

static void read_timeline(struct json_reader *reader, struct json_object *object,
			  struct report_queue *queue)
{
	struct json_object *timeline, *counts;

	/* Results from before there was one can be read, too. */
	if (!json_object_object_get_ex(object, "timeline", NULL))
		return;
	timeline = json_member(reader, object, "timeline", json_type_object);
	counts = timeline ? json_member(reader, timeline, "completions", json_type_array) : NULL;
	if (!counts)
		return;
	queue->width_ns = json_number(reader, timeline, "interval_ns");
	queue->completions =
		json_elements(reader, counts, sizeof(*queue->completions), SERIES_INTERVALS);
	if (!queue->completions)
		return;
	queue->intervals = (unsigned int)json_object_array_length(counts);
	for (unsigned int i = 0; i < queue->intervals; i++)
		queue->completions[i] = json_plain_number(
			reader, json_object_array_get_idx(counts, i), "timeline.completions");
	if (!queue->width_ns || queue->width_ns > UINT64_MAX / SERIES_INTERVALS)
		json_complain(reader, "timeline.interval_ns", "cannot be right");
}

static void read_losses(struct json_reader *reader, struct json_object *object,
			struct report_queue *queue)
{
	struct json_object *list;

	if (!json_object_object_get_ex(object, "lost", NULL))
		return;
	list = json_member(reader, object, "lost", json_type_array);
	queue->losses =
		list ? json_elements(reader, list, sizeof(*queue->losses), LOSSES_MAX) : NULL;
	if (!queue->losses)
		return;
	queue->loss_count = (unsigned int)json_object_array_length(list);
	for (unsigned int i = 0; i < queue->loss_count; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		struct loss *loss = &queue->losses[i];
		const char *outcome = json_text(reader, one, "outcome");

		loss->at_ns = json_number(reader, one, "at_ns");
		loss->until_ns = json_number(reader, one, "until_ns");
		loss->state = LEDGER_STRANDED;
		if (strcmp(outcome, "missing") == 0)
			loss->state = LEDGER_MISSING;
		else if (strcmp(outcome, "timed_out") == 0)
			loss->state = LEDGER_TIMED_OUT;
		else if (strcmp(outcome, "stranded") != 0)
			json_complain(reader, "lost", "has an unknown outcome");
		if (loss->until_ns < loss->at_ns)
			json_complain(reader, "lost", "has one that ends before it begins");
	}
}

/* A key that older results do not have. */
static uint64_t optional_number(struct json_reader *reader, struct json_object *object,
				const char *key)
{
	return json_has(object, key) ? json_number(reader, object, key) : 0;
}

static void read_queue(struct json_reader *reader, struct json_object *object,
		       struct report_queue *queue)
{
	queue->queue = json_small_number(reader, object, "queue", LEDGER_MAX_QUEUES);
	queue->vector = json_small_number(reader, object, "vector", 1 << 16);
	queue->descriptors = json_number(reader, object, "descriptors");
	queue->interrupted = json_number(reader, object, "interrupted");
	queue->late = json_number(reader, object, "late");
	queue->stranded = json_number(reader, object, "stranded");
	queue->missing = json_number(reader, object, "missing");
	queue->timed_out = optional_number(reader, object, "timed_out");
	read_histogram(reader, object, "latency_steady", &queue->steady);
	read_histogram(reader, object, "latency_bring_up", &queue->window);
	read_timeline(reader, object, queue);
	read_losses(reader, object, queue);
}

static void read_bring_up(struct json_reader *reader, struct json_object *object,
			  struct report_bring_up *bring_up)
{
	struct json_object *failed = json_member(reader, object, "failed", json_type_boolean);

	bring_up->queue = json_small_number(reader, object, "queue", LEDGER_MAX_QUEUES);
	bring_up->vector = json_small_number(reader, object, "vector", 1 << 16);
	bring_up->failed = failed && json_object_get_boolean(failed);
	bring_up->start_ns = json_number(reader, object, "start_ns");
	bring_up->request_irq_ns = json_number(reader, object, "request_irq_ns");
	bring_up->total_ns = json_number(reader, object, "total_ns");
	bring_up->stranded = json_number(reader, object, "stranded");
	bring_up->missing = json_number(reader, object, "missing");
	bring_up->timed_out = optional_number(reader, object, "timed_out");
}

static void read_queues(struct json_reader *reader, struct report *report)
{
	struct json_object *list = json_member(reader, report->document, "queues", json_type_array);

	report->queues =
		list ? json_elements(reader, list, sizeof(*report->queues), QUEUES_MAX) : NULL;
	if (!report->queues)
		return;
	report->queue_count = (unsigned int)json_object_array_length(list);
	for (unsigned int i = 0; i < report->queue_count && !reader->error; i++) {
		struct report_queue *queue = &report->queues[i];

		snprintf(reader->where, sizeof(reader->where), "queues[%u]", i);
		read_queue(reader, json_object_array_get_idx(list, i), queue);
		histogram_merge(&report->steady, &queue->steady);
		histogram_merge(&report->window, &queue->window);
		report->has_timeline |= queue->intervals > 0;
		if (queue->queue >= report->lanes)
			report->lanes = queue->queue + 1;
	}
	reader->where[0] = '\0';
}

static void read_bring_ups(struct json_reader *reader, struct report *report)
{
	struct json_object *list =
		json_member(reader, report->document, "bring_up", json_type_array);

	report->bring_up =
		list ? json_elements(reader, list, sizeof(*report->bring_up), BRING_UPS_MAX) : NULL;
	if (!report->bring_up)
		return;
	report->bring_up_count = (unsigned int)json_object_array_length(list);
	for (unsigned int i = 0; i < report->bring_up_count && !reader->error; i++) {
		snprintf(reader->where, sizeof(reader->where), "bring_up[%u]", i);
		read_bring_up(reader, json_object_array_get_idx(list, i), &report->bring_up[i]);
		if (report->bring_up[i].queue >= report->lanes)
			report->lanes = report->bring_up[i].queue + 1;
	}
	reader->where[0] = '\0';
}

/*
 * Several runs in one document: their lists were put together. A new one begins
 * where the queues are counted from the beginning, and where time runs backwards.
 */
static void tell_rounds_apart(struct json_reader *reader, struct report *report)
{
	unsigned int round = 0;

	for (unsigned int i = 0; i < report->queue_count; i++) {
		round += i && report->queues[i].queue <= report->queues[i - 1].queue;
		report->queues[i].round = round;
	}
	if (report->queue_count && round + 1 != report->rounds)
		json_complain(reader, "queues", "cannot be told apart by rounds");
	round = 0;
	for (unsigned int i = 0; i < report->bring_up_count; i++) {
		round += i && report->bring_up[i].start_ns < report->bring_up[i - 1].start_ns;
		report->bring_up[i].round = round;
	}
	if (report->bring_up_count && round + 1 != report->rounds)
		json_complain(reader, "bring_up", "cannot be told apart by rounds");
}

static void read_rounds(struct json_reader *reader, struct report *report)
{
	struct json_object *list = NULL;
	uint64_t start = 0;

	report->rounds = 1;
	if (json_object_object_get_ex(report->document, "rounds", NULL))
		list = json_member(reader, report->document, "rounds", json_type_array);
	if (list && json_object_array_length(list) > 1)
		report->rounds = (unsigned int)json_object_array_length(list);
	report->round_start_ns = calloc(report->rounds, sizeof(*report->round_start_ns));
	if (!report->round_start_ns) {
		reader->error = problem_set(reader->problem, -ENOMEM, "out of memory");
		return;
	}
	for (unsigned int i = 0; report->rounds > 1 && i < report->rounds; i++) {
		snprintf(reader->where, sizeof(reader->where), "rounds[%u]", i);
		report->round_start_ns[i] = start;
		start += json_number(reader, json_object_array_get_idx(list, i), "elapsed_ns");
	}
	reader->where[0] = '\0';
	if (report->rounds > 1 && !reader->error)
		tell_rounds_apart(reader, report);
}

/* A text that need not be there. */
static const char *optional_text(struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

/* Of the simulation its parameters say it; of a host, who has put it together with the result. */
static void read_conditions(struct report *report)
{
	struct json_object *parameters = NULL, *chain = NULL;
	char *text = report->conditions;
	const size_t size = sizeof(report->conditions);

	json_object_object_get_ex(report->document, "parameters", &parameters);
	json_object_object_get_ex(report->document, "chain", &chain);
	if (chain)
		snprintf(text, size, "host: Linux %s, vfio-pci %s, QEMU %s; guest: Linux %s, %s",
			 optional_text(chain, "l1_kernel"), optional_text(chain, "vfio_pci"),
			 optional_text(chain, "l1_qemu"), optional_text(chain, "l2_kernel"),
			 report->driver);
	else if (*optional_text(parameters, "vmm"))
		snprintf(text, size, "simulated: VMM %s, MSI-X off: %s",
			 optional_text(parameters, "vmm"),
			 optional_text(parameters, "msix_disabled"));
	else
		snprintf(text, size, "device %s, driver %s", report->device, report->driver);
}

static void read_document(struct json_reader *reader, struct report *report)
{
	struct json_object *device;

	if (!json_expect_schema(reader, report->document, RENDER_JSON_SCHEMA, RENDER_JSON_VERSION,
				"a result of wq-demo run"))
		return;
	report->program = json_text(reader, report->document, "program");
	report->verdict = json_text(reader, report->document, "verdict");
	report->reason = json_text(reader, report->document, "reason");
	report->elapsed_ns = json_number(reader, report->document, "elapsed_ns");
	report->bring_ups = json_number(reader, report->document, "bring_ups");
	report->descriptors = json_number(reader, report->document, "descriptors");
	report->interrupted = json_number(reader, report->document, "interrupted");
	report->late = json_number(reader, report->document, "late");
	report->stranded = json_number(reader, report->document, "stranded");
	report->missing = json_number(reader, report->document, "missing");
	report->timed_out = optional_number(reader, report->document, "timed_out");
	report->data_errors = json_number(reader, report->document, "data_errors");
	report->unresolved = json_number(reader, report->document, "unresolved");
	device = json_member(reader, report->document, "device_info", json_type_object);
	report->device = device ? json_text(reader, device, "dev") : "";
	report->driver = device ? json_text(reader, device, "driver_name") : "";
	read_conditions(report);
	read_queues(reader, report);
	read_bring_ups(reader, report);
	if (!reader->error)
		read_rounds(reader, report);
}

int report_load(struct report *report, const char *path, struct problem *problem)
{
	struct json_reader reader = { .path = path, .problem = problem };
	int error;

	*report = (struct report){ .path = path };
	error = json_read_file(path, "a result of wq-demo run", &report->document, problem);
	if (error)
		return error;
	read_document(&reader, report);
	if (reader.error)
		report_destroy(report);
	return reader.error;
}

void report_destroy(struct report *report)
{
	for (unsigned int i = 0; i < report->queue_count; i++) {
		free(report->queues[i].completions);
		free(report->queues[i].losses);
	}
	free(report->queues);
	free(report->bring_up);
	free(report->round_start_ns);
	json_object_put(report->document);
	*report = (struct report){ 0 };
}
