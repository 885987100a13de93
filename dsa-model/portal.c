// SPDX-License-Identifier: GPL-2.0-only
/*
 * Portals: from stores to descriptors in a queue.
 *
 * On silicon a portal takes one 64-byte store and ignores all else. A trapped
 * one sees at most eight bytes at a time, so eight stores to one slot, in
 * ascending order, count as one here. Slots are assembled independently: two
 * CPUs that use different slots do not disturb each other.
 */
#include <errno.h>
#include <string.h>

#include "device_private.h"

#define STORES_PER_DESCRIPTOR (DSA_DESC_SIZE / 8)

void dsa_portal_reset(struct dsa_wq *wq)
{
	unsigned int page, slot;

	for (page = 0; page < DSA_PORTAL_MSIX_PAGES; page++)
		for (slot = 0; slot < DSA_PORTAL_SLOTS; slot++)
			wq->slots[page][slot].stores = 0;
}

static void report_overflow(struct dsa_device *dev, const struct dsa_wq *wq)
{
	dsa_swerror(dev, &(struct dsa_error){
		.code = DSA_SWERR_WQ_OVERFLOW, .wq = wq->index, .batch_index = -1 });
}

/* Entries that may be occupied: the limited portal of a shared queue takes fewer. */
static unsigned int capacity(const struct dsa_wq *wq, bool shared, bool limited)
{
	unsigned int size = FIELD_GET(DSA_WQCFG0_SIZE, wq->cfg[DSA_WQCFG_SIZE]);
	unsigned int threshold = FIELD_GET(DSA_WQCFG1_THRESHOLD, wq->cfg[DSA_WQCFG_THRESHOLD]);

	return shared && limited && threshold < size ? threshold : size;
}

/* Whose descriptor it is: in a dedicated queue the queue's own, in a shared one as it says. */
static void identify(const struct dsa_device *dev, struct dsa_work *work)
{
	uint32_t mode = work->wq->cfg[DSA_WQCFG_MODE];

	work->shared = !(mode & DSA_WQCFG2_DEDICATED);
	work->has_pasid = mode & DSA_WQCFG2_PASID_ENABLE;
	work->pasid = 0;
	work->priv = false;
	if (work->has_pasid) {
		work->pasid = work->shared ? work->desc.pasid : FIELD_GET(DSA_WQCFG2_PASID, mode);
		work->priv = work->shared ? work->desc.priv : !!(mode & DSA_WQCFG2_PRIV);
	}
	work->bad_priv = work->shared && work->priv &&
			 !(dsa_config_pasid_control(dev) & DSA_PASID_CONTROL_PRIV);
}

/* 0, also for a descriptor that is lost without a word, or -EAGAIN. */
static int submit(struct dsa_device *dev, struct dsa_wq *wq, bool limited, const void *desc)
{
	bool shared = !(wq->cfg[DSA_WQCFG_MODE] & DSA_WQCFG2_DEDICATED);
	struct dsa_work *work;

	if (wq->state != DSA_WQ_STATE_ENABLED) {
		wq->stats.rejected++;
		return 0;
	}
	assert(dev->state == DSA_STATE_ENABLED);
	if (wq->occupancy >= capacity(wq, shared, limited)) {
		wq->stats.rejected++;
		if (shared)
			return -EAGAIN;
		report_overflow(dev, wq);
		return 0;
	}

	/* Sizes add up to at most the entries of the device: there is a free one. */
	work = TAILQ_FIRST(&dev->free);
	assert(work);
	TAILQ_REMOVE(&dev->free, work, link);
	memcpy(&work->desc, desc, sizeof(work->desc));
	work->wq = wq;
	work->engine = NULL;
	work->seq = ++wq->last_seq;
	work->executing = false;
	work->covered = false;
	identify(dev, work);
	atomic_store_explicit(&work->cancel, false, memory_order_relaxed);
	TAILQ_INSERT_TAIL(&wq->queue, work, link);
	TAILQ_INSERT_TAIL(&wq->outstanding, work, outstanding);
	wq->occupancy++;
	wq->stats.accepted++;
	dsa_engine_wake_group(dev, wq->group);
	dsa_fault_accepted(dev);
	return 0;
}

/* One of the stores that make up a descriptor. */
static int assemble(struct dsa_device *dev, struct dsa_wq *wq, bool limited,
		    struct dsa_portal_slot *slot, unsigned int at, const void *buf, size_t len)
{
	if (len != 8 || at != slot->stores * 8) {
		/* What was there, or this store if nothing was, comes to nothing. */
		wq->stats.rejected++;
		slot->stores = 0;
		if (len != 8 || at != 0)
			return 0;
	}
	memcpy(slot->data + at, buf, 8);
	if (++slot->stores < STORES_PER_DESCRIPTOR)
		return 0;
	slot->stores = 0;
	return submit(dev, wq, limited, slot->data);
}

int dsa_portal_write(struct dsa_device *dev, uint64_t offset, const void *buf, size_t len)
{
	struct dsa_wq *wq = &dev->wqs[offset / DSA_PORTAL_STRIDE];
	unsigned int page = offset % DSA_PORTAL_STRIDE / DSA_PORTAL_PAGE;
	bool limited = page == DSA_PORTAL_LIMITED / DSA_PORTAL_PAGE;
	struct dsa_portal_slot *slot;

	dsa_assert_locked(dev);
	if (page >= DSA_PORTAL_MSIX_PAGES) {
		/* Pages for interrupt message storage; see registers.c. */
		wq->stats.rejected++;
		return 0;
	}

	slot = &wq->slots[page][offset % DSA_PORTAL_PAGE / DSA_PORTAL_SLOT];
	if (len == DSA_DESC_SIZE) {
		slot->stores = 0;
		return submit(dev, wq, limited, buf);
	}
	return assemble(dev, wq, limited, slot, offset % DSA_PORTAL_SLOT, buf, len);
}
