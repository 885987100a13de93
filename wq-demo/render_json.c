// SPDX-License-Identifier: GPL-2.0-only
#include "render.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "verify.h"

/*
 * json-c reports a lack of memory by NULL, which it also takes as the value
 * null. One flag for the whole document is enough: nothing is printed then.
 */
struct builder {
	bool failed;
};

static struct json_object *object(struct builder *builder)
{
	struct json_object *made = json_object_new_object();

	builder->failed |= !made;
	return made;
}

static struct json_object *array(struct builder *builder)
{
	struct json_object *made = json_object_new_array();

	builder->failed |= !made;
	return made;
}

/* Both take over @value. */
static void put(struct builder *builder, struct json_object *into, const char *key,
		struct json_object *value)
{
	if (!into || !value || json_object_object_add(into, key, value)) {
		json_object_put(value);
		builder->failed = true;
	}
}

static void append(struct builder *builder, struct json_object *into, struct json_object *value)
{
	if (!into || !value || json_object_array_add(into, value)) {
		json_object_put(value);
		builder->failed = true;
	}
}

static void put_number(struct builder *builder, struct json_object *into, const char *key,
		       uint64_t value)
{
	put(builder, into, key, json_object_new_uint64(value));
}

static void put_text(struct builder *builder, struct json_object *into, const char *key,
		     const char *value)
{
	/* JSON is UTF-8; a path need not be. */
	char *valid = strdup(value);

	for (char *at = valid; at && *at;) {
		size_t length = render_utf8(at);

		if (!length)
			*at = '?';
		at += length ?: 1;
	}
	put(builder, into, key, valid ? json_object_new_string(valid) : NULL);
	free(valid);
}

static void put_flag(struct builder *builder, struct json_object *into, const char *key, bool value)
{
	put(builder, into, key, json_object_new_boolean(value));
}

static void put_counts(struct builder *builder, struct json_object *into,
		       const struct ledger_counts *counts, uint64_t unresolved,
		       uint64_t data_errors)
{
	put_number(builder, into, "descriptors", counts->submitted);
	put_number(builder, into, "interrupted", counts->interrupted);
	put_number(builder, into, "late", counts->late);
	put_number(builder, into, "stranded", counts->stranded);
	put_number(builder, into, "missing", counts->missing);
	put_number(builder, into, "polled", counts->polled);
	put_number(builder, into, "timed_out", counts->timed_out);
	put_number(builder, into, "unresolved", unresolved);
	put_number(builder, into, "data_errors", data_errors);
}

/* What was asked for of a queue, in accel-config's words. */
static struct json_object *settings_object(struct builder *builder, const struct wq_config *config,
					   unsigned int nth)
{
	const struct wq_settings *settings = wq_config_settings(config, nth);
	struct json_object *made = object(builder);
	char name[32];

	if (config->path) {
		snprintf(name, sizeof(name), "wq%.10s.%u",
			 config->device + strcspn(config->device, "0123456789"),
			 wq_config_number(config, nth));
		put_text(builder, made, "dev", name);
	}
	for (unsigned int i = 0; i < WQ_SETTINGS; i++) {
		if (!wq_settings_has(settings, i))
			continue;
		if (wq_keys[i].text || wq_keys[i].words)
			put_text(builder, made, wq_keys[i].key,
				 wq_setting_text(settings, i, name, sizeof(name)));
		else
			put_number(builder, made, wq_keys[i].key, settings->number[i]);
	}
	return made;
}

/* The queues that were to come up, in order; without a file all are alike. */
static void put_config(struct builder *builder, struct json_object *into,
		       const struct run_parameters *parameters)
{
	const struct wq_config *config = parameters->config;
	struct json_object *queues;
	unsigned int count;

	if (!wq_config_asks(config))
		return;
	if (config->path)
		put_text(builder, into, "config_file", config->path);
	queues = array(builder);
	count = config->path ? (unsigned int)parameters->queues : 1;
	for (unsigned int nth = 0; nth < count; nth++)
		append(builder, queues, settings_object(builder, config, nth));
	put(builder, into, "queue_config", queues);
}

static struct json_object *parameters_object(struct builder *builder,
					     const struct run_parameters *parameters)
{
	struct json_object *made = object(builder), *opcodes = array(builder);

	put_text(builder, made, "device", parameters->device);
	if (parameters->vmm) {
		put_text(builder, made, "vmm", parameters->vmm);
		put_text(builder, made, "msix_disabled", parameters->latch ? "latch" : "drop");
	}
	put_number(builder, made, "queues", parameters->queues);
	put_number(builder, made, "depth", parameters->depth);
	if (parameters->rate)
		put_number(builder, made, "rate", parameters->rate);
	put_flag(builder, made, "until_loss", parameters->until_loss);
	if (parameters->cpus)
		put_text(builder, made, "cpus", parameters->cpus);
	put_number(builder, made, "interval_ns", parameters->interval_ns);
	put_number(builder, made, "cycles", parameters->cycles);
	put_number(builder, made, "cycle_interval_ns", parameters->cycle_ns);
	put_number(builder, made, "duration_ns", parameters->duration_ns);
	put_number(builder, made, "window_ns", parameters->window_ns);
	put_number(builder, made, "deadline_ns", parameters->deadline_ns);
	put_number(builder, made, "confirm_ns", parameters->confirm_ns);
	put_number(builder, made, "timeout_ns", parameters->timeout_ns);
	for (uint32_t opcode = 0; opcode < 64; opcode++)
		if (parameters->opcodes >> opcode & 1)
			append(builder, opcodes,
			       json_object_new_string(verify_opcode_name(opcode)));
	put(builder, made, "opcodes", opcodes);
	put_number(builder, made, "size_bytes", parameters->size);
	if (parameters->min_size)
		put_number(builder, made, "min_size_bytes", parameters->min_size);
	put_number(builder, made, "seed", parameters->seed);
	put_config(builder, made, parameters);
	return made;
}

static struct json_object *device_object(struct builder *builder, const struct result *result)
{
	const struct dsa_sample_info *info = &result->info;
	const char *name = strrchr(result->parameters.device, '/');
	struct json_object *made = object(builder);

	/* The words of accel-config where it has them. */
	put_text(builder, made, "dev", name ? name + 1 : result->parameters.device);
	put_text(builder, made, "driver_name", result->driver);
	put_number(builder, made, "version", info->device_version);
	put_number(builder, made, "max_work_queues", info->queues);
	put_number(builder, made, "max_work_queue_entries", info->queue_entries);
	put_number(builder, made, "max_transfer_size", info->max_transfer);
	put_number(builder, made, "vectors", info->vectors);
	put_flag(builder, made, "movdir64b", info->flags & DSA_SAMPLE_INFO_MOVDIR64B);
	put_number(builder, made, "api_version", info->api_version);
	return made;
}

static struct json_object *histogram_object(struct builder *builder,
					    const struct histogram *histogram)
{
	static const struct {
		const char *key;
		unsigned int per_10000;
	} percentiles[] = {
		{ "p50_ns", 5000 },
		{ "p90_ns", 9000 },
		{ "p99_ns", 9900 },
		{ "p999_ns", 9990 },
	};
	struct json_object *made = object(builder), *buckets = array(builder);

	put_number(builder, made, "count", histogram->count);
	put_number(builder, made, "min_ns", histogram->count ? histogram->min : 0);
	put_number(builder, made, "mean_ns", histogram_mean(histogram));
	for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++)
		put_number(builder, made, percentiles[i].key,
			   histogram_percentile(histogram, percentiles[i].per_10000));
	put_number(builder, made, "max_ns", histogram->max);
	/* Sparse: lower bound in ns and count of the buckets that hold something. */
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		struct json_object *bucket;

		if (!histogram->bucket[i])
			continue;
		bucket = array(builder);
		append(builder, bucket, json_object_new_uint64(histogram_low(i)));
		append(builder, bucket, json_object_new_uint64(histogram->bucket[i]));
		append(builder, buckets, bucket);
	}
	put(builder, made, "buckets", buckets);
	return made;
}

/* Dense: a list of numbers is what plots and jq(1) take. */
static struct json_object *series_object(struct builder *builder, const struct series *series)
{
	struct json_object *made = object(builder), *counts = array(builder);

	put_number(builder, made, "interval_ns", series->width_ns);
	for (unsigned int i = 0; i < series->used; i++)
		append(builder, counts, json_object_new_uint64(series->count[i]));
	put(builder, made, "completions", counts);
	return made;
}

static void put_bring_up_of(struct builder *builder, struct json_object *into,
			    const struct timeline *timeline, const struct loss *loss)
{
	for (unsigned int i = 0; i < timeline->count; i++) {
		if (timeline->entries[i].start_ns == loss->bring_up_ns) {
			put_number(builder, into, "bring_up", i);
			return;
		}
	}
}

static struct json_object *losses_array(struct builder *builder, const struct timeline *timeline,
					const struct losses *losses)
{
	static const char *const outcomes[] = {
		[LEDGER_STRANDED] = "stranded",
		[LEDGER_MISSING] = "missing",
		[LEDGER_TIMED_OUT] = "timed_out",
	};
	struct json_object *made = array(builder);

	for (unsigned int i = 0; i < losses->count; i++) {
		const struct loss *loss = &losses->entries[i];
		struct json_object *one = object(builder);

		put_text(builder, one, "outcome", outcomes[loss->state]);
		put_number(builder, one, "at_ns", loss->at_ns);
		put_number(builder, one, "until_ns", loss->until_ns);
		put_bring_up_of(builder, one, timeline, loss);
		append(builder, made, one);
	}
	return made;
}

static struct json_object *queue_object(struct builder *builder, const struct result *result,
					const struct queue_result *queue)
{
	struct json_object *made = object(builder);

	put_number(builder, made, "queue", queue->queue);
	put_number(builder, made, "size", queue->entries);
	put_number(builder, made, "vector", queue->vector);
	put(builder, made, "irq", json_object_new_int(queue->irq));
	put_counts(builder, made, &queue->counts, queue->unresolved, queue->data_errors);
	if (result->dmatest) {
		put_number(builder, made, "busy_ns", queue->busy_ns);
		if (result->parameters.depth == 1)
			put_number(builder, made, "timed_out_no_interrupt", queue->unannounced);
	}
	if (queue->has_stats) {
		put_number(builder, made, "interrupts", queue->stats.handler_runs);
		put_number(builder, made, "interrupts_spurious", queue->stats.handler_spurious);
		put_number(builder, made, "probes", queue->stats.probes);
	}
	put(builder, made, "latency_steady", histogram_object(builder, &queue->steady));
	put(builder, made, "latency_bring_up", histogram_object(builder, &queue->window));
	put(builder, made, "timeline", series_object(builder, &queue->completions));
	put(builder, made, "lost", losses_array(builder, &result->timeline, &queue->lost));
	put_number(builder, made, "lost_omitted", queue->lost.omitted);
	return made;
}

static uint64_t since(const struct result *result, uint64_t at_ns)
{
	return at_ns > result->start_ns ? at_ns - result->start_ns : 0;
}

static struct json_object *loss_event_object(struct builder *builder, const struct result *result,
					     const struct loss_event *event)
{
	static const char *const outcomes[LEDGER_STATES] = {
		[LEDGER_INTERRUPTED] = "interrupted", [LEDGER_LATE] = "late",
		[LEDGER_STRANDED] = "stranded",	      [LEDGER_MISSING] = "missing",
		[LEDGER_POLLED] = "polled",
	};
	struct json_object *made = object(builder);

	put_number(builder, made, "queue", event->queue);
	put_text(builder, made, "outcome", outcomes[event->state]);
	put_number(builder, made, "submitted_ns", since(result, event->submit_ns));
	if (event->visible_ns)
		put_number(builder, made, "completed_ns", since(result, event->visible_ns));
	put_number(builder, made, "noticed_ns", since(result, event->notice_ns));
	return made;
}

static struct json_object *first_loss_object(struct builder *builder, const struct result *result)
{
	const struct first_loss *loss = &result->first_loss;
	struct json_object *made = object(builder), *around = array(builder);

	put(builder, made, "event", loss_event_object(builder, result, &loss->event));
	for (unsigned int i = 0; i < loss->count; i++)
		append(builder, around, loss_event_object(builder, result, &loss->events[i]));
	put(builder, made, "around", around);
	return made;
}

static struct json_object *bring_up_object(struct builder *builder, const struct result *result,
					   const struct bring_up *bring_up)
{
	struct json_object *made = object(builder), *others = object(builder);

	put_number(builder, made, "number", bring_up->number);
	put_number(builder, made, "queue", bring_up->queue);
	put_flag(builder, made, "failed", bring_up->failed);
	put_number(builder, made, "vector", bring_up->vector);
	put(builder, made, "irq", json_object_new_int(bring_up->irq));
	put_number(builder, made, "start_ns", bring_up->start_ns - result->start_ns);
	put_number(builder, made, "request_irq_ns", bring_up->request_irq_ns);
	put_number(builder, made, "enable_ns", bring_up->enable_ns);
	put_number(builder, made, "total_ns", bring_up->total_ns);
	put_number(builder, made, "stranded", bring_up->stranded);
	put_number(builder, made, "missing", bring_up->missing);
	put_number(builder, made, "timed_out", bring_up->timed_out);
	put_number(builder, others, "completions", bring_up->completions);
	put_number(builder, others, "late", bring_up->late);
	put_number(builder, others, "latency_max_ns", bring_up->latency_max_ns);
	put(builder, made, "others", others);
	return made;
}

static struct json_object *result_object(struct builder *builder, const struct result *result)
{
	const struct result_totals totals = result_totals(result);
	struct json_object *made = object(builder), *queues = array(builder);
	struct json_object *bring_ups = array(builder), *notes = array(builder);
	struct problem reason;
	enum verdict verdict = result_verdict(result, &reason);

	put_text(builder, made, "schema", RENDER_JSON_SCHEMA);
	put_number(builder, made, "version", RENDER_JSON_VERSION);
	put_text(builder, made, "program", "wq-demo " PACKAGE_VERSION);
	put_text(builder, made, "verdict", verdict_name(verdict));
	put_text(builder, made, "reason", reason.text);
	put_flag(builder, made, "complete", result->end == RUN_COMPLETE);
	if (result->failure.text[0])
		put_text(builder, made, "failure", result->failure.text);
	put_number(builder, made, "elapsed_ns", result->end_ns - result->start_ns);
	put_number(builder, made, "bring_ups", result_bring_ups(result));
	put_number(builder, made, "cycles", result->cycles_done);
	put_counts(builder, made, &totals.counts, totals.unresolved, totals.data_errors);
	if (result->has_dropped)
		put_number(builder, made, "messages_dropped", result->dropped);
	put_number(builder, made, "stranded_steady", result->stranded_steady);
	if (result->dmatest && result->parameters.depth == 1)
		put_number(builder, made, "timed_out_no_interrupt", totals.unannounced);
	put_number(builder, made, "interrupts", totals.interrupts);
	put_number(builder, made, "interrupts_spurious", totals.interrupts_spurious);

	if (result->first_loss.known)
		put(builder, made, "first_loss", first_loss_object(builder, result));
	put(builder, made, "parameters", parameters_object(builder, &result->parameters));
	put(builder, made, "device_info", device_object(builder, result));
	for (unsigned int i = 0; i < result->queue_count; i++)
		append(builder, queues, queue_object(builder, result, &result->queues[i]));
	put(builder, made, "queues", queues);
	for (unsigned int i = 0; i < result->timeline.count; i++)
		append(builder, bring_ups,
		       bring_up_object(builder, result, &result->timeline.entries[i]));
	put(builder, made, "bring_up", bring_ups);
	for (unsigned int i = 0; i < result->note_count; i++)
		append(builder, notes, json_object_new_string(result->notes[i].text));
	put(builder, made, "data_error_notes", notes);
	return made;
}

char *render_json(const struct result *result)
{
	struct builder builder = { false };
	struct json_object *document = result_object(&builder, result);
	const char *text = NULL;
	char *copy = NULL;

	if (!builder.failed)
		text = json_object_to_json_string_ext(
			document, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					  JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text) {
		size_t length = strlen(text);

		copy = malloc(length + 2);
		if (copy) {
			memcpy(copy, text, length);
			memcpy(copy + length, "\n", 2);
		}
	}
	json_object_put(document);
	return copy;
}

/* One line: @type, then members of @from: those in @keys, or all. */
static void print_line(struct builder *builder, FILE *stream, const char *type,
		       struct json_object *from, const char *const *keys)
{
	struct json_object *line = object(builder);
	const char *text;

	put_text(builder, line, "type", type);
	if (keys) {
		for (; *keys; keys++)
			put(builder, line, *keys,
			    json_object_get(json_object_object_get(from, *keys)));
	} else {
		json_object_object_foreach(from, key, value)
		{
			put(builder, line, key, json_object_get(value));
		}
	}
	text = line ? json_object_to_json_string_ext(line, JSON_C_TO_STRING_PLAIN |
								   JSON_C_TO_STRING_NOSLASHESCAPE)
		    : NULL;
	if (text)
		fprintf(stream, "%s\n", text);
	else
		builder->failed = true;
	json_object_put(line);
}

static void print_lines(struct builder *builder, FILE *stream, struct json_object *document)
{
	static const char *const head[] = { "schema",	  "version",	 "program",
					    "parameters", "device_info", NULL };
	static const struct {
		const char *key;
		const char *type;
	} lists[] = {
		{ "bring_up", "bring_up" },
		{ "queues", "queue" },
	};
	struct json_object *notes = json_object_object_get(document, "data_error_notes");

	print_line(builder, stream, "run", document, head);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct json_object *list = json_object_object_get(document, lists[i].key);

		for (size_t j = 0; j < json_object_array_length(list); j++)
			print_line(builder, stream, lists[i].type,
				   json_object_array_get_idx(list, j), NULL);
		json_object_object_del(document, lists[i].key);
	}
	for (size_t i = 0; i < json_object_array_length(notes); i++) {
		struct json_object *note = object(builder);

		put(builder, note, "note", json_object_get(json_object_array_get_idx(notes, i)));
		print_line(builder, stream, "data_error", note, NULL);
		json_object_put(note);
	}
	json_object_object_del(document, "data_error_notes");
	/* The rest of the members, the verdict first. */
	for (size_t i = 0; head[i]; i++)
		json_object_object_del(document, head[i]);
	print_line(builder, stream, "result", document, NULL);
}

char *render_ndjson(const struct result *result)
{
	struct builder builder = { false };
	struct json_object *document = result_object(&builder, result);
	char *text = NULL;
	size_t size;
	FILE *stream;

	stream = builder.failed ? NULL : open_memstream(&text, &size);
	if (stream) {
		print_lines(&builder, stream, document);
		if (fclose(stream) || builder.failed) {
			free(text);
			text = NULL;
		}
	}
	json_object_put(document);
	return text;
}
