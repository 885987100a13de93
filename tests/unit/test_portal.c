// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model/portal.c, engine.c: what a portal accepts, queues, order, groups. */
#include <string.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

#define MS 1000000ULL

/* Nothing ends by itself within the time limit of a test. */
static const struct dsa_device_params slow = {
	.profile = "spr",
	.service = { .min_ns = 1000000 * MS, .max_ns = 1000000 * MS },
};

static void store8(struct model_host *host, uint64_t at, const struct dsa_hw_desc *desc,
		   unsigned int part)
{
	ck_assert_int_eq(dsa_bar_write(host->dev, 2, at + 8 * part,
				       (const uint8_t *)desc + 8 * part, 8), 0);
}

START_TEST(one_store_and_eight_are_the_same)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);

	host_bring_up(host, 0, 8);
	submit64(host, 0, &desc);
	host_wait_delivered(host, 1, 1);
	submit8x8(host, 0, 5, &desc);
	host_wait_delivered(host, 1, 2);
	ck_assert_uint_eq(host_wq_stats(host, 0).accepted, 2);
	ck_assert_uint_eq(host_wq_stats(host, 0).rejected, 0);
	host_free(host);
}
END_TEST

START_TEST(unlimited_and_limited_pages)
{
	static const struct {
		uint64_t page;
		bool accepts;
	} pages[] = {
		{ DSA_PORTAL_UNLIMITED, true },
		{ DSA_PORTAL_LIMITED, true },
		{ DSA_PORTAL_UNLIMITED_IMS, false },
		{ DSA_PORTAL_LIMITED_IMS, false },
	};
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 7, HOST_BASE);

	host_bring_up(host, 7, 8);
	ck_assert_int_eq(dsa_bar_write(host->dev, 2, 7 * DSA_PORTAL_STRIDE + pages[_i].page +
				       63 * DSA_PORTAL_SLOT, &desc, 64), 0);
	ck_assert_uint_eq(host_wq_stats(host, 7).accepted, pages[_i].accepts);
	ck_assert_uint_eq(host_wq_stats(host, 7).rejected, !pages[_i].accepts);
	if (pages[_i].accepts)
		host_wait_delivered(host, 8, 1);
	host_free(host);
}
END_TEST

/* Two slots may be filled in turns; parts of two descriptors never mix. */
START_TEST(slots_are_assembled_independently)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc a = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	struct dsa_hw_desc b = descriptor(DSA_OPCODE_NOOP, 1, HOST_BASE + 32);
	unsigned int i;

	host_bring_up(host, 0, 8);
	for (i = 0; i < 8; i++) {
		store8(host, DSA_PORTAL_LIMITED, &a, i);
		store8(host, DSA_PORTAL_LIMITED + 64, &b, i);
	}
	host_wait_delivered(host, 1, 1);
	host_wait_delivered(host, 2, 1);
	ck_assert_uint_eq(host_wq_stats(host, 0).accepted, 2);
	host_free(host);
}
END_TEST

/* Sequences that are no descriptor; a good one afterwards is. */
static const struct {
	const char *name;
	int parts[10]; /* quadwords, -1 ends */
	unsigned int rejected;
} sequences[] = {
	{ "descending", { 7, 6, 5, 4, 3, 2, 1, 0, -1 }, 8 },
	{ "one missing", { 0, 1, 2, 4, 5, 6, 7, -1 }, 4 },
	{ "twice the same", { 0, 1, 1, 2, 3, 4, 5, 6, 7, -1 }, 7 },
	{ "begun anew", { 0, 1, 2, 3, -1 }, 1 },
	{ "last only", { 7, -1 }, 1 },
};

START_TEST(broken_sequences)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	unsigned int i;

	host_bring_up(host, 0, 8);
	for (i = 0; sequences[_i].parts[i] >= 0; i++)
		store8(host, DSA_PORTAL_LIMITED, &desc, sequences[_i].parts[i]);
	ck_assert_msg(host_wq_stats(host, 0).accepted == 0, "%s was accepted",
		      sequences[_i].name);
	submit8x8(host, 0, 0, &desc);
	host_wait_delivered(host, 1, 1);
	ck_assert_uint_eq(host_wq_stats(host, 0).accepted, 1);
	ck_assert_uint_eq(host_wq_stats(host, 0).rejected, sequences[_i].rejected);
	host_free(host);
}
END_TEST

START_TEST(narrow_stores_are_ignored)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	unsigned int i;

	host_bring_up(host, 0, 8);
	for (i = 0; i < 64; i += 4)
		ck_assert_int_eq(dsa_bar_write(host->dev, 2, i, (const uint8_t *)&desc + i, 4), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).accepted, 0);
	/* One in the middle spoils an assembly. */
	for (i = 0; i < 8; i++) {
		store8(host, 0, &desc, i);
		if (i == 3)
			ck_assert_int_eq(dsa_bar_write(host->dev, 2, 8, &desc, 1), 0);
	}
	ck_assert_uint_eq(host_wq_stats(host, 0).accepted, 0);
	host_free(host);
}
END_TEST

/* Half a descriptor does not survive the queue being disabled. */
START_TEST(assembly_ends_with_the_queue)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	unsigned int i;

	host_bring_up(host, 0, 8);
	for (i = 0; i < 4; i++)
		store8(host, 0, &desc, i);
	ck_assert_uint_eq(command(host, DSA_COMMAND_DISABLE_WQ, 1), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	for (; i < 8; i++)
		store8(host, 0, &desc, i);
	ck_assert_uint_eq(host_wq_stats(host, 0).accepted, 0);
	host_free(host);
}
END_TEST

START_TEST(disabled_queue_loses_silently)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 3, HOST_BASE);

	host_bring_up(host, 0, 8);
	submit64(host, 3, &desc);
	submit8x8(host, 3, 0, &desc);
	ck_assert_uint_eq(host_wq_stats(host, 3).accepted, 0);
	ck_assert_uint_eq(host_wq_stats(host, 3).rejected, 2);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR), 0);
	host_free(host);
}
END_TEST

/* 64 in progress, the size in the queue; then it overflows, and says so. */
START_TEST(full_queue_overflows)
{
	struct model_host *host = host_new(&slow);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 2, HOST_BASE);
	unsigned int i;
	uint64_t error;

	host_bring_up(host, 2, 16);
	write32(host, DSA_REG_GENCTRL, DSA_GENCTRL_SWERROR_INT);
	for (i = 0; i < DSA_ENGINE_DEPTH; i++) {
		submit64(host, 2, &desc);
		while (FIELD_GET(DSA_WQCFG6_OCCUPANCY, read32(host, WQCFG(2, DSA_WQCFG_STATE))))
			;
	}
	for (i = 1; i <= 16; i++) {
		submit64(host, 2, &desc);
		ck_assert_uint_eq(FIELD_GET(DSA_WQCFG6_OCCUPANCY,
					    read32(host, WQCFG(2, DSA_WQCFG_STATE))), i);
	}
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR), 0);
	submit64(host, 2, &desc);
	error = read64(host, DSA_REG_SWERROR);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_CODE, error), DSA_SWERR_WQ_OVERFLOW);
	ck_assert(error & DSA_SWERROR0_WQ_VALID);
	ck_assert_uint_eq(FIELD_GET(DSA_SWERROR0_WQ, error), 2);
	ck_assert(!(error & DSA_SWERROR0_OVERFLOW));
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	submit64(host, 2, &desc);
	ck_assert(read64(host, DSA_REG_SWERROR) & DSA_SWERROR0_OVERFLOW);
	ck_assert_uint_eq(host_delivered(host, 0), 1);
	ck_assert_uint_eq(host_wq_stats(host, 2).accepted, DSA_ENGINE_DEPTH + 16);
	ck_assert_uint_eq(host_wq_stats(host, 2).rejected, 2);

	/* All that were accepted complete. */
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, 0), 0);
	ck_assert_uint_eq(host_wq_stats(host, 2).completed, DSA_ENGINE_DEPTH + 16);
	ck_assert_uint_eq(host_stats(host, 3).raised, DSA_ENGINE_DEPTH + 16);
	host_free(host);
}
END_TEST

/* ---- Engines ------------------------------------------------------------- */

/* One engine: a queue executes in order although service times differ widely. */
START_TEST(one_engine_keeps_order)
{
	struct dsa_device_params params = {
		.profile = "spr",
		.service = { .min_ns = 0, .max_ns = 2 * MS, .seed = _i },
	};
	struct model_host *host = host_new(&params);
	unsigned int i;

	host_bring_up(host, 0, 128);
	host->order_page = 4;
	for (i = 0; i < 128; i++) {
		struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMFILL, 0, HOST_BASE + 32 * i);

		desc.pattern = i;
		desc.dst_addr = HOST_BASE + 4 * HOST_PAGE;
		desc.xfer_size = 8;
		submit64(host, 0, &desc);
	}
	host_wait_delivered(host, 1, 128);
	ck_assert_uint_eq(host->order_count, 128);
	for (i = 0; i < 128; i++)
		ck_assert_uint_eq(host->order[i], i);
	host_free(host);
}
END_TEST

/* Descriptors of different queues overtake each other: service times overlap. */
START_TEST(queues_do_not_wait_for_each_other)
{
	struct model_host *host = host_new(&slow);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);

	host_bring_up_two(host);
	submit64(host, 0, &desc);
	desc.int_handle = 2;
	submit64(host, 1, &desc);
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_WQ, 2), 0);
	ck_assert_uint_eq(host_wq_stats(host, 0).completed, 0);
	ck_assert_uint_eq(host_wq_stats(host, 1).completed, 1);
	host_free(host);
}
END_TEST

/* Four engines in one group execute four descriptors at the same time. */
START_TEST(engines_of_a_group_share_the_work)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMFILL, 0, HOST_BASE);
	unsigned int i;

	host_enable_pci(host);
	host_configure_wq(host, 0, 0, 0xf, 16);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	host_gate(host, true);
	desc.dst_addr = HOST_BASE + 0x1000;
	desc.xfer_size = 8;
	for (i = 0; i < 8; i++)
		submit64(host, 0, &desc);
	host_wait_at_gate(host, 4);
	host_gate(host, false);
	host_wait_delivered(host, 1, 8);
	host_free(host);
}
END_TEST

/*
 * A Drain descriptor waits for older work, also of other engines. It and the
 * no-ops behind it have no record, so that only the fills are held by the gate.
 */
START_TEST(drain_descriptor_waits)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc fill = descriptor(DSA_OPCODE_MEMFILL, 0, HOST_BASE);
	struct dsa_hw_desc drain = { .opcode = DSA_OPCODE_DRAIN, .flags = IDXD_OP_FLAG_RCI,
				     .int_handle = 2 };
	struct dsa_hw_desc noop = { .opcode = DSA_OPCODE_NOOP, .flags = IDXD_OP_FLAG_RCI,
				    .int_handle = 3 };
	unsigned int i;

	host_enable_pci(host);
	host_configure_wq(host, 0, 0, 0xf, 16);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	host_gate(host, true);
	fill.dst_addr = HOST_BASE + 0x1000;
	fill.xfer_size = 8;
	submit64(host, 0, &fill);
	submit64(host, 0, &fill);
	host_wait_at_gate(host, 2);
	submit64(host, 0, &drain);
	/* They overtake it: it holds up nobody. */
	for (i = 1; i <= 20; i++) {
		submit64(host, 0, &noop);
		host_wait_delivered(host, 3, i);
	}
	ck_assert_uint_eq(host_delivered(host, 2), 0);
	host_gate(host, false);
	host_wait_delivered(host, 2, 1);
	ck_assert_uint_eq(host_delivered(host, 1), 2);
	host_free(host);
}
END_TEST

/* All queues, all groups, all engines at once, more work than the device holds. */
START_TEST(all_queues_in_four_groups)
{
	struct dsa_device_params params = {
		.profile = "spr",
		.service = { .min_ns = 0, .max_ns = MS / 10, .seed = 1 },
	};
	struct model_host *host = host_new(&params);
	unsigned int wq, i;

	host_enable_pci(host);
	for (wq = 0; wq < 8; wq++)
		host_configure_wq(host, wq, wq / 2, BIT_ULL(wq / 2), 16);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	for (wq = 0; wq < 8; wq++)
		ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, wq), 0);
	for (i = 1; i <= 200; i++) {
		for (wq = 0; wq < 8; wq++) {
			struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, wq,
							     HOST_BASE + 0x1000 * wq);

			submit8x8(host, wq, i % 64, &desc);
		}
		if (i % 16 == 0)
			for (wq = 0; wq < 8; wq++)
				host_wait_delivered(host, wq + 1, i);
	}
	for (wq = 0; wq < 8; wq++)
		host_wait_delivered(host, wq + 1, 200);
	ck_assert_uint_eq(read64(host, DSA_REG_SWERROR), 0);
	host_free(host);
}
END_TEST

/* Destroying a device with work in flight abandons it. */
START_TEST(destroy_with_work_in_flight)
{
	struct model_host *host = host_new(&slow);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	unsigned int i;

	host_bring_up(host, 0, 128);
	for (i = 0; i < 128; i++)
		submit64(host, 0, &desc);
	host_free(host);
}
END_TEST

struct resetter {
	struct model_host *host;
	unsigned int rounds;
};

static void *reset_often(void *arg)
{
	struct resetter *r = arg;
	unsigned int i;

	for (i = 0; i < r->rounds; i++) {
		if (i % 2)
			dsa_device_reset(r->host->dev);
		else
			config_write16(r->host, DSA_PCIE_DEVCTL_OFFSET, DSA_PCIE_DEVCTL_FLR);
	}
	return NULL;
}

/* Resets from one thread, bring-ups, work and commands from others. */
START_TEST(resets_under_load)
{
	struct dsa_device_params params = {
		.profile = "spr",
		.service = { .min_ns = 0, .max_ns = MS / 5, .seed = 3 },
	};
	struct model_host *host = host_new(&params);
	struct resetter r = { host, 200 };
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_MEMFILL, 0, HOST_BASE);
	struct dsa_wq_stats s;
	pthread_t thread;
	unsigned int i;

	desc.dst_addr = HOST_BASE + 0x1000;
	desc.xfer_size = 0x20000;
	ck_assert_int_eq(pthread_create(&thread, NULL, reset_often, &r), 0);
	for (i = 0; i < 300; i++) {
		host_enable_pci(host);
		host_configure_wq(host, 0, 0, 3, 16);
		/* Any of these may meet a reset. */
		command(host, DSA_COMMAND_ENABLE_DEVICE, 0);
		command(host, DSA_COMMAND_ENABLE_WQ, 0);
		submit64(host, 0, &desc);
		submit8x8(host, 0, 1, &desc);
		command(host, i % 2 ? DSA_COMMAND_DRAIN_ALL : DSA_COMMAND_DISABLE_DEVICE, 0);
	}
	pthread_join(thread, NULL);
	dsa_device_reset(host->dev);
	s = host_wq_stats(host, 0);
	ck_assert_uint_eq(s.accepted, s.completed + s.abandoned);
	ck_assert_uint_eq(device_state(host), DSA_STATE_DISABLED);
	host_bring_up(host, 0, 16);
	ck_assert_uint_eq(run_one(host, 0, &desc).status, DSA_COMP_SUCCESS);
	host_free(host);
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

int main(void)
{
	Suite *suite = suite_create("portal");
	TCase *tc = tcase_create("portal");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, one_store_and_eight_are_the_same);
	tcase_add_loop_test(tc, unlimited_and_limited_pages, 0, 4);
	tcase_add_test(tc, slots_are_assembled_independently);
	tcase_add_loop_test(tc, broken_sequences, 0, COUNT(sequences));
	tcase_add_test(tc, narrow_stores_are_ignored);
	tcase_add_test(tc, assembly_ends_with_the_queue);
	tcase_add_test(tc, disabled_queue_loses_silently);
	tcase_add_test(tc, full_queue_overflows);
	tcase_add_loop_test(tc, one_engine_keeps_order, 0, 4);
	tcase_add_test(tc, queues_do_not_wait_for_each_other);
	tcase_add_test(tc, engines_of_a_group_share_the_work);
	tcase_add_test(tc, drain_descriptor_waits);
	tcase_add_test(tc, all_queues_in_four_groups);
	tcase_add_test(tc, destroy_with_work_in_flight);
	tcase_add_test(tc, resets_under_load);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
