// SPDX-License-Identifier: GPL-2.0-only
/*
 * driver_test: the sample driver from user space, in a guest with a device.
 *
 *   driver_test [--module FILE]         all tests; TAP
 *   driver_test --traffic SECONDS [--confirm MS] [--queues N]
 *                                       work with one descriptor in flight per
 *                                       queue; says how each was noticed
 *
 * Needs root, /proc and /sys, and a kernel booted with iomem=relaxed for the two
 * tests that touch registers behind the driver's back. Exit status 0: all passed,
 * 1: not so, 77: some were skipped.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "calls.h"
#include "tests.h"

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "info", test_info },
	{ "argsz", test_argsz },
	{ "queue-up arguments", test_queue_up_arguments },
	{ "configure", test_configure },
	{ "queue up and down", test_queue_up_down },
	{ "submit arguments", test_submit_arguments },
	{ "opcodes", test_opcodes },
	{ "full", test_full },
	{ "read", test_read },
	{ "mmap", test_mmap },
	{ "hold", test_hold },
	{ "all queues", test_all_queues },
	{ "threads", test_threads },
	{ "close in flight", test_close_in_flight },
	{ "process death", test_process_death },
	{ "fork and exec", test_fork },
	{ "unbind while open", test_unbind },
	{ "halt", test_halt },
	{ "module", test_module },
	{ "late is not lost", test_late },
	{ "lost is found", test_lost },
	{ "missing is found", test_missing },
	{ "affinity changes", test_affinity },
};

#define TESTS (sizeof(tests) / sizeof(tests[0]))

static int run_tests(void)
{
	bool any_failed = false, any_skipped = false;
	uint64_t begin;
	size_t i;

	find_device();
	printf("1..%zu\n", TESTS);
	for (i = 0; i < TESTS; i++) {
		failures = 0;
		skipped = NULL;
		begin = now_ns();
		tests[i].run();
		printf("%s %zu - %s%s%s # %llu ms\n", failures ? "not ok" : "ok", i + 1,
		       tests[i].name, skipped ? " # SKIP " : "", skipped ? skipped : "",
		       (unsigned long long)(now_ns() - begin) / 1000000);
		any_failed |= failures != 0;
		any_skipped |= skipped != NULL;
	}
	return any_failed ? 1 : any_skipped ? 77 : 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "module", required_argument, NULL, 'm' },
		{ "traffic", required_argument, NULL, 't' },
		{ "confirm", required_argument, NULL, 'c' },
		{ "queues", required_argument, NULL, 'q' },
		{ "queues-up", no_argument, NULL, 'u' },
		{},
	};
	int option, traffic = 0, confirm_ms = 5000, queues = 4;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'm':
			module_file = optarg;
			break;
		case 't':
			traffic = atoi(optarg);
			break;
		case 'c':
			confirm_ms = atoi(optarg);
			break;
		case 'q':
			queues = atoi(optarg);
			break;
		case 'u':
			/* After exec(): no queue may be up. */
			return queues_up(device_open()) != 0;
		default:
			return 2;
		}
	}
	if (traffic)
		return traffic_main(traffic, confirm_ms, queues);
	return run_tests();
}
