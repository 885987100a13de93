// SPDX-License-Identifier: GPL-2.0-only
/* The log of accesses: its lines, their order, and a file that cannot be written. */
#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access_log.h"
#include "unit.h"

static char path[] = "/tmp/access_log.XXXXXX";

static void setup(void)
{
	int fd;

	memcpy(path + strlen(path) - 6, "XXXXXX", 6);
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void teardown(void)
{
	unlink(path);
}

/* The next line without its time, which must not go back. */
static void expect_line(FILE *file, double *before, const char *expected)
{
	char line[300];
	double time;
	int at;

	ck_assert_ptr_nonnull(fgets(line, sizeof(line), file));
	line[strcspn(line, "\n")] = '\0';
	ck_assert_int_eq(sscanf(line, "%lf %n", &time, &at), 1);
	ck_assert(time >= *before);
	*before = time;
	ck_assert_str_eq(line + at, expected);
}

START_TEST(lines)
{
	struct access_log *log = access_log_open(path);
	uint8_t descriptor[64] = { 0x01, 0x02, [63] = 0xff };
	uint8_t command[4] = { 0x00, 0x00, 0x50, 0x00 };
	char expected[200] = "write bar2 0x1000 64 0102";
	double before = 0;
	FILE *file;
	int i;

	ck_assert_ptr_nonnull(log);
	access_log_event(log, ACCESS_LOG_BEGIN, 0, 0);
	access_log_access(log, false, VFIO_PCI_CONFIG_REGION_INDEX, 4, descriptor, 2);
	access_log_access(log, true, VFIO_PCI_BAR0_REGION_INDEX, 0xa0, command, 4);
	access_log_access(log, true, VFIO_PCI_BAR2_REGION_INDEX, 0x1000, descriptor, 64);
	access_log_access(log, false, VFIO_PCI_BAR0_REGION_INDEX, 0x10000, descriptor, 8);
	access_log_event(log, ACCESS_LOG_BIND, 3, 5);
	access_log_event(log, ACCESS_LOG_UNBIND, 0, 9);
	access_log_event(log, ACCESS_LOG_MESSAGE, 7, 99);
	access_log_event(log, ACCESS_LOG_RESET, 1, 2);
	access_log_flush(log);

	/* Complete as it is, without being closed. */
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	expect_line(file, &before, "begin");
	expect_line(file, &before, "read config 0x04 2 0x0201");
	expect_line(file, &before, "write bar0 0x0a0 4 0x00500000");
	for (i = 2; i < 63; i++)
		strcat(expected, "00");
	strcat(expected, "ff");
	expect_line(file, &before, expected);
	expect_line(file, &before, "read bar0 0x10000 8 0x0000000000000201");
	expect_line(file, &before, "bind 3 5");
	expect_line(file, &before, "unbind 0 9");
	expect_line(file, &before, "message 7");
	expect_line(file, &before, "reset");
	ck_assert_int_eq(fgetc(file), EOF);
	fclose(file);
	ck_assert_int_eq(access_log_close(log), 0);
}
END_TEST

START_TEST(nothing_without_a_log)
{
	access_log_access(NULL, true, 0, 0, NULL, 4);
	access_log_event(NULL, ACCESS_LOG_END, 0, 0);
	access_log_flush(NULL);
	ck_assert_int_eq(access_log_close(NULL), 0);
}
END_TEST

START_TEST(lost_lines_are_told)
{
	struct access_log *log;

	ck_assert_ptr_null(access_log_open("/nonexistent/log"));
	ck_assert_int_eq(errno, ENOENT);
	log = access_log_open("/dev/full");
	ck_assert_ptr_nonnull(log);
	access_log_event(log, ACCESS_LOG_BEGIN, 0, 0);
	ck_assert_int_lt(access_log_close(log), 0);
	/* Also when it was not the last line that was lost. */
	log = access_log_open("/dev/full");
	ck_assert_ptr_nonnull(log);
	access_log_event(log, ACCESS_LOG_BEGIN, 0, 0);
	access_log_flush(log);
	ck_assert_int_lt(access_log_close(log), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("access log");
	Suite *suite = suite_create("access_log");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, lines);
	tcase_add_test(tcase, nothing_without_a_log);
	tcase_add_test(tcase, lost_lines_are_told);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
