// SPDX-License-Identifier: GPL-2.0-only
#include "custody_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "custody_host.h"
#include "json_reader.h"
#include "ledger.h"
#include "render.h"

#define GUEST_KIND "a result of wq-demo run"
#define HOST_KIND "a document of wq-demo custody --host"
#define DEVICE_KIND "statistics of dsa-model"

/* Every vector there can be, until it is known which ones somebody has counted. */
struct table {
	struct custody_vector vectors[CUSTODY_VECTORS_MAX];
	bool seen[CUSTODY_VECTORS_MAX];
};

static void at_element(struct json_reader *reader, const char *list, size_t index)
{
	snprintf(reader->where, sizeof(reader->where), "%s[%zu]", list, index);
}

static bool not_the_sum(struct json_reader *reader, struct json_object *document, const char *key,
			uint64_t sum, const char *of)
{
	char what[80];

	if (json_number(reader, document, key) == sum)
		return false;
	snprintf(what, sizeof(what), "is not the sum of the %s", of);
	json_complain(reader, key, what);
	return true;
}

/* ---- The guest ---------------------------------------------------------------- */

static void read_queue(struct json_reader *reader, struct json_object *queue, struct table *table,
		       struct custody_guest *sum)
{
	const unsigned int vector = json_small_number(reader, queue, "vector", CUSTODY_VECTORS_MAX);
	struct custody_guest *guest = &table->vectors[vector].guest;
	struct custody_guest one = { .known = true };
	uint64_t timed_out = 0;

	one.descriptors = json_number(reader, queue, "descriptors");
	one.interrupted = json_number(reader, queue, "interrupted");
	one.polled = json_number(reader, queue, "polled");
	one.stranded = json_number(reader, queue, "stranded");
	one.missing = json_number(reader, queue, "missing");
	one.unresolved = json_number(reader, queue, "unresolved");
	if (json_has(queue, "timed_out"))
		timed_out = json_number(reader, queue, "timed_out");
	one.timed_out = timed_out;
	/* The others' came, if late. */
	if (json_has(queue, "timed_out_no_interrupt"))
		one.timed_out = json_number(reader, queue, "timed_out_no_interrupt");
	/* Not every driver has a handler that counts. */
	if (json_has(queue, "interrupts")) {
		one.has_handler_runs = true;
		one.handler_runs = json_number(reader, queue, "interrupts");
		one.spurious = json_number(reader, queue, "interrupts_spurious");
	}
	if (one.descriptors !=
	    one.interrupted + one.polled + one.stranded + one.missing + one.unresolved + timed_out)
		json_complain(reader, "descriptors", "is not the sum of their outcomes");
	if (one.timed_out > timed_out)
		json_complain(reader, "timed_out_no_interrupt", "is more than timed_out");
	if (one.spurious > one.handler_runs)
		json_complain(reader, "interrupts_spurious", "is more than interrupts");
	if (reader->error)
		return;
	table->seen[vector] = true;
	guest->has_handler_runs =
		one.has_handler_runs && (!guest->known || guest->has_handler_runs);
	guest->known = true;
	guest->handler_runs += one.handler_runs;
	guest->spurious += one.spurious;
	guest->descriptors += one.descriptors;
	guest->interrupted += one.interrupted + timed_out - one.timed_out;
	guest->timed_out += one.timed_out;
	guest->polled += one.polled;
	guest->stranded += one.stranded;
	guest->missing += one.missing;
	guest->unresolved += one.unresolved;
	sum->descriptors += one.descriptors;
	sum->interrupted += one.interrupted;
	sum->stranded += one.stranded;
	sum->missing += one.missing;
}

static void read_guest(struct json_reader *reader, struct json_object *document,
		       struct table *table)
{
	struct custody_guest sum = { 0 };
	struct json_object *queues;

	if (!json_expect_schema(reader, document, RENDER_JSON_SCHEMA, RENDER_JSON_VERSION,
				GUEST_KIND))
		return;
	queues = json_member(reader, document, "queues", json_type_array);
	for (size_t i = 0; queues && i < json_object_array_length(queues) && !reader->error; i++) {
		at_element(reader, "queues", i);
		read_queue(reader, json_object_array_get_idx(queues, i), table, &sum);
	}
	if (reader->error)
		return;
	reader->where[0] = '\0';
	if (not_the_sum(reader, document, "descriptors", sum.descriptors, "queues") ||
	    not_the_sum(reader, document, "interrupted", sum.interrupted, "queues") ||
	    not_the_sum(reader, document, "stranded", sum.stranded, "queues"))
		return;
	not_the_sum(reader, document, "missing", sum.missing, "queues");
}

/* ---- The host ----------------------------------------------------------------- */

static void read_host_vector(struct json_reader *reader, struct json_object *object,
			     struct table *table, uint64_t *sum)
{
	const unsigned int vector =
		json_small_number(reader, object, "vector", CUSTODY_VECTORS_MAX);
	const uint64_t signals = json_number(reader, object, "signals");

	if (reader->error)
		return;
	if (table->vectors[vector].has_signals) {
		json_complain(reader, "vector", "is there twice");
		return;
	}
	table->seen[vector] = true;
	table->vectors[vector].has_signals = true;
	table->vectors[vector].signals = signals;
	*sum += signals;
}

static void read_host(struct json_reader *reader, struct json_object *document,
		      struct custody *custody, struct table *table)
{
	struct json_object *vectors, *driver, *exact;
	uint64_t sum = 0;

	if (!json_expect_schema(reader, document, CUSTODY_HOST_SCHEMA, CUSTODY_HOST_VERSION,
				HOST_KIND))
		return;
	driver = json_member(reader, document, "vfio_pci", json_type_object);
	exact = json_member(reader, document, "exact", json_type_boolean);
	vectors = json_member(reader, document, "vectors", json_type_array);
	if (reader->error)
		return;
	custody->has_host = true;
	custody->host_exact = json_object_get_boolean(exact);
	snprintf(custody->host_driver, sizeof(custody->host_driver), "%s",
		 json_text(reader, driver, "driver"));
	for (size_t i = 0; i < json_object_array_length(vectors) && !reader->error; i++) {
		at_element(reader, "vectors", i);
		read_host_vector(reader, json_object_array_get_idx(vectors, i), table, &sum);
	}
	if (reader->error)
		return;
	reader->where[0] = '\0';
	not_the_sum(reader, document, "signals", sum, "vectors");
}

/* ---- The device --------------------------------------------------------------- */

static void read_device_counts(struct json_reader *reader, struct json_object *object,
			       struct custody_device *device, bool *cause)
{
	device->raised = json_number(reader, object, "raised");
	device->delivered = json_number(reader, object, "delivered");
	device->dropped = json_number(reader, object, "dropped");
	device->merged = json_number(reader, object, "merged");
	device->pending = json_number(reader, object, "pending");
	device->dropped_off = 0;
	*cause &= json_has(object, "dropped_msix_off");
	if (*cause)
		device->dropped_off = json_number(reader, object, "dropped_msix_off");
	if (device->raised !=
	    device->delivered + device->dropped + device->merged + device->pending)
		json_complain(reader, "raised",
			      "is not the sum of delivered, dropped, merged and "
			      "pending");
	if (device->dropped_off > device->dropped)
		json_complain(reader, "dropped_msix_off", "is more than dropped");
}

/* What @before has is taken away; what waits is of now. */
static void subtract(struct json_reader *reader, struct custody_device *device,
		     const struct custody_device *before)
{
	if (device->raised < before->raised || device->delivered < before->delivered ||
	    device->dropped < before->dropped || device->merged < before->merged ||
	    device->dropped_off < before->dropped_off) {
		json_complain(reader, "", "counts less than the document from before the run");
		return;
	}
	device->raised -= before->raised;
	device->delivered -= before->delivered;
	device->dropped -= before->dropped;
	device->dropped_off -= before->dropped_off;
	device->merged -= before->merged;
}

static void read_device(struct json_reader *reader, struct json_object *document,
			struct custody *custody, struct custody_device *devices)
{
	struct json_object *vectors = json_member(reader, document, "vectors", json_type_array);
	struct custody_device sum = { 0 };
	bool cause = true;

	for (size_t i = 0; vectors && i < json_object_array_length(vectors) && !reader->error;
	     i++) {
		struct json_object *object = json_object_array_get_idx(vectors, i);
		struct custody_device one = { .known = true };
		unsigned int vector;

		at_element(reader, "vectors", i);
		vector = json_small_number(reader, object, "vector", CUSTODY_VECTORS_MAX);
		read_device_counts(reader, object, &one, &cause);
		if (reader->error)
			return;
		if (devices[vector].known)
			json_complain(reader, "vector", "is there twice");
		devices[vector] = one;
		sum.raised += one.raised;
		sum.delivered += one.delivered;
		sum.dropped += one.dropped;
	}
	if (reader->error)
		return;
	reader->where[0] = '\0';
	custody->has_device = true;
	custody->has_cause = cause;
	if (not_the_sum(reader, document, "raised", sum.raised, "vectors") ||
	    not_the_sum(reader, document, "delivered", sum.delivered, "vectors"))
		return;
	not_the_sum(reader, document, "dropped", sum.dropped, "vectors");
}

/* ---- All of them -------------------------------------------------------------- */

enum part { PART_GUEST, PART_HOST, PART_DEVICE, PART_DEVICE_BEFORE };

static int load_part(struct custody *custody, enum part part, const char *path, struct table *table,
		     struct custody_device *devices, struct problem *problem)
{
	static const char *const kinds[] = { GUEST_KIND, HOST_KIND, DEVICE_KIND, DEVICE_KIND };
	struct json_reader reader = { .path = path, .problem = problem };
	struct json_object *document;
	int error = json_read_file(path, kinds[part], &document, problem);

	if (error)
		return error;
	if (part == PART_GUEST)
		read_guest(&reader, document, table);
	else if (part == PART_HOST)
		read_host(&reader, document, custody, table);
	else if (json_has(document, "schema"))
		json_complain(&reader, "", "is not " DEVICE_KIND ": it has a schema");
	else
		read_device(&reader, document, custody, devices);
	json_object_put(document);
	return reader.error;
}

static int load_device(struct custody *custody, const struct custody_paths *paths,
		       struct table *table, struct problem *problem)
{
	struct json_reader reader = { .path = paths->device, .problem = problem };
	struct custody_device *devices = calloc(2 * CUSTODY_VECTORS_MAX, sizeof(*devices));
	struct custody_device *before;
	bool cause;
	int error;

	if (!devices)
		return problem_set(problem, -ENOMEM, "out of memory");
	before = devices + CUSTODY_VECTORS_MAX;
	error = load_part(custody, PART_DEVICE, paths->device, table, devices, problem);
	cause = custody->has_cause;
	if (!error && paths->device_before)
		error = load_part(custody, PART_DEVICE_BEFORE, paths->device_before, table, before,
				  problem);
	/* Only what both say can be told apart. */
	custody->has_cause &= cause;
	for (unsigned int i = 0; i < CUSTODY_VECTORS_MAX && !error; i++) {
		if (!custody->has_cause)
			devices[i].dropped_off = before[i].dropped_off = 0;
		at_element(&reader, "vector", i);
		subtract(&reader, &devices[i], &before[i]);
		table->vectors[i].device = devices[i];
		table->seen[i] |= devices[i].raised > 0;
		error = reader.error;
	}
	free(devices);
	return error;
}

static int keep_seen(struct custody *custody, struct table *table, struct problem *problem)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < CUSTODY_VECTORS_MAX; i++)
		count += table->seen[i];
	custody->vectors = calloc(count + 1, sizeof(*custody->vectors));
	if (!custody->vectors)
		return problem_set(problem, -ENOMEM, "out of memory");
	for (unsigned int i = 0; i < CUSTODY_VECTORS_MAX; i++) {
		if (!table->seen[i])
			continue;
		table->vectors[i].vector = i;
		/* Exact counts have every vector; one that is not there was never signalled. */
		table->vectors[i].has_signals |= custody->host_exact;
		custody->vectors[custody->count++] = table->vectors[i];
	}
	return 0;
}

int custody_load(struct custody *custody, const struct custody_paths *paths,
		 struct problem *problem)
{
	struct table *table = calloc(1, sizeof(*table));
	int error;

	*custody = (struct custody){ 0 };
	if (!table)
		return problem_set(problem, -ENOMEM, "out of memory");
	error = load_part(custody, PART_GUEST, paths->guest, table, NULL, problem);
	if (!error && paths->host)
		error = load_part(custody, PART_HOST, paths->host, table, NULL, problem);
	if (!error && paths->device)
		error = load_device(custody, paths, table, problem);
	if (!error)
		error = keep_seen(custody, table, problem);
	free(table);
	return error;
}
