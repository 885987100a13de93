/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters of device and server as JSON.
 *
 * Top level: raised, delivered, dropped, merged, pending (sums over the
 * vectors, raised being the sum of the others), vectors[], queues[], faults[],
 * dma{}, clients, resets, requests, refused, protocol_errors, and the settings of
 * this run: profile, msix_entries, msix_disabled, service_time_ns{}.
 */
#ifndef DSA_MODEL_STATS_H
#define DSA_MODEL_STATS_H

#include <stdint.h>

#include "device.h"
#include "dma_map.h"

struct json_object;

/**
 * struct server_counters - what the server counts, from its start; read from any thread
 * @clients: connections that exchanged VERSION
 * @turned_away: connections closed because a client was being served
 * @requests: whole messages received
 * @refused: requests answered with an error, or not answered because they were
 *	posted, and wrong
 * @protocol_errors: connections closed because of what the client sent
 */
struct server_counters {
	_Atomic uint64_t clients;
	_Atomic uint64_t turned_away;
	_Atomic uint64_t requests;
	_Atomic uint64_t refused;
	_Atomic uint64_t protocol_errors;
};

/* Where the numbers come from. */
struct stats_sources {
	const struct dsa_device_params *params;
	struct dsa_device *device;
	struct dma_map *dma;
	const struct server_counters *counters;
	const _Atomic uint64_t *resets;
};

/* The faults of a device, and what they did: a new array. */
struct json_object *stats_faults(struct dsa_device *device);

/* A new object, to be released with json_object_put(). NULL: out of memory. */
struct json_object *stats_collect(const struct stats_sources *sources);

/**
 * stats_write - write them to a file
 *
 * A reader finds the old or the new text, never a part: a temporary file beside
 * @path takes its place. Errors are reported with log_error().
 *
 * Return: 0 or a negative errno.
 */
int stats_write(const char *path, const struct stats_sources *sources);

#endif /* DSA_MODEL_STATS_H */
