// SPDX-License-Identifier: GPL-2.0-only
/* Operations that write what they are given: Memory Move, Fill, Dualcast; and Cache Flush. */
#include <errno.h>

#include "operations.h"

#define PAGE 4096ULL

/* ---- Memory Move --------------------------------------------------------- */

/* One piece, directly or through @buf. Sets the outcome of a fault, and how far it got. */
static int move_piece(struct dsa_execution *x, uint64_t src, uint64_t dst, size_t len, size_t *put)
{
	const struct dsa_host_ops *ops = x->dev->ops;
	uint8_t *buf = x->engine->buffer[0];
	int read_ret, write_ret = 0;
	bool write_fault = false;
	size_t got;

	*put = 0;
	/* Ranges around the end of the address space take the way that cuts them there. */
	if (ops->dma_copy && src + len > src && dst + len > dst) {
		read_ret = ops->dma_copy(x->dev->host, dst, src, len, put, &write_fault);
		if (!read_ret)
			*put = len;
		else
			dsa_outcome_fault(x, read_ret, write_fault,
					  (write_fault ? dst : src) + *put);
		return read_ret;
	}

	read_ret = dsa_dma_read(x->dev, src, buf, len, &got);
	if (got)
		write_ret = dsa_dma_write(x->dev, dst, buf, got, put);
	if (write_ret)
		dsa_outcome_fault(x, write_ret, true, dst + *put);
	else if (read_ret)
		dsa_outcome_fault(x, read_ret, false, src + got);
	return write_ret ? write_ret : read_ret;
}

static void move_forward(struct dsa_execution *x, uint64_t src, uint64_t dst, uint64_t size)
{
	uint64_t at;
	size_t put;

	for (at = 0; at < size && !dsa_cancelled(x); at += put) {
		if (!move_piece(x, src + at, dst + at, dsa_piece(size - at), &put))
			continue;
		x->outcome.bytes_completed = at + put;
		return;
	}
}

static uint64_t bytes_in_page_before(uint64_t end)
{
	return ((end - 1) & (PAGE - 1)) + 1;
}

static uint64_t min3(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/*
 * From the end down, for a destination that overlaps the end of the source. No
 * piece crosses a page, so each is copied whole or not at all: half of one might
 * have overwritten source bytes that a repetition needs.
 */
static void move_reverse(struct dsa_execution *x, uint64_t src, uint64_t dst, uint64_t size)
{
	uint8_t *buf = x->engine->buffer[0];
	uint64_t end = size;
	size_t done;
	int ret;

	while (end && !dsa_cancelled(x)) {
		uint64_t len = min3(end, bytes_in_page_before(src + end),
				    bytes_in_page_before(dst + end));

		ret = dsa_dma_read(x->dev, src + end - len, buf, len, &done);
		if (ret) {
			dsa_outcome_fault(x, ret, false, src + end - len + done);
			break;
		}
		ret = dsa_dma_write(x->dev, dst + end - len, buf, len, &done);
		if (ret) {
			dsa_outcome_fault(x, ret, true, dst + end - len + done);
			break;
		}
		end -= len;
	}
	if (end) {
		x->outcome.bytes_completed = size - end;
		x->outcome.result = 1;
	}
}

static uint8_t check_memmove(const struct dsa_execution *x)
{
	const struct dsa_hw_desc *desc = x->desc;

	if (!(x->dev->profile->gencap & DSA_GENCAP_OVERLAP) &&
	    dsa_overlap(desc->src_addr, desc->xfer_size, desc->dst_addr, desc->xfer_size))
		return DSA_COMP_OVERLAP_BUFFERS;
	return 0;
}

static void run_memmove(struct dsa_execution *x)
{
	uint64_t src = x->desc->src_addr, dst = x->desc->dst_addr, size = x->desc->xfer_size;

	if (dst > src && dst - src < size)
		move_reverse(x, src, dst, size);
	else
		move_forward(x, src, dst, size);
}

/* ---- Fill ---------------------------------------------------------------- */

static void run_fill(struct dsa_execution *x)
{
	uint64_t dst = x->desc->dst_addr, size = x->desc->xfer_size, at;
	uint8_t *buf = x->engine->buffer[0];
	size_t put;

	dsa_spread_pattern(buf, x->desc->pattern, dsa_piece(size));
	for (at = 0; at < size && !dsa_cancelled(x); at += put) {
		int ret = dsa_dma_write(x->dev, dst + at, buf, dsa_piece(size - at), &put);

		if (ret) {
			dsa_outcome_fault(x, ret, true, dst + at + put);
			x->outcome.bytes_completed = at + put;
			return;
		}
	}
}

/* ---- Dualcast ------------------------------------------------------------ */

/* Both destinations must have the same place in their pages. */
#define DUALCAST_LOW_BITS (PAGE - 1)

static uint8_t check_dualcast(const struct dsa_execution *x)
{
	const struct dsa_hw_desc *desc = x->desc;
	uint64_t size = desc->xfer_size;

	if ((desc->dst_addr ^ desc->dest2) & DUALCAST_LOW_BITS)
		return DSA_COMP_DCAST_ERR;
	if (dsa_overlap(desc->src_addr, size, desc->dst_addr, size) ||
	    dsa_overlap(desc->src_addr, size, desc->dest2, size) ||
	    dsa_overlap(desc->dst_addr, size, desc->dest2, size))
		return DSA_COMP_OVERLAP_BUFFERS;
	return 0;
}

/* One piece to both. The bytes completed are those that both have. */
static bool cast_piece(struct dsa_execution *x, uint64_t at, size_t *both)
{
	const struct dsa_hw_desc *desc = x->desc;
	uint8_t *buf = x->engine->buffer[0];
	int read_ret, ret1 = 0, ret2 = 0;
	size_t got, put1 = 0, put2 = 0;

	read_ret = dsa_dma_read(x->dev, desc->src_addr + at, buf, dsa_piece(desc->xfer_size - at),
				&got);
	if (got)
		ret1 = dsa_dma_write(x->dev, desc->dst_addr + at, buf, got, &put1);
	if (put1)
		ret2 = dsa_dma_write(x->dev, desc->dest2 + at, buf, put1, &put2);
	*both = put2;
	if (ret2)
		dsa_outcome_fault(x, ret2, true, desc->dest2 + at + put2);
	else if (ret1)
		dsa_outcome_fault(x, ret1, true, desc->dst_addr + at + put1);
	else if (read_ret)
		dsa_outcome_fault(x, read_ret, false, desc->src_addr + at + got);
	return !ret1 && !ret2 && !read_ret;
}

static void run_dualcast(struct dsa_execution *x)
{
	uint64_t at;
	size_t both;

	for (at = 0; at < x->desc->xfer_size && !dsa_cancelled(x); at += both) {
		if (cast_piece(x, at, &both))
			continue;
		x->outcome.bytes_completed = at + both;
		return;
	}
}

/* ---- Cache Flush --------------------------------------------------------- */

/* There is no cache to write back, but every page must be there. */
static void run_cache_flush(struct dsa_execution *x)
{
	uint64_t start = x->desc->dst_addr, size = x->desc->xfer_size, at;
	uint8_t byte;
	size_t done;

	for (at = 0; at < size && !dsa_cancelled(x); at += PAGE - (start + at) % PAGE) {
		int ret = dsa_dma_read(x->dev, start + at, &byte, 1, &done);

		/* The range may go around the end of the address space; memory does not. */
		if (!ret && at && start + at < start)
			ret = -EFAULT;
		if (ret) {
			dsa_outcome_fault(x, ret, false, start + at);
			x->outcome.bytes_completed = at;
			return;
		}
	}
}

/* ---- Rows of the table --------------------------------------------------- */

const struct dsa_operation dsa_op_memory_move = {
	.flags = DSA_WRITE_HINTS | IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS,
	.reserved = DSA_BYTES(38, 63),
	.sized = true,
	.in_batch = true,
	.check = check_memmove,
	.run = run_memmove,
};

const struct dsa_operation dsa_op_fill = {
	.flags = DSA_WRITE_HINTS | IDXD_OP_FLAG_ADDR2_TCS,
	.reserved = DSA_BYTES(38, 63),
	.sized = true,
	.in_batch = true,
	.run = run_fill,
};

const struct dsa_operation dsa_op_dualcast = {
	.flags = DSA_WRITE_HINTS | IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS |
		 IDXD_OP_FLAG_ADDR3_TCS,
	.reserved = DSA_BYTES(38, 39) | DSA_BYTES(48, 63),
	.sized = true,
	.in_batch = true,
	.check = check_dualcast,
	.run = run_dualcast,
};

/* Of the cache controls it takes only the one for durable memory with readback. */
const struct dsa_operation dsa_op_cache_flush = {
	.flags = IDXD_OP_FLAG_DRDBK | IDXD_OP_FLAG_STORD | IDXD_OP_FLAG_ADDR2_TCS,
	.reserved = DSA_BYTES(16, 23) | DSA_BYTES(38, 63),
	.sized = true,
	.in_batch = true,
	.run = run_cache_flush,
};
