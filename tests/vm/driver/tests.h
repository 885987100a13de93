/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests, in the order in which they run. */
#ifndef DRIVER_TEST_TESTS_H
#define DRIVER_TEST_TESTS_H

/* The module, to load it again. */
extern const char *module_file;

void test_info(void);
void test_argsz(void);
void test_queue_up_arguments(void);
void test_configure(void);
void test_queue_up_down(void);
void test_submit_arguments(void);
void test_opcodes(void);
void test_full(void);
void test_read(void);
void test_mmap(void);
void test_hold(void);
void test_all_queues(void);
void test_threads(void);
void test_close_in_flight(void);
void test_process_death(void);
void test_fork(void);
void test_unbind(void);
void test_halt(void);
void test_module(void);
void test_late(void);
void test_lost(void);
void test_missing(void);
void test_affinity(void);

/*
 * Work with one descriptor in flight on each of @queues queues for that many
 * seconds; print how each was noticed. 0 if none was stranded or missing.
 */
int traffic_main(int seconds, int confirm_ms, unsigned int queues);

#endif /* DRIVER_TEST_TESTS_H */
