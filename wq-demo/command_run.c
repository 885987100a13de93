// SPDX-License-Identifier: GPL-2.0-only
#include "command_run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <linux/idxd.h>

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

#define HOUR_NS (3600 * NSEC_PER_SEC)
#define BIT(n) (UINT64_C(1) << (n))
#define DATA_OPCODES \
	(BIT(DSA_OPCODE_NOOP) | BIT(DSA_OPCODE_MEMMOVE) | BIT(DSA_OPCODE_MEMFILL) | \
	 BIT(DSA_OPCODE_COMPARE))

static const struct option_word all_queues[] = { { "all", 0 }, { NULL, 0 } };

static const struct option_word full_rate[] = { { "full", 0 }, { NULL, 0 } };

static const struct option_word opcodes[] = {
	{ "noop", BIT(DSA_OPCODE_NOOP) },
	{ "drain", BIT(DSA_OPCODE_DRAIN) },
	{ "memmove", BIT(DSA_OPCODE_MEMMOVE) },
	{ "memfill", BIT(DSA_OPCODE_MEMFILL) },
	{ "compare", BIT(DSA_OPCODE_COMPARE) },
	{ "all", DATA_OPCODES | BIT(DSA_OPCODE_DRAIN) },
	{ NULL, 0 },
};

static const struct option_word backend_choices[] = {
	{ "auto", BACKEND_AUTO },
	{ "sample", BACKEND_SAMPLE },
	{ "idxd", BACKEND_IDXD },
	{ "sim", BACKEND_SIM },
	{ NULL, 0 },
};

static const struct option_word vmm_choices[] = {
	{ "compare", VMM_COMPARE },
	{ "rebuild", VMM_REBUILD },
	{ "dynamic", VMM_DYNAMIC },
	{ "kvm", VMM_KVM },
	{ NULL, 0 },
};

static const struct option_word latch_choices[] = {
	{ "drop", LATCH_DROP },
	{ "latch", LATCH_LATCH },
	{ NULL, 0 },
};

static const struct option_word progress_choices[] = {
	{ "auto", PROGRESS_AUTO },
	{ "always", PROGRESS_ALWAYS },
	{ "never", PROGRESS_NEVER },
	{ NULL, 0 },
};

/* As in struct wq_key.words. */
static const struct option_word wq_modes[] = {
	{ "dedicated", WQ_MODE_DEDICATED },
	{ "shared", WQ_MODE_SHARED },
	{ NULL, 0 },
};

static const struct option_word wq_types[] = {
	{ "kernel", WQ_TYPE_KERNEL },
	{ "user", WQ_TYPE_USER },
	{ "mdev", WQ_TYPE_MDEV },
	{ NULL, 0 },
};

#define OFFSET(member) offsetof(struct run_options, member)
#define SETTING(member, setting) offsetof(struct run_options, settings.member[setting])

const struct option_spec command_run_options[] = {
	{ .name = "backend",
	  .type = OPTION_CHOICE,
	  .argument = "name",
	  .initial = "auto",
	  .words = backend_choices,
	  .offset = OFFSET(backend),
	  .help = "what to run on: {Cm sample}, the driver {Xr dsa_sample 4}; {Cm idxd}, the "
		  "kernel's own driver, with dmatest, for which it takes root and an idle device; "
		  "{Cm sim}: host, guest and device in this process; {Cm auto}: sim where there is "
		  "no device",
	  .more = "That is, if no device is named, there is no device node and no DSA on the PCI "
		  "bus. A line then says so. See {Sx THE SIMULATION}. With a DSA that the driver "
		  "idxd has, and no device node, it is idxd; a line says so, too. See {Sx THE "
		  "DRIVER IDXD}." },
	{ .name = "device",
	  .type = OPTION_TEXT,
	  .argument = "path",
	  .offset = OFFSET(parameters.device),
	  .help = "device node of the driver {Xr dsa_sample 4}, if not {Pa " BACKEND_DEVICE "}; "
		  "or a device of idxd, as dsa0, if not the first that is idle" },
	{ .name = "vmm",
	  .type = OPTION_CHOICE,
	  .argument = "policy",
	  .initial = "compare",
	  .words = vmm_choices,
	  .offset = OFFSET(vmm),
	  .help = "how the VMM in sim adds a vector: {Cm rebuild}: MSI-X off and on again; "
		  "{Cm dynamic}: that one alone; {Cm kvm}: the same with irqfds; {Cm compare}: "
		  "rebuild, then dynamic, which decides",
	  .more = "See {Sx THE SIMULATION}." },
	{ .name = "msix-disabled",
	  .type = OPTION_CHOICE,
	  .argument = "what",
	  .initial = "drop",
	  .words = latch_choices,
	  .offset = OFFSET(latch),
	  .help = "what the device in sim does with a message while MSI-X is off: {Cm drop} or "
		  "{Cm latch}; PCIe allows both" },
	{ .name = "queues",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .initial = "all",
	  .min = 1,
	  .max = 64,
	  .words = all_queues,
	  .offset = OFFSET(parameters.queues),
	  .help = "queues to bring up, one after another" },
	{ .name = "config-file",
	  .letter = 'c',
	  .type = OPTION_TEXT,
	  .argument = "file",
	  .offset = OFFSET(config_file),
	  .help = "bring up the queues of this file of accel-config, in its order and as it says",
	  .more = "It is as {Cm accel-config save-config} writes it; a device of several in it is "
		  "named with {Fl -device}. The options from {Fl -mode} to {Fl -op-config} are "
		  "for all queues, with a file and without, and stronger than it. What the "
		  "backend or the device cannot do is refused. See {Sx CONFIGURATION}." },
	{ .name = "mode",
	  .type = OPTION_CHOICE,
	  .argument = "mode",
	  .words = wq_modes,
	  .offset = SETTING(number, WQ_MODE),
	  .help = "mode of the queues: {Cm dedicated} or {Cm shared}",
	  .more = "Shared queues are for idxd only." },
	{ .name = "type",
	  .type = OPTION_CHOICE,
	  .argument = "type",
	  .words = wq_types,
	  .offset = SETTING(number, WQ_TYPE),
	  .help = "who uses the queues: {Cm kernel}, {Cm user} or {Cm mdev}",
	  .more = "Here they are used by drivers in the kernel; the others are refused." },
	{ .name = "wq-size",
	  .type = OPTION_NUMBER,
	  .argument = "entries",
	  .min = 1,
	  .max = UINT16_MAX,
	  .offset = SETTING(number, WQ_SIZE),
	  .help = "descriptors that each queue holds" },
	{ .name = "group-id",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .max = WQ_CONFIG_GROUPS_MAX - 1,
	  .offset = SETTING(number, WQ_GROUP_ID),
	  .help = "group of the queues" },
	{ .name = "priority",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .min = 1,
	  .max = 15,
	  .offset = SETTING(number, WQ_PRIORITY),
	  .help = "priority of the queues in their group" },
	{ .name = "threshold",
	  .type = OPTION_NUMBER,
	  .argument = "entries",
	  .max = UINT16_MAX,
	  .offset = SETTING(number, WQ_THRESHOLD),
	  .help = "of a shared queue, how many of its entries ordinary users can fill" },
	{ .name = "block-on-fault",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .max = 1,
	  .offset = SETTING(number, WQ_BLOCK_ON_FAULT),
	  .help = "1: a page fault is waited for" },
	{ .name = "max-batch-size",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .min = 1,
	  .max = UINT64_C(1) << 15,
	  .offset = SETTING(number, WQ_MAX_BATCH_SIZE),
	  .help = "most descriptors in a batch; rounded up to a power of 2" },
	{ .name = "max-transfer-size",
	  .type = OPTION_SIZE,
	  .argument = "bytes",
	  .min = 1,
	  .max = UINT64_C(1) << 31,
	  .offset = SETTING(number, WQ_MAX_TRANSFER_SIZE),
	  .help = "most bytes in a transfer; rounded up to a power of 2" },
	{ .name = "ats-disable",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .max = 1,
	  .offset = SETTING(number, WQ_ATS_DISABLE),
	  .help = "1: no address translation by the device" },
	{ .name = "prs-disable",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .max = 1,
	  .offset = SETTING(number, WQ_PRS_DISABLE),
	  .help = "1: no page requests by the device" },
	{ .name = "name",
	  .type = OPTION_NAME,
	  .argument = "name",
	  .offset = SETTING(text, WQ_NAME),
	  .help = "name of the queues" },
	{ .name = "driver-name",
	  .type = OPTION_NAME,
	  .argument = "name",
	  .offset = SETTING(text, WQ_DRIVER_NAME),
	  .help = "driver that gets the queues, on idxd" },
	{ .name = "op-config",
	  .type = OPTION_NAME,
	  .argument = "bits",
	  .offset = SETTING(text, WQ_OP_CONFIG),
	  .help = "operations that are allowed on the queues, as accel-config writes them" },
	{ .name = "depth",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .initial = "1",
	  .min = 1,
	  .max = 1024,
	  .offset = OFFSET(parameters.depth),
	  .help = "descriptors kept in flight on every queue; at 1 no interrupt can stand in for "
		  "another that is lost",
	  .more = "With more, the interrupt of one completion can stand in for that of another "
		  "that got lost, which then is late instead of stranded." },
	{ .name = "rate",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .initial = "full",
	  .min = 1,
	  .max = UINT64_C(10000000),
	  .words = full_rate,
	  .offset = OFFSET(parameters.rate),
	  .help = "descriptors per second on every queue, at most; {Cm full}: as many as go",
	  .more = "There are never more in flight than {Fl -depth} says, so it may be fewer." },
	{ .name = "until-loss",
	  .type = OPTION_FLAG,
	  .offset = OFFSET(parameters.until_loss),
	  .help = "stop at the first lost interrupt or completion, freeze kernel tracing, and show "
		  "what happened around it",
	  .more = "A marker is written into the trace, if tracefs is there and may be written, and "
		  "recording is switched off; a line says so. In the simulation there is nothing "
		  "of the kernel's to freeze." },
	{ .name = "cpu",
	  .type = OPTION_NAME,
	  .argument = "list",
	  .offset = OFFSET(parameters.cpus),
	  .help = "CPUs for the thread that submits, such as 0-3,8",
	  .more = "Those that bring queues up may use any." },
	{ .name = "interval",
	  .type = OPTION_DURATION,
	  .argument = "time",
	  .initial = "1s",
	  .simulated = "40ms",
	  .max = 24 * HOUR_NS,
	  .offset = OFFSET(parameters.interval_ns),
	  .help = "from the start of one bring-up to the start of the next",
	  .more = "A bring-up that takes longer delays the next." },
	{ .name = "cycles",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .initial = "0",
	  .max = UINT64_C(1000000000),
	  .offset = OFFSET(parameters.cycles),
	  .help = "after the last bring-up, how often to take a queue down or bring it up again, "
		  "in random order, the others busy",
	  .more = "The order follows from the seed. Before a queue goes down its descriptors have "
		  "their outcomes." },
	{ .name = "cycle-interval",
	  .type = OPTION_DURATION,
	  .argument = "time",
	  .initial = "0",
	  .max = 24 * HOUR_NS,
	  .offset = OFFSET(parameters.cycle_ns),
	  .help = "from the start of one of these to the start of the next; 0: at once" },
	{ .name = "duration",
	  .type = OPTION_DURATION,
	  .argument = "time",
	  .initial = "10s",
	  .simulated = "50ms",
	  .max = 1000 * HOUR_NS,
	  .offset = OFFSET(parameters.duration_ns),
	  .help = "how long to go on after the last bring-up or cycle" },
	{ .name = "window",
	  .type = OPTION_DURATION,
	  .argument = "time",
	  .initial = "500ms",
	  .simulated = "5ms",
	  .max = 24 * HOUR_NS,
	  .offset = OFFSET(parameters.window_ns),
	  .help = "how long after a bring-up completions are counted with it",
	  .more = "A completion or a loss belongs to a bring-up if it happened between its begin "
		  "and this long after its end; otherwise it belongs to the steady state." },
	{ .name = "deadline",
	  .type = OPTION_DURATION,
	  .argument = "time",
	  .initial = "250ms",
	  .simulated = "10ms",
	  .max = HOUR_NS,
	  .offset = OFFSET(parameters.deadline_ns),
	  .help = "an interrupt that comes later than this is late, not lost",
	  .more = "It is counted from when the completion record was seen to when the handler "
		  "ran. An emulated or overcommitted machine can stand still for seconds." },
	{ .name = "confirm",
	  .type = OPTION_DURATION,
	  .argument = "time",
	  .initial = "5s",
	  .simulated = "10ms",
	  .min = 10 * NSEC_PER_MSEC,
	  .max = 60 * NSEC_PER_SEC,
	  .offset = OFFSET(parameters.confirm_ns),
	  .help = "how long a completion is watched on a machine that is alive before its "
		  "interrupt counts as lost",
	  .more = "Nothing is submitted to the queue meanwhile that could raise its interrupt "
		  "again. It is in whole milliseconds." },
	{ .name = "timeout",
	  .type = OPTION_DURATION,
	  .argument = "time",
	  .initial = "30s",
	  .simulated = "1s",
	  .min = 10 * NSEC_PER_MSEC,
	  .max = 600 * NSEC_PER_SEC,
	  .offset = OFFSET(parameters.timeout_ns),
	  .help = "how long to wait for a completion record before the descriptor is missing",
	  .more = "It is counted in the same way." },
	{ .name = "opcodes",
	  .type = OPTION_SET,
	  .argument = "list",
	  .initial = "noop,memmove,memfill,compare",
	  .words = opcodes,
	  .offset = OFFSET(parameters.opcodes),
	  .help = "operations to mix, with commas between: {Cm noop}, {Cm drain}, {Cm memmove}, "
		  "{Cm memfill}, {Cm compare}, or {Cm all}" },
	{ .name = "size",
	  .type = OPTION_SIZE,
	  .argument = "bytes",
	  .initial = "4k",
	  .simulated = "256",
	  .min = 1,
	  .max = UINT64_C(1) << 30,
	  .offset = OFFSET(parameters.size),
	  .help = "bytes of each transfer; k, M and G are powers of 1024" },
	{ .name = "min-size",
	  .type = OPTION_SIZE,
	  .argument = "bytes",
	  .min = 1,
	  .max = UINT64_C(1) << 30,
	  .offset = OFFSET(parameters.min_size),
	  .help = "mix transfers of all sizes from this one to that of {Fl -size}" },
	{ .name = "seed",
	  .type = OPTION_NUMBER,
	  .argument = "number",
	  .initial = "1",
	  .max = UINT64_MAX,
	  .offset = OFFSET(parameters.seed),
	  .help = "of the data, the order of the operations and of the cycles; in sim the same "
		  "seed gives the same result",
	  .more = "That is so to the last nanosecond. Elsewhere the same seed gives each queue "
		  "the same work." },
	{ .name = "format",
	  .type = OPTION_CHOICE,
	  .argument = "format",
	  .initial = "human",
	  .words = render_formats,
	  .offset = OFFSET(format),
	  .help = "of the report: {Cm human}, {Cm json}, {Cm ndjson}, {Cm tap} or {Cm junit}; but "
		  "for human, all other output then goes to standard error",
	  .more = "See {Sx FORMATS}." },
	{ .name = "json",
	  .type = OPTION_TEXT,
	  .argument = "file",
	  .offset = OFFSET(json),
	  .help = "write the result as JSON; {Pa -} is standard output, and all other output then "
		  "goes to standard error",
	  .more = "The file is replaced in one step." },
	{ .name = "progress",
	  .type = OPTION_CHOICE,
	  .argument = "when",
	  .initial = "auto",
	  .words = progress_choices,
	  .offset = OFFSET(progress),
	  .help = "keep a line with the state of the run up to date: {Cm auto}: on a terminal; "
		  "{Cm always} or {Cm never}" },
	{ .name = "live",
	  .type = OPTION_FLAG,
	  .offset = OFFSET(live),
	  .help = "show on a terminal, while it runs, each queue's rate, what is in flight, the "
		  "age of its last interrupt and what it lost, with a mark at each bring-up",
	  .more = "The view follows the size of the window, and goes when the run ends or is "
		  "stopped, before the report. A simulated run without cycles is slowed down, so "
		  "that it lasts some seconds. Elsewhere than on a terminal the option does "
		  "nothing; without colours if {Cm NO_COLOR} is set." },
	{ .name = "quiet",
	  .type = OPTION_FLAG,
	  .offset = OFFSET(quiet),
	  .help = "print the verdict only" },
	{ .name = NULL },
};

void command_run_help(FILE *stream)
{
	fputs("usage: wq-demo run [option ...]\n"
	      "\n"
	      "Bring up the work queues of a DSA one at a time while all that are up are\n"
	      "busy, and follow every descriptor to its completion interrupt. Without a\n"
	      "device, do it in a simulation, the way that loses interrupts and the way\n"
	      "that does not.\n"
	      "\n",
	      stream);
	options_print(command_run_options, stream);
	fputs("\n"
	      "Times have a unit: ns, us, ms, s, m or h.\n"
	      "\n"
	      "Exit status: 0 held: nothing lost; 1 broken: an interrupt, a completion or\n"
	      "data lost; 2 wrong usage; 3 this machine cannot run it; 128 + n stopped by\n"
	      "signal n, nothing lost so far.\n",
	      stream);
}

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
	const struct option_word *word = vmm_choices;

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
