// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model: Create and Apply Delta Record, and Dualcast and Cache Flush. */
#include <stdlib.h>
#include <string.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

#define RECORD (HOST_BASE + 0x40)
#define SRC (HOST_BASE + 0x2000)
#define SRC2 (HOST_BASE + 0x20000)
#define DST (HOST_BASE + 0x40000)
#define DELTA (HOST_BASE + 0x60000)
#define DELTA_ROOM 0x18000

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

static struct dsa_hw_desc create(uint32_t size, uint32_t room)
{
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_CR_DELTA, 0, RECORD);

	desc.src_addr = SRC;
	desc.src2_addr = SRC2;
	desc.xfer_size = size;
	desc.delta_addr = DELTA;
	desc.max_delta_size = room;
	return desc;
}

static struct dsa_hw_desc apply(uint32_t size, uint32_t record_size)
{
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_AP_DELTA, 0, RECORD);

	desc.src_addr = DELTA;
	desc.dst_addr = DST;
	desc.xfer_size = size;
	desc.delta_rec_size = record_size;
	return desc;
}

/* Two sources of @size bytes, equal but for every @step-th word from @first on. */
static void make_sources(struct model_host *host, uint32_t size, uint32_t first, uint32_t step)
{
	uint32_t at;

	memcpy(host_at(host, SRC2), host_at(host, SRC), size);
	for (at = first * 8; step && at < size; at += step * 8)
		*(uint8_t *)host_at(host, SRC2 + at + at / 8 % 8) ^= 0x40;
}

/* A record of entries at these offsets (words), with data that differ. */
static void make_record(struct model_host *host, const uint16_t *offsets, unsigned int count)
{
	uint8_t *record = host_at(host, DELTA);
	unsigned int i, j;

	for (i = 0; i < count; i++, record += 10) {
		record[0] = offsets[i];
		record[1] = offsets[i] >> 8;
		for (j = 0; j < 8; j++)
			record[2 + j] = 0x80 + 8 * i + j;
	}
}

static const struct {
	uint32_t size, first, step;
} differences[] = {
	{ 8, 0, 1 }, { 4096, 0, 0 }, { 4096, 0, 1 }, { 4096, 511, 1 }, { 4096, 3, 7 },
	{ 0x8008, 0, 5 }, { 0x10000, 1, 3 }, { 0x12340, 0x1000, 2 },
};

/* What has been created from two sources makes the second of the first. */
START_TEST(create_and_apply)
{
	struct model_host *host = host_ready("spr-early");
	uint32_t size = differences[_i].size, step = differences[_i].step;
	struct dsa_hw_desc desc = create(size, DELTA_ROOM);
	unsigned int entries = 0;
	struct dsa_completion_record cr;
	uint32_t at;

	make_sources(host, size, differences[_i].first, step);
	for (at = differences[_i].first * 8; step && at < size; at += step * 8)
		entries++;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
	ck_assert_uint_eq(cr.result, entries ? 1 : 0);
	ck_assert_uint_eq(cr.delta_rec_size, 10 * entries);
	ck_assert_uint_eq(cr.bytes_completed, 0);
	if (!entries)
		goto out;

	memcpy(host_at(host, DST), host_at(host, SRC), size + 8);
	desc = apply(size, 10 * entries);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
	ck_assert_mem_eq(host_at(host, DST), host_at(host, SRC2), size);
	ck_assert_mem_eq(host_at(host, DST + size), host_at(host, SRC + size), 8);
out:
	host_free(host);
}
END_TEST

/* Byte for byte: offsets little endian in words, and the second source's data. */
START_TEST(format)
{
	struct model_host *host = host_ready("spr-early");
	struct dsa_hw_desc desc = create(0x1000, 80);
	uint8_t want[20] = { 0x03, 0x00 };

	make_sources(host, 0x1000, 3, 0x101);
	memcpy(want + 2, host_at(host, SRC2 + 24), 8);
	want[10] = 0x04;
	want[11] = 0x01;
	memcpy(want + 12, host_at(host, SRC2 + 0x104 * 8), 8);
	memset(host_at(host, DELTA), 0xcc, 32);
	ck_assert_uint_eq(run_one(host, 0, &desc).delta_rec_size, 20);
	ck_assert_mem_eq(host_at(host, DELTA), want, 20);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, DELTA + 20), 0xcc);
	host_free(host);
}
END_TEST

/* More differences than room: how far it got, and from there on the rest. */
START_TEST(overflow_is_resumable)
{
	struct model_host *host = host_ready("spr-early");
	const uint32_t size = 0x9000;
	struct dsa_hw_desc desc = create(size, 85), ap;
	struct dsa_completion_record cr;
	unsigned int rounds = 0;
	uint64_t at = 0;

	make_sources(host, size, 0, 0x77);
	memcpy(host_at(host, DST), host_at(host, SRC), size);
	do {
		cr = run_one(host, 0, &desc);
		ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
		if (cr.result == 2) {
			/* Eight whole entries fit into 85 bytes. */
			ck_assert_uint_eq(cr.delta_rec_size, 80);
			ck_assert_uint_eq(cr.bytes_completed % 8, 0);
			ck_assert_uint_gt(cr.bytes_completed, 0);
		}
		ap = apply(desc.xfer_size, cr.delta_rec_size);
		ap.dst_addr = DST + at;
		ck_assert_uint_eq(run_one(host, 0, &ap).status, DSA_COMP_SUCCESS);
		at += cr.bytes_completed;
		desc.src_addr = SRC + at;
		desc.src2_addr = SRC2 + at;
		desc.xfer_size = size - at;
		rounds++;
	} while (cr.result == 2);
	ck_assert_uint_eq(rounds, (size / 8 + 0x76) / 0x77 / 8 + 1);
	ck_assert_mem_eq(host_at(host, DST), host_at(host, SRC2), size);
	host_free(host);
}
END_TEST

/* The expectation is a mask by result: none, some, too many. */
START_TEST(expected_results)
{
	static const struct {
		uint32_t step;
		uint8_t result, mask;
		bool check;
		uint8_t status;
	} cases[] = {
		{ 0, 0, 1, true, 0x01 }, { 0, 0, 6, true, 0x02 }, { 0, 0, 6, false, 0x01 },
		{ 100, 1, 2, true, 0x01 }, { 100, 1, 5, true, 0x02 },
		{ 1, 2, 4, true, 0x01 }, { 1, 2, 3, true, 0x02 }, { 1, 2, 0, false, 0x01 },
	};
	struct model_host *host = host_ready("spr-early");
	struct dsa_hw_desc desc = create(0x1000, 80);
	struct dsa_completion_record cr;

	make_sources(host, 0x1000, 0, cases[_i].step);
	desc.expected_res_mask = cases[_i].mask;
	if (cases[_i].check)
		desc.flags |= IDXD_OP_FLAG_CR;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.result, cases[_i].result);
	ck_assert_uint_eq(cr.status, cases[_i].status);
	host_free(host);
}
END_TEST

/* A fault of either source or of the record: the rest, put behind it, makes it whole. */
START_TEST(create_faults)
{
	static const struct {
		uint64_t no_read, no_write;
		uint8_t status;
	} cases[] = {
		{ SRC, 0, 0x03 }, { SRC + 0x3000, 0, 0x03 }, { SRC + 0x9000, 0, 0x03 },
		{ SRC2 + 0x3000, 0, 0x03 }, { 0, DELTA, 0x83 }, { 0, DELTA + 0x1000, 0x83 },
		{ 0, DELTA + 0x3000, 0x83 },
	};
	struct model_host *host = host_ready("spr-early");
	const uint32_t size = 0xc000;
	struct dsa_hw_desc desc = create(size, DELTA_ROOM), ap;
	struct dsa_completion_record cr;
	uint32_t done;

	make_sources(host, size, 0, 2);
	if (cases[_i].no_read)
		host_no_read(host, cases[_i].no_read);
	if (cases[_i].no_write)
		host_no_write(host, cases[_i].no_write);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, cases[_i].status);
	ck_assert_uint_eq(cr.fault_addr, cases[_i].no_read ? cases[_i].no_read : cases[_i].no_write);
	ck_assert_uint_eq(cr.result, cr.delta_rec_size ? 1 : 0);
	memset(host->no_read, 0, sizeof(host->no_read));
	memset(host->no_write, 0, sizeof(host->no_write));

	memcpy(host_at(host, DST), host_at(host, SRC), size);
	done = cr.bytes_completed;
	ck_assert_uint_eq(cr.delta_rec_size, (done / 8 + 1) / 2 * 10);
	if (cr.delta_rec_size) {
		ap = apply(size, cr.delta_rec_size);
		ck_assert_uint_eq(run_one(host, 0, &ap).status, DSA_COMP_SUCCESS);
	}
	ck_assert_mem_eq(host_at(host, DST), host_at(host, SRC2), done);
	desc.src_addr += done;
	desc.src2_addr += done;
	desc.xfer_size -= done;
	cr = run_one(host, 0, &desc);
	ap = apply(size - done, cr.delta_rec_size);
	ap.dst_addr += done;
	ck_assert_uint_eq(run_one(host, 0, &ap).status, DSA_COMP_SUCCESS);
	ck_assert_mem_eq(host_at(host, DST), host_at(host, SRC2), size);
	host_free(host);
}
END_TEST

START_TEST(bad_records)
{
	static const struct {
		uint16_t offsets[4];
		uint32_t size;
		uint8_t status;
		uint32_t bytes;
	} cases[] = {
		{ { 0, 1, 2, 3 }, 32, DSA_COMP_SUCCESS, 0 },
		{ { 0, 1, 1, 3 }, 32, DSA_COMP_DR_OFFSET_NOINC, 20 },
		{ { 2, 1, 3, 4 }, 64, DSA_COMP_DR_OFFSET_NOINC, 10 },
		{ { 0, 1, 2, 4 }, 32, DSA_COMP_DR_OFFSET_ERANGE, 30 },
		{ { 0xffff, 0, 0, 0 }, 32, DSA_COMP_DR_OFFSET_ERANGE, 0 },
		{ { 0, 0x100, 0x200, 0xffff }, 0x80000, 0x83, 30 },
	};
	struct model_host *host = host_ready("spr-early");
	struct dsa_hw_desc desc = apply(cases[_i].size, 40);
	struct dsa_completion_record cr;

	make_record(host, cases[_i].offsets, 4);
	if (cases[_i].size == 0x80000) /* its end is beyond memory */
		desc.dst_addr = DELTA + 0x1000;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, cases[_i].status);
	ck_assert_uint_eq(cr.bytes_completed, cases[_i].bytes);
	host_free(host);
}
END_TEST

/* The record breaks off in a page, in the middle of an entry. */
START_TEST(apply_read_fault)
{
	struct model_host *host = host_ready("spr-early");
	struct dsa_hw_desc desc = apply(0x8000, 0x2800);
	struct dsa_completion_record cr;
	uint16_t offsets[0x400];
	unsigned int i;

	for (i = 0; i < COUNT(offsets); i++)
		offsets[i] = i;
	make_record(host, offsets, COUNT(offsets));
	host_no_read(host, DELTA + 0x1000);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_PAGE_FAULT_NOBOF);
	ck_assert_uint_eq(cr.fault_addr, DELTA + 0x1000);
	ck_assert_uint_eq(cr.bytes_completed, 4090);
	host_free(host);
}
END_TEST

struct descriptor_case {
	uint8_t opcode;
	uint8_t field; /* byte of the descriptor that is set to... */
	uint8_t bytes;
	uint64_t value;
	uint8_t status;
};

static void check_descriptor(struct model_host *host, const struct dsa_hw_desc *good,
			     const struct descriptor_case *c)
{
	struct dsa_hw_desc desc = *good;
	uint8_t status;

	memcpy((uint8_t *)&desc + c->field, &c->value, c->bytes);
	status = run_one(host, 0, &desc).status;
	ck_assert_msg(status == c->status, "opcode %#x byte %u value %#lx: status %#x", c->opcode,
		      c->field, (unsigned long)c->value, status);
}

START_TEST(delta_descriptor_checks)
{
	static const struct descriptor_case cases[] = {
		{ DSA_OPCODE_CR_DELTA, 32, 4, 0x1000, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_CR_DELTA, 32, 4, 0x1001, DSA_COMP_ADDR_ALIGN },
		{ DSA_OPCODE_CR_DELTA, 16, 8, SRC + 4, DSA_COMP_ADDR_ALIGN },
		{ DSA_OPCODE_CR_DELTA, 24, 8, SRC2 + 1, DSA_COMP_ADDR_ALIGN },
		{ DSA_OPCODE_CR_DELTA, 40, 8, DELTA + 2, DSA_COMP_ADDR_ALIGN },
		{ DSA_OPCODE_CR_DELTA, 32, 4, 0, DSA_COMP_XFER_ERANGE },
		{ DSA_OPCODE_CR_DELTA, 32, 4, 0x80008, DSA_COMP_XFER_ERANGE },
		{ DSA_OPCODE_CR_DELTA, 48, 4, 79, DSA_COMP_DR_ERANGE },
		{ DSA_OPCODE_CR_DELTA, 48, 4, 0x200001, DSA_COMP_DR_ERANGE },
		{ DSA_OPCODE_CR_DELTA, 40, 8, SRC + 0xff8, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_CR_DELTA, 40, 8, SRC2 - 72, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_CR_DELTA, 40, 8, SRC2 - 80, DSA_COMP_SUCCESS },
		/* The sources may overlap: they are only read. */
		{ DSA_OPCODE_CR_DELTA, 24, 8, SRC, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_CR_DELTA, 38, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_CR_DELTA, 52, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_CR_DELTA, 57, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_CR_DELTA, 4, 1, IDXD_OP_FLAG_CRAV, DSA_COMP_INVALID_FLAGS },
		{ DSA_OPCODE_AP_DELTA, 32, 4, 0x1000, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_AP_DELTA, 32, 4, 0x1004, DSA_COMP_ADDR_ALIGN },
		{ DSA_OPCODE_AP_DELTA, 16, 8, DELTA + 4, DSA_COMP_ADDR_ALIGN },
		{ DSA_OPCODE_AP_DELTA, 24, 8, DST + 4, DSA_COMP_ADDR_ALIGN },
		{ DSA_OPCODE_AP_DELTA, 32, 4, 0x80008, DSA_COMP_XFER_ERANGE },
		{ DSA_OPCODE_AP_DELTA, 40, 4, 0, DSA_COMP_DR_ERANGE },
		{ DSA_OPCODE_AP_DELTA, 40, 4, 15, DSA_COMP_DR_ERANGE },
		{ DSA_OPCODE_AP_DELTA, 40, 4, 0x200002, DSA_COMP_DR_ERANGE },
		{ DSA_OPCODE_AP_DELTA, 24, 8, DELTA + 8, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_AP_DELTA, 24, 8, DELTA - 0xff8, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_AP_DELTA, 24, 8, DELTA + 16, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_AP_DELTA, 44, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_AP_DELTA, 63, 1, 1, DSA_COMP_NOZERO_RESERVE },
	};
	struct model_host *host = host_ready("spr-early");
	struct dsa_hw_desc cr = create(0x1000, 80), ap = apply(0x1000, 10);
	unsigned int i;

	for (i = 0; i < COUNT(cases); i++) {
		memset(host_at(host, DELTA), 0, 16);
		make_sources(host, 0x1000, 0, 0);
		check_descriptor(host, cases[i].opcode == DSA_OPCODE_CR_DELTA ? &cr : &ap,
				 &cases[i]);
	}
	host_free(host);
}
END_TEST

/* Production parts do not have them. */
START_TEST(delta_only_in_the_early_stepping)
{
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = create(0x1000, 80);

	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_BAD_OPCODE);
	desc = apply(0x1000, 10);
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_BAD_OPCODE);
	host_free(host);
}
END_TEST

/* ---- Dualcast ------------------------------------------------------------ */

#define DST2 (HOST_BASE + 0x60000)

static struct dsa_hw_desc dualcast(uint64_t src, uint64_t dst, uint64_t dst2, uint32_t size)
{
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_DUALCAST, 0, RECORD);

	desc.src_addr = src;
	desc.dst_addr = dst;
	desc.dest2 = dst2;
	desc.xfer_size = size;
	return desc;
}

START_TEST(dualcast_copies_twice)
{
	static const struct {
		uint32_t offset, size;
	} cases[] = { { 0, 1 }, { 0, 4096 }, { 5, 0x10001 }, { 0xfff, 0x1f000 } };
	struct model_host *host = host_ready("spr");
	uint32_t offset = cases[_i].offset, size = cases[_i].size;
	struct dsa_hw_desc desc = dualcast(SRC + 3, DST + offset, DST2 + offset, size);
	uint8_t *want = host_snapshot(host);
	struct dsa_completion_record cr = run_one(host, 0, &desc);

	ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
	memcpy(want + DST + offset - HOST_BASE, want + SRC + 3 - HOST_BASE, size);
	memcpy(want + DST2 + offset - HOST_BASE, want + SRC + 3 - HOST_BASE, size);
	memcpy(want + RECORD - HOST_BASE, &cr, sizeof(cr));
	ck_assert_mem_eq(host->memory, want, HOST_SIZE);
	free(want);
	host_free(host);
}
END_TEST

/* The bytes completed are in both; from there on the rest. */
START_TEST(dualcast_faults)
{
	static const struct {
		uint64_t no_read, no_write;
		uint8_t status;
		uint32_t bytes;
	} cases[] = {
		{ SRC + 0x3000, 0, 0x03, 0x3000 }, { 0, DST + 0x2000, 0x83, 0x2000 },
		{ 0, DST2 + 0x5000, 0x83, 0x5000 }, { 0, DST2, 0x83, 0 },
		{ 0, DST2 + 0x11000, 0x83, 0x11000 },
	};
	struct model_host *host = host_ready("spr");
	const uint32_t size = 0x18000;
	struct dsa_hw_desc desc = dualcast(SRC, DST, DST2, size);
	struct dsa_completion_record cr;

	if (cases[_i].no_read)
		host_no_read(host, cases[_i].no_read);
	else
		host_no_write(host, cases[_i].no_write);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, cases[_i].status);
	ck_assert_uint_eq(cr.bytes_completed, cases[_i].bytes);
	ck_assert_uint_eq(cr.fault_addr, cases[_i].no_read ? cases[_i].no_read : cases[_i].no_write);
	ck_assert_mem_eq(host_at(host, DST), host_at(host, SRC), cr.bytes_completed);
	ck_assert_mem_eq(host_at(host, DST2), host_at(host, SRC), cr.bytes_completed);
	host_free(host);
}
END_TEST

START_TEST(dualcast_descriptor_checks)
{
	static const struct descriptor_case cases[] = {
		{ DSA_OPCODE_DUALCAST, 40, 8, DST2, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_DUALCAST, 40, 8, DST2 + 1, DSA_COMP_DCAST_ERR },
		{ DSA_OPCODE_DUALCAST, 40, 8, DST2 + 0x800, DSA_COMP_DCAST_ERR },
		{ DSA_OPCODE_DUALCAST, 40, 8, DST, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_DUALCAST, 40, 8, DST + 0x1000, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_DUALCAST, 40, 8, DST + 0x2000, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_DUALCAST, 40, 8, SRC + 0x1000, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_DUALCAST, 24, 8, SRC, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_DUALCAST, 32, 4, 0, DSA_COMP_XFER_ERANGE },
		{ DSA_OPCODE_DUALCAST, 48, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_DUALCAST, 39, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_DUALCAST, 4, 1, 0x9c, DSA_COMP_INVALID_FLAGS },
		{ DSA_OPCODE_DUALCAST, 5, 1, 0x6f, DSA_COMP_SUCCESS },
	};
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = dualcast(SRC, DST, DST2, 0x2000);
	unsigned int i;

	for (i = 0; i < COUNT(cases); i++)
		check_descriptor(host, &desc, &cases[i]);
	host_free(host);
}
END_TEST

/* ---- Cache Flush --------------------------------------------------------- */

START_TEST(cache_flush)
{
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_CFLUSH, 0, RECORD);
	uint8_t *before = host_snapshot(host);
	struct dsa_completion_record cr;

	desc.dst_addr = DST + 0x123;
	desc.xfer_size = 0x18000;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
	memcpy(before + RECORD - HOST_BASE, &cr, sizeof(cr));
	ck_assert_mem_eq(host->memory, before, HOST_SIZE);
	free(before);

	host_no_read(host, DST + 0x5000);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_PAGE_FAULT_NOBOF);
	ck_assert_uint_eq(cr.bytes_completed, 0x5000 - 0x123);
	ck_assert_uint_eq(cr.fault_addr, DST + 0x5000);
	host_free(host);
}
END_TEST

START_TEST(cache_flush_descriptor_checks)
{
	static const struct descriptor_case cases[] = {
		{ DSA_OPCODE_CFLUSH, 5, 1, IDXD_OP_FLAG_DRDBK >> 8, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_CFLUSH, 5, 1, IDXD_OP_FLAG_ADDR2_TCS >> 8, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_CFLUSH, 5, 1, IDXD_OP_FLAG_CC >> 8, DSA_COMP_INVALID_FLAGS },
		{ DSA_OPCODE_CFLUSH, 5, 1, IDXD_OP_FLAG_ADDR1_TCS >> 8, DSA_COMP_INVALID_FLAGS },
		{ DSA_OPCODE_CFLUSH, 16, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_CFLUSH, 40, 1, 1, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_CFLUSH, 32, 4, 0, DSA_COMP_XFER_ERANGE },
		{ DSA_OPCODE_CFLUSH, 24, 8, UINT64_MAX - 7, DSA_COMP_PAGE_FAULT_NOBOF },
	};
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_CFLUSH, 0, RECORD);
	unsigned int i;

	desc.dst_addr = DST;
	desc.xfer_size = 64;
	for (i = 0; i < COUNT(cases); i++)
		check_descriptor(host, &desc, &cases[i]);
	host_free(host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("delta, dualcast, cache flush");
	TCase *tc = tcase_create("delta");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, create_and_apply, 0, COUNT(differences));
	tcase_add_test(tc, format);
	tcase_add_test(tc, overflow_is_resumable);
	tcase_add_loop_test(tc, expected_results, 0, 8);
	tcase_add_loop_test(tc, create_faults, 0, 7);
	tcase_add_loop_test(tc, bad_records, 0, 6);
	tcase_add_test(tc, apply_read_fault);
	tcase_add_test(tc, delta_descriptor_checks);
	tcase_add_test(tc, delta_only_in_the_early_stepping);
	tcase_add_loop_test(tc, dualcast_copies_twice, 0, 4);
	tcase_add_loop_test(tc, dualcast_faults, 0, 5);
	tcase_add_test(tc, dualcast_descriptor_checks);
	tcase_add_test(tc, cache_flush);
	tcase_add_test(tc, cache_flush_descriptor_checks);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
