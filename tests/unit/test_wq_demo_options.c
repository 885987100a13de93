// SPDX-License-Identifier: GPL-2.0-only
/* The command line of wq-demo: what is taken, what is refused, and what is said of it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/idxd.h>

#include "command_doctor.h"
#include "command_report.h"
#include "command_run.h"
#include "options.h"
#include "render.h"
#include "unit.h"
#include "units.h"

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
	{ "--backend idle", "'idle' is not one of auto, sample, idxd, sim" },
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

START_TEST(cpus)
{
	static const char *const wrong[] = { "", "a", "1,", ",1", "1-", "-1", "3-1", "1 2", "1,,2" };
	cpu_set_t set;

	ck_assert_int_eq(units_parse_cpus("0-2,5", &set), 0);
	ck_assert_int_eq(CPU_COUNT(&set), 4);
	ck_assert(CPU_ISSET(0, &set) && CPU_ISSET(2, &set) && CPU_ISSET(5, &set));
	ck_assert_int_eq(units_parse_cpus("7", &set), 0);
	ck_assert_int_eq(CPU_COUNT(&set), 1);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(units_parse_cpus(wrong[i], &set) == -EINVAL, "'%s'", wrong[i]);
	ck_assert_int_eq(units_parse_cpus("99999", &set), -ERANGE);
}
END_TEST

/* ---- Letters and operands --------------------------------------------------- */

struct made {
	const char *output;
	const char *name;
	uint64_t number;
	bool flag;
	struct operands operands;
};

static const struct option_word fruits[] = {
	{ "apple", 0 },
	{ "pear", 0 },
	{ NULL, 0 },
};

#define MADE(member) offsetof(struct made, member)

static const struct option_spec made_options[] = {
	{ .name = "files",
	  .type = OPTION_OPERANDS,
	  .argument = "file",
	  .min = 1,
	  .max = 2,
	  .offset = MADE(operands),
	  .help = "name one" },
	{ .name = "output",
	  .letter = 'o',
	  .type = OPTION_TEXT,
	  .argument = "file",
	  .offset = MADE(output),
	  .help = "where to, {Pa -} too, see {Xr ls 1}, {Fl -number} or {Ar file}" },
	{ .name = "name",
	  .type = OPTION_NAME,
	  .argument = "name",
	  .initial = "x",
	  .offset = MADE(name),
	  .help = "a name" },
	{ .name = "number",
	  .letter = 'n',
	  .type = OPTION_SIZE,
	  .argument = "bytes",
	  .initial = "2k",
	  .max = 4096,
	  .offset = MADE(number),
	  .help = "how many, which is a long sentence that has to be broken somewhere",
	  .more = "Also: {Cm one}. And {Cm two}, which begins. It ends." },
	{ .name = "flag",
	  .letter = 'f',
	  .type = OPTION_FLAG,
	  .offset = MADE(flag),
	  .help = "a flag" },
	{ .name = "secret",
	  .type = OPTION_FLAG,
	  .hidden = true,
	  .offset = MADE(flag),
	  .help = "not shown" },
	{ .name = NULL },
};

static const struct option_spec fruit_options[] = {
	{ .name = "fruits",
	  .type = OPTION_OPERANDS,
	  .argument = "fruit",
	  .max = 1,
	  .words = fruits,
	  .offset = MADE(operands),
	  .help = "name one" },
	{ .name = NULL },
};

static struct made made;

static int parse_made(const struct option_spec *table, const char *line)
{
	static char copy[256];
	char *arguments[ARGUMENTS_MAX + 2] = { (char *)"made" };
	int count = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		arguments[count++] = word;
	memset(&problem, 0, sizeof(problem));
	return options_parse(table, &made, given, count, arguments, &problem);
}

START_TEST(letters_and_operands)
{
	ck_assert_int_eq(parse_made(made_options, "a -o out -fn 3 b"), OPTIONS_RUN);
	ck_assert_str_eq(made.output, "out");
	ck_assert_uint_eq(made.number, 3);
	ck_assert(made.flag);
	ck_assert_uint_eq(made.operands.count, 2);
	ck_assert_str_eq(made.operands.word[0], "a");
	ck_assert_str_eq(made.operands.word[1], "b");
	ck_assert(options_given(made_options, given, "output"));
	ck_assert(!options_given(made_options, given, "name"));

	/* Nothing stays; a hyphen is an operand; after two every word is. */
	ck_assert_int_eq(parse_made(made_options, "-oout - -- -f"), OPTIONS_RUN);
	ck_assert_str_eq(made.output, "out");
	ck_assert_uint_eq(made.number, 2048);
	ck_assert(!made.flag);
	ck_assert_uint_eq(made.operands.count, 2);
	ck_assert_str_eq(made.operands.word[0], "-");
	ck_assert_str_eq(made.operands.word[1], "-f");
	ck_assert_int_eq(parse_made(made_options, "a --secret"), OPTIONS_RUN);
	ck_assert(made.flag);
	ck_assert_int_eq(parse_made(fruit_options, "pear"), OPTIONS_RUN);
	ck_assert_int_eq(parse_made(fruit_options, ""), OPTIONS_RUN);
	/* Help is given whatever is missing. */
	ck_assert_int_eq(parse_made(made_options, "-h"), OPTIONS_HELP);
	ck_assert_int_eq(parse_made(made_options, "-fh"), OPTIONS_HELP);
}
END_TEST

static const struct {
	const struct option_spec *table;
	const char *line;
	const char *words;
} made_refused[] = {
	{ made_options, "", "file is missing: name one" },
	{ made_options, "-f", "file is missing: name one" },
	{ made_options, "a b c", "'c': more than 2 files" },
	{ made_options, "a -- b c", "'c': more than 2 files" },
	{ made_options, "a -o", "-o needs an argument" },
	{ made_options, "a --output", "--output needs an argument" },
	{ made_options, "a -x", "unknown or ambiguous option '-x'" },
	{ made_options, "a -fx", "unknown or ambiguous option '-x'" },
	{ made_options, "a -n9k", "not between 0 and 4096" },
	{ made_options, "a --name=", "the name is empty" },
	{ fruit_options, "plum", "'plum' is not one of apple, pear" },
	{ fruit_options, "pear pear", "'pear': more than 1 fruits" },
};

START_TEST(refuse_made)
{
	ck_assert_int_eq(parse_made(made_refused[_i].table, made_refused[_i].line), -EINVAL);
	ck_assert_msg(strstr(problem.text, made_refused[_i].words), "%s: %s", made_refused[_i].line,
		      problem.text);
}
END_TEST

static char *printed(void (*print)(const struct option_spec *table, FILE *stream),
		     const struct option_spec *table)
{
	/* Static, for gcc 12 thinks that the text is where its address is. */
	static char *text;
	static size_t size;
	FILE *stream = open_memstream(&text, &size);

	print(table, stream);
	fclose(stream);
	return text;
}

START_TEST(help_of_a_table)
{
	char *text = printed(options_print, made_options);

	ck_assert_str_eq(
		text,
		"  -o, --output file       where to, - too, see ls(1), --number or file\n"
		"  --name name             a name [x]\n"
		"  -n, --number bytes      how many, which is a long sentence that has to be\n"
		"                          broken somewhere [2k]\n"
		"  -f, --flag              a flag\n"
		"  -h, --help              print a summary of the options and exit\n");
	free(text);
}
END_TEST

START_TEST(manual_of_a_table)
{
	char *text = printed(options_print_mdoc, made_options);

	ck_assert_str_eq(text,
			 ".It Fl o , Fl \\-output Ar file\n"
			 "Where to,\n.Pa \\-\ntoo, see\n.Xr ls 1 ,\n.Fl \\-number\nor\n"
			 ".Ar file .\n"
			 ".It Fl \\-name Ar name\nA name.\nThe default is\n.Cm x .\n"
			 ".It Fl n , Fl \\-number Ar bytes\n"
			 "How many, which is a long sentence that has to be broken somewhere.\n"
			 "Also:\n.Cm one .\nAnd\n.Cm two ,\nwhich begins.\nIt ends.\n"
			 "From 0 to 4k.\nThe default is\n.Cm 2k .\n"
			 ".It Fl f , Fl \\-flag\nA flag.\n"
			 ".It Fl h , Fl \\-help\nPrint a summary of the options and exit.\n");
	free(text);
}
END_TEST

/* Each word that can be said is in the text that explains it. */
START_TEST(words_are_explained)
{
	static const struct option_spec *const tables[] = {
		command_run_options,
		command_doctor_options,
		command_report_options,
	};

	for (const struct option_spec *spec = tables[_i]; spec->name; spec++) {
		if (spec->type != OPTION_CHOICE && spec->type != OPTION_SET)
			continue;
		for (const struct option_word *word = spec->words; word->word; word++) {
			char marked[64];

			snprintf(marked, sizeof(marked), "{Cm %s}", word->word);
			ck_assert_msg(strstr(spec->help, marked) ||
					      (spec->more && strstr(spec->more, marked)),
				      "--%s: nothing says what '%s' is", spec->name, word->word);
		}
	}
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
	tcase_add_test(tcase, cpus);
	tcase_add_test(tcase, letters_and_operands);
	tcase_add_loop_test(tcase, refuse_made, 0, sizeof(made_refused) / sizeof(made_refused[0]));
	tcase_add_test(tcase, help_of_a_table);
	tcase_add_test(tcase, manual_of_a_table);
	tcase_add_loop_test(tcase, words_are_explained, 0, 3);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
