// SPDX-License-Identifier: GPL-2.0-only
/* Late interrupts, lost interrupts, and traffic while things happen. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <dsa/registers.h>

#include "calls.h"
#include "tests.h"

/* ---- Late and lost ------------------------------------------------------------ */

static unsigned int msix_capability(void)
{
	unsigned int offset = config_word(0x34, 0, 0) & 0xfc;

	while (offset) {
		int word = config_word(offset, 0, 0);

		if ((word & 0xff) == 0x11)
			return offset;
		offset = word >> 8;
	}
	die("MSI-X capability");
	return 0;
}

/*
 * All vectors masked for much longer than the confirmation time: nothing shows
 * that the machine is alive, so nothing may be called lost.
 */
void test_late(void)
{
	unsigned int control = msix_capability() + 2;
	struct dsa_sample_queue_up args = up_args(0);
	struct dsa_sample_event event;
	int device = device_open();
	struct dsa_sample_work work;
	struct queue q;
	int i;

	args.confirm_ms = 100;
	args.timeout_ms = 200;
	if (!check(queue_open_with(device, &q, args)))
		return;
	for (i = 0; i < 3; i++) {
		work = noop(i);
		config_word(control, 1 << 14, 0);
		check(submit(q.fd, &work, 1, 0) == 1);
		poll(NULL, 0, 1500);
		/* Visible, but not accounted for. */
		check(stats_get(q.fd).awaiting == 1);
		check(poll_now(q.fd) == POLLOUT);
		check_fails(submit(q.fd, &work, 1, DSA_SAMPLE_SUBMIT_HOLD), EAGAIN);
		check(poll_now(q.fd) == 0);
		config_word(control, 0, 1 << 14);
		check(event_get(q.fd, &event) && event.how == DSA_SAMPLE_HOW_INTERRUPT);
		check(event.notice_ns - event.visible_ns > 1000000000);
		check(poll_now(q.fd) == POLLOUT);
	}
	check(stats_get(q.fd).stranded == 0 && stats_get(q.fd).missing == 0);
	check(stats_get(q.fd).probes > 0);
	queue_close(&q);
	close(device);
}

/*
 * The negative control: one vector masked behind the driver's back while the
 * others work. This must be found.
 */
void test_lost(void)
{
	unsigned int capability = msix_capability();
	struct dsa_sample_queue_up args = up_args(2);
	struct dsa_sample_event event;
	volatile uint32_t *table;
	int device = device_open();
	uint32_t place;
	struct queue q;
	int i;

	place = config_word(capability + 4, 0, 0) | config_word(capability + 6, 0, 0) << 16;
	table = map_bar(place & 7, place & ~7U);
	if (!table) {
		close(device);
		return;
	}
	args.confirm_ms = 300;
	args.timeout_ms = 600000;
	if (!check(queue_open_with(device, &q, args)))
		return;
	for (i = 0; i < 3; i++) {
		volatile uint32_t *mask = &table[q.up.vector * 4 + 3];
		uint64_t begin;

		event = run_one(&q, noop(i));
		check(event.how == DSA_SAMPLE_HOW_INTERRUPT);
		*mask |= 1;
		begin = now_ns();
		event = run_one(&q, noop(10 + i));
		check(event.how == DSA_SAMPLE_HOW_STRANDED && event.status == DSA_COMP_SUCCESS);
		check(event.handler_run == 0 && event.visible_ns > begin);
		check(event.notice_ns - event.visible_ns >= 300000000);
		/* It is accounted for: work may go on. */
		check(poll_now(q.fd) == POLLOUT);
		*mask &= ~1U;
	}
	/* What was pending arrives now, and finds nothing. */
	event = run_one(&q, noop(99));
	check(event.how == DSA_SAMPLE_HOW_INTERRUPT);
	check(stats_get(q.fd).stranded == 3 && stats_get(q.fd).interrupted == 4);
	munmap((void *)table, PAGE);
	queue_close(&q);
	close(device);
}

/*
 * The work queue disabled behind the driver's back: what is submitted vanishes
 * without a trace, one slot after the other.
 */
void test_missing(void)
{
	struct dsa_sample_queue_up args = up_args(1);
	struct dsa_sample_event event;
	struct dsa_sample_work work;
	volatile uint32_t *regs = map_bar(0, 0);
	int device = device_open();
	struct queue q;
	unsigned int i;

	if (!regs) {
		close(device);
		return;
	}
	args.timeout_ms = 100;
	if (!check(queue_open_with(device, &q, args)))
		return;
	run_one(&q, noop(1));
	regs[DSA_REG_CMD / 4] = FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_RESET_WQ) | 1 << 1;
	while (regs[DSA_REG_CMDSTATUS / 4] & DSA_CMDSTATUS_ACTIVE)
		;
	check(regs[DSA_REG_CMDSTATUS / 4] == 0);
	munmap((void *)regs, PAGE);
	for (i = 0; i < q.up.entries; i++) {
		check(poll_now(q.fd) == POLLOUT);
		event = run_one(&q, noop(i));
		check(event.how == DSA_SAMPLE_HOW_MISSING);
		check(event.status == 0 && event.visible_ns == 0 && event.handler_run == 0);
		check(event.notice_ns - event.submit_ns >= 100000000);
	}
	/* No slot is left, until the queue has been down. */
	work = noop(99);
	check_fails(submit(q.fd, &work, 1, 0), EAGAIN);
	check(poll_now(q.fd) == 0);
	check(stats_get(q.fd).missing == q.up.entries && stats_get(q.fd).in_flight == 0);
	queue_close(&q);
	check(queue_open(device, &q, 1));
	event = run_one(&q, noop(2));
	check(event.how == DSA_SAMPLE_HOW_INTERRUPT);
	queue_close(&q);
	close(device);
}

/* ---- Traffic -------------------------------------------------------------------- */

struct traffic {
	struct queue queues[64];
	unsigned int number;
	uint64_t end_ns;
	uint64_t how[5];
	uint64_t slowest_ns;
};

/* Depth one on every queue until the time is over. */
static void traffic_run(struct traffic *t)
{
	struct dsa_sample_event event;
	struct dsa_sample_work work;
	struct pollfd polls[64];
	bool busy[64] = {}, any;
	unsigned int i;

	do {
		any = false;
		for (i = 0; i < t->number; i++) {
			work = noop(now_ns());
			if (!busy[i] && now_ns() < t->end_ns &&
			    submit(t->queues[i].fd, &work, 1, DSA_SAMPLE_SUBMIT_HOLD) == 1)
				busy[i] = true;
			any |= busy[i];
			polls[i] = (struct pollfd){ .fd = t->queues[i].fd,
						    .events = busy[i] ? POLLIN : POLLOUT };
		}
		if (any && poll(polls, t->number, PATIENCE_MS) <= 0)
			die("traffic: nothing moves any more");
		for (i = 0; i < t->number; i++) {
			if (any && polls[i].revents & POLLERR)
				die("traffic: the device is gone or has halted");
			if (!busy[i] || !(polls[i].revents & POLLIN))
				continue;
			if (read(polls[i].fd, &event, sizeof(event)) != sizeof(event))
				die("traffic: read");
			busy[i] = false;
			t->how[event.how]++;
			if (event.notice_ns - event.submit_ns > t->slowest_ns)
				t->slowest_ns = event.notice_ns - event.submit_ns;
		}
	} while (any || now_ns() < t->end_ns);
}

static void traffic_begin(struct traffic *t, int device, unsigned int number, int seconds,
			  int confirm_ms)
{
	*t = (struct traffic){ .end_ns = now_ns() + seconds * 1000000000ULL };
	for (; t->number < number; t->number++) {
		struct dsa_sample_queue_up args = up_args(t->number);

		args.confirm_ms = confirm_ms;
		args.timeout_ms = confirm_ms;
		if (!queue_open_with(device, &t->queues[t->number], args))
			die("traffic: DSA_SAMPLE_QUEUE_UP");
	}
}

static void traffic_end(struct traffic *t)
{
	while (t->number)
		queue_close(&t->queues[--t->number]);
}

static void *affinity_changer(void *data)
{
	struct traffic *t = data;
	unsigned int round = 0, i;
	char path[64];

	while (now_ns() < t->end_ns) {
		for (i = 0; i < t->number; i++) {
			snprintf(path, sizeof(path), "/proc/irq/%d/smp_affinity_list",
				 t->queues[i].up.irq);
			write_file(path, (round + i) % 2 ? "1" : "0");
		}
		round++;
	}
	return NULL;
}

void test_affinity(void)
{
	static struct traffic t;
	pthread_t changer;
	int device;

	device = device_open();
	traffic_begin(&t, device, 4, 5, 300);
	pthread_create(&changer, NULL, affinity_changer, &t);
	traffic_run(&t);
	pthread_join(changer, NULL);
	check(t.how[DSA_SAMPLE_HOW_INTERRUPT] > 0);
	check(t.how[DSA_SAMPLE_HOW_STRANDED] == 0);
	check(t.how[DSA_SAMPLE_HOW_MISSING] == 0);
	traffic_end(&t);
	close(device);
}

int traffic_main(int seconds, int confirm_ms, unsigned int queues)
{
	static struct traffic t;

	traffic_begin(&t, device_open(), queues, seconds, confirm_ms);
	printf("traffic begins\n");
	traffic_run(&t);
	printf("traffic ended: interrupted %llu, stranded %llu, missing %llu, slowest %llu ms\n",
	       (unsigned long long)t.how[DSA_SAMPLE_HOW_INTERRUPT],
	       (unsigned long long)t.how[DSA_SAMPLE_HOW_STRANDED],
	       (unsigned long long)t.how[DSA_SAMPLE_HOW_MISSING],
	       (unsigned long long)t.slowest_ns / 1000000);
	traffic_end(&t);
	return t.how[DSA_SAMPLE_HOW_STRANDED] || t.how[DSA_SAMPLE_HOW_MISSING];
}
