// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults and the device: which it can have, and what they do to work and memory.
 * What they do to messages is in vectors.c.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "device_private.h"

/* How long a descriptor that is to be overtaken waits for another. */
#define REORDER_NS 10000000ULL
/* How long before its record a message comes. */
#define EARLY_NS 1000000ULL

/* ---- Adding and removing ------------------------------------------------- */

/* Keys that name something of which the device has a limited number. */
static uint64_t key_limit(const struct dsa_device *dev, enum dsa_fault_key key)
{
	switch (key) {
	case DSA_FAULT_KEY_VECTOR:
	case DSA_FAULT_KEY_FROM:
		return dsa_device_vectors(dev);
	case DSA_FAULT_KEY_QUEUE:
		return dsa_device_wqs(dev);
	case DSA_FAULT_KEY_ENGINE:
		return DSA_SPR_ENGINES;
	case DSA_FAULT_KEY_ACCESS:
		return DSA_FAULT_WRITE + 1;
	default:
		return 0;
	}
}

static int check_keys(const struct dsa_device *dev, const struct dsa_fault *fault, char *why)
{
	const struct dsa_fault_kind_text *text = &dsa_fault_kinds[fault->kind];
	unsigned int key;

	for (key = 0; key < DSA_FAULT_KEY_COUNT; key++) {
		uint64_t limit = key_limit(dev, key);
		uint32_t bit = 1U << key;

		if ((text->needs & bit) && !(fault->given & bit)) {
			snprintf(why, DSA_FAULT_WHY, "%s needs %s=", text->name,
				 dsa_fault_keys[key].name);
			return -EINVAL;
		}
		if (!(fault->given & bit))
			continue;
		if (!((text->needs | text->may) & bit)) {
			snprintf(why, DSA_FAULT_WHY, "%s has no %s=", text->name,
				 dsa_fault_keys[key].name);
			return -EINVAL;
		}
		if (limit && fault->value[key] >= limit) {
			snprintf(why, DSA_FAULT_WHY, "there is no %s %llu; allowed: 0 to %llu",
				 key == DSA_FAULT_KEY_FROM ? "vector" : dsa_fault_keys[key].name,
				 (unsigned long long)fault->value[key],
				 (unsigned long long)limit - 1);
			return -EINVAL;
		}
	}
	return 0;
}

static int check_values(const struct dsa_fault *fault, char *why)
{
	static const enum dsa_fault_key from_one[] = {
		DSA_FAULT_KEY_NTH, DSA_FAULT_KEY_EVERY, DSA_FAULT_KEY_AFTER, DSA_FAULT_KEY_LENGTH,
	};
	uint64_t page = fault->value[DSA_FAULT_KEY_ADDRESS] & ~0xfffULL;
	unsigned int i;

	for (i = 0; i < sizeof(from_one) / sizeof(from_one[0]); i++)
		if ((fault->given & (1U << from_one[i])) && !fault->value[from_one[i]]) {
			snprintf(why, DSA_FAULT_WHY, "%s= counts from 1",
				 dsa_fault_keys[from_one[i]].name);
			return -EINVAL;
		}
	if ((fault->given & DSA_FAULT_COUNTED) == DSA_FAULT_COUNTED) {
		snprintf(why, DSA_FAULT_WHY, "nth= and every= exclude each other");
		return -EINVAL;
	}
	if (dsa_fault_time(fault, 0) > DSA_FAULT_TIME_MAX_NS) {
		snprintf(why, DSA_FAULT_WHY, "time= is at most 60s");
		return -EINVAL;
	}
	if ((fault->given & DSA_FAULT_BIT(LENGTH)) &&
	    fault->value[DSA_FAULT_KEY_LENGTH] - 1 > UINT64_MAX - page) {
		snprintf(why, DSA_FAULT_WHY, "length= goes beyond the end of the address space");
		return -EINVAL;
	}
	return 0;
}

int dsa_device_fault_add(struct dsa_device *dev, const struct dsa_fault *fault, char *why)
{
	int ret;

	if ((unsigned int)fault->kind >= DSA_FAULT_KIND_COUNT) {
		snprintf(why, DSA_FAULT_WHY, "there is no such fault");
		return -EINVAL;
	}
	ret = check_keys(dev, fault, why);
	if (!ret)
		ret = check_values(fault, why);
	if (ret)
		return ret;
	if (fault->kind == DSA_FAULT_REVOKE && !dev->handles.entry) {
		snprintf(why, DSA_FAULT_WHY, "this profile has no interrupt handles");
		return -EINVAL;
	}
	if (fault->kind == DSA_FAULT_DELAY || fault->kind == DSA_FAULT_DUPLICATE) {
		ret = dsa_vectors_prepare_hold(&dev->vectors);
		if (ret) {
			snprintf(why, DSA_FAULT_WHY, "cannot start a thread: %s", strerror(-ret));
			return ret;
		}
	}
	ret = dsa_faults_add(&dev->faults, fault);
	if (ret < 0)
		snprintf(why, DSA_FAULT_WHY, "there are %d faults already", DSA_FAULTS_MAX);
	return ret;
}

/* Let stuck descriptors go: those that fault @id holds, or all with 0. */
static unsigned int release(struct dsa_device *dev, unsigned int id)
{
	unsigned int i, released = 0;
	struct dsa_work *work;

	dsa_lock(dev);
	for (i = 0; i < DSA_SPR_WQS; i++) {
		for (work = TAILQ_FIRST(&dev->wqs[i].outstanding); work;
		     work = TAILQ_NEXT(work, outstanding)) {
			if (!work->engine || !work->stuck_by || (id && work->stuck_by != id))
				continue;
			work->stuck_by = 0;
			released++;
			pthread_cond_signal(&work->engine->wake);
		}
	}
	dsa_unlock(dev);
	return released;
}

int dsa_device_fault_remove(struct dsa_device *dev, unsigned int id)
{
	int ret = dsa_faults_remove(&dev->faults, id);

	if (!ret)
		release(dev, id);
	return ret;
}

unsigned int dsa_device_fault_list(struct dsa_device *dev, struct dsa_fault_state *states,
				   unsigned int max)
{
	struct dsa_faults *faults = &dev->faults;
	unsigned int count;

	pthread_mutex_lock(&faults->lock);
	count = faults->count;
	memcpy(states, faults->list, (count < max ? count : max) * sizeof(*states));
	pthread_mutex_unlock(&faults->lock);
	return count;
}

unsigned int dsa_device_release(struct dsa_device *dev)
{
	return release(dev, 0);
}

/* ---- Interrupts on demand ------------------------------------------------ */

int dsa_device_may_bind(struct dsa_device *dev, unsigned int start, unsigned int count)
{
	if (!count)
		return 0;
	return dsa_fault_hit(&dev->faults, DSA_FAULT_REFUSE_VECTORS, DSA_FAULT_KEY_FROM,
			     (uint64_t)start + count - 1, NULL) ? -ENOSPC : 0;
}

int dsa_device_raise(struct dsa_device *dev, unsigned int vector, uint64_t count)
{
	if (vector >= dsa_device_vectors(dev))
		return -EINVAL;
	while (count--)
		dsa_vectors_raise(&dev->vectors, vector);
	return 0;
}

/* ---- Work ---------------------------------------------------------------- */

void dsa_fault_accepted(struct dsa_device *dev)
{
	dsa_assert_locked(dev);
	if (dsa_fault_hit(&dev->faults, DSA_FAULT_REVOKE, DSA_FAULT_KEY_AFTER, 0, NULL))
		dsa_revoke_handles(dev);
	if (dsa_fault_hit(&dev->faults, DSA_FAULT_HALT, DSA_FAULT_KEY_AFTER, 0, NULL))
		dsa_halt(dev, 0);
}

bool dsa_fault_error_again(struct dsa_device *dev)
{
	dsa_assert_locked(dev);
	/* No selector: the subject does not matter. */
	return dsa_fault_hit(&dev->faults, DSA_FAULT_ERROR_AGAIN, DSA_FAULT_KEY_VECTOR, 0, NULL);
}

void dsa_fault_dispatched(struct dsa_engine *engine, struct dsa_work *work)
{
	struct dsa_faults *faults = &engine->dev->faults;
	struct dsa_fault fault;

	work->stuck_by = dsa_fault_hit(faults, DSA_FAULT_STUCK, DSA_FAULT_KEY_QUEUE,
				       work->wq->index, NULL);
	work->overtake = dsa_fault_hit(faults, DSA_FAULT_REORDER, DSA_FAULT_KEY_QUEUE,
				       work->wq->index, &fault);
	if (work->overtake)
		work->due_ns = dsa_now_ns() + dsa_fault_time(&fault, REORDER_NS);
}

/* The lock is held; it is released while waiting. An abort or the end cuts it short. */
static void pause_engine(struct dsa_engine *engine, const struct dsa_work *work, uint64_t ns)
{
	struct dsa_device *dev = engine->dev;
	uint64_t deadline = dsa_now_ns() + ns;

	dsa_assert_locked(dev);
	while (!dev->stopping && dsa_now_ns() < deadline &&
	       !atomic_load_explicit(&work->cancel, memory_order_relaxed))
		dsa_wait(dev, &engine->wake, deadline);
}

void dsa_fault_executing(struct dsa_engine *engine, const struct dsa_work *work)
{
	struct dsa_fault fault;

	if (dsa_fault_hit(&engine->dev->faults, DSA_FAULT_SLOW, DSA_FAULT_KEY_ENGINE,
			  engine->index, &fault))
		pause_engine(engine, work, dsa_fault_time(&fault, 0));
}

bool dsa_fault_early_message(struct dsa_execution *x)
{
	struct dsa_fault fault;

	if (!dsa_fault_hit(&x->dev->faults, DSA_FAULT_EARLY_MESSAGE, DSA_FAULT_KEY_QUEUE,
			   x->work->wq->index, &fault))
		return false;
	dsa_vectors_raise(&x->dev->vectors, x->vector);
	pthread_mutex_lock(&x->dev->lock);
	pause_engine(x->engine, x->work, dsa_fault_time(&fault, EARLY_NS));
	pthread_mutex_unlock(&x->dev->lock);
	return true;
}

/* ---- Memory: between the device and its host ------------------------------- */

static int reach_read(void *host, uint64_t iova, void *buf, size_t len, size_t *done)
{
	struct dsa_device *dev = host;
	size_t reach = dsa_fault_reach(&dev->faults, iova, len, false);
	int ret = 0;

	if (reach == len)
		return dev->real_ops->dma_read(dev->real_host, iova, buf, len, done);
	*done = 0;
	if (reach)
		ret = dev->real_ops->dma_read(dev->real_host, iova, buf, reach, done);
	if (ret)
		return ret;
	*done = reach;
	return -EFAULT;
}

static int reach_write(void *host, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	struct dsa_device *dev = host;
	size_t reach = dsa_fault_reach(&dev->faults, iova, len, true);
	int ret = 0;

	if (reach == len)
		return dev->real_ops->dma_write(dev->real_host, iova, buf, len, done);
	*done = 0;
	if (reach)
		ret = dev->real_ops->dma_write(dev->real_host, iova, buf, reach, done);
	if (ret)
		return ret;
	*done = reach;
	return -EFAULT;
}

static int reach_copy(void *host, uint64_t dst, uint64_t src, size_t len, size_t *done,
		      bool *write_fault)
{
	struct dsa_device *dev = host;
	size_t from = dsa_fault_reach(&dev->faults, src, len, false);
	size_t to = dsa_fault_reach(&dev->faults, dst, from, true);
	int ret = 0;

	if (to == len)
		return dev->real_ops->dma_copy(dev->real_host, dst, src, len, done, write_fault);
	*done = 0;
	if (to)
		ret = dev->real_ops->dma_copy(dev->real_host, dst, src, to, done, write_fault);
	if (ret)
		return ret;
	*done = to;
	*write_fault = to < from;
	return -EFAULT;
}

void dsa_faults_between(struct dsa_device *dev, const struct dsa_host_ops *ops, void *host)
{
	dev->real_ops = ops;
	dev->real_host = host;
	dev->wrapped_ops = (struct dsa_host_ops){
		.dma_read = reach_read,
		.dma_write = reach_write,
		.dma_copy = ops->dma_copy ? reach_copy : NULL,
	};
	dev->ops = &dev->wrapped_ops;
	dev->host = dev;
}
