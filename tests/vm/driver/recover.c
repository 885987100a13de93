// SPDX-License-Identifier: GPL-2.0-only
/*
 * Halts, resets, sleep and removal, under load: what becomes of the work, and that
 * the device is usable afterwards or clearly refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "calls.h"
#include "load.h"
#include "model.h"
#include "tests.h"

#define LOADS 3

static bool given_up(int device)
{
	uint64_t end = now_ns() + PATIENCE_MS * 1000000ULL;

	while (!(info_get(device).flags & DSA_SAMPLE_INFO_HALTED)) {
		if (now_ns() > end)
			return false;
		poll(NULL, 0, 10);
	}
	return true;
}

/* Attempts to recover count for ten seconds, or until the driver is bound again. */
static void calm_down(void)
{
	check(write_file(DRIVER "/unbind", pci_address));
	check(rebind());
}

/*
 * Load on some queues, and @trouble @times meanwhile. Each time the device must come
 * back by itself, with all queues up, and the load must go on. Returns how many items
 * were aborted.
 */
static unsigned int under_load(void (*trouble)(int round), int times)
{
	int device = device_open(), i, round;
	unsigned int aborted = 0;
	static struct load loads[LOADS];
	uint64_t resets = info_get(device).resets;
	struct queue idle;

	check(queue_open(device, &idle, LOADS));
	for (i = 0; i < LOADS; i++)
		if (!load_begin(&loads[i], device, i, 8))
			return 0;
	for (round = 0; round < times; round++) {
		trouble(round);
		if (!resets_reach(device, resets + round + 1))
			break;
		for (i = 0; i < LOADS; i++)
			if (!load_moves(&loads[i], 50))
				break;
	}
	for (i = 0; i < LOADS; i++) {
		load_end(&loads[i]);
		check(loads[i].error == 0);
		check(stats_get(loads[i].q.fd).aborted == loads[i].how[DSA_SAMPLE_HOW_ABORTED]);
		aborted += loads[i].how[DSA_SAMPLE_HOW_ABORTED];
		check(run_one(&loads[i].q, noop(1)).how == DSA_SAMPLE_HOW_INTERRUPT);
		queue_close(&loads[i].q);
	}
	/* One that had nothing to do has been brought up again as well. */
	check(run_one(&idle, noop(7)).how == DSA_SAMPLE_HOW_INTERRUPT);
	queue_close(&idle);
	check(info_get(device).resets == resets + times);
	check(queues_up(device) == 0);
	close(device);
	return aborted;
}

/* ---- Halts ------------------------------------------------------------------- */

#define PCI_COMMAND 4
#define PCI_COMMAND_MASTER 4

static void bus_master_off(int round)
{
	(void)round;
	config_word(PCI_COMMAND, 0, PCI_COMMAND_MASTER);
}

/* Bus mastering goes away under the device: it halts, and cannot even say so. */
void test_halt(void)
{
	kernel_mark();
	check(under_load(bus_master_off, 1) > 0);
	check(kernel_said("halted; needs a Reset Device command"));
	check(kernel_said("works again, with 4 queues up"));
	calm_down();
}

static void halt(int round)
{
	(void)round;
	model_ask("{\"command\":\"halt\"}");
}

void test_halts(void)
{
	/* More often in ten seconds, and it would take more than a command. */
	check(under_load(halt, 3) > 0);
	poll(NULL, 0, 10500);
	check(under_load(halt, 3) > 0);
	calm_down();
}

static void halt_for_flr(int round)
{
	(void)round;
	model_ask("{\"command\":\"halt\",\"mode\":\"flr\"}");
}

void test_halt_flr(void)
{
	kernel_mark();
	check(under_load(halt_for_flr, 1) > 0);
	check(kernel_said("halted; needs a function level reset"));
	calm_down();
}

static void halt_unheard(int round)
{
	(void)round;
	model_fault("drop:vector=0");
	model_ask("{\"command\":\"halt\"}");
}

/* The message of vector 0 that says so is lost, and so are all that follow. */
void test_halt_unheard(void)
{
	check(under_load(halt_unheard, 1) > 0);
	model_heal();
	calm_down();
}

/* Three resets by command, one of the function, and then it is enough. */
void test_halts_given_up(void)
{
	int device = device_open(), i;
	uint64_t resets = info_get(device).resets;
	struct dsa_sample_work work = noop(1);
	struct dsa_sample_event event;
	struct queue q;

	if (!check(queue_open(device, &q, 0)))
		return;
	kernel_mark();
	for (i = 1; i <= 4; i++) {
		halt(i);
		if (!resets_reach(device, resets + i))
			return;
		run_one(&q, noop(i));
	}
	halt(i);
	check(given_up(device));
	check(kernel_said("given up"));
	check(info_get(device).resets == resets + 4);
	check(poll_now(q.fd) == POLLERR);
	check_fails(submit(q.fd, &work, 1, 0), EIO);
	check_fails(read(q.fd, &event, sizeof(event)), EIO);
	up_fails(device, up_args(1), EIO);
	/* By hand it comes back, and so does the queue. */
	check(reset_by_hand(pci_address));
	check(resets_reach(device, resets + 5));
	run_one(&q, noop(5));
	queue_close(&q);
	close(device);
	calm_down();
}

/* Only power off helps: refused, until somebody has done that. */
void test_halt_cold(void)
{
	int device = device_open();
	struct dsa_sample_work work = noop(1);
	struct dsa_sample_event event;
	struct queue q;

	if (!check(queue_open(device, &q, 0)))
		return;
	model_fault("stuck");
	check(submit(q.fd, &work, 1, 0) == 1);
	kernel_mark();
	model_ask("{\"command\":\"halt\",\"mode\":\"cold\"}");
	check(kernel_said("halted; needs a cold reset"));
	check(kernel_said("given up"));
	check(given_up(device));
	check(event_get(q.fd, &event) && event.how == DSA_SAMPLE_HOW_ABORTED);
	check(event.status == 0 && event.tag == 1 && event.visible_ns == 0);
	check_fails(submit(q.fd, &work, 1, 0), EIO);
	up_fails(device, up_args(1), EIO);
	/* It can be closed and bound again, too. */
	queue_close(&q);
	check(queues_up(device) == 0);
	close(device);
	model_heal();
	model_ask("{\"command\":\"reset\"}");
	check(write_file(DRIVER "/unbind", pci_address));
	check(rebind());
	device = device_open();
	check(queue_open(device, &q, 0));
	run_one(&q, noop(2));
	queue_close(&q);
	close(device);
}

/* ---- Resets from outside, and sleep --------------------------------------------- */

static void reset_from_outside(int round)
{
	(void)round;
	check(reset_by_hand(pci_address));
}

void test_reset(void)
{
	under_load(reset_from_outside, 5);
}

/* What a device has that does not come to an end is aborted. */
void test_reset_stuck(void)
{
	int device = device_open();
	uint64_t resets = info_get(device).resets;
	struct dsa_sample_work work = noop(9);
	struct dsa_sample_event event;
	struct queue q;

	if (!check(queue_open(device, &q, 0)))
		return;
	model_fault("stuck:queue=0,nth=1");
	check(submit(q.fd, &work, 1, 0) == 1);
	kernel_mark();
	check(reset_by_hand(pci_address));
	check(kernel_said("Disable Device (operand 0x0): no end within 5 s"));
	check(event_get(q.fd, &event) && event.how == DSA_SAMPLE_HOW_ABORTED);
	check(event.tag == 9 && event.status == 0);
	check(resets_reach(device, resets + 1));
	run_one(&q, noop(1));
	queue_close(&q);
	close(device);
	model_heal();
}

static void reset_by_stranger(int round)
{
	(void)round;
	model_ask("{\"command\":\"reset\"}");
}

/* Nobody tells the driver, and neither can the device. */
void test_reset_unheard(void)
{
	kernel_mark();
	check(under_load(reset_by_stranger, 2) > 0);
	check(kernel_said("without our doing"));
	calm_down();
}

static void sleep_and_wake(int round)
{
	(void)round;
	check(write_file("/sys/power/pm_test", "devices"));
	check(write_file("/sys/power/state", "freeze"));
	check(write_file("/sys/power/pm_test", "none"));
}

void test_suspend(void)
{
	if (access("/sys/power/pm_test", W_OK)) {
		skipped = "this kernel cannot test suspend";
		return;
	}
	/*
	 * The kernel waits between the two by counting loops, for five seconds by its
	 * reckoning: minutes where an emulator has made it miscount.
	 */
	check(write_file("/sys/module/suspend/parameters/pm_test_delay", "0"));
	/* What goes wrong is to be seen. */
	write_file("/sys/module/printk/parameters/console_suspend", "N");
	under_load(sleep_and_wake, 2);
}

/* A queue that cannot be drained takes the device down and up; the others go on. */
void test_stuck(void)
{
	int device = device_open();
	uint64_t resets = info_get(device).resets;
	struct dsa_sample_work work = noop(1);
	static struct load other;
	struct queue q;

	if (!check(queue_open(device, &q, 4)) || !load_begin(&other, device, 5, 4))
		return;
	model_fault("stuck:queue=4,nth=1");
	check(submit(q.fd, &work, 1, 0) == 1);
	kernel_mark();
	queue_close(&q);
	check(kernel_said("Drain WQ (operand 0x10): no end within 5 s"));
	check(resets_reach(device, resets + 1));
	check(load_moves(&other, 50));
	load_end(&other);
	queue_close(&other.q);
	check(queues_up(device) == 0);
	check(queue_open(device, &q, 4));
	run_one(&q, noop(2));
	queue_close(&q);
	close(device);
	model_heal();
	calm_down();
}

/* ---- Removal ----------------------------------------------------------------------- */

/* All ones from one moment to the next. */
void test_surprise(void)
{
	struct dsa_sample_info info = { .argsz = sizeof(info) };
	struct dsa_sample_work work = noop(1);
	int device = device_open();
	static struct load load;
	struct queue idle;

	if (!check(queue_open(device, &idle, 1)) || !load_begin(&load, device, 0, 8))
		return;
	kernel_mark();
	model_ask("{\"command\":\"vanish\"}");
	check(kernel_said("the device has been removed"));
	load_fails(&load, ENODEV);
	load_end(&load);
	check_fails(submit(idle.fd, &work, 1, 0), ENODEV);
	check(poll_now(idle.fd) == POLLERR);
	check_fails(ioctl(device, DSA_SAMPLE_INFO, &info), ENODEV);
	up_fails(device, up_args(7), ENODEV);
	check(write_file(DRIVER "/unbind", pci_address));
	/* Without a device there is nothing to bind to. */
	check(!rebind());
	model_ask("{\"command\":\"reset\"}");
	check(rebind());
	queue_close(&load.q);
	queue_close(&idle);
	close(device);
	device = device_open();
	check(queue_open(device, &idle, 1));
	run_one(&idle, noop(3));
	queue_close(&idle);
	close(device);
}
