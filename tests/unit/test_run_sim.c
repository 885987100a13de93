// SPDX-License-Identifier: GPL-2.0-only
/* wq-demo in the simulation: who loses interrupts, who does not, and that it can be repeated. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/idxd.h>

#include "backend.h"
#include "render.h"
#include "run.h"
#include "unit.h"
#include "units.h"

static struct run_parameters parameters;
static struct result result;
static int stop_fd;

static void set_up(void)
{
	parameters = (struct run_parameters){
		.vmm = "dynamic",
		.depth = 1,
		.interval_ns = NSEC_PER_MSEC,
		.duration_ns = 2 * NSEC_PER_MSEC,
		.window_ns = NSEC_PER_MSEC,
		.deadline_ns = 10 * NSEC_PER_MSEC,
		.confirm_ns = 20 * NSEC_PER_MSEC,
		.timeout_ns = NSEC_PER_SEC,
		.drain_grace_ns = 30 * NSEC_PER_SEC,
		.opcodes = 1 << DSA_OPCODE_NOOP | 1 << DSA_OPCODE_MEMMOVE |
			   1 << DSA_OPCODE_MEMFILL | 1 << DSA_OPCODE_COMPARE |
			   1 << DSA_OPCODE_DRAIN,
		.size = 256,
		.seed = 1,
	};
	stop_fd = eventfd(0, EFD_CLOEXEC);
	ck_assert_int_ge(stop_fd, 0);
}

static void tear_down(void)
{
	close(stop_fd);
}

/* Run, and return the verdict. */
static enum verdict run_it(void)
{
	struct problem problem = { "" }, reason;
	enum verdict verdict;

	ck_assert_msg(run(&backend_sim, &parameters, NULL, stop_fd, &result, &problem) == 0,
		      "%s", problem.text);
	verdict = result_verdict(&result, &reason);
	ck_assert_msg(result.end == RUN_COMPLETE, "%s: %s", reason.text, result.failure.text);
	return verdict;
}

static const char *const vmms_that_hold[] = { "dynamic", "kvm" };

START_TEST(holds)
{
	struct result_totals totals;

	parameters.vmm = vmms_that_hold[_i % 2];
	parameters.depth = _i < 2 ? 1 : 8;
	ck_assert_int_eq(run_it(), VERDICT_HELD);
	totals = result_totals(&result);
	ck_assert_uint_eq(result.queue_count, 8);
	ck_assert_uint_eq(result_bring_ups(&result), 8);
	ck_assert_uint_eq(totals.counts.stranded, 0);
	ck_assert_uint_gt(totals.counts.interrupted, 100);
	ck_assert_uint_eq(totals.counts.interrupted, totals.counts.submitted);
	ck_assert(result.has_dropped);
	ck_assert_uint_eq(result.dropped, 0);
	result_destroy(&result);
}
END_TEST

/* The losses are the device's messages of the time in which MSI-X was off. */
START_TEST(rebuild_loses)
{
	struct result_totals totals;
	uint64_t in_windows = 0;

	parameters.vmm = "rebuild";
	ck_assert_int_eq(run_it(), VERDICT_BROKEN);
	totals = result_totals(&result);
	ck_assert_uint_gt(totals.counts.stranded, 0);
	ck_assert_uint_eq(totals.counts.missing, 0);
	ck_assert_uint_gt(result.dropped, 0);
	for (unsigned int i = 0; i < result.timeline.count; i++)
		in_windows += result.timeline.entries[i].stranded;
	ck_assert_uint_eq(in_windows, totals.counts.stranded);
	ck_assert_uint_eq(result.stranded_steady, 0);
	/* With one queue there is nobody who could lose anything. */
	result_destroy(&result);
	parameters.queues = 1;
	ck_assert_int_eq(run_it(), VERDICT_HELD);
	result_destroy(&result);
}
END_TEST

/* A device that remembers loses less, by what it would have dropped. */
START_TEST(latching_device)
{
	uint64_t lost;

	parameters.vmm = "rebuild";
	run_it();
	lost = result_totals(&result).counts.stranded;
	result_destroy(&result);
	parameters.latch = true;
	run_it();
	ck_assert_uint_eq(result.dropped, 0);
	ck_assert_uint_lt(result_totals(&result).counts.stranded, lost);
	result_destroy(&result);
}
END_TEST

START_TEST(unknown_vmm)
{
	struct problem problem = { "" };

	parameters.vmm = "none";
	ck_assert_int_eq(run(&backend_sim, &parameters, NULL, stop_fd, &result, &problem), -EINVAL);
	ck_assert(problem.text[0]);
	/* And nothing is left of it. */
	parameters.vmm = "dynamic";
	ck_assert_int_eq(run_it(), VERDICT_HELD);
	result_destroy(&result);
}
END_TEST

static char *document(void)
{
	char *text;

	run_it();
	text = render_json(&result);
	ck_assert_ptr_nonnull(text);
	result_destroy(&result);
	return text;
}

/* The same seed gives the same result, whatever ran in between; another seed another. */
START_TEST(repeatable)
{
	char *first, *other, *again;

	parameters.vmm = _i ? "rebuild" : "dynamic";
	parameters.cycles = 50;
	first = document();
	parameters.seed = 2;
	other = document();
	parameters.seed = 1;
	again = document();
	ck_assert_str_eq(first, again);
	ck_assert_str_ne(first, other);
	free(first);
	free(other);
	free(again);
}
END_TEST

START_TEST(churn_holds)
{
	parameters.vmm = vmms_that_hold[_i];
	parameters.cycles = 2 * RESULT_BRING_UPS + 1500;
	ck_assert_int_eq(run_it(), VERDICT_HELD);
	ck_assert_uint_eq(result.cycles_done, parameters.cycles);
	/* More than are kept: all are counted. */
	ck_assert_uint_gt(result_bring_ups(&result), RESULT_BRING_UPS + 8);
	ck_assert_uint_le(result.timeline.count, RESULT_BRING_UPS + 8);
	ck_assert_uint_gt(result_totals(&result).counts.submitted, parameters.cycles);
	result_destroy(&result);
}
END_TEST

START_TEST(churn_is_caught)
{
	parameters.vmm = "rebuild";
	parameters.cycles = 200;
	ck_assert_int_eq(run_it(), VERDICT_BROKEN);
	ck_assert_uint_eq(result.cycles_done, 200);
	ck_assert_uint_gt(result_totals(&result).counts.stranded, 8);
	result_destroy(&result);
}
END_TEST

/* One queue goes down at most when another is there to be busy. */
START_TEST(churn_of_two)
{
	parameters.queues = 2;
	parameters.cycles = 40;
	ck_assert_int_eq(run_it(), VERDICT_HELD);
	ck_assert_uint_eq(result.cycles_done, 40);
	result_destroy(&result);
}
END_TEST

START_TEST(stopped)
{
	struct problem problem = { "" }, reason;

	ck_assert_int_eq(eventfd_write(stop_fd, 1), 0);
	parameters.cycles = 1000000000;
	ck_assert_int_eq(run(&backend_sim, &parameters, NULL, stop_fd, &result, &problem), 0);
	ck_assert_int_eq(result.end, RUN_STOPPED);
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_INCOMPLETE);
	result_destroy(&result);
}
END_TEST

/* With time to spare between descriptors losses are still found, and only where they are. */
START_TEST(at_a_rate)
{
	parameters.rate = 20000;
	parameters.vmm = _i ? "dynamic" : "rebuild";
	parameters.cycles = 30;
	ck_assert_int_eq(run_it(), _i ? VERDICT_HELD : VERDICT_BROKEN);
	for (unsigned int i = 0; i < result.queue_count; i++)
		ck_assert_uint_le(result.queues[i].counts.submitted,
				  (result.end_ns - result.start_ns) * parameters.rate /
						  NSEC_PER_SEC + 1 + 31 * parameters.depth);
	result_destroy(&result);
}
END_TEST

START_TEST(until_the_first_loss)
{
	parameters.vmm = "rebuild";
	parameters.until_loss = true;
	parameters.cycles = 1000;
	ck_assert_int_eq(run_it(), VERDICT_BROKEN);
	ck_assert(result.first_loss.known);
	ck_assert_int_eq(result.first_loss.event.state, LEDGER_STRANDED);
	ck_assert_uint_lt(result.cycles_done, 1000);
	result_destroy(&result);
	/* Nothing is lost here: all of it is done. */
	parameters.vmm = "dynamic";
	parameters.cycles = 100;
	ck_assert_int_eq(run_it(), VERDICT_HELD);
	ck_assert(!result.first_loss.known);
	ck_assert_uint_eq(result.cycles_done, 100);
	result_destroy(&result);
}
END_TEST

START_TEST(sizes_mixed)
{
	parameters.min_size = 1;
	parameters.cycles = 20;
	ck_assert_int_eq(run_it(), VERDICT_HELD);
	result_destroy(&result);
}
END_TEST

/* Queues of their own sizes, in an order of their own. */
START_TEST(configured)
{
	static struct wq_config_queue queues[] = {
		{ .number = 6 }, { .number = 1 }, { .number = 4 },
	};
	static char path[] = "made.conf", device[] = "dsa0";
	struct wq_config config = {
		.path = path, .device = device, .queues = queues, .queue_count = 3,
	};

	for (unsigned int i = 0; i < 3; i++) {
		wq_settings_set(&queues[i].settings, WQ_SIZE, 8 * (i + 1), NULL);
		wq_settings_set(&queues[i].settings, WQ_GROUP_ID, 3, NULL);
		wq_settings_set(&queues[i].settings, WQ_PRIORITY, 15 - i, NULL);
		wq_settings_set(&queues[i].settings, WQ_MAX_TRANSFER_SIZE, 512, NULL);
	}
	parameters.config = &config;
	parameters.depth = 8;
	parameters.cycles = 50;
	ck_assert_int_eq(run_it(), VERDICT_HELD);
	ck_assert_uint_eq(result.queue_count, 3);
	for (unsigned int i = 0; i < 3; i++)
		ck_assert_uint_eq(result.timeline.entries[i].queue, queues[i].number);
	/* The results are by number. */
	ck_assert_uint_eq(result.queues[0].queue, 1);
	ck_assert_uint_eq(result.queues[0].entries, 16);
	ck_assert_uint_eq(result.queues[1].queue, 4);
	ck_assert_uint_eq(result.queues[1].entries, 24);
	ck_assert_uint_eq(result.queues[2].queue, 6);
	ck_assert_uint_eq(result.queues[2].entries, 8);
	ck_assert_uint_eq(result.queues[2].vector, 7);
	ck_assert_uint_eq(result.info.queue_entries, 8);
	ck_assert_uint_eq(result.info.max_transfer, 512);
	result_destroy(&result);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wq-demo in the simulation");
	TCase *tcase = tcase_create("wq-demo in the simulation");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, holds, 0, 4);
	tcase_add_test(tcase, rebuild_loses);
	tcase_add_test(tcase, latching_device);
	tcase_add_test(tcase, unknown_vmm);
	tcase_add_loop_test(tcase, repeatable, 0, 2);
	tcase_add_loop_test(tcase, churn_holds, 0, 2);
	tcase_add_test(tcase, churn_is_caught);
	tcase_add_test(tcase, churn_of_two);
	tcase_add_test(tcase, stopped);
	tcase_add_loop_test(tcase, at_a_rate, 0, 2);
	tcase_add_test(tcase, until_the_first_loss);
	tcase_add_test(tcase, sizes_mixed);
	tcase_add_test(tcase, configured);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
