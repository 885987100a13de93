/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Intel DSA: what its capability registers say.
 *
 * One truth for the guest driver, the simulated guest and the tests. Source:
 * specification, chapter 9.2.
 */
#ifndef DSA_CAPS_H
#define DSA_CAPS_H

#ifndef __KERNEL__
#include <stdbool.h>
#include <stddef.h>
#endif

#include <dsa/registers.h>

/**
 * struct dsa_cap_registers - the registers as they were read
 * @cmdcap: zero unless DSA_GENCAP_CMDCAP says that there is one
 */
struct dsa_cap_registers {
	__u64 gencap;
	__u64 wqcap;
	__u64 grpcap;
	__u64 engcap;
	__u64 opcap;
	__u64 offsets;
	__u32 version;
	__u32 cmdcap;
};

/**
 * struct dsa_caps - what they say
 * @version: of the device, 0x100 for DSA 1.0
 * @opcap: bit n: operation n, of the first 64
 * @wqs: work queues
 * @groups: groups
 * @engines: engines
 * @total_entries: descriptors that all work queues together can hold
 * @read_buffers: most that can be allowed a group; 0: not controllable
 * @grpcfg: where in BAR0 the table of groups is, in bytes
 * @wqcfg: likewise, the table of work queues
 * @wqcfg_stride: size of one of its entries in bytes
 * @msixperm: likewise, the table of permissions of the vectors
 * @max_xfer_shift: log2 of the largest transfer
 * @max_batch_shift: log2 of the largest batch
 * @configurable: software decides on groups and work queues
 * @dedicated: work queues can be dedicated
 * @shared: work queues can be shared, by who has a PASID
 * @priority: work queues have one
 * @handles: interrupt handles have to be requested
 */
struct dsa_caps {
	__u32 version;
	__u64 opcap;
	unsigned int wqs;
	unsigned int groups;
	unsigned int engines;
	unsigned int total_entries;
	unsigned int read_buffers;
	__u32 grpcfg;
	__u32 wqcfg;
	__u32 wqcfg_stride;
	__u32 msixperm;
	__u32 max_xfer_shift;
	__u32 max_batch_shift;
	bool configurable;
	bool dedicated;
	bool shared;
	bool priority;
	bool handles;
};

/* Any content of the registers gives some @caps: see dsa_caps_lack(). */
static inline void dsa_caps_decode(const struct dsa_cap_registers *registers,
				   struct dsa_caps *caps)
{
	const __u64 gencap = registers->gencap, wqcap = registers->wqcap;
	const __u64 grpcap = registers->grpcap, offsets = registers->offsets;

	*caps = (struct dsa_caps){
		.version = registers->version,
		.opcap = registers->opcap,
		.wqs = FIELD_GET(DSA_WQCAP_NUM_WQS, wqcap),
		.groups = FIELD_GET(DSA_GRPCAP_NUM_GROUPS, grpcap),
		.engines = FIELD_GET(DSA_ENGCAP_NUM_ENGINES, registers->engcap),
		.total_entries = FIELD_GET(DSA_WQCAP_TOTAL_SIZE, wqcap),
		.grpcfg = FIELD_GET(DSA_OFFSETS_GRPCFG, offsets) * DSA_OFFSETS_UNIT,
		.wqcfg = FIELD_GET(DSA_OFFSETS_WQCFG, offsets) * DSA_OFFSETS_UNIT,
		.wqcfg_stride = DSA_WQCFG_STRIDE(FIELD_GET(DSA_WQCAP_STRIDE_CODE, wqcap)),
		.msixperm = FIELD_GET(DSA_OFFSETS_MSIXPERM, offsets) * DSA_OFFSETS_UNIT,
		.max_xfer_shift = FIELD_GET(DSA_GENCAP_MAX_XFER_SHIFT, gencap),
		.max_batch_shift = FIELD_GET(DSA_GENCAP_MAX_BATCH_SHIFT, gencap),
		.configurable = gencap & DSA_GENCAP_CONFIG,
		.dedicated = wqcap & DSA_WQCAP_DEDICATED,
		.shared = wqcap & DSA_WQCAP_SHARED,
		.priority = wqcap & DSA_WQCAP_PRIORITY,
		.handles = registers->cmdcap & BIT(DSA_COMMAND_REQUEST_INT_HANDLE),
	};
	if (grpcap & DSA_GRPCAP_READ_BUF_CTRL)
		caps->read_buffers = FIELD_GET(DSA_GRPCAP_READ_BUFS, grpcap);
}

/* Whether @number entries of @stride bytes at @offset lie in a BAR of @size. */
static inline bool dsa_caps_table_fits(__u64 offset, __u64 stride, __u64 number, __u64 size)
{
	return offset && offset <= size && number * stride <= size - offset;
}

/*
 * What a driver of dedicated work queues cannot do without, in words, or NULL. The
 * device has @vectors MSI-X vectors and BARs of @bar0 and @bar2 bytes.
 */
static inline const char *dsa_caps_lack(const struct dsa_caps *caps, unsigned int vectors,
					__u64 bar0, __u64 bar2)
{
	if (!caps->configurable)
		return "its configuration is fixed";
	if (!caps->dedicated)
		return "it has no dedicated work queues";
	if (!caps->groups || !caps->engines)
		return "it has no groups or no engines";
	if (!caps->wqs || caps->total_entries < caps->wqs)
		return "it has fewer queue entries than work queues, or none";
	if (!dsa_caps_table_fits(caps->grpcfg, DSA_GRPCFG_STRIDE, caps->groups, bar0) ||
	    !dsa_caps_table_fits(caps->wqcfg, caps->wqcfg_stride, caps->wqs, bar0) ||
	    !dsa_caps_table_fits(caps->msixperm, DSA_MSIXPERM_STRIDE, vectors, bar0))
		return "its OFFSETS point outside of BAR0";
	if (bar2 / DSA_PORTAL_STRIDE < caps->wqs)
		return "its BAR2 has no room for the portals of all queues";
	return NULL;
}

#endif /* DSA_CAPS_H */
