// SPDX-License-Identifier: GPL-2.0-only
/*
 * irq-lab: what a host's vfio-pci does with MSI-X vectors, operation by operation,
 * with an account of every interrupt. The host under test is the one it runs on.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lab.h"
#include "report.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_SEC 1000000000ULL
/* Two eventfds a vector, and some. */
#define OPEN_FILES (2 * LAB_MOST_VECTORS + 256)

static const struct operation *const groups[] = {
	quiet_operations,
	live_operations,
	repoint_operations,
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

/**
 * struct command_line
 * @settings: for the laboratory
 * @only: the one operation to run, NULL: all
 * @out: file for the JSON, NULL: none
 */
struct command_line {
	struct settings settings;
	const char *only;
	const char *out;
};

/* name, argument, help, largest value of a number (0: a text), where it goes */
#define OPTIONS(X) \
	X(device, "BDF", "the device, bound to vfio-pci (default: $BDF)", 0) \
	X(rounds, "N", "of each quiet operation (default: 3)", 1000000) \
	X(swaps, "N", "changes of eventfd under fire (default: 100000)", 1000000000) \
	X(interrupts, "N", "interrupts meanwhile (default: 100000)", 1000000000) \
	X(repoints, "N", "trials of an accepted interrupt (default: 500)", 10000000) \
	X(confirm, "MS", "shortest confirmation of a loss (default: 1000)", 3600000) \
	X(limit, "S", "longest time of one operation (default: 900)", 86400) \
	X(hold, "FILE", "the device of the module irq_hold", 0) \
	X(only, "NAME", "run just this operation", 0) \
	X(out, "FILE", "write the results (JSON)", 0) \
	X(progress, "FILE", "append a line of progress now and then", 0) \
	X(phase, "NAME", "what to call this host (default: $PHASE)", 0) \
	X(list, NULL, "list the operations", 0) \
	X(help, NULL, "print this text", 0)

#define OPTION_ID(name, argument, help, most) OPTION_##name,
enum option_id { OPTIONS(OPTION_ID) };

#define OPTION_ROW(name, argument, help, most) { #name, argument, help, most },
static const struct {
	const char *name;
	const char *argument;
	const char *help;
	uint64_t most;
} options[] = { OPTIONS(OPTION_ROW) };

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

static int usage(void)
{
	fputs("irq-lab: try 'irq-lab --help'\n", stderr);
	return EXIT_USAGE;
}

static void print_help(void)
{
	char head[32];
	size_t i;

	fputs("usage: irq-lab [option...]\n\n"
	      "Drives VFIO_DEVICE_SET_IRQS on a DSA that is bound to vfio-pci, has it raise\n"
	      "interrupts, and accounts for each.\n\n",
	      stdout);
	for (i = 0; i < OPTION_COUNT; i++) {
		snprintf(head, sizeof(head), "--%s%s%s", options[i].name,
			 options[i].argument ? " " : "",
			 options[i].argument ? options[i].argument : "");
		printf("  %-20s %s\n", head, options[i].help);
	}
	fputs("\nExit status: 0 all operations were carried out, whatever they showed; 1 not;\n"
	      "2 usage.\n",
	      stdout);
}

static void print_list(void)
{
	const struct operation *o;
	size_t g;

	for (g = 0; g < GROUPS; g++)
		for (o = groups[g]; o->name; o++)
			printf("%-24s %s\n", o->name, o->title);
}

static bool operation_known(const char *name)
{
	const struct operation *o;
	size_t g;

	for (g = 0; g < GROUPS; g++)
		for (o = groups[g]; o->name; o++)
			if (!strcmp(o->name, name))
				return true;
	return false;
}

static int parse_number(const char *text, uint64_t most, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	return *text < '0' || *text > '9' || *end || errno || *value > most ? -EINVAL : 0;
}

static void set_option(struct command_line *c, enum option_id id, const char *text, uint64_t value)
{
	struct settings *s = &c->settings;

	switch (id) {
	case OPTION_device:
		s->bdf = text;
		break;
	case OPTION_rounds:
		s->rounds = value;
		break;
	case OPTION_swaps:
		s->swaps = value;
		break;
	case OPTION_interrupts:
		s->interrupts = value;
		break;
	case OPTION_repoints:
		s->repoints = value;
		break;
	case OPTION_confirm:
		s->confirm_ns = value * NSEC_PER_MSEC;
		break;
	case OPTION_limit:
		s->limit_ns = value * NSEC_PER_SEC;
		break;
	case OPTION_hold:
		s->hold = text;
		break;
	case OPTION_only:
		c->only = text;
		break;
	case OPTION_out:
		c->out = text;
		break;
	case OPTION_progress:
		s->progress = text;
		break;
	case OPTION_phase:
		s->phase = text;
		break;
	case OPTION_list:
	case OPTION_help:
		break;
	}
}

/* -1: go ahead; otherwise the exit status. */
static int parse(struct command_line *c, int argc, char **argv)
{
	struct option longs[OPTION_COUNT + 1] = { 0 };
	uint64_t value = 0;
	size_t i;
	int id;

	for (i = 0; i < OPTION_COUNT; i++)
		longs[i] = (struct option){
			.name = options[i].name,
			.has_arg = options[i].argument ? required_argument : no_argument,
			.val = (int)i + 256,
		};
	while ((id = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (id < 256)
			return usage();
		id -= 256;
		if (id == OPTION_help || id == OPTION_list) {
			id == OPTION_help ? print_help() : print_list();
			return EXIT_OK;
		}
		if (options[id].most && parse_number(optarg, options[id].most, &value)) {
			fprintf(stderr, "irq-lab: --%s: '%s' is not allowed; a number up to %llu\n",
				options[id].name, optarg, (unsigned long long)options[id].most);
			return usage();
		}
		set_option(c, id, optarg, value);
	}
	if (optind < argc) {
		fprintf(stderr, "irq-lab: unexpected argument: %s\n", argv[optind]);
		return usage();
	}
	if (!c->settings.bdf) {
		fputs("irq-lab: --device BDF is missing\n", stderr);
		return usage();
	}
	if (c->only && !operation_known(c->only)) {
		fprintf(stderr, "irq-lab: no operation is called '%s'; see --list\n", c->only);
		return usage();
	}
	return -1;
}

static int allow_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	if (limit.rlim_cur >= OPEN_FILES)
		return 0;
	limit.rlim_cur = OPEN_FILES;
	if (limit.rlim_max < OPEN_FILES)
		limit.rlim_max = OPEN_FILES;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

static int run_one(struct lab *lab, struct report *report, const struct operation *o)
{
	int ret;

	lab_progress(lab, o->name, 0, 0);
	memset(&lab->figures, 0, sizeof(lab->figures));
	lab->deadline_ns = fire_now_ns() + lab->settings->limit_ns;
	ret = o->run(lab);
	/* Nothing may be under way when the next one begins. */
	if (!ret)
		ret = fire_settle(lab->fire, 0, lab->vfio.vectors);
	if (ret) {
		fprintf(stderr, "irq-lab: %s: %s\n", o->name, strerror(-ret));
		return ret;
	}
	lab_fold(lab);
	return report_add(report, o, &lab->figures);
}

static int run_all(struct lab *lab, struct report *report, const char *only)
{
	const struct operation *o;
	size_t g;
	int ret = 0;

	for (g = 0; g < GROUPS; g++)
		for (o = groups[g]; !ret && o->name; o++)
			if (!only || !strcmp(only, o->name))
				ret = run_one(lab, report, o);
	return ret;
}

int main(int argc, char **argv)
{
	struct command_line c = {
		.settings = {
			.bdf = getenv("BDF"),
			.rounds = 3,
			.swaps = 100000,
			.interrupts = 100000,
			.repoints = 500,
			.confirm_ns = NSEC_PER_SEC,
			.limit_ns = 900 * NSEC_PER_SEC,
			.phase = getenv("PHASE") ? getenv("PHASE") : "this host",
		},
	};
	struct lab lab = { .settings = &c.settings };
	struct report *report;
	int ret = parse(&c, argc, argv);

	if (ret >= 0)
		return ret;
	ret = allow_open_files();
	if (ret) {
		fprintf(stderr, "irq-lab: cannot allow %d open files: %s\n", OPEN_FILES,
			strerror(-ret));
		return EXIT_FAILED;
	}
	if (lab_open(&lab))
		return EXIT_FAILED;
	report = report_create(&lab);
	ret = report ? run_all(&lab, report, c.only) : -ENOMEM;
	lab_close(&lab, LAB_UNTIMED);
	/* What there is, is kept, also when it is not all. */
	if (report && c.out) {
		int error = report_write(report, c.out);

		if (error)
			fprintf(stderr, "irq-lab: cannot write %s: %s\n", c.out, strerror(-error));
		if (!ret)
			ret = error;
	}
	if (report)
		report_destroy(report);
	return ret ? EXIT_FAILED : EXIT_OK;
}
