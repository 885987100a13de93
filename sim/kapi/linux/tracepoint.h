/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel API in user space: tracepoints are counted, and their text is kept
 * while tracing is on (kapi/sight.c).
 */
#ifndef KAPI_LINUX_TRACEPOINT_H
#define KAPI_LINUX_TRACEPOINT_H

#include <linux/kernel.h>

#define KAPI_TRACE_STRING 64

struct kapi_trace_symbol {
	long value;
	const char *name;
};

/* Counts the event; true if its text is wanted too. */
bool kapi_trace_hit(const char *event);
void kapi_trace_text(const char *event, const char *format, ...) __printf(2, 3);
const char *kapi_trace_symbol(long value, const struct kapi_trace_symbol *symbols, size_t n);

#define TP_PROTO(...) __VA_ARGS__
#define TP_ARGS(...) __VA_ARGS__
#define TP_STRUCT__entry(...) __VA_ARGS__
#define TP_fast_assign(...) __VA_ARGS__
#define TP_printk(...) __VA_ARGS__
#define TP_CONDITION(...) __VA_ARGS__

#define __field(type, item) type item;
#define __array(type, item, len) type item[len];
#define __string(item, source) char item[KAPI_TRACE_STRING];
#define __get_str(item) (__entry->item)
#define __assign_str(item, ...) KAPI_ASSIGN_STR(item, ##__VA_ARGS__, item)
#define KAPI_ASSIGN_STR(item, source, ...) \
	snprintf(__entry->item, sizeof(__entry->item), "%s", source)
#define __print_symbolic(value, ...)						\
	kapi_trace_symbol(value, (const struct kapi_trace_symbol[]){ __VA_ARGS__ },	\
			  ARRAY_SIZE(((const struct kapi_trace_symbol[]){ __VA_ARGS__ })))

#define DECLARE_EVENT_CLASS(class, proto, args, entry, assign, print)		\
	struct kapi_trace_entry_##class {					\
		entry								\
	};									\
	static inline __maybe_unused void					\
	kapi_trace_class_##class(const char *kapi_event, proto)		\
	{									\
		struct kapi_trace_entry_##class kapi_entry = { 0 };		\
		struct kapi_trace_entry_##class *__entry = &kapi_entry;		\
										\
		if (!kapi_trace_hit(kapi_event))				\
			return;							\
		assign								\
		kapi_trace_text(kapi_event, print);				\
	}

#define DEFINE_EVENT(class, event, proto, args)					\
	static inline __maybe_unused void trace_##event(proto)			\
	{									\
		kapi_trace_class_##class(#event, args);				\
	}									\
	static inline __maybe_unused bool trace_##event##_enabled(void)	\
	{									\
		return true;							\
	}

#define TRACE_EVENT(event, proto, args, entry, assign, print)			\
	DECLARE_EVENT_CLASS(event, TP_PROTO(proto), TP_ARGS(args),		\
			    TP_STRUCT__entry(entry), TP_fast_assign(assign),	\
			    TP_printk(print))					\
	DEFINE_EVENT(event, event, TP_PROTO(proto), TP_ARGS(args))

#define TRACE_DEFINE_ENUM(value)

#endif /* KAPI_LINUX_TRACEPOINT_H */
