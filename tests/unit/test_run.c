// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole runs over a fake device: a right one is found right, each kind of
 * wrong is found as exactly that, and nothing is left behind. Nothing here
 * depends on how fast the machine is: what has to happen happens with the
 * first descriptors of a queue.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/idxd.h>

#include "fake_device.h"
#include "run.h"
#include "unit.h"
#include "units.h"

#define QUEUES 4
#define DEPTH 6

static struct run_parameters parameters;
static struct result result;
static struct result_totals totals;
static struct problem problem, reason;
static enum verdict verdict;
static int stop_fd;

static void setup(void)
{
	fake_plan = (struct fake_plan){
		.queues = QUEUES,
		.entries = 16,
		.fault_queue = 1,
		.fault_at = 3,
		.deadline_ns = 250 * NSEC_PER_MSEC,
	};
	parameters = (struct run_parameters){
		.device = "/dev/fake0",
		.depth = DEPTH,
		.window_ns = NSEC_PER_SEC,
		.deadline_ns = 250 * NSEC_PER_MSEC,
		.confirm_ns = 10 * NSEC_PER_MSEC,
		.timeout_ns = 10 * NSEC_PER_MSEC,
		.opcodes = 1 << DSA_OPCODE_MEMMOVE,
		.size = 100,
		.seed = 7,
	};
	memset(&problem, 0, sizeof(problem));
	stop_fd = eventfd(0, EFD_CLOEXEC);
	ck_assert_int_ge(stop_fd, 0);
}

static void teardown(void)
{
	close(stop_fd);
	ck_assert_uint_eq(fake_queues_up(), 0);
	ck_assert_uint_eq(fake_devices_open(), 0);
}

static void run_all(const struct run_observer *observer)
{
	ck_assert_msg(run(&fake_backend, &parameters, observer, stop_fd, &result, &problem) == 0,
		      "%s", problem.text);
	totals = result_totals(&result);
	verdict = result_verdict(&result, &reason);
	ck_assert_uint_eq(totals.counts.submitted,
			  totals.counts.interrupted + totals.counts.stranded +
				  totals.counts.missing + totals.counts.polled + totals.unresolved);
}

START_TEST(right_device)
{
	run_all(NULL);
	ck_assert_int_eq(verdict, VERDICT_HELD);
	ck_assert_uint_eq(result.end, RUN_COMPLETE);
	ck_assert_uint_eq(result_bring_ups(&result), QUEUES);
	ck_assert_uint_ge(totals.counts.submitted, QUEUES * DEPTH);
	ck_assert_uint_eq(totals.counts.submitted, totals.counts.interrupted);
	ck_assert_uint_eq(totals.interrupts, totals.counts.interrupted);
	ck_assert_uint_eq(totals.data_errors, 0);
	for (unsigned int i = 0; i < QUEUES; i++) {
		ck_assert_uint_eq(result.queues[i].vector, i + 1);
		ck_assert_uint_eq(result.queues[i].steady.count + result.queues[i].window.count,
				  result.queues[i].counts.interrupted);
		ck_assert_uint_eq(result.timeline.entries[i].request_irq_ns, 20000);
	}
	result_destroy(&result);
}
END_TEST

START_TEST(all_operations)
{
	parameters.opcodes = 1 << DSA_OPCODE_NOOP | 1 << DSA_OPCODE_DRAIN |
			     1 << DSA_OPCODE_MEMMOVE | 1 << DSA_OPCODE_MEMFILL |
			     1 << DSA_OPCODE_COMPARE;
	parameters.depth = 16;
	run_all(NULL);
	ck_assert_int_eq(verdict, VERDICT_HELD);
	result_destroy(&result);
}
END_TEST

/* What each fault must lead to: these outcomes, this end, this verdict, and no other. */
static const struct {
	enum fake_fault fault;
	uint64_t stranded, missing, late, data_errors, unresolved;
	enum run_end end;
	enum verdict verdict;
	const char *words;
} faults[] = {
	{ FAKE_RIGHT, 0, 0, 0, 0, 0, RUN_COMPLETE, VERDICT_HELD, "4 bring-ups" },
	{ FAKE_LOSE_INTERRUPT, 1, 0, 0, 0, 0, RUN_COMPLETE, VERDICT_BROKEN, "1 stranded" },
	{ FAKE_LOSE_COMPLETION, 0, 1, 0, 0, 0, RUN_COMPLETE, VERDICT_BROKEN, "1 missing" },
	{ FAKE_SILENCE, 0, 0, 0, 0, 1, RUN_UNRESOLVED, VERDICT_BROKEN, "1 never accounted for" },
	{ FAKE_LATE, 0, 0, 1, 0, 0, RUN_COMPLETE, VERDICT_HELD, "each followed" },
	{ FAKE_IN_TIME, 0, 0, 0, 0, 0, RUN_COMPLETE, VERDICT_HELD, "each followed" },
	{ FAKE_CORRUPT_DATA, 0, 0, 0, 1, 0, RUN_COMPLETE, VERDICT_BROKEN, "1 with wrong data" },
	{ FAKE_BAD_STATUS, 0, 0, 0, 1, 0, RUN_COMPLETE, VERDICT_BROKEN, "1 with wrong data" },
	{ FAKE_HOLD, 0, 0, 0, 0, 0, RUN_COMPLETE, VERDICT_HELD, "each followed" },
	{ FAKE_ACCEPT_FEWER, 0, 0, 0, 0, 0, RUN_COMPLETE, VERDICT_HELD, "each followed" },
	{ FAKE_MISCOUNT, 0, 0, 0, 0, 0, RUN_LEDGER_BROKEN, VERDICT_BROKEN,
	  "ledger broken: queue 1: the driver counts 1 stranded" },
};

START_TEST(fault)
{
	fake_plan.fault = faults[_i].fault;
	run_all(NULL);
	ck_assert_uint_eq(totals.counts.stranded, faults[_i].stranded);
	ck_assert_uint_eq(totals.counts.missing, faults[_i].missing);
	ck_assert_uint_eq(totals.counts.late, faults[_i].late);
	ck_assert_uint_eq(totals.data_errors, faults[_i].data_errors);
	ck_assert_uint_eq(totals.unresolved, faults[_i].unresolved);
	ck_assert_uint_eq(result.end, faults[_i].end);
	ck_assert_int_eq(verdict, faults[_i].verdict);
	ck_assert_msg(strstr(reason.text, faults[_i].words), "%s", reason.text);
	ck_assert_uint_eq(result.note_count, faults[_i].data_errors);
	/* The others are not touched by it, nor the rest of the queue. */
	for (unsigned int i = 0; i < result.queue_count; i++) {
		const struct ledger_counts *counts = &result.queues[i].counts;

		ck_assert_uint_ge(counts->interrupted, DEPTH - (i == 1));
		if (i != 1)
			ck_assert_uint_eq(counts->interrupted, counts->submitted);
	}
	result_destroy(&result);
}
END_TEST

/* Events that cannot be true end the run: nothing it says would be worth anything. */
static const struct {
	enum fake_fault fault;
	const char *words;
} lies[] = {
	{ FAKE_REPORT_TWICE, "again (as interrupted)" },
	{ FAKE_REPORT_UNKNOWN, "which was never submitted" },
	{ FAKE_REPORT_ON_OTHER_QUEUE, "which belongs to queue 2" },
};

START_TEST(lie)
{
	fake_plan.fault = lies[_i].fault;
	run_all(NULL);
	ck_assert_uint_eq(result.end, RUN_LEDGER_BROKEN);
	ck_assert_int_eq(verdict, VERDICT_BROKEN);
	ck_assert_ptr_nonnull(strstr(reason.text, "ledger broken: queue 1 reported tag"));
	ck_assert_msg(strstr(reason.text, lies[_i].words), "%s", reason.text);
	result_destroy(&result);
}
END_TEST

/* A device that stops working is no proof of anything, but what was lost before counts. */
START_TEST(device_fails)
{
	fake_plan.fault = _i ? FAKE_VANISH : FAKE_HALT;
	run_all(NULL);
	ck_assert_uint_eq(result.end, RUN_FAILED);
	ck_assert_int_eq(verdict, VERDICT_INCOMPLETE);
	ck_assert_ptr_nonnull(strstr(reason.text, _i ? "gone, as told" : "halted, as told"));
	result_destroy(&result);
}
END_TEST

START_TEST(later_queue_does_not_come_up)
{
	fake_plan.fault_queue = 2;
	fake_plan.queue_up_error = -ENOSPC;
	run_all(NULL);
	ck_assert_uint_eq(result.end, RUN_FAILED);
	ck_assert_int_eq(verdict, VERDICT_INCOMPLETE);
	ck_assert_uint_eq(result.queue_count, 2);
	ck_assert_uint_eq(result_bring_ups(&result), 2);
	ck_assert_uint_eq(result.timeline.count, 3);
	ck_assert(result.timeline.entries[2].failed);
	ck_assert_uint_eq(totals.unresolved, 0);
	result_destroy(&result);
}
END_TEST

START_TEST(loss_outweighs_a_later_failure)
{
	fake_plan.fault = FAKE_LOSE_INTERRUPT;
	fake_plan.fault_queue = 0;
	fake_plan.fault_at = 0;
	run_all(NULL);
	ck_assert_int_eq(verdict, VERDICT_BROKEN);
	result.end = RUN_FAILED;
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_BROKEN);
	result.end = RUN_STOPPED;
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_BROKEN);
	result_destroy(&result);
}
END_TEST

/* Calls that fail before anything ran: an error with its explanation, no result. */
static const struct {
	int open_error, queue_up_error;
	uint64_t queues, depth, size;
	unsigned int device_queues;
	const char *words;
} unfit[] = {
	{ -ENOENT, 0, 0, 1, 1, QUEUES, "told to fail" },
	{ 0, -EBUSY, 0, 1, 1, QUEUES, "told to fail" },
	{ 0, 0, QUEUES + 1, 1, 1, QUEUES, "--queues 5: the device has only 4" },
	{ 0, 0, 0, 17, 1, QUEUES, "--depth 17: a queue of the device holds only 16" },
	{ 0, 0, 0, 1, (1 << 20) + 1, QUEUES, "--size 1048577: the device transfers at most" },
	{ 0, 0, 0, 1, 1 << 20, QUEUES, "needs a buffer of" },
	{ 0, 0, 0, 1, 1, 0, "0 queues" },
};

START_TEST(machine_cannot_run_it)
{
	fake_plan.open_error = unfit[_i].open_error;
	fake_plan.queue_up_error = unfit[_i].queue_up_error;
	fake_plan.fault_queue = 0;
	fake_plan.queues = unfit[_i].device_queues;
	parameters.queues = unfit[_i].queues;
	parameters.depth = unfit[_i].depth;
	parameters.size = unfit[_i].size;
	ck_assert_int_lt(run(&fake_backend, &parameters, NULL, stop_fd, &result, &problem), 0);
	ck_assert_msg(strstr(problem.text, unfit[_i].words), "%s", problem.text);
}
END_TEST

START_TEST(fewer_queues_than_the_device_has)
{
	parameters.queues = 2;
	run_all(NULL);
	ck_assert_int_eq(verdict, VERDICT_HELD);
	ck_assert_uint_eq(result.queue_count, 2);
	result_destroy(&result);
}
END_TEST

/*
 * The bring-up of a queue here does not return before the others have completed
 * work. A run that did not go on meanwhile would never end.
 */
START_TEST(others_go_on_during_a_bring_up)
{
	uint64_t completions = 0;

	fake_plan.busy_bring_up = 10 * DEPTH;
	run_all(NULL);
	ck_assert_int_eq(verdict, VERDICT_HELD);
	for (unsigned int i = 1; i < result.timeline.count; i++) {
		ck_assert_uint_ge(result.timeline.entries[i].completions,
				  (uint64_t)i * fake_plan.busy_bring_up);
		completions += result.timeline.entries[i].completions;
	}
	ck_assert_uint_eq(result.timeline.entries[0].stranded, 0);
	ck_assert_uint_le(completions, totals.counts.submitted);
	result_destroy(&result);
}
END_TEST

/* Lost during the bring-up of the next queue: attributed to that one. */
START_TEST(loss_is_attributed)
{
	fake_plan.busy_bring_up = 10 * DEPTH;
	fake_plan.fault = FAKE_LOSE_INTERRUPT;
	fake_plan.fault_queue = 0;
	fake_plan.fault_at = 9 * DEPTH;
	run_all(NULL);
	ck_assert_uint_eq(totals.counts.stranded, 1);
	ck_assert_uint_eq(result.timeline.entries[1].stranded, 1);
	ck_assert_uint_eq(result.stranded_steady, 0);
	ck_assert_int_eq(verdict, VERDICT_BROKEN);
	result_destroy(&result);
}
END_TEST

/* Each queue has a few spare slots; even with all gone the run ends, and honestly. */
START_TEST(everything_goes_missing_on_one_queue)
{
	fake_plan.entries = 1;
	fake_plan.fault = FAKE_LOSE_COMPLETION;
	fake_plan.fault_at = 0;
	parameters.depth = 1;
	run_all(NULL);
	ck_assert_uint_eq(totals.counts.missing, 1);
	ck_assert_uint_eq(result.queues[1].counts.submitted, 1);
	ck_assert_int_eq(verdict, VERDICT_BROKEN);
	result_destroy(&result);
}
END_TEST

struct watch {
	unsigned int brought_up;
	unsigned int statuses;
	unsigned int stops;
	unsigned int stop_at;
	bool saw_closing;
	enum run_phase last_phase;
};

static void watch_brought_up(void *context, unsigned int number, const struct bring_up *bring_up)
{
	struct watch *watch = context;

	ck_assert_uint_eq(number, watch->brought_up);
	ck_assert_uint_eq(bring_up->queue, number);
	if (++watch->brought_up == watch->stop_at)
		eventfd_write(stop_fd, 1);
}

/* The queues are those that have been up, and add up to the sums. */
static void check_queues(const struct run_status *status)
{
	uint64_t interrupted = 0, lost = 0, in_flight = 0;

	ck_assert_uint_le(status->queues_up, status->queue_count);
	ck_assert_uint_le(status->queue_count, status->bring_ups);
	for (unsigned int i = 0; i < status->queue_count; i++) {
		const struct run_queue_status *queue = &status->each[i];

		ck_assert_uint_eq(queue->queue, i);
		ck_assert_int_eq(queue->last_interrupt_ns == UINT64_MAX, queue->interrupted == 0);
		if (queue->interrupted)
			ck_assert_uint_le(queue->last_interrupt_ns, status->elapsed_ns);
		interrupted += queue->interrupted;
		lost += queue->stranded + queue->missing;
		in_flight += queue->in_flight;
	}
	ck_assert_uint_eq(interrupted, status->counts.interrupted);
	ck_assert_uint_eq(lost, status->counts.stranded + status->counts.missing);
	ck_assert_uint_eq(in_flight, status->in_flight);
}

static void watch_status(void *context, const struct run_status *status)
{
	struct watch *watch = context;

	check_queues(status);
	watch->statuses++;
	ck_assert_uint_ge(status->phase, watch->last_phase);
	watch->last_phase = status->phase;
	watch->saw_closing |= status->phase == RUN_CLOSING;
	ck_assert_uint_eq(status->queues, QUEUES);
}

static void watch_stopping(void *context)
{
	((struct watch *)context)->stops++;
}

START_TEST(observer_is_told)
{
	struct watch watch = { 0 };
	const struct run_observer observer = { .context = &watch,
					       .brought_up = watch_brought_up,
					       .status = watch_status,
					       .stopping = watch_stopping };

	run_all(&observer);
	ck_assert_uint_eq(watch.brought_up, QUEUES);
	ck_assert_uint_ge(watch.statuses, 1);
	ck_assert(watch.saw_closing);
	ck_assert_uint_eq(watch.stops, 0);
	result_destroy(&result);
}
END_TEST

/* Stopped long before its end, as it would last for ever. */
START_TEST(stopped_by_the_user)
{
	struct watch watch = { .stop_at = 2 };
	const struct run_observer observer = { .context = &watch,
					       .brought_up = watch_brought_up,
					       .status = watch_status,
					       .stopping = watch_stopping };

	parameters.duration_ns = UINT64_MAX;
	parameters.interval_ns = 0;
	fake_plan.fault = _i ? FAKE_LOSE_INTERRUPT : FAKE_RIGHT;
	run_all(&observer);
	ck_assert_uint_eq(watch.stops, 1);
	ck_assert_uint_eq(result.end, RUN_STOPPED);
	ck_assert_uint_ge(result.queue_count, 2);
	ck_assert_int_eq(verdict, _i ? VERDICT_BROKEN : VERDICT_INCOMPLETE);
	ck_assert_msg(strstr(reason.text, _i ? "1 stranded" : "stopped after"), "%s", reason.text);
	result_destroy(&result);
}
END_TEST

START_TEST(stopped_before_it_began)
{
	eventfd_write(stop_fd, 1);
	parameters.duration_ns = UINT64_MAX;
	parameters.interval_ns = UINT64_MAX;
	run_all(NULL);
	ck_assert_uint_eq(result.end, RUN_STOPPED);
	ck_assert_int_eq(verdict, VERDICT_INCOMPLETE);
	ck_assert_uint_le(result.queue_count, 1);
	result_destroy(&result);
}
END_TEST

/* Queues go down and come up, the books of each time are added up. */
START_TEST(churn)
{
	uint64_t completions = 0;

	parameters.cycles = 40;
	run_all(NULL);
	ck_assert_int_eq(verdict, VERDICT_HELD);
	ck_assert_uint_eq(result.cycles_done, 40);
	/* Not more go down than came up; the others came up again. */
	ck_assert_uint_ge(result_bring_ups(&result), QUEUES + (40 - QUEUES) / 2);
	ck_assert_uint_lt(result_bring_ups(&result), QUEUES + 40);
	for (unsigned int i = 0; i < QUEUES; i++)
		completions += result.queues[i].stats.interrupted;
	ck_assert_uint_eq(completions, totals.counts.interrupted);
	result_destroy(&result);
}
END_TEST

/* What goes wrong in one of its times is not forgotten when a queue goes down. */
static const struct {
	enum fake_fault fault;
	enum run_end end;
} churn_faults[] = {
	{ FAKE_LOSE_INTERRUPT, RUN_COMPLETE },
	{ FAKE_LOSE_COMPLETION, RUN_COMPLETE },
	{ FAKE_CORRUPT_DATA, RUN_COMPLETE },
	{ FAKE_MISCOUNT, RUN_LEDGER_BROKEN },
	{ FAKE_REPORT_TWICE, RUN_LEDGER_BROKEN },
};

START_TEST(churn_fault)
{
	parameters.cycles = 40;
	fake_plan.fault = churn_faults[_i].fault;
	run_all(NULL);
	ck_assert_int_eq(verdict, VERDICT_BROKEN);
	ck_assert_int_eq(result.end, churn_faults[_i].end);
	result_destroy(&result);
}
END_TEST

/* A single queue is down in between: there is nobody to be busy. */
START_TEST(churn_of_one)
{
	parameters.cycles = 3;
	parameters.queues = 1;
	run_all(NULL);
	ck_assert_int_eq(verdict, VERDICT_HELD);
	ck_assert_uint_eq(result.cycles_done, 3);
	result_destroy(&result);
}
END_TEST

/* ---- Until the first loss --------------------------------------------------- */

static struct first_loss told;
static unsigned int told_times;

static void tell_lost(void *context, const struct first_loss *loss)
{
	(void)context;
	told = *loss;
	told_times++;
}

static const struct run_observer loss_observer = { .lost = tell_lost };

/* It would go on for hours otherwise. */
START_TEST(until_loss)
{
	parameters.until_loss = true;
	parameters.duration_ns = 3600 * NSEC_PER_SEC;
	/* A machine that stands still for a part of that is a silence, in which nothing is kept. */
	parameters.confirm_ns = 3600 * NSEC_PER_SEC;
	fake_plan.fault = _i ? FAKE_LOSE_COMPLETION : FAKE_LOSE_INTERRUPT;
	fake_plan.fault_at = 1000;
	told_times = 0;
	run_all(&loss_observer);
	ck_assert_int_eq(verdict, VERDICT_BROKEN);
	ck_assert_uint_eq(totals.counts.stranded + totals.counts.missing, 1);
	ck_assert_uint_eq(totals.unresolved, 0);
	ck_assert_uint_eq(told_times, 1);
	ck_assert(result.first_loss.known);
	ck_assert_uint_eq(told.event.queue, 1);
	ck_assert_int_eq(told.event.state, _i ? LEDGER_MISSING : LEDGER_STRANDED);
	/* It is among those around it, which are in the order of time. */
	ck_assert_uint_gt(told.count, FIRST_LOSS_OWN);
	for (unsigned int i = 0, lost = 0; i < told.count; i++) {
		lost += told.events[i].state == told.event.state;
		ck_assert(i == 0 ||
			  loss_event_at(&told.events[i]) >= loss_event_at(&told.events[i - 1]));
		ck_assert(i + 1 < told.count || lost == 1);
	}
	result_destroy(&result);
}
END_TEST

/* Control: without a loss it runs to its end, and without the option past a loss. */
START_TEST(until_loss_that_does_not_come)
{
	parameters.until_loss = !_i;
	fake_plan.fault = _i ? FAKE_LOSE_INTERRUPT : FAKE_RIGHT;
	told_times = 0;
	run_all(&loss_observer);
	ck_assert_uint_eq(told_times, 0);
	ck_assert(!result.first_loss.known);
	ck_assert_uint_eq(result_bring_ups(&result), QUEUES);
	result_destroy(&result);
}
END_TEST

/* ---- Rate and CPUs --------------------------------------------------------------- */

/* Never more than were due; that a slow machine has fewer is no fault. */
START_TEST(rate)
{
	uint64_t elapsed, due;

	parameters.rate = 500;
	parameters.depth = 2;
	parameters.duration_ns = 300 * NSEC_PER_MSEC;
	run_all(NULL);
	ck_assert_int_eq(verdict, VERDICT_HELD);
	elapsed = result.end_ns - result.start_ns;
	due = elapsed * parameters.rate / NSEC_PER_SEC + parameters.depth + 1;
	for (unsigned int i = 0; i < QUEUES; i++) {
		ck_assert_uint_le(result.queues[i].counts.submitted, due);
		ck_assert_uint_ge(result.queues[i].counts.submitted, 1);
	}
	result_destroy(&result);

	/* Control: at full speed there are more. */
	parameters.rate = 0;
	run_all(NULL);
	elapsed = result.end_ns - result.start_ns;
	ck_assert_uint_gt(result.queues[0].counts.submitted,
			  elapsed * 500 / NSEC_PER_SEC + parameters.depth + 1);
	result_destroy(&result);
}
END_TEST

static cpu_set_t seen_cpus;

static void see_cpus(void *context, unsigned int number, const struct bring_up *bring_up)
{
	(void)context;
	(void)number;
	(void)bring_up;
	ck_assert_int_eq(sched_getaffinity(0, sizeof(seen_cpus), &seen_cpus), 0);
}

START_TEST(bound_to_a_cpu)
{
	static const struct run_observer observer = { .brought_up = see_cpus };
	cpu_set_t before, after;
	char list[16];
	int cpu = 0;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(before), &before), 0);
	while (!CPU_ISSET(cpu, &before))
		cpu++;
	snprintf(list, sizeof(list), "%d", cpu);
	parameters.cpus = list;
	run_all(&observer);
	ck_assert_int_eq(verdict, VERDICT_HELD);
	ck_assert_int_eq(CPU_COUNT(&seen_cpus), 1);
	ck_assert(CPU_ISSET(cpu, &seen_cpus));
	ck_assert_int_eq(sched_getaffinity(0, sizeof(after), &after), 0);
	ck_assert(CPU_EQUAL(&before, &after));
	result_destroy(&result);

	parameters.cpus = "0-1023";
	ck_assert_int_eq(run(&fake_backend, &parameters, NULL, stop_fd, &result, &problem),
			 -ENXIO);
	ck_assert_ptr_nonnull(strstr(problem.text, "not all of '0-1023' are CPUs"));
	ck_assert_int_eq(sched_getaffinity(0, sizeof(after), &after), 0);
	ck_assert(CPU_EQUAL(&before, &after));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("run");
	TCase *tcase = tcase_create("run");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, right_device);
	tcase_add_test(tcase, all_operations);
	tcase_add_loop_test(tcase, fault, 0, sizeof(faults) / sizeof(faults[0]));
	tcase_add_loop_test(tcase, lie, 0, sizeof(lies) / sizeof(lies[0]));
	tcase_add_loop_test(tcase, device_fails, 0, 2);
	tcase_add_test(tcase, later_queue_does_not_come_up);
	tcase_add_test(tcase, loss_outweighs_a_later_failure);
	tcase_add_loop_test(tcase, machine_cannot_run_it, 0, sizeof(unfit) / sizeof(unfit[0]));
	tcase_add_test(tcase, fewer_queues_than_the_device_has);
	tcase_add_test(tcase, others_go_on_during_a_bring_up);
	tcase_add_test(tcase, loss_is_attributed);
	tcase_add_test(tcase, everything_goes_missing_on_one_queue);
	tcase_add_test(tcase, observer_is_told);
	tcase_add_loop_test(tcase, stopped_by_the_user, 0, 2);
	tcase_add_test(tcase, stopped_before_it_began);
	tcase_add_test(tcase, churn);
	tcase_add_loop_test(tcase, churn_fault, 0,
			    sizeof(churn_faults) / sizeof(churn_faults[0]));
	tcase_add_test(tcase, churn_of_one);
	tcase_add_loop_test(tcase, until_loss, 0, 2);
	tcase_add_loop_test(tcase, until_loss_that_does_not_come, 0, 2);
	tcase_add_test(tcase, rate);
	tcase_add_test(tcase, bound_to_a_cpu);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
