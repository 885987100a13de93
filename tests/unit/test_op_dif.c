// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model: DIF Check, Insert, Strip, Update, against fields made bit by bit. */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

#define RECORD (HOST_BASE + 0x40)
#define SRC (HOST_BASE + 0x2000)
#define DST (HOST_BASE + 0x40000)

#define COUNT(array) (sizeof(array) / sizeof(array[0]))
#define FIELD 8

static const unsigned int block_sizes[] = { 512, 520, 4096, 4104 };

struct tags {
	uint32_t ref;
	uint16_t mask;
	uint16_t app;
};

static const struct tags source_tags = { 0xfffffffe, 0x00f0, 0xfffe };
static const struct tags dest_tags = { 0x12345678, 0x0f00, 0xabcd };

/* ---- Reference ----------------------------------------------------------- */

static uint16_t guard_of(const uint8_t *data, size_t len, uint8_t dif_flags)
{
	uint16_t crc = dif_flags & DSA_DIF_GUARD_SEED ? 0xffff : 0;
	unsigned int bit;

	for (; len; len--, data++) {
		crc ^= *data << 8;
		for (bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ 0x8bb7 : crc << 1;
	}
	return dif_flags & DSA_DIF_GUARD_INVERT ? ~crc : crc;
}

static void put_field(uint8_t *field, uint16_t guard, uint16_t app, uint32_t ref)
{
	guard = htobe16(guard);
	app = htobe16(app);
	ref = htobe32(ref);
	memcpy(field, &guard, 2);
	memcpy(field + 2, &app, 2);
	memcpy(field + 4, &ref, 4);
}

/* The field of block @i whose data are at @data, with these flags of its side. */
static void make_field(uint8_t *field, const uint8_t *data, unsigned int block, uint8_t dif_flags,
		       const struct tags *tags, uint8_t side, unsigned int i)
{
	uint16_t app = tags->app + (side & DSA_DIF_SRC_APP_INCREMENT ? i : 0);
	uint32_t ref = tags->ref + (side & DSA_DIF_SRC_REF_FIXED ? 0 : i);

	put_field(field, guard_of(data, block, dif_flags), app & ~tags->mask, ref);
}

/* Blocks with their fields at @iova. */
static void make_blocks(struct model_host *host, uint64_t iova, unsigned int block,
			unsigned int count, uint8_t dif_flags, const struct tags *tags,
			uint8_t side)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		uint8_t *data = host_at(host, iova + (uint64_t)i * (block + FIELD));

		make_field(data + block, data, block, dif_flags, tags, side, i);
	}
}

/* ---- Descriptors --------------------------------------------------------- */

static struct dsa_hw_desc dif(unsigned int opcode, unsigned int code, unsigned int count)
{
	struct dsa_hw_desc desc = descriptor(opcode, 0, RECORD);
	unsigned int block = block_sizes[code];

	desc.src_addr = SRC;
	if (opcode != DSA_OPCODE_DIF_CHECK)
		desc.dst_addr = DST;
	desc.dif_chk_flags = code;
	desc.xfer_size = count * (opcode == DSA_OPCODE_DIF_INS ? block : block + FIELD);
	if (opcode != DSA_OPCODE_DIF_INS) {
		desc.chk_ref_tag_seed = source_tags.ref;
		desc.chk_app_tag_mask = source_tags.mask;
		desc.chk_app_tag_seed = source_tags.app;
	}
	if (opcode == DSA_OPCODE_DIF_INS || opcode == DSA_OPCODE_DIF_UPDT) {
		desc.ins_ref_tag_seed = dest_tags.ref;
		desc.ins_app_tag_mask = dest_tags.mask;
		desc.ins_app_tag_seed = dest_tags.app;
	}
	return desc;
}

/* ---- What they do -------------------------------------------------------- */

static const uint8_t side_flags[] = {
	0, DSA_DIF_SRC_REF_FIXED, DSA_DIF_SRC_APP_INCREMENT,
	DSA_DIF_SRC_REF_FIXED | DSA_DIF_SRC_APP_INCREMENT,
};

/* Known value of the catalogue: CRC-16/T10-DIF of "123456789". */
START_TEST(reference_is_right)
{
	ck_assert_uint_eq(guard_of((const uint8_t *)"123456789", 9, 0), 0xd0db);
}
END_TEST

/* Every block size, seed and inversion, ways to advance; enough blocks for several pieces. */
START_TEST(insert_check_strip)
{
	unsigned int code = _i % 4, block = block_sizes[code], count = 0x18000 / block, i, f;
	struct model_host *host = host_ready("spr");

	for (f = 0; f < 4; f++) {
		uint8_t dif_flags = code | (_i / 4) << 2, side = side_flags[f];
		struct dsa_hw_desc desc = dif(DSA_OPCODE_DIF_INS, code, count);
		struct dsa_completion_record cr;

		desc.dif_ins_flags = dif_flags;
		desc.dest_dif_flag = side;
		memset(host_at(host, DST), 0, 0x20000);
		cr = run_one(host, 0, &desc);
		ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
		ck_assert_uint_eq(cr.bytes_completed, 0);
		for (i = 0; i < count; i++) {
			uint8_t *data = host_at(host, SRC + i * block), field[FIELD];
			uint8_t *out = host_at(host, DST + i * (block + FIELD));

			make_field(field, data, block, dif_flags, &dest_tags, side, i);
			ck_assert_mem_eq(out, data, block);
			ck_assert_mem_eq(out + block, field, FIELD);
		}
		ck_assert_uint_eq(*(uint8_t *)host_at(host, DST + count * (block + FIELD)), 0);
		ck_assert_uint_eq(cr.dif_ins_ref_tag,
				  dest_tags.ref + (side & DSA_DIF_DEST_REF_FIXED ? 0 : count));
		ck_assert_uint_eq(cr.dif_ins_app_tag, (uint16_t)(dest_tags.app +
				  (side & DSA_DIF_DEST_APP_INCREMENT ? count : 0)));
		ck_assert_uint_eq(cr.dif_ins_app_tag_mask, dest_tags.mask);

		desc = dif(DSA_OPCODE_DIF_CHECK, code, count);
		desc.src_addr = DST;
		desc.dif_chk_flags = dif_flags;
		desc.src_dif_flags = side;
		desc.chk_ref_tag_seed = dest_tags.ref;
		desc.chk_app_tag_mask = dest_tags.mask;
		desc.chk_app_tag_seed = dest_tags.app;
		cr = run_one(host, 0, &desc);
		ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
		ck_assert_uint_eq(cr.dif_chk_ref_tag,
				  dest_tags.ref + (side & DSA_DIF_SRC_REF_FIXED ? 0 : count));

		desc.opcode = DSA_OPCODE_DIF_STRP;
		desc.dst_addr = HOST_BASE + 0x60000;
		cr = run_one(host, 0, &desc);
		ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
		ck_assert_mem_eq(host_at(host, HOST_BASE + 0x60000), host_at(host, SRC),
				 count * block);
	}
	host_free(host);
}
END_TEST

/* New tags, or the old ones passed on; the guard is made anew unless it is passed. */
START_TEST(update)
{
	static const uint8_t passes[] = {
		0, DSA_DIF_DEST_APP_PASS, DSA_DIF_DEST_GUARD_PASS, DSA_DIF_DEST_REF_PASS,
		DSA_DIF_DEST_APP_PASS | DSA_DIF_DEST_GUARD_PASS | DSA_DIF_DEST_REF_PASS,
		DSA_DIF_DEST_REF_FIXED | DSA_DIF_DEST_APP_INCREMENT,
	};
	unsigned int code = _i % 4, block = block_sizes[code], count = 40, i;
	uint8_t pass = passes[_i / 4];
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = dif(DSA_OPCODE_DIF_UPDT, code, count);
	struct dsa_completion_record cr;

	make_blocks(host, SRC, block, count, code, &source_tags, DSA_DIF_SRC_APP_INCREMENT);
	/* A guard that is not looked at: it shows whether it is passed on. */
	for (i = 0; i < count; i++)
		*(uint8_t *)host_at(host, SRC + i * (block + FIELD) + block) ^= 0x11;
	desc.src_upd_flags = DSA_DIF_SRC_APP_INCREMENT | DSA_DIF_SRC_GUARD_OFF;
	desc.upd_dest_flags = pass;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
	for (i = 0; i < count; i++) {
		const uint8_t *in = host_at(host, SRC + i * (block + FIELD));
		const uint8_t *out = host_at(host, DST + i * (block + FIELD));
		uint8_t field[FIELD];

		make_field(field, in, block, code, &dest_tags, pass, i);
		if (pass & DSA_DIF_DEST_GUARD_PASS)
			memcpy(field, in + block, 2);
		if (pass & DSA_DIF_DEST_APP_PASS)
			memcpy(field + 2, in + block + 2, 2);
		if (pass & DSA_DIF_DEST_REF_PASS)
			memcpy(field + 4, in + block + 4, 4);
		ck_assert_mem_eq(out, in, block);
		ck_assert_mem_eq(out + block, field, FIELD);
	}
	ck_assert_uint_eq(cr.dif_upd_src_ref_tag, source_tags.ref + count);
	ck_assert_uint_eq(cr.dif_upd_src_app_tag, (uint16_t)(source_tags.app + count));
	ck_assert_uint_eq(cr.dif_upd_src_app_tag_mask, source_tags.mask);
	ck_assert_uint_eq(cr.dif_upd_dest_ref_tag,
			  dest_tags.ref + (pass & DSA_DIF_DEST_REF_FIXED ? 0 : count));
	ck_assert_uint_eq(cr.dif_upd_dest_app_tag_mask, dest_tags.mask);
	host_free(host);
}
END_TEST

/* ---- What they find ------------------------------------------------------ */

/* A byte of block 3 is changed; the blocks before it are good, and done. */
static const struct {
	const char *name;
	int byte; /* from the start of the field; negative: of the data */
	uint8_t xor;
	uint8_t side;
	uint8_t status;
} damages[] = {
	{ "none", 0, 0, 0, 0 },
	{ "data", -100, 1, 0, DSA_DIF_STATUS_GUARD },
	{ "guard", 1, 0x80, 0, DSA_DIF_STATUS_GUARD },
	{ "guard off", 1, 0x80, DSA_DIF_SRC_GUARD_OFF, 0 },
	{ "app", 2, 0x01, 0, DSA_DIF_STATUS_APP },
	{ "app, masked bit", 3, 0x10, 0, 0 },
	{ "ref", 7, 0x01, 0, DSA_DIF_STATUS_REF },
	{ "ref off", 7, 0x01, DSA_DIF_SRC_REF_OFF, 0 },
	{ "data, ref off", -1, 0x01, DSA_DIF_SRC_REF_OFF, DSA_DIF_STATUS_GUARD },
};

START_TEST(damages_are_found)
{
	static const uint8_t opcodes[] = { DSA_OPCODE_DIF_CHECK, DSA_OPCODE_DIF_STRP,
					   DSA_OPCODE_DIF_UPDT };
	const unsigned int d = _i / 3, block = 512, bad = 3, count = 8;
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = dif(opcodes[_i % 3], 0, count);
	unsigned int out = desc.opcode == DSA_OPCODE_DIF_STRP ? block : block + FIELD;
	struct dsa_completion_record cr;

	make_blocks(host, SRC, block, count, 0, &source_tags, damages[d].side);
	*(uint8_t *)host_at(host, SRC + bad * (block + FIELD) + block + damages[d].byte) ^=
		damages[d].xor;
	desc.src_dif_flags = damages[d].side;
	memset(host_at(host, DST), 0xee, count * (block + FIELD));
	cr = run_one(host, 0, &desc);
	ck_assert_msg(cr.status == (damages[d].status ? DSA_COMP_DIF_ERR : DSA_COMP_SUCCESS) &&
		      cr.dif_status == damages[d].status, "%s: status %#x, %#x", damages[d].name,
		      cr.status, cr.dif_status);
	if (damages[d].status) {
		ck_assert_uint_eq(cr.bytes_completed, bad * (block + FIELD));
		ck_assert_uint_eq(cr.dif_chk_ref_tag, source_tags.ref + bad);
		if (desc.opcode != DSA_OPCODE_DIF_CHECK)
			ck_assert_uint_eq(*(uint8_t *)host_at(host, DST + bad * out), 0xee);
	}
	if (desc.opcode != DSA_OPCODE_DIF_CHECK)
		ck_assert_mem_eq(host_at(host, DST + 2 * out),
				 host_at(host, SRC + 2 * (block + FIELD)), block);
	host_free(host);
}
END_TEST

/* All three wrong: all three are named. */
START_TEST(damages_combine)
{
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = dif(DSA_OPCODE_DIF_CHECK, 2, 1);
	struct dsa_completion_record cr;

	make_blocks(host, SRC, 4096, 1, 2, &source_tags, 0);
	memset(host_at(host, SRC + 4096), 0x5a, FIELD);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_DIF_ERR);
	ck_assert_uint_eq(cr.dif_status,
			  DSA_DIF_STATUS_GUARD | DSA_DIF_STATUS_APP | DSA_DIF_STATUS_REF);
	ck_assert_uint_eq(cr.bytes_completed, 0);

	/* With the mask full the application tag is not looked at. */
	desc.chk_app_tag_mask = 0xffff;
	ck_assert_uint_eq(run_one(host, 0, &desc).dif_status,
			  DSA_DIF_STATUS_GUARD | DSA_DIF_STATUS_REF);
	host_free(host);
}
END_TEST

/* Fields of ones: an escape, an error, or just wrong. */
START_TEST(fields_of_ones)
{
	enum { APP = 1, APP_REF = 2, ALL = 3 };
	static const struct {
		int ones;
		uint8_t side;
		bool good;
		uint8_t status;
	} cases[] = {
		{ ALL, 0, false, 7 },
		{ ALL, DSA_DIF_SRC_ALL_F_DETECT, true, 0 },
		{ ALL, DSA_DIF_SRC_ALL_F_DETECT | DSA_DIF_SRC_ALL_F_ERROR, false, 8 },
		{ ALL, DSA_DIF_SRC_ALL_F_ERROR, false, 7 },
		{ ALL, DSA_DIF_SRC_APP_F_DETECT, true, 0 },
		{ ALL, DSA_DIF_SRC_APP_REF_F_DETECT, true, 0 },
		{ APP_REF, DSA_DIF_SRC_ALL_F_DETECT, false, 7 },
		{ APP_REF, DSA_DIF_SRC_ALL_F_DETECT | DSA_DIF_SRC_ALL_F_ERROR, false, 7 },
		{ APP_REF, DSA_DIF_SRC_APP_REF_F_DETECT, true, 0 },
		{ APP_REF, DSA_DIF_SRC_APP_F_DETECT, true, 0 },
		{ APP, DSA_DIF_SRC_APP_F_DETECT, true, 0 },
		{ APP, DSA_DIF_SRC_APP_REF_F_DETECT, false, 7 },
		{ APP, 0, false, 7 },
	};
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = dif(DSA_OPCODE_DIF_CHECK, 0, 1);
	struct dsa_completion_record cr;

	put_field(host_at(host, SRC + 512), cases[_i].ones == ALL ? 0xffff : 0x1234, 0xffff,
		  cases[_i].ones >= APP_REF ? 0xffffffff : 5);
	desc.src_dif_flags = cases[_i].side;
	desc.chk_app_tag_mask = 0;
	desc.chk_app_tag_seed = 0x1111;
	desc.chk_ref_tag_seed = 0x2222;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, cases[_i].good ? DSA_COMP_SUCCESS : DSA_COMP_DIF_ERR);
	ck_assert_uint_eq(cr.dif_status, cases[_i].status);
	host_free(host);
}
END_TEST

/* ---- Faults -------------------------------------------------------------- */

/* Whole blocks are done; the record's tags and bytes are where to go on. */
START_TEST(faults_are_resumable)
{
	static const struct {
		uint8_t opcode;
		uint64_t no_read, no_write;
	} cases[] = {
		{ DSA_OPCODE_DIF_CHECK, SRC + 0x3000, 0 },
		{ DSA_OPCODE_DIF_CHECK, SRC + 0x13000, 0 },
		{ DSA_OPCODE_DIF_STRP, SRC + 0x3000, 0 },
		{ DSA_OPCODE_DIF_STRP, 0, DST + 0x3000 },
		{ DSA_OPCODE_DIF_INS, SRC, 0 },
		{ DSA_OPCODE_DIF_INS, SRC + 0x12000, 0 },
		{ DSA_OPCODE_DIF_INS, 0, DST + 0x2000 },
		{ DSA_OPCODE_DIF_UPDT, SRC + 0x4000, 0 },
		{ DSA_OPCODE_DIF_UPDT, 0, DST },
		{ DSA_OPCODE_DIF_UPDT, 0, DST + 0x12000 },
	};
	const unsigned int code = _i % 4, block = block_sizes[code], count = 0x18000 / block;
	const uint8_t opcode = cases[_i / 4].opcode;
	unsigned int in = opcode == DSA_OPCODE_DIF_INS ? block : block + FIELD;
	unsigned int out = opcode == DSA_OPCODE_DIF_STRP ? block : block + FIELD;
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = dif(opcode, code, count);
	struct dsa_completion_record cr;
	uint8_t *want;

	if (opcode != DSA_OPCODE_DIF_INS)
		make_blocks(host, SRC, block, count, code, &source_tags, 0);
	/* In one go, to know what must come out. */
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	want = host_snapshot(host);
	memset(host_at(host, DST), 0, (size_t)count * out);
	if (opcode == DSA_OPCODE_DIF_CHECK)
		memset(want + DST - HOST_BASE, 0, (size_t)count * out);

	if (cases[_i / 4].no_read)
		host_no_read(host, cases[_i / 4].no_read);
	else
		host_no_write(host, cases[_i / 4].no_write);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, cases[_i / 4].no_read ? 0x03 : 0x83);
	ck_assert_uint_eq(cr.fault_addr, cases[_i / 4].no_read ? cases[_i / 4].no_read :
								 cases[_i / 4].no_write);
	ck_assert_uint_eq(cr.result, 0);
	ck_assert_uint_eq(cr.bytes_completed % in, 0);

	memset(host->no_read, 0, sizeof(host->no_read));
	memset(host->no_write, 0, sizeof(host->no_write));
	desc.src_addr += cr.bytes_completed;
	if (opcode != DSA_OPCODE_DIF_CHECK)
		desc.dst_addr += cr.bytes_completed / in * out;
	desc.xfer_size -= cr.bytes_completed;
	if (opcode != DSA_OPCODE_DIF_INS)
		memcpy(&desc.chk_ref_tag_seed, &cr.dif_chk_ref_tag, 4);
	if (opcode == DSA_OPCODE_DIF_INS || opcode == DSA_OPCODE_DIF_UPDT)
		memcpy(&desc.ins_ref_tag_seed, &cr.dif_ins_ref_tag, 4);
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	ck_assert_mem_eq(host_at(host, DST), want + DST - HOST_BASE, (size_t)count * out);
	free(want);
	host_free(host);
}
END_TEST

/* ---- Checks of the descriptor -------------------------------------------- */

START_TEST(descriptor_checks)
{
	enum { CHECK = DSA_OPCODE_DIF_CHECK, INSERT = DSA_OPCODE_DIF_INS,
	       STRIP = DSA_OPCODE_DIF_STRP, UPDATE = DSA_OPCODE_DIF_UPDT };
	static const struct {
		uint8_t opcode;
		uint8_t field, bytes;
		uint64_t value;
		uint8_t status;
	} cases[] = {
		{ CHECK, 32, 4, 519, DSA_COMP_XFER_ERANGE },
		{ CHECK, 32, 4, 1040, DSA_COMP_SUCCESS },
		{ CHECK, 32, 4, 512, DSA_COMP_XFER_ERANGE },
		{ CHECK, 32, 4, 0, DSA_COMP_XFER_ERANGE },
		{ CHECK, 4, 1, IDXD_OP_FLAG_CRAV, DSA_COMP_INVALID_FLAGS },
		{ CHECK, 5, 1, IDXD_OP_FLAG_ADDR2_TCS >> 8, DSA_COMP_INVALID_FLAGS },
		{ CHECK, 5, 1, IDXD_OP_FLAG_CC >> 8, DSA_COMP_INVALID_FLAGS },
		{ CHECK, 6, 1, 1, DSA_COMP_INVALID_FLAGS },
		{ CHECK, 24, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ CHECK, 41, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ CHECK, 42, 1, 0x10, DSA_COMP_NOZERO_RESERVE },
		{ CHECK, 43, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ CHECK, 56, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ INSERT, 32, 4, 1024, DSA_COMP_SUCCESS },
		{ INSERT, 32, 4, 520, DSA_COMP_XFER_ERANGE },
		{ INSERT, 40, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ INSERT, 41, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ INSERT, 41, 1, DSA_DIF_DEST_APP_PASS, DSA_COMP_NOZERO_RESERVE },
		{ INSERT, 41, 1, DSA_DIF_DEST_GUARD_PASS, DSA_COMP_NOZERO_RESERVE },
		{ INSERT, 41, 1, DSA_DIF_DEST_REF_PASS, DSA_COMP_NOZERO_RESERVE },
		{ INSERT, 55, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ INSERT, 24, 8, SRC + 511, DSA_COMP_OVERLAP_BUFFERS },
		{ INSERT, 24, 8, SRC - 519, DSA_COMP_OVERLAP_BUFFERS },
		{ INSERT, 24, 8, SRC - 520, DSA_COMP_SUCCESS },
		{ INSERT, 4, 1, 0, DSA_COMP_SUCCESS },
		{ STRIP, 24, 8, SRC + 519, DSA_COMP_OVERLAP_BUFFERS },
		{ STRIP, 24, 8, SRC - 512, DSA_COMP_SUCCESS },
		{ STRIP, 24, 8, SRC - 511, DSA_COMP_OVERLAP_BUFFERS },
		{ STRIP, 41, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ UPDATE, 24, 8, SRC, DSA_COMP_OVERLAP_BUFFERS },
		{ UPDATE, 24, 8, SRC + 520, DSA_COMP_SUCCESS },
		{ UPDATE, 41, 1, 4, DSA_COMP_NOZERO_RESERVE },
		{ UPDATE, 47, 1, 4, DSA_COMP_NOZERO_RESERVE },
		{ UPDATE, 5, 1, IDXD_OP_FLAG_ADDR3_TCS >> 8, DSA_COMP_INVALID_FLAGS },
	};
	struct model_host *host = host_ready("spr");
	unsigned int i;

	for (i = 0; i < COUNT(cases); i++) {
		struct dsa_hw_desc desc = dif(cases[i].opcode, 0, 1);
		uint8_t status = 0, expected = cases[i].status;

		make_blocks(host, SRC, 512, 2, 0, &source_tags, 0);
		memcpy((uint8_t *)&desc + cases[i].field, &cases[i].value, cases[i].bytes);
		status = run_one(host, 0, &desc).status;
		if (!(desc.flags & IDXD_OP_FLAG_CRAV))
			expected = 0;
		ck_assert_msg(status == expected, "case %u: status %#x", i, status);
	}
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR), 0);
	host_free(host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("dif");
	TCase *tc = tcase_create("dif");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, reference_is_right);
	tcase_add_loop_test(tc, insert_check_strip, 0, 4 * 4);
	tcase_add_loop_test(tc, update, 0, 4 * 6);
	tcase_add_loop_test(tc, damages_are_found, 0, 3 * COUNT(damages));
	tcase_add_test(tc, damages_combine);
	tcase_add_loop_test(tc, fields_of_ones, 0, 13);
	tcase_add_loop_test(tc, faults_are_resumable, 0, 10 * 4);
	tcase_add_test(tc, descriptor_checks);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
