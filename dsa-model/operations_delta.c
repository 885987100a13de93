// SPDX-License-Identifier: GPL-2.0-only
/*
 * Create and Apply Delta Record.
 *
 * A record is an array of 10-byte entries, each an offset in units of eight
 * bytes and the eight bytes that belong there.
 */
#include <endian.h>
#include <string.h>

#include "operations.h"

#define WORD 8
#define MIN_RECORD_MAX 80 /* least room for a record that is to be created */
#define MAX_SIZE 0x80000 /* what 16 bits of offset reach */

struct delta_entry {
	uint16_t offset; /* little endian, in units of WORD */
	uint8_t data[WORD];
} __attribute__((packed));

DSA_STATIC_ASSERT(sizeof(struct delta_entry) == 10, "entry of a delta record");
DSA_STATIC_ASSERT(MAX_SIZE / WORD - 1 == UINT16_MAX, "offsets fit");

/* ---- Create -------------------------------------------------------------- */

/* Bytes of both sources compared at a time: the entries of all must fit a buffer. */
#define COMPARE_PIECE (DSA_CHUNK / 2)

DSA_STATIC_ASSERT(COMPARE_PIECE / WORD * sizeof(struct delta_entry) <= DSA_CHUNK,
		  "a piece's entries fit into a buffer");

enum { DELTA_EQUAL, DELTA_DIFFERENT, DELTA_OVERFLOW };

static uint8_t check_create(const struct dsa_execution *x)
{
	const struct dsa_hw_desc *desc = x->desc;
	uint64_t size = desc->xfer_size;

	if ((desc->src_addr | desc->src2_addr | desc->delta_addr | size) % WORD)
		return DSA_COMP_ADDR_ALIGN;
	if (size > MAX_SIZE)
		return DSA_COMP_XFER_ERANGE;
	if (desc->max_delta_size < MIN_RECORD_MAX || desc->max_delta_size > x->work->max_xfer)
		return DSA_COMP_DR_ERANGE;
	if (dsa_overlap(desc->src_addr, size, desc->delta_addr, desc->max_delta_size) ||
	    dsa_overlap(desc->src2_addr, size, desc->delta_addr, desc->max_delta_size))
		return DSA_COMP_OVERLAP_BUFFERS;
	return 0;
}

/**
 * struct creation - a record being created
 * @at: bytes compared, with their entries written
 * @room: bytes left for entries
 * @written: bytes of the record
 * @over: the next entry does not fit
 */
struct creation {
	uint64_t at;
	uint64_t room;
	uint32_t written;
	bool over;
};

/* Entries for @len bytes of the two sources. Returns how many. */
static size_t find_deltas(struct dsa_execution *x, struct creation *c, size_t len)
{
	const uint8_t *a = x->engine->buffer[0], *b = a + COMPARE_PIECE;
	struct delta_entry *entries = (struct delta_entry *)x->engine->buffer[1];
	size_t i, count = 0;

	for (i = 0; i < len; i += WORD) {
		if (!memcmp(a + i, b + i, WORD))
			continue;
		if (c->room < (count + 1) * sizeof(*entries)) {
			c->over = true;
			break;
		}
		entries[count].offset = htole16((c->at + i) / WORD);
		memcpy(entries[count].data, b + i, WORD);
		count++;
	}
	c->at += i;
	return count;
}

/* False on a fault; then the first entry that was not written is the place to go on. */
static bool write_deltas(struct dsa_execution *x, struct creation *c, size_t count)
{
	const struct delta_entry *entries = (const struct delta_entry *)x->engine->buffer[1];
	uint64_t record = x->desc->delta_addr + c->written;
	size_t put;
	int ret;

	if (!count)
		return true;
	ret = dsa_dma_write(x->dev, record, entries, count * sizeof(*entries), &put);
	if (ret) {
		dsa_outcome_fault(x, ret, true, record + put);
		c->at = (uint64_t)le16toh(entries[put / sizeof(*entries)].offset) * WORD;
		put -= put % sizeof(*entries);
	}
	c->written += put;
	c->room -= put;
	return !ret;
}

/* Compare one piece and record it. False on a fault. */
static bool create_piece(struct dsa_execution *x, struct creation *c)
{
	const struct dsa_hw_desc *desc = x->desc;
	uint8_t *a = x->engine->buffer[0], *b = a + COMPARE_PIECE;
	uint64_t rest = desc->xfer_size - c->at, start = c->at;
	size_t len = rest < COMPARE_PIECE ? rest : COMPARE_PIECE;
	int ret1, ret2;
	size_t got1, got2, got;

	ret1 = dsa_dma_read(x->dev, desc->src_addr + start, a, len, &got1);
	ret2 = dsa_dma_read(x->dev, desc->src2_addr + start, b, len, &got2);
	got = got1 < got2 ? got1 : got2;
	if (!write_deltas(x, c, find_deltas(x, c, got - got % WORD)))
		return false;
	if (c->over || (!ret1 && !ret2))
		return true;
	if (ret1 && (!ret2 || got1 <= got2))
		dsa_outcome_fault(x, ret1, false, desc->src_addr + start + got1);
	else
		dsa_outcome_fault(x, ret2, false, desc->src2_addr + start + got2);
	return false;
}

static void run_create(struct dsa_execution *x)
{
	struct creation c = { .room = x->desc->max_delta_size };
	struct dsa_outcome *o = &x->outcome;
	bool ok = true;

	while (ok && !c.over && c.at < x->desc->xfer_size && !dsa_cancelled(x))
		ok = create_piece(x, &c);
	o->specific.delta_size = c.written;
	o->result = ok && c.over ? DELTA_OVERFLOW : c.written ? DELTA_DIFFERENT : DELTA_EQUAL;
	if (!ok || c.over)
		o->bytes_completed = c.at;
	if (ok && (x->desc->flags & IDXD_OP_FLAG_CR) &&
	    !(x->desc->expected_res_mask & BIT(o->result)))
		o->status = DSA_COMP_SUCCESS_PRED;
}

/* ---- Apply --------------------------------------------------------------- */

static uint8_t check_apply(const struct dsa_execution *x)
{
	const struct dsa_hw_desc *desc = x->desc;
	uint64_t size = desc->xfer_size;

	if ((desc->src_addr | desc->dst_addr | size) % WORD)
		return DSA_COMP_ADDR_ALIGN;
	if (size > MAX_SIZE)
		return DSA_COMP_XFER_ERANGE;
	/* Part of an entry at the end would be data that gets lost without a word. */
	if (!desc->delta_rec_size || desc->delta_rec_size % sizeof(struct delta_entry) ||
	    desc->delta_rec_size > x->work->max_xfer)
		return DSA_COMP_DR_ERANGE;
	if (dsa_overlap(desc->src_addr, desc->delta_rec_size, desc->dst_addr, size))
		return DSA_COMP_OVERLAP_BUFFERS;
	return 0;
}

/* Put one entry in its place; @last is the offset of the one before, or -1. */
static bool apply_entry(struct dsa_execution *x, const struct delta_entry *entry, int64_t *last)
{
	int64_t offset = (int64_t)le16toh(entry->offset) * WORD;
	size_t put;
	int ret;

	if (offset <= *last) {
		x->outcome.status = DSA_COMP_DR_OFFSET_NOINC;
		return false;
	}
	if (offset >= x->desc->xfer_size) {
		x->outcome.status = DSA_COMP_DR_OFFSET_ERANGE;
		return false;
	}
	ret = dsa_dma_write(x->dev, x->desc->dst_addr + offset, entry->data, WORD, &put);
	if (ret) {
		dsa_outcome_fault(x, ret, true, x->desc->dst_addr + offset + put);
		return false;
	}
	*last = offset;
	return true;
}

/* Progress is counted in bytes of the record. */
static void run_apply(struct dsa_execution *x)
{
	const size_t entry_size = sizeof(struct delta_entry);
	const uint64_t record = x->desc->src_addr, size = x->desc->delta_rec_size;
	uint8_t *buf = x->engine->buffer[0];
	int64_t last = -1;
	uint64_t at = 0;
	size_t got, i;

	while (at < size && !dsa_cancelled(x)) {
		size_t len = dsa_piece(size - at);
		int ret;

		len -= len % entry_size;
		ret = dsa_dma_read(x->dev, record + at, buf, len, &got);
		for (i = 0; i + entry_size <= got; i += entry_size)
			if (!apply_entry(x, (const struct delta_entry *)(buf + i), &last)) {
				x->outcome.bytes_completed = at + i;
				return;
			}
		at += i;
		if (ret) {
			dsa_outcome_fault(x, ret, false, record + at - i + got);
			x->outcome.bytes_completed = at;
			return;
		}
	}
}

/* ---- Rows of the table --------------------------------------------------- */

const struct dsa_operation dsa_op_create_delta = {
	.flags = DSA_WRITE_HINTS | IDXD_OP_FLAG_CR | IDXD_OP_FLAG_ADDR1_TCS |
		 IDXD_OP_FLAG_ADDR2_TCS | IDXD_OP_FLAG_ADDR3_TCS,
	.needs = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR,
	.reserved = DSA_BYTES(38, 39) | DSA_BYTES(52, 55) | DSA_BYTES(57, 63),
	.sized = true,
	.in_batch = true,
	.check = check_create,
	.run = run_create,
};

const struct dsa_operation dsa_op_apply_delta = {
	.flags = DSA_WRITE_HINTS | IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS,
	.reserved = DSA_BYTES(38, 39) | DSA_BYTES(44, 63),
	.sized = true,
	.in_batch = true,
	.check = check_apply,
	.run = run_apply,
};
