/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Data for descriptors, and whether the device did to it what was asked. All
 * of it follows from the seed and the tag, so nothing has to be remembered
 * between submission and completion.
 */
#ifndef WQ_DEMO_VERIFY_H
#define WQ_DEMO_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include <dsa_sample.h>

#include "problem.h"

/**
 * struct verify - what the descriptors of a run do
 * @seed: same seed, same tags: same data
 * @size: bytes of each transfer, at least 1
 * @min_size: sizes are mixed from it up to @size; 0: all are @size
 * @opcodes: bit mask by enum dsa_opcode; at least one bit; NOOP, DRAIN,
 *	MEMMOVE, MEMFILL, COMPARE
 */
struct verify {
	uint64_t seed;
	uint32_t size;
	uint32_t min_size;
	uint32_t opcodes;
};

/* Name of an opcode, "opcode 0x42" style for one that has none here. */
const char *verify_opcode_name(uint32_t opcode);

/* Memory one descriptor needs, in bytes: both operands with guards around them. */
size_t verify_slot_bytes(const struct verify *verify);

/**
 * verify_prepare() - choose an operation for @tag and lay out its data
 * @buffer: the queue's buffer
 * @offset: where the slot begins in it, verify_slot_bytes() long
 * @work: out, all but the flags
 */
void verify_prepare(const struct verify *verify, uint8_t *buffer, size_t offset, uint64_t tag,
		    struct dsa_sample_work *work);

/**
 * verify_completion() - judge a completion the record of which was seen
 * @event: its tag must be the one of verify_prepare()
 * @problem: out, on error: what is wrong
 *
 * Returns 0; -EREMOTEIO the device reported a failure or a wrong result;
 * -EBADMSG the data is wrong.
 */
int verify_completion(const struct verify *verify, const uint8_t *buffer, size_t offset,
		      const struct dsa_sample_event *event, struct problem *problem);

#endif /* WQ_DEMO_VERIFY_H */
