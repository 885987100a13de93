// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages: send, keep pending, merge or drop - and count which.
 *
 * PCI Express 6.1.4: a masked entry must remember its message, a function with
 * MSI-X disabled may forget it. The masks of single entries are emulated by the
 * VMM and never seen here; an entry without a trigger counts as masked.
 */
#include <errno.h>

#include "device_private.h"

static bool can_send(const struct dsa_vectors *vs)
{
	return vs->enable && !vs->function_mask && vs->bus_master;
}

/* The message that dsa_device_params.drop names: the nth that is about to leave. */
static bool drop_on_demand(struct dsa_vectors *vs, unsigned int vector)
{
	if (vs->on_demand_done || !vs->drop.nth || vs->drop.vector != vector)
		return false;
	if (vs->stats[vector].delivered + 1 != vs->drop.nth)
		return false;
	vs->on_demand_done = true;
	return true;
}

/* One message that may leave. True if it need not wait any more. */
static bool send(struct dsa_vectors *vs, unsigned int vector)
{
	struct dsa_vector_stats *stats = &vs->stats[vector];
	int ret;

	if (drop_on_demand(vs, vector)) {
		stats->dropped++;
		return true;
	}

	ret = vs->ops->signal(vs->host, vector);
	if (ret == 0)
		return false;
	if (ret > 0)
		stats->delivered++;
	else
		stats->dropped++;
	return true;
}

static void send_pending(struct dsa_vectors *vs, unsigned int vector)
{
	if (can_send(vs) && vs->stats[vector].pending && send(vs, vector))
		vs->stats[vector].pending = 0;
}

static void forget_all(struct dsa_vectors *vs)
{
	unsigned int v;

	for (v = 0; v < vs->count; v++) {
		vs->stats[v].dropped += vs->stats[v].pending;
		vs->stats[v].pending = 0;
	}
}

void dsa_vectors_raise(struct dsa_vectors *vs, unsigned int vector)
{
	struct dsa_vector_stats *stats;

	assert(vector < vs->count);
	stats = &vs->stats[vector];
	pthread_mutex_lock(&vs->lock);
	stats->raised++;
	if (!vs->bus_master ||
	    (!vs->enable && vs->when_disabled == DSA_MSIX_DISABLED_DROP))
		stats->dropped++;
	else if (stats->pending)
		stats->merged++;
	else if (!can_send(vs) || !send(vs, vector))
		stats->pending = 1;
	pthread_mutex_unlock(&vs->lock);
}

void dsa_vectors_control(struct dsa_vectors *vs, bool enable, bool function_mask,
			 bool bus_master)
{
	unsigned int v;

	pthread_mutex_lock(&vs->lock);
	vs->enable = enable;
	vs->function_mask = function_mask;
	vs->bus_master = bus_master;
	if (!enable && vs->when_disabled == DSA_MSIX_DISABLED_DROP)
		forget_all(vs);
	for (v = 0; v < vs->count; v++)
		send_pending(vs, v);
	pthread_mutex_unlock(&vs->lock);
}

void dsa_vectors_forget(struct dsa_vectors *vs)
{
	pthread_mutex_lock(&vs->lock);
	forget_all(vs);
	pthread_mutex_unlock(&vs->lock);
}

void dsa_vectors_bound(struct dsa_vectors *vs, unsigned int vector)
{
	if (vector >= vs->count)
		return;
	pthread_mutex_lock(&vs->lock);
	send_pending(vs, vector);
	pthread_mutex_unlock(&vs->lock);
}

void dsa_vectors_stats(struct dsa_vectors *vs, unsigned int vector,
		       struct dsa_vector_stats *stats)
{
	pthread_mutex_lock(&vs->lock);
	*stats = vs->stats[vector];
	pthread_mutex_unlock(&vs->lock);
}

int dsa_vectors_init(struct dsa_vectors *vs, const struct dsa_device_params *params,
		     const struct dsa_host_ops *ops, void *host)
{
	vs->count = params->msix_entries ? params->msix_entries : DSA_MSIX_VECTORS;
	if (vs->count > DSA_MSIX_ENTRIES_MAX)
		return -EINVAL;
	if (params->drop.nth && params->drop.vector >= vs->count)
		return -EINVAL;
	vs->ops = ops;
	vs->host = host;
	vs->when_disabled = params->msix_disabled;
	vs->drop = params->drop;
	return -pthread_mutex_init(&vs->lock, NULL);
}

void dsa_vectors_destroy(struct dsa_vectors *vs)
{
	pthread_mutex_destroy(&vs->lock);
}
