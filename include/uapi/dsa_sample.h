/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * User interface of dsa_sample, the sample driver for Intel DSA.
 *
 * /dev/dsa-sampleN is one DSA function. DSA_SAMPLE_QUEUE_UP on it brings one
 * work queue up, with request_irq() for its MSI-X vector, and returns a file
 * descriptor: the queue. On the queue:
 *
 *   mmap(2)              the queue's DMA buffer, at offset 0
 *   DSA_SAMPLE_SUBMIT    hands work to the device
 *   read(2)              returns whole struct dsa_sample_event, oldest first
 *   poll(2)              POLLIN: events to read; POLLOUT: a submission would be
 *                        accepted; POLLERR: the device is gone or was given up
 *   close(2)             with munmap(2) of its buffer: drains the queue, disables
 *                        it and frees its irq
 *
 * Every structure starts with argsz, which the caller sets to the size it
 * knows, and flags. The driver refuses an argsz smaller than the first version
 * of the structure and unknown flags or non-zero reserved fields (EINVAL). It
 * sets argsz to the size it knows, and writes no more than the caller's argsz.
 * An argsz larger than the driver knows is accepted if the excess is zero
 * (E2BIG otherwise). EFAULT means that nothing was done: whether the answer has a
 * place is found out before.
 *
 * When the device halts, is reset by somebody or the system is suspended, its
 * queues stop and their descriptors and mappings stay valid. Work in flight ends
 * as DSA_SAMPLE_HOW_ABORTED, then the driver resets the device and brings the
 * queues up again; until then submissions fail with EAGAIN, and poll(2) tells
 * with POLLOUT when it is done. When the device does not come back the driver
 * gives it up, and the errors below say EIO until it is reset by hand (sysfs) or
 * the driver is bound again.
 *
 * All times are nanoseconds of CLOCK_MONOTONIC. User space never names a bus
 * address: src and dst are offsets into the queue's buffer.
 */
#ifndef _UAPI_DSA_SAMPLE_H
#define _UAPI_DSA_SAMPLE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define DSA_SAMPLE_API_VERSION 1

#define DSA_SAMPLE_IOC_TYPE 0xda
#define DSA_SAMPLE_IOC_BASE 0x20

/**
 * DSA_SAMPLE_INFO - _IOWR on the device: struct dsa_sample_info
 *
 * Errors: ENODEV the device is gone; EINVAL, E2BIG, EFAULT as above.
 */
#define DSA_SAMPLE_INFO _IO(DSA_SAMPLE_IOC_TYPE, DSA_SAMPLE_IOC_BASE + 0)

/* Work is submitted with MOVDIR64B. */
#define DSA_SAMPLE_INFO_MOVDIR64B (1U << 0)
/* Work is submitted as eight 64-bit stores: a software device only. */
#define DSA_SAMPLE_INFO_STORES (1U << 1)
/* The device did not come back from a reset and was given up. */
#define DSA_SAMPLE_INFO_HALTED (1U << 2)
/* Queues can be shared: CPU, IOMMU and device allow it. */
#define DSA_SAMPLE_INFO_SHARED (1U << 3)

/**
 * struct dsa_sample_info - what the device is
 * @argsz: in: size the caller knows; out: size the driver knows
 * @flags: in: zero; out: DSA_SAMPLE_INFO_*
 * @api_version: DSA_SAMPLE_API_VERSION of the driver
 * @device_version: VERSION register, 0x100 for DSA 1.0
 * @queues: work queues that can be brought up, numbered from 0
 * @queue_entries: descriptors one queue holds unless configured otherwise
 * @vectors: MSI-X vectors enabled, all of the table; queue n has vector n + 1
 * @max_buffer: largest buffer of a queue in bytes
 * @max_transfer: largest transfer of one descriptor in bytes
 * @queues_up: bitmap of the queues that are up
 * @commands: administrative commands issued since probe, with those that only
 *	ask for a sign of life
 * @misc_interrupts: handler runs of vector 0 since probe
 * @commands_polled: of @commands, found complete by polling, interrupt not seen
 * @resets: in: zero; out: how often the device was stopped by an error, a reset
 *	or a suspend since probe, and brought back
 * @groups: groups of the device, numbered from 0; with those after it for
 *	DSA_SAMPLE_CONFIGURE, and zero if the driver has no such call
 * @engines: engines of the device
 * @total_entries: descriptors that all queues together can hold
 * @reserved2: zero
 * @group_flags: dsa_sample_group.flags unless configured otherwise
 */
struct dsa_sample_info {
	__u32 argsz;
	__u32 flags;
	__u32 api_version;
	__u32 device_version;
	__u32 queues;
	__u32 queue_entries;
	__u32 vectors;
	__u32 max_buffer;
	__u64 max_transfer;
	__u64 queues_up;
	__u64 commands;
	__u64 misc_interrupts;
	__u64 commands_polled;
	__u64 resets;
	__u32 groups;
	__u32 engines;
	__u32 total_entries;
	__u32 reserved2;
	__u64 group_flags;
};

/**
 * DSA_SAMPLE_QUEUE_UP - _IOWR on the device: struct dsa_sample_queue_up
 *
 * Allocates the buffer, calls request_irq() for the queue's vector, configures
 * and enables the work queue. Needs the device opened for writing.
 *
 * Errors: EBADF not open for writing; ENOENT no such queue, or one that is
 * configured not to be used; EBUSY the queue is up; EINVAL a size or time out of
 * range; EDQUOT this opener of the device has as many queues or as much memory as
 * it may (parameters opener_queues and opener_memory of the module); ENOSPC no
 * interrupt vector to be had; ENOMEM; EOPNOTSUPP the device cannot reach ordinary
 * memory, or a queue cannot be shared (the kernel log says why); EINTR; EAGAIN the
 * device is being reset, try again; EIO the device was
 * given up or refused a command (the kernel log says which and why); ETIMEDOUT the
 * device did not answer; ENODEV the device is gone; EMFILE, ENFILE no file
 * descriptor to be had; EFAULT. After an error the queue is down and everything is
 * freed.
 */
#define DSA_SAMPLE_QUEUE_UP _IO(DSA_SAMPLE_IOC_TYPE, DSA_SAMPLE_IOC_BASE + 1)

/* The descriptor returned is close-on-exec. */
#define DSA_SAMPLE_QUEUE_CLOEXEC (1U << 0)
/*
 * A shared work queue: work is enqueued with ENQCMDS, which tells if the device did
 * not take it. Needs a CPU with that instruction and an IOMMU that gives the device a
 * PASID: DSA_SAMPLE_INFO_SHARED. Whose it is does not change: one opener has it.
 */
#define DSA_SAMPLE_QUEUE_SHARED (1U << 1)

/**
 * struct dsa_sample_queue_up - bring one queue up
 * @argsz: in: size the caller knows; out: size the driver knows
 * @flags: in: DSA_SAMPLE_QUEUE_*; out: unchanged
 * @queue: in: queue number, 0 .. dsa_sample_info.queues - 1
 * @buffer_size: in: bytes, a multiple of the page size, 1 page ..
 *	dsa_sample_info.max_buffer
 * @confirm_ms: in: how long a visible completion without a handler run is
 *	watched before it is reported as stranded, 10 .. 60000; 0: 5000. Only time
 *	in which the machine was demonstrably alive counts: the watchdog ran on the
 *	CPU the vector is aimed at, and another vector of the device was handled
 * @timeout_ms: in: how long to wait for a completion record before work is
 *	reported as missing, 10 .. 600000; 0: 30000. Counted in the same way
 * @fd: out: the queue
 * @vector: out: MSI-X table index
 * @irq: out: Linux irq number
 * @entries: out: descriptors the queue holds
 * @start_ns: out: when the call began
 * @request_irq_ns: out: duration of request_irq(), and of aiming the vector at a CPU
 * @enable_ns: out: duration of configuring and enabling the work queue
 * @total_ns: out: duration of the whole call
 */
struct dsa_sample_queue_up {
	__u32 argsz;
	__u32 flags;
	__u32 queue;
	__u32 buffer_size;
	__u32 confirm_ms;
	__u32 timeout_ms;
	__s32 fd;
	__u32 vector;
	__s32 irq;
	__u32 entries;
	__u64 start_ns;
	__u64 request_irq_ns;
	__u64 enable_ns;
	__u64 total_ns;
};

/**
 * DSA_SAMPLE_CONFIGURE - _IOWR on the device: struct dsa_sample_configure
 *
 * Disables the device, writes what its groups and queues are to be, and enables
 * it. A DSA takes that in no other state, so no queue may be up. It holds until
 * the next call or until the driver is unbound. All zeros: as after probe. Needs
 * the device opened for writing.
 *
 * Errors: EBADF not open for writing; EBUSY a queue is up; EINVAL a number out
 * of range; EAGAIN the device is being reset, try again; EIO the device was given
 * up, or refuses (the kernel log says why, and it is as after probe again);
 * ETIMEDOUT; EINTR; ENODEV the device is gone; EFAULT.
 */
#define DSA_SAMPLE_CONFIGURE _IO(DSA_SAMPLE_IOC_TYPE, DSA_SAMPLE_IOC_BASE + 4)

/* Most of either in the structure; the device may have fewer. */
#define DSA_SAMPLE_GROUPS 16
#define DSA_SAMPLE_QUEUES 64

/**
 * struct dsa_sample_group - one group
 * @queues: bitmap of its queues
 * @engines: bitmap of its engines; none without queues, and the reverse
 * @flags: traffic classes and read buffers: its FLAGS register (GRPCFG)
 */
struct dsa_sample_group {
	__u64 queues;
	__u64 engines;
	__u64 flags;
};

/**
 * struct dsa_sample_queue_config - one queue
 * @size: descriptors it holds, at most DSA_SAMPLE_EVENTS_MAX / 2; 0: it is not
 *	used and in no group
 * @priority: 1 .. 15
 * @max_transfer_shift: log2 of the largest transfer
 * @max_batch_shift: log2 of the largest batch; 0: the queue takes none
 * @reserved: zero
 * @reserved2: zero
 */
struct dsa_sample_queue_config {
	__u16 size;
	__u8 priority;
	__u8 max_transfer_shift;
	__u8 max_batch_shift;
	__u8 reserved;
	__u16 reserved2;
};

/**
 * struct dsa_sample_configure - what groups and queues are to be
 * @argsz: in: size the caller knows; out: size the driver knows
 * @flags: zero
 * @groups: by number
 * @queues: by number
 */
struct dsa_sample_configure {
	__u32 argsz;
	__u32 flags;
	struct dsa_sample_group groups[DSA_SAMPLE_GROUPS];
	struct dsa_sample_queue_config queues[DSA_SAMPLE_QUEUES];
};

/**
 * DSA_SAMPLE_SUBMIT - _IOWR on a queue: struct dsa_sample_submit
 *
 * Items are submitted in order. The call returns 0 if at least one was
 * accepted; dsa_sample_submit.accepted says how many.
 *
 * Errors, with nothing accepted: EAGAIN the queue is full (for good when work
 * reported as missing has taken every slot), or DSA_SAMPLE_EVENTS_MAX events
 * are unread or to come, or DSA_SAMPLE_SUBMIT_HOLD holds, or the device is being
 * reset, or did not take work for a shared queue; EINVAL or ERANGE the first item is bad (an unknown opcode or flag; an
 * offset or size outside the buffer); ENODEV the device is gone; EIO it was given
 * up; EINTR a signal came while it waited for another submission; EFAULT. A bad
 * item that is not the first ends the call before it.
 */
#define DSA_SAMPLE_SUBMIT _IO(DSA_SAMPLE_IOC_TYPE, DSA_SAMPLE_IOC_BASE + 2)

/* Request a completion interrupt for the item. */
#define DSA_SAMPLE_WORK_INTERRUPT (1U << 0)

/**
 * struct dsa_sample_work - one descriptor
 * @tag: returned in the event
 * @opcode: enum dsa_opcode of <linux/idxd.h>: NOOP, MEMMOVE, MEMFILL, COMPARE, DRAIN,
 *	BATCH. The device gets a batch with the items after it, its members, in one
 *	submission; they are accepted together or not at all. Each has an event, and
 *	the batch one when all are done, with the number of those in bytes_completed
 * @flags: DSA_SAMPLE_WORK_*
 * @src: offset of the source; first source of COMPARE
 * @dst: offset of the destination; second source of COMPARE
 * @pattern: pattern of MEMFILL
 * @size: bytes; 0 for NOOP and DRAIN; members for BATCH, from 2 to
 *	DSA_SAMPLE_BATCH_MAX and what the queue is configured for, and fewer than it has
 *	entries; else 1 .. dsa_sample_info.max_transfer
 * @reserved: zero
 */
struct dsa_sample_work {
	__u64 tag;
	__u32 opcode;
	__u32 flags;
	__u64 src;
	__u64 dst;
	__u64 pattern;
	__u32 size;
	__u32 reserved;
};

/*
 * Refuse (EAGAIN) while a completion of the queue is visible that no handler
 * run and no report has accounted for. New work could wake such a completion
 * up and hide a lost interrupt. POLLOUT follows the flag of the last call.
 */
#define DSA_SAMPLE_SUBMIT_HOLD (1U << 0)

/* Most members of a batch. */
#define DSA_SAMPLE_BATCH_MAX 16

/* Most items in one call. */
#define DSA_SAMPLE_SUBMIT_MAX 1024

/* Most events a queue keeps; no work is accepted whose event might not fit. */
#define DSA_SAMPLE_EVENTS_MAX 1024

/**
 * struct dsa_sample_submit - submit work
 * @argsz: in: size the caller knows; out: size the driver knows
 * @flags: DSA_SAMPLE_SUBMIT_HOLD or zero
 * @count: in: items, 1 .. DSA_SAMPLE_SUBMIT_MAX
 * @accepted: out: items the device has been given
 * @work: in: user address of @count struct dsa_sample_work
 */
struct dsa_sample_submit {
	__u32 argsz;
	__u32 flags;
	__u32 count;
	__u32 accepted;
	__u64 work;
};

/**
 * enum dsa_sample_how - how a completion was noticed
 * @DSA_SAMPLE_HOW_INTERRUPT: a handler run of the queue's vector found the
 *	completion record
 * @DSA_SAMPLE_HOW_STRANDED: the record was visible, no handler ran for the
 *	confirmation time; the watchdog took it: a lost interrupt
 * @DSA_SAMPLE_HOW_MISSING: no completion record within the timeout; the
 *	descriptor's slot stays taken until the queue goes down
 * @DSA_SAMPLE_HOW_POLLED: no interrupt had been requested; found by polling
 * @DSA_SAMPLE_HOW_ABORTED: the device was stopped before an interrupt announced
 *	it: halted, reset, suspended or removed. With a status it has been carried
 *	out, with status 0 it may or may not have been, wholly or in part. It says
 *	nothing about interrupts
 */
enum dsa_sample_how {
	DSA_SAMPLE_HOW_INTERRUPT = 1,
	DSA_SAMPLE_HOW_STRANDED = 2,
	DSA_SAMPLE_HOW_MISSING = 3,
	DSA_SAMPLE_HOW_POLLED = 4,
	DSA_SAMPLE_HOW_ABORTED = 5,
};

/**
 * struct dsa_sample_event - one completion, as read(2) returns it
 * @tag: dsa_sample_work.tag
 * @submit_ns: when it was handed to the device
 * @visible_ns: when its completion record was first seen written; 0 if never
 * @notice_ns: when the handler run that found it began, or the watchdog decided,
 *	or the device was stopped.
 *	A run that was under way already may have begun before @visible_ns, and
 *	even before @submit_ns
 * @fault_address: offset in the buffer of a fault, ~0 if outside; 0 without
 * @bytes_completed: as in the completion record
 * @handler_run: number of the handler run that found it, from 1; 0 if none
 * @how: enum dsa_sample_how
 * @status: completion status, enum dsa_completion_status of <linux/idxd.h>;
 *	0 without a record
 * @result: result byte of the completion record
 * @reserved: zero
 *
 * read(2) with room for less than one event fails with EINVAL; EAGAIN with
 * O_NONBLOCK and nothing to read; when every event has been read, ENODEV if
 * the device is gone and EIO if it was given up.
 */
struct dsa_sample_event {
	__u64 tag;
	__u64 submit_ns;
	__u64 visible_ns;
	__u64 notice_ns;
	__u64 fault_address;
	__u32 bytes_completed;
	__u32 handler_run;
	__u16 how;
	__u8 status;
	__u8 result;
	__u32 reserved;
};

/**
 * DSA_SAMPLE_QUEUE_STATS - _IOWR on a queue: struct dsa_sample_queue_stats
 *
 * Errors: EINVAL, E2BIG, EFAULT as above.
 */
#define DSA_SAMPLE_QUEUE_STATS _IO(DSA_SAMPLE_IOC_TYPE, DSA_SAMPLE_IOC_BASE + 3)

/**
 * struct dsa_sample_queue_stats - counters of a queue since it came up
 * @argsz: in: size the caller knows; out: size the driver knows
 * @flags: zero
 * @submitted: descriptors handed to the device
 * @interrupted: found by a handler run
 * @stranded: taken by the watchdog
 * @missing: given up
 * @polled: found by polling, no interrupt requested
 * @handler_runs: runs of the interrupt handler
 * @handler_spurious: of these, runs that found nothing
 * @last_handler_ns: when the handler last ran; 0 if never
 * @probes: interrupts asked of vector 0 to show that the machine is alive
 * @in_flight: submitted and not yet reported; not those reported as missing
 * @awaiting: of these, visible and not yet accounted for
 * @aborted: ended by a reset of the device, or with it
 * @resubmitted: handed to the device again, with a new interrupt handle, because
 *	the device had revoked the old one
 */
struct dsa_sample_queue_stats {
	__u32 argsz;
	__u32 flags;
	__u64 submitted;
	__u64 interrupted;
	__u64 stranded;
	__u64 missing;
	__u64 polled;
	__u64 handler_runs;
	__u64 handler_spurious;
	__u64 last_handler_ns;
	__u64 probes;
	__u32 in_flight;
	__u32 awaiting;
	__u64 aborted;
	__u64 resubmitted;
};

#if defined(__cplusplus)
#define DSA_SAMPLE_ASSERT(expr) static_assert(expr, #expr)
#else
#define DSA_SAMPLE_ASSERT(expr) _Static_assert(expr, #expr)
#endif

DSA_SAMPLE_ASSERT(sizeof(struct dsa_sample_info) == 104);
DSA_SAMPLE_ASSERT(sizeof(struct dsa_sample_queue_up) == 72);
DSA_SAMPLE_ASSERT(sizeof(struct dsa_sample_group) == 24);
DSA_SAMPLE_ASSERT(sizeof(struct dsa_sample_queue_config) == 8);
DSA_SAMPLE_ASSERT(sizeof(struct dsa_sample_configure) == 904);
DSA_SAMPLE_ASSERT(sizeof(struct dsa_sample_work) == 48);
DSA_SAMPLE_ASSERT(sizeof(struct dsa_sample_submit) == 24);
DSA_SAMPLE_ASSERT(sizeof(struct dsa_sample_event) == 56);
DSA_SAMPLE_ASSERT(sizeof(struct dsa_sample_queue_stats) == 104);
DSA_SAMPLE_ASSERT(__builtin_offsetof(struct dsa_sample_info, max_transfer) == 32);
DSA_SAMPLE_ASSERT(__builtin_offsetof(struct dsa_sample_info, groups) == 80);
DSA_SAMPLE_ASSERT(__builtin_offsetof(struct dsa_sample_queue_up, start_ns) == 40);
DSA_SAMPLE_ASSERT(__builtin_offsetof(struct dsa_sample_configure, queues) == 392);
DSA_SAMPLE_ASSERT(__builtin_offsetof(struct dsa_sample_submit, work) == 16);
DSA_SAMPLE_ASSERT(__builtin_offsetof(struct dsa_sample_event, how) == 48);
DSA_SAMPLE_ASSERT(__builtin_offsetof(struct dsa_sample_queue_stats, in_flight) == 80);

#undef DSA_SAMPLE_ASSERT

#endif /* _UAPI_DSA_SAMPLE_H */
