// SPDX-License-Identifier: GPL-2.0-only
/*
 * One test for each rule of guest-driver/README.md that no other test here would miss:
 * the situation in which an interrupt is lost without that line, made on purpose.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <dsa/registers.h>

#include "calls.h"
#include "model.h"
#include "tests.h"

/* A queue on which what is lost is found soon. */
static bool queue_open_quick(int device, struct queue *q, unsigned int number)
{
	struct dsa_sample_queue_up args = up_args(number);

	args.confirm_ms = 300;
	args.timeout_ms = 600;
	return check(queue_open_with(device, q, args));
}

/* A descriptor with an operation that there is not: a software error, as it has no record. */
static void bad_work(volatile uint32_t *portal, unsigned int opcode)
{
	struct dsa_hw_desc desc = { .opcode = opcode };

	portal_write(portal, &desc);
}

/* ---- Bring-up ---------------------------------------------------------------- */

struct bring_up {
	int device;
	struct queue q;
	atomic_bool over;
	bool up;
};

static void *bring_up(void *data)
{
	struct bring_up *b = data;

	b->up = queue_open(b->device, &b->q, 0);
	b->over = true;
	return NULL;
}

/* Whether queue 0 has a handler, by name. */
static bool handler_there(void)
{
	FILE *file = fopen("/proc/interrupts", "re");
	char line[1024];
	bool found = false;

	if (!file)
		die("/proc/interrupts");
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, "dsa-sample0-q0\n");
	fclose(file);
	return found;
}

/* Somebody's drain that does not end holds up the Enable WQ command: look then. */
void test_handler_first(void)
{
	struct bring_up b = { .device = device_open() };
	struct dsa_sample_work work = noop(1);
	volatile uint32_t *regs = map_bar(0, 0);
	struct dsa_sample_event event;
	struct queue other;
	pthread_t thread;
	bool there;

	if (!regs || !queue_open_quick(b.device, &other, 1))
		return;
	model_fault("stuck:queue=1,nth=1");
	check(submit(other.fd, &work, 1, 0) == 1);
	regs[DSA_REG_CMD / 4] = FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_DRAIN_WQ) | 1 << 1;
	check(regs[DSA_REG_CMDSTATUS / 4] & DSA_CMDSTATUS_ACTIVE);
	munmap((void *)regs, PAGE);
	if (pthread_create(&thread, NULL, bring_up, &b))
		die("pthread_create");
	while (!(there = handler_there()) && !b.over)
		poll(NULL, 0, 5);
	/* It may have come up since it was looked for: then not by this drain. */
	check(there && !b.over);
	model_heal();
	pthread_join(thread, NULL);
	check(event_get(other.fd, &event));
	if (check(b.up))
		queue_close(&b.q);
	queue_close(&other);
	close(b.device);
}

/* A software error from before the reset that is still recorded hides no new one. */
void test_old_error(void)
{
	volatile uint32_t *portal = map_bar(2, DSA_PORTAL_LIMITED);
	volatile uint32_t *regs = portal ? map_bar(0, 0) : NULL;
	int device = device_open();
	uint64_t resets = info_get(device).resets;
	struct queue q;

	if (!regs || !queue_open_quick(device, &q, 0))
		return;
	/* Nobody hears of the first. */
	model_fault("drop:vector=0,nth=1");
	bad_work(portal, 0x7e);
	while (!(regs[DSA_REG_SWERROR / 4] & DSA_SWERROR0_VALID))
		;
	regs[DSA_REG_INTCAUSE / 4] = DSA_INTCAUSE_SWERROR;
	model_heal();
	model_ask("{\"command\":\"halt\"}");
	while (info_get(device).resets == resets && check(!(info_get(device).flags &
							     DSA_SAMPLE_INFO_HALTED)))
		poll(NULL, 0, 10);
	kernel_mark();
	bad_work(portal, 0x7d);
	check(kernel_said("software error: unsupported operation (0x10), queue 0, operation 0x7d"));
	munmap((void *)portal, PAGE);
	munmap((void *)regs, PAGE);
	queue_close(&q);
	close(device);
	check(write_file(DRIVER "/unbind", pci_address));
	check(rebind());
}

/* ---- Completions --------------------------------------------------------------- */

/* The message of the first is lost: the run for the second takes both. */
void test_takes_all(void)
{
	struct dsa_sample_work work[2] = { noop(1), noop(2) };
	struct dsa_sample_event event[2] = {};
	int device = device_open();
	struct queue q;

	if (!queue_open_quick(device, &q, 3))
		return;
	run_one(&q, noop(0));
	model_fault("drop:vector=4,nth=1");
	check(submit(q.fd, work, 2, 0) == 2);
	check(event_get(q.fd, &event[0]) && event[0].how == DSA_SAMPLE_HOW_INTERRUPT);
	check(event_get(q.fd, &event[1]) && event[1].how == DSA_SAMPLE_HOW_INTERRUPT);
	check(event[0].handler_run == event[1].handler_run);
	model_heal();
	queue_close(&q);
	close(device);
}

/* The record comes when everybody sleeps, and its message does not. */
void test_nobody_looks(void)
{
	struct dsa_sample_queue_up args = up_args(3);
	int device = device_open();
	struct dsa_sample_event event;
	struct queue q;

	args.confirm_ms = 300;
	args.timeout_ms = 5000;
	if (!check(queue_open_with(device, &q, args)))
		return;
	run_one(&q, noop(0));
	model_fault("slow:time=500ms");
	model_fault("drop:vector=4,nth=1");
	event = run_one(&q, noop(1));
	check(event.how == DSA_SAMPLE_HOW_STRANDED && event.status == DSA_COMP_SUCCESS);
	model_heal();
	queue_close(&q);
	close(device);
}

/* Each interrupt finds the record that it was sent for, of good work and of bad. */
void test_record_there(void)
{
	struct dsa_sample_work differs = {
		.tag = 2, .opcode = DSA_OPCODE_COMPARE, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		.src = 0, .dst = PAGE, .size = 64,
	};
	int device = device_open();
	struct dsa_sample_event event;
	struct queue q;

	if (!queue_open_quick(device, &q, 0))
		return;
	event = run_one(&q, noop(1));
	check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.status == DSA_COMP_SUCCESS);
	q.buffer[PAGE + 5] = 1;
	event = run_one(&q, differs);
	check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.result == 1);
	check(stats_get(q.fd).handler_spurious == 0);
	queue_close(&q);
	close(device);
}

static void *sleeper(void *data)
{
	struct pollfd p = { .fd = ((struct queue *)data)->fd, .events = POLLIN };

	return poll(&p, 1, -1) == 1 ? data : NULL;
}

/* Who sleeps in poll() is woken, however long there was nothing. */
void test_sleeper(void)
{
	struct dsa_sample_work work = noop(1);
	struct timespec patience;
	int device = device_open();
	pthread_t thread;
	struct queue q;
	void *woken = NULL;

	if (!queue_open_quick(device, &q, 0))
		return;
	if (pthread_create(&thread, NULL, sleeper, &q))
		die("pthread_create");
	poll(NULL, 0, 200);
	check(submit(q.fd, &work, 1, 0) == 1);
	clock_gettime(CLOCK_REALTIME, &patience);
	patience.tv_sec += PATIENCE_MS / 1000;
	check(!pthread_timedjoin_np(thread, &woken, &patience) && woken);
	queue_close(&q);
	close(device);
}

/* ---- Vector 0 -------------------------------------------------------------------- */

/* The device has the next error the moment the first is cleared. */
void test_error_again(void)
{
	volatile uint32_t *portal = map_bar(2, DSA_PORTAL_LIMITED);
	int device = device_open();
	struct queue q;

	if (!portal || !queue_open_quick(device, &q, 0))
		return;
	kernel_mark();
	model_fault("error-again:nth=1");
	bad_work(portal, 0x7e);
	if (check(kernel_said("unsupported operation (0x10), queue 0, operation 0x7e")) &&
	    check(kernel_said("unsupported operation (0x10), queue 0, operation 0x7e"))) {
		/* And one of its own is heard of, too. */
		bad_work(portal, 0x7d);
		check(kernel_said("unsupported operation (0x10), queue 0, operation 0x7d"));
	}
	model_heal();
	munmap((void *)portal, PAGE);
	queue_close(&q);
	close(device);
}

/* All messages of vector 0 are lost: the next command that is not told about finds it. */
void test_error_unheard(void)
{
	volatile uint32_t *portal = map_bar(2, DSA_PORTAL_LIMITED);
	int device = device_open();
	struct queue q, other;

	if (!portal || !queue_open_quick(device, &q, 0))
		return;
	kernel_mark();
	model_fault("drop:vector=0");
	bad_work(portal, 0x7e);
	if (queue_open_quick(device, &other, 1))
		queue_close(&other);
	check(kernel_said("software error: unsupported operation (0x10), queue 0, operation 0x7e"));
	model_heal();
	munmap((void *)portal, PAGE);
	queue_close(&q);
	close(device);
}

/* Refused for a handle that is void, without a message: it goes again. */
void test_refused(void)
{
	int device = device_open();
	struct dsa_sample_event event;
	struct queue q;

	if (!handles_there() || !queue_open_quick(device, &q, 0)) {
		close(device);
		return;
	}
	/* The message that says so is lost. */
	model_fault("drop:vector=0,nth=1");
	model_ask("{\"command\":\"revoke\"}");
	event = run_one(&q, noop(1));
	model_heal();
	check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.status == DSA_COMP_SUCCESS);
	check(stats_get(q.fd).resubmitted >= 1);
	queue_close(&q);
	close(device);
}

/* ---- Take-down --------------------------------------------------------------------- */

/* A reset begins while the message of a completion is still on its way. */
void test_under_way(void)
{
	struct dsa_sample_work work = noop(1);
	int device = device_open();
	struct dsa_sample_event event;
	struct queue q;

	if (!check(queue_open(device, &q, 0)))
		return;
	model_fault("delay:vector=1,nth=1,time=500ms");
	check(submit(q.fd, &work, 1, 0) == 1);
	while (!stats_get(q.fd).awaiting && !stats_get(q.fd).interrupted)
		poll(NULL, 0, 1);
	check(reset_by_hand(pci_address));
	check(event_get(q.fd, &event) && event.how == DSA_SAMPLE_HOW_INTERRUPT);
	check(event.status == DSA_COMP_SUCCESS && event.tag == 1);
	model_heal();
	check(run_one(&q, noop(2)).how == DSA_SAMPLE_HOW_INTERRUPT);
	queue_close(&q);
	close(device);
}

/* Closed with work in flight: whoever has the queue next has an interrupt for his only. */
void test_nothing_after(void)
{
	struct dsa_sample_work work[8];
	int device = device_open(), i;
	struct dsa_sample_queue_stats stats;
	struct queue q;

	for (i = 0; i < 8; i++)
		work[i] = (struct dsa_sample_work){
			.tag = i, .opcode = DSA_OPCODE_MEMFILL, .flags = DSA_SAMPLE_WORK_INTERRUPT,
			.pattern = i, .size = 4 * PAGE,
		};
	for (i = 0; i < 10; i++) {
		if (!queue_open_quick(device, &q, 0))
			break;
		model_fault("slow:time=20ms");
		check(submit(q.fd, work, 8, 0) == 8);
		queue_close(&q);
		model_heal();
		if (!queue_open_quick(device, &q, 0))
			break;
		check(run_one(&q, noop(1)).how == DSA_SAMPLE_HOW_INTERRUPT);
		stats = stats_get(q.fd);
		check(stats.handler_runs == 1 && stats.handler_spurious == 0);
		queue_close(&q);
	}
	close(device);
}
