// SPDX-License-Identifier: GPL-2.0-only
#include "custody_render.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json_builder.h"

/* A count in a column; what nobody has counted is a dash. */
#define CELL 24

static const char *cell(char text[CELL], bool known, uint64_t value)
{
	if (known)
		snprintf(text, CELL, "%" PRIu64, value);
	else
		snprintf(text, CELL, "-");
	return text;
}

/* A lower bound is marked as one. */
static const char *signals_cell(char text[CELL], const struct custody *custody,
				const struct custody_vector *vector)
{
	if (!vector->has_signals || custody->host_exact)
		return cell(text, vector->has_signals, vector->signals);
	snprintf(text, CELL, ">=%" PRIu64, vector->signals);
	return text;
}

static void print_places(const struct custody_vector *vector, FILE *stream)
{
	const char *separator = "  ";

	for (unsigned int i = 0; i < CUSTODY_HOPS; i++) {
		if (!vector->lost[i])
			continue;
		fprintf(stream, "%s%s %" PRIu64, separator, custody_hop_name((enum custody_hop)i),
			vector->lost[i]);
		separator = ", ";
	}
}

static void print_row(const struct custody *custody, const char *name,
		      const struct custody_vector *vector, FILE *stream)
{
	const struct custody_device *device = &vector->device;
	const struct custody_guest *guest = &vector->guest;
	const bool runs = guest->has_handler_runs;
	char cells[9][CELL];

	fprintf(stream, "%6s %9s %9s %8s %10s %10s %9s %11s %9s %8s", name,
		cell(cells[0], device->known, device->raised),
		cell(cells[1], device->known, device->delivered),
		cell(cells[2], device->known, device->dropped),
		signals_cell(cells[3], custody, vector), cell(cells[4], runs, guest->handler_runs),
		cell(cells[5], runs, guest->spurious),
		cell(cells[6], guest->known, guest->interrupted),
		cell(cells[7], guest->known, guest->stranded),
		cell(cells[8], guest->known, guest->missing));
	print_places(vector, stream);
	fputc('\n', stream);
}

static void print_table(const struct custody *custody, FILE *stream)
{
	char name[16];

	fprintf(stream, "%6s %-28s %-10s %-20s %s\n", "", "   device", "      host", "     guest",
		"     ledger");
	fprintf(stream, "%6s %9s %9s %8s %10s %10s %9s %11s %9s %8s  %s\n", "vector", "raised",
		"delivered", "dropped", "signals", "handled", "spurious", "interrupted", "stranded",
		"missing", "lost where");
	for (unsigned int i = 0; i < custody->count; i++) {
		snprintf(name, sizeof(name), "%u", custody->vectors[i].vector);
		print_row(custody, name, &custody->vectors[i], stream);
	}
	print_row(custody, "queues", &custody->total, stream);
}

/* What one has to know about the columns that are missing or not exact. */
static void print_notes(const struct custody *custody, FILE *stream)
{
	if (!custody->has_device)
		fputs("device: no counts of it\n", stream);
	if (!custody->has_host)
		fputs("host: no counts of it\n", stream);
	else if (!custody->host_exact)
		fputs("host: its counts were sampled: they are lower bounds\n", stream);
	if (custody->total.bypassed)
		fputs("host: more handlers ran in the guest than its vfio-pci has signalled:\n"
		      "      its counts say nothing about these vectors\n",
		      stream);
	if (custody->total.guest.unresolved)
		fprintf(stream, "ledger: %" PRIu64 " descriptors without an outcome\n",
			custody->total.guest.unresolved);
}

static void print_losses(const struct custody *custody, FILE *stream)
{
	const struct custody_vector *total = &custody->total;

	if (!custody_lost(custody))
		return;
	fprintf(stream, "%" PRIu64 " of %" PRIu64 " were lost:\n", custody_lost(custody),
		total->guest.descriptors);
	for (unsigned int i = 0; i < CUSTODY_HOPS; i++)
		if (total->lost[i])
			fprintf(stream, "%8" PRIu64 " %s\n", total->lost[i],
				custody_hop_text((enum custody_hop)i));
}

/* One sentence. */
static void reason(const struct custody *custody, char *text, size_t size)
{
	const struct custody_vector *total = &custody->total;
	unsigned int most = 0;

	for (unsigned int i = 1; i < CUSTODY_HOPS; i++)
		if (total->lost[i] > total->lost[most])
			most = i;
	if (custody_lost(custody))
		snprintf(text, size, "of %" PRIu64 " lost, %" PRIu64 " %s",
			 custody_lost(custody), total->lost[most],
			 custody_hop_text((enum custody_hop)most));
	else if (total->harmless)
		snprintf(text, size,
			 "the device dropped %" PRIu64
			 " messages, and only by chance another interrupt came in time",
			 total->harmless);
	else
		snprintf(text, size, "all %" PRIu64 " interrupts that were due have arrived",
			 total->guest.interrupted);
}

static const char *verdict_word(const struct custody *custody)
{
	return custody_verdict(custody) == CUSTODY_LOST ? "lost" : "accounted";
}

void custody_render_human(const struct custody *custody, FILE *stream)
{
	char text[256];

	print_table(custody, stream);
	fputc('\n', stream);
	print_notes(custody, stream);
	print_losses(custody, stream);
	reason(custody, text, sizeof(text));
	fprintf(stream, "verdict: %s: %s\n", verdict_word(custody), text);
}

/* ---- JSON --------------------------------------------------------------------- */

static struct json_object *device_object(struct json_builder *builder, bool cause,
					 const struct custody_device *device)
{
	struct json_object *made = json_build_object(builder);

	json_put_number(builder, made, "raised", device->raised);
	json_put_number(builder, made, "delivered", device->delivered);
	json_put_number(builder, made, "dropped", device->dropped);
	if (cause)
		json_put_number(builder, made, "dropped_msix_off", device->dropped_off);
	json_put_number(builder, made, "merged", device->merged);
	json_put_number(builder, made, "pending", device->pending);
	return made;
}

static struct json_object *guest_object(struct json_builder *builder,
					const struct custody_guest *guest)
{
	struct json_object *made = json_build_object(builder);

	if (guest->has_handler_runs) {
		json_put_number(builder, made, "interrupts", guest->handler_runs);
		json_put_number(builder, made, "interrupts_spurious", guest->spurious);
	}
	json_put_number(builder, made, "descriptors", guest->descriptors);
	json_put_number(builder, made, "interrupted", guest->interrupted);
	json_put_number(builder, made, "polled", guest->polled);
	json_put_number(builder, made, "stranded", guest->stranded);
	json_put_number(builder, made, "missing", guest->missing);
	json_put_number(builder, made, "unresolved", guest->unresolved);
	return made;
}

/* Into @made, what is known of @vector. */
static void put_vector(struct json_builder *builder, struct json_object *made,
		       const struct custody *custody, const struct custody_vector *vector)
{
	struct json_object *lost = json_build_object(builder);

	if (vector->device.known)
		json_put(builder, made, "device",
			 device_object(builder, custody->has_cause, &vector->device));
	if (vector->has_signals) {
		json_put_number(builder, made, "signals", vector->signals);
		json_put_flag(builder, made, "bypassed", vector->bypassed);
	}
	if (!vector->guest.known) {
		json_object_put(lost);
		return;
	}
	json_put(builder, made, "guest", guest_object(builder, &vector->guest));
	for (unsigned int i = 0; i < CUSTODY_HOPS; i++)
		json_put_number(builder, lost, custody_hop_name((enum custody_hop)i),
				vector->lost[i]);
	json_put(builder, made, "lost", lost);
	json_put_number(builder, made, "harmless", vector->harmless);
}

char *custody_render_json(const struct custody *custody)
{
	struct json_builder builder = { false };
	struct json_object *made = json_build_object(&builder);
	struct json_object *total = json_build_object(&builder);
	struct json_object *vectors = json_build_array(&builder);
	char text[256];

	json_put_text(&builder, made, "schema", CUSTODY_SCHEMA);
	json_put_number(&builder, made, "version", CUSTODY_VERSION);
	json_put_text(&builder, made, "program", "wq-demo " PACKAGE_VERSION);
	json_put_text(&builder, made, "verdict", verdict_word(custody));
	reason(custody, text, sizeof(text));
	json_put_text(&builder, made, "reason", text);
	json_put_number(&builder, made, "lost", custody_lost(custody));
	json_put_flag(&builder, made, "has_device", custody->has_device);
	json_put_flag(&builder, made, "has_host", custody->has_host);
	if (custody->has_host) {
		json_put_flag(&builder, made, "host_exact", custody->host_exact);
		json_put_text(&builder, made, "vfio_pci", custody->host_driver);
	}
	put_vector(&builder, total, custody, &custody->total);
	json_put(&builder, made, "queues", total);
	for (unsigned int i = 0; i < custody->count; i++) {
		struct json_object *one = json_build_object(&builder);

		json_put_number(&builder, one, "vector", custody->vectors[i].vector);
		put_vector(&builder, one, custody, &custody->vectors[i]);
		json_append(&builder, vectors, one);
	}
	json_put(&builder, made, "vectors", vectors);
	return json_build_text(&builder, made);
}
