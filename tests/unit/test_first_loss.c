// SPDX-License-Identifier: GPL-2.0-only
/* What is kept around a loss, and what is done to the kernel's tracing then. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "first_loss.h"
#include "tracing.h"
#include "unit.h"

static struct recent recent;
static struct first_loss loss;

static struct loss_event event_at(unsigned int queue, uint64_t at_ns, enum ledger_state state)
{
	return (struct loss_event){ .queue = queue,
				    .state = state,
				    .submit_ns = at_ns - 5,
				    .visible_ns = at_ns,
				    .notice_ns = at_ns + 1 };
}

static void add(unsigned int queue, uint64_t at_ns)
{
	const struct loss_event event = event_at(queue, at_ns, LEDGER_INTERRUPTED);

	recent_add(&recent, queue, &event);
}

static unsigned int count_of(unsigned int queue)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < loss.count; i++)
		count += loss.events[i].queue == queue;
	return count;
}

START_TEST(around)
{
	const struct loss_event lost = event_at(1, 1000, LEDGER_STRANDED);

	ck_assert_int_eq(recent_init(&recent, 3), 0);
	for (uint64_t at = 100; at < 2000; at += 10) {
		add(0, at);
		if (at < 1000)
			add(1, at + 1);
	}
	recent_around(&recent, 1, &lost, &loss);
	ck_assert(loss.known);
	ck_assert_uint_eq(loss.event.visible_ns, 1000);
	/* The last ones before it, it, and on each side some of the other; none of the silent. */
	ck_assert_uint_eq(count_of(1), FIRST_LOSS_OWN + 1);
	ck_assert_uint_eq(count_of(0), 2 * FIRST_LOSS_OTHERS);
	ck_assert_uint_eq(count_of(2), 0);
	for (unsigned int i = 1; i < loss.count; i++)
		ck_assert_uint_ge(loss_event_at(&loss.events[i]),
				  loss_event_at(&loss.events[i - 1]));
	ck_assert_uint_ge(loss.events[0].visible_ns, 1000 - 10 * FIRST_LOSS_OWN);
	recent_destroy(&recent);
}
END_TEST

/* The ring wraps around; what was overwritten is not told. */
START_TEST(wrapped)
{
	const struct loss_event late = event_at(0, 3 * RECENT_EVENTS, LEDGER_STRANDED);
	const struct loss_event early = event_at(0, 10, LEDGER_MISSING);

	ck_assert_int_eq(recent_init(&recent, 1), 0);
	for (uint64_t at = 1; at < 3 * RECENT_EVENTS; at++)
		add(0, at);
	recent_around(&recent, 0, &late, &loss);
	ck_assert_uint_eq(loss.count, FIRST_LOSS_OWN + 1);
	ck_assert_uint_eq(loss.events[0].visible_ns, 3 * RECENT_EVENTS - FIRST_LOSS_OWN);
	recent_around(&recent, 0, &early, &loss);
	ck_assert_uint_eq(loss.events[0].visible_ns, 10);
	ck_assert_uint_ge(loss.events[1].visible_ns, 2 * RECENT_EVENTS);
	recent_destroy(&recent);
}
END_TEST

START_TEST(frozen)
{
	const struct loss_event lost = event_at(0, 50, LEDGER_STRANDED);

	ck_assert_int_eq(recent_init(&recent, 1), 0);
	add(0, 10);
	recent.frozen = true;
	add(0, 20);
	recent_around(&recent, 0, &lost, &loss);
	ck_assert_uint_eq(loss.count, 2);
	recent.frozen = false;
	add(0, 30);
	recent_around(&recent, 0, &lost, &loss);
	ck_assert_uint_eq(loss.count, 3);
	recent_destroy(&recent);
}
END_TEST

/* More queues than there is room for: the lost one and its own come first. */
START_TEST(many_queues)
{
	const struct loss_event lost = event_at(63, 1000, LEDGER_STRANDED);

	ck_assert_int_eq(recent_init(&recent, 64), 0);
	for (unsigned int queue = 0; queue < 64; queue++)
		for (uint64_t at = 900; at < 1100; at += 10)
			add(queue, at);
	recent_around(&recent, 63, &lost, &loss);
	ck_assert_uint_eq(loss.count, FIRST_LOSS_EVENTS);
	ck_assert_uint_eq(count_of(63), 1 + 2 * FIRST_LOSS_OWN);
	recent_destroy(&recent);
}
END_TEST

/* ---- Tracing ------------------------------------------------------------------- */

static char directory[64];

static void put_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static const char *get_file(const char *name)
{
	static char text[128];
	char path[128];
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	size = fread(text, 1, sizeof(text) - 1, file);
	text[size] = '\0';
	fclose(file);
	return text;
}

static void make_tracefs(const char *on)
{
	snprintf(directory, sizeof(directory), "/tmp/tracing-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	put_file("tracing_on", on);
	put_file("trace_marker", "");
}

static void remove_tracefs(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/tracing_on", directory);
	unlink(path);
	snprintf(path, sizeof(path), "%s/trace_marker", directory);
	unlink(path);
	rmdir(directory);
}

START_TEST(freezes)
{
	struct problem said;

	make_tracefs("1\n");
	ck_assert_int_eq(tracing_freeze(directory, "here\n", &said), 0);
	ck_assert_ptr_nonnull(strstr(said.text, "kernel tracing is frozen: see "));
	ck_assert_str_eq(get_file("trace_marker"), "here\n");
	ck_assert_int_eq(get_file("tracing_on")[0], '0');
	remove_tracefs();
}
END_TEST

START_TEST(does_not_freeze)
{
	struct problem said;

	ck_assert_int_eq(tracing_freeze("/nowhere", "here\n", &said), -ENOENT);
	ck_assert_ptr_nonnull(strstr(said.text, "there is no tracefs"));
	make_tracefs("0\n");
	ck_assert_int_eq(tracing_freeze(directory, "here\n", &said), -EALREADY);
	ck_assert_ptr_nonnull(strstr(said.text, "off already"));
	/* No marker where nobody reads it. */
	ck_assert_str_eq(get_file("trace_marker"), "");
	remove_tracefs();
}
END_TEST

/* As an ordinary user finds it; root may write everywhere. */
START_TEST(not_permitted)
{
	struct problem said;

	if (geteuid() == 0) {
		ck_assert_int_eq(tracing_freeze("/dev/null", "here\n", &said), -ENOTDIR);
		ck_assert_ptr_nonnull(strstr(said.text, "kernel tracing is not frozen"));
		return;
	}
	make_tracefs("1\n");
	chmod(directory, 0);
	ck_assert_int_eq(tracing_freeze(directory, "here\n", &said), -EACCES);
	ck_assert_ptr_nonnull(strstr(said.text, "is for root only"));
	chmod(directory, 0700);
	remove_tracefs();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("first_loss");
	TCase *tcase = tcase_create("first_loss");

	tcase_add_test(tcase, around);
	tcase_add_test(tcase, wrapped);
	tcase_add_test(tcase, frozen);
	tcase_add_test(tcase, many_queues);
	tcase_add_test(tcase, freezes);
	tcase_add_test(tcase, does_not_freeze);
	tcase_add_test(tcase, not_permitted);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
