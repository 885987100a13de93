// SPDX-License-Identifier: GPL-2.0-only
/*
 * driver_test: the sample driver from user space, in a guest with a device.
 *
 *   driver_test [--module FILE] [--match REGEX] [--model] [--patience SECONDS]
 *                                       all tests, or those whose names match;
 *                                       TAP. Those that have the device do wrong are
 *                                       there if the guest has the control socket of
 *                                       dsa-model, as the virtio port "control"; with
 *                                       --model only those. Those with threads on all
 *                                       processors are there if there are two. What
 *                                       does not happen within so many seconds has
 *                                       failed (60)
 *   driver_test --traffic SECONDS [--confirm MS] [--queues N]
 *                                       work with one descriptor in flight per
 *                                       queue; says how each was noticed
 *
 * Needs root, /proc and /sys, and a kernel booted with iomem=relaxed for the two
 * tests that touch registers behind the driver's back. Exit status 0: all passed,
 * 1: not so, 77: some were skipped.
 */
#include <getopt.h>
#include <regex.h>
#include <stdio.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "calls.h"
#include "model.h"
#include "tests.h"

/* What a test needs, to be among those that are run. */
enum needs {
	NOTHING,
	TWO, /* devices */
	PASID, /* and ENQCMDS, by tests/vm/movdir64b: shared queues */
	MODEL, /* its control socket */
	SLEEP, /* a root file system in memory, that no device sleeps under */
	PROCESSORS, /* two of them */
};

static const struct {
	const char *name;
	void (*run)(void);
	enum needs needs;
} tests[] = {
	{ "info", test_info, NOTHING },
	{ "argsz", test_argsz, NOTHING },
	{ "queue-up arguments", test_queue_up_arguments, NOTHING },
	{ "configure", test_configure, NOTHING },
	{ "queue up and down", test_queue_up_down, NOTHING },
	{ "submit arguments", test_submit_arguments, NOTHING },
	{ "opcodes", test_opcodes, NOTHING },
	{ "batch", test_batch, NOTHING },
	{ "batch arguments", test_batch_arguments, NOTHING },
	{ "full", test_full, NOTHING },
	{ "read", test_read, NOTHING },
	{ "mmap", test_mmap, NOTHING },
	{ "hold", test_hold, NOTHING },
	{ "all queues", test_all_queues, NOTHING },
	{ "threads", test_threads, NOTHING },
	{ "close in flight", test_close_in_flight, NOTHING },
	{ "process death", test_process_death, NOTHING },
	{ "fork and exec", test_fork, NOTHING },
	{ "unbind while open", test_unbind, NOTHING },
	{ "module", test_module, NOTHING },
	{ "counters", test_counters, NOTHING },
	{ "trace points", test_trace_points, NOTHING },
	{ "affinity hints", test_hints, NOTHING },
	{ "limits of an opener", test_limits, NOTHING },
	{ "a shared queue is refused", test_shared_refused, NOTHING },
	{ "a shared queue", test_shared, PASID },
	{ "a shared queue is full", test_shared_retry, PASID },
	{ "a shared queue at a reset", test_shared_reset, PASID },
	{ "late is not lost", test_late, NOTHING },
	{ "lost is found", test_lost, NOTHING },
	{ "missing is found", test_missing, NOTHING },
	{ "affinity changes", test_affinity, PROCESSORS },
	{ "halt by the bus", test_halt, NOTHING },
	{ "reset from outside", test_reset, NOTHING },
	{ "suspend and resume", test_suspend, SLEEP },
	{ "bring-up against reset", test_up_against_reset, PROCESSORS },
	{ "close against submit", test_close_against_submit, PROCESSORS },
	{ "unload against everything", test_unload_against_all, PROCESSORS },
	{ "unbind against everything", test_unbind_against_all, PROCESSORS },
	{ "interrupt handles revoked", test_handles, MODEL },
	{ "page fault", test_page_fault, MODEL },
	{ "software errors", test_software_errors, MODEL },
	{ "vector 0 loses messages", test_vector0_lost, MODEL },
	{ "a message is lost, or late", test_message_lost, MODEL },
	{ "halt under load", test_halts, MODEL },
	{ "halt that needs an FLR", test_halt_flr, MODEL },
	{ "halt nobody hears of", test_halt_unheard, MODEL },
	{ "halts until given up", test_halts_given_up, MODEL },
	{ "halt for good", test_halt_cold, MODEL },
	{ "reset with stuck work", test_reset_stuck, MODEL },
	{ "reset nobody hears of", test_reset_unheard, MODEL },
	{ "stuck at close", test_stuck, MODEL },
	{ "everything at once", test_races, MODEL },
	{ "a handler before its queue", test_handler_first, MODEL },
	{ "an error from before a reset", test_old_error, MODEL },
	{ "one run takes all", test_takes_all, MODEL },
	{ "lost while nobody looks", test_nobody_looks, MODEL },
	{ "an interrupt finds its record", test_record_there, NOTHING },
	{ "a sleeper is woken", test_sleeper, NOTHING },
	{ "an error on the heels of another", test_error_again, MODEL },
	{ "an error nobody hears of", test_error_unheard, MODEL },
	{ "refused work goes again", test_refused, MODEL },
	{ "a message under way at a reset", test_under_way, MODEL },
	{ "nothing after take-down", test_nothing_after, MODEL },
	{ "handler against watchdog", test_watchdog_against_handler, MODEL },
	{ "one of two is reset", test_two_reset, TWO },
	{ "one of two is unbound", test_two_unbind, TWO },
	{ "surprise removal", test_surprise, MODEL },
};

#define TESTS (sizeof(tests) / sizeof(tests[0]))

static bool is_meant(size_t i, const regex_t *match, bool model_only)
{
	struct statfs root;

	if (regexec(match, tests[i].name, 0, NULL, 0) || (model_only && tests[i].needs != MODEL))
		return false;
	switch (tests[i].needs) {
	case TWO:
		return !access("/dev/dsa-sample1", F_OK);
	case PASID:
		return !access("/sys/module/movdir64b/parameters/retry", F_OK);
	case MODEL:
		return model_reachable();
	case SLEEP:
		return !statfs("/", &root) &&
		       (root.f_type == RAMFS_MAGIC || root.f_type == TMPFS_MAGIC);
	case PROCESSORS:
		return sysconf(_SC_NPROCESSORS_ONLN) > 1;
	default:
		return true;
	}
}

static int run_tests(const regex_t *match, bool model_only)
{
	bool any_failed = false, any_skipped = false;
	size_t i, planned = 0, number = 0;
	uint64_t begin;

	find_device();
	for (i = 0; i < TESTS; i++)
		planned += is_meant(i, match, model_only);
	printf("1..%zu\n", planned);
	for (i = 0; i < TESTS; i++) {
		if (!is_meant(i, match, model_only))
			continue;
		failures = 0;
		skipped = NULL;
		begin = now_ns();
		tests[i].run();
		printf("%s %zu - %s%s%s # %llu ms\n", failures ? "not ok" : "ok", ++number,
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
		{ "match", required_argument, NULL, 'n' },
		{ "model", no_argument, NULL, 'M' },
		{ "patience", required_argument, NULL, 'p' },
		{ "traffic", required_argument, NULL, 't' },
		{ "confirm", required_argument, NULL, 'c' },
		{ "queues", required_argument, NULL, 'q' },
		{ "queues-up", no_argument, NULL, 'u' },
		{},
	};
	const char *pattern = "";
	bool model_only = false;
	regex_t match;
	int option, traffic = 0, confirm_ms = 5000, queues = 4;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'm':
			module_file = optarg;
			break;
		case 'M':
			model_only = true;
			break;
		case 'p':
			patience_ms = atoi(optarg) * 1000;
			if (patience_ms <= 0)
				return 2;
			break;
		case 'n':
			pattern = optarg;
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
	if (regcomp(&match, pattern, REG_EXTENDED | REG_NOSUB))
		return 2;
	return run_tests(&match, model_only);
}
