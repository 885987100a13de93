// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user interface as a C program sees it: the header alone is enough, and
 * nothing in it depends on the size of a pointer or on padding.
 */
#include <dsa_sample.h>

#include <stddef.h>
#include <stdio.h>

#define MEMBER(type, member) \
	{ #type "." #member, offsetof(struct type, member), sizeof(((struct type *)0)->member) }

/* In order of declaration: a member that does not follow the last has padding before it. */
static const struct {
	const char *name;
	size_t offset;
	size_t size;
} members[] = {
	MEMBER(dsa_sample_info, argsz),
	MEMBER(dsa_sample_info, flags),
	MEMBER(dsa_sample_info, api_version),
	MEMBER(dsa_sample_info, device_version),
	MEMBER(dsa_sample_info, queues),
	MEMBER(dsa_sample_info, queue_entries),
	MEMBER(dsa_sample_info, vectors),
	MEMBER(dsa_sample_info, max_buffer),
	MEMBER(dsa_sample_info, max_transfer),
	MEMBER(dsa_sample_info, queues_up),
	MEMBER(dsa_sample_info, commands),
	MEMBER(dsa_sample_info, misc_interrupts),
	MEMBER(dsa_sample_info, commands_polled),
	MEMBER(dsa_sample_info, resets),
	MEMBER(dsa_sample_info, groups),
	MEMBER(dsa_sample_info, engines),
	MEMBER(dsa_sample_info, total_entries),
	MEMBER(dsa_sample_info, reserved2),
	MEMBER(dsa_sample_info, group_flags),
	MEMBER(dsa_sample_queue_up, argsz),
	MEMBER(dsa_sample_queue_up, flags),
	MEMBER(dsa_sample_queue_up, queue),
	MEMBER(dsa_sample_queue_up, buffer_size),
	MEMBER(dsa_sample_queue_up, confirm_ms),
	MEMBER(dsa_sample_queue_up, timeout_ms),
	MEMBER(dsa_sample_queue_up, fd),
	MEMBER(dsa_sample_queue_up, vector),
	MEMBER(dsa_sample_queue_up, irq),
	MEMBER(dsa_sample_queue_up, entries),
	MEMBER(dsa_sample_queue_up, start_ns),
	MEMBER(dsa_sample_queue_up, request_irq_ns),
	MEMBER(dsa_sample_queue_up, enable_ns),
	MEMBER(dsa_sample_queue_up, total_ns),
	MEMBER(dsa_sample_group, queues),
	MEMBER(dsa_sample_group, engines),
	MEMBER(dsa_sample_group, flags),
	MEMBER(dsa_sample_queue_config, size),
	MEMBER(dsa_sample_queue_config, priority),
	MEMBER(dsa_sample_queue_config, max_transfer_shift),
	MEMBER(dsa_sample_queue_config, max_batch_shift),
	MEMBER(dsa_sample_queue_config, reserved),
	MEMBER(dsa_sample_queue_config, reserved2),
	MEMBER(dsa_sample_configure, argsz),
	MEMBER(dsa_sample_configure, flags),
	MEMBER(dsa_sample_configure, groups),
	MEMBER(dsa_sample_configure, queues),
	MEMBER(dsa_sample_work, tag),
	MEMBER(dsa_sample_work, opcode),
	MEMBER(dsa_sample_work, flags),
	MEMBER(dsa_sample_work, src),
	MEMBER(dsa_sample_work, dst),
	MEMBER(dsa_sample_work, pattern),
	MEMBER(dsa_sample_work, size),
	MEMBER(dsa_sample_work, reserved),
	MEMBER(dsa_sample_submit, argsz),
	MEMBER(dsa_sample_submit, flags),
	MEMBER(dsa_sample_submit, count),
	MEMBER(dsa_sample_submit, accepted),
	MEMBER(dsa_sample_submit, work),
	MEMBER(dsa_sample_event, tag),
	MEMBER(dsa_sample_event, submit_ns),
	MEMBER(dsa_sample_event, visible_ns),
	MEMBER(dsa_sample_event, notice_ns),
	MEMBER(dsa_sample_event, fault_address),
	MEMBER(dsa_sample_event, bytes_completed),
	MEMBER(dsa_sample_event, handler_run),
	MEMBER(dsa_sample_event, how),
	MEMBER(dsa_sample_event, status),
	MEMBER(dsa_sample_event, result),
	MEMBER(dsa_sample_event, reserved),
	MEMBER(dsa_sample_queue_stats, argsz),
	MEMBER(dsa_sample_queue_stats, flags),
	MEMBER(dsa_sample_queue_stats, submitted),
	MEMBER(dsa_sample_queue_stats, interrupted),
	MEMBER(dsa_sample_queue_stats, stranded),
	MEMBER(dsa_sample_queue_stats, missing),
	MEMBER(dsa_sample_queue_stats, polled),
	MEMBER(dsa_sample_queue_stats, handler_runs),
	MEMBER(dsa_sample_queue_stats, handler_spurious),
	MEMBER(dsa_sample_queue_stats, last_handler_ns),
	MEMBER(dsa_sample_queue_stats, probes),
	MEMBER(dsa_sample_queue_stats, in_flight),
	MEMBER(dsa_sample_queue_stats, awaiting),
	MEMBER(dsa_sample_queue_stats, aborted),
	MEMBER(dsa_sample_queue_stats, resubmitted),
};

int main(void)
{
	size_t expected = 0;
	int failed = 0;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		/* Of an array, the largest that can be in it. */
		size_t size = members[i].size < 8 ? members[i].size : 8;

		if (members[i].offset == 0)
			expected = 0;
		if (members[i].offset != expected || members[i].offset % size) {
			printf("not ok %s is at %zu, expected %zu, size %zu\n", members[i].name,
			       members[i].offset, expected, members[i].size);
			failed = 1;
		}
		expected = members[i].offset + members[i].size;
	}
	return failed;
}
