// SPDX-License-Identifier: GPL-2.0-only
/* Data of descriptors: what a right device does passes, each single wrong byte does not. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/idxd.h>

#include "fake_device.h"
#include "unit.h"
#include "verify.h"

#define OFFSET 192
#define ALL_OPCODES \
	(1U << DSA_OPCODE_NOOP | 1U << DSA_OPCODE_DRAIN | 1U << DSA_OPCODE_MEMMOVE | \
	 1U << DSA_OPCODE_MEMFILL | 1U << DSA_OPCODE_COMPARE)

static uint8_t *buffer;
static struct verify verify = { .seed = 99 };
static struct dsa_sample_work work;
static struct dsa_sample_event event;
static struct problem problem;

static const uint32_t sizes[] = { 1, 7, 8, 63, 64, 65, 100, 4096, 4097 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

static void setup(void)
{
	buffer = calloc(1, 65536);
}

static void teardown(void)
{
	free(buffer);
}

static void perform(uint64_t tag)
{
	verify_prepare(&verify, buffer, OFFSET, tag, &work);
	ck_assert_uint_eq(work.tag, tag);
	event = (struct dsa_sample_event){ .tag = tag, .how = DSA_SAMPLE_HOW_INTERRUPT };
	fake_device_perform(buffer, &work, &event);
}

static int judge(void)
{
	return verify_completion(&verify, buffer, OFFSET, &event, &problem);
}

START_TEST(right_device_passes)
{
	unsigned int seen = 0, differs = 0, equal = 0;

	verify.size = sizes[_i];
	verify.opcodes = ALL_OPCODES;
	for (uint64_t tag = 1; tag < 200; tag++) {
		perform(tag);
		ck_assert_msg(judge() == 0, "%s", problem.text);
		seen |= 1U << work.opcode;
		if (work.opcode == DSA_OPCODE_COMPARE) {
			differs += event.result;
			equal += !event.result;
		}
		/* Everything stays inside the slot. */
		if (work.size) {
			ck_assert_uint_ge(work.dst, OFFSET);
			ck_assert_uint_le(work.dst + work.size,
					  OFFSET + verify_slot_bytes(&verify));
		}
	}
	ck_assert_uint_eq(seen, ALL_OPCODES);
	ck_assert_uint_gt(differs, 0);
	ck_assert_uint_gt(equal, 0);
}
END_TEST

/* Any byte of the slot, operand or not, that is not what it should be is found. */
START_TEST(each_wrong_byte_is_found)
{
	verify.size = 100;
	verify.opcodes = 1U << _i;
	for (uint64_t tag = 1; tag < 5; tag++) {
		perform(tag);
		for (size_t at = 0; at < verify_slot_bytes(&verify); at++) {
			buffer[OFFSET + at] ^= 0x10;
			ck_assert_msg(judge() == -EBADMSG, "opcode %d byte %zu", _i, at);
			buffer[OFFSET + at] ^= 0x10;
		}
		ck_assert_int_eq(judge(), 0);
	}
}
END_TEST

/* A device that only says it did it. */
START_TEST(nothing_done_is_found)
{
	verify.size = sizes[_i];
	verify.opcodes = 1U << DSA_OPCODE_MEMMOVE | 1U << DSA_OPCODE_MEMFILL;
	for (uint64_t tag = 1; tag < 20; tag++) {
		verify_prepare(&verify, buffer, OFFSET, tag, &work);
		event = (struct dsa_sample_event){ .tag = tag, .status = DSA_COMP_SUCCESS };
		ck_assert_int_eq(judge(), -EBADMSG);
		ck_assert_ptr_nonnull(strstr(problem.text, "destination wrong at byte 0"));
	}
}
END_TEST

START_TEST(all_but_the_last_byte_is_found)
{
	verify.size = sizes[_i];
	verify.opcodes = 1U << DSA_OPCODE_MEMMOVE;
	verify_prepare(&verify, buffer, OFFSET, 5, &work);
	memcpy(buffer + work.dst, buffer + work.src, work.size - 1);
	event = (struct dsa_sample_event){ .tag = 5, .status = DSA_COMP_SUCCESS };
	ck_assert_int_eq(judge(), -EBADMSG);
}
END_TEST

START_TEST(status_and_results)
{
	uint64_t tag = 1;

	verify.size = 100;
	verify.opcodes = 1U << DSA_OPCODE_COMPARE;
	perform(tag);
	event.status = DSA_COMP_PAGE_FAULT_NOBOF;
	event.fault_address = 0x1000;
	ck_assert_int_eq(judge(), -EREMOTEIO);
	ck_assert_ptr_nonnull(strstr(problem.text, "page fault"));
	ck_assert_ptr_nonnull(strstr(problem.text, "0x1000"));

	do {
		perform(tag++);
	} while (!event.result);
	ck_assert_int_eq(judge(), 0);
	event.bytes_completed++;
	ck_assert_int_eq(judge(), -EREMOTEIO);
	event.bytes_completed--;
	event.result = 0;
	ck_assert_int_eq(judge(), -EREMOTEIO);
	ck_assert_ptr_nonnull(strstr(problem.text, "compare says equal"));

	do {
		perform(tag++);
	} while (event.result);
	event.result = 1;
	ck_assert_int_eq(judge(), -EREMOTEIO);
}
END_TEST

/* Data of one descriptor does not pass for another's. */
START_TEST(data_differs_by_tag_and_seed)
{
	struct verify other = { .seed = 100, .size = 64, .opcodes = 1U << DSA_OPCODE_MEMMOVE };

	verify.size = 64;
	verify.opcodes = other.opcodes;
	perform(1);
	event.tag = 2;
	ck_assert_int_eq(judge(), -EBADMSG);
	event.tag = 1;
	ck_assert_int_eq(verify_completion(&other, buffer, OFFSET, &event, &problem), -EBADMSG);
	ck_assert_int_eq(judge(), 0);
}
END_TEST

/* All sizes between the two, and each as right and as wrong as with one size. */
START_TEST(mixed_sizes)
{
	uint32_t smallest = UINT32_MAX, largest = 0;

	verify.size = 20;
	verify.min_size = 3;
	verify.opcodes = 1 << DSA_OPCODE_MEMMOVE;
	for (uint64_t tag = 1; tag < 400; tag++) {
		perform(tag);
		ck_assert_msg(judge() == 0, "%s", problem.text);
		if (work.size < smallest)
			smallest = work.size;
		if (work.size > largest)
			largest = work.size;
		buffer[work.dst + work.size] ^= 1;
		ck_assert_int_eq(judge(), -EBADMSG);
		ck_assert_ptr_nonnull(strstr(problem.text, "memory outside the operands"));
		buffer[work.dst + work.size] ^= 1;
		buffer[work.dst + work.size - 1] ^= 1;
		ck_assert_int_eq(judge(), -EBADMSG);
		ck_assert_ptr_nonnull(strstr(problem.text, "destination"));
	}
	ck_assert_uint_eq(smallest, 3);
	ck_assert_uint_eq(largest, 20);
	verify.min_size = 0;
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verify");
	TCase *tcase = tcase_create("verify");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, right_device_passes, 0, SIZES);
	tcase_add_loop_test(tcase, each_wrong_byte_is_found, DSA_OPCODE_MEMMOVE,
			    DSA_OPCODE_COMPARE + 1);
	tcase_add_loop_test(tcase, each_wrong_byte_is_found, DSA_OPCODE_NOOP, DSA_OPCODE_NOOP + 1);
	tcase_add_loop_test(tcase, nothing_done_is_found, 0, SIZES);
	tcase_add_loop_test(tcase, all_but_the_last_byte_is_found, 0, SIZES);
	tcase_add_test(tcase, status_and_results);
	tcase_add_test(tcase, data_differs_by_tag_and_seed);
	tcase_add_test(tcase, mixed_sizes);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
