// SPDX-License-Identifier: GPL-2.0-only
/*
 * dsa-model-ctl: words of the command line to requests of the control socket, and
 * replies to something for people.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl_socket.h"

#define NS_PER_SECOND 1000000000ULL
/* Lines of --watch between two headings. */
#define HEADING_EVERY 20

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char *control_path, *device_name;

/* ---- Requests and replies ------------------------------------------------ */

static struct json_object *new_request(const char *command)
{
	struct json_object *request = json_object_new_object();

	json_object_object_add(request, "command", json_object_new_string(command));
	if (device_name)
		json_object_object_add(request, "device", json_object_new_string(device_name));
	return request;
}

/* The reply, or NULL when there was none or it was a refusal, which has been reported. */
static struct json_object *ask(struct json_object *request)
{
	struct json_object *reply = ctl_ask(request), *error;

	json_object_put(request);
	if (!reply || json_object_get_boolean(json_object_object_get(reply, "ok")))
		return reply;
	error = json_object_object_get(reply, "error");
	fprintf(stderr, "dsa-model-ctl: refused: %s\n",
		error ? json_object_get_string(error) : "no reason given");
	json_object_put(reply);
	return NULL;
}

static int ask_plainly(const char *command)
{
	struct json_object *reply = ask(new_request(command));

	json_object_put(reply);
	return reply ? EXIT_OK : EXIT_FAILED;
}

static uint64_t count_of(struct json_object *object, const char *key)
{
	return json_object_get_uint64(json_object_object_get(object, key));
}

static const char *text_of(struct json_object *object, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(object, key));

	return text ? text : "";
}

static int usage(const char *format, const char *what)
{
	fputs("dsa-model-ctl: ", stderr);
	fprintf(stderr, format, what);
	fputs("\ndsa-model-ctl: try 'dsa-model-ctl --help'\n", stderr);
	return EXIT_USAGE;
}

/* A whole number; false for anything else. */
static bool whole(const char *text, uint64_t *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return !errno && !*end && *value <= INT64_MAX;
}

/* ---- Commands ------------------------------------------------------------ */

static int do_devices(int argc, char **argv)
{
	struct json_object *reply, *list;
	size_t i;

	(void)argc, (void)argv;
	device_name = NULL;
	reply = ask(new_request("devices"));
	if (!reply)
		return EXIT_FAILED;
	list = json_object_object_get(reply, "devices");
	for (i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		printf("%-12s %s\n", text_of(item, "name"), text_of(item, "socket"));
	}
	json_object_put(reply);
	return EXIT_OK;
}

static int do_fault_add(int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++) {
		struct json_object *request = new_request("fault-add"), *reply;

		json_object_object_add(request, "fault", json_object_new_string(argv[i]));
		reply = ask(request);
		if (!reply)
			return EXIT_FAILED;
		printf("fault %" PRIu64 ": %s\n", count_of(reply, "id"), argv[i]);
		json_object_put(reply);
	}
	return EXIT_OK;
}

static int do_fault_list(int argc, char **argv)
{
	struct json_object *reply = ask(new_request("fault-list")), *list;
	size_t i;

	(void)argc, (void)argv;
	if (!reply)
		return EXIT_FAILED;
	list = json_object_object_get(reply, "faults");
	printf("%5s %10s %10s  %s\n", "id", "seen", "hits", "fault");
	for (i = 0; i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		printf("%5" PRIu64 " %10" PRIu64 " %10" PRIu64 "  %s\n", count_of(item, "id"),
		       count_of(item, "seen"), count_of(item, "hits"), text_of(item, "fault"));
	}
	json_object_put(reply);
	return EXIT_OK;
}

static int do_fault_clear(int argc, char **argv)
{
	uint64_t id, cleared = 0;
	int i = 0;

	do {
		struct json_object *request, *reply;

		if (argc && !whole(argv[i], &id))
			return usage("'%s' is no number of a fault", argv[i]);
		request = new_request("fault-clear");
		if (argc)
			json_object_object_add(request, "id", json_object_new_uint64(id));
		reply = ask(request);
		if (!reply)
			return EXIT_FAILED;
		cleared += count_of(reply, "cleared");
		json_object_put(reply);
	} while (++i < argc);
	printf("%" PRIu64 " cleared\n", cleared);
	return EXIT_OK;
}

static int do_release(int argc, char **argv)
{
	struct json_object *reply = ask(new_request("release"));

	(void)argc, (void)argv;
	if (!reply)
		return EXIT_FAILED;
	printf("%" PRIu64 " released\n", count_of(reply, "released"));
	json_object_put(reply);
	return EXIT_OK;
}

static int do_halt(int argc, char **argv)
{
	struct json_object *request = new_request("halt"), *reply;

	if (argc)
		json_object_object_add(request, "mode", json_object_new_string(argv[0]));
	reply = ask(request);
	json_object_put(reply);
	return reply ? EXIT_OK : EXIT_FAILED;
}

static int do_vanish(int argc, char **argv)
{
	(void)argc, (void)argv;
	return ask_plainly("vanish");
}

static int do_revoke(int argc, char **argv)
{
	(void)argc, (void)argv;
	return ask_plainly("revoke");
}

static int do_reset(int argc, char **argv)
{
	(void)argc, (void)argv;
	return ask_plainly("reset");
}

static int do_msix_disabled(int argc, char **argv)
{
	struct json_object *request = new_request("msix-disabled"), *reply;

	if (argc)
		json_object_object_add(request, "mode", json_object_new_string(argv[0]));
	reply = ask(request);
	if (!reply)
		return EXIT_FAILED;
	if (!argc)
		puts(text_of(reply, "mode"));
	json_object_put(reply);
	return EXIT_OK;
}

static int raise_some(uint64_t vector, uint64_t count)
{
	struct json_object *request = new_request("raise"), *reply;

	json_object_object_add(request, "vector", json_object_new_uint64(vector));
	json_object_object_add(request, "count", json_object_new_uint64(count));
	reply = ask(request);
	json_object_put(reply);
	return reply ? EXIT_OK : EXIT_FAILED;
}

/* Points in time, so that what a request takes does not add up. */
static int raise_at_rate(uint64_t vector, uint64_t count, uint64_t rate)
{
	struct timespec at;
	uint64_t i, ns;
	int ret = EXIT_OK;

	clock_gettime(CLOCK_MONOTONIC, &at);
	for (i = 0; i < count && !ret; i++) {
		if (i) {
			ns = at.tv_nsec + NS_PER_SECOND / rate;
			at.tv_sec += ns / NS_PER_SECOND;
			at.tv_nsec = ns % NS_PER_SECOND;
			while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
				;
		}
		ret = raise_some(vector, 1);
	}
	return ret;
}

static int do_raise(int argc, char **argv)
{
	uint64_t vector, count = 1, rate = 0;

	if (!whole(argv[0], &vector))
		return usage("'%s' is no vector", argv[0]);
	if (argc > 1 && (!whole(argv[1], &count) || !count))
		return usage("'%s' is no number of messages", argv[1]);
	if (argc > 2 && (!whole(argv[2], &rate) || !rate || rate > 1000000))
		return usage("'%s' is no rate: messages a second, 1 to 1000000", argv[2]);
	return rate ? raise_at_rate(vector, count, rate) : raise_some(vector, count);
}

/* ---- Statistics ---------------------------------------------------------- */

/* What --watch shows: of the whole object, or summed up over the queues. */
static const struct column {
	const char *title;
	const char *key;
	bool of_queues;
	bool now; /* a state, not a count */
} columns[] = {
	{ "accepted", "accepted", true, false },   { "completed", "completed", true, false },
	{ "abandoned", "abandoned", true, false }, { "rejected", "rejected", true, false },
	{ "raised", "raised", false, false },	   { "delivered", "delivered", false, false },
	{ "dropped", "dropped", false, false },	   { "merged", "merged", false, false },
	{ "pending", "pending", false, true },
};

#define NUM_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static uint64_t value_of(struct json_object *stats, const struct column *column)
{
	struct json_object *queues = json_object_object_get(stats, "queues");
	uint64_t sum = 0;
	size_t i;

	if (!column->of_queues)
		return count_of(stats, column->key);
	for (i = 0; i < json_object_array_length(queues); i++)
		sum += count_of(json_object_array_get_idx(queues, i), column->key);
	return sum;
}

static void print_heading(void)
{
	size_t i;

	for (i = 0; i < NUM_COLUMNS; i++)
		printf("%s%10s", i ? " " : "", columns[i].title);
	putchar('\n');
}

/* A line a turn: what has been added since the last. The first has the sums so far. */
static int watch(double seconds, uint64_t times)
{
	struct timespec pause = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9),
	};
	uint64_t before[NUM_COLUMNS] = { 0 }, turn;
	size_t i;

	for (turn = 0; !times || turn < times; turn++) {
		struct json_object *reply, *stats;

		if (turn)
			nanosleep(&pause, NULL);
		reply = ask(new_request("stats"));
		if (!reply)
			return EXIT_FAILED;
		stats = json_object_object_get(reply, "stats");
		if (!(turn % HEADING_EVERY))
			print_heading();
		for (i = 0; i < NUM_COLUMNS; i++) {
			uint64_t value = value_of(stats, &columns[i]);

			printf("%s%10" PRIu64, i ? " " : "",
			       columns[i].now ? value : value - before[i]);
			before[i] = value;
		}
		putchar('\n');
		json_object_put(reply);
		if (fflush(stdout))
			return EXIT_FAILED;
	}
	return EXIT_OK;
}

static int do_stats(int argc, char **argv)
{
	double seconds = 0;
	uint64_t times = 0;
	struct json_object *reply;
	int i;

	for (i = 0; i < argc; i++) {
		char *end = NULL;

		if (!strcmp(argv[i], "--watch"))
			seconds = 1;
		else if (!strncmp(argv[i], "--watch=", 8))
			seconds = strtod(argv[i] + 8, &end);
		else if (strncmp(argv[i], "--times=", 8) || !whole(argv[i] + 8, &times) || !times)
			return usage("stats has no '%s'; allowed: --watch[=SECONDS] --times=N",
				     argv[i]);
		if (end && (*end || !(seconds >= 0.01 && seconds <= 3600)))
			return usage("%s: from 0.01 to 3600 seconds", argv[i]);
	}
	if (times && seconds == 0)
		return usage("%s", "--times is for --watch");
	if (seconds > 0)
		return watch(seconds, times);
	reply = ask(new_request("stats"));
	if (!reply)
		return EXIT_FAILED;
	puts(json_object_to_json_string_ext(json_object_object_get(reply, "stats"),
					    JSON_C_TO_STRING_PRETTY));
	json_object_put(reply);
	return EXIT_OK;
}

/* ---- Command line -------------------------------------------------------- */

/**
 * struct subcommand - a row of the table
 * @name: one word or two
 * @min, @max: how many arguments it takes
 */
static const struct subcommand {
	const char *name;
	const char *arguments;
	const char *help;
	int min, max;
	int (*run)(int argc, char **argv);
} subcommands[] = {
	{ "devices", "", "the devices, and their sockets", 0, 0, do_devices },
	{ "stats", "[--watch[=SECONDS] [--times=N]]", "statistics: JSON, or a line a turn", 0, 2,
	  do_stats },
	{ "fault add", "FAULT...", "do this wrong; dsa-model --fault help explains", 1, 64,
	  do_fault_add },
	{ "fault list", "", "the faults there are, and what they did", 0, 0, do_fault_list },
	{ "fault clear", "[ID...]", "end these faults, or all", 0, 64, do_fault_clear },
	{ "release", "", "let stuck descriptors go on", 0, 0, do_release },
	{ "halt", "[command|flr|warm|cold]", "halt the device; say which reset it then needs", 0, 1,
	  do_halt },
	{ "vanish", "", "answer all ones, as if pulled out, until a reset", 0, 0, do_vanish },
	{ "revoke", "", "revoke the interrupt handles", 0, 0, do_revoke },
	{ "reset", "", "reset the device", 0, 0, do_reset },
	{ "msix-disabled", "[drop|latch]", "what becomes of messages while MSI-X is disabled", 0, 1,
	  do_msix_disabled },
	{ "raise", "VECTOR [COUNT [RATE]]", "raise a message; RATE is a second", 1, 3, do_raise },
};

#define NUM_SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static int help(void)
{
	char head[80];
	size_t i;

	puts("usage: dsa-model-ctl --control PATH [--device NAME] COMMAND [ARGUMENT]...\n"
	     "\n"
	     "Looks at the devices of a dsa-model that was started with --control PATH, and\n"
	     "does things to them. Without --control, DSA_MODEL_CONTROL says where it listens;\n"
	     "--device is needed when there are several.\n");
	for (i = 0; i < NUM_SUBCOMMANDS; i++) {
		snprintf(head, sizeof(head), "%s%s%s", subcommands[i].name,
			 *subcommands[i].arguments ? " " : "", subcommands[i].arguments);
		printf("  %-37s %s\n", head, subcommands[i].help);
	}
	puts("\nSee dsa-model-ctl(1).");
	return fflush(stdout) ? EXIT_FAILED : EXIT_OK;
}

/* How many words of @argv are the name of @sub; 0: they are not. */
static int words_of(const struct subcommand *sub, int argc, char **argv)
{
	size_t len = strlen(argv[0]);

	if (!strcmp(sub->name, argv[0]))
		return 1;
	if (argc > 1 && !strncmp(sub->name, argv[0], len) && sub->name[len] == ' ' &&
	    !strcmp(sub->name + len + 1, argv[1]))
		return 2;
	return 0;
}

static int run(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < NUM_SUBCOMMANDS; i++) {
		const struct subcommand *sub = &subcommands[i];
		int words = words_of(sub, argc, argv), ret;

		if (!words)
			continue;
		if (argc - words < sub->min || argc - words > sub->max) {
			fprintf(stderr, "dsa-model-ctl: %s %s\n", sub->name,
				*sub->arguments ? sub->arguments : "takes no arguments");
			return usage("%s: too few or too many arguments", sub->name);
		}
		if (ctl_connect(control_path))
			return EXIT_FAILED;
		ret = sub->run(argc - words, argv + words);
		ctl_close();
		return fflush(stdout) && !ret ? EXIT_FAILED : ret;
	}
	return usage("there is no command '%s'", argv[0]);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "control", required_argument, NULL, 'c' },
		{ "device", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	control_path = getenv("DSA_MODEL_CONTROL");
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", longs, NULL)) != -1) {
		switch (c) {
		case 'c':
			control_path = optarg;
			break;
		case 'd':
			device_name = optarg;
			break;
		case 'h':
			return help();
		case 'v':
			printf("dsa-model-ctl (%s) %s\n", PACKAGE_NAME, PACKAGE_VERSION);
			return fflush(stdout) ? EXIT_FAILED : EXIT_OK;
		case ':':
			return usage("%s needs a value", argv[optind - 1]);
		default:
			return usage("%s: no such option", argv[optind - 1]);
		}
	}
	if (optind == argc)
		return usage("%s", "a command is missing");
	if (!control_path || !*control_path)
		return usage("%s", "--control PATH is missing: where does dsa-model listen?");
	return run(argc - optind, argv + optind);
}
