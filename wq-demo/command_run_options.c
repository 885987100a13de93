// SPDX-License-Identifier: GPL-2.0-only
/* The options of "run": parser, help, completion and manual page are made of this table. */
#include "command_run.h"

#include <linux/idxd.h>

#include "backend.h"
#include "render.h"
#include "units.h"

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

const struct option_word command_run_vmms[] = {
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
	  .words = command_run_vmms,
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
