/* SPDX-License-Identifier: GPL-2.0-only */
/* The tests, in the order in which they run. */
#ifndef DRIVER_TEST_TESTS_H
#define DRIVER_TEST_TESTS_H

/* The module, to load it again. */
extern const char *module_file;
/* Load and unload it, without waiting for its users: 0, or -1 with errno. */
int module_load(const char *parameters);
int module_unload(void);

void test_info(void);
void test_argsz(void);
void test_queue_up_arguments(void);
void test_configure(void);
void test_queue_up_down(void);
void test_submit_arguments(void);
void test_opcodes(void);
void test_batch(void);
void test_batch_arguments(void);
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
void test_module(void);
void test_counters(void);
void test_trace_points(void);
void test_hints(void);
void test_limits(void);
void test_shared_refused(void);
void test_shared(void);
void test_shared_retry(void);
void test_shared_reset(void);
void test_late(void);
void test_lost(void);
void test_missing(void);
void test_affinity(void);
void test_halt(void);
void test_reset(void);
void test_suspend(void);
void test_up_against_reset(void);
void test_unbind_against_all(void);
void test_close_against_submit(void);
void test_unload_against_all(void);
void test_races(void);
void test_halts(void);
void test_halt_flr(void);
void test_halt_unheard(void);
void test_halts_given_up(void);
void test_halt_cold(void);
void test_reset_stuck(void);
void test_reset_unheard(void);
void test_stuck(void);
void test_surprise(void);
void test_page_fault(void);
void test_software_errors(void);
void test_vector0_lost(void);
void test_message_lost(void);
void test_handles(void);
void test_handler_first(void);
void test_old_error(void);
void test_takes_all(void);
void test_nobody_looks(void);
void test_record_there(void);
void test_sleeper(void);
void test_error_again(void);
void test_error_unheard(void);
void test_refused(void);
void test_under_way(void);
void test_nothing_after(void);
void test_watchdog_against_handler(void);
void test_two_reset(void);
void test_two_unbind(void);

/*
 * Work with one descriptor in flight on each of @queues queues for that many
 * seconds; print how each was noticed. 0 if none was stranded or missing.
 */
int traffic_main(int seconds, int confirm_ms, unsigned int queues);

#endif /* DRIVER_TEST_TESTS_H */
