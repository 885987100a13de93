// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model/vectors.c: what becomes of a message, and that each is counted once. */
#include <errno.h>
#include <stdlib.h>

#include <linux/pci_regs.h>

#include "device_private.h"
#include "model_host.h"
#include "unit.h"

/* What a raised message becomes, alone, and a second one behind it. */
struct situation {
	const char *name;
	enum dsa_msix_disabled knob;
	bool enable, function_mask, bus_master, bound, failing;
	struct dsa_vector_stats once, twice;
};

#define LATCH DSA_MSIX_DISABLED_LATCH
#define DROP DSA_MSIX_DISABLED_DROP

static const struct situation situations[] = {
	{ "on", LATCH, true, false, true, true, false,
	  { .raised = 1, .delivered = 1 }, { .raised = 2, .delivered = 2 } },
	{ "trigger fails", LATCH, true, false, true, true, true,
	  { .raised = 1, .dropped = 1 }, { .raised = 2, .dropped = 2 } },
	{ "no trigger", LATCH, true, false, true, false, false,
	  { .raised = 1, .pending = 1 }, { .raised = 2, .merged = 1, .pending = 1 } },
	{ "no trigger, drop", DROP, true, false, true, false, false,
	  { .raised = 1, .pending = 1 }, { .raised = 2, .merged = 1, .pending = 1 } },
	{ "function mask", LATCH, true, true, true, true, false,
	  { .raised = 1, .pending = 1 }, { .raised = 2, .merged = 1, .pending = 1 } },
	{ "function mask, drop", DROP, true, true, true, true, false,
	  { .raised = 1, .pending = 1 }, { .raised = 2, .merged = 1, .pending = 1 } },
	{ "disabled, latch", LATCH, false, false, true, true, false,
	  { .raised = 1, .pending = 1 }, { .raised = 2, .merged = 1, .pending = 1 } },
	{ "disabled, drop", DROP, false, false, true, true, false,
	  { .raised = 1, .dropped = 1, .dropped_off = 1 }, { .raised = 2, .dropped = 2, .dropped_off = 2 } },
	{ "disabled and masked, drop", DROP, false, true, true, true, false,
	  { .raised = 1, .dropped = 1, .dropped_off = 1 }, { .raised = 2, .dropped = 2, .dropped_off = 2 } },
	{ "no bus master", LATCH, true, false, false, true, false,
	  { .raised = 1, .dropped = 1, .dropped_off = 1 }, { .raised = 2, .dropped = 2, .dropped_off = 2 } },
	{ "no bus master, disabled", LATCH, false, false, false, true, false,
	  { .raised = 1, .dropped = 1, .dropped_off = 1 }, { .raised = 2, .dropped = 2, .dropped_off = 2 } },
};

struct trigger {
	bool bound;
	bool failing;
	unsigned int fired;
};

static int fire(void *host, unsigned int vector)
{
	struct trigger *t = host;

	(void)vector;
	if (t->failing)
		return -5;
	if (!t->bound)
		return 0;
	t->fired++;
	return 1;
}

static const struct dsa_host_ops trigger_ops = { .signal = fire };

static void check_stats(const char *name, struct dsa_vectors *vs,
			const struct dsa_vector_stats *want)
{
	struct dsa_vector_stats got;

	dsa_vectors_stats(vs, 3, &got);
	ck_assert_msg(got.raised == want->raised && got.delivered == want->delivered &&
		      got.dropped == want->dropped && got.merged == want->merged &&
		      got.dropped_off == want->dropped_off && got.pending == want->pending,
		      "%s: raised %lu delivered %lu dropped %lu (off %lu) merged %lu pending %lu",
		      name, got.raised, got.delivered, got.dropped, got.dropped_off, got.merged,
		      got.pending);
}

START_TEST(raise_in_every_situation)
{
	const struct situation *s = &situations[_i];
	struct dsa_device_params params = { .profile = "spr", .msix_disabled = s->knob };
	struct trigger trigger = { .bound = s->bound, .failing = s->failing };
	struct dsa_vectors vs = { 0 };

	ck_assert_int_eq(dsa_vectors_init(&vs, &params, &trigger_ops, &trigger), 0);
	dsa_vectors_control(&vs, s->enable, s->function_mask, s->bus_master);
	dsa_vectors_raise(&vs, 3);
	check_stats(s->name, &vs, &s->once);
	dsa_vectors_raise(&vs, 3);
	check_stats(s->name, &vs, &s->twice);
	ck_assert_uint_eq(trigger.fired, s->twice.delivered);

	/* Everything switched on: what was pending arrives, once; what was dropped does not. */
	trigger.bound = true;
	trigger.failing = false;
	trigger.fired = 0;
	dsa_vectors_control(&vs, true, false, true);
	dsa_vectors_bound(&vs, 3);
	dsa_vectors_bound(&vs, 3);
	ck_assert_uint_eq(trigger.fired, s->twice.pending);
	dsa_vectors_destroy(&vs);
}
END_TEST

/* With drop, switching MSI-X off forgets what waits; with latch it does not. */
START_TEST(disable_with_pending)
{
	bool drop = _i;
	struct dsa_device_params params = { .profile = "spr", .msix_disabled = drop };
	struct trigger trigger = { .bound = false };
	struct dsa_vectors vs = { 0 };

	ck_assert_int_eq(dsa_vectors_init(&vs, &params, &trigger_ops, &trigger), 0);
	dsa_vectors_control(&vs, true, false, true);
	dsa_vectors_raise(&vs, 3);
	dsa_vectors_control(&vs, false, false, true);
	check_stats("off", &vs,
		    drop ? &(struct dsa_vector_stats){ .raised = 1,
						       .dropped = 1,
						       .dropped_off = 1 } :
			   &(struct dsa_vector_stats){ .raised = 1, .pending = 1 });
	trigger.bound = true;
	dsa_vectors_control(&vs, true, true, true);
	ck_assert_uint_eq(trigger.fired, 0);
	dsa_vectors_control(&vs, true, false, true);
	ck_assert_uint_eq(trigger.fired, drop ? 0 : 1);
	dsa_vectors_destroy(&vs);
}
END_TEST

START_TEST(reset_forgets_pending)
{
	struct dsa_device_params params = { .profile = "spr" };
	struct trigger trigger = { .bound = false };
	struct dsa_vectors vs = { 0 };

	ck_assert_int_eq(dsa_vectors_init(&vs, &params, &trigger_ops, &trigger), 0);
	dsa_vectors_control(&vs, true, false, true);
	dsa_vectors_raise(&vs, 3);
	dsa_vectors_forget(&vs);
	check_stats("forgotten", &vs, &(struct dsa_vector_stats){ .raised = 1, .dropped = 1 });
	trigger.bound = true;
	dsa_vectors_bound(&vs, 3);
	ck_assert_uint_eq(trigger.fired, 0);
	dsa_vectors_bound(&vs, DSA_MSIX_VECTORS);
	dsa_vectors_destroy(&vs);
}
END_TEST

/* ---- Through the device -------------------------------------------------- */

START_TEST(flr_and_device_reset_drop_pending)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);
	struct dsa_vector_stats s;

	host_bring_up(host, 0, 8);
	host_set_bound(host, 1, false);
	run_one(host, 0, &desc);
	ck_assert_uint_eq(host_stats(host, 1).pending, 1);
	ck_assert_uint_eq(command(host, DSA_COMMAND_RESET_DEVICE, 0), 0);
	s = host_stats(host, 1);
	ck_assert_uint_eq(s.pending, 0);
	ck_assert_uint_eq(s.dropped, 1);

	/* MSI-X is still on: the table and its control survive this reset. */
	host_bring_up(host, 0, 8);
	run_one(host, 0, &desc);
	ck_assert_uint_eq(host_stats(host, 1).pending, 1);
	config_write16(host, DSA_PCIE_DEVCTL_OFFSET, DSA_PCIE_DEVCTL_FLR);
	s = host_stats(host, 1);
	ck_assert_uint_eq(s.pending, 0);
	ck_assert_uint_eq(s.dropped, 2);
	host_set_bound(host, 1, true);
	ck_assert_uint_eq(host_delivered(host, 1), 0);
	host_free(host);
}
END_TEST

/* The PBA that the VMM reads must stay empty: it keeps its own. */
START_TEST(pba_reads_zero)
{
	struct model_host *host = host_new(NULL);
	struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, 0, HOST_BASE);

	host_bring_up(host, 0, 8);
	host_set_bound(host, 1, false);
	run_one(host, 0, &desc);
	ck_assert_uint_eq(host_stats(host, 1).pending, 1);
	ck_assert_uint_eq(read64(host, DSA_MSIX_PBA_OFFSET), 0);
	host_free(host);
}
END_TEST

struct storm {
	struct model_host *host;
	unsigned int wq;
	unsigned int count;
};

static void *submit_many(void *arg)
{
	struct storm *storm = arg;
	unsigned int i;

	for (i = 0; i < storm->count; i++) {
		struct dsa_hw_desc desc = descriptor(DSA_OPCODE_NOOP, storm->wq,
						     HOST_BASE + 0x1000 * storm->wq +
						     32 * (i % 128));

		submit8x8(storm->host, storm->wq, i % DSA_PORTAL_SLOTS, &desc);
	}
	return NULL;
}

/*
 * Queues complete while MSI-X, its function mask, bus master and triggers go on
 * and off; then everything is on. Nothing is counted twice or forgotten.
 */
START_TEST(invariant_under_concurrency)
{
	struct dsa_device_params params = { .profile = "spr", .msix_disabled = _i };
	struct model_host *host = host_new(&params);
	struct storm storms[4];
	pthread_t threads[4];
	unsigned int i, round;
	uint64_t accepted = 0, raised = 0;

	host_enable_pci(host);
	for (i = 0; i < 4; i++)
		host_configure_wq(host, i, i, BIT_ULL(i), 32);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	for (i = 0; i < 4; i++) {
		ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, i), 0);
		storms[i] = (struct storm){ host, i, 1500 };
		ck_assert_int_eq(pthread_create(&threads[i], NULL, submit_many, &storms[i]), 0);
	}
	for (round = 0; round < 150; round++) {
		host_set_bound(host, 1 + round % 4, false);
		config_write16(host, DSA_MSIX_CONTROL_OFFSET, 0);
		host_check_invariant(host);
		config_write16(host, DSA_MSIX_CONTROL_OFFSET,
			       DSA_MSIX_CONTROL_ENABLE | DSA_MSIX_CONTROL_FUNCTION_MASK);
		host_check_invariant(host);
		host_set_bound(host, 1 + round % 4, true);
		config_write16(host, DSA_MSIX_CONTROL_OFFSET, DSA_MSIX_CONTROL_ENABLE);
	}
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, 0), 0);

	for (i = 0; i < 4; i++) {
		struct dsa_vector_stats s = host_stats(host, i + 1);

		accepted += host_wq_stats(host, i).accepted;
		raised += s.raised;
		ck_assert_uint_eq(s.delivered, host_delivered(host, i + 1));
		ck_assert_uint_eq(s.pending, 0);
		if (params.msix_disabled == DSA_MSIX_DISABLED_LATCH)
			ck_assert_uint_eq(s.dropped, 0);
	}
	ck_assert_uint_gt(accepted, 0);
	ck_assert_uint_eq(raised, accepted);
	host_free(host);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vectors");
	TCase *tc = tcase_create("vectors");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, raise_in_every_situation, 0,
			    sizeof(situations) / sizeof(situations[0]));
	tcase_add_loop_test(tc, disable_with_pending, 0, 2);
	tcase_add_test(tc, reset_forgets_pending);
	tcase_add_test(tc, flr_and_device_reset_drop_pending);
	tcase_add_test(tc, pba_reads_zero);
	tcase_add_loop_test(tc, invariant_under_concurrency, 0, 2);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
