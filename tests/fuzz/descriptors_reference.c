// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include <dsa/registers.h>

#include "descriptors_reference.h"

#define READ DMA_PROT_READ
#define WRITE DMA_PROT_WRITE
#define OPERATION_FLAGS 0xff0000U
#define FLAGS_ORDINARY (IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_CRAV)

/* An operation under way. */
struct step {
	struct arena_image *image;
	const struct dsa_hw_desc *desc;
	struct dsa_completion_record *record;
};

/* It ends with a fault at @address after @completed bytes. */
static void fault(struct step *step, uint64_t address, bool write, uint32_t completed)
{
	step->record->status = DSA_COMP_PAGE_FAULT_NOBOF | (write ? DSA_COMP_STATUS_WRITE : 0);
	step->record->fault_addr = address;
	step->record->bytes_completed = completed;
}

/* The byte at @address, or the end of the operation. */
static uint8_t *reach(struct step *step, uint64_t address, uint32_t need, uint32_t completed)
{
	uint8_t *byte = arena_byte(step->image, address, need);

	if (!byte)
		fault(step, address, need == WRITE, completed);
	return byte;
}

/* ---- Operations ------------------------------------------------------------------------ */

static void copy_up(struct step *step)
{
	uint32_t i;

	for (i = 0; i < step->desc->xfer_size; i++) {
		uint8_t *from = reach(step, step->desc->src_addr + i, READ, i);
		uint8_t *to = from ? reach(step, step->desc->dst_addr + i, WRITE, i) : NULL;

		if (!to)
			return;
		*to = *from;
	}
}

/* How many of @left bytes that end at @end are in one page. */
static uint32_t in_page(uint64_t end, uint32_t left)
{
	uint64_t n = (end - 1) % ARENA_PAGE + 1;

	return n < left ? n : left;
}

/* From the end, in pieces that cross no page of either side: each is done or is not. */
static void copy_down(struct step *step)
{
	uint64_t src = step->desc->src_addr, dst = step->desc->dst_addr;
	uint32_t left = step->desc->xfer_size, i;

	while (left) {
		uint32_t n = in_page(dst + left, in_page(src + left, left));
		uint8_t *from = reach(step, src + left - n, READ, step->desc->xfer_size - left);
		uint8_t *to = from ? reach(step, dst + left - n, WRITE,
					   step->desc->xfer_size - left) : NULL;

		if (!to) {
			step->record->result = 1;
			return;
		}
		for (i = n; i--;)
			to[i] = from[i];
		left -= n;
	}
}

static void run_move(struct step *step)
{
	uint64_t src = step->desc->src_addr, dst = step->desc->dst_addr;

	if (dst > src && dst - src < step->desc->xfer_size)
		copy_down(step);
	else
		copy_up(step);
}

static void run_fill(struct step *step)
{
	uint64_t pattern = step->desc->pattern;
	uint32_t i;

	for (i = 0; i < step->desc->xfer_size; i++) {
		uint8_t *to = reach(step, step->desc->dst_addr + i, WRITE, i);

		if (!to)
			return;
		*to = pattern >> 8 * (i % 8);
	}
}

static void compared(struct step *step, uint8_t result, uint32_t offset)
{
	step->record->result = result;
	step->record->bytes_completed = offset;
	if ((step->desc->flags & IDXD_OP_FLAG_CR) && result != (step->desc->expected_res & 1))
		step->record->status = DSA_COMP_SUCCESS_PRED;
}

static void run_compare(struct step *step)
{
	uint32_t i;

	for (i = 0; i < step->desc->xfer_size; i++) {
		uint8_t *a = reach(step, step->desc->src_addr + i, READ, i);
		uint8_t *b = a ? reach(step, step->desc->src2_addr + i, READ, i) : NULL;

		if (!b)
			return;
		if (*a != *b) {
			compared(step, 1, i);
			return;
		}
	}
	compared(step, 0, 0);
}

static void run_compare_pattern(struct step *step)
{
	uint64_t pattern = step->desc->comp_pattern;
	uint32_t i;

	for (i = 0; i < step->desc->xfer_size; i++) {
		uint8_t *a = reach(step, step->desc->src_addr + i, READ, i);

		if (!a)
			return;
		if (*a != (uint8_t)(pattern >> 8 * (i % 8))) {
			compared(step, 1, i);
			return;
		}
	}
	compared(step, 0, 0);
}

/* One byte more into a CRC-32C, bit by bit. */
static uint32_t crc_byte(uint32_t state, uint8_t byte)
{
	unsigned int bit;

	state ^= byte;
	for (bit = 0; bit < 8; bit++)
		state = state & 1 ? state >> 1 ^ 0x82f63b78 : state >> 1;
	return state;
}

static void crc(struct step *step, bool copy)
{
	uint32_t state = ~step->desc->crc_seed, i;

	for (i = 0; i < step->desc->xfer_size; i++) {
		uint8_t *from = reach(step, step->desc->src_addr + i, READ, i);
		uint8_t *to = from;

		if (from && copy)
			to = reach(step, step->desc->dst_addr + i, WRITE, i);
		if (!to)
			break;
		state = crc_byte(state, *from);
		*to = *from;
	}
	step->record->crc_val = ~state & 0xffffffff;
}

static void run_crc(struct step *step)
{
	crc(step, false);
}

static void run_copy_crc(struct step *step)
{
	crc(step, true);
}

/* Both destinations get the same bytes, also when it ends early. */
static void run_dualcast(struct step *step)
{
	uint32_t i;

	for (i = 0; i < step->desc->xfer_size; i++) {
		uint8_t *from = reach(step, step->desc->src_addr + i, READ, i);
		uint8_t *one = from ? reach(step, step->desc->dst_addr + i, WRITE, i) : NULL;
		uint8_t *two = one ? reach(step, step->desc->dest2 + i, WRITE, i) : NULL;

		if (!two)
			return;
		*one = *from;
		*two = *from;
	}
}

static bool overlap(uint64_t a, uint64_t b, uint32_t size)
{
	return a - b < size || b - a < size;
}

static uint8_t check_copy(const struct dsa_hw_desc *desc)
{
	return overlap(desc->src_addr, desc->dst_addr, desc->xfer_size) ?
	       DSA_COMP_OVERLAP_BUFFERS : 0;
}

static uint8_t check_dualcast(const struct dsa_hw_desc *desc)
{
	if ((desc->dst_addr ^ desc->dest2) % ARENA_PAGE)
		return DSA_COMP_DCAST_ERR;
	if (overlap(desc->dst_addr, desc->dest2, desc->xfer_size) ||
	    overlap(desc->src_addr, desc->dest2, desc->xfer_size))
		return DSA_COMP_OVERLAP_BUFFERS;
	return check_copy(desc);
}

/**
 * struct operation - what the reference knows of an operation
 * @sized: has a transfer size
 * @alone: not in a batch
 * @check: what the addresses must be like
 */
struct operation {
	bool sized;
	bool alone;
	uint8_t (*check)(const struct dsa_hw_desc *desc);
	void (*run)(struct step *step);
};

/* Without DIF, delta records and Cache Flush: those are held to reference_may_write(). */
static const struct operation operations[] = {
	[DSA_OPCODE_NOOP] = { .sized = false },
	[DSA_OPCODE_BATCH] = { .alone = true },
	[DSA_OPCODE_DRAIN] = { .alone = true },
	[DSA_OPCODE_MEMMOVE] = { .sized = true, .run = run_move },
	[DSA_OPCODE_MEMFILL] = { .sized = true, .run = run_fill },
	[DSA_OPCODE_COMPARE] = { .sized = true, .run = run_compare },
	[DSA_OPCODE_COMPVAL] = { .sized = true, .run = run_compare_pattern },
	[DSA_OPCODE_DUALCAST] = { .sized = true, .check = check_dualcast, .run = run_dualcast },
	[DSA_OPCODE_CRCGEN] = { .sized = true, .run = run_crc },
	[DSA_OPCODE_COPY_CRC] = { .sized = true, .check = check_copy, .run = run_copy_crc },
};

static const struct operation *find_operation(const struct dsa_hw_desc *desc)
{
	const struct operation *op;

	if (desc->opcode >= sizeof(operations) / sizeof(operations[0]) ||
	    (desc->flags & OPERATION_FLAGS))
		return NULL;
	op = &operations[desc->opcode];
	return op->run || desc->opcode <= DSA_OPCODE_DRAIN ? op : NULL;
}

/* ---- Batches ---------------------------------------------------------------------------- */

#define LIST_MAX 16U

static uint8_t check_batch(const struct reference *reference, const struct dsa_hw_desc *desc)
{
	if (desc->desc_list_addr % 64)
		return DSA_COMP_DESCLIST_ALIGN;
	if (desc->desc_count < (reference->batch1 ? 1 : 2) ||
	    desc->desc_count > reference->max_batch)
		return DSA_COMP_DESC_CNT_ERANGE;
	return 0;
}

/* False: a member does what the reference does not know. */
static bool run_batch(struct reference *reference, struct step *step)
{
	uint32_t size = step->desc->desc_count * sizeof(struct dsa_hw_desc), i;
	struct dsa_hw_desc list[LIST_MAX];
	bool failed = false;

	for (i = 0; i < size; i++) {
		uint8_t *byte = reach(step, step->desc->desc_list_addr + i, READ, 0);

		if (!byte) {
			step->record->status = DSA_COMP_BATCH_PAGE_FAULT;
			break;
		}
		((uint8_t *)list)[i] = *byte;
	}
	size = i / sizeof(list[0]);
	for (i = 0; i < size; i++) {
		struct expectation member;

		if (failed && (list[i].flags & IDXD_OP_FLAG_FENCE))
			break;
		member = reference_run(reference, step->image, &list[i], i);
		if (!member.known)
			return false;
		failed |= member.record.status != DSA_COMP_SUCCESS;
	}
	step->record->bytes_completed = i;
	if (failed && step->record->status == DSA_COMP_SUCCESS)
		step->record->status = DSA_COMP_BATCH_FAIL;
	return true;
}

/* ---- Descriptors ------------------------------------------------------------------------ */

static uint8_t check(const struct reference *reference, const struct operation *op,
		     const struct dsa_hw_desc *desc, int batch_index)
{
	if (!(reference->opcap >> desc->opcode & 1) || (op->alone && batch_index >= 0))
		return DSA_COMP_BAD_OPCODE;
	if ((desc->flags & IDXD_OP_FLAG_RCI) && desc->int_handle >= reference->vectors)
		return DSA_COMP_INT_HANDLE_INVAL;
	if (op->sized && (!desc->xfer_size || desc->xfer_size > reference->max_xfer))
		return DSA_COMP_XFER_ERANGE;
	if (desc->opcode == DSA_OPCODE_BATCH)
		return check_batch(reference, desc);
	return op->check ? op->check(desc) : 0;
}

static bool ordinary(uint8_t status)
{
	return status == DSA_COMP_SUCCESS || status == DSA_COMP_SUCCESS_PRED ||
	       status == DSA_COMP_BATCH_FAIL;
}

static bool put_record(struct arena_image *image, const struct dsa_hw_desc *desc,
		       const struct dsa_completion_record *record)
{
	uint8_t *at = arena_byte(image, desc->completion_addr, WRITE);

	/* Aligned, so all of it is in one page. */
	if (at)
		memcpy(at, (const void *)record, sizeof(*record));
	return at;
}

static void finish(struct reference *reference, struct arena_image *image,
		   const struct dsa_hw_desc *desc, struct expectation *e)
{
	bool crav = desc->flags & IDXD_OP_FLAG_CRAV;
	uint8_t status = e->record.status & DSA_COMP_STATUS_MASK;

	if (crav && ((desc->flags & IDXD_OP_FLAG_RCR) || !ordinary(status))) {
		e->written = put_record(image, desc, &e->record);
		if (!e->written) {
			e->record.status = DSA_COMP_CRA_XLAT;
			e->error = DSA_COMP_CRA_XLAT;
			return;
		}
	}
	if (status == DSA_COMP_INT_HANDLE_INVAL || (!crav && !ordinary(status)))
		e->error = status;
	if ((desc->flags & IDXD_OP_FLAG_RCI) && status != DSA_COMP_INT_HANDLE_INVAL)
		reference->messages++;
}

struct expectation reference_run(struct reference *reference, struct arena_image *image,
				 const struct dsa_hw_desc *desc, int batch_index)
{
	const struct operation *op = find_operation(desc);
	struct expectation e = { .known = op };
	struct step step = { .image = image, .desc = desc, .record = &e.record };

	if (!op)
		return e;
	if ((desc->flags & IDXD_OP_FLAG_CRAV) && desc->completion_addr % sizeof(e.record)) {
		e.record.status = DSA_COMP_CRA_ALIGN;
		e.error = DSA_COMP_CRA_ALIGN;
		return e;
	}
	e.record.status = check(reference, op, desc, batch_index);
	if (!e.record.status) {
		e.executed = true;
		e.record.status = DSA_COMP_SUCCESS;
		if (desc->opcode == DSA_OPCODE_BATCH)
			e.known = run_batch(reference, &step);
		else if (op->run)
			op->run(&step);
		/* One destination may have got more than the other, then. */
		if (desc->opcode == DSA_OPCODE_DUALCAST && e.record.status != DSA_COMP_SUCCESS)
			e.known = false;
	}
	finish(reference, image, desc, &e);
	return e;
}

/* An operation expands what it copies by at most a half: DIF blocks of 512 + 8 bytes. */
static bool inside(uint64_t start, uint32_t size, uint64_t address)
{
	return address - start < size + (uint64_t)size / 2 + 16;
}

bool reference_may_write(const struct dsa_hw_desc *desc, uint64_t address)
{
	switch (desc->opcode) {
	case DSA_OPCODE_CR_DELTA:
		return inside(desc->delta_addr, desc->max_delta_size, address);
	case DSA_OPCODE_DUALCAST:
		return inside(desc->dst_addr, desc->xfer_size, address) ||
		       inside(desc->dest2, desc->xfer_size, address);
	case DSA_OPCODE_CRCGEN:
	case DSA_OPCODE_COMPARE:
	case DSA_OPCODE_COMPVAL:
	case DSA_OPCODE_NOOP:
	case DSA_OPCODE_DRAIN:
		return false;
	case DSA_OPCODE_BATCH:
		return true;
	default:
		return inside(desc->dst_addr, desc->xfer_size, address);
	}
}
