// SPDX-License-Identifier: GPL-2.0-only
#include "report_load.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "ledger.h"
#include "render.h"

/* Far beyond what a run writes; a wrong file is not to fill the memory. */
#define FILE_MAX (256U << 20)
#define BRING_UPS_MAX 1000000U
#define QUEUES_MAX 4096U

/**
 * struct reader - where in a document we are; the first error stays
 * @where: the way to the object that is read, for messages
 */
struct reader {
	const char *path;
	char where[80];
	struct problem *problem;
	int error;
};

static void complain(struct reader *reader, const char *key, const char *what)
{
	if (!reader->error)
		reader->error =
			problem_set(reader->problem, -EINVAL, "%s: %s%s%s %s", reader->path,
				    reader->where, *reader->where && *key ? "." : "", key, what);
}

static struct json_object *member(struct reader *reader, struct json_object *object,
				  const char *key, enum json_type type)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value)) {
		complain(reader, key, "is missing");
		return NULL;
	}
	if (!json_object_is_type(value, type)) {
		complain(reader, key,
			 type == json_type_int	    ? "is not an integer"
			 : type == json_type_string ? "is not a text"
			 : type == json_type_array  ? "is not a list"
			 : type == json_type_object ? "is not an object"
						    : "is not true or false");
		return NULL;
	}
	return value;
}

static uint64_t plain_number(struct reader *reader, struct json_object *value, const char *key)
{
	if (!json_object_is_type(value, json_type_int))
		complain(reader, key, "is not an integer");
	else if (json_object_get_int64(value) < 0)
		complain(reader, key, "is negative");
	else
		return json_object_get_uint64(value);
	return 0;
}

static uint64_t number(struct reader *reader, struct json_object *object, const char *key)
{
	struct json_object *value = member(reader, object, key, json_type_int);

	return value ? plain_number(reader, value, key) : 0;
}

/* Queues and vectors. */
static unsigned int small_number(struct reader *reader, struct json_object *object, const char *key,
				 unsigned int below)
{
	uint64_t value = number(reader, object, key);

	if (value < below)
		return (unsigned int)value;
	complain(reader, key, "is too large");
	return 0;
}

static const char *text(struct reader *reader, struct json_object *object, const char *key)
{
	struct json_object *value = member(reader, object, key, json_type_string);

	return value ? json_object_get_string(value) : "";
}

/* Room for the elements of a list of objects; NULL on error or if there are none. */
static void *elements(struct reader *reader, struct json_object *list, size_t size, size_t most)
{
	size_t count = json_object_array_length(list);
	void *made;

	if (count > most) {
		complain(reader, "", "has too many elements");
		return NULL;
	}
	made = count ? calloc(count, size) : NULL;
	if (count && !made && !reader->error)
		reader->error = problem_set(reader->problem, -ENOMEM, "out of memory");
	return made;
}

static void read_histogram(struct reader *reader, struct json_object *queue, const char *key,
			   struct histogram *histogram)
{
	struct json_object *object = member(reader, queue, key, json_type_object);
	struct json_object *buckets =
		object ? member(reader, object, "buckets", json_type_array) : NULL;
	uint64_t counted = 0;

	if (!buckets)
		return;
	histogram->count = number(reader, object, "count");
	histogram->min = number(reader, object, "min_ns");
	histogram->max = number(reader, object, "max_ns");
	histogram->sum = number(reader, object, "mean_ns") * histogram->count;
	for (size_t i = 0; i < json_object_array_length(buckets); i++) {
		struct json_object *pair = json_object_array_get_idx(buckets, i);
		uint64_t low, count;

		if (!json_object_is_type(pair, json_type_array) ||
		    json_object_array_length(pair) != 2) {
			complain(reader, key, "has a bucket that is not a pair");
			return;
		}
		low = plain_number(reader, json_object_array_get_idx(pair, 0), key);
		count = plain_number(reader, json_object_array_get_idx(pair, 1), key);
		histogram->bucket[histogram_index(low)] += count;
		counted += count;
	}
	if (counted != histogram->count)
		complain(reader, key, "has buckets that do not add up to its count");
}

static void read_timeline(struct reader *reader, struct json_object *object,
			  struct report_queue *queue)
{
	struct json_object *timeline, *counts;

	/* Results from before there was one can be read, too. */
	if (!json_object_object_get_ex(object, "timeline", NULL))
		return;
	timeline = member(reader, object, "timeline", json_type_object);
	counts = timeline ? member(reader, timeline, "completions", json_type_array) : NULL;
	if (!counts)
		return;
	queue->width_ns = number(reader, timeline, "interval_ns");
	queue->completions =
		elements(reader, counts, sizeof(*queue->completions), SERIES_INTERVALS);
	if (!queue->completions)
		return;
	queue->intervals = (unsigned int)json_object_array_length(counts);
	for (unsigned int i = 0; i < queue->intervals; i++)
		queue->completions[i] = plain_number(reader, json_object_array_get_idx(counts, i),
						     "timeline.completions");
	if (!queue->width_ns || queue->width_ns > UINT64_MAX / SERIES_INTERVALS)
		complain(reader, "timeline.interval_ns", "cannot be right");
}

static void read_losses(struct reader *reader, struct json_object *object,
			struct report_queue *queue)
{
	struct json_object *list;

	if (!json_object_object_get_ex(object, "lost", NULL))
		return;
	list = member(reader, object, "lost", json_type_array);
	queue->losses = list ? elements(reader, list, sizeof(*queue->losses), LOSSES_MAX) : NULL;
	if (!queue->losses)
		return;
	queue->loss_count = (unsigned int)json_object_array_length(list);
	for (unsigned int i = 0; i < queue->loss_count; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		struct loss *loss = &queue->losses[i];
		const char *outcome = text(reader, one, "outcome");

		loss->at_ns = number(reader, one, "at_ns");
		loss->until_ns = number(reader, one, "until_ns");
		loss->state = LEDGER_STRANDED;
		if (strcmp(outcome, "missing") == 0)
			loss->state = LEDGER_MISSING;
		else if (strcmp(outcome, "stranded") != 0)
			complain(reader, "lost", "has an unknown outcome");
		if (loss->until_ns < loss->at_ns)
			complain(reader, "lost", "has one that ends before it begins");
	}
}

static void read_queue(struct reader *reader, struct json_object *object,
		       struct report_queue *queue)
{
	queue->queue = small_number(reader, object, "queue", LEDGER_MAX_QUEUES);
	queue->vector = small_number(reader, object, "vector", 1 << 16);
	queue->descriptors = number(reader, object, "descriptors");
	queue->interrupted = number(reader, object, "interrupted");
	queue->late = number(reader, object, "late");
	queue->stranded = number(reader, object, "stranded");
	queue->missing = number(reader, object, "missing");
	read_histogram(reader, object, "latency_steady", &queue->steady);
	read_histogram(reader, object, "latency_bring_up", &queue->window);
	read_timeline(reader, object, queue);
	read_losses(reader, object, queue);
}

static void read_bring_up(struct reader *reader, struct json_object *object,
			  struct report_bring_up *bring_up)
{
	struct json_object *failed = member(reader, object, "failed", json_type_boolean);

	bring_up->queue = small_number(reader, object, "queue", LEDGER_MAX_QUEUES);
	bring_up->vector = small_number(reader, object, "vector", 1 << 16);
	bring_up->failed = failed && json_object_get_boolean(failed);
	bring_up->start_ns = number(reader, object, "start_ns");
	bring_up->request_irq_ns = number(reader, object, "request_irq_ns");
	bring_up->total_ns = number(reader, object, "total_ns");
	bring_up->stranded = number(reader, object, "stranded");
	bring_up->missing = number(reader, object, "missing");
}

static void read_queues(struct reader *reader, struct report *report)
{
	struct json_object *list = member(reader, report->document, "queues", json_type_array);

	report->queues = list ? elements(reader, list, sizeof(*report->queues), QUEUES_MAX) : NULL;
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

static void read_bring_ups(struct reader *reader, struct report *report)
{
	struct json_object *list = member(reader, report->document, "bring_up", json_type_array);

	report->bring_up =
		list ? elements(reader, list, sizeof(*report->bring_up), BRING_UPS_MAX) : NULL;
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
static void tell_rounds_apart(struct reader *reader, struct report *report)
{
	unsigned int round = 0;

	for (unsigned int i = 0; i < report->queue_count; i++) {
		round += i && report->queues[i].queue <= report->queues[i - 1].queue;
		report->queues[i].round = round;
	}
	if (report->queue_count && round + 1 != report->rounds)
		complain(reader, "queues", "cannot be told apart by rounds");
	round = 0;
	for (unsigned int i = 0; i < report->bring_up_count; i++) {
		round += i && report->bring_up[i].start_ns < report->bring_up[i - 1].start_ns;
		report->bring_up[i].round = round;
	}
	if (report->bring_up_count && round + 1 != report->rounds)
		complain(reader, "bring_up", "cannot be told apart by rounds");
}

static void read_rounds(struct reader *reader, struct report *report)
{
	struct json_object *list = NULL;
	uint64_t start = 0;

	report->rounds = 1;
	if (json_object_object_get_ex(report->document, "rounds", NULL))
		list = member(reader, report->document, "rounds", json_type_array);
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
		start += number(reader, json_object_array_get_idx(list, i), "elapsed_ns");
	}
	reader->where[0] = '\0';
	if (report->rounds > 1 && !reader->error)
		tell_rounds_apart(reader, report);
}

static void read_document(struct reader *reader, struct report *report)
{
	struct json_object *device;
	char known[64];

	/* What it is comes first: nothing else says anything about another document. */
	if (strcmp(text(reader, report->document, "schema"), RENDER_JSON_SCHEMA) != 0)
		complain(reader, "schema",
			 "is not \"" RENDER_JSON_SCHEMA "\": not a result of wq-demo run");
	if (reader->error)
		return;
	snprintf(known, sizeof(known), "is not %d, which is what this wq-demo reads",
		 RENDER_JSON_VERSION);
	if (number(reader, report->document, "version") != RENDER_JSON_VERSION)
		complain(reader, "version", known);
	if (reader->error)
		return;
	report->program = text(reader, report->document, "program");
	report->verdict = text(reader, report->document, "verdict");
	report->reason = text(reader, report->document, "reason");
	report->elapsed_ns = number(reader, report->document, "elapsed_ns");
	report->bring_ups = number(reader, report->document, "bring_ups");
	report->descriptors = number(reader, report->document, "descriptors");
	report->interrupted = number(reader, report->document, "interrupted");
	report->late = number(reader, report->document, "late");
	report->stranded = number(reader, report->document, "stranded");
	report->missing = number(reader, report->document, "missing");
	report->data_errors = number(reader, report->document, "data_errors");
	report->unresolved = number(reader, report->document, "unresolved");
	device = member(reader, report->document, "device_info", json_type_object);
	report->device = device ? text(reader, device, "dev") : "";
	report->driver = device ? text(reader, device, "driver_name") : "";
	read_queues(reader, report);
	read_bring_ups(reader, report);
	if (!reader->error)
		read_rounds(reader, report);
}

/* The whole file; a text to be freed. */
static int read_file(const char *path, char **content, size_t *length, struct problem *problem)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	char *made = NULL;
	size_t used = 0, room = 0;
	ssize_t got;
	int error = 0;

	if (fd < 0)
		return problem_set(problem, -errno, "cannot read %s: %s", path, strerror(errno));
	if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
		error = problem_set(problem, -EISDIR, "cannot read %s: it is a directory", path);
		goto close_file;
	}
	do {
		if (used == room) {
			char *larger = realloc(made, room ? 2 * room : 1 << 16);

			if (!larger) {
				error = problem_set(problem, -ENOMEM, "out of memory");
				goto close_file;
			}
			made = larger;
			room = room ? 2 * room : 1 << 16;
		}
		got = read(fd, made + used, room - used);
		if (got > 0)
			used += (size_t)got;
		if (got < 0 && errno != EINTR) {
			error = problem_set(problem, -errno, "cannot read %s: %s", path,
					    strerror(errno));
			goto close_file;
		}
		if (used > FILE_MAX) {
			error = problem_set(problem, -EFBIG,
					    "%s: larger than any result of wq-demo run", path);
			goto close_file;
		}
	} while (got);
	*content = made;
	*length = used;
	made = NULL;
close_file:
	free(made);
	close(fd);
	return error;
}

static bool blank(const char *content, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!strchr(" \t\r\n", content[i]) || !content[i])
			return false;
	return true;
}

static int parse(const char *path, const char *content, size_t length,
		 struct json_object **document, struct problem *problem)
{
	struct json_tokener *tokener;
	enum json_tokener_error why;
	size_t end;
	int error = 0;

	if (blank(content, length))
		return problem_set(problem, -EINVAL, "%s is empty", path);
	tokener = json_tokener_new();
	if (!tokener)
		return problem_set(problem, -ENOMEM, "out of memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	*document = json_tokener_parse_ex(tokener, content, (int)length);
	why = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	if (why == json_tokener_continue)
		error = problem_set(problem, -EINVAL,
				    "%s ends in the middle of the JSON document: was it cut off?",
				    path);
	else if (why != json_tokener_success || !blank(content + end, length - end))
		error = problem_set(problem, -EINVAL, "%s is not JSON: byte %zu: %s", path, end,
				    why == json_tokener_success
					    ? "the document is over, the file is not"
					    : json_tokener_error_desc(why));
	else if (!json_object_is_type(*document, json_type_object))
		error = problem_set(problem, -EINVAL, "%s is not a result of wq-demo run", path);
	if (error) {
		json_object_put(*document);
		*document = NULL;
	}
	json_tokener_free(tokener);
	return error;
}

int report_load(struct report *report, const char *path, struct problem *problem)
{
	struct reader reader = { .path = path, .problem = problem };
	char *content = NULL;
	size_t length = 0;
	int error;

	*report = (struct report){ .path = path };
	error = read_file(path, &content, &length, problem);
	if (error)
		return error;
	error = parse(path, content, length, &report->document, problem);
	free(content);
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
