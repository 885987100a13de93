/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What descriptors do, as simply as possible: one byte after the other, and every rule
 * where it applies. Knows nothing of pieces, buffers and threads.
 */
#ifndef TESTS_FUZZ_DESCRIPTORS_REFERENCE_H
#define TESTS_FUZZ_DESCRIPTORS_REFERENCE_H

#include <linux/idxd.h>

#include "descriptors_arena.h"

/**
 * struct reference - the reference device
 * @opcap: operations the device has, bit n: opcode n
 * @max_xfer: bytes
 * @max_batch: descriptors
 * @batch1: a batch may have one descriptor
 * @vectors: interrupt handles are below
 * @messages: completion interrupts so far
 */
struct reference {
	uint64_t opcap;
	uint64_t max_xfer;
	uint32_t max_batch;
	bool batch1;
	unsigned int vectors;
	uint64_t messages;
};

/**
 * struct expectation - how a descriptor ends
 * @known: the reference knows what the operation does; if not, nothing but @windows holds
 * @executed: its checks passed
 * @record: as it is written, if it is
 * @written: it is
 * @error: SWERROR code, 0: none is reported
 */
struct expectation {
	bool known;
	bool executed;
	struct dsa_completion_record record;
	bool written;
	uint8_t error;
};

/* Execute @desc on @image. @batch_index: -1 outside a batch. */
struct expectation reference_run(struct reference *reference, struct arena_image *image,
				 const struct dsa_hw_desc *desc, int batch_index);

/*
 * May @desc write to @address, apart from its record? For operations the reference does
 * not know.
 */
bool reference_may_write(const struct dsa_hw_desc *desc, uint64_t address);

#endif /* TESTS_FUZZ_DESCRIPTORS_REFERENCE_H */
