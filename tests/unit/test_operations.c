// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model: operations, descriptor checks, completion records, batches, messages. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

#define RECORD (HOST_BASE + 0x40)
#define SRC (HOST_BASE + 0x2000)
#define DST (HOST_BASE + 0x40000)
#define LIST (HOST_BASE + 0x1000)

static struct model_host *ready(void)
{
	return host_ready("spr");
}

static struct dsa_hw_desc copy(uint64_t src, uint64_t dst, uint32_t size)
{
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMMOVE, 0, RECORD);

	desc.src_addr = src;
	desc.dst_addr = dst;
	desc.xfer_size = size;
	return desc;
}

/* ---- Memory Move --------------------------------------------------------- */

static const struct {
	uint64_t src, dst;
	uint32_t size;
} moves[] = {
	{ SRC, DST, 1 },
	{ SRC, DST, 4096 },
	{ SRC + 1, DST + 3, 4095 },
	{ SRC, DST, 0x30001 }, /* several pieces */
	{ SRC, SRC, 4096 }, /* onto itself */
	{ SRC, SRC + 1, 0x20000 }, /* overlap, end of the source */
	{ SRC, SRC + 0x1000, 0x30000 },
	{ SRC + 5, SRC + 0x1234, 0x2fff1 },
	{ SRC + 1, SRC, 0x20000 }, /* overlap, start of the source */
	{ SRC + 0x1000, SRC, 0x30000 },
	{ SRC, SRC + 0x10000, 0x10000 }, /* adjacent */
};

START_TEST(memory_move)
{
	struct model_host *host = ready();
	uint8_t *want = host_snapshot(host);
	struct dsa_hw_desc desc = copy(moves[_i].src, moves[_i].dst, moves[_i].size);
	struct dsa_completion_record cr = run_one(host, 0, &desc);

	memmove(want + moves[_i].dst - HOST_BASE, want + moves[_i].src - HOST_BASE, moves[_i].size);
	memcpy(want + RECORD - HOST_BASE, &cr, sizeof(cr));
	ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
	ck_assert_uint_eq(cr.result, 0);
	ck_assert_uint_eq(cr.bytes_completed, 0);
	ck_assert_mem_eq(host->memory, want, HOST_SIZE);
	ck_assert_uint_le(host->max_len, DSA_CHUNK);
	free(want);
	host_free(host);
}
END_TEST

/* ---- Page faults --------------------------------------------------------- */

static const struct fault_case {
	const char *name;
	uint64_t src, dst;
	uint32_t size;
	uint64_t no_read, no_write;
	uint8_t status, result;
	uint32_t bytes;
	uint64_t address;
} faults[] = {
	{ "read, middle", SRC, DST, 0x8000, SRC + 0x3000, 0, 0x03, 0, 0x3000, SRC + 0x3000 },
	{ "read, first byte", SRC, DST, 0x8000, SRC, 0, 0x03, 0, 0, SRC },
	{ "read, second piece", SRC, DST, 0x18000, SRC + 0x11000, 0, 0x03, 0, 0x11000,
	  SRC + 0x11000 },
	{ "read, unaligned", SRC + 0x10, DST, 0x8000, SRC + 0x3000, 0, 0x03, 0, 0x2ff0,
	  SRC + 0x3000 },
	{ "write, middle", SRC, DST, 0x8000, 0, DST + 0x2000, 0x83, 0, 0x2000, DST + 0x2000 },
	{ "write before read", SRC, DST, 0x8000, SRC + 0x3000, DST + 0x2000, 0x83, 0, 0x2000,
	  DST + 0x2000 },
	{ "read before write", SRC, DST, 0x8000, SRC + 0x2000, DST + 0x3000, 0x03, 0, 0x2000,
	  SRC + 0x2000 },
	/* Reverse: what is complete is the end; addresses stay, the size shrinks. */
	{ "reverse read", SRC, SRC + 0x1000, 0x8000, SRC + 0x3000, 0, 0x03, 1, 0x4000,
	  SRC + 0x3000 },
	{ "reverse write", SRC, SRC + 0x1000, 0x8000, 0, SRC + 0x3000, 0x83, 1, 0x5000,
	  SRC + 0x3000 },
	{ "beyond memory", SRC, HOST_BASE + HOST_SIZE - 0x10, 0x20, 0, 0, 0x83, 0, 0x10,
	  HOST_BASE + HOST_SIZE },
	{ "around the end", UINT64_MAX - 7, DST, 0x20, 0, 0, 0x03, 0, 0, UINT64_MAX - 7 },
};

/* The record says how far it got; software resumes there, and the result is whole. */
START_TEST(page_faults_are_resumable)
{
	const struct fault_case *f = &faults[_i];
	struct model_host *host = ready();
	struct dsa_hw_desc desc = copy(f->src, f->dst, f->size);
	uint8_t *before = host_snapshot(host);
	struct dsa_completion_record cr;

	if (f->no_read)
		host_no_read(host, f->no_read);
	if (f->no_write)
		host_no_write(host, f->no_write);
	cr = run_one(host, 0, &desc);
	ck_assert_msg(cr.status == f->status && cr.result == f->result &&
		      cr.bytes_completed == f->bytes && cr.fault_addr == f->address,
		      "%s: status %#x result %u bytes %#x address %#lx", f->name, cr.status,
		      cr.result, cr.bytes_completed, (unsigned long)cr.fault_addr);
	/* Requested, so the message comes for a failure, too. */
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR), 0);
	if (f->dst + f->size > HOST_BASE + HOST_SIZE || f->src + f->size < f->src)
		goto out;

	memset(host->no_read, 0, sizeof(host->no_read));
	memset(host->no_write, 0, sizeof(host->no_write));
	desc.xfer_size -= cr.bytes_completed;
	if (!cr.result) {
		desc.src_addr += cr.bytes_completed;
		desc.dst_addr += cr.bytes_completed;
	}
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	memmove(before + f->dst - HOST_BASE, before + f->src - HOST_BASE, f->size);
	ck_assert_mem_eq(host_at(host, f->dst), before + f->dst - HOST_BASE, f->size);
out:
	free(before);
	host_free(host);
}
END_TEST

START_TEST(host_errors_are_hardware_errors)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = copy(SRC, DST, 64);

	host->dma_error = -EIO;
	run_one(host, 0, &desc);
	/* Not even the record can be written. */
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, read64(host, DSA_REG_SWERROR)),
			  DSA_COMP_CRA_XLAT);
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);
	host_free(host);
}
END_TEST

/* ---- Fill, Compare ------------------------------------------------------- */

START_TEST(fill)
{
	static const uint32_t sizes[] = { 1, 7, 8, 9, 4096, 0x10000, 0x10003, 0x2fff5 };
	struct model_host *host = ready();
	uint8_t *want = host_snapshot(host);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMFILL, 0, RECORD);
	struct dsa_completion_record cr;
	unsigned int i;

	desc.pattern = 0x8877665544332211ULL;
	desc.dst_addr = DST + 3;
	desc.xfer_size = sizes[_i];
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
	for (i = 0; i < sizes[_i]; i++)
		want[DST + 3 - HOST_BASE + i] = 0x11 * (i % 8 + 1);
	memcpy(want + RECORD - HOST_BASE, &cr, sizeof(cr));
	ck_assert_mem_eq(host->memory, want, HOST_SIZE);
	free(want);

	host_no_write(host, DST + 0x1000);
	desc.dst_addr = DST + 0x800;
	desc.xfer_size = 0x2000;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, 0x83);
	ck_assert_uint_eq(cr.bytes_completed, 0x800);
	ck_assert_uint_eq(cr.fault_addr, DST + 0x1000);
	host_free(host);
}
END_TEST

static const struct compare_case {
	uint32_t size;
	int64_t differ_at; /* -1: equal */
	bool check;
	uint8_t expected;
	uint64_t fault; /* page of the second source, from its start; 0: none */
	uint8_t status, result;
	uint32_t bytes;
} compares[] = {
	{ 4096, -1, false, 0, 0, 0x01, 0, 0 },
	{ 0x28001, -1, false, 0, 0, 0x01, 0, 0 },
	{ 4096, 0, false, 0, 0, 0x01, 1, 0 },
	{ 4096, 4095, false, 0, 0, 0x01, 1, 4095 },
	{ 0x28001, 0x28000, false, 0, 0, 0x01, 1, 0x28000 },
	{ 4096, -1, true, 0, 0, 0x01, 0, 0 },
	{ 4096, -1, true, 1, 0, 0x02, 0, 0 },
	{ 4096, 9, true, 1, 0, 0x01, 1, 9 },
	{ 4096, 9, true, 0, 0, 0x02, 1, 9 },
	{ 0x8000, -1, false, 0, 0x3000, 0x03, 0, 0x3000 },
	{ 0x8000, -1, true, 1, 0x3000, 0x03, 0, 0x3000 },
	{ 0x8000, 0x2fff, false, 0, 0x3000, 0x01, 1, 0x2fff },
	{ 0x8000, 0x3000, false, 0, 0x3000, 0x03, 0, 0x3000 },
};

START_TEST(compare_memory)
{
	const struct compare_case *c = &compares[_i];
	struct model_host *host = ready();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_COMPARE, 0, RECORD);
	struct dsa_completion_record cr;

	memcpy(host_at(host, DST), host_at(host, SRC), c->size);
	if (c->differ_at >= 0)
		*(uint8_t *)host_at(host, DST + c->differ_at) ^= 0x80;
	if (c->fault)
		host_no_read(host, DST + c->fault);
	desc.src_addr = SRC;
	desc.src2_addr = DST;
	desc.xfer_size = c->size;
	if (c->check)
		desc.flags |= IDXD_OP_FLAG_CR;
	desc.expected_res = c->expected;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, c->status);
	ck_assert_uint_eq(cr.result, c->result);
	ck_assert_uint_eq(cr.bytes_completed, c->bytes);
	if (c->status == DSA_COMP_PAGE_FAULT_NOBOF)
		ck_assert_uint_eq(cr.fault_addr, DST + c->fault);
	host_free(host);
}
END_TEST

START_TEST(compare_pattern)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_COMPVAL, 0, RECORD);
	struct dsa_completion_record cr;
	unsigned int i;

	for (i = 0; i < 0x11003; i++)
		*(uint8_t *)host_at(host, SRC + i) = 0x11 * (i % 8 + 1);
	desc.src_addr = SRC;
	desc.comp_pattern = 0x8877665544332211ULL;
	desc.xfer_size = 0x11003;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
	ck_assert_uint_eq(cr.result, 0);
	*(uint8_t *)host_at(host, SRC + 0x11001) = 0;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.result, 1);
	ck_assert_uint_eq(cr.bytes_completed, 0x11001);
	host_no_read(host, SRC + 0x4000);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_PAGE_FAULT_NOBOF);
	ck_assert_uint_eq(cr.bytes_completed, 0x4000);
	host_free(host);
}
END_TEST

/* ---- Checks of the descriptor -------------------------------------------- */

#define CRAV IDXD_OP_FLAG_CRAV
#define RCR IDXD_OP_FLAG_RCR
#define RCI IDXD_OP_FLAG_RCI
#define USUAL (CRAV | RCR | RCI)

/* Every kind of wrong flag; the record names the bits. */
static const struct {
	uint8_t opcode;
	uint32_t flags;
	uint32_t invalid;
} flag_cases[] = {
	{ DSA_OPCODE_NOOP, USUAL, 0 },
	{ DSA_OPCODE_NOOP, USUAL | IDXD_OP_FLAG_CR_TCS, 0 },
	{ DSA_OPCODE_NOOP, USUAL | IDXD_OP_FLAG_FENCE, IDXD_OP_FLAG_FENCE },
	{ DSA_OPCODE_NOOP, USUAL | IDXD_OP_FLAG_BOF, IDXD_OP_FLAG_BOF },
	{ DSA_OPCODE_NOOP, USUAL | IDXD_OP_FLAG_CRSTS, IDXD_OP_FLAG_CRSTS },
	{ DSA_OPCODE_NOOP, USUAL | 0x40, 0x40 },
	{ DSA_OPCODE_NOOP, USUAL | IDXD_OP_FLAG_CR, IDXD_OP_FLAG_CR },
	{ DSA_OPCODE_NOOP, USUAL | IDXD_OP_FLAG_CC, IDXD_OP_FLAG_CC },
	{ DSA_OPCODE_NOOP, USUAL | IDXD_OP_FLAG_ADDR1_TCS, IDXD_OP_FLAG_ADDR1_TCS },
	{ DSA_OPCODE_NOOP, USUAL | 0xff0000, 0xff0000 },
	{ DSA_OPCODE_MEMMOVE, USUAL | IDXD_OP_FLAG_CC | IDXD_OP_FLAG_STORD | IDXD_OP_FLAG_DRDBK |
	  IDXD_OP_FLAG_ADDR1_TCS | IDXD_OP_FLAG_ADDR2_TCS, 0 },
	{ DSA_OPCODE_MEMMOVE, USUAL | IDXD_OP_FLAG_BOF, IDXD_OP_FLAG_BOF },
	{ DSA_OPCODE_MEMMOVE, USUAL | IDXD_OP_FLAG_ADDR3_TCS, IDXD_OP_FLAG_ADDR3_TCS },
	{ DSA_OPCODE_MEMMOVE, USUAL | IDXD_OP_FLAG_DSTS, IDXD_OP_FLAG_DSTS },
	{ DSA_OPCODE_MEMFILL, USUAL | IDXD_OP_FLAG_ADDR2_TCS, 0 },
	{ DSA_OPCODE_MEMFILL, USUAL | IDXD_OP_FLAG_ADDR1_TCS, IDXD_OP_FLAG_ADDR1_TCS },
	{ DSA_OPCODE_MEMFILL, USUAL | 0x40000, 0x40000 },
	{ DSA_OPCODE_COMPARE, USUAL | IDXD_OP_FLAG_CR, 0 },
	{ DSA_OPCODE_COMPARE, USUAL | IDXD_OP_FLAG_CC, IDXD_OP_FLAG_CC },
	{ DSA_OPCODE_COMPARE, CRAV | RCI, RCR },
	{ DSA_OPCODE_COMPVAL, CRAV | RCI, RCR },
	{ DSA_OPCODE_DRAIN, CRAV, RCR | RCI },
	{ DSA_OPCODE_DRAIN, CRAV | RCR, 0 },
	{ DSA_OPCODE_BATCH, USUAL | IDXD_OP_FLAG_CC, IDXD_OP_FLAG_CC },
};

START_TEST(flags)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = descriptor(flag_cases[_i].opcode, 0, RECORD);
	struct dsa_completion_record cr;

	desc.flags = flag_cases[_i].flags;
	if (desc.opcode >= DSA_OPCODE_MEMMOVE) {
		desc.src_addr = SRC;
		if (desc.opcode != DSA_OPCODE_COMPVAL)
			desc.dst_addr = SRC;
		desc.xfer_size = 64;
	}
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, flag_cases[_i].invalid ? DSA_COMP_INVALID_FLAGS :
							      DSA_COMP_SUCCESS);
	ck_assert_uint_eq(cr.invalid_flags, flag_cases[_i].invalid);
	ck_assert_uint_eq(host_delivered(host, 1), !!(desc.flags & RCI));
	host_free(host);
}
END_TEST

/* Each reserved byte, one at a time, of each operation. */
static const struct {
	uint8_t opcode;
	uint8_t first, last;
} reserved_cases[] = {
	{ DSA_OPCODE_NOOP, 16, 35 }, { DSA_OPCODE_NOOP, 38, 63 },
	{ DSA_OPCODE_DRAIN, 16, 35 }, { DSA_OPCODE_DRAIN, 38, 63 },
	{ DSA_OPCODE_BATCH, 24, 31 }, { DSA_OPCODE_BATCH, 38, 63 },
	{ DSA_OPCODE_MEMMOVE, 38, 63 }, { DSA_OPCODE_MEMFILL, 38, 63 },
	{ DSA_OPCODE_COMPARE, 38, 39 }, { DSA_OPCODE_COMPARE, 41, 63 },
	{ DSA_OPCODE_COMPVAL, 38, 39 }, { DSA_OPCODE_COMPVAL, 41, 63 },
};

START_TEST(reserved_bytes)
{
	struct model_host *host = ready();
	unsigned int byte;

	for (byte = reserved_cases[_i].first; byte <= reserved_cases[_i].last; byte++) {
		struct dsa_hw_desc desc = descriptor(reserved_cases[_i].opcode, 0, RECORD);

		((uint8_t *)&desc)[byte] = 1;
		ck_assert_msg(run_one(host, 0, &desc).status == DSA_COMP_NOZERO_RESERVE,
			      "opcode %u byte %u", desc.opcode, byte);
	}
	host_free(host);
}
END_TEST

START_TEST(opcodes)
{
	struct model_host *host = host_ready(dsa_profile_names()[_i]);
	uint64_t opcap = read64(host, DSA_REG_OPCAP);
	uint16_t handle = host_handle(host, 1);
	unsigned int opcode;

	/* What OPCAP does not name ends in 0x10, and nothing else does. */
	for (opcode = 0; opcode < 256; opcode++) {
		struct dsa_hw_desc desc = descriptor(opcode, 0, RECORD);
		bool named = opcode < 64 && (opcap & BIT_ULL(opcode));
		uint8_t status;

		desc.int_handle = handle;
		status = run_one(host, 0, &desc).status;
		ck_assert_msg((status == DSA_COMP_BAD_OPCODE) == !named,
			      "opcode %#x: status %#x", opcode, status);
	}
	ck_assert_uint_eq(host_delivered(host, 1), 256);
	host_free(host);
}
END_TEST

START_TEST(transfer_sizes)
{
	static const struct {
		uint32_t size;
		uint8_t status;
	} sizes[] = {
		{ 0, DSA_COMP_XFER_ERANGE },
		{ 0x2000, DSA_COMP_SUCCESS },
		{ 0x2001, DSA_COMP_XFER_ERANGE },
		{ UINT32_MAX, DSA_COMP_XFER_ERANGE },
		{ 1U << 31, DSA_COMP_XFER_ERANGE },
	};
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = copy(SRC, DST, sizes[_i].size);

	host_enable_pci(host);
	host_configure_wq(host, 0, 0, 1, 16);
	write32(host, WQCFG(0, DSA_WQCFG_LIMITS), 13 | 1 << 5);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	ck_assert_uint_eq(run_one(host, 0, &desc).status, sizes[_i].status);
	host_free(host);
}
END_TEST

/* The largest size there is: it faults where memory ends, and does not run away. */
START_TEST(largest_transfer)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMFILL, 0, RECORD);
	struct dsa_completion_record cr;

	host_enable_pci(host);
	host_configure_wq(host, 0, 0, 1, 16);
	write32(host, WQCFG(0, DSA_WQCFG_LIMITS), 31 | 1 << 5);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	desc.dst_addr = DST;
	desc.xfer_size = 1U << 31;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, 0x83);
	ck_assert_uint_eq(cr.bytes_completed, HOST_BASE + HOST_SIZE - DST);
	ck_assert_uint_eq(cr.fault_addr, HOST_BASE + HOST_SIZE);
	ck_assert_uint_le(host->max_len, DSA_CHUNK);
	host_free(host);
}
END_TEST

/* ---- Records and messages ------------------------------------------------ */

/* When the message comes the record is there, complete. */
START_TEST(record_before_message)
{
	struct model_host *host = ready();
	unsigned int i;

	host->watch = RECORD;
	for (i = 1; i <= 100; i++) {
		struct dsa_hw_desc desc = copy(SRC, DST, 64);

		*(uint8_t *)host_at(host, RECORD) = 0;
		submit64(host, 0, &desc);
		host_wait_delivered(host, 1, i);
		ck_assert_uint_eq(host->status_seen, DSA_COMP_SUCCESS);
	}
	host_free(host);
}
END_TEST

/* The writes of one descriptor: data, record without status, status. */
START_TEST(status_is_written_last)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = copy(SRC, RECORD + 0x100, 8);

	*(uint8_t *)host_at(host, SRC) = 0xaa;
	desc.completion_addr = HOST_BASE + HOST_PAGE + 0x40;
	desc.dst_addr = HOST_BASE + HOST_PAGE + 0x100;
	host->order_page = 1;
	run_one(host, 0, &desc);
	ck_assert_uint_eq(host->order_count, 3);
	ck_assert_uint_eq(host->order[0], 0xaa);
	ck_assert_uint_eq(host->order[1], 0);
	ck_assert_uint_eq(host->order[2], DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

static const struct {
	uint32_t flags;
	bool fails;
	uint8_t record; /* 0: none is written */
	uint8_t swerror; /* 0: none */
} record_cases[] = {
	{ CRAV | RCR, false, DSA_COMP_SUCCESS, 0 },
	{ CRAV, false, 0, 0 },
	{ 0, false, 0, 0 },
	{ CRAV | RCR, true, DSA_COMP_XFER_ERANGE, 0 },
	{ CRAV, true, DSA_COMP_XFER_ERANGE, 0 },
	{ 0, true, 0, DSA_COMP_XFER_ERANGE },
	{ RCR, false, 0, DSA_COMP_INVALID_FLAGS },
	{ IDXD_OP_FLAG_CR_TCS, false, 0, DSA_COMP_INVALID_FLAGS },
};

/* With or without a message: the record does not depend on it. */
START_TEST(when_a_record_is_written)
{
	uint32_t rci = _i % 2 ? RCI : 0;
	struct model_host *host = ready();
	struct dsa_hw_desc desc = copy(SRC, DST, record_cases[_i / 2].fails ? 0 : 64);
	struct dsa_completion_record cr;
	uint64_t error;

	desc.flags = record_cases[_i / 2].flags | rci;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, record_cases[_i / 2].record);
	error = read64(host, DSA_REG_SWERROR);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, error), record_cases[_i / 2].swerror);
	ck_assert_int_eq(!!(error & DSA_SWERROR0_VALID), !!record_cases[_i / 2].swerror);
	ck_assert_uint_eq(host_delivered(host, 1), !!rci);
	host_free(host);
}
END_TEST

START_TEST(swerror_of_a_descriptor)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = copy(SRC, DST, 64);
	uint64_t error;

	desc.flags = IDXD_OP_FLAG_BOF;
	run_one(host, 0, &desc);
	error = read64(host, DSA_REG_SWERROR);
	ck_assert(error & DSA_SWERROR0_VALID);
	ck_assert(error & DSA_SWERROR0_DESC_VALID);
	ck_assert(error & DSA_SWERROR0_WQ_VALID);
	ck_assert(!(error & DSA_SWERROR0_BATCH));
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_OPCODE, error), DSA_OPCODE_MEMMOVE);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR1_INFO, read64(host, DSA_REG_SWERROR + 8)),
			  IDXD_OP_FLAG_BOF);
	write64(host, DSA_REG_SWERROR, 3);

	/* A fault without a record: its address and direction. */
	desc.flags = 0;
	host_no_write(host, DST);
	run_one(host, 0, &desc);
	error = read64(host, DSA_REG_SWERROR);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, error), DSA_COMP_PAGE_FAULT_NOBOF);
	ck_assert(error & DSA_SWERROR0_WRITE);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR + 16), DST);
	host_free(host);
}
END_TEST

START_TEST(bad_record_address)
{
	static const struct {
		uint64_t record;
		uint8_t code;
	} cases[] = {
		{ RECORD + 8, DSA_COMP_CRA_ALIGN },
		{ RECORD + 31, DSA_COMP_CRA_ALIGN },
		{ HOST_BASE + HOST_SIZE, DSA_COMP_CRA_XLAT },
		{ 0, DSA_COMP_CRA_XLAT },
		{ UINT64_MAX - 31, DSA_COMP_CRA_XLAT },
	};
	struct model_host *host = ready();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, cases[_i].record);
	uint8_t *before = host_snapshot(host);

	run_one(host, 0, &desc);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, read64(host, DSA_REG_SWERROR)),
			  cases[_i].code);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR + 16), cases[_i].record);
	/* Not completed: no message either. */
	ck_assert_uint_eq(host_stats(host, 1).raised, 0);
	ck_assert_mem_eq(host->memory, before, HOST_SIZE);
	free(before);
	host_free(host);
}
END_TEST

START_TEST(interrupt_handles)
{
	static const struct {
		uint16_t handle;
		uint32_t perm;
		uint8_t status;
		bool raised;
	} cases[] = {
		{ 1, 0, DSA_COMP_SUCCESS, true },
		{ 0, 0, DSA_COMP_SUCCESS, true },
		{ 8, 0, DSA_COMP_SUCCESS, true },
		{ 9, 0, DSA_COMP_INT_HANDLE_INVAL, false },
		{ UINT16_MAX, 0, DSA_COMP_INT_HANDLE_INVAL, false },
		{ 1, DSA_MSIXPERM_IGNORE, DSA_COMP_SUCCESS, false },
		{ 1, DSA_MSIXPERM_PASID_ENABLE, DSA_COMP_INT_HANDLE_INVAL, false },
	};
	struct model_host *host = ready();
	struct dsa_hw_desc desc = copy(SRC, DST, 64);
	unsigned int v;

	if (cases[_i].handle < DSA_MSIX_VECTORS)
		write32(host, MSIXPERM(cases[_i].handle), cases[_i].perm);
	desc.int_handle = cases[_i].handle;
	ck_assert_uint_eq(run_one(host, 0, &desc).status, cases[_i].status);
	for (v = 0; v < DSA_MSIX_VECTORS; v++)
		ck_assert_uint_eq(host_delivered(host, v),
				  cases[_i].raised && v == cases[_i].handle);
	if (cases[_i].status == DSA_COMP_INT_HANDLE_INVAL) {
		/* In the record and in SWERROR; the operation was not carried out. */
		ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, read64(host, DSA_REG_SWERROR)),
				  DSA_COMP_INT_HANDLE_INVAL);
		ck_assert_uint_eq(FIELD_GET(DSA_SWERROR1_INFO,
					    read64(host, DSA_REG_SWERROR + 8)) & 0xffff,
				  cases[_i].handle);
		ck_assert_int_ne(memcmp(host_at(host, SRC), host_at(host, DST), 64), 0);
	}
	/* Without the request the handle does not matter. */
	desc.flags &= ~RCI;
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

/* Vector 0 as a completion handle has no cause bit. */
START_TEST(completion_on_vector_0_sets_no_cause)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, RECORD);

	desc.int_handle = 0;
	run_one(host, 0, &desc);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(read32(host, DSA_REG_INTCAUSE), 0);
	host_free(host);
}
END_TEST

/* ---- Batch --------------------------------------------------------------- */

static struct dsa_hw_desc batch_of(uint32_t count)
{
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_BATCH, 0, RECORD);

	desc.desc_list_addr = LIST;
	desc.desc_count = count;
	return desc;
}

/* Member @i copies 16 bytes and has a record of its own, and vector 2. */
static struct dsa_hw_desc *member(struct model_host *host, unsigned int i)
{
	struct dsa_hw_desc *list = host_at(host, LIST);

	list[i] = copy(SRC + 16 * i, DST + 16 * i, 16);
	list[i].completion_addr = HOST_BASE + 0x100 + 32 * i;
	list[i].int_handle = 2;
	return &list[i];
}

static uint8_t member_status(struct model_host *host, unsigned int i)
{
	return *(uint8_t *)host_at(host, HOST_BASE + 0x100 + 32 * i);
}

START_TEST(batch_of_copies)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = batch_of(32);
	struct dsa_completion_record cr;
	unsigned int i;

	for (i = 0; i < 32; i++)
		member(host, i);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
	ck_assert_uint_eq(cr.bytes_completed, 32);
	for (i = 0; i < 32; i++)
		ck_assert_uint_eq(member_status(host, i), DSA_COMP_SUCCESS);
	ck_assert_mem_eq(host_at(host, SRC), host_at(host, DST), 16 * 32);
	ck_assert_uint_eq(host_delivered(host, 2), 32);
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	host_free(host);
}
END_TEST

START_TEST(batch_checks)
{
	static const struct {
		uint64_t list;
		uint32_t count;
		uint8_t status;
	} cases[] = {
		{ LIST, 0, DSA_COMP_DESC_CNT_ERANGE },
		{ LIST, 1, DSA_COMP_DESC_CNT_ERANGE },
		{ LIST, 2, DSA_COMP_SUCCESS },
		{ LIST, 33, DSA_COMP_DESC_CNT_ERANGE },
		{ LIST, UINT32_MAX, DSA_COMP_DESC_CNT_ERANGE },
		{ LIST + 32, 2, DSA_COMP_DESCLIST_ALIGN },
	};
	struct model_host *host = ready();
	struct dsa_hw_desc desc = batch_of(cases[_i].count);

	member(host, 0);
	member(host, 1);
	desc.desc_list_addr = cases[_i].list;
	ck_assert_uint_eq(run_one(host, 0, &desc).status, cases[_i].status);
	host_free(host);
}
END_TEST

START_TEST(batch_with_failures)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = batch_of(5);
	struct dsa_completion_record cr;
	uint64_t error;

	member(host, 0);
	member(host, 1)->opcode = DSA_OPCODE_BATCH;
	member(host, 2)->opcode = DSA_OPCODE_DRAIN;
	member(host, 3)->flags = IDXD_OP_FLAG_BOF;
	member(host, 4);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_BATCH_FAIL);
	ck_assert_uint_eq(cr.bytes_completed, 5);
	ck_assert_uint_eq(member_status(host, 0), DSA_COMP_SUCCESS);
	ck_assert_uint_eq(member_status(host, 1), DSA_COMP_BAD_OPCODE);
	ck_assert_uint_eq(member_status(host, 2), DSA_COMP_BAD_OPCODE);
	ck_assert_uint_eq(member_status(host, 3), 0);
	ck_assert_uint_eq(member_status(host, 4), DSA_COMP_SUCCESS);
	error = read64(host, DSA_REG_SWERROR);
	ck_assert(error & DSA_SWERROR0_BATCH);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR1_BATCH_INDEX, read64(host, DSA_REG_SWERROR + 8)),
			  3);
	host_free(host);
}
END_TEST

/* A fence goes on after successes, and abandons the rest after a failure. */
START_TEST(batch_fence)
{
	bool failure = _i;
	struct model_host *host = ready();
	struct dsa_hw_desc desc = batch_of(4);
	struct dsa_completion_record cr;

	member(host, 0);
	if (failure)
		member(host, 1)->xfer_size = 0;
	else
		member(host, 1);
	member(host, 2)->flags |= IDXD_OP_FLAG_FENCE;
	member(host, 3);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, failure ? DSA_COMP_BATCH_FAIL : DSA_COMP_SUCCESS);
	ck_assert_uint_eq(cr.bytes_completed, failure ? 2 : 4);
	ck_assert_uint_eq(member_status(host, 2), failure ? 0 : DSA_COMP_SUCCESS);
	ck_assert_uint_eq(member_status(host, 3), failure ? 0 : DSA_COMP_SUCCESS);
	ck_assert_uint_eq(host_delivered(host, 2), failure ? 2 : 4);
	host_free(host);
}
END_TEST

/* What could be read of the list is executed; the record names the fault. */
START_TEST(batch_list_fault)
{
	struct model_host *host = ready();
	struct dsa_hw_desc desc = batch_of(8), *list;
	struct dsa_completion_record cr;
	unsigned int i;

	desc.desc_list_addr = SRC - 4 * 64;
	list = host_at(host, desc.desc_list_addr);
	for (i = 0; i < 4; i++)
		list[i] = *member(host, i);
	host_no_read(host, SRC);
	for (i = 0; i < 4; i++)
		list[i].src_addr = SRC + 0x1000;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_BATCH_PAGE_FAULT);
	ck_assert_uint_eq(cr.bytes_completed, 4);
	ck_assert_uint_eq(cr.fault_addr, SRC);
	ck_assert_uint_eq(host_delivered(host, 2), 4);
	host_free(host);
}
END_TEST

/* Random descriptors: whatever they do, the device goes on and counts them. */
START_TEST(random_descriptors)
{
	struct model_host *host = ready();
	struct dsa_hw_desc good = copy(SRC, DST, 64);
	unsigned short state[3] = { _i, 2, 3 };
	unsigned int i, j;
	struct dsa_wq_stats s;

	for (i = 0; i < 3000; i++) {
		struct dsa_hw_desc desc = descriptor(nrand48(state) % 0x21, 0, RECORD);
		uint8_t *bytes = (uint8_t *)&desc;

		desc.src_addr = HOST_BASE + nrand48(state) % (2 * HOST_SIZE);
		desc.dst_addr = HOST_BASE + nrand48(state) % (2 * HOST_SIZE);
		desc.xfer_size = nrand48(state) % 0x20000;
		for (j = nrand48(state) % 4; j; j--)
			bytes[nrand48(state) % 64] = nrand48(state);
		submit64(host, 0, &desc);
	}
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, 0), 0);
	s = host_wq_stats(host, 0);
	ck_assert_uint_eq(s.accepted, s.completed);
	ck_assert_uint_eq(s.accepted + s.rejected, 3000);
	host_check_invariant(host);
	memset(host_at(host, RECORD), 0, 32);
	ck_assert_uint_eq(run_one(host, 0, &good).status, DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

int main(void)
{
	Suite *suite = suite_create("operations");
	TCase *tc = tcase_create("operations");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, memory_move, 0, COUNT(moves));
	tcase_add_loop_test(tc, page_faults_are_resumable, 0, COUNT(faults));
	tcase_add_test(tc, host_errors_are_hardware_errors);
	tcase_add_loop_test(tc, fill, 0, 8);
	tcase_add_loop_test(tc, compare_memory, 0, COUNT(compares));
	tcase_add_test(tc, compare_pattern);
	tcase_add_loop_test(tc, flags, 0, COUNT(flag_cases));
	tcase_add_loop_test(tc, reserved_bytes, 0, COUNT(reserved_cases));
	tcase_add_loop_test(tc, opcodes, 0, 6); /* each profile */
	tcase_add_loop_test(tc, transfer_sizes, 0, 5);
	tcase_add_test(tc, largest_transfer);
	tcase_add_test(tc, record_before_message);
	tcase_add_test(tc, status_is_written_last);
	tcase_add_loop_test(tc, when_a_record_is_written, 0, 2 * COUNT(record_cases));
	tcase_add_test(tc, swerror_of_a_descriptor);
	tcase_add_loop_test(tc, bad_record_address, 0, 5);
	tcase_add_loop_test(tc, interrupt_handles, 0, 7);
	tcase_add_test(tc, completion_on_vector_0_sets_no_cause);
	tcase_add_test(tc, batch_of_copies);
	tcase_add_loop_test(tc, batch_checks, 0, 6);
	tcase_add_test(tc, batch_with_failures);
	tcase_add_loop_test(tc, batch_fence, 0, 2);
	tcase_add_test(tc, batch_list_fault);
	tcase_add_loop_test(tc, random_descriptors, 0, 4);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
