// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device as a whole: creation, resets, dispatch of BAR accesses, statistics.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "device_private.h"

#define NSEC_PER_SEC 1000000000ULL
/* Longest service time: an hour. More can only be a mistake of units. */
#define SERVICE_TIME_MAX_NS (3600 * NSEC_PER_SEC)

/* ---- Lock and time ------------------------------------------------------- */

void dsa_lock(struct dsa_device *dev)
{
	pthread_mutex_lock(&dev->lock);
	while (dev->resetting)
		pthread_cond_wait(&dev->idle, &dev->lock);
}

void dsa_unlock(struct dsa_device *dev)
{
	pthread_mutex_unlock(&dev->lock);
}

uint64_t dsa_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

void dsa_wait(struct dsa_device *dev, pthread_cond_t *cond, uint64_t deadline_ns)
{
	struct timespec ts = {
		.tv_sec = deadline_ns / NSEC_PER_SEC,
		.tv_nsec = deadline_ns % NSEC_PER_SEC,
	};

	if (deadline_ns == DSA_NO_DEADLINE)
		pthread_cond_wait(cond, &dev->lock);
	else
		pthread_cond_timedwait(cond, &dev->lock, &ts);
}

/* ---- Resets -------------------------------------------------------------- */

bool dsa_accesses_memory(const struct dsa_device *dev)
{
	unsigned int i;

	if (dev->log.busy)
		return true;
	for (i = 0; i < DSA_SPR_ENGINES; i++)
		if (dev->engines[i].running)
			return true;
	return false;
}

void dsa_quiesce(struct dsa_device *dev)
{
	unsigned int i;

	dsa_assert_locked(dev);
	dev->resetting = true;
	for (i = 0; i < DSA_SPR_WQS; i++) {
		dev->wqs[i].state = DSA_WQ_STATE_DISABLED;
		dsa_portal_reset(&dev->wqs[i]);
		dsa_wq_abandon(dev, &dev->wqs[i], DSA_ANY_PASID);
	}
	while (dsa_accesses_memory(dev))
		pthread_cond_wait(&dev->idle, &dev->lock);
	dev->resetting = false;
	pthread_cond_broadcast(&dev->idle);
}

void dsa_function_reset(struct dsa_device *dev, enum dsa_reset_type strength)
{
	const enum dsa_reset_type needed = dev->reset_type;
	const bool stays = dev->state == DSA_STATE_HALT && needed > strength;

	dsa_command_cancel(dev, DSA_CMDERR_SUCCESS, true);
	dsa_quiesce(dev);
	dsa_config_reset(dev);
	dsa_registers_reset(dev);
	if (stays) {
		dev->state = DSA_STATE_HALT;
		dev->reset_type = needed;
	}
}

/* @error: for SWERROR, or NULL. */
static void enter_halt(struct dsa_device *dev, enum dsa_reset_type reset,
		       const struct dsa_error *error)
{
	dev->state = DSA_STATE_HALT;
	dev->reset_type = reset;
	/* Before the queues run empty: that could complete the command. */
	dsa_command_cancel(dev, DSA_CMDERR_HALTED, false);
	dsa_quiesce(dev);
	if (error)
		dsa_swerror(dev, error);
	if (dev->genctrl & DSA_GENCTRL_HALT_INT)
		dsa_misc_interrupt(dev, DSA_INTCAUSE_HALT);
}

void dsa_halt(struct dsa_device *dev, uint8_t swerror_code)
{
	const struct dsa_error error = {
		.code = swerror_code,
		.wq = -1,
		.batch_index = -1,
	};

	enter_halt(dev, DSA_RESET_COMMAND, swerror_code ? &error : NULL);
}

int dsa_device_halt(struct dsa_device *dev, unsigned int reset)
{
	if (reset > DSA_RESET_COLD)
		return -EINVAL;
	dsa_lock(dev);
	if (dev->state != DSA_STATE_HALT)
		enter_halt(dev, reset, NULL);
	dsa_unlock(dev);
	return 0;
}

void dsa_device_reset(struct dsa_device *dev)
{
	dsa_lock(dev);
	dev->vanished = false;
	dsa_function_reset(dev, DSA_RESET_COLD);
	dsa_unlock(dev);
}

void dsa_device_vanish(struct dsa_device *dev)
{
	dsa_lock(dev);
	dev->vanished = true;
	dsa_command_cancel(dev, DSA_CMDERR_SUCCESS, true);
	dsa_quiesce(dev);
	dsa_unlock(dev);
}

uint64_t dsa_device_step(struct dsa_device *dev, uint64_t now_ns)
{
	uint64_t next;

	assert(dev->stepped);
	dsa_lock(dev);
	dev->step_ns = now_ns;
	next = dsa_engines_step(dev);
	dsa_unlock(dev);
	return next;
}

/* ---- MSI-X entries ------------------------------------------------------- */

/* The table of permissions ends where that of groups begins. */
#define USUAL_LAYOUT_MAX ((DSA_SPR_GRPCFG - DSA_SPR_MSIXPERM) / DSA_MSIXPERM_STRIDE)

static const struct dsa_layout usual_layout = {
	.bar0_size = DSA_BAR0_SIZE,
	.msixperm = DSA_SPR_MSIXPERM,
	.msix_table = DSA_MSIX_TABLE_OFFSET,
	.msix_pba = DSA_MSIX_PBA_OFFSET,
};

/* With more entries BAR0 is twice as large; its upper half has the three tables. */
static const struct dsa_layout wide_layout = {
	.bar0_size = 2 * DSA_BAR0_SIZE,
	.msixperm = DSA_BAR0_SIZE,
	.msix_table = DSA_BAR0_SIZE + 0x4000,
	.msix_pba = DSA_BAR0_SIZE + 0xc000,
};

DSA_STATIC_ASSERT(DSA_MSIX_ENTRIES_MAX * DSA_MSIXPERM_STRIDE <= 0x4000,
		  "permissions end before the MSI-X table");
DSA_STATIC_ASSERT(0x4000 + DSA_MSIX_ENTRIES_MAX * 16 <= 0xc000,
		  "the MSI-X table ends before the PBA");
DSA_STATIC_ASSERT(USUAL_LAYOUT_MAX >= DSA_MSIX_VECTORS, "room for the profile's vectors");

static struct dsa_layout layout_for(unsigned int entries)
{
	struct dsa_layout layout = entries > USUAL_LAYOUT_MAX ? wide_layout : usual_layout;

	layout.vectors = entries ? entries : DSA_MSIX_VECTORS;
	return layout;
}

/* ---- Creation ------------------------------------------------------------ */

static void init_wq(struct dsa_device *dev, unsigned int index)
{
	struct dsa_wq *wq = &dev->wqs[index];
	uint64_t seed = dev->service.seed + index;

	wq->index = index;
	wq->group = DSA_NO_GROUP;
	TAILQ_INIT(&wq->queue);
	TAILQ_INIT(&wq->outstanding);
	wq->random[0] = seed;
	wq->random[1] = seed >> 16;
	wq->random[2] = seed >> 32;
}

static int init_lock(struct dsa_device *dev)
{
	pthread_mutexattr_t mutex_attr;
	pthread_condattr_t cond_attr;
	int ret;

	pthread_mutexattr_init(&mutex_attr);
	pthread_mutexattr_settype(&mutex_attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	ret = pthread_mutex_init(&dev->lock, &mutex_attr);
	pthread_mutexattr_destroy(&mutex_attr);
	if (ret)
		return -ret;

	pthread_condattr_init(&cond_attr);
	pthread_condattr_setclock(&cond_attr, CLOCK_MONOTONIC);
	ret = pthread_cond_init(&dev->idle, &cond_attr);
	pthread_condattr_destroy(&cond_attr);
	if (ret)
		pthread_mutex_destroy(&dev->lock);
	return -ret;
}

static bool msix_disabled_valid(enum dsa_msix_disabled behaviour)
{
	return behaviour == DSA_MSIX_DISABLED_LATCH || behaviour == DSA_MSIX_DISABLED_DROP;
}

static bool params_valid(const struct dsa_device_params *params)
{
	return params->service.min_ns <= params->service.max_ns &&
	       params->service.max_ns <= SERVICE_TIME_MAX_NS &&
	       params->msix_entries <= DSA_MSIX_ENTRIES_MAX &&
	       (!params->device_id || dsa_product_version(params->device_id)) &&
	       msix_disabled_valid(params->msix_disabled);
}

static void stop_engines(struct dsa_device *dev)
{
	unsigned int i;

	for (i = 0; i < DSA_SPR_ENGINES; i++)
		dsa_engine_stop(&dev->engines[i]);
}

static int start_engines(struct dsa_device *dev)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && !dev->stepped && i < DSA_SPR_ENGINES; i++)
		ret = dsa_engine_start(&dev->engines[i]);
	if (ret)
		stop_engines(dev);
	return ret;
}

static void destroy_engines(struct dsa_device *dev, unsigned int count)
{
	while (count--)
		dsa_engine_destroy(&dev->engines[count]);
}

static int init_engines(struct dsa_device *dev)
{
	unsigned int i;
	int ret;

	for (i = 0; i < DSA_SPR_ENGINES; i++) {
		ret = dsa_engine_init(dev, i);
		if (ret) {
			destroy_engines(dev, i);
			return ret;
		}
	}
	return 0;
}

struct dsa_device *dsa_device_create(const struct dsa_device_params *params,
				     const struct dsa_host_ops *ops, void *host)
{
	struct dsa_device *dev;
	unsigned int i;
	int ret = -EINVAL;

	if (!params_valid(params))
		goto err;
	ret = -ENOENT;
	if (!dsa_profile_find(params->profile))
		goto err;

	ret = -ENOMEM;
	dev = calloc(1, sizeof(*dev));
	if (!dev)
		goto err;
	dev->profile = dsa_profile_find(params->profile);
	dev->device_id = params->device_id ? params->device_id : DSA_PCI_DEVICE_SPR;
	dev->version = dsa_product_version(dev->device_id);
	if (dev->version < dev->profile->version)
		dev->version = dev->profile->version;
	dsa_faults_between(dev, ops, host);
	dev->service = params->service;
	dev->stepped = params->stepped;
	dev->layout = layout_for(params->msix_entries);
	TAILQ_INIT(&dev->free);
	for (i = 0; i < DSA_WORK_TOTAL; i++)
		TAILQ_INSERT_TAIL(&dev->free, &dev->work[i], link);
	for (i = 0; i < DSA_SPR_WQS; i++)
		init_wq(dev, i);

	ret = dsa_faults_init(&dev->faults);
	if (ret)
		goto err_free;
	ret = dsa_handles_init(dev);
	if (ret)
		goto err_faults;
	ret = dsa_vectors_init(&dev->vectors, params, ops, host);
	if (ret)
		goto err_faults;
	dev->vectors.faults = &dev->faults;
	ret = init_lock(dev);
	if (ret)
		goto err_vectors;

	ret = init_engines(dev);
	if (ret)
		goto err_lock;

	dsa_lock(dev);
	dsa_config_reset(dev);
	dsa_registers_reset(dev);
	dsa_unlock(dev);

	ret = start_engines(dev);
	if (ret)
		goto err_engines;
	return dev;

err_engines:
	destroy_engines(dev, DSA_SPR_ENGINES);
err_lock:
	pthread_cond_destroy(&dev->idle);
	pthread_mutex_destroy(&dev->lock);
err_vectors:
	dsa_vectors_destroy(&dev->vectors);
err_faults:
	dsa_handles_destroy(dev);
	dsa_faults_destroy(&dev->faults);
err_free:
	free(dev);
err:
	errno = -ret;
	return NULL;
}

void dsa_device_destroy(struct dsa_device *dev)
{
	if (!dev)
		return;
	dsa_device_reset(dev);
	stop_engines(dev);
	destroy_engines(dev, DSA_SPR_ENGINES);
	pthread_cond_destroy(&dev->idle);
	pthread_mutex_destroy(&dev->lock);
	dsa_vectors_destroy(&dev->vectors);
	dsa_handles_destroy(dev);
	dsa_faults_destroy(&dev->faults);
	free(dev);
}

/* ---- Shape, BARs, statistics --------------------------------------------- */

unsigned int dsa_device_vectors(const struct dsa_device *dev)
{
	return dev->layout.vectors;
}

unsigned int dsa_device_wqs(const struct dsa_device *dev)
{
	return FIELD_GET(DSA_WQCAP_NUM_WQS, dev->profile->wqcap);
}

uint64_t dsa_device_bar_size(const struct dsa_device *dev, unsigned int bar)
{
	switch (bar) {
	case 0:
		return dev->layout.bar0_size;
	case 2:
		return DSA_BAR2_SIZE;
	default:
		return 0;
	}
}

static bool access_valid(const struct dsa_device *dev, unsigned int bar, uint64_t offset,
			 size_t len)
{
	uint64_t size = dsa_device_bar_size(dev, bar);

	switch (len) {
	case 1:
	case 2:
	case 4:
	case 8:
		break;
	case DSA_DESC_SIZE:
		if (bar == 2)
			break;
		return false;
	default:
		return false;
	}
	return !(offset % len) && len <= size && offset <= size - len;
}

int dsa_bar_read(struct dsa_device *dev, unsigned int bar, uint64_t offset, void *buf, size_t len)
{
	int ret = 0;

	if (!access_valid(dev, bar, offset, len))
		return -EINVAL;
	if (bar == 2) {
		/* Portals are write only (specification 9.3). */
		memset(buf, 0, len);
		return 0;
	}
	dsa_lock(dev);
	if (dev->vanished)
		memset(buf, 0xff, len);
	else
		ret = dsa_registers_read(dev, offset, buf, len);
	dsa_unlock(dev);
	return ret;
}

int dsa_bar_write(struct dsa_device *dev, unsigned int bar, uint64_t offset, const void *buf,
		  size_t len)
{
	int ret = 0;

	if (!access_valid(dev, bar, offset, len))
		return -EINVAL;
	dsa_lock(dev);
	if (dev->vanished)
		;
	else if (bar == 2)
		ret = dsa_portal_write(dev, offset, buf, len);
	else
		ret = dsa_registers_write(dev, offset, buf, len);
	dsa_unlock(dev);
	return ret;
}

int dsa_device_set_msix_disabled(struct dsa_device *dev, enum dsa_msix_disabled behaviour)
{
	if (!msix_disabled_valid(behaviour))
		return -EINVAL;
	dsa_vectors_set_when_disabled(&dev->vectors, behaviour);
	return 0;
}

enum dsa_msix_disabled dsa_device_msix_disabled(struct dsa_device *dev)
{
	return dsa_vectors_when_disabled(&dev->vectors);
}

void dsa_device_vector_bound(struct dsa_device *dev, unsigned int vector)
{
	dsa_vectors_bound(&dev->vectors, vector);
}

int dsa_device_vector_stats(struct dsa_device *dev, unsigned int vector,
			    struct dsa_vector_stats *stats)
{
	if (vector >= dev->layout.vectors)
		return -EINVAL;
	dsa_vectors_stats(&dev->vectors, vector, stats);
	return 0;
}

int dsa_device_wq_stats(struct dsa_device *dev, unsigned int wq, struct dsa_wq_stats *stats)
{
	if (wq >= DSA_SPR_WQS)
		return -EINVAL;
	dsa_lock(dev);
	*stats = dev->wqs[wq].stats;
	dsa_unlock(dev);
	return 0;
}
