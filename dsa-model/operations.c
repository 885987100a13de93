// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations: which flags and fields each has, and what it does with memory.
 *
 * Specification, chapter 8. All work is done in pieces of at most DSA_CHUNK bytes, with
 * a look at the cancel flag before each.
 */
#include <errno.h>
#include <string.h>

#include "device_private.h"

#define PAGE 4096ULL
#define BYTES(first, last) GENMASK_ULL(last, first)

/* ---- Host memory --------------------------------------------------------- */

/* How much of @len bytes from @iova lies below the end of the address space. */
static size_t before_wrap(uint64_t iova, size_t len)
{
	return iova && len > 0 - iova ? (size_t)(0 - iova) : len;
}

int dsa_dma_read(struct dsa_device *dev, uint64_t iova, void *buf, size_t len, size_t *done)
{
	size_t part = before_wrap(iova, len);
	int ret;

	*done = 0;
	ret = dev->ops->dma_read(dev->host, iova, buf, part, done);
	if (!ret)
		*done = part;
	return !ret && part < len ? -EFAULT : ret;
}

int dsa_dma_write(struct dsa_device *dev, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	size_t part = before_wrap(iova, len);
	int ret;

	*done = 0;
	ret = dev->ops->dma_write(dev->host, iova, buf, part, done);
	if (!ret)
		*done = part;
	return !ret && part < len ? -EFAULT : ret;
}

void dsa_outcome_fault(struct dsa_execution *x, int error, bool write, uint64_t address)
{
	struct dsa_outcome *o = &x->outcome;

	if (error == -EFAULT) {
		o->status = DSA_COMP_PAGE_FAULT_NOBOF;
		o->write = write;
		o->fault_addr = address;
	} else {
		o->status = write ? DSA_COMP_HW_ERR_DRB : DSA_COMP_HW_ERR1;
	}
}

static size_t piece(uint64_t rest)
{
	return rest < DSA_CHUNK ? rest : DSA_CHUNK;
}

/* ---- Memory Move --------------------------------------------------------- */

static void move_forward(struct dsa_execution *x, uint64_t src, uint64_t dst, uint64_t size)
{
	uint8_t *buf = x->engine->buffer[0];
	uint64_t at;
	size_t got, put;

	for (at = 0; at < size && !dsa_cancelled(x); at += put) {
		int read_ret = dsa_dma_read(x->dev, src + at, buf, piece(size - at), &got);
		int ret = 0;

		put = 0;
		if (got)
			ret = dsa_dma_write(x->dev, dst + at, buf, got, &put);
		if (ret)
			dsa_outcome_fault(x, ret, true, dst + at + put);
		else if (read_ret)
			dsa_outcome_fault(x, read_ret, false, src + at + got);
		else
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

static void run_memmove(struct dsa_execution *x)
{
	uint64_t src = x->desc->src_addr, dst = x->desc->dst_addr, size = x->desc->xfer_size;

	if (dst > src && dst - src < size)
		move_reverse(x, src, dst, size);
	else
		move_forward(x, src, dst, size);
}

/* ---- Fill ---------------------------------------------------------------- */

/* @size bytes of the 8-byte pattern, which starts anew with each piece. */
static void spread_pattern(uint8_t *buf, uint64_t pattern, size_t size)
{
	size_t at;

	for (at = 0; at < size; at += sizeof(pattern))
		memcpy(buf + at, &pattern,
		       size - at < sizeof(pattern) ? size - at : sizeof(pattern));
}

DSA_STATIC_ASSERT(DSA_CHUNK % sizeof(uint64_t) == 0, "pieces hold whole patterns");

static void run_fill(struct dsa_execution *x)
{
	uint64_t dst = x->desc->dst_addr, size = x->desc->xfer_size, at;
	uint8_t *buf = x->engine->buffer[0];
	size_t put;

	spread_pattern(buf, x->desc->pattern, piece(size));
	for (at = 0; at < size && !dsa_cancelled(x); at += put) {
		int ret = dsa_dma_write(x->dev, dst + at, buf, piece(size - at), &put);

		if (ret) {
			dsa_outcome_fault(x, ret, true, dst + at + put);
			x->outcome.bytes_completed = at + put;
			return;
		}
	}
}

/* ---- Compare ------------------------------------------------------------- */

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
		spread_pattern(b, src2, piece(size));
	for (at = 0; at < size; at += len) {
		int ret1, ret2 = 0;

		if (dsa_cancelled(x))
			return;
		len = piece(size - at);
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

/* ---- Table --------------------------------------------------------------- */

/* Hints that every operation which writes memory accepts; nothing to do for them here. */
#define WRITE_HINTS (IDXD_OP_FLAG_CC | IDXD_OP_FLAG_DRDBK | IDXD_OP_FLAG_STORD)

static const struct dsa_operation no_op = {
	.reserved = BYTES(16, 35) | BYTES(38, 63),
	.in_batch = true,
};

static const struct dsa_operation batch = {
	.flags = IDXD_OP_FLAG_ADDR1_TCS,
	.reserved = BYTES(24, 31) | BYTES(38, 63),
	.check = dsa_batch_check,
	.run = dsa_batch_run,
};

/* The engine lets it run only when it is the oldest of its queue. */
static const struct dsa_operation drain = {
	.flags = IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS,
	.needs_one_of = IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_RCI,
	.reserved = BYTES(16, 35) | BYTES(38, 63),
};

static const struct dsa_operation memory_move = {
	.flags = WRITE_HINTS | IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS,
	.reserved = BYTES(38, 63),
	.sized = true,
	.in_batch = true,
	.run = run_memmove,
};

static const struct dsa_operation fill = {
	.flags = WRITE_HINTS | IDXD_OP_FLAG_ADDR2_TCS,
	.reserved = BYTES(38, 63),
	.sized = true,
	.in_batch = true,
	.run = run_fill,
};

static const struct dsa_operation compare_memory = {
	.flags = IDXD_OP_FLAG_CR | IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS,
	.needs = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR,
	.reserved = BYTES(38, 39) | BYTES(41, 63),
	.sized = true,
	.in_batch = true,
	.run = run_compare,
};

static const struct dsa_operation compare_pattern = {
	.flags = IDXD_OP_FLAG_CR | IDXD_OP_FLAG_ADDR1_TCS,
	.needs = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR,
	.reserved = BYTES(38, 39) | BYTES(41, 63),
	.sized = true,
	.in_batch = true,
	.run = run_compare_pattern,
};

static const struct dsa_operation *const operations[] = {
	[DSA_OPCODE_NOOP] = &no_op,
	[DSA_OPCODE_BATCH] = &batch,
	[DSA_OPCODE_DRAIN] = &drain,
	[DSA_OPCODE_MEMMOVE] = &memory_move,
	[DSA_OPCODE_MEMFILL] = &fill,
	[DSA_OPCODE_COMPARE] = &compare_memory,
	[DSA_OPCODE_COMPVAL] = &compare_pattern,
};

#define OPERATION_COUNT (sizeof(operations) / sizeof(operations[0]))

const struct dsa_operation *dsa_operation(unsigned int opcode)
{
	return opcode < OPERATION_COUNT ? operations[opcode] : NULL;
}

uint64_t dsa_operations_supported(void)
{
	uint64_t supported = 0;
	unsigned int i;

	for (i = 0; i < OPERATION_COUNT; i++)
		if (operations[i])
			supported |= BIT_ULL(i);
	return supported;
}
