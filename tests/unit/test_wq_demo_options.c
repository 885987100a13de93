// SPDX-License-Identifier: GPL-2.0-only
/* The command line of wq-demo: what is taken, what is refused, and that help and manual agree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/idxd.h>

#include "command_report.h"
#include "command_run.h"
#include "options.h"
#include "render.h"
#include "unit.h"

#define ARGUMENTS_MAX 8

static struct run_options options;
static struct problem problem;
static bool given[OPTIONS_MAX];

/* Parse words separated by blanks. */
static int parse(const char *line)
{
	static char copy[256];
	char *arguments[ARGUMENTS_MAX + 2] = { (char *)"run" };
	int count = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		arguments[count++] = word;
	memset(&problem, 0, sizeof(problem));
	return options_parse(command_run_options, &options, given, count, arguments, &problem);
}

START_TEST(defaults)
{
	ck_assert_int_eq(parse(""), OPTIONS_RUN);
	ck_assert_ptr_null(options.parameters.device);
	ck_assert_uint_eq(options.backend, BACKEND_AUTO);
	ck_assert_uint_eq(options.vmm, VMM_COMPARE);
	ck_assert_uint_eq(options.latch, LATCH_DROP);
	ck_assert_uint_eq(options.parameters.cycles, 0);
	ck_assert_uint_eq(options.parameters.queues, 0);
	ck_assert_uint_eq(options.parameters.depth, 1);
	ck_assert_uint_eq(options.parameters.interval_ns, 1000000000);
	ck_assert_uint_eq(options.parameters.duration_ns, 10000000000);
	ck_assert_uint_eq(options.parameters.confirm_ns, 5000000000);
	ck_assert_uint_eq(options.parameters.deadline_ns, 250000000);
	ck_assert_uint_eq(options.parameters.timeout_ns, 30000000000);
	ck_assert_uint_eq(options.parameters.size, 4096);
	ck_assert_uint_eq(options.parameters.opcodes,
			  1 << DSA_OPCODE_NOOP | 1 << DSA_OPCODE_MEMMOVE | 1 << DSA_OPCODE_MEMFILL |
				  1 << DSA_OPCODE_COMPARE);
	ck_assert_uint_eq(options.format, RENDER_HUMAN);
	ck_assert_ptr_null(options.json);
	ck_assert(!options.quiet);
}
END_TEST

START_TEST(every_type)
{
	ck_assert_int_eq(parse("--device /dev/x --queues 3 --depth=4 --interval 20ms --quiet"),
			 OPTIONS_RUN);
	ck_assert_str_eq(options.parameters.device, "/dev/x");
	ck_assert_uint_eq(options.parameters.queues, 3);
	ck_assert_uint_eq(options.parameters.depth, 4);
	ck_assert_uint_eq(options.parameters.interval_ns, 20000000);
	ck_assert(options.quiet);
	ck_assert_int_eq(parse("--opcodes drain,noop --size 64k --json - --progress never"),
			 OPTIONS_RUN);
	ck_assert_uint_eq(options.parameters.opcodes, 1 << DSA_OPCODE_NOOP | 1 << DSA_OPCODE_DRAIN);
	ck_assert_uint_eq(options.parameters.size, 65536);
	ck_assert_str_eq(options.json, "-");
	ck_assert_uint_eq(options.progress, PROGRESS_NEVER);
	/* Nothing stays from the time before. */
	ck_assert(!options.quiet);
	ck_assert_uint_eq(options.parameters.depth, 1);
	/* The last one counts; an unambiguous beginning will do. */
	ck_assert_int_eq(parse("--queues 3 --queues all --dep 2"), OPTIONS_RUN);
	ck_assert_uint_eq(options.parameters.queues, 0);
	ck_assert_uint_eq(options.parameters.depth, 2);
}
END_TEST

/* In the simulation other defaults hold, but what was given stays. */
START_TEST(simulated)
{
	ck_assert_int_eq(parse("--interval 3s --vmm kvm"), OPTIONS_RUN);
	ck_assert(options_given(command_run_options, given, "vmm"));
	ck_assert(!options_given(command_run_options, given, "backend"));
	ck_assert(!options_given(command_run_options, given, "no-such"));
	options_simulated(command_run_options, &options, given);
	ck_assert_uint_eq(options.parameters.interval_ns, 3000000000);
	ck_assert_uint_eq(options.parameters.duration_ns, 50000000);
	ck_assert_uint_eq(options.parameters.size, 256);
	ck_assert_uint_eq(options.parameters.depth, 1);
	/* As if it had been given: also if it is the default. */
	ck_assert_int_eq(parse("--duration 10s"), OPTIONS_RUN);
	options_simulated(command_run_options, &options, given);
	ck_assert_uint_eq(options.parameters.interval_ns, 40000000);
	ck_assert_uint_eq(options.parameters.duration_ns, 10000000000);
}
END_TEST

START_TEST(help)
{
	ck_assert_int_eq(parse("--help"), OPTIONS_HELP);
	ck_assert_int_eq(parse("-h"), OPTIONS_HELP);
	ck_assert_int_eq(parse("--depth 2 --help"), OPTIONS_HELP);
}
END_TEST

static const struct {
	const char *line;
	const char *words;
} refused[] = {
	{ "--depth 0", "--depth: '0' is not between 1 and 1024" },
	{ "--depth 1025", "not between" },
	{ "--depth -1", "'-1' is not a number" },
	{ "--depth x", "'x' is not a number" },
	{ "--depth 99999999999999999999999", "too large" },
	{ "--depth", "--depth needs an argument" },
	{ "--queues 0", "not between 1 and 64" },
	{ "--queues some", "'some' is not a number or all" },
	{ "--interval 5", "'5' is not a time with a unit" },
	{ "--interval -1s", "not a time" },
	{ "--confirm 9ms", "not between 10.0ms and 60.0s" },
	{ "--confirm 61s", "not between" },
	{ "--timeout 0", "not between" },
	{ "--timeout 601s", "not between" },
	{ "--opcodes memcpy", "'memcpy' is not one of noop, drain" },
	{ "--opcodes noop,", "'' is not one of" },
	{ "--opcodes ,noop", "'' is not one of" },
	{ "--progress maybe", "'maybe' is not one of auto, always, never" },
	{ "--progress auto,never", "is not one of" },
	{ "--format xml", "'xml' is not one of human, json, ndjson, tap, junit" },
	{ "--size 0", "not between" },
	{ "--size 4kb", "not a size" },
	{ "--backend idle", "'idle' is not one of auto, sample, sim" },
	{ "--vmm qemu", "'qemu' is not one of compare, rebuild, dynamic, kvm" },
	{ "--cycles 1s", "'1s' is not a number" },
	{ "--device=", "the path is empty" },
	{ "--quiet=1", "unknown or ambiguous option '--quiet=1'" },
	{ "--de 1", "unknown or ambiguous option '--de'" },
	{ "--bogus", "unknown or ambiguous option '--bogus'" },
	{ "-x", "unknown or ambiguous option '-x'" },
	{ "more", "unexpected argument 'more'" },
	{ "--depth 2 more", "unexpected argument 'more'" },
	{ "-- more", "unexpected argument 'more'" },
};

START_TEST(refuse)
{
	ck_assert_int_eq(parse(refused[_i].line), -EINVAL);
	ck_assert_msg(strstr(problem.text, refused[_i].words), "%s: %s", refused[_i].line,
		      problem.text);
}
END_TEST

START_TEST(words_of_a_set)
{
	static const struct option_word words[] = {
		{ "one", 1 },
		{ "two", 2 },
		{ "both", 3 },
		{ NULL, 0 },
	};
	char text[32];

	ck_assert_str_eq(options_words(words, 3, text, sizeof(text)), "one,two");
	ck_assert_str_eq(options_words(words, 2, text, sizeof(text)), "two");
	ck_assert_str_eq(options_words(words, 0, text, sizeof(text)), "");
}
END_TEST

static char *printed_help(void)
{
	/* Static, for gcc 12 thinks that the text is where its address is. */
	static char *text;
	static size_t size;
	FILE *stream = open_memstream(&text, &size);

	command_run_help(stream);
	fclose(stream);
	return text;
}

static char *manual_page(void)
{
	/* Set by the test harness; the program also runs from the top of the sources. */
	const char *source = getenv("srcdir");
	char path[4096], *text;
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), "%s/man/wq-demo.1", source ? source : ".");
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
	text = calloc(1, 1 << 16);
	size = fread(text, 1, (1 << 16) - 1, file);
	ck_assert_uint_gt(size, 0);
	ck_assert_uint_lt(size, (1 << 16) - 1);
	fclose(file);
	return text;
}

/* Each option of the table is in the help and in the manual with argument and default. */
START_TEST(table_help_and_manual_agree)
{
	char *shown = printed_help(), *manual = manual_page();

	for (const struct option_spec *spec = command_run_options; spec->name; spec++) {
		char in_help[128], in_manual[128], initial[128];
		const char *entry, *next;

		snprintf(in_help, sizeof(in_help), "  --%s%s%s", spec->name,
			 spec->argument ? " " : "", spec->argument ? spec->argument : " ");
		ck_assert_msg(strstr(shown, in_help), "the help has no '%s'", in_help);
		if (spec->simulated) {
			char both[64];
			size_t until;

			snprintf(both, sizeof(both), "[%s; sim: %s]", spec->initial,
				 spec->simulated);
			entry = strstr(shown, in_help) + 1;
			next = strstr(entry, "\n  --");
			until = next ? (size_t)(next - entry) : strlen(entry);
			ck_assert_msg(memmem(entry, until, both, strlen(both)) != NULL,
				      "the help of --%s does not say %s", spec->name, both);
		}
		snprintf(in_manual, sizeof(in_manual), ".It Fl \\-%s%s%s\n", spec->name,
			 spec->argument ? " Ar " : "", spec->argument ? spec->argument : "");
		entry = strstr(manual, in_manual);
		ck_assert_msg(entry != NULL, "the manual has no '%s'", in_manual);
		if (!spec->initial)
			continue;
		snprintf(initial, sizeof(initial), "The default is\n.Cm %s", spec->initial);
		next = strstr(entry + 1, "\n.It ");
		ck_assert_msg(strstr(entry, initial) && (!next || strstr(entry, initial) < next),
			      "the manual does not say that --%s is '%s' by default", spec->name,
			      spec->initial);
	}
	free(shown);
	free(manual);
}
END_TEST

static const struct {
	const char *heading;
	const struct option_spec *table;
} sections[] = {
	{ "\n.Ss wq-demo run\n", command_run_options },
	{ "\n.Ss wq-demo report\n", command_report_options },
};

/* And the manual has no option that is not in the table, and all that are. */
START_TEST(manual_has_no_more)
{
	const struct option_spec *table = sections[_i].table;
	char *manual = manual_page(), *section = strstr(manual, sections[_i].heading), *end;
	unsigned int found = 0, known = 0;

	ck_assert_msg(section != NULL, "the manual has no%s", sections[_i].heading);
	/* To the next heading of either kind. */
	for (end = section + 1; *end; end++)
		if (strncmp(end, "\n.Ss ", 5) == 0 || strncmp(end, "\n.Sh ", 5) == 0)
			break;
	*end = '\0';
	for (const char *at = section; (at = strstr(at, "\n.It Fl \\-"));) {
		char name[64];
		const struct option_spec *spec = table;

		at += strlen("\n.It Fl \\-");
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, " \n"), at);
		while (spec->name && strcmp(spec->name, name) != 0)
			spec++;
		ck_assert_msg(spec->name || strcmp(name, "help") == 0, "there is no --%s", name);
		found++;
	}
	for (const struct option_spec *spec = table; spec->name; spec++)
		known++;
	/* And --help. */
	ck_assert_uint_eq(found, known + 1);
	free(manual);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("wq-demo options");
	TCase *tcase = tcase_create("wq-demo options");

	tcase_add_test(tcase, defaults);
	tcase_add_test(tcase, every_type);
	tcase_add_test(tcase, simulated);
	tcase_add_test(tcase, help);
	tcase_add_loop_test(tcase, refuse, 0, sizeof(refused) / sizeof(refused[0]));
	tcase_add_test(tcase, words_of_a_set);
	tcase_add_test(tcase, table_help_and_manual_agree);
	tcase_add_loop_test(tcase, manual_has_no_more, 0, sizeof(sections) / sizeof(sections[0]));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
