// SPDX-License-Identifier: GPL-2.0-only
/*
 * Portals: from stores to descriptors in a queue.
 *
 * On silicon a portal takes one 64-byte store and ignores all else. A trapped
 * one sees at most eight bytes at a time, so eight stores to one slot, in
 * ascending order, count as one here. Slots are assembled independently: two
 * CPUs that use different slots do not disturb each other.
 */
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

static void submit(struct dsa_device *dev, struct dsa_wq *wq, const void *desc)
{
	struct dsa_work *work;

	if (wq->state != DSA_WQ_STATE_ENABLED) {
		wq->stats.rejected++;
		return;
	}
	assert(dev->state == DSA_STATE_ENABLED);
	if (wq->occupancy >= FIELD_GET(DSA_WQCFG0_SIZE, wq->cfg[DSA_WQCFG_SIZE])) {
		wq->stats.rejected++;
		report_overflow(dev, wq);
		return;
	}

	/* Sizes add up to at most the entries of the device: there is a free one. */
	work = TAILQ_FIRST(&dev->free);
	assert(work);
	TAILQ_REMOVE(&dev->free, work, link);
	memcpy(&work->desc, desc, sizeof(work->desc));
	work->wq = wq;
	work->engine = NULL;
	work->seq = ++wq->last_seq;
	atomic_store_explicit(&work->cancel, false, memory_order_relaxed);
	TAILQ_INSERT_TAIL(&wq->queue, work, link);
	TAILQ_INSERT_TAIL(&wq->outstanding, work, outstanding);
	wq->occupancy++;
	wq->stats.accepted++;
	dsa_engine_wake_group(dev, wq->group);
}

/* One of the stores that make up a descriptor. */
static void assemble(struct dsa_device *dev, struct dsa_wq *wq, struct dsa_portal_slot *slot,
		     unsigned int at, const void *buf, size_t len)
{
	if (len != 8 || at != slot->stores * 8) {
		/* What was there, or this store if nothing was, comes to nothing. */
		wq->stats.rejected++;
		slot->stores = 0;
		if (len != 8 || at != 0)
			return;
	}
	memcpy(slot->data + at, buf, 8);
	if (++slot->stores < STORES_PER_DESCRIPTOR)
		return;
	slot->stores = 0;
	submit(dev, wq, slot->data);
}

int dsa_portal_write(struct dsa_device *dev, uint64_t offset, const void *buf, size_t len)
{
	struct dsa_wq *wq = &dev->wqs[offset / DSA_PORTAL_STRIDE];
	unsigned int page = offset % DSA_PORTAL_STRIDE / DSA_PORTAL_PAGE;
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
		submit(dev, wq, buf);
	} else {
		assemble(dev, wq, slot, offset % DSA_PORTAL_SLOT, buf, len);
	}
	return 0;
}
