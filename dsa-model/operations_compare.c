// SPDX-License-Identifier: GPL-2.0-only
/* Operations that only look: Compare and Compare Pattern. */
#include <string.h>

#include "operations.h"

/* It starts anew with each piece. */
void dsa_spread_pattern(uint8_t *buf, uint64_t pattern, size_t size)
{
	size_t at;

	for (at = 0; at < size; at += sizeof(pattern))
		memcpy(buf + at, &pattern,
		       size - at < sizeof(pattern) ? size - at : sizeof(pattern));
}

DSA_STATIC_ASSERT(DSA_CHUNK % sizeof(uint64_t) == 0, "pieces hold whole patterns");

static size_t first_difference(const uint8_t *a, const uint8_t *b, size_t len)
{
	size_t i;

	if (!memcmp(a, b, len))
		return len;
	for (i = 0; a[i] == b[i]; i++)
		;
	return i;
}

/* Result known: 0 equal, 1 different. Only now the expectation counts. */
static void compared(struct dsa_execution *x, uint8_t result, uint64_t offset)
{
	x->outcome.result = result;
	x->outcome.bytes_completed = result ? offset : 0;
	if ((x->desc->flags & IDXD_OP_FLAG_CR) && result != (x->desc->expected_res & 1))
		x->outcome.status = DSA_COMP_SUCCESS_PRED;
}

/* Compare memory at @src1 with memory at @src2, or with a pattern if @has_pattern. */
static void compare(struct dsa_execution *x, bool has_pattern, uint64_t src1, uint64_t src2)
{
	uint8_t *a = x->engine->buffer[0], *b = x->engine->buffer[1];
	uint64_t size = x->desc->xfer_size, at;
	size_t len, got1, got2, same;

	if (has_pattern)
		dsa_spread_pattern(b, src2, dsa_piece(size));
	for (at = 0; at < size; at += len) {
		int ret1, ret2 = 0;

		if (dsa_cancelled(x))
			return;
		len = dsa_piece(size - at);
		ret1 = dsa_dma_read(x->dev, src1 + at, a, len, &got1);
		got2 = len;
		if (!has_pattern)
			ret2 = dsa_dma_read(x->dev, src2 + at, b, len, &got2);

		same = first_difference(a, b, got1 < got2 ? got1 : got2);
		if (same < got1 && same < got2) {
			compared(x, 1, at + same);
			return;
		}
		if (!ret1 && !ret2)
			continue;
		if (ret1 && (!ret2 || got1 <= got2))
			dsa_outcome_fault(x, ret1, false, src1 + at + got1);
		else
			dsa_outcome_fault(x, ret2, false, src2 + at + got2);
		x->outcome.bytes_completed = at + same;
		return;
	}
	compared(x, 0, 0);
}

static void run_compare(struct dsa_execution *x)
{
	compare(x, false, x->desc->src_addr, x->desc->src2_addr);
}

static void run_compare_pattern(struct dsa_execution *x)
{
	compare(x, true, x->desc->src_addr, x->desc->comp_pattern);
}

/* ---- Rows of the table --------------------------------------------------- */

const struct dsa_operation dsa_op_compare = {
	.flags = IDXD_OP_FLAG_CR | IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS,
	.needs = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR,
	.reserved = DSA_BYTES(38, 39) | DSA_BYTES(41, 63),
	.sized = true,
	.in_batch = true,
	.run = run_compare,
};

const struct dsa_operation dsa_op_compare_pattern = {
	.flags = IDXD_OP_FLAG_CR | IDXD_OP_FLAG_ADDR1_TCS,
	.needs = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR,
	.reserved = DSA_BYTES(38, 39) | DSA_BYTES(41, 63),
	.sized = true,
	.in_batch = true,
	.run = run_compare_pattern,
};
