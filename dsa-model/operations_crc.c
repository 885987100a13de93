// SPDX-License-Identifier: GPL-2.0-only
/*
 * CRC Generation and Copy with CRC: CRC-32C over the source.
 *
 * The library's function is the bare division, reflected, without inversion at
 * either end; what the descriptor's flags say of these is done here.
 */
#include <isa-l/crc.h>

#include "operations.h"

static uint8_t reverse8(uint8_t value)
{
	value = (value & 0x55) << 1 | (value >> 1 & 0x55);
	value = (value & 0x33) << 2 | (value >> 2 & 0x33);
	return value << 4 | value >> 4;
}

static uint32_t reverse32(uint32_t value)
{
	return (uint32_t)reverse8(value) << 24 | (uint32_t)reverse8(value >> 8) << 16 |
	       (uint32_t)reverse8(value >> 16) << 8 | reverse8(value >> 24);
}

/* From seed to state of the division, and from state to result: it is its own inverse. */
static uint32_t convert(const struct dsa_execution *x, uint32_t value)
{
	return x->desc->flags & DSA_DESC_CRC_BYPASS_REFLECTION ? reverse32(value) : ~value;
}

/* Advance @state over @len bytes of @buf. */
static uint32_t advance(const struct dsa_execution *x, uint32_t state, uint8_t *buf, size_t len)
{
	uint8_t *reflected = x->engine->buffer[1];
	size_t i;

	if (!(x->desc->flags & DSA_DESC_CRC_BYPASS_DATA_REFLECTION))
		return crc32_iscsi(buf, len, state);
	for (i = 0; i < len; i++)
		reflected[i] = reverse8(buf[i]);
	return crc32_iscsi(reflected, len, state);
}

DSA_STATIC_ASSERT(DSA_CHUNK <= INT32_MAX, "a piece's length is an int for the library");

/* The seed: in the descriptor, or in memory. */
static bool read_seed(struct dsa_execution *x, uint32_t *seed)
{
	const struct dsa_hw_desc *desc = x->desc;
	size_t got;
	int ret;

	*seed = desc->crc_seed;
	if (!(desc->flags & DSA_DESC_CRC_READ_SEED))
		return true;
	ret = dsa_dma_read(x->dev, desc->seed_addr, seed, sizeof(*seed), &got);
	if (ret)
		dsa_outcome_fault(x, ret, false, desc->seed_addr + got);
	return !ret;
}

/* One piece; false if it failed. @done counts what is in @state, and copied. */
static bool crc_piece(struct dsa_execution *x, bool copies, uint64_t at, uint32_t *state,
		      size_t *done)
{
	const struct dsa_hw_desc *desc = x->desc;
	uint8_t *buf = x->engine->buffer[0];
	int read_ret, write_ret = 0;
	size_t got;

	read_ret = dsa_dma_read(x->dev, desc->src_addr + at, buf, dsa_piece(desc->xfer_size - at),
				&got);
	*done = got;
	if (copies && got)
		write_ret = dsa_dma_write(x->dev, desc->dst_addr + at, buf, got, done);
	*state = advance(x, *state, buf, *done);
	if (write_ret)
		dsa_outcome_fault(x, write_ret, true, desc->dst_addr + at + *done);
	else if (read_ret)
		dsa_outcome_fault(x, read_ret, false, desc->src_addr + at + got);
	return !read_ret && !write_ret;
}

/* What has been done when it faults is a seed for the rest. */
static void run_crc(struct dsa_execution *x, bool copies)
{
	struct dsa_outcome *o = &x->outcome;
	uint32_t state, seed;
	size_t done = 0;
	bool ok = true;
	uint64_t at;

	if (!read_seed(x, &seed))
		return;
	state = convert(x, seed);
	for (at = 0; ok && at < x->desc->xfer_size && !dsa_cancelled(x); at += done)
		ok = crc_piece(x, copies, at, &state, &done);
	o->specific.crc = convert(x, state);
	if (!ok)
		o->bytes_completed = at;
}

static void run_crc_generation(struct dsa_execution *x)
{
	run_crc(x, false);
}

static uint8_t check_copy_with_crc(const struct dsa_execution *x)
{
	const struct dsa_hw_desc *desc = x->desc;

	return dsa_overlap(desc->src_addr, desc->xfer_size, desc->dst_addr, desc->xfer_size) ?
	       DSA_COMP_OVERLAP_BUFFERS : 0;
}

static void run_copy_with_crc(struct dsa_execution *x)
{
	run_crc(x, true);
}

/* ---- Rows of the table --------------------------------------------------- */

#define CRC_FLAGS \
	(DSA_DESC_CRC_READ_SEED | DSA_DESC_CRC_BYPASS_REFLECTION | \
	 DSA_DESC_CRC_BYPASS_DATA_REFLECTION | IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR3_TCS)

const struct dsa_operation dsa_op_crc_generation = {
	.flags = CRC_FLAGS,
	.needs = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR,
	.reserved = DSA_BYTES(24, 31) | DSA_BYTES(38, 39) | DSA_BYTES(44, 63),
	.extra_flag = DSA_DESC_CRC_READ_SEED,
	.extra = DSA_BYTES(48, 55),
	.sized = true,
	.in_batch = true,
	.run = run_crc_generation,
};

const struct dsa_operation dsa_op_copy_with_crc = {
	.flags = CRC_FLAGS | DSA_WRITE_HINTS | IDXD_OP_FLAG_ADDR2_TCS,
	.needs = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR,
	.reserved = DSA_BYTES(38, 39) | DSA_BYTES(44, 63),
	.extra_flag = DSA_DESC_CRC_READ_SEED,
	.extra = DSA_BYTES(48, 55),
	.sized = true,
	.in_batch = true,
	.check = check_copy_with_crc,
	.run = run_copy_with_crc,
};
