// SPDX-License-Identifier: GPL-2.0-only
#include "command_run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "backend.h"
#include "live.h"
#include "output_file.h"
#include "progress.h"
#include "render.h"
#include "run.h"
#include "tracing.h"
#include "units.h"

/* See struct run_parameters; long, for a machine that crawls loses nothing by it. */
#define DRAIN_GRACE_NS (30 * NSEC_PER_SEC)

/**
 * struct stop - the user's wish to stop
 * @fd: signalfd; readable after the first signal
 * @signals: those it is for
 * @received: number of the first signal; 0: none
 * @progress: to be cleared before a message
 */
struct stop {
	int fd;
	sigset_t signals;
	int received;
	struct progress *progress;
};

static int stop_init(struct stop *stop, struct progress *progress)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action;

	*stop = (struct stop){ .progress = progress };
	sigemptyset(&stop->signals);
	/* nohup(1) and shells ignore some for us; that is to stay. */
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&stop->signals, signals[i]);
	sigprocmask(SIG_BLOCK, &stop->signals, NULL);
	stop->fd = signalfd(-1, &stop->signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return stop->fd < 0 ? -errno : 0;
}

/* The first signal ends the run in good order; the next one ends the program. */
static void stop_received(void *context)
{
	struct stop *stop = context;
	struct signalfd_siginfo info;

	if (read(stop->fd, &info, sizeof(info)) == sizeof(info))
		stop->received = (int)info.ssi_signo;
	progress_clear(stop->progress);
	fprintf(stderr, "wq-demo: %s: stopping; once more to quit at once\n",
		strsignal(stop->received));
	sigprocmask(SIG_UNBLOCK, &stop->signals, NULL);
}

/* The observer of a run has one context for the display, the signals and the first loss. */
struct watcher {
	struct progress progress;
	struct live live;
	struct stop stop;
	FILE *stream;
	bool simulated;
};

static void watch_brought_up(void *context, unsigned int number, const struct bring_up *bring_up)
{
	progress_brought_up(&((struct watcher *)context)->progress, number, bring_up);
}

static void watch_status(void *context, const struct run_status *status)
{
	struct watcher *watcher = context;

	if (watcher->live.stream)
		live_status(&watcher->live, status);
	else
		progress_status(&watcher->progress, status);
}

static void watch_stopping(void *context)
{
	struct watcher *watcher = context;

	/* The next signal ends the program at once: the terminal is given back before. */
	live_end(&watcher->live);
	stop_received(&watcher->stop);
}

/* At once: the trace goes on meanwhile. */
static void watch_lost(void *context, const struct first_loss *loss)
{
	struct watcher *watcher = context;
	const char *what = loss->event.state == LEDGER_MISSING ? "a completion" : "an interrupt";
	struct problem said = { "" };
	char marker[160];

	if (!watcher->simulated) {
		snprintf(marker, sizeof(marker),
			 "wq-demo: queue %u lost %s: at %" PRIu64 ".%06" PRIu64
			 " s of CLOCK_MONOTONIC\n",
			 loss->event.queue, what, loss_event_at(&loss->event) / NSEC_PER_SEC,
			 loss_event_at(&loss->event) % NSEC_PER_SEC / NSEC_PER_USEC);
		tracing_freeze(NULL, marker, &said);
	}
	progress_clear(&watcher->progress);
	fprintf(watcher->stream, "queue %u lost %s: ending the run%s%s\n", loss->event.queue,
		what, *said.text ? "; " : "", said.text);
}

static int write_json(const struct result *result, const char *path)
{
	struct problem problem;
	char *text = render_json(result);
	int error;

	if (!text) {
		fprintf(stderr, "wq-demo: out of memory: no JSON written\n");
		return -ENOMEM;
	}
	error = output_file_write(path, text, &problem);
	if (error)
		fprintf(stderr, "wq-demo: %s\n", problem.text);
	free(text);
	return error;
}

/* The report, to @stream, which has nothing else unless it is for people. */
static int print_report(const struct result *result, const struct run_options *options,
			FILE *stream)
{
	char *text;

	if (options->format == RENDER_HUMAN && options->quiet) {
		render_verdict(result, stream);
		return 0;
	}
	text = render(result, (enum render_format)options->format);
	if (!text) {
		fprintf(stderr, "wq-demo: out of memory: no report written\n");
		return -ENOMEM;
	}
	fputs(text, stream);
	free(text);
	return 0;
}

static int exit_status(const struct result *result, int signal_number)
{
	struct problem reason;

	switch (result_verdict(result, &reason)) {
	case VERDICT_HELD:
		return EXIT_HELD;
	case VERDICT_BROKEN:
		return EXIT_BROKEN;
	default:
		return result->end == RUN_STOPPED ? 128 + signal_number : EXIT_CANNOT_RUN;
	}
}

/* Where everything for people goes: what programs read stands alone on standard output. */
static FILE *aside_of(const struct run_options *options)
{
	bool programs = options->format != RENDER_HUMAN ||
			(options->json && strcmp(options->json, "-") == 0);

	return programs ? stderr : stdout;
}

/* A simulated run that is watched lasts so many frames, if it has no cycles. */
#define LIVE_SIMULATED_FRAMES 80
#define LIVE_SIMULATED_QUEUES 8
#define LIVE_FRAME_NS (100 * NSEC_PER_MSEC)

/* From one frame to the next, in the time of the run. */
static uint64_t live_tick(const struct run_parameters *parameters, const struct backend *backend)
{
	const uint64_t queues = parameters->queues ?: LIVE_SIMULATED_QUEUES;
	uint64_t tick;

	if (!backend->now)
		return LIVE_FRAME_NS;
	tick = (parameters->interval_ns / LIVE_SIMULATED_FRAMES) * queues +
	       parameters->duration_ns / LIVE_SIMULATED_FRAMES;
	return tick > NSEC_PER_MSEC ? tick : NSEC_PER_MSEC;
}

/* The view, if it is wanted and there is a terminal. What goes wrong is no reason to stop. */
static void begin_live(const struct run_options *options, const struct backend *backend,
		       struct watcher *watcher, FILE *stream)
{
	const struct run_parameters *parameters = &options->parameters;
	const bool paced = backend->now && !parameters->cycles;
	char title[64];
	int error;

	if (!options->live || !progress_can_be_live(stream))
		return;
	snprintf(title, sizeof(title), "wq-demo run: %s%s%s", backend->name,
		 parameters->vmm ? " " : "", parameters->vmm ?: "");
	error = live_begin(&watcher->live, stream, title, paced ? LIVE_FRAME_NS : 0);
	if (error)
		fprintf(stderr, "wq-demo: --live: cannot watch for signals: %s\n",
			strerror(-error));
}

/*
 * Run once; show how it goes, and its result. What programs read is of the run that decides,
 * or of one that is stopped. On error, which is explained, there is no result.
 */
static int run_once(const struct run_options *options, const struct backend *backend,
		    struct watcher *watcher, bool decides, struct result *result)
{
	FILE *stream = aside_of(options);
	struct run_observer observer = {
		.context = watcher,
		.brought_up = watch_brought_up,
		.status = watch_status,
		.stopping = watch_stopping,
		.lost = watch_lost,
	};
	struct problem problem;
	int error;

	watcher->stream = options->quiet ? stderr : stream;
	watcher->simulated = backend->now;
	watcher->progress = (struct progress){
		.stream = options->quiet ? NULL : stream,
		.live = options->progress == PROGRESS_ALWAYS ||
			(options->progress == PROGRESS_AUTO && progress_can_be_live(stream)),
		/* They come all at once, and in the table as well. */
		.summary = backend->now || (options->live && progress_can_be_live(stream)),
	};
	begin_live(options, backend, watcher, stream);
	if (watcher->live.stream)
		observer.tick_ns = live_tick(&options->parameters, backend);
	error = run(backend, &options->parameters, &observer, watcher->stop.fd, result, &problem);
	live_end(&watcher->live);
	progress_clear(&watcher->progress);
	if (error) {
		fprintf(stderr, "wq-demo: %s\n", problem.text);
		return error;
	}
	if (options->format == RENDER_HUMAN)
		error = print_report(result, options, stream);
	else if (decides || watcher->stop.received)
		error = print_report(result, options, stdout);
	if (error)
		result_destroy(result);
	return error;
}

static int run_and_report(const struct run_options *options, const struct backend *backend,
			  struct watcher *watcher)
{
	struct result result;
	int status;

	if (run_once(options, backend, watcher, true, &result))
		return EXIT_CANNOT_RUN;
	status = exit_status(&result, watcher->stop.received);
	if (options->json && write_json(&result, options->json))
		status = EXIT_CANNOT_RUN;
	result_destroy(&result);
	return status;
}

static void print_losses(const char *vmm, const struct result *result, FILE *stream)
{
	const struct result_totals totals = result_totals(result);

	fprintf(stream, "%-8s %" PRIu64 " of %" PRIu64 " interrupts lost\n", vmm,
		totals.counts.stranded, totals.counts.submitted);
}

/* The old way as a control, then the new way, which decides. */
static int compare(struct run_options *options, const struct backend *backend,
		   struct watcher *watcher)
{
	struct {
		const char *vmm;
		const char *how;
	} ways[] = {
		{ "rebuild", "to add a vector, the VMM switches MSI-X off and on again" },
		{ "dynamic", "the VMM adds the one vector" },
	};
	FILE *stream = aside_of(options);
	struct result results[2];
	unsigned int done;
	int status = EXIT_CANNOT_RUN;

	for (done = 0; done < 2; done++) {
		options->parameters.vmm = ways[done].vmm;
		fprintf(stream, "%s==> %s: %s\n", done ? "\n" : "", ways[done].vmm, ways[done].how);
		if (run_once(options, backend, watcher, done == 1, &results[done]))
			goto destroy;
		/* Stopped in the first: there is nothing to compare. */
		if (watcher->stop.received) {
			status = exit_status(&results[done++], watcher->stop.received);
			goto destroy;
		}
	}
	fputs("\n", stream);
	for (unsigned int i = 0; i < 2; i++)
		print_losses(ways[i].vmm, &results[i], stream);
	status = exit_status(&results[1], 0);
	if (options->json && write_json(&results[1], options->json))
		status = EXIT_CANNOT_RUN;
destroy:
	while (done--)
		result_destroy(&results[done]);
	return status;
}

static int run_as_asked(struct run_options *options, const struct backend *backend)
{
	struct watcher watcher = { .stop.fd = -1 };
	int error, status;

	error = stop_init(&watcher.stop, &watcher.progress);
	if (error) {
		fprintf(stderr, "wq-demo: cannot watch for signals: %s\n", strerror(-error));
		return EXIT_CANNOT_RUN;
	}
	/* Whoever reads along through a pipe sees each line at once. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (backend == &backend_sim && options->vmm == VMM_COMPARE)
		status = compare(options, backend, &watcher);
	else
		status = run_and_report(options, backend, &watcher);
	close(watcher.stop.fd);
	return status;
}

/* The backend that is asked for, or that fits. */
static const struct backend *choose(const struct run_options *options, const bool *given)
{
	const struct backend *backend;

	if (options->backend == BACKEND_SIM)
		return &backend_sim;
	if (options->backend == BACKEND_SAMPLE)
		return &backend_sample;
	if (options->backend == BACKEND_IDXD)
		return &backend_idxd;
	/* Only sim has these. */
	if (!options->parameters.device &&
	    (options_given(command_run_options, given, "vmm") ||
	     options_given(command_run_options, given, "msix-disabled")))
		return &backend_sim;
	backend = backend_choose(options->parameters.device);
	if (backend == &backend_sim)
		fprintf(aside_of(options),
			"no DSA here: simulated in this process, in simulated time "
			"(--backend sample insists on a device)\n");
	if (backend == &backend_idxd && !options->parameters.device)
		fprintf(aside_of(options),
			"a DSA of the driver idxd: dmatest works on it, which needs root and a "
			"device that is idle (--backend sim simulates one)\n");
	return backend;
}

/* What does not go together. */
static int check_together(const struct run_options *options, const struct backend *backend,
			  const bool *given, struct problem *problem)
{
	static const char *const only_sim[] = { "vmm", "msix-disabled" };
	cpu_set_t cpus;
	/* dmatest decides these itself, and keeps a queue until all are done. */
	static const char *const not_idxd[] = { "cycles",  "cycle-interval", "deadline",   "confirm",
						"opcodes", "seed",	     "until-loss", "rate",
						"cpu" };

	if (options->parameters.min_size > options->parameters.size)
		return problem_set(problem, -EINVAL,
				   "--min-size %" PRIu64 " is larger than --size %" PRIu64,
				   options->parameters.min_size, options->parameters.size);
	if (options->parameters.cpus && units_parse_cpus(options->parameters.cpus, &cpus))
		return problem_set(problem, -EINVAL,
				   "--cpu: '%s' is not a list of CPUs, such as 0-3,8",
				   options->parameters.cpus);
	if (backend == &backend_sim && options->parameters.device)
		return problem_set(problem, -EINVAL, "--device: the backend sim has none");
	for (size_t i = 0; i < sizeof(only_sim) / sizeof(only_sim[0]); i++)
		if (backend != &backend_sim &&
		    options_given(command_run_options, given, only_sim[i]))
			return problem_set(problem, -EINVAL, "--%s is for --backend sim only",
					   only_sim[i]);
	for (size_t i = 0; i < sizeof(not_idxd) / sizeof(not_idxd[0]); i++)
		if (backend == &backend_idxd &&
		    options_given(command_run_options, given, not_idxd[i]))
			return problem_set(problem, -EINVAL,
					   "--%s: the backend idxd has no such thing: it has "
					   "dmatest copy and wait",
					   not_idxd[i]);
	if (backend == &backend_idxd && options->parameters.min_size)
		return problem_set(problem, -EINVAL,
				   "--size: dmatest copies from 1 byte on: give the largest size only");
	return 0;
}

/* Take what was asked for of queues together. @given as from options_parse(). */
static int load_config(const struct run_options *options, const struct backend *backend,
		       const bool *given, struct wq_config *config, struct problem *problem)
{
	const char *device = options->parameters.device;
	int error = 0;

	for (unsigned int i = 0; i < WQ_SETTINGS; i++)
		if (options_given(command_run_options, given, wq_keys[i].option))
			wq_settings_set(&config->common, i, options->settings.number[i],
					options->settings.text[i]);
	/* A path is no name of a device of the file. */
	if (options->config_file)
		error = wq_config_load(config, options->config_file,
				       device && !strchr(device, '/') ? device : NULL, problem);
	return error ?: wq_config_check_support(config, backend->support, stderr, problem);
}

static const char *vmm_word(uint64_t value)
{
	const struct option_word *word = command_run_vmms;

	while (word->value != value)
		word++;
	return word->word;
}

/* Better now than after an hour. */
static int check_output(const struct run_options *options, struct problem *problem)
{
	if (!options->json)
		return 0;
	if (options->format != RENDER_HUMAN && strcmp(options->json, "-") == 0)
		return problem_set(problem, -EINVAL,
				   "-: the standard output has the report of --format; name a "
				   "file, or leave one of them out");
	return output_file_check(options->json, problem);
}

static uint64_t whole_milliseconds(uint64_t ns)
{
	return (ns + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC * NSEC_PER_MSEC;
}

/* The driver counts these in milliseconds; the next one up waits no less than asked. */
static void complete_parameters(struct run_parameters *parameters)
{
	parameters->confirm_ns = whole_milliseconds(parameters->confirm_ns);
	parameters->timeout_ns = whole_milliseconds(parameters->timeout_ns);
	parameters->drain_grace_ns = DRAIN_GRACE_NS;
}

int command_run(int argc, char **argv)
{
	const struct backend *backend;
	struct run_options options = { 0 };
	struct wq_config config = { 0 };
	struct problem problem;
	bool given[OPTIONS_MAX];
	int parsed, error, status;

	parsed = options_parse(command_run_options, &options, given, argc, argv, &problem);
	if (parsed == OPTIONS_HELP) {
		command_run_help(stdout);
		return EXIT_HELD;
	}
	backend = parsed < 0 ? NULL : choose(&options, given);
	if (backend == &backend_sim)
		options_simulated(command_run_options, &options, given);
	if (backend)
		parsed = check_together(&options, backend, given, &problem);
	if (!parsed)
		parsed = load_config(&options, backend, given, &config, &problem);
	if (parsed < 0) {
		wq_config_destroy(&config);
		fprintf(stderr, "wq-demo run: %s\nTry 'wq-demo run --help'.\n", problem.text);
		return EXIT_USAGE;
	}
	if (backend == &backend_sim) {
		options.parameters.vmm = vmm_word(options.vmm);
		options.parameters.latch = options.latch == LATCH_LATCH;
	}
	options.parameters.config = wq_config_asks(&config) ? &config : NULL;
	error = check_output(&options, &problem);
	if (error) {
		fprintf(stderr, "wq-demo run: --json: %s\n", problem.text);
		status = EXIT_USAGE;
	} else {
		complete_parameters(&options.parameters);
		status = run_as_asked(&options, backend);
	}
	wq_config_destroy(&config);
	return status;
}
