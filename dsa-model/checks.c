// SPDX-License-Identifier: GPL-2.0-only
/*
 * What Enable Device and Enable WQ demand of the configuration.
 *
 * Specification, chapter 9. The first violation found is reported; the order
 * among several is not defined.
 */
#include "device_private.h"

#define ALL_ENGINES ((1U << DSA_SPR_ENGINES) - 1)
/* Read buffers that each engine needs. */
#define READ_BUFS_PER_ENGINE 4

#define GRPFLAGS_DEFINED \
	(DSA_GRPFLAGS_TC_A | DSA_GRPFLAGS_TC_B | DSA_GRPFLAGS_USE_READ_BUF_LIMIT | \
	 DSA_GRPFLAGS_READ_BUFS_RESERVED | DSA_GRPFLAGS_READ_BUFS_ALLOWED)

static unsigned int wq_size(const struct dsa_device *dev, unsigned int wq)
{
	return FIELD_GET(DSA_WQCFG0_SIZE, dev->wqs[wq].cfg[DSA_WQCFG_SIZE]);
}

static uint8_t check_sizes(const struct dsa_device *dev)
{
	unsigned int i, sum = 0;

	for (i = 0; i < DSA_SPR_WQS; i++)
		sum += wq_size(dev, i);
	return sum > FIELD_GET(DSA_WQCAP_TOTAL_SIZE, dev->profile->wqcap) ?
	       DSA_CMDERR_WQ_SIZE_SUM : DSA_CMDERR_SUCCESS;
}

/* Every queue with entries is in one group, every other in none. */
static uint8_t check_group_wqs(const struct dsa_device *dev)
{
	unsigned int g, i, groups;

	for (g = 0; g < DSA_SPR_GROUPS; g++) {
		const __u64 *wqs = dev->groups[g].wqs;

		if ((wqs[0] & ~(__u64)DSA_ALL_WQS) || wqs[1] || wqs[2] || wqs[3])
			return DSA_CMDERR_GROUP_WQS;
	}
	for (i = 0; i < DSA_SPR_WQS; i++) {
		for (g = 0, groups = 0; g < DSA_SPR_GROUPS; g++)
			groups += !!(dev->groups[g].wqs[0] & BIT(i));
		if (groups != !!wq_size(dev, i))
			return DSA_CMDERR_GROUP_WQS;
	}
	return DSA_CMDERR_SUCCESS;
}

static uint8_t check_group_engines(const struct dsa_device *dev)
{
	uint64_t seen = 0;
	unsigned int g;

	for (g = 0; g < DSA_SPR_GROUPS; g++) {
		uint64_t engines = dev->groups[g].engines;

		if ((engines & ~(uint64_t)ALL_ENGINES) || (engines & seen))
			return DSA_CMDERR_ENGINE_GROUPS;
		seen |= engines;
	}
	return DSA_CMDERR_SUCCESS;
}

/* A group has both queues and engines, or neither. */
static uint8_t check_group_pairs(const struct dsa_device *dev)
{
	unsigned int g;

	for (g = 0; g < DSA_SPR_GROUPS; g++) {
		if (!dev->groups[g].wqs[0] != !dev->groups[g].engines)
			return DSA_CMDERR_GROUP_ENGINES;
		if (dev->groups[g].flags & ~GRPFLAGS_DEFINED)
			return DSA_CMDERR_DEV_CONFIG;
	}
	return DSA_CMDERR_SUCCESS;
}

static uint8_t check_read_bufs(const struct dsa_device *dev)
{
	unsigned int total = FIELD_GET(DSA_GRPCAP_READ_BUFS, dev->profile->grpcap);
	unsigned int limit = FIELD_GET(DSA_GENCFG_READ_BUF_LIMIT, dev->gencfg);
	unsigned int g, all_reserved = 0;

	for (g = 0; g < DSA_SPR_GROUPS; g++)
		if (dev->groups[g].engines)
			all_reserved += FIELD_GET(DSA_GRPFLAGS_READ_BUFS_RESERVED,
						  dev->groups[g].flags);
	if (all_reserved > total || limit > total)
		return DSA_CMDERR_READ_BUFS;

	for (g = 0; g < DSA_SPR_GROUPS; g++) {
		uint64_t flags = dev->groups[g].flags;
		unsigned int reserved = FIELD_GET(DSA_GRPFLAGS_READ_BUFS_RESERVED, flags);
		unsigned int allowed = FIELD_GET(DSA_GRPFLAGS_READ_BUFS_ALLOWED, flags);
		unsigned int need = READ_BUFS_PER_ENGINE *
				    __builtin_popcountll(dev->groups[g].engines);

		if (!need)
			continue;
		if (allowed < need || allowed < reserved ||
		    allowed > reserved + (total - all_reserved))
			return DSA_CMDERR_READ_BUFS;
		if ((flags & DSA_GRPFLAGS_USE_READ_BUF_LIMIT) && limit < need)
			return DSA_CMDERR_READ_BUFS;
	}
	return DSA_CMDERR_SUCCESS;
}

uint8_t dsa_check_device(struct dsa_device *dev, uint32_t wqs)
{
	static uint8_t (*const checks[])(const struct dsa_device *) = {
		check_sizes, check_group_wqs, check_group_engines, check_group_pairs,
		check_read_bufs, dsa_check_event_log,
	};
	uint8_t error = DSA_CMDERR_SUCCESS;
	unsigned int i;

	(void)wqs;
	if (!dsa_config_bus_master(dev))
		return DSA_CMDERR_NO_BUS_MASTER;
	for (i = 0; !error && i < sizeof(checks) / sizeof(checks[0]); i++)
		error = checks[i](dev);
	return error;
}

static uint8_t check_mode(const struct dsa_device *dev, uint32_t mode)
{
	uint64_t wqcap = dev->profile->wqcap;
	uint16_t pasid = dsa_config_pasid_control(dev);
	bool dedicated = mode & DSA_WQCFG2_DEDICATED;

	if (!(wqcap & (dedicated ? DSA_WQCAP_DEDICATED : DSA_WQCAP_SHARED)))
		return DSA_CMDERR_WQ_MODE;
	if ((wqcap & DSA_WQCAP_PRIORITY) && !FIELD_GET(DSA_WQCFG2_PRIORITY, mode))
		return DSA_CMDERR_WQ_PRIORITY;
	/* Needs the page request capability, which the function does not have. */
	if (mode & DSA_WQCFG2_BLOCK_ON_FAULT)
		return DSA_CMDERR_WQ_BLOCK_ON_FAULT;
	/* A shared queue must have PASIDs; without the capability switched on none can. */
	if (mode & DSA_WQCFG2_PASID_ENABLE ? !(pasid & DSA_PASID_CONTROL_ENABLE) : !dedicated)
		return DSA_CMDERR_WQ_PASID;
	if (dedicated && (mode & DSA_WQCFG2_PASID_ENABLE) && (mode & DSA_WQCFG2_PRIV) &&
	    !(pasid & DSA_PASID_CONTROL_PRIV))
		return DSA_CMDERR_WQ_PRIV;
	if ((mode & DSA_WQCFG2_ATS_DISABLE) && !(wqcap & DSA_WQCAP_ATS_DISABLE))
		return DSA_CMDERR_WQ_ATS_DISABLE;
	if ((mode & DSA_WQCFG2_PRS_DISABLE) && !(wqcap & DSA_WQCAP_PRS_DISABLE))
		return DSA_CMDERR_WQ_PRS_DISABLE;
	return DSA_CMDERR_SUCCESS;
}

static uint8_t check_limits(const struct dsa_device *dev, uint32_t limits)
{
	uint64_t gencap = dev->profile->gencap;
	unsigned int batch = FIELD_GET(DSA_WQCFG3_MAX_BATCH_SHIFT, limits);
	unsigned int xfer = FIELD_GET(DSA_WQCFG3_MAX_XFER_SHIFT, limits);

	if ((!batch && !(gencap & DSA_GENCAP_BATCH1)) ||
	    batch > FIELD_GET(DSA_GENCAP_MAX_BATCH_SHIFT, gencap))
		return DSA_CMDERR_WQ_MAX_BATCH;
	if (xfer > FIELD_GET(DSA_GENCAP_MAX_XFER_SHIFT, gencap))
		return DSA_CMDERR_WQ_MAX_XFER;
	return DSA_CMDERR_SUCCESS;
}

uint8_t dsa_check_wq(struct dsa_device *dev, uint32_t wqs)
{
	const struct dsa_wq *wq = &dev->wqs[__builtin_ctz(wqs)];
	uint32_t occupancy = wq->cfg[DSA_WQCFG_OCC_HANDLE];
	uint8_t error;

	if (wq->state != DSA_WQ_STATE_DISABLED)
		return DSA_CMDERR_WQ_NOT_DISABLED;
	if (!wq_size(dev, wq->index))
		return DSA_CMDERR_WQ_SIZE_ZERO;
	error = check_mode(dev, wq->cfg[DSA_WQCFG_MODE]);
	if (!error)
		error = check_limits(dev, wq->cfg[DSA_WQCFG_LIMITS]);
	if (error)
		return error;
	/* Messages from the interrupt message storage cannot be sent from here. */
	if (occupancy & DSA_WQCFG4_OCC_IMS)
		return DSA_CMDERR_WQ_OCCUPANCY_INT;
	/* A handle that was never requested stands there if the interrupt is not wanted. */
	if (dev->handles.entry &&
	    !(wq->cfg[DSA_WQCFG_OCC_LIMIT] & DSA_WQCFG5_OCC_INT_ENABLE))
		return DSA_CMDERR_SUCCESS;
	return dsa_handle_vector(dev, FIELD_GET(DSA_WQCFG4_OCC_HANDLE, occupancy)) < 0 ?
	       DSA_CMDERR_WQ_OCCUPANCY_INT : DSA_CMDERR_SUCCESS;
}

uint8_t dsa_check_wqs_enabled(struct dsa_device *dev, uint32_t wqs)
{
	unsigned int i;

	for (i = 0; i < DSA_SPR_WQS; i++)
		if ((wqs & BIT(i)) && dev->wqs[i].state != DSA_WQ_STATE_ENABLED)
			return DSA_CMDERR_WQ_NOT_ENABLED;
	return DSA_CMDERR_SUCCESS;
}
