/* SPDX-License-Identifier: GPL-2.0-only */
/* What dmatest, the kernel's client of DMA channels, says in the kernel's log. */
#ifndef WQ_DEMO_BACKEND_IDXD_LOG_H
#define WQ_DEMO_BACKEND_IDXD_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "problem.h"

/**
 * enum dmatest_kind - what one message says
 * @DMATEST_OTHER: nothing that counts, or not dmatest's
 * @DMATEST_TIMED_OUT: nobody told dmatest of the completion within its timeout. It does not
 *	know whether the interrupt or the completion is lost
 * @DMATEST_WRONG: completed with a bad status, or the data is wrong
 * @DMATEST_NOT_SUBMITTED: it could not hand a descriptor to the driver
 * @DMATEST_SUMMARY: one of its threads has ended
 */
enum dmatest_kind {
	DMATEST_OTHER,
	DMATEST_TIMED_OUT,
	DMATEST_WRONG,
	DMATEST_NOT_SUBMITTED,
	DMATEST_SUMMARY,
};

/**
 * struct dmatest_message - one message
 * @kind: what it says
 * @time_ns: when, on the log's own clock, or, from kernel_log_read(), CLOCK_MONOTONIC
 * @channel: the DMA channel, as dma0chan3
 * @test: number of the thread's test, from 1; of a result
 * @tests: of the thread, on a summary
 * @failures: of these
 * @text: the message, without the names at its begin
 */
struct dmatest_message {
	enum dmatest_kind kind;
	uint64_t time_ns;
	char channel[24];
	uint64_t test;
	uint64_t tests;
	uint64_t failures;
	char text[160];
};

/**
 * dmatest_parse() - read one record of /dev/kmsg
 * @record: "6,339,5140900,-;dmatest: dma0chan0-copy0: result #5: ...", ended by a zero
 *
 * Returns 0, also for what others have said; -EBADMSG if it is no such record.
 */
int dmatest_parse(const char *record, struct dmatest_message *message);

/**
 * struct kernel_log - /dev/kmsg from now on
 * @fd: for poll(2): POLLIN something to read
 * @ahead_ns: CLOCK_MONOTONIC less the log's clock
 * @overwritten: how often the log was faster than its reader, who has missed something
 */
struct kernel_log {
	int fd;
	int64_t ahead_ns;
	uint64_t overwritten;
};

/**
 * kernel_log_open() - read what comes from now on
 * @path: /dev/kmsg
 * @mark: text to leave in the log, for people who read it; its time sets @ahead_ns
 *
 * Returns 0 or a negative errno. Undone by kernel_log_close().
 */
int kernel_log_open(struct kernel_log *log, const char *path, const char *mark,
		    struct problem *problem);
void kernel_log_close(struct kernel_log *log);

/**
 * kernel_log_read() - the next message of dmatest that counts
 *
 * Returns 1; 0 there is none at the moment; a negative errno.
 */
int kernel_log_read(struct kernel_log *log, struct dmatest_message *message);

#endif /* WQ_DEMO_BACKEND_IDXD_LOG_H */
