// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "report.h"

/* The outermost object keeps all others. */
struct report {
	struct json_object *root;
};

static int add(struct json_object *object, const char *key, struct json_object *value)
{
	if (!value)
		return -ENOMEM;
	return json_object_object_add(object, key, value) ? -ENOMEM : 0;
}

static int add_number(struct json_object *object, const char *key, uint64_t value)
{
	return add(object, key, json_object_new_uint64(value));
}

struct report *report_create(const struct lab *lab)
{
	struct report *report = malloc(sizeof(*report));
	struct json_object *root = json_object_new_object();
	const struct settings *s = lab->settings;
	struct utsname name;

	uname(&name);
	if (!report || !root || add(root, "kernel", json_object_new_string(name.release)) ||
	    add(root, "vfio_pci", json_object_new_string(s->phase)) ||
	    add_number(root, "vectors", lab->vfio.vectors) ||
	    add(root, "noresize", json_object_new_boolean(lab->vfio.noresize)) ||
	    add_number(root, "confirm_ns", s->confirm_ns) ||
	    add(root, "operations", json_object_new_array())) {
		json_object_put(root);
		free(report);
		return NULL;
	}
	report->root = root;
	printf("%-36s %10s %6s %15s %12s\n", "operation", "interrupts", "lost", "bindings kept",
	       "ns per call");
	return report;
}

void report_destroy(struct report *report)
{
	json_object_put(report->root);
	free(report);
}

static void print(const struct operation *operation, const struct figures *f, uint64_t lost,
		  uint64_t mean)
{
	char kept[48];

	snprintf(kept, sizeof(kept), "%llu of %llu", (unsigned long long)f->kept,
		 (unsigned long long)f->bindings);
	printf("%-36s %10llu %6llu %15s %12llu%s%s\n", operation->title,
	       (unsigned long long)f->counts.raised, (unsigned long long)lost, kept,
	       (unsigned long long)mean, f->note[0] ? "  " : "", f->note);
	fflush(stdout);
}

int report_add(struct report *report, const struct operation *operation, const struct figures *f)
{
	struct json_object *list, *item = json_object_new_object();
	uint64_t mean = f->calls ? f->nanoseconds / f->calls : 0;
	uint64_t lost = f->counts.lost - f->counts.late;

	if (!item || add(item, "name", json_object_new_string(operation->name)) ||
	    add(item, "title", json_object_new_string(operation->title)) ||
	    add_number(item, "interrupts", f->counts.raised) || add_number(item, "lost", lost) ||
	    add_number(item, "kept", f->kept) || add_number(item, "bindings", f->bindings) ||
	    add_number(item, "nanoseconds", mean) || add_number(item, "calls", f->calls) ||
	    add_number(item, "worst_nanoseconds", f->worst) ||
	    add_number(item, "accepted", f->accepted) ||
	    add_number(item, "late", f->counts.late) ||
	    add_number(item, "extra", f->counts.extra) ||
	    add_number(item, "stray", f->counts.stray) ||
	    add(item, "note", json_object_new_string(f->note)))
		goto no_memory;
	print(operation, f, lost, mean);
	list = json_object_object_get(report->root, "operations");
	if (json_object_array_add(list, item))
		goto no_memory;
	return 0;
no_memory:
	json_object_put(item);
	return -ENOMEM;
}

int report_write(const struct report *report, const char *path)
{
	if (json_object_to_file_ext(path, report->root, JSON_C_TO_STRING_PRETTY))
		return errno ? -errno : -EIO;
	return 0;
}
