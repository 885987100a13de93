// SPDX-License-Identifier: GPL-2.0-only
/*
 * Profiles: which device to be.
 *
 * All have the shape of the one in Sapphire Rapids (dsa/profile.h) and differ in
 * what their capability registers say. The interrupt message storage of silicon
 * is never offered: nothing could be sent from it.
 */
#include <string.h>

#include "device_private.h"

/* Transfers up to 2^@xfer bytes, batches up to 2^@batch descriptors. */
#define LIMITS(gencap, xfer, batch) \
	(((gencap) & ~(DSA_GENCAP_MAX_XFER_SHIFT | DSA_GENCAP_MAX_BATCH_SHIFT)) | \
	 FIELD_PREP(DSA_GENCAP_MAX_XFER_SHIFT, xfer) | \
	 FIELD_PREP(DSA_GENCAP_MAX_BATCH_SHIFT, batch))

/* Every command there is: the fixed ones, and the two for interrupt handles. */
#define HANDLE_COMMANDS GENMASK_ULL(DSA_COMMAND_RELEASE_INT_HANDLE, DSA_COMMAND_ENABLE_DEVICE)

/*
 * Version 2 as far as it is here: with an event log, of which full ones lose events. Bits 63:32
 * of version 1 say how many descriptors an engine can have in progress; they have other meanings.
 */
#define V2_GENCAP \
	((DSA_SPR_GENCAP & UINT32_MAX) | DSA_GENCAP_EVL_OVERFLOW | \
	 FIELD_PREP(DSA_GENCAP_EVL, DSA_GENCAP_EVL_64_BYTES))

/* What all have in common. */
#define COMMON \
	.wqcap = DSA_SPR_WQCAP, .grpcap = DSA_SPR_GRPCAP, \
	.engcap = DSA_SPR_ENGCAP, .offsets = { DSA_SPR_OFFSETS0, DSA_SPR_OFFSETS1 }, \
	.gencfg = DSA_SPR_GENCFG, .grpflags = DSA_SPR_GRPFLAGS

static const struct dsa_profile profiles[] = {
	{
		COMMON,
		.version = DSA_SPR_VERSION,
		.name = "spr",
		.summary = "as in Sapphire Rapids and Emerald Rapids",
		.gencap = DSA_SPR_GENCAP,
		.opcap0 = DSA_SPR_OPCAP0,
	},
	{
		COMMON,
		.version = DSA_SPR_VERSION,
		.name = "spr-early",
		.summary = "its early stepping, with delta records",
		.gencap = DSA_SPR_GENCAP | DSA_GENCAP_V1_CACHE,
		.opcap0 = DSA_SPR_EARLY_OPCAP0,
	},
	{
		COMMON,
		.version = DSA_SPR_VERSION,
		.name = "spr-handles",
		.summary = "spr that wants interrupt handles to be requested",
		.gencap = DSA_SPR_GENCAP | DSA_GENCAP_CMDCAP,
		.cmdcap = HANDLE_COMMANDS,
		.opcap0 = DSA_SPR_OPCAP0,
	},
	{
		COMMON,
		.version = DSA_SPR_VERSION,
		.name = "spr-pasid",
		.summary = "spr with PASID, and thus with shared queues",
		.gencap = DSA_SPR_GENCAP,
		.opcap0 = DSA_SPR_OPCAP0,
		.pasid = true,
	},
	{
		COMMON,
		.version = DSA_SPR_VERSION,
		.name = "small",
		.summary = "spr with transfers up to 2M and batches up to 32",
		.gencap = LIMITS(DSA_SPR_GENCAP, 21, 5),
		.opcap0 = DSA_SPR_OPCAP0,
	},
	{
		COMMON,
		.version = DSA_SPR_VERSION,
		.name = "all",
		.summary = "delta records, interrupt handles and shared queues at once",
		.gencap = DSA_SPR_GENCAP | DSA_GENCAP_V1_CACHE | DSA_GENCAP_CMDCAP,
		.cmdcap = HANDLE_COMMANDS,
		.opcap0 = DSA_SPR_EARLY_OPCAP0,
		.pasid = true,
	},
	{
		COMMON,
		.version = DSA_VERSION_2,
		.name = "v2",
		.summary = "spr as version 2.0, with an event log",
		.gencap = V2_GENCAP,
		.opcap0 = DSA_SPR_OPCAP0,
	},
	{
		COMMON,
		.version = DSA_VERSION_2,
		.name = "v2-all",
		.summary = "all as version 2.0, with an event log",
		.gencap = V2_GENCAP | DSA_GENCAP_CMDCAP,
		.cmdcap = HANDLE_COMMANDS,
		.opcap0 = DSA_SPR_EARLY_OPCAP0,
		.pasid = true,
	},
};

#define PROFILE_COUNT (sizeof(profiles) / sizeof(profiles[0]))

const char *const *dsa_profile_names(void)
{
	static const char *const names[] = {
		"spr", "spr-early", "spr-handles", "spr-pasid", "small", "all", "v2", "v2-all",
		NULL,
	};

	DSA_STATIC_ASSERT(sizeof(names) / sizeof(names[0]) == PROFILE_COUNT + 1,
			  "a name for each");
	return names;
}

const char *dsa_profile_summary(const char *name)
{
	const struct dsa_profile *profile = dsa_profile_find(name);

	return profile ? profile->summary : NULL;
}

const struct dsa_profile *dsa_profile_find(const char *name)
{
	unsigned int i;

	for (i = 0; name && i < PROFILE_COUNT; i++)
		if (!strcmp(profiles[i].name, name))
			return &profiles[i];
	return NULL;
}

/* ---- Products ------------------------------------------------------------ */

static const struct {
	uint16_t id;
	uint32_t version;
} products[] = {
	{ DSA_PCI_DEVICE_SPR, DSA_SPR_VERSION },
	{ DSA_PCI_DEVICE_GNRD, 0x200 },
	{ DSA_PCI_DEVICE_DMR, 0x300 },
};

#define PRODUCT_COUNT (sizeof(products) / sizeof(products[0]))

uint32_t dsa_product_version(unsigned int id)
{
	unsigned int i;

	for (i = 0; i < PRODUCT_COUNT; i++)
		if (products[i].id == id)
			return products[i].version;
	return 0;
}
