// SPDX-License-Identifier: GPL-2.0-only
/* accel-config's files: what is read from them, what is refused, and what becomes of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command_run.h"
#include "queue_layout.h"
#include "unit.h"
#include "wq_config.h"

static struct wq_config config;
static struct problem problem;
static char path[64];

static void write_bytes(const char *text, size_t length)
{
	int fd;

	snprintf(path, sizeof(path), "/tmp/wq-config-XXXXXX");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, length), (ssize_t)length);
	close(fd);
}

static int load(const char *text, const char *device)
{
	int error;

	write_bytes(text, strlen(text));
	memset(&problem, 0, sizeof(problem));
	error = wq_config_load(&config, path, device, &problem);
	unlink(path);
	return error;
}

static void teardown(void)
{
	wq_config_destroy(&config);
}

/* Two groups, in which queues and engines are out of order. */
static const char whole[] =
	"[ { \"dev\":\"dsa3\", \"read_buffer_limit\":0, \"groups\":[\n"
	" { \"dev\":\"group3.1\", \"read_buffers_reserved\":0, \"use_read_buffer_limit\":0,\n"
	"   \"read_buffers_allowed\":24, \"grouped_workqueues\":[\n"
	"   { \"dev\":\"wq3.5\", \"mode\":\"dedicated\", \"size\":24, \"group_id\":1,\n"
	"     \"priority\":7, \"block_on_fault\":0, \"max_batch_size\":16,\n"
	"     \"max_transfer_size\":262144, \"cdev_minor\":0, \"type\":\"kernel\",\n"
	"     \"name\":\"first\", \"driver_name\":\"dmaengine\", \"threshold\":0,\n"
	"     \"state\":\"enabled\", \"clients\":0 },\n"
	"   { \"dev\":\"wq3.2\", \"mode\":\"dedicated\", \"size\":8, \"type\":\"kernel\" } ],\n"
	"   \"grouped_engines\":[ { \"dev\":\"engine3.2\", \"group_id\":1 } ] },\n"
	" { \"dev\":\"group3.0\", \"tokens_allowed\":12, \"grouped_workqueues\":[\n"
	"   { \"dev\":\"wq3.0\", \"mode\":\"dedicated\", \"size\":16, \"priority\":15 } ],\n"
	"   \"grouped_engines\":[ { \"dev\":\"engine3.0\" }, { \"dev\":\"engine3.3\" } ] } ],\n"
	" \"ungrouped_workqueues\":[ { \"dev\":\"wq3.7\", \"size\":0 } ],\n"
	" \"ungrouped_engines\":[ { \"dev\":\"engine3.1\" } ] } ]\n";

START_TEST(all_of_it)
{
	const struct wq_settings *first, *last;

	ck_assert_msg(load(whole, NULL) == 0, "%s", problem.text);
	ck_assert_str_eq(config.device, "dsa3");
	ck_assert(wq_config_asks(&config));
	/* In the order of the file. */
	ck_assert_uint_eq(wq_config_queues(&config, 8), 3);
	ck_assert_uint_eq(wq_config_number(&config, 0), 5);
	ck_assert_uint_eq(wq_config_number(&config, 1), 2);
	ck_assert_uint_eq(wq_config_number(&config, 2), 0);
	first = wq_config_settings(&config, 0);
	ck_assert_uint_eq(first->number[WQ_MODE], WQ_MODE_DEDICATED);
	ck_assert_uint_eq(first->number[WQ_SIZE], 24);
	ck_assert_uint_eq(first->number[WQ_GROUP_ID], 1);
	ck_assert_uint_eq(first->number[WQ_PRIORITY], 7);
	ck_assert_uint_eq(first->number[WQ_MAX_BATCH_SIZE], 16);
	ck_assert_uint_eq(first->number[WQ_MAX_TRANSFER_SIZE], 262144);
	ck_assert_str_eq(first->text[WQ_NAME], "first");
	ck_assert_str_eq(first->text[WQ_DRIVER_NAME], "dmaengine");
	ck_assert(wq_settings_has(first, WQ_THRESHOLD));
	/* What is not said is not asked for, but the group it stands in is. */
	last = wq_config_settings(&config, 2);
	ck_assert(!wq_settings_has(last, WQ_TYPE));
	ck_assert(!wq_settings_has(last, WQ_THRESHOLD));
	ck_assert(wq_settings_has(last, WQ_GROUP_ID));
	ck_assert_uint_eq(last->number[WQ_GROUP_ID], 0);
	ck_assert_uint_eq(config.engine_count, 3);
	ck_assert_uint_eq(config.engines[0].number, 2);
	ck_assert_uint_eq(config.engines[0].group_id, 1);
	ck_assert_uint_eq(config.group_count, 2);
	ck_assert_uint_eq(config.groups[0].value[WQ_GROUP_READ_BUFFERS_ALLOWED], 24);
	/* By its older name. */
	ck_assert_uint_eq(config.groups[1].value[WQ_GROUP_READ_BUFFERS_ALLOWED], 12);
	ck_assert_uint_eq(config.device_given, 1 << WQ_DEVICE_READ_BUFFER_LIMIT);
}
END_TEST

#define QUEUE(keys) \
	"[{\"dev\":\"dsa0\",\"groups\":[{\"dev\":\"group0.0\",\"grouped_workqueues\":[" \
	"{\"dev\":\"wq0.0\"" keys "}]}]}]"
#define GROUP(keys) \
	"[{\"dev\":\"dsa0\",\"groups\":[{\"dev\":\"group0.0\"" keys \
	",\"grouped_workqueues\":[{\"dev\":\"wq0.0\"}]}]}]"
#define DEVICE(keys) \
	"[{\"dev\":\"dsa0\"" keys ",\"groups\":[{\"dev\":\"group0.0\",\"grouped_workqueues\":[" \
	"{\"dev\":\"wq0.0\"}]}]}]"

static const struct {
	const char *text;
	const char *words;
} refused[] = {
	{ "", "it ends in the middle, or is empty" },
	{ " \n", "it ends in the middle, or is empty" },
	{ "[{\"dev\":\"dsa0\",", "it ends in the middle" },
	{ "[\n{\"dev\" \"dsa0\"}]", "line 2, column 8: it is not JSON" },
	{ "dsa0", "it is not JSON" },
	{ DEVICE("") "x", "something follows" },
	{ "{}", "it is not a list of devices" },
	{ "[]", "empty list" },
	{ "[3]", "3 is not an object in braces" },
	{ "[{}]", "the first key of an object must be \"dev\"" },
	{ "[{\"groups\":[],\"dev\":\"dsa0\"}]", "the first key of an object must be \"dev\"" },
	{ "[{\"dev\":0}]", "dev: 0 is not a name" },
	{ "[{\"dev\":\"iax1\"}]", "iax1: this is an IAA" },
	{ "[{\"dev\":\"dsa\"}]", "'dsa' is not a name like dsa0" },
	{ "[{\"dev\":\"dsa-1\"}]", "'dsa-1' is not a name like dsa0" },
	{ "[{\"dev\":\"ds\"}]", "'ds' is not a name like dsa0" },
	{ "[{\"dev\":\"dsa0x\"}]", "'dsa0x' is not a name like dsa0" },
	{ "[{\"dev\":\"dsa0\"}]", "there is no queue in it" },
	{ "[{\"dev\":\"dsa0\"},{\"dev\":\"dsa2\"}]", "more than one device in it (dsa0, dsa2)" },
	{ "[{\"dev\":\"dsa0\",\"groups\":3}]", "dsa0: groups: 3 is not a list" },
	{ DEVICE(",\"speed\":3"), "dsa0: 'speed' is not a key that is known" },
	{ DEVICE(",\"read_buffer_limit\":256"), "256 is not between 0 and 255" },
	{ GROUP(",\"speed\":3"), "dsa0: group0.0: 'speed' is not a key" },
	{ GROUP(",\"read_buffers_allowed\":-1"), "-1 is not between" },
	{ GROUP(",\"traffic_class_a\":\"1\""), "traffic_class_a: \"1\" is not a whole number" },
	{ GROUP(",\"grouped_engines\":{}"), "grouped_engines: { } is not a list" },
	{ GROUP(",\"grouped_engines\":[{\"dev\":\"engine1.0\"}]"), "is of another device" },
	{ GROUP(",\"grouped_engines\":[{\"dev\":\"wq0.0\"}]"), "is not a name like engine0.0" },
	{ GROUP(",\"grouped_engines\":[{\"dev\":\"engine0.0\",\"group_id\":1}]"),
	  "engine0.0: group_id: 1, but it stands in group 0" },
	{ GROUP(",\"grouped_engines\":[{\"dev\":\"engine0.0\",\"size\":1}]"),
	  "engine0.0: 'size' is not a key" },
	{ GROUP(",\"grouped_engines\":[{\"dev\":\"engine0.0\"},{\"dev\":\"engine0.0\"}]"),
	  "this engine is in the file twice" },
	{ QUEUE(",\"speed\":3"), "dsa0: group0.0: wq0.0: 'speed' is not a key" },
	{ QUEUE(",\"size\":0"), "wq0.0: size: 0 is not between 1 and 65535" },
	{ QUEUE(",\"size\":65536"), "not between" },
	{ QUEUE(",\"size\":-3"), "-3 is not between" },
	{ QUEUE(",\"size\":99999999999999999999"), "not between" },
	{ QUEUE(",\"size\":\"16\""), "size: \"16\" is not a whole number" },
	{ QUEUE(",\"size\":1.5"), "size: 1.5 is not a whole number" },
	{ QUEUE(",\"size\":null"), "size: null is not a whole number" },
	{ QUEUE(",\"size\":[16]"), "is not a whole number" },
	{ QUEUE(",\"priority\":0"), "priority: 0 is not between 1 and 15" },
	{ QUEUE(",\"priority\":16"), "priority: 16 is not between 1 and 15" },
	{ QUEUE(",\"mode\":\"both\""), "mode: 'both' is not one of dedicated, shared" },
	{ QUEUE(",\"mode\":0"), "mode: 0 is not a text" },
	{ QUEUE(",\"type\":\"none\""), "type: 'none' is not one of kernel, user, mdev" },
	{ QUEUE(",\"name\":{}"), "name: { } is not a text" },
	{ QUEUE(",\"name\":\"a\\u0000b\""), "has a NUL in it" },
	{ QUEUE(",\"group_id\":1"), "group_id: 1, but it stands in group 0" },
	{ QUEUE(",\"group_id\":-1"), "group_id: -1 is not between" },
	{ QUEUE(",\"mode\":\"dedicated\",\"threshold\":3"), "threshold: 3: a dedicated queue" },
	{ QUEUE(",\"size\":8,\"threshold\":9"), "threshold: 9 is larger than the size, 8" },
	{ QUEUE(",\"size\":8,\"priority\":1,\n\"size\":16"),
	  "line 2: the key \"size\" stands in the same object twice" },
	{ DEVICE(",\"groups\":[]"), "the key \"groups\" stands in the same object twice" },
	{ QUEUE("},{\"dev\":\"wq0.0\""), "wq0.0: this queue is in the file twice" },
	{ QUEUE("},{\"dev\":\"wq0.300\""), "the number is larger than 255" },
	{ QUEUE("},{\"dev\":\"wq1.1\""), "'wq1.1' is of another device" },
	{ QUEUE("},{\"dev\":\"wq0\""), "'wq0' is not a name like wq0.0" },
	{ QUEUE("},{\"dev\":\"wq0.-1\""), "is not a name like wq0.0" },
	{ DEVICE(",\"ungrouped_workqueues\":[{\"dev\":\"wq0.4\",\"size\":4}]"),
	  "wq0.4: it is in no group" },
};

START_TEST(refuse)
{
	ck_assert_int_eq(load(refused[_i].text, NULL), -EINVAL);
	ck_assert_msg(strstr(problem.text, refused[_i].words), "%s\n%s", refused[_i].text,
		      problem.text);
	/* It says where. */
	ck_assert_ptr_eq(strstr(problem.text, path), problem.text);
	ck_assert(!wq_config_asks(&config));
}
END_TEST

/* Each beginning of a file is refused, and what a changed byte does is never a crash. */
START_TEST(cut_and_changed)
{
	const size_t end = strlen(whole) - 2;
	char text[sizeof(whole)];

	for (size_t length = 0; length < end; length += 3) {
		snprintf(text, sizeof(text), "%.*s", (int)length, whole);
		ck_assert_int_eq(load(text, NULL), -EINVAL);
	}
	for (size_t at = 0; at < end; at += 2) {
		memcpy(text, whole, sizeof(whole));
		text[at] = "{}[]\",:x0"[at % 9];
		if (load(text, NULL) == 0)
			wq_config_destroy(&config);
		else
			ck_assert_ptr_nonnull(strstr(problem.text, path));
	}
}
END_TEST

START_TEST(other_files)
{
	static char huge[(1 << 20) + 2];
	char deep[2000];

	memset(huge, ' ', sizeof(huge) - 1);
	ck_assert_int_eq(load(huge, NULL), -EINVAL);
	ck_assert_ptr_nonnull(strstr(problem.text, "is larger than"));
	memset(deep, '[', sizeof(deep));
	deep[sizeof(deep) - 1] = '\0';
	ck_assert_int_eq(load(deep, NULL), -EINVAL);
	ck_assert_ptr_nonnull(strstr(problem.text, "it is not JSON"));
	write_bytes("[]\0[]", 5);
	ck_assert_int_eq(wq_config_load(&config, path, NULL, &problem), -EINVAL);
	unlink(path);
	ck_assert_int_eq(wq_config_load(&config, "/nowhere/at/all", NULL, &problem), -EINVAL);
	ck_assert_str_eq(problem.text,
			 "/nowhere/at/all: cannot be read: No such file or directory");
	ck_assert_int_eq(wq_config_load(&config, "/tmp", NULL, &problem), -EINVAL);
	ck_assert_ptr_nonnull(strstr(problem.text, "it is no file"));
	ck_assert_int_eq(wq_config_load(&config, "/dev/zero", NULL, &problem), -EINVAL);
}
END_TEST

START_TEST(one_of_several)
{
	static const char two[] =
		"[{\"dev\":\"dsa0\",\"groups\":[{\"dev\":\"group0.0\",\"grouped_workqueues\":["
		"{\"dev\":\"wq0.0\"}]}]},{\"dev\":\"dsa2\",\"groups\":[{\"dev\":\"group2.0\","
		"\"grouped_workqueues\":[{\"dev\":\"wq2.3\"},]}]}]";

	ck_assert_msg(load(two, "dsa2") == 0, "%s", problem.text);
	ck_assert_uint_eq(wq_config_number(&config, 0), 3);
	wq_config_destroy(&config);
	ck_assert_int_eq(load(two, "dsa1"), -EINVAL);
	ck_assert_ptr_nonnull(strstr(problem.text, "there is no dsa1 in it, but dsa0, dsa2"));
}
END_TEST

/* json-c takes more than JSON; the search for double keys takes the same. */
START_TEST(lenient)
{
	static const char text[] =
		"/* of \"dev\": \"dev\": */ [ { 'dev':'dsa0', // \"dev\": 1\n"
		"\"groups\" : [ {\"dev\":\"group0.0\",\"grouped_workqueues\":[ {"
		"\"dev\":\"wq0.0\",\"name\":\"a\\\", \\\"name\\\": {[\" } , ] , } ] , } ]";

	ck_assert_msg(load(text, NULL) == 0, "%s", problem.text);
	ck_assert_str_eq(wq_config_settings(&config, 0)->text[WQ_NAME], "a\", \"name\": {[");
}
END_TEST

/* The command line is stronger. */
START_TEST(merged)
{
	wq_settings_set(&config.common, WQ_SIZE, 4, NULL);
	wq_settings_set(&config.common, WQ_MODE, WQ_MODE_DEDICATED, NULL);
	wq_settings_set(&config.common, WQ_NAME, 0, "other");
	ck_assert_int_eq(load(QUEUE(",\"size\":8,\"mode\":\"shared\",\"threshold\":6,"
				    "\"priority\":2,\"name\":\"x\""),
			      NULL),
			 0);
	ck_assert_uint_eq(wq_config_settings(&config, 0)->number[WQ_SIZE], 4);
	ck_assert_uint_eq(wq_config_settings(&config, 0)->number[WQ_MODE], WQ_MODE_DEDICATED);
	ck_assert_uint_eq(wq_config_settings(&config, 0)->number[WQ_PRIORITY], 2);
	ck_assert_str_eq(wq_config_settings(&config, 0)->text[WQ_NAME], "other");
	ck_assert(!wq_settings_has(wq_config_settings(&config, 0), WQ_THRESHOLD));
}
END_TEST

/* Without a file: all of the device, alike. */
START_TEST(without_a_file)
{
	ck_assert(!wq_config_asks(&config));
	ck_assert(!wq_config_asks(NULL));
	wq_settings_set(&config.common, WQ_PRIORITY, 4, NULL);
	ck_assert(wq_config_asks(&config));
	ck_assert_uint_eq(wq_config_queues(&config, 8), 8);
	ck_assert_uint_eq(wq_config_number(&config, 6), 6);
	ck_assert_uint_eq(wq_config_settings(&config, 6)->number[WQ_PRIORITY], 4);
	ck_assert_uint_eq(wq_config_settings(NULL, 6)->given, 0);
}
END_TEST

/* ---- What a backend can do ------------------------------------------------------- */

static const struct {
	const char *text;
	const char *words;
} unsupported[] = {
	{ QUEUE(",\"mode\":\"shared\""), "wq0.0: mode: 'shared': queues of the backend sample are "
					 "dedicated only: say --mode dedicated" },
	{ QUEUE(",\"type\":\"user\""), "wq0.0: type: 'user': queues of the backend sample are "
				       "kernel only" },
	{ QUEUE(",\"block_on_fault\":1"), "wq0.0: block_on_fault: '1': the backend sample cannot "
					  "set that: take it out of the file, or say otherwise "
					  "with --block-on-fault" },
	{ QUEUE(",\"threshold\":3"), "threshold: '3'" },
	{ QUEUE(",\"op_config\":\"ff\""), "op_config: 'ff'" },
	{ GROUP(",\"use_read_buffer_limit\":1"), "group0.0: use_read_buffer_limit: 1: the backend "
						 "sample cannot set that" },
	{ GROUP(",\"desc_progress_limit\":1"), "desc_progress_limit: 1" },
	{ DEVICE(",\"event_log_size\":64"), "dsa0: event_log_size: 64" },
	{ DEVICE(",\"read_buffer_limit\":5"), "read_buffer_limit: 5" },
};

START_TEST(refuse_unsupported)
{
	ck_assert_int_eq(load(unsupported[_i].text, NULL), 0);
	ck_assert_int_eq(
		wq_config_check_support(&config, &queue_layout_support_sample, NULL, &problem),
		-EOPNOTSUPP);
	ck_assert_msg(strstr(problem.text, unsupported[_i].words), "%s", problem.text);
	/* A backend that cannot do anything refuses as well. */
	ck_assert_int_eq(wq_config_check_support(&config, NULL, NULL, &problem), -EOPNOTSUPP);
}
END_TEST

START_TEST(supported)
{
	static char *text;
	static size_t size;
	FILE *remarks = open_memstream(&text, &size);

	ck_assert_int_eq(load(whole, NULL), 0);
	ck_assert_msg(wq_config_check_support(&config, &queue_layout_support_sample, remarks,
					      &problem) == 0,
		      "%s", problem.text);
	fclose(remarks);
	/* Once, and nothing else. */
	ck_assert_ptr_nonnull(strstr(text, "wq3.5: driver_name: 'dmaengine' has no meaning for the "
					   "backend sample\n"));
	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
	/* From the command line the option is named. */
	wq_config_destroy(&config);
	wq_settings_set(&config.common, WQ_ATS_DISABLE, 1, NULL);
	ck_assert_int_eq(
		wq_config_check_support(&config, &queue_layout_support_sim, NULL, &problem),
		-EOPNOTSUPP);
	ck_assert_str_eq(problem.text,
			 "--ats-disable: '1': the backend sim cannot set that: leave it out");
	ck_assert_int_eq(wq_config_check_support(NULL, NULL, NULL, &problem), 0);
}
END_TEST

/* ---- What a device has -------------------------------------------------------------- */

static const struct dsa_sample_info spr = {
	.queues = 8,
	.queue_entries = 16,
	.groups = 4,
	.engines = 4,
	.total_entries = 128,
	.max_transfer = UINT64_C(1) << 31,
	.group_flags = 0x6000000,
};

static int lay_out(unsigned int queues, struct dsa_sample_info *info,
		   struct dsa_sample_configure *layout)
{
	*info = spr;
	return queue_layout_make(&config, queues, info, layout, &problem);
}

START_TEST(laid_out)
{
	struct dsa_sample_configure layout;
	struct dsa_sample_info info;

	ck_assert_int_eq(load(whole, NULL), 0);
	ck_assert_msg(lay_out(0, &info, &layout) == 0, "%s", problem.text);
	ck_assert_uint_eq(layout.groups[1].queues, 1 << 5 | 1 << 2);
	ck_assert_uint_eq(layout.groups[1].engines, 1 << 2);
	ck_assert_uint_eq(layout.groups[1].flags, 24 << 20);
	ck_assert_uint_eq(layout.groups[0].queues, 1 << 0);
	ck_assert_uint_eq(layout.groups[0].engines, 1 << 0 | 1 << 3);
	ck_assert_uint_eq(layout.groups[0].flags, 12 << 20);
	ck_assert_uint_eq(layout.groups[2].engines, 0);
	ck_assert_uint_eq(layout.groups[2].flags, spr.group_flags);
	ck_assert_uint_eq(layout.queues[5].size, 24);
	ck_assert_uint_eq(layout.queues[5].priority, 7);
	ck_assert_uint_eq(layout.queues[5].max_transfer_shift, 18);
	ck_assert_uint_eq(layout.queues[5].max_batch_shift, 4);
	ck_assert_uint_eq(layout.queues[2].size, 8);
	ck_assert_uint_eq(layout.queues[2].priority, 1);
	ck_assert_uint_eq(layout.queues[2].max_transfer_shift, 31);
	/* Those that are not in the file are not used. */
	ck_assert_uint_eq(layout.queues[1].size, 0);
	/* What is true of every one. */
	ck_assert_uint_eq(info.queue_entries, 8);
	ck_assert_uint_eq(info.max_transfer, 262144);

	/* The first one only: its group has no use for others. */
	ck_assert_int_eq(lay_out(1, &info, &layout), 0);
	ck_assert_uint_eq(layout.groups[1].queues, 1 << 5);
	ck_assert_uint_eq(layout.groups[0].queues, 0);
	ck_assert_uint_eq(layout.groups[0].engines, 0);
	ck_assert_uint_eq(layout.queues[0].size, 0);
}
END_TEST

START_TEST(laid_out_without_a_file)
{
	struct dsa_sample_configure layout;
	struct dsa_sample_info info;
	uint64_t engines = 0;

	wq_settings_set(&config.common, WQ_PRIORITY, 4, NULL);
	ck_assert_int_eq(lay_out(0, &info, &layout), 0);
	for (unsigned int i = 0; i < 4; i++)
		ck_assert_uint_eq(layout.groups[i].queues, (1 << i) | (1 << (i + 4)));
	ck_assert_uint_eq(layout.queues[7].priority, 4);
	ck_assert_uint_eq(info.queue_entries, 16);
	/* All engines for the one group that is used. */
	wq_settings_set(&config.common, WQ_GROUP_ID, 2, NULL);
	ck_assert_int_eq(lay_out(0, &info, &layout), 0);
	ck_assert_uint_eq(layout.groups[2].queues, 0xff);
	ck_assert_uint_eq(layout.groups[2].engines, 0xf);
	for (unsigned int i = 0; i < DSA_SAMPLE_GROUPS; i++)
		engines |= i == 2 ? 0 : layout.groups[i].engines | layout.groups[i].queues;
	ck_assert_uint_eq(engines, 0);
}
END_TEST

static const struct {
	const char *text;
	enum wq_setting setting;
	uint64_t number;
	const char *words;
} too_large[] = {
	{ NULL, WQ_GROUP_ID, 4, "--group-id: 4: the device has groups 0 to 3" },
	{ NULL, WQ_SIZE, 17, "--wq-size: 8 queues with 136 entries together, the device has 128" },
	{ NULL, WQ_SIZE, 129, "--wq-size: 129: the device has entries, in all 128" },
	{ QUEUE(",\"size\":129"), WQ_SETTINGS, 0, "wq0.0: size: 129: the device has" },
	{ QUEUE(",\"size\":100},{\"dev\":\"wq0.1\",\"size\":29"), WQ_SETTINGS, 0,
	  "dsa0: size: 2 queues with 129 entries together, the device has 128" },
	{ QUEUE(",\"size\":128},{\"dev\":\"wq0.1\""), WQ_SETTINGS, 0, "129 entries together" },
	{ QUEUE("},{\"dev\":\"wq0.8\""), WQ_SETTINGS, 0, "queue 8: the device has queues 0 to 7" },
	{ GROUP(",\"grouped_engines\":[{\"dev\":\"engine0.4\"}]"), WQ_SETTINGS, 0,
	  "engine 4: the device has engines 0 to 3" },
	{ "[{\"dev\":\"dsa0\",\"groups\":[{\"dev\":\"group0.0\",\"grouped_workqueues\":["
	  "{\"dev\":\"wq0.0\"}]},{\"dev\":\"group0.1\",\"grouped_engines\":["
	  "{\"dev\":\"engine0.0\"}]}]}]",
	  WQ_SETTINGS, 0, "wq0.0: group_id: 0: this group has no engine" },
	{ "[{\"dev\":\"dsa0\",\"groups\":[{\"dev\":\"group0.0\",\"grouped_workqueues\":["
	  "{\"dev\":\"wq0.0\"}]},{\"dev\":\"group0.4\"}]}]",
	  WQ_SETTINGS, 0, "group 4: the device has groups 0 to 3" },
};

START_TEST(refuse_too_large)
{
	struct dsa_sample_configure layout;
	struct dsa_sample_info info;

	if (too_large[_i].setting != WQ_SETTINGS)
		wq_settings_set(&config.common, too_large[_i].setting, too_large[_i].number, NULL);
	if (too_large[_i].text)
		ck_assert_msg(load(too_large[_i].text, NULL) == 0, "%s", problem.text);
	ck_assert_int_eq(lay_out(0, &info, &layout), -ENOSPC);
	ck_assert_msg(strstr(problem.text, too_large[_i].words), "%s", problem.text);
}
END_TEST

/* The sum is of those that are to come up. */
START_TEST(fewer_fit)
{
	struct dsa_sample_configure layout;
	struct dsa_sample_info info;

	ck_assert_int_eq(load(QUEUE(",\"size\":100},{\"dev\":\"wq0.1\",\"size\":29"), NULL), 0);
	ck_assert_int_eq(lay_out(1, &info, &layout), 0);
	ck_assert_uint_eq(info.queue_entries, 100);
	info = (struct dsa_sample_info){ .queues = 8, .queue_entries = 16 };
	ck_assert_int_eq(queue_layout_make(&config, 0, &info, &layout, &problem), -EOPNOTSUPP);
}
END_TEST

/* The options say the same as the keys: names, words and bounds. */
START_TEST(options_and_keys)
{
	for (unsigned int i = 0; i < WQ_SETTINGS; i++) {
		const struct option_spec *spec = command_run_options;

		while (spec->name && strcmp(spec->name, wq_keys[i].option) != 0)
			spec++;
		ck_assert_msg(spec->name, "there is no option --%s", wq_keys[i].option);
		ck_assert_int_eq(wq_keys[i].text, spec->type == OPTION_NAME);
		if (wq_keys[i].text)
			continue;
		ck_assert_int_eq(wq_keys[i].words != NULL, spec->type == OPTION_CHOICE);
		if (!wq_keys[i].words) {
			ck_assert_uint_eq(wq_keys[i].min, spec->min);
			ck_assert_uint_eq(wq_keys[i].max, spec->max);
			continue;
		}
		for (unsigned int j = 0; wq_keys[i].words[j] || spec->words[j].word; j++) {
			ck_assert_str_eq(wq_keys[i].words[j], spec->words[j].word);
			ck_assert_uint_eq(spec->words[j].value, j);
		}
	}
}
END_TEST

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

int main(void)
{
	Suite *suite = suite_create("wq_config");
	TCase *tcase = tcase_create("wq_config");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, all_of_it);
	tcase_add_loop_test(tcase, refuse, 0, COUNT(refused));
	tcase_add_test(tcase, cut_and_changed);
	tcase_add_test(tcase, other_files);
	tcase_add_test(tcase, one_of_several);
	tcase_add_test(tcase, lenient);
	tcase_add_test(tcase, merged);
	tcase_add_test(tcase, without_a_file);
	tcase_add_loop_test(tcase, refuse_unsupported, 0, COUNT(unsupported));
	tcase_add_test(tcase, supported);
	tcase_add_test(tcase, laid_out);
	tcase_add_test(tcase, laid_out_without_a_file);
	tcase_add_loop_test(tcase, refuse_too_large, 0, COUNT(too_large));
	tcase_add_test(tcase, fewer_fit);
	tcase_add_test(tcase, options_and_keys);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
