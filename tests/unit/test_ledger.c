// SPDX-License-Identifier: GPL-2.0-only
/* The ledger: every outcome, every lie of a driver, conservation. */
#include <errno.h>
#include <string.h>

#include "ledger.h"
#include "unit.h"

#define QUEUE 3
#define SLOTS 4
#define DEADLINE 1000

static struct ledger ledger;
static struct problem problem;
static struct ledger_outcome outcome;

static void setup(void)
{
	memset(&problem, 0, sizeof(problem));
	ck_assert_int_eq(ledger_init(&ledger, QUEUE, SLOTS, DEADLINE), 0);
}

static void teardown(void)
{
	ck_assert_int_eq(ledger_check(&ledger, &problem), 0);
	ledger_destroy(&ledger);
}

static uint64_t submit(bool interrupt)
{
	uint64_t tag;

	ck_assert_int_eq(ledger_submit(&ledger, interrupt, &tag), 0);
	return tag;
}

/* A truthful event of a descriptor submitted at 10,000 and completed at 12,000. */
static struct dsa_sample_event event_of(uint64_t tag, enum dsa_sample_how how)
{
	struct dsa_sample_event event = {
		.tag = tag,
		.submit_ns = 10000,
		.visible_ns = 12000,
		.notice_ns = 12500,
		.how = how,
		.status = 1,
	};

	if (how == DSA_SAMPLE_HOW_INTERRUPT)
		event.handler_run = 1;
	if (how == DSA_SAMPLE_HOW_MISSING) {
		event.visible_ns = 0;
		event.status = 0;
	}
	return event;
}

static int book(const struct dsa_sample_event *event)
{
	return ledger_event(&ledger, event, &outcome, &problem);
}

/* A refused event changes nothing and is explained. */
static void refuse(const struct dsa_sample_event *event, int error, const char *words)
{
	struct ledger_counts before = ledger.counts;
	unsigned int in_flight = ledger.in_flight;

	ck_assert_int_eq(book(event), error);
	ck_assert_ptr_nonnull(strstr(problem.text, words));
	ck_assert_mem_eq(&before, &ledger.counts, sizeof(before));
	ck_assert_uint_eq(in_flight, ledger.in_flight);
	ck_assert_int_eq(ledger_check(&ledger, &problem), 0);
}

static const struct {
	enum dsa_sample_how how;
	uint64_t visible_ns;
	uint64_t notice_ns;
	enum ledger_state state;
	uint64_t latency_ns;
} outcomes[] = {
	{ DSA_SAMPLE_HOW_INTERRUPT, 12000, 12500, LEDGER_INTERRUPTED, 2500 },
	/* First seen by the handler itself, however long after the submission. */
	{ DSA_SAMPLE_HOW_INTERRUPT, 0, 99999, LEDGER_INTERRUPTED, 89999 },
	{ DSA_SAMPLE_HOW_INTERRUPT, 99999, 99999, LEDGER_INTERRUPTED, 89999 },
	/* The deadline itself is in time, one more is late. */
	{ DSA_SAMPLE_HOW_INTERRUPT, 12000, 13000, LEDGER_INTERRUPTED, 3000 },
	{ DSA_SAMPLE_HOW_INTERRUPT, 12000, 13001, LEDGER_LATE, 3001 },
	/* The run of the handler began before the record, even before the submission. */
	{ DSA_SAMPLE_HOW_INTERRUPT, 12000, 11000, LEDGER_INTERRUPTED, 1000 },
	{ DSA_SAMPLE_HOW_INTERRUPT, 12000, 9000, LEDGER_INTERRUPTED, 0 },
	{ DSA_SAMPLE_HOW_STRANDED, 12000, 99999, LEDGER_STRANDED, 0 },
	{ DSA_SAMPLE_HOW_MISSING, 0, 99999, LEDGER_MISSING, 0 },
};

START_TEST(each_outcome)
{
	struct dsa_sample_event event = event_of(submit(true), outcomes[_i].how);
	const struct ledger_counts *counts = &ledger.counts;

	event.visible_ns = outcomes[_i].visible_ns;
	event.notice_ns = outcomes[_i].notice_ns;
	ck_assert_uint_eq(ledger.in_flight, 1);
	ck_assert_int_eq(book(&event), 0);
	ck_assert_uint_eq(outcome.state, outcomes[_i].state);
	ck_assert_uint_eq(outcome.latency_ns, outcomes[_i].latency_ns);
	ck_assert_uint_le(outcome.begin_ns, outcome.end_ns);
	ck_assert_uint_eq(ledger.in_flight, 0);
	ck_assert_uint_eq(counts->submitted, 1);
	ck_assert_uint_eq(counts->interrupted, outcomes[_i].state <= LEDGER_LATE);
	ck_assert_uint_eq(counts->late, outcomes[_i].state == LEDGER_LATE);
	ck_assert_uint_eq(counts->stranded, outcomes[_i].state == LEDGER_STRANDED);
	ck_assert_uint_eq(counts->missing, outcomes[_i].state == LEDGER_MISSING);
	ck_assert_uint_eq(counts->polled, 0);
}
END_TEST

START_TEST(polled_without_interrupt)
{
	struct dsa_sample_event event = event_of(submit(false), DSA_SAMPLE_HOW_POLLED);

	ck_assert_int_eq(book(&event), 0);
	ck_assert_uint_eq(outcome.state, LEDGER_POLLED);
	ck_assert_uint_eq(ledger.counts.polled, 1);
}
END_TEST

/* The confirmation time is not time in which the interrupt could get lost. */
START_TEST(life_of_a_stranded_one_ends_when_seen)
{
	struct dsa_sample_event event = event_of(submit(true), DSA_SAMPLE_HOW_STRANDED);

	event.notice_ns = 5000000;
	ck_assert_int_eq(book(&event), 0);
	ck_assert_uint_eq(outcome.begin_ns, 10000);
	ck_assert_uint_eq(outcome.end_ns, 12000);
}
END_TEST

START_TEST(duplicate)
{
	struct dsa_sample_event event = event_of(submit(true), DSA_SAMPLE_HOW_INTERRUPT);

	ck_assert_int_eq(book(&event), 0);
	refuse(&event, -EEXIST, "again");
	/* Also once the slot has moved on. */
	submit(true);
	refuse(&event, -EEXIST, "again");
}
END_TEST

START_TEST(duplicate_of_another_kind)
{
	uint64_t tag = submit(true);
	struct dsa_sample_event stranded = event_of(tag, DSA_SAMPLE_HOW_STRANDED);
	struct dsa_sample_event interrupted = event_of(tag, DSA_SAMPLE_HOW_INTERRUPT);

	ck_assert_int_eq(book(&stranded), 0);
	refuse(&interrupted, -EEXIST, "interrupted");
}
END_TEST

START_TEST(never_submitted)
{
	uint64_t tag = submit(true);
	struct dsa_sample_event event = event_of(tag, DSA_SAMPLE_HOW_INTERRUPT);

	event.tag = tag + (1 << 16);
	refuse(&event, -ENOENT, "never submitted");
	event.tag = tag + 1;
	refuse(&event, -ENOENT, "never submitted");
	event.tag = tag + SLOTS;
	refuse(&event, -ENOENT, "never submitted");
	event.tag = tag | 0xffff;
	refuse(&event, -ENOENT, "never submitted");
	event.tag = tag & ~(uint64_t)0xffffff0000;
	refuse(&event, -ENOENT, "never submitted");
}
END_TEST

START_TEST(another_queue)
{
	struct dsa_sample_event event = event_of(submit(true), DSA_SAMPLE_HOW_INTERRUPT);

	event.tag ^= (uint64_t)1 << 56;
	refuse(&event, -EXDEV, "belongs to queue 2");
}
END_TEST

START_TEST(withdrawn_was_never_submitted)
{
	uint64_t tag = submit(true);
	struct dsa_sample_event event = event_of(tag, DSA_SAMPLE_HOW_INTERRUPT);

	ledger_withdraw(&ledger, tag);
	ck_assert_uint_eq(ledger.counts.submitted, 0);
	ck_assert_uint_eq(ledger_free_slots(&ledger), SLOTS);
	refuse(&event, -ENOENT, "never submitted");
}
END_TEST

static const struct {
	enum dsa_sample_how how;
	bool interrupt;
	uint64_t visible_ns;
	uint32_t handler_run;
	uint8_t status;
	const char *words;
} contradictions[] = {
	{ DSA_SAMPLE_HOW_INTERRUPT, false, 1, 1, 1, "no interrupt had been requested" },
	{ DSA_SAMPLE_HOW_INTERRUPT, true, 1, 0, 1, "no handler run" },
	{ DSA_SAMPLE_HOW_INTERRUPT, true, 1, 1, 0, "empty" },
	{ DSA_SAMPLE_HOW_STRANDED, false, 1, 0, 1, "no interrupt had been requested" },
	{ DSA_SAMPLE_HOW_STRANDED, true, 0, 0, 1, "never seen" },
	{ DSA_SAMPLE_HOW_STRANDED, true, 1, 7, 1, "names a handler run" },
	{ DSA_SAMPLE_HOW_STRANDED, true, 1, 0, 0, "empty" },
	{ DSA_SAMPLE_HOW_MISSING, true, 1, 0, 1, "is there" },
	{ DSA_SAMPLE_HOW_POLLED, true, 1, 0, 1, "had been requested" },
	{ 0, true, 1, 1, 1, "no such way" },
	{ 6, true, 1, 1, 1, "no such way" },
};

START_TEST(contradiction)
{
	struct dsa_sample_event event = {
		.tag = submit(contradictions[_i].interrupt),
		.submit_ns = 1,
		.notice_ns = 2,
		.how = contradictions[_i].how,
		.visible_ns = contradictions[_i].visible_ns,
		.handler_run = contradictions[_i].handler_run,
		.status = contradictions[_i].status,
	};

	refuse(&event, -EPROTO, contradictions[_i].words);
}
END_TEST

/* A device that was reset: neither kept nor lost, with or without a record. */
START_TEST(aborted)
{
	struct dsa_sample_event event = event_of(submit(true), DSA_SAMPLE_HOW_ABORTED);

	refuse(&event, -ECONNRESET, "proves nothing");
	event.status = 0;
	event.visible_ns = 0;
	refuse(&event, -ECONNRESET, "proves nothing");
	ck_assert_uint_eq(ledger.counts.missing + ledger.counts.stranded, 0);
}
END_TEST

START_TEST(slots_run_out)
{
	uint64_t tags[SLOTS], extra;

	for (int i = 0; i < SLOTS; i++) {
		tags[i] = submit(true);
		for (int j = 0; j < i; j++)
			ck_assert_uint_ne(ledger_slot_of(tags[i]), ledger_slot_of(tags[j]));
	}
	ck_assert_int_eq(ledger_submit(&ledger, true, &extra), -ENOSPC);
	ck_assert_uint_eq(ledger.counts.submitted, SLOTS);
}
END_TEST

/* The device may still write to the memory of a descriptor that went missing. */
START_TEST(slot_of_a_missing_one_is_not_reused)
{
	uint64_t missing = submit(true);
	struct dsa_sample_event event = event_of(missing, DSA_SAMPLE_HOW_MISSING);

	ck_assert_int_eq(book(&event), 0);
	ck_assert_uint_eq(ledger_free_slots(&ledger), SLOTS - 1);
	for (int i = 0; i < 3 * SLOTS; i++) {
		uint64_t tag = submit(true);

		ck_assert_uint_ne(ledger_slot_of(tag), ledger_slot_of(missing));
		event = event_of(tag, DSA_SAMPLE_HOW_INTERRUPT);
		ck_assert_int_eq(book(&event), 0);
	}
}
END_TEST

/* Down and up again: all slots are free, also the lost one, and no tag comes again. */
START_TEST(restarted)
{
	uint64_t before[SLOTS], tag;
	struct dsa_sample_event event;

	for (unsigned int i = 0; i < SLOTS; i++) {
		before[i] = submit(true);
		event = event_of(before[i], i ? DSA_SAMPLE_HOW_INTERRUPT : DSA_SAMPLE_HOW_MISSING);
		ck_assert_int_eq(book(&event), 0);
	}
	ledger_restart(&ledger);
	ck_assert_uint_eq(ledger.counts.submitted, 0);
	ck_assert_uint_eq(ledger.counts.missing, 0);
	ck_assert_uint_eq(ledger_free_slots(&ledger), SLOTS);
	for (unsigned int i = 0; i < SLOTS; i++) {
		tag = submit(true);
		for (unsigned int j = 0; j < SLOTS; j++)
			ck_assert_uint_ne(tag, before[j]);
	}
	/* What belongs to the time before is told from what was never submitted. */
	event = event_of(before[0], DSA_SAMPLE_HOW_INTERRUPT);
	refuse(&event, -EEXIST, "again");
}
END_TEST

START_TEST(conservation_over_a_long_mix)
{
	uint64_t tags[SLOTS], state = 42;
	unsigned int held = 0;

	for (int i = 0; i < 100000; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		if (held < SLOTS && (state >> 60 & 1)) {
			tags[held++] = submit(true);
		} else if (held) {
			unsigned int pick = (unsigned int)(state >> 33) % held;
			struct dsa_sample_event event =
				event_of(tags[pick], state >> 61 & 1 ? DSA_SAMPLE_HOW_INTERRUPT
								     : DSA_SAMPLE_HOW_STRANDED);

			ck_assert_int_eq(book(&event), 0);
			tags[pick] = tags[--held];
		}
		ck_assert_uint_eq(ledger.in_flight, held);
		ck_assert_int_eq(ledger_check(&ledger, &problem), 0);
	}
	ck_assert_uint_gt(ledger.counts.interrupted, 1000);
	ck_assert_uint_gt(ledger.counts.stranded, 1000);
}
END_TEST

/* The check itself must be able to fail. */
START_TEST(check_finds_an_imbalance)
{
	submit(true);
	ledger.counts.submitted++;
	ck_assert_int_eq(ledger_check(&ledger, &problem), -EPROTO);
	ck_assert_ptr_nonnull(strstr(problem.text, "queue 3: 2 submitted"));
	ledger.counts.submitted--;
	ledger.in_flight++;
	ck_assert_int_eq(ledger_check(&ledger, &problem), -EPROTO);
	ledger.in_flight--;
}
END_TEST

START_TEST(comparison_with_the_driver)
{
	struct dsa_sample_event event = event_of(submit(true), DSA_SAMPLE_HOW_INTERRUPT);
	struct dsa_sample_queue_stats stats = { .submitted = 1, .interrupted = 1 };

	ck_assert_int_eq(book(&event), 0);
	ck_assert_int_eq(ledger_compare(&ledger, &stats, &problem), 0);
	stats.stranded = 1;
	ck_assert_int_eq(ledger_compare(&ledger, &stats, &problem), -EPROTO);
	ck_assert_ptr_nonnull(strstr(problem.text, "the driver counts 1 stranded, but 0"));
	stats.stranded = 0;
	stats.submitted = 2;
	ck_assert_int_eq(ledger_compare(&ledger, &stats, &problem), -EPROTO);
}
END_TEST

START_TEST(bad_sizes)
{
	struct ledger other;

	ck_assert_int_eq(ledger_init(&other, LEDGER_MAX_QUEUES, 1, 0), -EINVAL);
	ck_assert_int_eq(ledger_init(&other, 0, 0, 0), -EINVAL);
	ck_assert_int_eq(ledger_init(&other, 0, LEDGER_MAX_SLOTS + 1, 0), -EINVAL);
	ck_assert_int_eq(ledger_init(&other, LEDGER_MAX_QUEUES - 1, LEDGER_MAX_SLOTS, 0), 0);
	ledger_destroy(&other);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ledger");
	TCase *tcase = tcase_create("ledger");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, each_outcome, 0, sizeof(outcomes) / sizeof(outcomes[0]));
	tcase_add_test(tcase, polled_without_interrupt);
	tcase_add_test(tcase, life_of_a_stranded_one_ends_when_seen);
	tcase_add_test(tcase, duplicate);
	tcase_add_test(tcase, duplicate_of_another_kind);
	tcase_add_test(tcase, never_submitted);
	tcase_add_test(tcase, another_queue);
	tcase_add_test(tcase, withdrawn_was_never_submitted);
	tcase_add_loop_test(tcase, contradiction, 0,
			    sizeof(contradictions) / sizeof(contradictions[0]));
	tcase_add_test(tcase, aborted);
	tcase_add_test(tcase, slots_run_out);
	tcase_add_test(tcase, slot_of_a_missing_one_is_not_reused);
	tcase_add_test(tcase, restarted);
	tcase_add_test(tcase, conservation_over_a_long_mix);
	tcase_add_test(tcase, check_finds_an_imbalance);
	tcase_add_test(tcase, comparison_with_the_driver);
	tcase_add_test(tcase, bad_sizes);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
