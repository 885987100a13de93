// SPDX-License-Identifier: GPL-2.0-only
/* Runs of the backend idxd on a machine in files: what it finds, says, and puts back. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend_idxd_run.h"
#include "fake_idxd.h"
#include "machine_files.h"
#include "render.h"
#include "unit.h"
#include "units.h"

static char root[64];
static struct doctor_machine machine;
static struct kernel_log made_log;
static struct result result;
static struct problem problem;
static unsigned int brought_up;
static unsigned int statuses;
static int stop_fd = -1;

/*
 * How long a run has for its end: it does not wait for that where everything ends, and a machine
 * that stands still is not to cost it a test. Where something never ends, it does.
 */
#define GRACE_NS (60 * NSEC_PER_SEC)
#define GRACE_IN_VAIN_NS (3 * NSEC_PER_SEC)

static const struct run_parameters parameters = {
	.queues = 4,
	.depth = 1,
	.interval_ns = 30 * NSEC_PER_MSEC,
	.duration_ns = 150 * NSEC_PER_MSEC,
	.window_ns = 20 * NSEC_PER_MSEC,
	.timeout_ns = 60 * NSEC_PER_MSEC,
	.drain_grace_ns = GRACE_NS,
	.size = 512,
};

static int lend_log(struct kernel_log *log, struct problem *why)
{
	(void)why;
	*log = made_log;
	log->fd = dup(made_log.fd);
	return 0;
}

static void count_bring_up(void *context, unsigned int number, const struct bring_up *bring_up)
{
	(void)context;
	ck_assert_uint_eq(number, brought_up);
	ck_assert_uint_eq(bring_up->vector, bring_up->queue + 1);
	brought_up++;
}

/* For who watches: every queue that has been up, in order. */
static void check_status(void *context, const struct run_status *status)
{
	(void)context;
	ck_assert_uint_eq(status->queue_count, status->queues_up);
	ck_assert_uint_ge(status->bring_ups, status->queues_up);
	for (unsigned int i = 0; i < status->queue_count; i++) {
		ck_assert(status->each[i].up);
		ck_assert_uint_eq(status->each[i].vector, status->each[i].queue + 1);
		ck_assert_uint_eq(status->each[i].last_interrupt_ns == UINT64_MAX,
				  status->each[i].interrupted == 0);
	}
	statuses++;
}

static int run_it(const struct run_parameters *how)
{
	const struct idxd_place place = { .machine = &machine, .open_log = lend_log };
	const struct run_observer observer = { .brought_up = count_bring_up,
					       .status = check_status };

	fake_idxd_plan.timeout_ms = (unsigned int)(how->timeout_ns / NSEC_PER_MSEC);
	brought_up = 0;
	statuses = 0;
	problem.text[0] = '\0';
	return idxd_run_at(&place, how, &observer, stop_fd, &result, &problem);
}

static void begin(void)
{
	fake_idxd_begin(&machine, root, &made_log);
}

static void end(void)
{
	fake_idxd_end(root, &made_log);
}

static void is_as_before(void)
{
	ck_assert_uint_eq(fake_idxd_state.queues_enabled, 0);
	ck_assert(!fake_idxd_state.device_enabled);
	ck_assert(!fake_idxd_state.stopped_at_work);
	ck_assert(machine_file_says(root, "/sys/module/dmatest/parameters/iterations", "0"));
	ck_assert(machine_file_says(root, "/sys/module/dmatest/parameters/timeout", "3000"));
	ck_assert(machine_file_says(root, "/sys/module/dmatest/parameters/test_buf_size", "16384"));
}

static void has(const struct problem *found, const char *text)
{
	if (!strstr(found->text, text))
		ck_abort_msg("not in \"%s\": %s", found->text, text);
}

static void says(const char *text)
{
	has(&problem, text);
}

static void ended(enum run_end end)
{
	if (result.end != end)
		ck_abort_msg("the end is %d, not %d: \"%s\"", (int)result.end, (int)end,
			     result.failure.text);
}

static bool rendered(enum render_format format, const char *text)
{
	char *whole = render(&result, format);
	bool found;

	ck_assert_ptr_nonnull(whole);
	found = strstr(whole, text);
	free(whole);
	return found;
}

/* ---- Runs ------------------------------------------------------------------------- */

static const struct {
	enum fake_idxd_fault fault;
	enum verdict verdict;
	enum run_end end;
	uint64_t timed_out;
	uint64_t unannounced;
	uint64_t data_errors;
	const char *reason;
	const char *failure;
	/* Nothing may be put back. */
	bool unsafe;
} runs[] = {
	{ FAKE_NO_FAULT, VERDICT_HELD, RUN_COMPLETE, 0, 0, 0,
	  "copies by dmatest, each announced in time, and verified", "", false },
	{ FAKE_LOST_INTERRUPT, VERDICT_BROKEN, RUN_COMPLETE, 1, 1, 0,
	  "1 timed out (no notice of the completion: its interrupt or the completion is lost)", "",
	  false },
	{ FAKE_LATE_INTERRUPT, VERDICT_BROKEN, RUN_COMPLETE, 1, 0, 0, "1 timed out", "", false },
	{ FAKE_WRONG_DATA, VERDICT_BROKEN, RUN_COMPLETE, 0, 0, 1, "1 with wrong data or status", "",
	  false },
	{ FAKE_NOT_SUBMITTED, VERDICT_INCOMPLETE, RUN_FAILED, 0, 0, 0, "",
	  "queue 1: dmatest could not submit 1 descriptors", false },
	{ FAKE_ENDS_EARLY, VERDICT_INCOMPLETE, RUN_FAILED, 0, 0, 0, "",
	  "dmatest has ended before it was to", false },
	{ FAKE_DEAD_VECTOR, VERDICT_BROKEN, RUN_FAILED, UINT64_MAX, UINT64_MAX, 0, "timed out",
	  "no interrupt of queue 1 (irq 32) came after a test that timed out: dsa0 is left enabled",
	  true },
	{ FAKE_ENDLESS, VERDICT_INCOMPLETE, RUN_FAILED, 0, 0, 0, "",
	  "dmatest does not end on dma0chan1 (queue 1)", true },
};

START_TEST(a_run_says_what_happened)
{
	struct run_parameters how = parameters;
	struct result_totals totals;
	struct problem reason;

	if (runs[_i].unsafe)
		how.drain_grace_ns = GRACE_IN_VAIN_NS;
	fake_idxd_plan = (struct fake_idxd_plan){ .fault = runs[_i].fault,
						  .fault_queue = 1,
						  .fault_at = 20 };
	begin();
	ck_assert_int_eq(run_it(&how), 0);
	totals = result_totals(&result);
	ended(runs[_i].end);
	has(&result.failure, runs[_i].failure);
	ck_assert_uint_eq(result_verdict(&result, &reason), runs[_i].verdict);
	has(&reason, runs[_i].reason);
	if (runs[_i].timed_out == UINT64_MAX)
		ck_assert_uint_gt(totals.counts.timed_out, 0);
	else
		ck_assert_uint_eq(totals.counts.timed_out, runs[_i].timed_out);
	if (runs[_i].unannounced != UINT64_MAX)
		ck_assert_uint_eq(totals.unannounced, runs[_i].unannounced);
	ck_assert_uint_eq(totals.data_errors, runs[_i].data_errors);
	ck_assert_uint_eq(totals.counts.stranded, 0);
	ck_assert_uint_eq(totals.counts.missing, 0);
	ck_assert_uint_eq(totals.counts.submitted,
			  totals.counts.interrupted + totals.counts.timed_out + totals.unresolved);
	ck_assert_uint_eq(result.queue_count, brought_up);
	ck_assert_uint_gt(statuses, 1);
	if (runs[_i].unsafe) {
		ck_assert_uint_eq(fake_idxd_state.queues_enabled, 4);
		ck_assert(fake_idxd_state.device_enabled);
		ck_assert(machine_file_says(root, "/sys/module/dmatest/parameters/timeout", "60"));
	} else {
		is_as_before();
	}
	result_destroy(&result);
	end();
	ck_assert_uint_eq(fake_idxd_state.released, !runs[_i].unsafe);
	ck_assert(!fake_idxd_state.stopped_at_work);
}
END_TEST

/* Per queue: what it did, its vector, and the bring-up to which its loss belongs. */
START_TEST(a_loss_belongs_to_its_bring_up)
{
	struct run_parameters wide = parameters;
	uint64_t booked = 0;

	/* So that a slow machine does not lose it between two. */
	wide.window_ns = 3600 * NSEC_PER_SEC;
	fake_idxd_plan = (struct fake_idxd_plan){ .fault = FAKE_LOST_INTERRUPT,
						  .fault_queue = 1,
						  .fault_at = 10 };
	begin();
	ck_assert_int_eq(run_it(&wide), 0);
	ended(RUN_COMPLETE);
	ck_assert_uint_eq(result.queue_count, 4);
	for (unsigned int i = 0; i < 4; i++) {
		const struct queue_result *queue = &result.queues[i];

		ck_assert_uint_eq(queue->queue, i);
		ck_assert_uint_eq(queue->vector, i + 1);
		ck_assert_int_eq(queue->irq, (int)(31 + i));
		ck_assert_uint_eq(queue->entries, 32);
		ck_assert_uint_gt(queue->busy_ns, 0);
		ck_assert_uint_eq(queue->stats.handler_runs, queue->counts.interrupted);
		ck_assert_uint_eq(queue->lost.count, i == 1);
		ck_assert_uint_eq(result.timeline.entries[i].vector, i + 1);
		ck_assert_uint_gt(result.timeline.entries[i].enable_ns, 0);
		booked += result.timeline.entries[i].timed_out;
	}
	ck_assert_uint_eq(booked, 1);
	ck_assert_uint_ne(result.queues[1].lost.entries[0].bring_up_ns, UINT64_MAX);
	ck_assert_int_eq(result.queues[1].lost.entries[0].state, LEDGER_TIMED_OUT);
	ck_assert_uint_ge(result.queues[1].lost.entries[0].until_ns -
				  result.queues[1].lost.entries[0].at_ns,
			  parameters.timeout_ns);
	ck_assert(rendered(RENDER_JSON, "\"timed_out\": 1"));
	ck_assert(rendered(RENDER_JSON, "\"timed_out_no_interrupt\": 1"));
	ck_assert(rendered(RENDER_JSON, "\"outcome\": \"timed_out\""));
	ck_assert(
		rendered(RENDER_HUMAN, "It cannot tell a lost interrupt\nfrom a lost completion"));
	ck_assert(rendered(RENDER_TAP, "not ok"));
	ck_assert(rendered(RENDER_JUNIT, "the interrupt of vector 2 or the completion is lost"));
	is_as_before();
	result_destroy(&result);
	end();
}
END_TEST

START_TEST(a_run_that_is_stopped_ends_in_good_order)
{
	struct run_parameters forever = parameters;
	struct problem reason;

	forever.duration_ns = 3600 * NSEC_PER_SEC;
	fake_idxd_plan = (struct fake_idxd_plan){ 0 };
	begin();
	stop_fd = eventfd(1, EFD_CLOEXEC);
	ck_assert_int_eq(run_it(&forever), 0);
	close(stop_fd);
	stop_fd = -1;
	ended(RUN_STOPPED);
	ck_assert_uint_eq(result_verdict(&result, &reason), VERDICT_INCOMPLETE);
	is_as_before();
	result_destroy(&result);
	end();
}
END_TEST

/* A queue that waits when the end is due: its descriptor would stay with the driver. */
START_TEST(a_queue_that_waits_is_waited_for)
{
	struct run_parameters brief = parameters;

	/* From its second test on, before the last queue comes up, until after the end is due. */
	brief.timeout_ns = 800 * NSEC_PER_MSEC;
	fake_idxd_plan = (struct fake_idxd_plan){ .fault = FAKE_LOST_INTERRUPT,
						  .fault_queue = 2,
						  .fault_at = 2 };
	begin();
	ck_assert_int_eq(run_it(&brief), 0);
	ended(RUN_COMPLETE);
	ck_assert_uint_eq(result.queues[2].counts.timed_out, 1);
	is_as_before();
	result_destroy(&result);
	end();
}
END_TEST

START_TEST(a_log_that_ends_is_noticed)
{
	struct run_parameters forever = parameters;

	forever.queues = 1;
	fake_idxd_plan = (struct fake_idxd_plan){ 0 };
	begin();
	made_log.overwritten = 1;
	ck_assert_int_eq(run_it(&forever), 0);
	ended(RUN_FAILED);
	has(&result.failure, "log was overwritten");
	is_as_before();
	result_destroy(&result);
	end();
}
END_TEST

/* ---- What is asked for ----------------------------------------------------------- */

#define BIT(n) (UINT32_C(1) << (n))

/* Two queues of a file, the later one first; the engines it names; the rest is left alone. */
START_TEST(a_configuration_is_kept_to)
{
	struct wq_config_queue queues[] = {
		{ .number = 5,
		  .settings = { .given = BIT(WQ_SIZE) | BIT(WQ_GROUP_ID) | BIT(WQ_PRIORITY) |
					 BIT(WQ_NAME) | BIT(WQ_BLOCK_ON_FAULT) |
					 BIT(WQ_MAX_TRANSFER_SIZE) | BIT(WQ_ATS_DISABLE) |
					 BIT(WQ_DRIVER_NAME),
				.number = { [WQ_SIZE] = 9,
					    [WQ_GROUP_ID] = 3,
					    [WQ_PRIORITY] = 7,
					    [WQ_BLOCK_ON_FAULT] = 1,
					    [WQ_MAX_TRANSFER_SIZE] = 65536 },
				.text = { [WQ_NAME] = "mine", [WQ_DRIVER_NAME] = "dmaengine" } } },
		{ .number = 2,
		  .settings = { .given = BIT(WQ_MODE) | BIT(WQ_THRESHOLD),
				.number = { [WQ_MODE] = WQ_MODE_SHARED, [WQ_THRESHOLD] = 16 } } },
	};
	struct wq_config_engine engines[] = { { .number = 1, .group_id = 3 },
					      { .number = 3, .group_id = 2 } };
	struct wq_config config = {
		.path = (char *)"file",
		.device = (char *)"dsa0",
		.queues = queues,
		.queue_count = 2,
		.engines = engines,
		.engine_count = 2,
	};
	struct run_parameters asked = parameters;

	asked.queues = 0;
	asked.config = &config;
	fake_idxd_plan = (struct fake_idxd_plan){ .engine_groups = { -1, 3, -1, 2 } };
	begin();
	ck_assert_int_eq(run_it(&asked), 0);
	ended(RUN_COMPLETE);
	ck_assert_uint_eq(result.queue_count, 2);
	ck_assert_uint_eq(result.queues[0].queue, 5);
	ck_assert_uint_eq(result.queues[0].vector, 6);
	ck_assert_int_eq(result.queues[0].irq, 36);
	ck_assert_uint_eq(result.queues[0].entries, 9);
	ck_assert_uint_eq(result.queues[1].queue, 2);
	ck_assert_uint_eq(result.queues[1].entries, 16);
	ck_assert_uint_eq(result.timeline.entries[0].queue, 5);
	ck_assert_str_eq(fake_idxd_state.set[5],
			 "mode=dedicated size=9 group_id=3 priority=7 type=kernel name=mine "
			 "block_on_fault=1 max_transfer_size=65536 ");
	ck_assert_str_eq(fake_idxd_state.set[2],
			 "mode=shared size=64 group_id=2 priority=10 type=kernel "
			 "name=wq-demo2 threshold=16 ");
	ck_assert_str_eq(fake_idxd_state.set[0], "");
	is_as_before();
	result_destroy(&result);
	end();

	begin();
	/* More than the file has, than the smallest queue holds, or what dmatest cannot use. */
	asked.queues = 3;
	ck_assert_int_eq(run_it(&asked), -ENOENT);
	says("--queues 3: the file has only 2");
	asked.queues = 0;
	asked.depth = 10;
	ck_assert_int_eq(run_it(&asked), -ENOSPC);
	says("one holds only 9");
	asked.depth = 1;
	asked.size = 65537;
	ck_assert_int_eq(run_it(&asked), -EFBIG);
	asked.size = 512;
	queues[0].settings.number[WQ_SIZE] = 129;
	ck_assert_int_eq(run_it(&asked), -ENOSPC);
	queues[0].settings.number[WQ_SIZE] = 9;
	queues[0].settings.text[WQ_DRIVER_NAME] = "user";
	ck_assert_int_eq(run_it(&asked), -EOPNOTSUPP);
	says("queue 5: driver_name user: the backend idxd needs dmaengine");
	is_as_before();
	end();
}
END_TEST

/* ---- What it refuses --------------------------------------------------------------- */

static const struct {
	struct fake_idxd_plan plan;
	struct run_parameters change;
	bool user;
	int error;
	const char *says;
} refused[] = {
	{ .user = true, .error = -EACCES, .says = "needs root" },
	{ .plan.enabled = true, .error = -EBUSY, .says = "dsa0 is not idle: it is enabled" },
	{ .plan.configured = true,
	  .error = -EBUSY,
	  .says = "dsa0 is not idle: wq0.2 is configured" },
	{ .change.device = "dsa7", .error = -ENODEV, .says = "has no DSA of this name" },
	{ .change.queues = 9, .error = -ENOENT, .says = "--queues 9: dsa0 has only 8" },
	{ .change.depth = 33, .error = -ENOSPC, .says = "--depth 33" },
	{ .change.size = 2 << 20, .error = -EFBIG, .says = "--size 2097152" },
	{ .change.timeout_ns = UINT64_C(3000000000000000), .error = -ERANGE, .says = "--timeout" },
	{ .plan.refuse = "size", .error = -EPERM, .says = "does not take the size of wq0.0" },
	{ .plan.refuse = "engine",
	  .error = -EPERM,
	  .says = "does not take the group_id of engine0.0" },
	{ .plan.refuse = "device", .error = -ENXIO, .says = "cannot enable dsa0" },
	{ .plan.enable_error = -ENXIO,
	  .error = -EIO,
	  .says = "cannot enable wq0.0: WQ Portal mapping error" },
};

START_TEST(what_cannot_be_run_is_refused)
{
	struct run_parameters changed = parameters;

	fake_idxd_plan = refused[_i].plan;
	begin();
	machine.uid = refused[_i].user ? 1000 : 0;
	if (refused[_i].change.device)
		changed.device = refused[_i].change.device;
	if (refused[_i].change.queues)
		changed.queues = refused[_i].change.queues;
	if (refused[_i].change.depth)
		changed.depth = refused[_i].change.depth;
	if (refused[_i].change.size)
		changed.size = refused[_i].change.size;
	if (refused[_i].change.timeout_ns)
		changed.timeout_ns = refused[_i].change.timeout_ns;
	ck_assert_int_eq(run_it(&changed), refused[_i].error);
	says(refused[_i].says);
	is_as_before();
	end();
}
END_TEST

/* The queues before it have proven something. */
START_TEST(a_queue_that_does_not_come_up_ends_the_run)
{
	struct problem reason;

	fake_idxd_plan = (struct fake_idxd_plan){ .enable_error = -ENXIO, .fault_queue = 2 };
	begin();
	ck_assert_int_eq(run_it(&parameters), 0);
	ended(RUN_FAILED);
	ck_assert_uint_eq(result.queue_count, 2);
	ck_assert(result.timeline.entries[2].failed);
	ck_assert_uint_eq(result_verdict(&result, &reason), VERDICT_INCOMPLETE);
	has(&reason, "cannot enable wq0.2: WQ Portal mapping error");
	is_as_before();
	result_destroy(&result);
	end();
}
END_TEST

START_TEST(what_cannot_be_put_back_is_said)
{
	fake_idxd_plan = (struct fake_idxd_plan){ .refuse = "disable" };
	begin();
	ck_assert_int_eq(run_it(&parameters), 0);
	ended(RUN_FAILED);
	has(&result.failure, "cannot disable wq0.0");
	result_destroy(&result);
	end();
}
END_TEST

START_TEST(no_device_is_said)
{
	const struct doctor_machine empty = { .root = "/nonexistent" };
	struct accel_info info;
	struct accel *accel;

	ck_assert(!accel_present(&empty));
	ck_assert_int_eq(accel_open(&empty, NULL, &accel, &info, &problem), -ENODEV);
	says("no DSA is bound to the driver idxd: modprobe idxd");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("idxd_run");
	TCase *tcase = tcase_create("runs");

	/* Machines stand still. */
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, a_run_says_what_happened, 0, sizeof(runs) / sizeof(runs[0]));
	tcase_add_test(tcase, a_loss_belongs_to_its_bring_up);
	tcase_add_test(tcase, a_run_that_is_stopped_ends_in_good_order);
	tcase_add_test(tcase, a_queue_that_waits_is_waited_for);
	tcase_add_test(tcase, a_log_that_ends_is_noticed);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("configuration");
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_configuration_is_kept_to);
	suite_add_tcase(suite, tcase);

	tcase = tcase_create("refusals");
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, what_cannot_be_run_is_refused, 0,
			    sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tcase, a_queue_that_does_not_come_up_ends_the_run);
	tcase_add_test(tcase, what_cannot_be_put_back_is_said);
	tcase_add_test(tcase, no_device_is_said);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
