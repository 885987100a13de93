/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace points: what becomes of each descriptor. /sys/kernel/tracing/events/dsa_sample
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dsa_sample

#if !defined(DSA_SAMPLE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define DSA_SAMPLE_TRACE_H

#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(dsa_sample_descriptor,
		    TP_PROTO(const struct dsa_sample_queue *q, const struct dsa_sample_entry *e,
			     int how),
		    TP_ARGS(q, e, how),
		    TP_STRUCT__entry(__field(int, device)
				     __field(unsigned int, queue)
				     __field(u64, tag)
				     __field(u8, status)
				     __field(int, how)),
		    TP_fast_assign(__entry->device = q->device->id;
				   __entry->queue = q->number;
				   __entry->tag = e->tag;
				   __entry->status = q->records[e - q->entries].status;
				   __entry->how = how),
		    TP_printk("dsa-sample%d queue %u tag %#llx status %#x %s",
			      __entry->device, __entry->queue, __entry->tag, __entry->status,
			      __print_symbolic(__entry->how, { 0, "" },
					       { DSA_SAMPLE_HOW_INTERRUPT, "interrupt" },
					       { DSA_SAMPLE_HOW_STRANDED, "stranded" },
					       { DSA_SAMPLE_HOW_MISSING, "missing" },
					       { DSA_SAMPLE_HOW_POLLED, "polled" },
					       { DSA_SAMPLE_HOW_ABORTED, "aborted" })));

#define DSA_SAMPLE_TRACE(name) \
	DEFINE_EVENT(dsa_sample_descriptor, name, \
		TP_PROTO(const struct dsa_sample_queue *q, \
			 const struct dsa_sample_entry *e, int how), \
		TP_ARGS(q, e, how))

/* Handed to the device, or to it again. */
DSA_SAMPLE_TRACE(dsa_sample_submit);
/* Its completion record has been seen for the first time. */
DSA_SAMPLE_TRACE(dsa_sample_complete);
/* It has been accounted for: how. */
DSA_SAMPLE_TRACE(dsa_sample_reap);

#endif /* DSA_SAMPLE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
