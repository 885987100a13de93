// SPDX-License-Identifier: GPL-2.0-only
/* Results: attribution to bring-ups, the verdict, and that every rendering says the same. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "output_file.h"
#include "render.h"
#include "result.h"
#include "timeline.h"
#include "unit.h"

#define WINDOW 100

static struct result result;
static struct problem reason, problem;

/* Two queues: up at 1000..1200 and at 5000..5300. */
static void setup(void)
{
	const struct run_parameters parameters = {
		.device = "/dev/dsa-sample0",
		.queues = 2,
		.depth = 1,
		.window_ns = WINDOW,
		.opcodes = 1 << 3,
		.size = 4096,
	};

	ck_assert_int_eq(result_init(&result, &parameters, 2), 0);
	result.driver = "dsa_sample";
	result.start_ns = 1000;
	result.end_ns = 9000;
	timeline_begin(&result.timeline, 0, 1000)->end_ns = 1200;
	timeline_begin(&result.timeline, 1, 5000)->end_ns = 5300;
	result.queue_count = 2;
	for (unsigned int i = 0; i < 2; i++) {
		struct queue_result *queue = &result.queues[i];

		queue->queue = i;
		queue->vector = i + 1;
		queue->irq = 40 + (int)i;
		queue->entries = 16;
		queue->counts.submitted = 100;
		queue->counts.interrupted = 100;
		queue->has_stats = true;
		queue->stats.handler_runs = 100;
		for (int j = 0; j < 90; j++)
			histogram_add(&queue->steady, 1000000);
		for (int j = 0; j < 10; j++)
			histogram_add(&queue->window, 5000000);
	}
}

static void teardown(void)
{
	result_destroy(&result);
}

static const struct {
	uint64_t begin_ns, end_ns;
	int bring_up; /* -1: none */
} lives[] = {
	{ 900, 999, -1 },   { 900, 1000, 0 },	{ 1100, 1150, 0 }, { 1300, 1400, 0 },
	{ 1301, 1400, -1 }, { 4000, 4999, -1 }, { 4000, 5000, 1 }, { 5100, 5200, 1 },
	{ 5400, 9000, 1 },  { 5401, 9000, -1 }, { 1100, 5100, 1 }, { 100, 9000, 1 },
};

START_TEST(attribution)
{
	static const enum ledger_state states[] = { LEDGER_INTERRUPTED, LEDGER_LATE,
						    LEDGER_STRANDED, LEDGER_MISSING };

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const struct ledger_outcome outcome = {
			.state = states[i],
			.latency_ns = 77,
			.begin_ns = lives[_i].begin_ns,
			.end_ns = lives[_i].end_ns,
		};
		struct bring_up *found = timeline_book(&result.timeline, 7, &outcome);

		if (lives[_i].bring_up < 0)
			ck_assert_ptr_null(found);
		else
			ck_assert_ptr_eq(found, &result.timeline.entries[lives[_i].bring_up]);
	}
	if (lives[_i].bring_up >= 0) {
		struct bring_up *found = &result.timeline.entries[lives[_i].bring_up];

		ck_assert_uint_eq(found->completions, 2);
		ck_assert_uint_eq(found->late, 1);
		ck_assert_uint_eq(found->stranded, 1);
		ck_assert_uint_eq(found->missing, 1);
		ck_assert_uint_eq(found->latency_max_ns, 77);
	}
}
END_TEST

/* A queue's own completions are not what happened to the others; its losses count. */
START_TEST(attribution_of_its_own)
{
	struct ledger_outcome outcome = {
		.state = LEDGER_LATE, .latency_ns = 5, .begin_ns = 5350, .end_ns = 5360
	};

	ck_assert_ptr_eq(timeline_book(&result.timeline, 1, &outcome), &result.timeline.entries[1]);
	ck_assert_uint_eq(result.timeline.entries[1].completions, 0);
	ck_assert_uint_eq(result.timeline.entries[1].latency_max_ns, 0);
	outcome.state = LEDGER_STRANDED;
	timeline_book(&result.timeline, 1, &outcome);
	ck_assert_uint_eq(result.timeline.entries[1].stranded, 1);
}
END_TEST

/* While the call has not returned, its window is open. */
START_TEST(attribution_to_one_that_goes_on)
{
	const struct ledger_outcome outcome = { .state = LEDGER_STRANDED,
						.begin_ns = 1000000,
						.end_ns = 1000001 };

	result.timeline.entries[1].end_ns = UINT64_MAX;
	ck_assert_ptr_eq(timeline_book(&result.timeline, 0, &outcome), &result.timeline.entries[1]);
}
END_TEST

START_TEST(verdicts)
{
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_HELD);
	ck_assert_ptr_nonnull(strstr(reason.text, "2 bring-ups, 200 descriptors"));

	result.end = RUN_STOPPED;
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_INCOMPLETE);
	result.end = RUN_FAILED;
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_INCOMPLETE);
	result.end = RUN_UNRESOLVED;
	result.queues[0].unresolved = 1;
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_BROKEN);
	result.end = RUN_LEDGER_BROKEN;
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_BROKEN);
	result.end = RUN_COMPLETE;
	result.queues[0].unresolved = 0;

	result.queues[1].counts.late = 99;
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_HELD);
	result.queues[1].counts.stranded = 2;
	result.queues[0].counts.missing = 1;
	result.queues[0].data_errors = 3;
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_BROKEN);
	ck_assert_str_eq(reason.text,
			 "of 200 descriptors 2 stranded (completed, but the interrupt is lost), "
			 "1 missing (no completion), 3 with wrong data or status");
}
END_TEST

/* A queue that did nothing cannot have lost anything. */
START_TEST(idle_queue_proves_nothing)
{
	memset(&result.queues[1].counts, 0, sizeof(result.queues[1].counts));
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_INCOMPLETE);
	ck_assert_ptr_nonnull(strstr(reason.text, "no descriptor of queue 1"));
	result.queue_count = 0;
	ck_assert_int_eq(result_verdict(&result, &reason), VERDICT_INCOMPLETE);
}
END_TEST

/* Nothing is lost when the intervals grow, and all stays where it was. */
START_TEST(series_grows)
{
	static struct series series;
	uint64_t sum = 0;

	memset(&series, 0, sizeof(series));
	series_add(&series, 0);
	ck_assert_uint_eq(series.width_ns, SERIES_WIDTH_NS);
	ck_assert_uint_eq(series.used, 1);
	series_add(&series, SERIES_WIDTH_NS * SERIES_INTERVALS - 1);
	ck_assert_uint_eq(series.width_ns, SERIES_WIDTH_NS);
	ck_assert_uint_eq(series.used, SERIES_INTERVALS);
	series_add(&series, SERIES_WIDTH_NS * SERIES_INTERVALS);
	ck_assert_uint_eq(series.width_ns, 2 * SERIES_WIDTH_NS);
	ck_assert_uint_eq(series.used, SERIES_INTERVALS / 2 + 1);
	ck_assert_uint_eq(series.count[SERIES_INTERVALS / 2 - 1], 1);
	ck_assert_uint_eq(series.count[SERIES_INTERVALS / 2], 1);
	series_add(&series, UINT64_MAX);
	ck_assert_uint_lt(UINT64_MAX / series.width_ns, SERIES_INTERVALS);
	ck_assert_uint_eq(series.count[0], 3);
	ck_assert_uint_eq(series.count[series.used - 1], 1);
	for (unsigned int i = 0; i < SERIES_INTERVALS; i++)
		sum += series.count[i];
	ck_assert_uint_eq(sum, 4);
}
END_TEST

START_TEST(losses_beyond_the_room_are_counted)
{
	struct losses losses = { 0 };

	for (unsigned int i = 0; i < LOSSES_MAX + 3; i++)
		losses_add(&losses, &(struct loss){ .state = LEDGER_MISSING, .at_ns = i });
	ck_assert_uint_eq(losses.count, LOSSES_MAX);
	ck_assert_uint_eq(losses.omitted, 3);
	for (unsigned int i = 0; i < LOSSES_MAX; i++)
		ck_assert_uint_eq(losses.entries[i].at_ns, i);
	losses_destroy(&losses);
}
END_TEST

/* Where an outcome goes, and with which time. */
START_TEST(outcomes_are_booked)
{
	struct queue_result *queue = &result.queues[0];
	struct dsa_sample_event event = { .notice_ns = 5150 };
	struct ledger_outcome outcome = {
		.state = LEDGER_LATE, .latency_ns = 50, .begin_ns = 5100, .end_ns = 5150
	};

	memset(&queue->steady, 0, sizeof(queue->steady));
	memset(&queue->window, 0, sizeof(queue->window));
	result_book(&result, queue, &event, &outcome);
	ck_assert_uint_eq(queue->window.count, 1);
	ck_assert_uint_eq(queue->completions.count[4150 / SERIES_WIDTH_NS], 1);
	/* From before the begin of the run. */
	event.notice_ns = 10;
	outcome.state = LEDGER_INTERRUPTED;
	outcome.begin_ns = 9;
	outcome.end_ns = 10;
	result_book(&result, queue, &event, &outcome);
	ck_assert_uint_eq(queue->steady.count, 1);
	ck_assert_uint_eq(queue->completions.count[0], 1);
	ck_assert_uint_eq(queue->lost.count, 0);

	event.notice_ns = 8000;
	outcome = (struct ledger_outcome){ .state = LEDGER_STRANDED,
					   .begin_ns = 5200,
					   .end_ns = 5250 };
	result_book(&result, queue, &event, &outcome);
	outcome.begin_ns = outcome.end_ns = 7000;
	result_book(&result, queue, &event, &outcome);
	outcome.state = LEDGER_MISSING;
	result_book(&result, queue, &event, &outcome);
	ck_assert_uint_eq(result.stranded_steady, 1);
	ck_assert_uint_eq(queue->lost.count, 3);
	ck_assert_uint_eq(queue->lost.entries[0].bring_up_ns, 5000);
	ck_assert_uint_eq(queue->lost.entries[1].bring_up_ns, UINT64_MAX);
	ck_assert_int_eq(queue->lost.entries[2].state, LEDGER_MISSING);
	ck_assert_uint_eq(queue->lost.entries[0].at_ns, 4250);
	ck_assert_uint_eq(queue->lost.entries[0].until_ns, 7000);
	ck_assert_uint_eq(queue->steady.count + queue->window.count, 2);
}
END_TEST

static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value;

	ck_assert_msg(json_object_object_get_ex(object, key, &value), "no key %s", key);
	return value;
}

static uint64_t number(struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key);

	ck_assert_msg(json_object_is_type(value, json_type_int), "%s is not an integer", key);
	return json_object_get_uint64(value);
}

static const char *text_of(struct json_object *object, const char *key)
{
	return json_object_get_string(member(object, key));
}

/* snake_case, everywhere. */
static void check_keys(struct json_object *value)
{
	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, child)
		{
			ck_assert_msg(strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
					      strlen(key),
				      "key %s", key);
			check_keys(child);
		}
	} else if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			check_keys(json_object_array_get_idx(value, i));
	} else {
		ck_assert(!json_object_is_type(value, json_type_double));
	}
}

START_TEST(json)
{
	struct json_object *document, *queues, *queue, *buckets;
	uint64_t counted = 0;
	char *text;

	result.queues[1].counts.interrupted = 98;
	result.queues[1].counts.stranded = 2;
	result.queues[1].counts.late = 5;
	result.timeline.entries[1].stranded = 1;
	result.stranded_steady = 1;
	problem_set(&problem, 0, "a \"quoted\" note");
	result_note(&result, &problem);
	text = render_json(&result);
	ck_assert_ptr_nonnull(text);
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
	document = json_tokener_parse(text);
	ck_assert_ptr_nonnull(document);
	check_keys(document);

	ck_assert_str_eq(text_of(document, "schema"), "wq-demo-run");
	ck_assert_uint_eq(number(document, "version"), 1);
	ck_assert_str_eq(text_of(document, "verdict"), "broken");
	ck_assert(json_object_get_boolean(member(document, "complete")));
	ck_assert_uint_eq(number(document, "bring_ups"), 2);
	ck_assert_uint_eq(number(document, "descriptors"), 200);
	ck_assert_uint_eq(number(document, "interrupted"), 198);
	ck_assert_uint_eq(number(document, "late"), 5);
	ck_assert_uint_eq(number(document, "stranded"), 2);
	ck_assert_uint_eq(number(document, "missing"), 0);
	ck_assert_uint_eq(number(document, "data_errors"), 0);
	ck_assert_uint_eq(number(document, "interrupts"), 200);
	ck_assert_uint_eq(number(document, "elapsed_ns"), 8000);
	ck_assert_uint_eq(number(member(document, "parameters"), "depth"), 1);
	ck_assert_str_eq(text_of(member(document, "device_info"), "dev"), "dsa-sample0");
	ck_assert_str_eq(json_object_get_string(json_object_array_get_idx(
				 member(document, "data_error_notes"), 0)),
			 "a \"quoted\" note");
	/* Not ours: the runner of the chain adds the device's own counters there. */
	ck_assert(!json_object_object_get_ex(document, "device", NULL));

	queues = member(document, "queues");
	ck_assert_uint_eq(json_object_array_length(queues), 2);
	queue = json_object_array_get_idx(queues, 1);
	ck_assert_uint_eq(number(queue, "stranded"), 2);
	ck_assert_uint_eq(number(queue, "vector"), 2);
	buckets = member(member(queue, "latency_steady"), "buckets");
	for (size_t i = 0; i < json_object_array_length(buckets); i++)
		counted += json_object_get_uint64(
			json_object_array_get_idx(json_object_array_get_idx(buckets, i), 1));
	ck_assert_uint_eq(counted, number(member(queue, "latency_steady"), "count"));
	ck_assert_uint_eq(counted, 90);

	ck_assert_uint_eq(json_object_array_length(member(document, "bring_up")), 2);
	ck_assert_uint_eq(
		number(json_object_array_get_idx(member(document, "bring_up"), 1), "stranded"), 1);
	json_object_put(document);
	free(text);
}
END_TEST

START_TEST(human)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	result.queues[1].counts.interrupted = 99;
	result.queues[1].counts.stranded = 1;
	result.timeline.entries[1].stranded = 1;
	for (unsigned int i = 0; i < RESULT_NOTES + 1; i++)
		result_note(&result, &(struct problem){ "something wrong" });
	result.queues[0].data_errors = RESULT_NOTES + 3;
	result.queues[0].unresolved = 7;
	render_human(&result, stream);
	fclose(stream);
	ck_assert_ptr_nonnull(strstr(text, "verdict: broken: of 200 descriptors 1 stranded"));
	ck_assert_ptr_nonnull(strstr(text, "bring-up 1: queue 1 "));
	ck_assert_ptr_nonnull(strstr(text, "; stranded 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "1.00ms/1.00ms/1.00ms"));
	ck_assert_ptr_nonnull(strstr(text, "5.00ms/5.00ms/5.00ms"));
	ck_assert_ptr_nonnull(strstr(text, "and 3 more data errors"));
	ck_assert_ptr_nonnull(strstr(text, "without an outcome when the run ended: 7\n"));
	ck_assert_ptr_null(strchr(text, '\r'));
	free(text);
}
END_TEST

static char directory[] = "/tmp/test_result.XXXXXX";

static const char *in_directory(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void make_directory(void)
{
	memcpy(directory + strlen(directory) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

/* Also asserts that nothing is left behind: rmdir() refuses otherwise. */
static void remove_directory(void)
{
	unlink(in_directory("out"));
	unlink(in_directory("link"));
	ck_assert_int_eq(rmdir(directory), 0);
}

static void expect_content(const char *name, const char *expected)
{
	char text[64] = "";
	FILE *file = fopen(in_directory(name), "r");

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), file));
	fclose(file);
	ck_assert_str_eq(text, expected);
}

START_TEST(file_is_replaced)
{
	struct stat status;
	mode_t mask = umask(022);

	ck_assert_int_eq(output_file_check(in_directory("out"), &problem), 0);
	ck_assert_int_eq(output_file_write(in_directory("out"), "first\n", &problem), 0);
	ck_assert_int_eq(output_file_write(in_directory("out"), "second\n", &problem), 0);
	umask(mask);
	expect_content("out", "second\n");
	ck_assert_int_eq(stat(in_directory("out"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0644);
}
END_TEST

START_TEST(link_is_followed)
{
	struct stat status;

	ck_assert_int_eq(output_file_write(in_directory("out"), "first\n", &problem), 0);
	ck_assert_int_eq(symlink("out", in_directory("link")), 0);
	ck_assert_int_eq(output_file_write(in_directory("link"), "second\n", &problem), 0);
	expect_content("out", "second\n");
	ck_assert_int_eq(lstat(in_directory("link"), &status), 0);
	ck_assert(S_ISLNK(status.st_mode));
}
END_TEST

START_TEST(file_cannot_be_written)
{
	ck_assert_int_eq(output_file_check(directory, &problem), -EISDIR);
	ck_assert_int_eq(output_file_check(in_directory("no/out"), &problem), -ENOENT);
	ck_assert_int_eq(output_file_write(in_directory("no/out"), "text", &problem), -ENOENT);
	ck_assert_ptr_nonnull(strstr(problem.text, "no/out: No such file"));
	ck_assert_int_eq(output_file_write("/dev/full", "text", &problem), -ENOSPC);
	ck_assert_int_eq(output_file_write("/dev/null", "text", &problem), 0);
}
END_TEST

/* Failing half-way leaves the old file, and nothing beside it. */
START_TEST(file_stays_if_writing_fails)
{
	struct rlimit before, limit;

	ck_assert_int_eq(output_file_write(in_directory("out"), "old\n", &problem), 0);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 4;
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(output_file_write(in_directory("out"), "longer\n", &problem), -EFBIG);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	expect_content("out", "old\n");
}
END_TEST

/* With more bring-ups than there is room for: the newest stay, and those with losses. */
START_TEST(many_bring_ups)
{
	struct timeline timeline;
	struct ledger_outcome outcome = {
		.state = LEDGER_STRANDED, .begin_ns = 3050, .end_ns = 3060
	};

	ck_assert_int_eq(timeline_init(&timeline, 8, 100), 0);
	for (unsigned int i = 0; i < 100; i++) {
		timeline_begin(&timeline, i % 4, 1000 * i)->end_ns = 1000 * i + 50;
		if (i == 3)
			ck_assert_ptr_nonnull(timeline_book(&timeline, 0, &outcome));
		ck_assert_uint_le(timeline.count, 8);
		ck_assert_uint_eq(timeline.forgotten + timeline.count, i + 1);
		ck_assert_uint_eq(timeline.entries[timeline.count - 1].number, i);
	}
	ck_assert_uint_eq(timeline.entries[0].number, 3);
	ck_assert_uint_eq(timeline.entries[0].stranded, 1);
	for (unsigned int i = 1; i < timeline.count; i++)
		ck_assert_uint_eq(timeline.entries[i].number, 100 - timeline.count + i);
	timeline_destroy(&timeline);

	/* Losses everywhere: there is no choice. */
	ck_assert_int_eq(timeline_init(&timeline, 1, 100), 0);
	for (unsigned int i = 0; i < 5; i++) {
		struct bring_up *bring_up = timeline_begin(&timeline, 0, 1000 * i);

		bring_up->end_ns = 1000 * i + 50;
		bring_up->stranded = 1;
		ck_assert_uint_eq(bring_up->number, i);
	}
	ck_assert_uint_eq(timeline.count, 1);
	ck_assert_uint_eq(timeline.forgotten, 4);
	timeline_destroy(&timeline);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("result");
	TCase *tcase = tcase_create("result");
	TCase *files = tcase_create("files");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, attribution, 0, sizeof(lives) / sizeof(lives[0]));
	tcase_add_test(tcase, attribution_of_its_own);
	tcase_add_test(tcase, attribution_to_one_that_goes_on);
	tcase_add_test(tcase, verdicts);
	tcase_add_test(tcase, idle_queue_proves_nothing);
	tcase_add_test(tcase, series_grows);
	tcase_add_test(tcase, losses_beyond_the_room_are_counted);
	tcase_add_test(tcase, outcomes_are_booked);
	tcase_add_test(tcase, json);
	tcase_add_test(tcase, human);
	tcase_add_test(tcase, many_bring_ups);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(files, make_directory, remove_directory);
	tcase_add_test(files, file_is_replaced);
	tcase_add_test(files, link_is_followed);
	tcase_add_test(files, file_cannot_be_written);
	tcase_add_test(files, file_stays_if_writing_fails);
	suite_add_tcase(suite, files);
	return unit_run(suite);
}
