// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model: CRC Generation, Copy with CRC, against a division bit by bit. */
#include <stdlib.h>
#include <string.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

#define RECORD (HOST_BASE + 0x40)
#define SEED (HOST_BASE + 0x80)
#define SRC (HOST_BASE + 0x2000)
#define DST (HOST_BASE + 0x40000)

#define POLYNOMIAL 0x1edc6f41 /* x^32 + x^28 + ... + 1, of CRC-32C */
#define PLAIN DSA_DESC_CRC_BYPASS_REFLECTION
#define PLAIN_DATA DSA_DESC_CRC_BYPASS_DATA_REFLECTION

static uint32_t reverse(uint32_t value, unsigned int bits)
{
	uint32_t result = 0;
	unsigned int i;

	for (i = 0; i < bits; i++)
		if (value & 1U << i)
			result |= 1U << (bits - 1 - i);
	return result;
}

/* The definition: the highest bit first, whatever is reflected is so at the ends. */
static uint32_t reference(const uint8_t *data, size_t len, uint32_t seed, uint32_t flags)
{
	uint32_t reg = flags & PLAIN ? seed : reverse(~seed, 32);
	unsigned int bit;
	size_t i;

	for (i = 0; i < len; i++) {
		reg ^= (flags & PLAIN_DATA ? data[i] : reverse(data[i], 8)) << 24;
		for (bit = 0; bit < 8; bit++)
			reg = reg & 0x80000000 ? reg << 1 ^ POLYNOMIAL : reg << 1;
	}
	return flags & PLAIN ? reg : ~reverse(reg, 32);
}

static struct dsa_hw_desc crc(uint64_t src, uint32_t size, uint32_t seed)
{
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_CRCGEN, 0, RECORD);

	desc.src_addr = src;
	desc.xfer_size = size;
	desc.crc_seed = seed;
	return desc;
}

static struct dsa_hw_desc copy_crc(uint64_t src, uint64_t dst, uint32_t size)
{
	struct dsa_hw_desc desc = crc(src, size, 0);

	desc.opcode = DSA_OPCODE_COPY_CRC;
	desc.dst_addr = dst;
	return desc;
}

/* The check value of the catalogue, so that the reference is not trusted blindly. */
START_TEST(known_value)
{
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = crc(SRC, 9, 0);

	ck_assert_uint_eq(reference((const uint8_t *)"123456789", 9, 0, 0), 0xe3069283);
	memcpy(host_at(host, SRC), "123456789", 9);
	ck_assert_uint_eq(run_one(host, 0, &desc).crc_val, 0xe3069283);
	host_free(host);
}
END_TEST

static const struct {
	uint64_t at;
	uint32_t size;
} ranges[] = {
	{ SRC, 1 }, { SRC, 2 }, { SRC + 1, 7 }, { SRC, 4096 }, { SRC + 3, 4095 },
	{ SRC, 0x10000 }, { SRC + 5, 0x10001 }, { SRC, 0x2ffff },
};

static const uint32_t flag_sets[] = { 0, PLAIN, PLAIN_DATA, PLAIN | PLAIN_DATA };
static const uint32_t seeds[] = { 0, 0xffffffff, 0x12345678, 1 };

/* Every combination of flags and seeds, both operations. */
START_TEST(values)
{
	struct model_host *host = host_ready("spr");
	const uint64_t at = ranges[_i].at;
	const uint32_t size = ranges[_i].size;
	unsigned int f, s;

	for (f = 0; f < 4; f++) {
		for (s = 0; s < 4; s++) {
			uint32_t want = reference(host_at(host, at), size, seeds[s], flag_sets[f]);
			struct dsa_hw_desc desc = crc(at, size, seeds[s]);
			struct dsa_completion_record cr;

			desc.flags |= flag_sets[f];
			cr = run_one(host, 0, &desc);
			ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
			ck_assert_uint_eq(cr.bytes_completed, 0);
			/* All 64 bits: the upper half is zero. */
			ck_assert_uint_eq(cr.crc_val, want);

			desc = copy_crc(at, DST, size);
			desc.crc_seed = seeds[s];
			desc.flags |= flag_sets[f];
			memset(host_at(host, DST), 0, size + 1);
			cr = run_one(host, 0, &desc);
			ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
			ck_assert_uint_eq(cr.crc_val, want);
			ck_assert_mem_eq(host_at(host, DST), host_at(host, at), size);
			ck_assert_uint_eq(*(uint8_t *)host_at(host, DST + size), 0);
		}
	}
	host_free(host);
}
END_TEST

/* One result is the seed of the next: in the descriptor, or where it was written. */
START_TEST(chaining)
{
	struct model_host *host = host_ready("spr");
	uint32_t flags = flag_sets[_i], want;
	struct dsa_hw_desc desc = crc(SRC, 1000, 77);
	struct dsa_completion_record first;

	want = reference(host_at(host, SRC), 3000, 77, flags);
	desc.flags |= flags;
	first = run_one(host, 0, &desc);
	desc.src_addr += 1000;
	desc.xfer_size = 2000;
	desc.crc_seed = first.crc_val;
	ck_assert_uint_eq(run_one(host, 0, &desc).crc_val, want);

	memcpy(host_at(host, SEED), (const uint8_t *)&first + 16, 8);
	desc.flags |= DSA_DESC_CRC_READ_SEED;
	desc.seed_addr = SEED;
	desc.crc_seed = 0;
	ck_assert_uint_eq(run_one(host, 0, &desc).crc_val, want);
	ck_assert_uint_ne(first.crc_val, want);
	host_free(host);
}
END_TEST

/* What has been done until a fault is a seed for the rest. */
START_TEST(faults_are_resumable)
{
	static const struct {
		bool copies;
		uint64_t no_read, no_write;
		uint8_t status;
		uint32_t bytes;
		uint64_t address;
	} cases[] = {
		{ false, SRC + 0x3000, 0, 0x03, 0x3000, SRC + 0x3000 },
		{ false, SRC, 0, 0x03, 0, SRC },
		{ false, SRC + 0x11000, 0, 0x03, 0x11000, SRC + 0x11000 },
		{ true, SRC + 0x3000, 0, 0x03, 0x3000, SRC + 0x3000 },
		{ true, 0, DST + 0x2000, 0x83, 0x2000, DST + 0x2000 },
		{ true, SRC + 0x3000, DST + 0x2000, 0x83, 0x2000, DST + 0x2000 },
		{ true, SRC + 0x2000, DST + 0x3000, 0x03, 0x2000, SRC + 0x2000 },
	};
	struct model_host *host = host_ready("spr");
	const uint32_t size = 0x18000, flags = flag_sets[_i % 4];
	struct dsa_hw_desc desc = cases[_i / 4].copies ? copy_crc(SRC, DST, size) :
							 crc(SRC, size, 0);
	uint32_t want = reference(host_at(host, SRC), size, 5, flags);
	struct dsa_completion_record cr;

	if (cases[_i / 4].no_read)
		host_no_read(host, cases[_i / 4].no_read);
	if (cases[_i / 4].no_write)
		host_no_write(host, cases[_i / 4].no_write);
	desc.flags |= flags;
	desc.crc_seed = 5;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, cases[_i / 4].status);
	ck_assert_uint_eq(cr.bytes_completed, cases[_i / 4].bytes);
	ck_assert_uint_eq(cr.fault_addr, cases[_i / 4].address);

	memset(host->no_read, 0, sizeof(host->no_read));
	memset(host->no_write, 0, sizeof(host->no_write));
	desc.src_addr += cr.bytes_completed;
	if (cases[_i / 4].copies)
		desc.dst_addr += cr.bytes_completed;
	desc.xfer_size -= cr.bytes_completed;
	desc.crc_seed = cr.crc_val;
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_SUCCESS);
	ck_assert_uint_eq(cr.crc_val, want);
	if (cases[_i / 4].copies)
		ck_assert_mem_eq(host_at(host, DST), host_at(host, SRC), size);
	host_free(host);
}
END_TEST

START_TEST(seed_cannot_be_read)
{
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = crc(SRC, 64, 0);
	struct dsa_completion_record cr;

	desc.flags |= DSA_DESC_CRC_READ_SEED;
	desc.seed_addr = SRC + 0x1000;
	host_no_read(host, SRC + 0x1000);
	cr = run_one(host, 0, &desc);
	ck_assert_uint_eq(cr.status, DSA_COMP_PAGE_FAULT_NOBOF);
	ck_assert_uint_eq(cr.bytes_completed, 0);
	ck_assert_uint_eq(cr.fault_addr, SRC + 0x1000);
	host_free(host);
}
END_TEST

/* What a descriptor may not say; each alone, and what it may. */
START_TEST(descriptor_checks)
{
	static const struct {
		uint8_t opcode;
		uint32_t set, clear;
		int byte; /* reserved; -1: none */
		uint64_t dst;
		uint8_t status;
	} cases[] = {
		{ DSA_OPCODE_CRCGEN, 0, 0, -1, 0, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_CRCGEN, IDXD_OP_FLAG_ADDR3_TCS, 0, -1, 0, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_CRCGEN, 0, IDXD_OP_FLAG_RCR, -1, 0, DSA_COMP_INVALID_FLAGS },
		{ DSA_OPCODE_CRCGEN, IDXD_OP_FLAG_CC, 0, -1, 0, DSA_COMP_INVALID_FLAGS },
		{ DSA_OPCODE_CRCGEN, IDXD_OP_FLAG_ADDR2_TCS, 0, -1, 0, DSA_COMP_INVALID_FLAGS },
		/* 64 bits: this device cannot. */
		{ DSA_OPCODE_CRCGEN, BIT(19), 0, -1, 0, DSA_COMP_INVALID_FLAGS },
		{ DSA_OPCODE_CRCGEN, 0, 0, 24, 0, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_CRCGEN, 0, 0, 44, 0, DSA_COMP_NOZERO_RESERVE },
		/* The seed's address is reserved unless the flag says it is one. */
		{ DSA_OPCODE_CRCGEN, 0, 0, 48, 0, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_CRCGEN, DSA_DESC_CRC_READ_SEED, 0, 56, 0, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_COPY_CRC, IDXD_OP_FLAG_CC | IDXD_OP_FLAG_ADDR2_TCS, 0, -1, DST,
		  DSA_COMP_SUCCESS },
		{ DSA_OPCODE_COPY_CRC, 0, IDXD_OP_FLAG_RCR, -1, DST, DSA_COMP_INVALID_FLAGS },
		{ DSA_OPCODE_COPY_CRC, 0, 0, 63, DST, DSA_COMP_NOZERO_RESERVE },
		{ DSA_OPCODE_COPY_CRC, 0, 0, -1, SRC + 63, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_COPY_CRC, 0, 0, -1, SRC - 63, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_COPY_CRC, 0, 0, -1, SRC, DSA_COMP_OVERLAP_BUFFERS },
		{ DSA_OPCODE_COPY_CRC, 0, 0, -1, SRC + 64, DSA_COMP_SUCCESS },
		{ DSA_OPCODE_COPY_CRC, 0, 0, -1, SRC - 64, DSA_COMP_SUCCESS },
	};
	struct model_host *host = host_ready("spr");
	struct dsa_hw_desc desc = crc(SRC, 64, 0);

	desc.opcode = cases[_i].opcode;
	desc.flags = (desc.flags | cases[_i].set) & ~cases[_i].clear;
	desc.dst_addr = cases[_i].dst;
	if (cases[_i].byte >= 0)
		((uint8_t *)&desc)[cases[_i].byte] |= 1;
	ck_assert_uint_eq(run_one(host, 0, &desc).status, cases[_i].status);
	host_free(host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("crc");
	TCase *tc = tcase_create("crc");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, known_value);
	tcase_add_loop_test(tc, values, 0, sizeof(ranges) / sizeof(ranges[0]));
	tcase_add_loop_test(tc, chaining, 0, 4);
	tcase_add_loop_test(tc, faults_are_resumable, 0, 7 * 4);
	tcase_add_test(tc, seed_cannot_be_read);
	tcase_add_loop_test(tc, descriptor_checks, 0, 18);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
