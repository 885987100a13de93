// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages: send, keep pending, merge or drop - and count which.
 *
 * PCI Express 6.1.4: a masked entry must remember its message, a function with
 * MSI-X disabled may forget it. The masks of single entries are emulated by the
 * VMM and never seen here; an entry without a trigger counts as masked.
 */
#include <errno.h>
#include <time.h>

#include "device_private.h"

static bool can_send(const struct dsa_vectors *vs)
{
	return vs->enable && !vs->function_mask && vs->bus_master;
}

/* Hand a message to its trigger, if there is one, and count what came of it. */
static int deliver(struct dsa_vectors *vs, unsigned int vector)
{
	struct dsa_vector_stats *stats = &vs->stats[vector];
	int ret = vs->ops->signal(vs->host, vector);

	stats->pending = !ret;
	if (ret > 0)
		stats->delivered++;
	else if (ret < 0)
		stats->dropped++;
	if (ret)
		vs->asked[vector] = DSA_NOT_ASKED;
	return ret;
}

static void lose(struct dsa_vectors *vs, unsigned int vector)
{
	vs->stats[vector].pending = 0;
	vs->stats[vector].dropped++;
	vs->asked[vector] = DSA_NOT_ASKED;
}

/* Pending, and not to leave before some time has passed. */
static void hold(struct dsa_vectors *vs, unsigned int vector, uint64_t ns)
{
	vs->stats[vector].pending = 1;
	vs->held_until[vector] = dsa_now_ns() + ns;
	pthread_cond_signal(&vs->held);
}

/* Faults are asked about each message once, when it could leave for the first time. */
static bool kept_back(struct dsa_vectors *vs, unsigned int vector)
{
	struct dsa_fault fault;

	if (vs->asked[vector] != DSA_NOT_ASKED)
		return false;
	vs->asked[vector] = DSA_ASKED;
	if (dsa_fault_hit(vs->faults, DSA_FAULT_DROP, DSA_FAULT_KEY_VECTOR, vector, NULL))
		lose(vs, vector);
	else if (dsa_fault_hit(vs->faults, DSA_FAULT_DELAY, DSA_FAULT_KEY_VECTOR, vector, &fault))
		hold(vs, vector, dsa_fault_time(&fault, 0));
	else
		return false;
	return true;
}

static void duplicate(struct dsa_vectors *vs, unsigned int vector)
{
	struct dsa_fault fault;
	uint64_t ns;

	if (!dsa_fault_hit(vs->faults, DSA_FAULT_DUPLICATE, DSA_FAULT_KEY_VECTOR, vector, &fault))
		return;
	ns = dsa_fault_time(&fault, 0);
	vs->stats[vector].raised++;
	vs->asked[vector] = DSA_ASKED_COPY;
	if (ns)
		hold(vs, vector, ns);
	else
		deliver(vs, vector);
}

/* One message that may leave; afterwards it is pending, or gone. */
static void send(struct dsa_vectors *vs, unsigned int vector)
{
	bool copy = vs->asked[vector] == DSA_ASKED_COPY;

	if (kept_back(vs, vector))
		return;
	if (deliver(vs, vector) > 0 && !copy)
		duplicate(vs, vector);
}

static void send_pending(struct dsa_vectors *vs, unsigned int vector)
{
	if (can_send(vs) && vs->stats[vector].pending && !vs->held_until[vector])
		send(vs, vector);
}

static void forget(struct dsa_vectors *vs, unsigned int vector)
{
	vs->held_until[vector] = 0;
	if (vs->stats[vector].pending)
		lose(vs, vector);
}

/* Lost because MSI-X is off: by choice for the whole device, or on demand. */
static bool lost_while_disabled(struct dsa_vectors *vs, unsigned int vector)
{
	return vs->when_disabled == DSA_MSIX_DISABLED_DROP ||
	       dsa_fault_hit(vs->faults, DSA_FAULT_DROP_DISABLED, DSA_FAULT_KEY_VECTOR, vector,
			     NULL);
}

void dsa_vectors_raise(struct dsa_vectors *vs, unsigned int vector)
{
	struct dsa_vector_stats *stats;

	assert(vector < vs->count);
	stats = &vs->stats[vector];
	pthread_mutex_lock(&vs->lock);
	stats->raised++;
	if (!vs->bus_master || (!vs->enable && lost_while_disabled(vs, vector))) {
		stats->dropped++;
		stats->dropped_off++;
	} else if (stats->pending) {
		stats->merged++;
	} else {
		stats->pending = 1;
		send_pending(vs, vector);
		if (stats->pending && !vs->held_until[vector] &&
		    dsa_fault_hit(vs->faults, DSA_FAULT_FORGET, DSA_FAULT_KEY_VECTOR, vector, NULL))
			lose(vs, vector);
	}
	pthread_mutex_unlock(&vs->lock);
}

void dsa_vectors_control(struct dsa_vectors *vs, bool enable, bool function_mask,
			 bool bus_master)
{
	unsigned int v;

	pthread_mutex_lock(&vs->lock);
	for (v = 0; vs->enable && !enable && v < vs->count; v++)
		if (vs->stats[v].pending && lost_while_disabled(vs, v)) {
			forget(vs, v);
			vs->stats[v].dropped_off++;
		}
	vs->enable = enable;
	vs->function_mask = function_mask;
	vs->bus_master = bus_master;
	for (v = 0; v < vs->count; v++)
		send_pending(vs, v);
	pthread_mutex_unlock(&vs->lock);
}

void dsa_vectors_set_when_disabled(struct dsa_vectors *vs, enum dsa_msix_disabled behaviour)
{
	pthread_mutex_lock(&vs->lock);
	vs->when_disabled = behaviour;
	pthread_mutex_unlock(&vs->lock);
}

enum dsa_msix_disabled dsa_vectors_when_disabled(struct dsa_vectors *vs)
{
	enum dsa_msix_disabled behaviour;

	pthread_mutex_lock(&vs->lock);
	behaviour = vs->when_disabled;
	pthread_mutex_unlock(&vs->lock);
	return behaviour;
}

void dsa_vectors_forget(struct dsa_vectors *vs)
{
	unsigned int v;

	pthread_mutex_lock(&vs->lock);
	for (v = 0; v < vs->count; v++)
		forget(vs, v);
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

/* ---- Messages that are delayed ------------------------------------------- */

/* Let go what is due. Returns when the next is. */
static uint64_t let_go(struct dsa_vectors *vs, uint64_t now)
{
	uint64_t next = DSA_NO_DEADLINE;
	unsigned int v;

	for (v = 0; v < vs->count; v++) {
		if (vs->held_until[v] && vs->held_until[v] <= now) {
			vs->held_until[v] = 0;
			send_pending(vs, v);
		}
		if (vs->held_until[v] && vs->held_until[v] < next)
			next = vs->held_until[v];
	}
	return next;
}

static void *holder_main(void *arg)
{
	struct dsa_vectors *vs = arg;

	pthread_mutex_lock(&vs->lock);
	while (!vs->stopping) {
		uint64_t next = let_go(vs, dsa_now_ns());
		struct timespec ts = { .tv_sec = next / 1000000000, .tv_nsec = next % 1000000000 };

		if (next == DSA_NO_DEADLINE)
			pthread_cond_wait(&vs->held, &vs->lock);
		else
			pthread_cond_timedwait(&vs->held, &vs->lock, &ts);
	}
	pthread_mutex_unlock(&vs->lock);
	return NULL;
}

int dsa_vectors_prepare_hold(struct dsa_vectors *vs)
{
	int ret = 0;

	pthread_mutex_lock(&vs->lock);
	if (!vs->holder_started) {
		ret = pthread_create(&vs->holder, NULL, holder_main, vs);
		vs->holder_started = !ret;
	}
	pthread_mutex_unlock(&vs->lock);
	return -ret;
}

/* ---- Creation ------------------------------------------------------------ */

int dsa_vectors_init(struct dsa_vectors *vs, const struct dsa_device_params *params,
		     const struct dsa_host_ops *ops, void *host)
{
	pthread_condattr_t attr;
	int ret;

	vs->count = params->msix_entries ? params->msix_entries : DSA_MSIX_VECTORS;
	if (vs->count > DSA_MSIX_ENTRIES_MAX)
		return -EINVAL;
	vs->ops = ops;
	vs->host = host;
	vs->when_disabled = params->msix_disabled;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	ret = pthread_cond_init(&vs->held, &attr);
	pthread_condattr_destroy(&attr);
	if (ret)
		return -ret;
	ret = pthread_mutex_init(&vs->lock, NULL);
	if (ret)
		pthread_cond_destroy(&vs->held);
	return -ret;
}

void dsa_vectors_destroy(struct dsa_vectors *vs)
{
	pthread_mutex_lock(&vs->lock);
	vs->stopping = true;
	pthread_cond_signal(&vs->held);
	pthread_mutex_unlock(&vs->lock);
	if (vs->holder_started)
		pthread_join(vs->holder, NULL);
	pthread_cond_destroy(&vs->held);
	pthread_mutex_destroy(&vs->lock);
}
