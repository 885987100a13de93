/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the structures of <uapi/dsa_sample.h> mean to a DSA: groups and queues, and
 * work items as descriptors.
 *
 * One truth for the sample driver and for the simulated guest, which has the same
 * interface. Nothing here touches a device.
 */
#ifndef DSA_SAMPLE_H
#define DSA_SAMPLE_H

#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#endif

#include <linux/idxd.h>

#include <dsa/caps.h>
#include <uapi/dsa_sample.h>

/* Most descriptors of a queue: submission leaves room for the events of all in flight. */
#define DSA_SAMPLE_ENTRIES_MAX (DSA_SAMPLE_EVENTS_MAX / 2)
/* Times of DSA_SAMPLE_QUEUE_UP. */
#define DSA_SAMPLE_CONFIRM_MS 5000
#define DSA_SAMPLE_CONFIRM_MAX_MS 60000
#define DSA_SAMPLE_TIMEOUT_MS 30000
#define DSA_SAMPLE_TIMEOUT_MAX_MS 600000
#define DSA_SAMPLE_TIME_MIN_MS 10
/* log2 of DSA_SAMPLE_BATCH_MAX: what a queue is configured for, unless told otherwise. */
#define DSA_SAMPLE_BATCH_SHIFT 4

static inline unsigned int dsa_sample_min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Descriptors of each queue, unless configured otherwise. */
static inline unsigned int dsa_sample_usual_entries(const struct dsa_caps *caps)
{
	return dsa_sample_min(DSA_SAMPLE_ENTRIES_MAX, caps->total_entries / caps->wqs);
}

/* What DSA_SAMPLE_INFO says that follows from the capabilities alone. */
static inline void dsa_sample_info_caps(const struct dsa_caps *caps, struct dsa_sample_info *info)
{
	info->api_version = DSA_SAMPLE_API_VERSION;
	info->device_version = caps->version;
	info->queue_entries = dsa_sample_usual_entries(caps);
	info->max_transfer = BIT_ULL(caps->max_xfer_shift);
	info->groups = dsa_sample_min(caps->groups, DSA_SAMPLE_GROUPS);
	info->engines = dsa_sample_min(caps->engines, 64);
	info->total_entries = caps->total_entries;
	info->group_flags = FIELD_PREP(DSA_GRPFLAGS_READ_BUFS_ALLOWED, caps->read_buffers);
}

/*
 * Whether the sizes and times of @args are in range, for pages of @page bytes and
 * buffers up to @buffer_max. Times that are zero become the usual ones.
 */
static inline bool dsa_sample_queue_up_valid(struct dsa_sample_queue_up *args, __u32 page,
					     __u32 buffer_max)
{
	if (!args->confirm_ms)
		args->confirm_ms = DSA_SAMPLE_CONFIRM_MS;
	if (!args->timeout_ms)
		args->timeout_ms = DSA_SAMPLE_TIMEOUT_MS;
	return args->buffer_size && args->buffer_size % page == 0 &&
	       args->buffer_size <= buffer_max && args->confirm_ms >= DSA_SAMPLE_TIME_MIN_MS &&
	       args->confirm_ms <= DSA_SAMPLE_CONFIRM_MAX_MS &&
	       args->timeout_ms >= DSA_SAMPLE_TIME_MIN_MS &&
	       args->timeout_ms <= DSA_SAMPLE_TIMEOUT_MAX_MS;
}

/*
 * Make @config what it is unless DSA_SAMPLE_CONFIGURE says otherwise: all queues,
 * equal, dealt out to the groups in turn as the engines are; traffic class 0, which
 * is the only one that is always there.
 */
static inline void dsa_sample_usual_config(const struct dsa_caps *caps,
					   struct dsa_sample_configure *config)
{
	unsigned int wqs = dsa_sample_min(caps->wqs, DSA_SAMPLE_QUEUES);
	unsigned int groups = dsa_sample_min(caps->groups, DSA_SAMPLE_GROUPS);
	unsigned int used = dsa_sample_min(dsa_sample_min(groups, caps->engines), wqs);
	unsigned int i;

	memset(config, 0, sizeof(*config));
	for (i = 0; i < groups; i++)
		config->groups[i].flags = FIELD_PREP(DSA_GRPFLAGS_READ_BUFS_ALLOWED,
						     caps->read_buffers);
	for (i = 0; i < dsa_sample_min(caps->engines, 64); i++)
		config->groups[i % used].engines |= BIT_ULL(i);
	for (i = 0; i < wqs; i++) {
		config->groups[i % used].queues |= BIT_ULL(i);
		config->queues[i] = (struct dsa_sample_queue_config){
			.size = dsa_sample_usual_entries(caps),
			.priority = 1,
			.max_transfer_shift = caps->max_xfer_shift,
			.max_batch_shift =
				dsa_sample_min(DSA_SAMPLE_BATCH_SHIFT, caps->max_batch_shift),
		};
	}
}

/*
 * What DSA_SAMPLE_CONFIGURE with @config makes of a device: false if something in it is
 * out of range that the device itself would not notice now, or at all.
 */
static inline bool dsa_sample_config_make(const struct dsa_caps *caps,
					  const struct dsa_sample_configure *config,
					  struct dsa_sample_configure *made)
{
	static const struct dsa_sample_configure zeros;
	unsigned int i;

	if (config->flags)
		return false;
	*made = *config;
	if (!memcmp(config->groups, zeros.groups, sizeof(zeros.groups)) &&
	    !memcmp(config->queues, zeros.queues, sizeof(zeros.queues)))
		dsa_sample_usual_config(caps, made);
	for (i = 0; i < DSA_SAMPLE_QUEUES; i++) {
		const struct dsa_sample_queue_config *queue = &config->queues[i];

		if (queue->reserved || queue->reserved2 ||
		    queue->size > (i < caps->wqs ? DSA_SAMPLE_ENTRIES_MAX : 0) ||
		    queue->priority > FIELD_GET(DSA_WQCFG2_PRIORITY, ~0U) ||
		    (queue->size && !queue->priority) ||
		    queue->max_transfer_shift > caps->max_xfer_shift ||
		    queue->max_batch_shift > caps->max_batch_shift)
			return false;
	}
	for (i = caps->groups; i < DSA_SAMPLE_GROUPS; i++)
		if (config->groups[i].queues || config->groups[i].engines ||
		    config->groups[i].flags)
			return false;
	return true;
}

/* Most members of a batch to a queue of @config; 0: it takes none. */
static inline unsigned int dsa_sample_batch(const struct dsa_sample_queue_config *config)
{
	if (!config->max_batch_shift)
		return 0;
	return dsa_sample_min(dsa_sample_min(1U << config->max_batch_shift, config->size - 1),
			      DSA_SAMPLE_BATCH_MAX);
}

/**
 * struct dsa_sample_operation - what an operation makes of struct dsa_sample_work
 * @supported: it can be asked for
 * @data: size is its transfer size
 * @pattern: first operand
 * @src: first operand: the address of that
 * @dst: second operand: likewise
 * @batch: size is the number of its members
 */
struct dsa_sample_operation {
	bool supported;
	bool data;
	bool pattern;
	bool src;
	bool dst;
	bool batch;
};

/* The operation with that code, or NULL. */
static inline const struct dsa_sample_operation *dsa_sample_operation(__u32 opcode)
{
	static const struct dsa_sample_operation operations[] = {
		[DSA_OPCODE_NOOP] = { .supported = true },
		[DSA_OPCODE_BATCH] = { .supported = true, .batch = true },
		[DSA_OPCODE_DRAIN] = { .supported = true },
		[DSA_OPCODE_MEMMOVE] = { .supported = true, .data = true, .src = true, .dst = true },
		[DSA_OPCODE_MEMFILL] = { .supported = true, .data = true, .pattern = true,
					 .dst = true },
		[DSA_OPCODE_COMPARE] = { .supported = true, .data = true, .src = true, .dst = true },
	};

	return opcode < sizeof(operations) / sizeof(operations[0]) &&
	       operations[opcode].supported ? &operations[opcode] : NULL;
}

static inline bool dsa_sample_inside(__u64 offset, __u32 size, __u64 buffer_size)
{
	return offset <= buffer_size && size <= buffer_size - offset;
}

/*
 * 0, or the error of DSA_SAMPLE_SUBMIT for @work in a queue with that buffer, where a
 * batch may have @batch members; 0: none is possible, as in a batch.
 */
static inline int dsa_sample_work_check(const struct dsa_caps *caps,
					const struct dsa_sample_work *work, __u64 buffer_size,
					unsigned int batch)
{
	const struct dsa_sample_operation *operation = dsa_sample_operation(work->opcode);

	if (!operation || !(caps->opcap & BIT_ULL(work->opcode)) ||
	    work->flags & ~DSA_SAMPLE_WORK_INTERRUPT || work->reserved ||
	    (operation->data || operation->batch) != !!work->size)
		return -EINVAL;
	if (operation->batch)
		return work->size < 2 || work->size > batch ? -EINVAL : 0;
	if (work->size > BIT_ULL(caps->max_xfer_shift) ||
	    (operation->src && !dsa_sample_inside(work->src, work->size, buffer_size)) ||
	    (operation->dst && !dsa_sample_inside(work->dst, work->size, buffer_size)))
		return -ERANGE;
	return 0;
}

/*
 * Make @desc the descriptor of @work, which has been checked, for a buffer at bus address
 * @buffer, with a completion record at @record and an interrupt by @handle, if any.
 */
static inline void dsa_sample_descriptor(struct dsa_hw_desc *desc,
					 const struct dsa_sample_work *work, __u64 buffer,
					 __u64 record, __u16 handle)
{
	const struct dsa_sample_operation *operation = dsa_sample_operation(work->opcode);

	memset(desc, 0, sizeof(*desc));
	desc->opcode = work->opcode;
	/* Never an interrupt without a record: nobody would find its cause. */
	desc->flags = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR; /* Rule 9 */
	desc->completion_addr = record;
	desc->xfer_size = work->size;
	if (work->flags & DSA_SAMPLE_WORK_INTERRUPT) {
		desc->flags |= IDXD_OP_FLAG_RCI;
		desc->int_handle = handle;
	}
	if (operation->pattern)
		desc->pattern = work->pattern;
	if (operation->src)
		desc->src_addr = buffer + work->src;
	if (operation->dst)
		desc->dst_addr = buffer + work->dst;
}

/* The counter of what ended like @how. */
static inline __u64 *dsa_sample_counter(struct dsa_sample_queue_stats *stats,
					enum dsa_sample_how how)
{
	switch (how) {
	case DSA_SAMPLE_HOW_INTERRUPT:
		return &stats->interrupted;
	case DSA_SAMPLE_HOW_STRANDED:
		return &stats->stranded;
	case DSA_SAMPLE_HOW_MISSING:
		return &stats->missing;
	case DSA_SAMPLE_HOW_POLLED:
		return &stats->polled;
	default:
		return &stats->aborted;
	}
}

/*
 * Put into @event what @record says, whose status has been seen, of work in a buffer of
 * @size bytes at bus address @buffer.
 */
static inline void dsa_sample_event_record(struct dsa_sample_event *event,
					   const volatile struct dsa_completion_record *record,
					   __u64 buffer, __u64 size)
{
	const __u64 faults = BIT_ULL(DSA_COMP_PAGE_FAULT_NOBOF) | BIT_ULL(DSA_COMP_PAGE_FAULT_IR) |
			     BIT_ULL(DSA_COMP_BATCH_PAGE_FAULT) | BIT_ULL(DSA_COMP_CRA_XLAT) |
			     BIT_ULL(DSA_COMP_PFAULT_RDBA);

	event->status = record->status & DSA_COMP_STATUS_MASK;
	event->result = record->result;
	event->bytes_completed = record->bytes_completed;
	if (faults & BIT_ULL(event->status & DSA_COMPLETION_STATUS_CODE))
		event->fault_address = record->fault_addr - buffer < size ?
				       record->fault_addr - buffer : ~0ULL;
}

#endif /* DSA_SAMPLE_H */
