// SPDX-License-Identifier: GPL-2.0-only
/* dsa-model's command line: values, complaints, and that help and manual say the same. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "unit.h"

static struct options options;
static char *out_text, *err_text;

static void teardown(void)
{
	free(out_text);
	free(err_text);
	out_text = NULL;
	err_text = NULL;
}

#define MAX_ARGS 24

/* Parse words separated by single spaces. */
static enum options_result parse(const char *line)
{
	static char words[512], name[] = "dsa-model";
	char *argv[MAX_ARGS + 1] = { name }, *word;
	size_t out_len, err_len;
	enum options_result result;
	FILE *out, *err;
	int argc = 1;

	teardown();
	snprintf(words, sizeof(words), "%s", line);
	for (word = strtok(words, " "); word && argc < MAX_ARGS; word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	out = open_memstream(&out_text, &out_len);
	err = open_memstream(&err_text, &err_len);
	result = options_parse(&options, argc, argv, out, err);
	fclose(out);
	fclose(err);
	return result;
}

START_TEST(defaults)
{
	ck_assert_int_eq(parse("--socket /run/x"), OPTIONS_RUN);
	ck_assert_str_eq(options.devices[0].socket_path, "/run/x");
	ck_assert_str_eq(options.devices[0].server.device.profile, "spr");
	ck_assert_uint_eq(options.devices[0].server.device.service.min_ns, 0);
	ck_assert_uint_eq(options.devices[0].server.device.service.max_ns, 0);
	ck_assert_uint_eq(options.devices[0].server.device.service.seed, 1);
	ck_assert_int_eq(options.devices[0].server.device.msix_disabled, DSA_MSIX_DISABLED_LATCH);
	ck_assert_uint_eq(options.devices[0].fault_count, 0);
	ck_assert_uint_eq(options.devices[0].server.limits.max_maps, 2000000);
	ck_assert_uint_eq(options.devices[0].server.limits.max_memory, 1ULL << 40);
	ck_assert_uint_eq(options.devices[0].server.device.msix_entries, 0);
	ck_assert_ptr_null(options.devices[0].server.stats_path);
	ck_assert(!options.devices[0].server.once);
	ck_assert(!options.verbose);
	ck_assert_str_eq(err_text, "");
}
END_TEST

START_TEST(everything)
{
	ck_assert_int_eq(parse("--socket=s --profile spr --service-time 0.5ms..8ms --seed 77 "
			       "--msix-disabled drop --drop-message 3:12 --msix-entries 2048"),
			 OPTIONS_RUN);
	ck_assert_uint_eq(options.devices[0].server.device.service.min_ns, 500000);
	ck_assert_uint_eq(options.devices[0].server.device.service.max_ns, 8000000);
	ck_assert_uint_eq(options.devices[0].server.device.service.seed, 77);
	ck_assert_int_eq(options.devices[0].server.device.msix_disabled, DSA_MSIX_DISABLED_DROP);
	ck_assert_uint_eq(options.devices[0].fault_count, 1);
	ck_assert_int_eq(options.devices[0].faults[0].kind, DSA_FAULT_DROP);
	ck_assert_uint_eq(options.devices[0].faults[0].value[DSA_FAULT_KEY_VECTOR], 3);
	ck_assert_uint_eq(options.devices[0].faults[0].value[DSA_FAULT_KEY_NTH], 12);
	ck_assert_uint_eq(options.devices[0].server.device.msix_entries, 2048);
	ck_assert_int_eq(
		parse("--socket s --stats f --access-log l --max-maps 5 --max-memory 3G --once --verbose"),
		OPTIONS_RUN);
	ck_assert_str_eq(options.devices[0].server.stats_path, "f");
	ck_assert_str_eq(options.devices[0].server.access_log_path, "l");
	ck_assert_uint_eq(options.devices[0].server.limits.max_maps, 5);
	ck_assert_uint_eq(options.devices[0].server.limits.max_memory, 3ULL << 30);
	ck_assert(options.devices[0].server.once);
	ck_assert(options.verbose);
	ck_assert(options.sandbox);
	ck_assert_uint_eq(options.devices[0].server.socket_mode, 0600);
	ck_assert_uint_eq(options.devices[0].server.device.device_id, 0);
	ck_assert_int_eq(parse("--socket s --device-id 1212"), OPTIONS_RUN);
	ck_assert_uint_eq(options.devices[0].server.device.device_id, 0x1212);
	ck_assert_int_eq(parse("--socket s --no-sandbox --socket-mode 0660"), OPTIONS_RUN);
	ck_assert(!options.sandbox);
	ck_assert_uint_eq(options.devices[0].server.socket_mode, 0660);
}
END_TEST

START_TEST(durations)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t ns;
		const char *rest;
	} cases[] = {
		{ "0", 0, 0, "" },
		{ "0..1ms", 0, 0, "..1ms" },
		{ "1ns", 0, 1, "" },
		{ "1us", 0, 1000, "" },
		{ "1ms", 0, 1000000, "" },
		{ "1s", 0, 1000000000, "" },
		{ "0.5ms..8ms", 0, 500000, "..8ms" },
		{ "1.000000001s", 0, 1000000001, "" },
		{ "2.50us", 0, 2500, "" },
		{ "3600s", 0, 3600000000000ULL, "" },
		{ "3600.000000001s", -EINVAL, 0, "" },
		{ "3601s", -EINVAL, 0, "" },
		{ "99999999999999999999s", -EINVAL, 0, "" },
		{ "18446744073709551615s", -EINVAL, 0, "" },
		{ "0.5ns", -EINVAL, 0, "" },
		{ "1.0000000001s", -EINVAL, 0, "" },
		{ "1", -EINVAL, 0, "" },
		{ "1.5", -EINVAL, 0, "" },
		{ "1.ms", -EINVAL, 0, "" },
		{ ".5ms", -EINVAL, 0, "" },
		{ "-1ms", -EINVAL, 0, "" },
		{ "+1ms", -EINVAL, 0, "" },
		{ " 1ms", -EINVAL, 0, "" },
		{ "", -EINVAL, 0, "" },
		{ "ms", -EINVAL, 0, "" },
		{ "1h", -EINVAL, 0, "" },
	};
	const char *end;
	uint64_t ns;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_msg(options_duration(cases[i].text, &end, &ns) == cases[i].ret, "'%s'",
			      cases[i].text);
		if (cases[i].ret)
			continue;
		ck_assert_msg(ns == cases[i].ns, "'%s': %lu", cases[i].text, (unsigned long)ns);
		ck_assert_str_eq(end, cases[i].rest);
	}
}
END_TEST

/* Bad values: exit 2, naming the option, the value and what is allowed. */
START_TEST(bad_values)
{
	static const struct {
		const char *option, *value, *allowed;
	} cases[] = {
		{ "msix-entries", "0", "1 to 2048" },
		{ "msix-entries", "2049", "1 to 2048" },
		{ "msix-entries", "-1", "1 to 2048" },
		{ "msix-entries", "9x", "1 to 2048" },
		{ "msix-entries", "18446744073709551625", "1 to 2048" },
		{ "service-time", "fast", "0.5ms..8ms" },
		{ "service-time", "8ms..0.5ms", "range" },
		{ "service-time", "1ms..", "range" },
		{ "service-time", "1ms..2ms..3ms", "range" },
		{ "service-time", "1ms,2ms", "range" },
		{ "service-time", "1msx", "range" },
		{ "profile", "icx", "--profile help" },
		{ "seed", "-1", "a number" },
		{ "seed", "18446744073709551616", "a number" },
		{ "seed", "1x", "a number" },
		{ "msix-disabled", "maybe", "drop or latch" },
		{ "drop-message", "3", "colon" },
		{ "drop-message", "3:0", "from 1" },
		{ "drop-message", ":1", "colon" },
		{ "drop-message", "3:", "colon" },
		{ "fault", "drop:vector=x", "is not an MSI-X vector" },
		{ "fault", "nosuch", "there is no fault" },
		{ "drop-message", "3:1:1", "colon" },
		{ "device-id", "0b26", "0b25, 11fb or 1212" },
		{ "device-id", "0x0b25", "0b25, 11fb or 1212" },
		{ "socket-mode", "0777", "0600" },
		{ "socket-mode", "660", "0600" },
		{ "socket-mode", "0060", "0600" },
		{ "socket-mode", "06600", "0600" },
		{ "max-maps", "0", "from 1" },
		{ "max-maps", "many", "a number" },
		{ "max-memory", "0", "bytes" },
		{ "max-memory", "1X", "bytes" },
		{ "max-memory", "1GB", "bytes" },
		{ "max-memory", "99999999T", "bytes" },
	};
	char line[200];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(line, sizeof(line), "--socket s --%s %s", cases[i].option, cases[i].value);
		ck_assert_msg(parse(line) == OPTIONS_USAGE, "accepted: %s", line);
		ck_assert_msg(strstr(err_text, cases[i].option) &&
				      strstr(err_text, cases[i].value) &&
				      strstr(err_text, cases[i].allowed),
			      "%s: %s", line, err_text);
	}
}
END_TEST

START_TEST(bad_lines)
{
	ck_assert_int_eq(parse(""), OPTIONS_USAGE);
	ck_assert_ptr_nonnull(strstr(err_text, "--socket PATH is missing"));
	ck_assert_int_eq(parse("--socket"), OPTIONS_USAGE);
	ck_assert_ptr_nonnull(strstr(err_text, "--socket needs a value"));
	ck_assert_int_eq(parse("--socket s --sockets"), OPTIONS_USAGE);
	ck_assert_ptr_nonnull(strstr(err_text, "--sockets"));
	ck_assert_int_eq(parse("--socket s more"), OPTIONS_USAGE);
	ck_assert_ptr_nonnull(strstr(err_text, "'more'"));
	ck_assert_int_eq(parse("--socket s --once=yes"), OPTIONS_USAGE);
	ck_assert_int_eq(parse("--socket s -x"), OPTIONS_USAGE);
	ck_assert_int_eq(parse("--socket s --s"), OPTIONS_USAGE);
}
END_TEST

START_TEST(answers)
{
	ck_assert_int_eq(parse("--version"), OPTIONS_DONE);
	ck_assert_ptr_nonnull(strstr(out_text, PACKAGE_VERSION));
	ck_assert_int_eq(parse("--profile help"), OPTIONS_DONE);
	ck_assert(!strncmp(out_text, "spr ", 4));
	ck_assert_ptr_nonnull(strstr(out_text, "\nspr-early "));
	ck_assert_int_eq(parse("--fault help"), OPTIONS_DONE);
	ck_assert_ptr_nonnull(strstr(out_text, "page-fault"));
	ck_assert_int_eq(parse("--help"), OPTIONS_DONE);
	ck_assert_str_eq(err_text, "");
}
END_TEST

/* What is said first holds for all, what is said later for the one before it. */
START_TEST(several_devices)
{
	const struct device_options *d = options.devices;

	ck_assert_int_eq(parse("--seed 7 --fault drop --socket a --socket b --seed 8 --name two "
			       "--fault stuck --stats f --control c --socket e"), OPTIONS_RUN);
	ck_assert_uint_eq(options.device_count, 3);
	ck_assert_str_eq(options.control_path, "c");
	ck_assert_str_eq(d[0].socket_path, "a");
	ck_assert_str_eq(d[0].name, "dsa0");
	ck_assert_uint_eq(d[0].server.device.service.seed, 7);
	ck_assert_uint_eq(d[0].fault_count, 1);
	ck_assert_ptr_null(d[0].server.stats_path);
	ck_assert_str_eq(d[1].socket_path, "b");
	ck_assert_str_eq(d[1].name, "two");
	ck_assert_uint_eq(d[1].server.device.service.seed, 8);
	ck_assert_uint_eq(d[1].fault_count, 2);
	ck_assert_str_eq(d[1].server.stats_path, "f");
	ck_assert_str_eq(d[2].socket_path, "e");
	ck_assert_str_eq(d[2].name, "dsa2");
	ck_assert_uint_eq(d[2].server.device.service.seed, 7);
	ck_assert_uint_eq(d[2].fault_count, 1);
	ck_assert_ptr_null(d[2].server.stats_path);
}
END_TEST

START_TEST(devices_in_each_others_way)
{
	static const char *const lines[][2] = {
		{ "--socket a --socket a", "--socket: 'a' cannot be that of two" },
		{ "--stats f --socket a --socket b", "--stats: 'f' cannot be that of two" },
		{ "--access-log f --socket a --socket b",
		  "--access-log: 'f' cannot be that of two" },
		{ "--socket a --name x --socket b --name x", "--name: 'x' cannot be that of two" },
		{ "--socket a --name dsa1 --socket b", "--name: 'dsa1' cannot be that of two" },
		{ "--socket a --control a", "--control: 'a' cannot be that of two" },
		{ "--name x --socket a", "belongs to the device" },
		{ "--socket a --name x/y", "letters, digits" },
		{ "--socket a --control=", "a path" },
	};
	char line[17 * 12 + 1] = "";
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		ck_assert_msg(parse(lines[i][0]) == OPTIONS_USAGE, "%s", lines[i][0]);
		ck_assert_msg(strstr(err_text, lines[i][1]), "%s: %s", lines[i][0], err_text);
	}
	for (i = 0; i < 16; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "--socket=%zu ", i);
	ck_assert_int_eq(parse(line), OPTIONS_RUN);
	strcat(line, "--socket=x");
	ck_assert_int_eq(parse(line), OPTIONS_USAGE);
	ck_assert_ptr_nonnull(strstr(err_text, "more than 16 devices"));
}
END_TEST

START_TEST(many_faults)
{
	static char name[] = "dsa-model", socket[] = "--socket=s", drop[] = "--fault=drop";
	char *argv[DSA_FAULTS_MAX + 4] = { name, socket };
	char *text;
	size_t len;
	FILE *err = open_memstream(&text, &len);
	int i;

	ck_assert_int_eq(parse("--socket s --fault delay:time=1ms --drop-message 3:12 "
			       "--fault stuck"), OPTIONS_RUN);
	ck_assert_uint_eq(options.devices[0].fault_count, 3);
	ck_assert_int_eq(options.devices[0].faults[0].kind, DSA_FAULT_DELAY);
	ck_assert_int_eq(options.devices[0].faults[2].kind, DSA_FAULT_STUCK);
	for (i = 0; i <= DSA_FAULTS_MAX; i++)
		argv[2 + i] = drop;
	ck_assert_int_eq(options_parse(&options, 2 + DSA_FAULTS_MAX, argv, err, err), OPTIONS_RUN);
	ck_assert_int_eq(options_parse(&options, 3 + DSA_FAULTS_MAX, argv, err, err),
			 OPTIONS_USAGE);
	fclose(err);
	ck_assert_ptr_nonnull(strstr(text, "more than 64 faults"));
	free(text);
}
END_TEST

START_TEST(help_names_every_option)
{
	const struct option_text *text;
	char head[100];
	const char *line;

	ck_assert_int_eq(parse("--help"), OPTIONS_DONE);
	for (text = options_text(); text->name; text++) {
		snprintf(head, sizeof(head), "\n  --%s%s%s ", text->name, text->argument ? " " : "",
			 text->argument ? text->argument : "");
		ck_assert_msg(strstr(out_text, head), "not in --help: %s", head);
		ck_assert_msg(strstr(out_text, text->help), "not in --help: %s", text->help);
	}
	/* Fits a terminal. */
	for (line = out_text; *line; line += strcspn(line, "\n") + 1)
		ck_assert_msg(strcspn(line, "\n") <= 80, "too long: %s", line);
}
END_TEST

/* ---- The manual page --------------------------------------------------------------- */

/* Text of the section OPTIONS. */
static char *read_manual(void)
{
	static char page[64 << 10];
	FILE *file = fopen(MAN_DIR "/dsa-model.1", "r");
	char *section, *end;
	size_t len;

	ck_assert_msg(file, "cannot open " MAN_DIR "/dsa-model.1");
	len = fread(page, 1, sizeof(page) - 1, file);
	fclose(file);
	page[len] = '\0';
	section = strstr(page, "\n.Sh OPTIONS\n");
	ck_assert_ptr_nonnull(section);
	end = strstr(section + 1, "\n.Sh ");
	ck_assert_ptr_nonnull(end);
	end[1] = '\0';
	return section;
}

START_TEST(manual_and_help_agree)
{
	const struct option_text *text = options_text();
	char *line = read_manual();
	char item[100];

	/* The same options, with the same arguments, in the same order. */
	while ((line = strstr(line, "\n.It Fl Fl "))) {
		size_t len = strcspn(++line, "\n");

		ck_assert_msg(text->name, "only in the manual: %.*s", (int)len, line);
		snprintf(item, sizeof(item), ".It Fl Fl %s%s%s", text->name,
			 text->argument ? " Ar " : "", text->argument ? text->argument : "");
		ck_assert_msg(len == strlen(item) && !strncmp(line, item, len),
			      "the manual has '%.*s' where --help has '%s'", (int)len, line, item);
		text++;
	}
	ck_assert_msg(!text->name, "not in the manual: --%s", text->name);
}
END_TEST

/* "(default: X)" in the help must be "default is X" or "X, the default" in the manual. */
START_TEST(manual_and_help_agree_on_defaults)
{
	const struct option_text *text;
	char *manual = read_manual();

	for (text = options_text(); text->name; text++) {
		const char *found = strstr(text->help, "(default: ");
		char item[100], value[40], *part, *end, saved;
		size_t len;

		if (!found)
			continue;
		found += strlen("(default: ");
		len = strcspn(found, ")");
		snprintf(value, sizeof(value), "%.*s", (int)len, found);
		snprintf(item, sizeof(item), "\n.It Fl Fl %s ", text->name);
		part = strstr(manual, item);
		ck_assert_msg(part, "%s", item);
		part += strlen(item);
		end = strstr(part, "\n.It ");
		if (!end)
			end = part + strlen(part);
		saved = *end;
		*end = '\0';
		ck_assert_msg(strstr(part, "default") && strstr(part, value),
			      "the manual does not say that --%s is %s by default", text->name,
			      value);
		*end = saved;
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("model_options");
	TCase *tcase = tcase_create("options");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_add_test(tcase, defaults);
	tcase_add_test(tcase, everything);
	tcase_add_test(tcase, durations);
	tcase_add_test(tcase, bad_values);
	tcase_add_test(tcase, bad_lines);
	tcase_add_test(tcase, answers);
	tcase_add_test(tcase, many_faults);
	tcase_add_test(tcase, several_devices);
	tcase_add_test(tcase, devices_in_each_others_way);
	tcase_add_test(tcase, help_names_every_option);
	tcase_add_test(tcase, manual_and_help_agree);
	tcase_add_test(tcase, manual_and_help_agree_on_defaults);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
