// SPDX-License-Identifier: GPL-2.0-only
/*
 * DIF Check, Insert, Strip and Update: data integrity fields behind blocks.
 *
 * A field is a guard (CRC of the block), an application tag and a reference
 * tag, big endian. The four operations are one: a block is read, with its field
 * or without, checked, and written, with a field or without.
 */
#include <endian.h>
#include <string.h>

#include <isa-l/crc.h>

#include "operations.h"

struct dif {
	uint16_t guard;
	uint16_t app;
	uint32_t ref;
} __attribute__((packed));

DSA_STATIC_ASSERT(sizeof(struct dif) == 8, "a field is 8 bytes");

static const uint16_t block_sizes[] = { 512, 520, 4096, 4104 };

/* Where the tags of one side stand: they advance from block to block. */
struct tags {
	uint8_t flags;
	uint32_t ref;
	uint16_t app_mask;
	uint16_t app;
};

/**
 * struct dif_run - an operation under way
 * @block: bytes of a block, without its field
 * @in, @out: bytes of a block as it is read and written; @out 0: not written
 * @has_field: the source has fields, to be checked
 * @adds_field: the destination gets fields
 * @source, @dest: tags
 */
struct dif_run {
	unsigned int block;
	unsigned int in;
	unsigned int out;
	bool has_field;
	bool adds_field;
	struct tags source;
	struct tags dest;
};

static struct dif_run parse(const struct dsa_hw_desc *desc)
{
	struct dif_run run = {
		.block = block_sizes[desc->dif_chk_flags & DSA_DIF_BLOCK_SIZE],
		.has_field = desc->opcode != DSA_OPCODE_DIF_INS,
		.adds_field = desc->opcode == DSA_OPCODE_DIF_INS ||
			      desc->opcode == DSA_OPCODE_DIF_UPDT,
	};

	run.in = run.block + (run.has_field ? sizeof(struct dif) : 0);
	if (desc->opcode != DSA_OPCODE_DIF_CHECK)
		run.out = run.block + (run.adds_field ? sizeof(struct dif) : 0);
	if (run.has_field)
		run.source = (struct tags){ desc->src_dif_flags, desc->chk_ref_tag_seed,
					    desc->chk_app_tag_mask, desc->chk_app_tag_seed };
	if (run.adds_field)
		run.dest = (struct tags){ desc->dest_dif_flag, desc->ins_ref_tag_seed,
					  desc->ins_app_tag_mask, desc->ins_app_tag_seed };
	return run;
}

/* The fields of the four share their places where they share their meaning. */
DSA_STATIC_ASSERT(offsetof(struct dsa_hw_desc, dif_chk_flags) ==
		  offsetof(struct dsa_hw_desc, dif_ins_flags) &&
		  offsetof(struct dsa_hw_desc, dif_chk_flags) ==
		  offsetof(struct dsa_hw_desc, dif_upd_flags), "DIF flags");
DSA_STATIC_ASSERT(offsetof(struct dsa_hw_desc, src_dif_flags) ==
		  offsetof(struct dsa_hw_desc, src_upd_flags) &&
		  offsetof(struct dsa_hw_desc, chk_ref_tag_seed) ==
		  offsetof(struct dsa_hw_desc, src_ref_tag_seed), "source");
DSA_STATIC_ASSERT(offsetof(struct dsa_hw_desc, dest_dif_flag) ==
		  offsetof(struct dsa_hw_desc, upd_dest_flags) &&
		  offsetof(struct dsa_hw_desc, ins_ref_tag_seed) ==
		  offsetof(struct dsa_hw_desc, dest_ref_tag_seed), "destination");

/* ---- Checks of the descriptor -------------------------------------------- */

static uint8_t check_dif(const struct dsa_execution *x)
{
	const struct dsa_hw_desc *desc = x->desc;
	uint8_t dest_undefined = DSA_DIF_DEST_UNDEFINED;
	struct dif_run run = parse(desc);
	uint64_t size = desc->xfer_size;

	/* Nothing passes through where there is no field in the source. */
	if (!run.has_field)
		dest_undefined |= DSA_DIF_DEST_REF_PASS | DSA_DIF_DEST_GUARD_PASS |
				  DSA_DIF_DEST_APP_PASS;
	if ((desc->dif_chk_flags & DSA_DIF_UNDEFINED) || (run.dest.flags & dest_undefined))
		return DSA_COMP_NOZERO_RESERVE;
	if (size % run.in)
		return DSA_COMP_XFER_ERANGE;
	if (run.out && dsa_overlap(desc->src_addr, size, desc->dst_addr, size / run.in * run.out))
		return DSA_COMP_OVERLAP_BUFFERS;
	return 0;
}

/* ---- Blocks -------------------------------------------------------------- */

static uint16_t guard_of(const struct dsa_hw_desc *desc, const uint8_t *block, size_t len)
{
	uint16_t guard = crc16_t10dif(desc->dif_chk_flags & DSA_DIF_GUARD_SEED ? 0xffff : 0, block,
				      len);

	return desc->dif_chk_flags & DSA_DIF_GUARD_INVERT ? ~guard : guard;
}

/* Is this a field that says: do not check this block? */
static bool is_exempt(uint8_t flags, const struct dif *dif)
{
	bool app = dif->app == 0xffff, ref = dif->ref == 0xffffffff;

	return ((flags & DSA_DIF_SRC_APP_F_DETECT) && app) ||
	       ((flags & DSA_DIF_SRC_APP_REF_F_DETECT) && app && ref) ||
	       ((flags & DSA_DIF_SRC_ALL_F_DETECT) && app && ref && dif->guard == 0xffff);
}

static bool is_all_f_error(uint8_t flags, const struct dif *dif)
{
	return (flags & DSA_DIF_SRC_ALL_F_DETECT) && (flags & DSA_DIF_SRC_ALL_F_ERROR) &&
	       dif->guard == 0xffff && dif->app == 0xffff && dif->ref == 0xffffffff;
}

/* What is wrong with a block: DSA_DIF_STATUS_*, 0 for nothing. */
static uint8_t examine(const struct dsa_hw_desc *desc, const struct dif_run *run,
		       const uint8_t *block)
{
	const struct tags *tags = &run->source;
	uint8_t status = 0;
	struct dif dif;

	memcpy(&dif, block + run->block, sizeof(dif));
	if (is_all_f_error(tags->flags, &dif))
		return DSA_DIF_STATUS_ALL_F;
	if (is_exempt(tags->flags, &dif))
		return 0;
	if (!(tags->flags & DSA_DIF_SRC_GUARD_OFF) &&
	    be16toh(dif.guard) != guard_of(desc, block, run->block))
		status |= DSA_DIF_STATUS_GUARD;
	if ((be16toh(dif.app) ^ tags->app) & ~tags->app_mask & 0xffff)
		status |= DSA_DIF_STATUS_APP;
	if (!(tags->flags & DSA_DIF_SRC_REF_OFF) && be32toh(dif.ref) != tags->ref)
		status |= DSA_DIF_STATUS_REF;
	return status;
}

/* The block as it is to be written. */
static void produce(const struct dsa_hw_desc *desc, const struct dif_run *run,
		    const uint8_t *block, uint8_t *out)
{
	const struct tags *tags = &run->dest;
	struct dif dif = { 0 }, new;

	memcpy(out, block, run->block);
	if (!run->adds_field)
		return;
	if (run->has_field)
		memcpy(&dif, block + run->block, sizeof(dif));
	new.guard = htobe16(guard_of(desc, block, run->block));
	new.app = htobe16(tags->app & ~tags->app_mask);
	new.ref = htobe32(tags->ref);
	if (tags->flags & DSA_DIF_DEST_GUARD_PASS)
		new.guard = dif.guard;
	if (tags->flags & DSA_DIF_DEST_APP_PASS)
		new.app = dif.app;
	if (tags->flags & DSA_DIF_DEST_REF_PASS)
		new.ref = dif.ref;
	memcpy(out + run->block, &new, sizeof(new));
}

/* The bits for this mean the same on both sides. */
DSA_STATIC_ASSERT(DSA_DIF_SRC_REF_FIXED == DSA_DIF_DEST_REF_FIXED &&
		  DSA_DIF_SRC_APP_INCREMENT == DSA_DIF_DEST_APP_INCREMENT, "how tags advance");

static void advance(struct tags *tags, unsigned int blocks)
{
	if (!(tags->flags & DSA_DIF_SRC_REF_FIXED))
		tags->ref += blocks;
	if (tags->flags & DSA_DIF_SRC_APP_INCREMENT)
		tags->app += blocks;
}

/* ---- The operation ------------------------------------------------------- */

/*
 * Check and produce the @count blocks in the first buffer, their results in the
 * second. Returns how many are good; tags are left as they were.
 */
static unsigned int convert(struct dsa_execution *x, struct dif_run run, unsigned int count)
{
	const uint8_t *in = x->engine->buffer[0];
	uint8_t *out = x->engine->buffer[1];
	unsigned int i;

	for (i = 0; i < count; i++) {
		uint8_t status = run.has_field ? examine(x->desc, &run, in + i * run.in) : 0;

		if (status) {
			x->outcome.status = DSA_COMP_DIF_ERR;
			x->outcome.result = status;
			break;
		}
		if (run.out)
			produce(x->desc, &run, in + i * run.in, out + i * run.out);
		advance(&run.source, 1);
		advance(&run.dest, 1);
	}
	return i;
}

/* The next blocks, from block @at on. Returns how many are done; with less than @count, why. */
static unsigned int run_piece(struct dsa_execution *x, const struct dif_run *run, uint64_t at,
			      unsigned int count)
{
	const struct dsa_hw_desc *desc = x->desc;
	uint64_t src = desc->src_addr + at * run->in, dst = desc->dst_addr + at * run->out;
	unsigned int blocks, good;
	int read_ret, ret;
	size_t got, put;

	read_ret = dsa_dma_read(x->dev, src, x->engine->buffer[0], (size_t)count * run->in, &got);
	blocks = got / run->in;
	good = convert(x, *run, blocks);
	if (run->out && good) {
		ret = dsa_dma_write(x->dev, dst, x->engine->buffer[1], (size_t)good * run->out,
				    &put);
		if (ret) {
			x->outcome.result = 0;
			dsa_outcome_fault(x, ret, true, dst + put);
			return put / run->out;
		}
	}
	if (good == blocks && read_ret)
		dsa_outcome_fault(x, read_ret, false, src + got);
	return good;
}

/* The tags for the block behind the last one done: with them software goes on. */
static void report_tags(struct dsa_outcome *o, const struct dif_run *run)
{
	struct dsa_dif_tags source = { run->source.ref, run->source.app_mask, run->source.app };
	struct dsa_dif_tags dest = { run->dest.ref, run->dest.app_mask, run->dest.app };

	if (run->has_field)
		o->specific.tags[0] = source;
	if (run->adds_field)
		o->specific.tags[1] = dest;
}

static void run_dif(struct dsa_execution *x)
{
	struct dif_run run = parse(x->desc);
	const uint64_t blocks = x->desc->xfer_size / run.in;
	const unsigned int most = DSA_CHUNK / (run.block + sizeof(struct dif));
	uint64_t at = 0;

	while (at < blocks && !dsa_cancelled(x)) {
		unsigned int count = blocks - at < most ? blocks - at : most;
		unsigned int done = run_piece(x, &run, at, count);

		at += done;
		advance(&run.source, done);
		advance(&run.dest, done);
		if (done < count) {
			x->outcome.bytes_completed = at * run.in;
			break;
		}
	}
	report_tags(&x->outcome, &run);
}

/* ---- Rows of the table --------------------------------------------------- */

const struct dsa_operation dsa_op_dif_check = {
	.flags = IDXD_OP_FLAG_ADDR1_TCS,
	.needs = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR,
	.reserved = DSA_BYTES(24, 31) | DSA_BYTES(38, 39) | BIT_ULL(41) | DSA_BYTES(43, 47) |
		    DSA_BYTES(56, 63),
	.sized = true,
	.in_batch = true,
	.check = check_dif,
	.run = run_dif,
};

const struct dsa_operation dsa_op_dif_insert = {
	.flags = DSA_WRITE_HINTS | IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS,
	.reserved = DSA_BYTES(38, 40) | DSA_BYTES(43, 55),
	.sized = true,
	.in_batch = true,
	.check = check_dif,
	.run = run_dif,
};

const struct dsa_operation dsa_op_dif_strip = {
	.flags = DSA_WRITE_HINTS | IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS,
	.reserved = DSA_BYTES(38, 39) | BIT_ULL(41) | DSA_BYTES(43, 47) | DSA_BYTES(56, 63),
	.sized = true,
	.in_batch = true,
	.check = check_dif,
	.run = run_dif,
};

const struct dsa_operation dsa_op_dif_update = {
	.flags = DSA_WRITE_HINTS | IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS,
	.reserved = DSA_BYTES(38, 39) | DSA_BYTES(43, 47),
	.sized = true,
	.in_batch = true,
	.check = check_dif,
	.run = run_dif,
};
