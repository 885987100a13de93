// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the backend sample tells the driver about queues, and what it makes of the answers.
 * The driver is played by this program's own ioctl().
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "backend.h"
#include "unit.h"

static struct dsa_sample_info driver;
static struct dsa_sample_configure configured;
static unsigned int configure_calls;
static int configure_error;
static unsigned int again; /* how often the device is being reset yet */
static unsigned int waits;

static struct run_parameters parameters;
static struct wq_config config;
static struct problem problem;
static char path[] = "/tmp/backend-sample-XXXXXX";

/* Instead of the C library's: every call of this program ends here. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;

	(void)fd;
	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (request == DSA_SAMPLE_INFO) {
		memcpy(argument, &driver, sizeof(driver));
		return 0;
	}
	if (request != DSA_SAMPLE_CONFIGURE) {
		errno = ENOTTY;
		return -1;
	}
	if (again) {
		again--;
		errno = EAGAIN;
		return -1;
	}
	configure_calls++;
	memcpy(&configured, argument, sizeof(configured));
	errno = configure_error;
	return configure_error ? -1 : 0;
}

/* No time passes here. */
int nanosleep(const struct timespec *time, struct timespec *rest)
{
	(void)time;
	(void)rest;
	waits++;
	return 0;
}

static void setup(void)
{
	int fd;

	driver = (struct dsa_sample_info){
		.argsz = sizeof(driver),
		.flags = DSA_SAMPLE_INFO_STORES,
		.api_version = DSA_SAMPLE_API_VERSION,
		.queues = 8,
		.queue_entries = 16,
		.vectors = 9,
		.max_buffer = 1 << 22,
		.max_transfer = UINT64_C(1) << 31,
		.groups = 4,
		.engines = 4,
		.total_entries = 128,
		.group_flags = 96 << 20,
	};
	configure_calls = 0;
	configure_error = 0;
	again = 0;
	waits = 0;
	memset(&config, 0, sizeof(config));
	memset(&problem, 0, sizeof(problem));
	strcpy(path + strlen(path) - 6, "XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	parameters = (struct run_parameters){ .device = path, .depth = 1, .size = 64 };
}

static void teardown(void)
{
	unlink(path);
}

static int open_it(struct backend_device **device)
{
	return backend_sample.open(&parameters, device, &problem);
}

/* Who asks for nothing changes nothing. */
START_TEST(untouched)
{
	struct backend_device *device;
	struct dsa_sample_info info;

	parameters.config = _i ? &config : NULL;
	ck_assert_msg(open_it(&device) == 0, "%s", problem.text);
	ck_assert_int_eq(backend_sample.info(device, &info, &problem), 0);
	ck_assert_uint_eq(info.queue_entries, 16);
	backend_sample.close(device);
	ck_assert_uint_eq(configure_calls, 0);
}
END_TEST

START_TEST(told_and_undone)
{
	static const struct dsa_sample_configure usual = { .argsz = sizeof(usual) };
	struct backend_device *device;
	struct dsa_sample_info info;

	parameters.config = &config;
	parameters.queues = 3;
	wq_settings_set(&config.common, WQ_SIZE, 40, NULL);
	wq_settings_set(&config.common, WQ_GROUP_ID, 2, NULL);
	wq_settings_set(&config.common, WQ_PRIORITY, 9, NULL);
	wq_settings_set(&config.common, WQ_MAX_TRANSFER_SIZE, 5000, NULL);
	ck_assert_msg(open_it(&device) == 0, "%s", problem.text);
	ck_assert_uint_eq(configure_calls, 1);
	ck_assert_uint_eq(configured.argsz, sizeof(configured));
	ck_assert_uint_eq(configured.flags, 0);
	ck_assert_uint_eq(configured.groups[2].queues, 7);
	ck_assert_uint_eq(configured.groups[2].engines, 15);
	ck_assert_uint_eq(configured.groups[2].flags, 96 << 20);
	ck_assert_uint_eq(configured.queues[2].size, 40);
	ck_assert_uint_eq(configured.queues[2].priority, 9);
	/* Rounded up to a power of two. */
	ck_assert_uint_eq(configured.queues[2].max_transfer_shift, 13);
	ck_assert_uint_eq(configured.queues[3].size, 0);
	ck_assert_int_eq(backend_sample.info(device, &info, &problem), 0);
	ck_assert_uint_eq(info.queue_entries, 40);
	ck_assert_uint_eq(info.max_transfer, 8192);
	/* Whoever comes next finds it as it was. */
	backend_sample.close(device);
	ck_assert_uint_eq(configure_calls, 2);
	ck_assert_int_eq(memcmp(&configured, &usual, sizeof(usual)), 0);
}
END_TEST

static const struct {
	int error;
	const char *words;
} refused[] = {
	{ EBUSY, "a queue is up: another program is using the device" },
	{ EINVAL, "beyond what the device or the driver can do" },
	{ EIO, "the device refuses it, or did not come back from a reset: the kernel log" },
	{ ENOTTY, "the driver is of an older release" },
	{ EBADF, "not open for writing" },
	{ ENODEV, "the device is gone: see the kernel log" },
	{ ENOMEM, "Cannot allocate memory" },
};

START_TEST(driver_refuses)
{
	struct backend_device *device;

	parameters.config = &config;
	wq_settings_set(&config.common, WQ_PRIORITY, 9, NULL);
	configure_error = refused[_i].error;
	ck_assert_int_eq(open_it(&device), -refused[_i].error);
	ck_assert_msg(strstr(problem.text, refused[_i].words), "%s", problem.text);
	ck_assert_ptr_eq(strstr(problem.text, path), problem.text);
	/* Nothing to undo. */
	ck_assert_uint_eq(configure_calls, 1);
}
END_TEST

/* A device that is being reset is waited for. */
START_TEST(comes_back)
{
	struct backend_device *device;

	parameters.config = &config;
	wq_settings_set(&config.common, WQ_PRIORITY, 9, NULL);
	again = 7;
	ck_assert_msg(open_it(&device) == 0, "%s", problem.text);
	ck_assert_uint_eq(waits, 7);
	ck_assert_uint_eq(configure_calls, 1);
	backend_sample.close(device);
}
END_TEST

/* But not for ever. */
START_TEST(does_not_come_back)
{
	struct backend_device *device;

	parameters.config = &config;
	wq_settings_set(&config.common, WQ_PRIORITY, 9, NULL);
	again = 1000000;
	ck_assert_int_eq(open_it(&device), -EAGAIN);
	ck_assert_msg(strstr(problem.text, "has been resetting the device for 30 s"), "%s",
		      problem.text);
	ck_assert_uint_eq(waits, 3000);
	ck_assert_uint_eq(configure_calls, 0);
}
END_TEST

/* A driver from before leaves the newer members of its answer as they are: zero. */
START_TEST(older_driver)
{
	struct backend_device *device;

	parameters.config = &config;
	wq_settings_set(&config.common, WQ_PRIORITY, 9, NULL);
	driver.groups = 0;
	driver.engines = 0;
	driver.total_entries = 0;
	ck_assert_int_eq(open_it(&device), -EOPNOTSUPP);
	ck_assert_ptr_nonnull(strstr(problem.text, "cannot be told how queues are to be"));
	ck_assert_uint_eq(configure_calls, 0);
}
END_TEST

START_TEST(device_is_smaller)
{
	struct backend_device *device;

	parameters.config = &config;
	wq_settings_set(&config.common, WQ_SIZE, 17, NULL);
	ck_assert_int_eq(open_it(&device), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(problem.text, "136 entries together, the device has 128"));
	ck_assert_uint_eq(configure_calls, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("backend sample");
	TCase *tcase = tcase_create("backend sample");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, untouched, 0, 2);
	tcase_add_test(tcase, told_and_undone);
	tcase_add_loop_test(tcase, driver_refuses, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tcase, comes_back);
	tcase_add_test(tcase, does_not_come_back);
	tcase_add_test(tcase, older_driver);
	tcase_add_test(tcase, device_is_smaller);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
