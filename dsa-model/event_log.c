// SPDX-License-Identifier: GPL-2.0-only
/*
 * The event log: errors, and completion records that could not be written, in a ring in the
 * driver's memory.
 *
 * One entry is written at a time, without the lock, as all accesses to memory are. Resets
 * and the commands that end with "nothing more is written" wait for it.
 */
#include <string.h>

#include "device_private.h"

bool dsa_event_log_offered(const struct dsa_device *dev)
{
	return dev->profile->gencap & DSA_GENCAP_EVL;
}

bool dsa_event_log_chosen(const struct dsa_device *dev)
{
	return dev->gencfg & DSA_GENCFG_EVL_ENABLE;
}

static unsigned int log_size(const struct dsa_event_log *log)
{
	return FIELD_GET(DSA_EVLCFG1_SIZE, log->cfg[1]);
}

/* ---- Registers ----------------------------------------------------------- */

uint32_t dsa_evlcfg_read(struct dsa_device *dev, uint32_t at)
{
	uint64_t word = dev->log.cfg[at / 8];

	return at & 4 ? word >> 32 : word;
}

void dsa_evlcfg_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	static const uint64_t writable[DSA_EVLCFG_WORDS] = {
		DSA_EVLCFG0_PASID_ENABLE | DSA_EVLCFG0_PRIV | DSA_EVLCFG0_BASE,
		DSA_EVLCFG1_SIZE | DSA_EVLCFG1_PASID,
	};
	unsigned int shift = at & 4 ? 32 : 0;
	uint64_t bits = ((uint64_t)mask << shift) & writable[at / 8];
	uint64_t *word = &dev->log.cfg[at / 8];

	if (!dsa_event_log_offered(dev) || dev->state != DSA_STATE_DISABLED)
		return;
	*word = (*word & ~bits) | (((uint64_t)value << shift) & bits);
}

uint32_t dsa_evlstatus_read(struct dsa_device *dev, uint32_t at)
{
	const struct dsa_event_log *log = &dev->log;
	uint64_t status = FIELD_PREP(DSA_EVLSTATUS_HEAD, log->head) |
			  FIELD_PREP(DSA_EVLSTATUS_TAIL, log->tail) |
			  (log->int_pending ? DSA_EVLSTATUS_INT_PENDING : 0);

	return at & 4 ? status >> 32 : status;
}

void dsa_evlstatus_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask)
{
	struct dsa_event_log *log = &dev->log;

	if (!dsa_event_log_offered(dev))
		return;
	if (at == 0) {
		mask &= DSA_EVLSTATUS_HEAD;
		log->head = (log->head & ~mask) | (value & mask);
	} else if (value & mask & (DSA_EVLSTATUS_INT_PENDING >> 32)) {
		log->int_pending = false;
	}
}

void dsa_event_log_reset(struct dsa_device *dev, bool by_command)
{
	struct dsa_event_log *log = &dev->log;

	memset(log->cfg, 0, sizeof(log->cfg));
	if (!by_command)
		dsa_event_log_start(dev);
}

void dsa_event_log_start(struct dsa_device *dev)
{
	dev->log.head = 0;
	dev->log.tail = 0;
	dev->log.int_pending = false;
}

uint8_t dsa_check_event_log(const struct dsa_device *dev)
{
	const struct dsa_event_log *log = &dev->log;
	uint64_t base = log->cfg[0] & DSA_EVLCFG0_BASE;
	uint64_t bytes = (uint64_t)log_size(log) * DSA_EVL_ENTRY_SIZE;
	uint16_t pasid = dsa_config_pasid_control(dev);

	if (!dsa_event_log_chosen(dev))
		return DSA_CMDERR_SUCCESS;
	if (log_size(log) < DSA_EVL_SIZE_MIN || bytes - 1 > UINT64_MAX - base)
		return DSA_CMDERR_EVL;
	if ((log->cfg[0] & DSA_EVLCFG0_PASID_ENABLE) && !(pasid & DSA_PASID_CONTROL_ENABLE))
		return DSA_CMDERR_EVL_PASID;
	if ((log->cfg[0] & DSA_EVLCFG0_PRIV) &&
	    (!(log->cfg[0] & DSA_EVLCFG0_PASID_ENABLE) || !(pasid & DSA_PASID_CONTROL_PRIV)))
		return DSA_CMDERR_EVL_PASID;
	return DSA_CMDERR_SUCCESS;
}

/* ---- Entries ------------------------------------------------------------- */

/* The driver may have disabled the device, or it may have halted, since the error. */
static bool in_use(const struct dsa_device *dev)
{
	return dsa_event_log_chosen(dev) &&
	       (dev->state == DSA_STATE_ENABLED || dev->state == DSA_STATE_DRAINING);
}

/* Completions, not errors. */
static bool only_in_log(uint8_t code)
{
	return code == DSA_EVL_CODE_DRAIN || code == DSA_EVL_CODE_BATCH;
}

static bool has_info(uint8_t code)
{
	switch (code) {
	case DSA_COMP_PAGE_FAULT_NOBOF:
	case DSA_COMP_BATCH_PAGE_FAULT:
	case DSA_COMP_INVALID_FLAGS:
	case DSA_COMP_INT_HANDLE_INVAL:
	case DSA_COMP_CRA_XLAT:
	case DSA_EVL_CODE_DRAIN:
	case DSA_EVL_CODE_BATCH:
		return true;
	default:
		return false;
	}
}

static struct dsa_evl_entry make_entry(const struct dsa_error *error)
{
	struct dsa_evl_entry entry = {
		.what = dsa_error_word(error) | (has_info(error->code) ?
						 DSA_SWERROR0_INFO_VALID : 0),
		.info = FIELD_PREP(DSA_SWERROR1_INFO, error->info | error->log_info),
		.address = error->address,
	};

	if (error->batch_index >= 0)
		entry.info |= FIELD_PREP(DSA_SWERROR1_BATCH_INDEX, error->batch_index);
	if (error->batch_index >= 0 || error->opcode == DSA_OPCODE_BATCH)
		entry.what |= FIELD_PREP(DSA_EVL0_BATCH_ID, error->batch_id);
	if (error->record)
		memcpy(entry.record, error->record, sizeof(entry.record));
	return entry;
}

/* It cannot be appended: that is for SWERROR. */
static void lose(struct dsa_device *dev)
{
	dsa_swerror(dev, &(struct dsa_error){
		.code = DSA_SWERR_EVL_FULL, .wq = -1, .batch_index = -1 });
}

static void advance(struct dsa_device *dev)
{
	struct dsa_event_log *log = &dev->log;

	log->tail = (log->tail + 1U) % log_size(log);
	if (!(dev->genctrl & DSA_GENCTRL_EVL_INT) || log->int_pending)
		return;
	log->int_pending = true;
	dsa_misc_interrupt(dev, DSA_INTCAUSE_EVL);
}

static void append(struct dsa_device *dev, const struct dsa_evl_entry *entry)
{
	struct dsa_event_log *log = &dev->log;
	uint64_t iova = (log->cfg[0] & DSA_EVLCFG0_BASE) + log->tail * sizeof(*entry);
	size_t done;
	int ret;

	if ((log->tail + 1U) % log_size(log) == log->head) {
		lose(dev);
		return;
	}

	log->busy = true;
	pthread_mutex_unlock(&dev->lock);
	ret = dsa_dma_write(dev, iova, entry, sizeof(*entry), &done);
	pthread_mutex_lock(&dev->lock);
	log->busy = false;

	if (ret)
		lose(dev);
	else
		advance(dev);
	pthread_cond_broadcast(&dev->idle);
	dsa_command_progress(dev);
}

void dsa_report(struct dsa_device *dev, const struct dsa_error *error)
{
	struct dsa_evl_entry entry;

	dsa_assert_locked(dev);
	while (dev->log.busy)
		pthread_cond_wait(&dev->idle, &dev->lock);
	if (!in_use(dev)) {
		if (!only_in_log(error->code))
			dsa_swerror(dev, error);
		return;
	}
	entry = make_entry(error);
	append(dev, &entry);
}
