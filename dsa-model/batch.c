// SPDX-License-Identifier: GPL-2.0-only
/*
 * Batch: a list of descriptors, fetched once and executed in order.
 *
 * Specification, chapter 8. Members complete like any descriptor; the batch
 * itself does when all of them have.
 */
#include "device_private.h"

#define LIST_ALIGN 64

uint8_t dsa_batch_check(const struct dsa_execution *x)
{
	uint32_t count = x->desc->desc_count;
	uint32_t least = x->dev->profile->gencap & DSA_GENCAP_BATCH1 ? 1 : 2;

	if (x->desc->desc_list_addr % LIST_ALIGN)
		return DSA_COMP_DESCLIST_ALIGN;
	if (count < least || count > x->work->max_batch)
		return DSA_COMP_DESC_CNT_ERANGE;
	return 0;
}

/* Copy the list; returns how many whole descriptors could be read. */
static uint32_t fetch(struct dsa_execution *x)
{
	uint64_t iova = x->desc->desc_list_addr;
	size_t size = (size_t)x->desc->desc_count * DSA_DESC_SIZE;
	uint8_t *list = (uint8_t *)x->engine->list;
	size_t at, done;
	int ret;

	for (at = 0; at < size && !dsa_cancelled(x); at += done) {
		size_t len = size - at < DSA_CHUNK ? size - at : DSA_CHUNK;

		ret = dsa_dma_read(x->dev, iova + at, list + at, len, &done);
		if (ret) {
			at += done;
			dsa_outcome_fault(x, ret, false, iova + at);
			if (x->outcome.status == DSA_COMP_PAGE_FAULT_NOBOF)
				x->outcome.status = DSA_COMP_BATCH_PAGE_FAULT;
			break;
		}
	}
	return at / DSA_DESC_SIZE;
}

void dsa_batch_run(struct dsa_execution *x)
{
	uint32_t count = fetch(x);
	bool failed = false;
	uint32_t i;

	for (i = 0; i < count; i++) {
		const struct dsa_hw_desc *desc = &x->engine->list[i];
		struct dsa_execution member = {
			.dev = x->dev,
			.engine = x->engine,
			.work = x->work,
			.desc = desc,
			.batch_index = i,
			.batch = x,
		};

		/* Behind a failure a fence abandons itself and all that follows. */
		if (failed && (desc->flags & IDXD_OP_FLAG_FENCE))
			break;
		if (!dsa_execute(&member))
			return;
		if (member.outcome.status != DSA_COMP_SUCCESS)
			failed = true;
	}
	x->outcome.bytes_completed = i;
	if (failed && x->outcome.status == DSA_COMP_SUCCESS)
		x->outcome.status = DSA_COMP_BATCH_FAIL;
}
