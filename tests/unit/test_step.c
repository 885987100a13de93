// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model/engine.c: a device that works only when it is stepped. */
#include <string.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

#define MS 1000000ULL

static const struct dsa_device_params stepped = {
	.profile = "spr",
	.service = { .min_ns = 1 * MS, .max_ns = 9 * MS, .seed = 7 },
	.stepped = true,
};

static struct dsa_hw_desc noop(unsigned int wq, unsigned int index)
{
	return descriptor(DSA_OPCODE_NOOP, wq, HOST_BASE + 0x40 + 32 * index);
}

START_TEST(nothing_happens_by_itself)
{
	struct model_host *host = host_new(&stepped);
	struct dsa_hw_desc desc = noop(0, 0);
	uint64_t due;

	host_bring_up(host, 0, 16);
	ck_assert_uint_eq(dsa_device_step(host->dev, 5 * MS), UINT64_MAX);
	submit64(host, 0, &desc);
	due = dsa_device_step(host->dev, 5 * MS);
	ck_assert_uint_ge(due, 6 * MS);
	ck_assert_uint_le(due, 14 * MS);
	ck_assert_uint_eq(dsa_device_step(host->dev, due - 1), due);
	ck_assert_uint_eq(host_delivered(host, 1), 0);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, HOST_BASE + 0x40), 0);
	/* Record and message are there when the step returns. */
	ck_assert_uint_eq(dsa_device_step(host->dev, due), UINT64_MAX);
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	ck_assert_uint_eq(*(uint8_t *)host_at(host, HOST_BASE + 0x40), DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

/* Step from one due time to the next; write them to @times. Returns how many. */
static unsigned int trace(uint64_t *times, unsigned int max)
{
	struct model_host *host = host_new(&stepped);
	unsigned int i, count = 0;
	uint64_t next;

	host_bring_up_two(host);
	for (i = 0; i < 8; i++) {
		struct dsa_hw_desc desc = noop(i % 2, i);

		submit64(host, i % 2, &desc);
	}
	next = dsa_device_step(host->dev, 0);
	while (next != UINT64_MAX && count < max) {
		times[count++] = next;
		next = dsa_device_step(host->dev, next);
	}
	ck_assert_uint_eq(host_wq_stats(host, 0).completed, 4);
	ck_assert_uint_eq(host_wq_stats(host, 1).completed, 4);
	host_free(host);
	return count;
}

START_TEST(repeats_itself)
{
	uint64_t first[16], second[16];
	unsigned int count = trace(first, 16), i;

	ck_assert_uint_ge(count, 2);
	ck_assert_uint_le(count, 8);
	for (i = 1; i < count; i++)
		ck_assert_uint_gt(first[i], first[i - 1]);
	ck_assert_uint_eq(trace(second, 16), count);
	ck_assert_mem_eq(first, second, count * sizeof(*first));
}
END_TEST

/* A command that waits for work ends in the next step, whatever the time. */
START_TEST(drain_ends_in_a_step)
{
	struct model_host *host = host_new(&stepped);
	struct dsa_hw_desc desc = noop(0, 0);

	host_bring_up(host, 0, 16);
	submit64(host, 0, &desc);
	dsa_device_step(host->dev, 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, 0), DSA_CMDSTATUS_ACTIVE);
	dsa_device_step(host->dev, 0);
	ck_assert_uint_eq(read32(host, DSA_REG_CMDSTATUS), 0);
	ck_assert_uint_eq(host_delivered(host, 1), 1);
	host_free(host);
}
END_TEST

/* Work that is abandoned, and a device that is destroyed with work: nothing hangs. */
START_TEST(ends_with_work)
{
	struct model_host *host = host_new(&stepped);
	struct dsa_hw_desc desc = noop(0, 0);

	host_bring_up(host, 0, 16);
	submit64(host, 0, &desc);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ABORT_ALL, 0), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).abandoned, 1);
	submit64(host, 0, &desc);
	dsa_device_step(host->dev, 0);
	host_free(host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("stepped device");
	TCase *tcase = tcase_create("stepped device");

	tcase_add_test(tcase, nothing_happens_by_itself);
	tcase_add_test(tcase, repeats_itself);
	tcase_add_test(tcase, drain_ends_in_a_step);
	tcase_add_test(tcase, ends_with_work);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
