// SPDX-License-Identifier: GPL-2.0-only
#include "render.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "json_builder.h"
#include "verify.h"

static void put_counts(struct json_builder *builder, struct json_object *into,
		       const struct ledger_counts *counts, uint64_t unresolved,
		       uint64_t data_errors)
{
	json_put_number(builder, into, "descriptors", counts->submitted);
	json_put_number(builder, into, "interrupted", counts->interrupted);
	json_put_number(builder, into, "late", counts->late);
	json_put_number(builder, into, "stranded", counts->stranded);
	json_put_number(builder, into, "missing", counts->missing);
	json_put_number(builder, into, "polled", counts->polled);
	json_put_number(builder, into, "timed_out", counts->timed_out);
	json_put_number(builder, into, "unresolved", unresolved);
	json_put_number(builder, into, "data_errors", data_errors);
}

/* What was asked for of a queue, in accel-config's words. */
static struct json_object *settings_object(struct json_builder *builder,
					   const struct wq_config *config, unsigned int nth)
{
	const struct wq_settings *settings = wq_config_settings(config, nth);
	struct json_object *made = json_build_object(builder);
	char name[32];

	if (config->path) {
		snprintf(name, sizeof(name), "wq%.10s.%u",
			 config->device + strcspn(config->device, "0123456789"),
			 wq_config_number(config, nth));
		json_put_text(builder, made, "dev", name);
	}
	for (unsigned int i = 0; i < WQ_SETTINGS; i++) {
		if (!wq_settings_has(settings, i))
			continue;
		if (wq_keys[i].text || wq_keys[i].words)
			json_put_text(builder, made, wq_keys[i].key,
				      wq_setting_text(settings, i, name, sizeof(name)));
		else
			json_put_number(builder, made, wq_keys[i].key, settings->number[i]);
	}
	return made;
}

/* The queues that were to come up, in order; without a file all are alike. */
static void put_config(struct json_builder *builder, struct json_object *into,
		       const struct run_parameters *parameters)
{
	const struct wq_config *config = parameters->config;
	struct json_object *queues;
	unsigned int count;

	if (!wq_config_asks(config))
		return;
	if (config->path)
		json_put_text(builder, into, "config_file", config->path);
	queues = json_build_array(builder);
	count = config->path ? (unsigned int)parameters->queues : 1;
	for (unsigned int nth = 0; nth < count; nth++)
		json_append(builder, queues, settings_object(builder, config, nth));
	json_put(builder, into, "queue_config", queues);
}

static struct json_object *parameters_object(struct json_builder *builder,
					     const struct run_parameters *parameters)
{
	struct json_object *made = json_build_object(builder), *opcodes = json_build_array(builder);

	json_put_text(builder, made, "device", parameters->device);
	if (parameters->vmm) {
		json_put_text(builder, made, "vmm", parameters->vmm);
		json_put_text(builder, made, "msix_disabled", parameters->latch ? "latch" : "drop");
	}
	json_put_number(builder, made, "queues", parameters->queues);
	json_put_number(builder, made, "depth", parameters->depth);
	if (parameters->rate)
		json_put_number(builder, made, "rate", parameters->rate);
	json_put_flag(builder, made, "until_loss", parameters->until_loss);
	if (parameters->cpus)
		json_put_text(builder, made, "cpus", parameters->cpus);
	json_put_number(builder, made, "interval_ns", parameters->interval_ns);
	json_put_number(builder, made, "cycles", parameters->cycles);
	json_put_number(builder, made, "cycle_interval_ns", parameters->cycle_ns);
	json_put_number(builder, made, "duration_ns", parameters->duration_ns);
	json_put_number(builder, made, "window_ns", parameters->window_ns);
	json_put_number(builder, made, "deadline_ns", parameters->deadline_ns);
	json_put_number(builder, made, "confirm_ns", parameters->confirm_ns);
	json_put_number(builder, made, "timeout_ns", parameters->timeout_ns);
	for (uint32_t opcode = 0; opcode < 64; opcode++)
		if (parameters->opcodes >> opcode & 1)
			json_append(builder, opcodes,
				    json_object_new_string(verify_opcode_name(opcode)));
	json_put(builder, made, "opcodes", opcodes);
	json_put_number(builder, made, "size_bytes", parameters->size);
	if (parameters->min_size)
		json_put_number(builder, made, "min_size_bytes", parameters->min_size);
	json_put_number(builder, made, "seed", parameters->seed);
	put_config(builder, made, parameters);
	return made;
}

static struct json_object *device_object(struct json_builder *builder, const struct result *result)
{
	const struct dsa_sample_info *info = &result->info;
	const char *name = strrchr(result->parameters.device, '/');
	struct json_object *made = json_build_object(builder);

	/* The words of accel-config where it has them. */
	json_put_text(builder, made, "dev", name ? name + 1 : result->parameters.device);
	json_put_text(builder, made, "driver_name", result->driver);
	json_put_number(builder, made, "version", info->device_version);
	json_put_number(builder, made, "max_work_queues", info->queues);
	json_put_number(builder, made, "max_work_queue_entries", info->queue_entries);
	json_put_number(builder, made, "max_transfer_size", info->max_transfer);
	json_put_number(builder, made, "vectors", info->vectors);
	json_put_flag(builder, made, "movdir64b", info->flags & DSA_SAMPLE_INFO_MOVDIR64B);
	json_put_number(builder, made, "api_version", info->api_version);
	return made;
}

static struct json_object *histogram_object(struct json_builder *builder,
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
	struct json_object *made = json_build_object(builder), *buckets = json_build_array(builder);

	json_put_number(builder, made, "count", histogram->count);
	json_put_number(builder, made, "min_ns", histogram->count ? histogram->min : 0);
	json_put_number(builder, made, "mean_ns", histogram_mean(histogram));
	for (size_t i = 0; i < sizeof(percentiles) / sizeof(percentiles[0]); i++)
		json_put_number(builder, made, percentiles[i].key,
				histogram_percentile(histogram, percentiles[i].per_10000));
	json_put_number(builder, made, "max_ns", histogram->max);
	/* Sparse: lower bound in ns and count of the buckets that hold something. */
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		struct json_object *bucket;

		if (!histogram->bucket[i])
			continue;
		bucket = json_build_array(builder);
		json_append(builder, bucket, json_object_new_uint64(histogram_low(i)));
		json_append(builder, bucket, json_object_new_uint64(histogram->bucket[i]));
		json_append(builder, buckets, bucket);
	}
	json_put(builder, made, "buckets", buckets);
	return made;
}

/* Dense: a list of numbers is what plots and jq(1) take. */
static struct json_object *series_object(struct json_builder *builder, const struct series *series)
{
	struct json_object *made = json_build_object(builder), *counts = json_build_array(builder);

	json_put_number(builder, made, "interval_ns", series->width_ns);
	for (unsigned int i = 0; i < series->used; i++)
		json_append(builder, counts, json_object_new_uint64(series->count[i]));
	json_put(builder, made, "completions", counts);
	return made;
}

static void put_bring_up_of(struct json_builder *builder, struct json_object *into,
			    const struct timeline *timeline, const struct loss *loss)
{
	for (unsigned int i = 0; i < timeline->count; i++) {
		if (timeline->entries[i].start_ns == loss->bring_up_ns) {
			json_put_number(builder, into, "bring_up", i);
			return;
		}
	}
}

static struct json_object *losses_array(struct json_builder *builder,
					const struct timeline *timeline,
					const struct losses *losses)
{
	static const char *const outcomes[] = {
		[LEDGER_STRANDED] = "stranded",
		[LEDGER_MISSING] = "missing",
		[LEDGER_TIMED_OUT] = "timed_out",
	};
	struct json_object *made = json_build_array(builder);

	for (unsigned int i = 0; i < losses->count; i++) {
		const struct loss *loss = &losses->entries[i];
		struct json_object *one = json_build_object(builder);

		json_put_text(builder, one, "outcome", outcomes[loss->state]);
		json_put_number(builder, one, "at_ns", loss->at_ns);
		json_put_number(builder, one, "until_ns", loss->until_ns);
		put_bring_up_of(builder, one, timeline, loss);
		json_append(builder, made, one);
	}
	return made;
}

static struct json_object *queue_object(struct json_builder *builder, const struct result *result,
					const struct queue_result *queue)
{
	struct json_object *made = json_build_object(builder);

	json_put_number(builder, made, "queue", queue->queue);
	json_put_number(builder, made, "size", queue->entries);
	json_put_number(builder, made, "vector", queue->vector);
	json_put(builder, made, "irq", json_object_new_int(queue->irq));
	put_counts(builder, made, &queue->counts, queue->unresolved, queue->data_errors);
	if (result->dmatest) {
		json_put_number(builder, made, "busy_ns", queue->busy_ns);
		if (result->parameters.depth == 1)
			json_put_number(builder, made, "timed_out_no_interrupt",
					queue->unannounced);
	}
	if (queue->has_stats) {
		json_put_number(builder, made, "interrupts", queue->stats.handler_runs);
		json_put_number(builder, made, "interrupts_spurious",
				queue->stats.handler_spurious);
		json_put_number(builder, made, "probes", queue->stats.probes);
	}
	json_put(builder, made, "latency_steady", histogram_object(builder, &queue->steady));
	json_put(builder, made, "latency_bring_up", histogram_object(builder, &queue->window));
	json_put(builder, made, "timeline", series_object(builder, &queue->completions));
	json_put(builder, made, "lost", losses_array(builder, &result->timeline, &queue->lost));
	json_put_number(builder, made, "lost_omitted", queue->lost.omitted);
	return made;
}

static uint64_t since(const struct result *result, uint64_t at_ns)
{
	return at_ns > result->start_ns ? at_ns - result->start_ns : 0;
}

static struct json_object *loss_event_object(struct json_builder *builder,
					     const struct result *result,
					     const struct loss_event *event)
{
	static const char *const outcomes[LEDGER_STATES] = {
		[LEDGER_INTERRUPTED] = "interrupted", [LEDGER_LATE] = "late",
		[LEDGER_STRANDED] = "stranded",	      [LEDGER_MISSING] = "missing",
		[LEDGER_POLLED] = "polled",
	};
	struct json_object *made = json_build_object(builder);

	json_put_number(builder, made, "queue", event->queue);
	json_put_text(builder, made, "outcome", outcomes[event->state]);
	json_put_number(builder, made, "submitted_ns", since(result, event->submit_ns));
	if (event->visible_ns)
		json_put_number(builder, made, "completed_ns", since(result, event->visible_ns));
	json_put_number(builder, made, "noticed_ns", since(result, event->notice_ns));
	return made;
}

static struct json_object *first_loss_object(struct json_builder *builder,
					     const struct result *result)
{
	const struct first_loss *loss = &result->first_loss;
	struct json_object *made = json_build_object(builder), *around = json_build_array(builder);

	json_put(builder, made, "event", loss_event_object(builder, result, &loss->event));
	for (unsigned int i = 0; i < loss->count; i++)
		json_append(builder, around, loss_event_object(builder, result, &loss->events[i]));
	json_put(builder, made, "around", around);
	return made;
}

static struct json_object *bring_up_object(struct json_builder *builder,
					   const struct result *result,
					   const struct bring_up *bring_up)
{
	struct json_object *made = json_build_object(builder), *others = json_build_object(builder);

	json_put_number(builder, made, "number", bring_up->number);
	json_put_number(builder, made, "queue", bring_up->queue);
	json_put_flag(builder, made, "failed", bring_up->failed);
	json_put_number(builder, made, "vector", bring_up->vector);
	json_put(builder, made, "irq", json_object_new_int(bring_up->irq));
	json_put_number(builder, made, "start_ns", bring_up->start_ns - result->start_ns);
	json_put_number(builder, made, "request_irq_ns", bring_up->request_irq_ns);
	json_put_number(builder, made, "enable_ns", bring_up->enable_ns);
	json_put_number(builder, made, "total_ns", bring_up->total_ns);
	json_put_number(builder, made, "stranded", bring_up->stranded);
	json_put_number(builder, made, "missing", bring_up->missing);
	json_put_number(builder, made, "timed_out", bring_up->timed_out);
	json_put_number(builder, others, "completions", bring_up->completions);
	json_put_number(builder, others, "late", bring_up->late);
	json_put_number(builder, others, "latency_max_ns", bring_up->latency_max_ns);
	json_put(builder, made, "others", others);
	return made;
}

static struct json_object *result_object(struct json_builder *builder, const struct result *result)
{
	const struct result_totals totals = result_totals(result);
	struct json_object *made = json_build_object(builder), *queues = json_build_array(builder);
	struct json_object *bring_ups = json_build_array(builder),
			   *notes = json_build_array(builder);
	struct problem reason;
	enum verdict verdict = result_verdict(result, &reason);

	json_put_text(builder, made, "schema", RENDER_JSON_SCHEMA);
	json_put_number(builder, made, "version", RENDER_JSON_VERSION);
	json_put_text(builder, made, "program", "wq-demo " PACKAGE_VERSION);
	json_put_text(builder, made, "verdict", verdict_name(verdict));
	json_put_text(builder, made, "reason", reason.text);
	json_put_flag(builder, made, "complete", result->end == RUN_COMPLETE);
	if (result->failure.text[0])
		json_put_text(builder, made, "failure", result->failure.text);
	json_put_number(builder, made, "elapsed_ns", result->end_ns - result->start_ns);
	json_put_number(builder, made, "bring_ups", result_bring_ups(result));
	json_put_number(builder, made, "cycles", result->cycles_done);
	put_counts(builder, made, &totals.counts, totals.unresolved, totals.data_errors);
	if (result->has_dropped)
		json_put_number(builder, made, "messages_dropped", result->dropped);
	json_put_number(builder, made, "stranded_steady", result->stranded_steady);
	if (result->dmatest && result->parameters.depth == 1)
		json_put_number(builder, made, "timed_out_no_interrupt", totals.unannounced);
	json_put_number(builder, made, "interrupts", totals.interrupts);
	json_put_number(builder, made, "interrupts_spurious", totals.interrupts_spurious);

	if (result->first_loss.known)
		json_put(builder, made, "first_loss", first_loss_object(builder, result));
	json_put(builder, made, "parameters", parameters_object(builder, &result->parameters));
	json_put(builder, made, "device_info", device_object(builder, result));
	for (unsigned int i = 0; i < result->queue_count; i++)
		json_append(builder, queues, queue_object(builder, result, &result->queues[i]));
	json_put(builder, made, "queues", queues);
	for (unsigned int i = 0; i < result->timeline.count; i++)
		json_append(builder, bring_ups,
			    bring_up_object(builder, result, &result->timeline.entries[i]));
	json_put(builder, made, "bring_up", bring_ups);
	for (unsigned int i = 0; i < result->note_count; i++)
		json_append(builder, notes, json_object_new_string(result->notes[i].text));
	json_put(builder, made, "data_error_notes", notes);
	return made;
}

char *render_json(const struct result *result)
{
	struct json_builder builder = { false };

	return json_build_text(&builder, result_object(&builder, result));
}

/* One line: @type, then members of @from: those in @keys, or all. */
static void print_line(struct json_builder *builder, FILE *stream, const char *type,
		       struct json_object *from, const char *const *keys)
{
	struct json_object *line = json_build_object(builder);
	const char *text;

	json_put_text(builder, line, "type", type);
	if (keys) {
		for (; *keys; keys++)
			json_put(builder, line, *keys,
				 json_object_get(json_object_object_get(from, *keys)));
	} else {
		json_object_object_foreach(from, key, value)
		{
			json_put(builder, line, key, json_object_get(value));
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

static void print_lines(struct json_builder *builder, FILE *stream, struct json_object *document)
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
		struct json_object *note = json_build_object(builder);

		json_put(builder, note, "note",
			 json_object_get(json_object_array_get_idx(notes, i)));
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
	struct json_builder builder = { false };
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
