// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault_text.h"
#include "log.h"
#include "stats.h"

static void add_count(struct json_object *object, const char *key, uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

static void add_vector_counts(struct json_object *object, const struct dsa_vector_stats *v)
{
	add_count(object, "raised", v->raised);
	add_count(object, "delivered", v->delivered);
	add_count(object, "dropped", v->dropped);
	add_count(object, "dropped_msix_off", v->dropped_off);
	add_count(object, "merged", v->merged);
	add_count(object, "pending", v->pending);
}

static void add_vectors(struct json_object *root, struct dsa_device *device)
{
	struct json_object *list = json_object_new_array();
	struct dsa_vector_stats sum = { 0 }, one;
	unsigned int i;

	for (i = 0; i < dsa_device_vectors(device); i++) {
		struct json_object *item;

		if (dsa_device_vector_stats(device, i, &one))
			continue;
		sum.raised += one.raised;
		sum.delivered += one.delivered;
		sum.dropped += one.dropped;
		sum.dropped_off += one.dropped_off;
		sum.merged += one.merged;
		sum.pending += one.pending;
		item = json_object_new_object();
		add_count(item, "vector", i);
		add_vector_counts(item, &one);
		json_object_array_add(list, item);
	}
	add_vector_counts(root, &sum);
	json_object_object_add(root, "vectors", list);
}

static void add_queues(struct json_object *root, struct dsa_device *device)
{
	struct json_object *list = json_object_new_array();
	unsigned int i;

	for (i = 0; i < dsa_device_wqs(device); i++) {
		struct json_object *item;
		struct dsa_wq_stats wq;

		if (dsa_device_wq_stats(device, i, &wq))
			continue;
		item = json_object_new_object();
		add_count(item, "queue", i);
		add_count(item, "accepted", wq.accepted);
		add_count(item, "completed", wq.completed);
		add_count(item, "abandoned", wq.abandoned);
		add_count(item, "rejected", wq.rejected);
		json_object_array_add(list, item);
	}
	json_object_object_add(root, "queues", list);
}

static void add_dma(struct json_object *root, struct dma_map *dma)
{
	struct json_object *object = json_object_new_object();
	struct dma_stats stats;

	dma_map_stats(dma, &stats);
	add_count(object, "maps", stats.maps);
	add_count(object, "peak_maps", stats.peak_maps);
	add_count(object, "added", stats.added);
	add_count(object, "removed", stats.removed);
	add_count(object, "files", stats.files);
	add_count(object, "memory", stats.memory);
	add_count(object, "faults", stats.faults);
	json_object_object_add(root, "dma", object);
}

static void add_settings(struct json_object *root, const struct dsa_device_params *params,
			 struct dsa_device *device)
{
	bool drop = dsa_device_msix_disabled(device) == DSA_MSIX_DISABLED_DROP;
	struct json_object *object;

	json_object_object_add(root, "profile", json_object_new_string(params->profile));
	add_count(root, "msix_entries", dsa_device_vectors(device));
	json_object_object_add(root, "msix_disabled",
			       json_object_new_string(drop ? "drop" : "latch"));
	object = json_object_new_object();
	add_count(object, "min", params->service.min_ns);
	add_count(object, "max", params->service.max_ns);
	add_count(object, "seed", params->service.seed);
	json_object_object_add(root, "service_time_ns", object);
}

struct json_object *stats_faults(struct dsa_device *device)
{
	struct dsa_fault_state states[DSA_FAULTS_MAX];
	unsigned int i, count = dsa_device_fault_list(device, states, DSA_FAULTS_MAX);
	struct json_object *list = json_object_new_array();
	char text[FAULT_TEXT_SIZE];

	for (i = 0; i < count; i++) {
		struct json_object *item = json_object_new_object();

		fault_format(&states[i].fault, text);
		add_count(item, "id", states[i].id);
		json_object_object_add(item, "fault", json_object_new_string(text));
		add_count(item, "seen", states[i].seen);
		add_count(item, "hits", states[i].hits);
		json_object_array_add(list, item);
	}
	return list;
}

struct json_object *stats_collect(const struct stats_sources *sources)
{
	const struct server_counters *counters = sources->counters;
	struct json_object *root = json_object_new_object();

	if (!root)
		return NULL;
	add_settings(root, sources->params, sources->device);
	add_vectors(root, sources->device);
	add_queues(root, sources->device);
	json_object_object_add(root, "faults", stats_faults(sources->device));
	add_dma(root, sources->dma);
	add_count(root, "clients", counters->clients);
	add_count(root, "turned_away", counters->turned_away);
	add_count(root, "resets", *sources->resets);
	add_count(root, "requests", counters->requests);
	add_count(root, "refused", counters->refused);
	add_count(root, "protocol_errors", counters->protocol_errors);
	return root;
}

/*
 * mkstemp() makes private files; this one is as open as any the user makes. The mask
 * can only be read by setting it, and several devices may be at it.
 */
static int apply_umask(int fd)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	mode_t mask;

	pthread_mutex_lock(&lock);
	mask = umask(0);
	umask(mask);
	pthread_mutex_unlock(&lock);
	return fchmod(fd, 0666 & ~mask);
}

static int write_text(int fd, const char *text)
{
	FILE *file = fdopen(fd, "w");
	int failed;

	if (!file) {
		close(fd);
		return -ENOMEM;
	}
	failed = fprintf(file, "%s\n", text) < 0;
	/* The first failure is the one to report; the file is closed either way. */
	if (failed)
		failed = errno;
	if (fclose(file) && !failed)
		failed = errno;
	return -failed;
}

static int replace_file(const char *path, const char *text)
{
	char *temporary;
	int fd, ret;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkstemp(temporary);
	if (fd < 0) {
		ret = -errno;
		goto free_name;
	}
	if (apply_umask(fd)) {
		ret = -errno;
		close(fd);
		goto remove_temporary;
	}
	ret = write_text(fd, text);
	if (!ret && rename(temporary, path))
		ret = -errno;
remove_temporary:
	if (ret)
		unlink(temporary);
free_name:
	free(temporary);
	return ret;
}

int stats_write(const char *path, const struct stats_sources *sources)
{
	struct json_object *root = stats_collect(sources);
	const char *text = NULL;
	int ret = -ENOMEM;

	if (root)
		text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY);
	if (text)
		ret = replace_file(path, text);
	json_object_put(root);
	if (ret)
		log_error("cannot write statistics to %s: %s", path, strerror(-ret));
	else
		log_detail("statistics written to %s", path);
	return ret;
}
