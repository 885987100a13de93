// SPDX-License-Identifier: GPL-2.0-only
#include "command_custody.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "command_run.h"
#include "custody.h"
#include "custody_host.h"
#include "custody_load.h"
#include "custody_render.h"
#include "output_file.h"
#include "progress.h"
#include "units.h"

#define OFFSET(member) offsetof(struct custody_options, member)

/* How often /proc/interrupts is looked at, and how often the line is renewed. */
#define SAMPLE_MS 50
#define SHOW_MS 500
/* With nothing to look at and nothing to show. */
#define WAIT_MS 3600000

const struct option_spec command_custody_options[] = {
	{ .name = "documents",
	  .type = OPTION_OPERANDS,
	  .argument = "document",
	  .max = 3,
	  .offset = OFFSET(operands),
	  .help = "name the documents of guest, host and device" },
	{ .name = "host",
	  .type = OPTION_FLAG,
	  .offset = OFFSET(host),
	  .help = "count the signals of vfio-pci on this host, until Ctrl-C",
	  .more = "The device is the one at the address that is named, or the only one that is "
		  "bound to vfio-pci." },
	{ .name = "output",
	  .letter = 'o',
	  .type = OPTION_TEXT,
	  .argument = "file",
	  .initial = "-",
	  .offset = OFFSET(output),
	  .help = "with {Fl -host}, where to write what was counted; {Pa -} is standard "
		  "output" },
	{ .name = "duration",
	  .type = OPTION_DURATION,
	  .argument = "time",
	  .initial = "0",
	  .max = 8760 * 3600 * NSEC_PER_SEC,
	  .offset = OFFSET(duration_ns),
	  .help = "with {Fl -host}, count that long; 0: until Ctrl-C" },
	{ .name = "before",
	  .type = OPTION_TEXT,
	  .argument = "file",
	  .offset = OFFSET(before),
	  .help = "statistics of the device from before the run: they are subtracted" },
	{ .name = "json",
	  .type = OPTION_TEXT,
	  .argument = "file",
	  .offset = OFFSET(json),
	  .help = "write the table as JSON; {Pa -} is standard output, and the table for people "
		  "then goes to standard error" },
	{ .name = "root",
	  .type = OPTION_TEXT,
	  .argument = "directory",
	  .initial = "/",
	  .offset = OFFSET(root),
	  .help = "with {Fl -host}, read the files below this directory" },
	{ .name = NULL },
};

void command_custody_help(FILE *stream)
{
	fputs("usage: wq-demo custody guest.json host.json [device.json] [option ...]\n"
	      "       wq-demo custody --host [address] -o host.json\n"
	      "\n"
	      "Say at which hop between the device and the guest's handler interrupts were\n"
	      "lost: messages of the device, signals of the host's vfio-pci, handlers and\n"
	      "ledger of the guest, side by side for each vector. guest.json is of 'wq-demo\n"
	      "run --json' in the guest, host.json of the second form on the host at the same\n"
	      "time, device.json of 'dsa-model-ctl stats'; - stands for one there is not.\n"
	      "\n",
	      stream);
	options_print(command_custody_options, stream);
	fputs("\n"
	      "Exit status: 0 all accounted for, or counted; 1 a hop lost some; 2 wrong\n"
	      "usage, a file that is no such document, or documents of different runs;\n"
	      "3 this machine cannot do it.\n",
	      stream);
}

/* ---- The table ------------------------------------------------------------------ */

static int write_text(const char *path, const char *text)
{
	struct problem problem;

	if (!text) {
		fputs("wq-demo custody: out of memory\n", stderr);
		return -ENOMEM;
	}
	if (!output_file_write(path, text, &problem))
		return 0;
	fprintf(stderr, "wq-demo custody: %s\n", problem.text);
	return -EIO;
}

static int show_table(const struct custody *custody, const struct custody_options *options)
{
	/* JSON on standard output stands there alone. */
	FILE *stream = options->json && strcmp(options->json, "-") == 0 ? stderr : stdout;
	int status = custody_verdict(custody) == CUSTODY_LOST ? EXIT_BROKEN : EXIT_HELD;
	char *text;

	custody_render_human(custody, stream);
	if (options->json) {
		text = custody_render_json(custody);
		if (write_text(options->json, text))
			status = EXIT_CANNOT_RUN;
		free(text);
	}
	return status;
}

static const char *document(const struct custody_options *options, unsigned int number)
{
	const struct operands *operands = &options->operands;

	if (number >= operands->count || strcmp(operands->word[number], "-") == 0)
		return NULL;
	return operands->word[number];
}

static int compare_documents(const struct custody_options *options)
{
	const struct custody_paths paths = {
		.guest = options->operands.word[0],
		.host = document(options, 1),
		.device = document(options, 2),
		.device_before = options->before,
	};
	struct custody custody;
	struct problem problem;
	int error, status = EXIT_USAGE;

	error = custody_load(&custody, &paths, &problem);
	if (!error)
		error = custody_judge(&custody, &problem);
	if (error)
		fprintf(stderr, "wq-demo custody: %s\n", problem.text);
	else
		status = show_table(&custody, options);
	custody_destroy(&custody);
	return error == -ENOMEM ? EXIT_CANNOT_RUN : status;
}

/* ---- Counting on the host --------------------------------------------------------- */

/* Until a signal, or the time is over. What goes wrong meanwhile will be said at the end. */
static void count(struct custody_host *host, int signal_fd, uint64_t duration_ns)
{
	const bool live = progress_can_be_live(stderr);
	const uint64_t begin = units_now_ns();
	struct pollfd polled = { .fd = signal_fd, .events = POLLIN };
	struct problem problem;
	uint64_t signals, now;

	do {
		uint64_t step_ms = custody_host_samples(host) ? SAMPLE_MS
				   : live		      ? SHOW_MS
							      : WAIT_MS;

		now = units_now_ns() - begin;
		if (duration_ns && (duration_ns - now) / NSEC_PER_MSEC + 1 < step_ms)
			step_ms = (duration_ns - now) / NSEC_PER_MSEC + 1;
		if (poll(&polled, 1, (int)step_ms) > 0)
			break;
		now = units_now_ns() - begin;
		if ((live || custody_host_samples(host)) &&
		    !custody_host_look(host, &signals, &problem) && live)
			fprintf(stderr, "\r\033[K%6.1fs  %" PRIu64 " signals",
				(double)now / (double)NSEC_PER_SEC, signals);
	} while (!duration_ns || now < duration_ns);
	if (live)
		fputs("\r\033[K", stderr);
}

static int count_and_write(const char *address, const struct custody_options *options,
			   int signal_fd)
{
	const char *root = strcmp(options->root, "/") == 0 ? "" : options->root;
	struct custody_host *host;
	struct problem problem;
	int status = EXIT_CANNOT_RUN;
	char *text;

	if (custody_host_begin(root, address, &host, &problem)) {
		fprintf(stderr, "wq-demo custody: %s\n", problem.text);
		return EXIT_CANNOT_RUN;
	}
	if (custody_host_inexact(host))
		fprintf(stderr, "%s: what is counted are lower bounds\n",
			custody_host_inexact(host));
	fprintf(stderr, "counting the signals of %s%s\n", custody_host_address(host),
		options->duration_ns ? "" : "; Ctrl-C ends it");
	count(host, signal_fd, options->duration_ns);
	text = custody_host_json(host, &problem);
	if (!text)
		fprintf(stderr, "wq-demo custody: %s\n", problem.text);
	else if (!write_text(options->output, text))
		status = EXIT_HELD;
	free(text);
	custody_host_end(host);
	return status;
}

static int count_on_host(const char *address, const struct custody_options *options)
{
	struct problem problem;
	sigset_t signals;
	int fd, status;

	if (output_file_check(options->output, &problem)) {
		fprintf(stderr, "wq-demo custody: --output: %s\n", problem.text);
		return EXIT_USAGE;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0) {
		fprintf(stderr, "wq-demo custody: cannot watch for signals: %s\n", strerror(errno));
		return EXIT_CANNOT_RUN;
	}
	status = count_and_write(address, options, fd);
	close(fd);
	return status;
}

/* ---- Command line ----------------------------------------------------------------- */

static int check_together(const struct custody_options *options, const bool *given,
			  struct problem *problem)
{
	static const char *const only_host[] = { "output", "duration", "root", NULL };
	static const char *const not_host[] = { "before", "json", NULL };
	const struct operands *operands = &options->operands;

	for (const char *const *name = options->host ? not_host : only_host; *name; name++)
		if (options_given(command_custody_options, given, *name))
			return problem_set(problem, -EINVAL, "--%s is %s", *name,
					   options->host ? "not for --host" : "for --host only");
	if (options->host && operands->count > 1)
		return problem_set(problem, -EINVAL, "--host is for one device: what is '%s'?",
				   operands->word[1]);
	if (!options->host && operands->count < 2)
		return problem_set(problem, -EINVAL,
				   "which documents? Name that of the guest and that of the host");
	if (!options->host && !document(options, 0))
		return problem_set(problem, -EINVAL, "the document of the guest is needed");
	if (options->before && !document(options, 2))
		return problem_set(problem, -EINVAL, "--before needs a document of the device");
	if (options->json && output_file_check(options->json, problem))
		return -EINVAL;
	return 0;
}

int command_custody(int argc, char **argv)
{
	struct custody_options options;
	struct problem problem;
	bool given[OPTIONS_MAX];
	int parsed;

	parsed = options_parse(command_custody_options, &options, given, argc, argv, &problem);
	if (parsed == OPTIONS_RUN)
		parsed = check_together(&options, given, &problem);
	if (parsed == OPTIONS_HELP) {
		command_custody_help(stdout);
		return EXIT_HELD;
	}
	if (parsed < 0) {
		fprintf(stderr, "wq-demo custody: %s\nTry 'wq-demo custody --help'.\n",
			problem.text);
		return EXIT_USAGE;
	}
	if (!options.host)
		return compare_documents(&options);
	return count_on_host(options.operands.count ? options.operands.word[0] : NULL, &options);
}
