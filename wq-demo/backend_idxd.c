// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own driver for DSA, idxd. It hands descriptors to nobody, so there is no ledger
 * here: the kernel's dmatest copies and verifies, and says what it missed.
 */
#include "backend.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/idxd.h>

#include "backend_idxd_run.h"
#include "units.h"

/* Entries of a queue, if the device has so many for each. */
#define ENTRIES_MAX 64U

/* idxd's own, WQ_DEFAULT_MAX_XFER, where nothing else is asked for. */
#define DEFAULT_TRANSFER (UINT64_C(2) << 20)

/* Outlives the run: its result points to it. */
static char device_name[sizeof(((struct accel_info *)0)->name)];

static int check_user(const struct doctor_machine *machine, struct problem *problem)
{
	if (machine->uid == 0)
		return 0;
	return problem_set(
		problem, -EACCES,
		"--backend idxd needs root: it configures and enables the queues of a device "
		"that nobody else uses, and has the module dmatest work on them");
}

/* The entries of a queue; 0: it is not said. */
static unsigned int size_of(const struct wq_config *config, unsigned int nth)
{
	const struct wq_settings *settings = config ? wq_config_settings(config, nth) : NULL;

	return settings && wq_settings_has(settings, WQ_SIZE)
		       ? (unsigned int)settings->number[WQ_SIZE]
		       : 0;
}

unsigned int idxd_entries(const struct wq_config *config, unsigned int nth, unsigned int otherwise)
{
	const struct wq_settings *settings = config ? wq_config_settings(config, nth) : NULL;
	const unsigned int size = size_of(config, nth) ?: otherwise;

	/* Which ends where a shared one begins to refuse. */
	if (settings && wq_settings_has(settings, WQ_THRESHOLD) && settings->number[WQ_THRESHOLD] &&
	    settings->number[WQ_THRESHOLD] < size)
		return (unsigned int)settings->number[WQ_THRESHOLD];
	return size;
}

/* What is left for queues of which no size is asked for. */
static unsigned int share_entries(const struct idxd_run *run, const struct wq_config *config)
{
	unsigned int left = run->info.entries, open = 0, share;

	for (unsigned int i = 0; i < run->target; i++) {
		const unsigned int asked = size_of(config, i);

		open += !asked;
		left -= asked < left ? asked : left;
	}
	share = open ? left / open : 0;
	return share < ENTRIES_MAX ? share : ENTRIES_MAX;
}

static unsigned int least_entries(const struct idxd_run *run, const struct wq_config *config)
{
	unsigned int least = UINT_MAX;

	for (unsigned int i = 0; i < run->target; i++)
		if (idxd_entries(config, i, run->entries) < least)
			least = idxd_entries(config, i, run->entries);
	return least;
}

static uint64_t least_transfer(const struct idxd_run *run, const struct wq_config *config)
{
	uint64_t least = run->info.max_transfer < DEFAULT_TRANSFER ? run->info.max_transfer
								   : DEFAULT_TRANSFER;

	for (unsigned int i = 0; config && i < run->target; i++) {
		const struct wq_settings *settings = wq_config_settings(config, i);

		if (wq_settings_has(settings, WQ_MAX_TRANSFER_SIZE) &&
		    settings->number[WQ_MAX_TRANSFER_SIZE] < least)
			least = settings->number[WQ_MAX_TRANSFER_SIZE];
	}
	return least;
}

/* Does what was asked for fit this device? */
static int check_fit(const struct idxd_run *run, const struct run_parameters *parameters,
		     struct problem *problem)
{
	const struct accel_info *info = &run->info;
	const struct wq_config_limits limits = {
		.queues = info->queues,
		.groups = info->groups,
		.engines = info->engines,
		.total_size = info->entries,
		.max_transfer_size = info->max_transfer,
	};
	const unsigned int queues = wq_config_queues(parameters->config, info->queues);
	int error;

	if (!info->queues || info->queues > LEDGER_MAX_QUEUES || info->entries < run->target)
		return problem_set(problem, -ENODEV, "%s says it has %u queues with %u entries",
				   info->name, info->queues, info->entries);
	if (parameters->queues > queues)
		return problem_set(problem, -ENOENT, "--queues %" PRIu64 ": %s has only %u",
				   parameters->queues,
				   queues == info->queues ? info->name : "the file", queues);
	error = parameters->config
			? wq_config_check_limits(parameters->config, run->target, &limits, problem)
			: 0;
	if (error)
		return error;
	if (parameters->depth > least_entries(run, parameters->config))
		return problem_set(
			problem, -ENOSPC,
			"--depth %" PRIu64 ": with so many queues of %s, one holds only %u "
			"descriptors",
			parameters->depth, info->name, least_entries(run, parameters->config));
	if (parameters->size > least_transfer(run, parameters->config))
		return problem_set(problem, -EFBIG,
				   "--size %" PRIu64 ": a queue of %s transfers at most %" PRIu64
				   " bytes at once",
				   parameters->size, info->name,
				   least_transfer(run, parameters->config));
	if (parameters->timeout_ns / NSEC_PER_MSEC > INT_MAX)
		return problem_set(problem, -ERANGE, "--timeout: dmatest waits at most %d ms",
				   INT_MAX);
	return 0;
}

static void fill_info(struct idxd_run *run)
{
	/* The driver does not load without MOVDIR64B. */
	run->result->info = (struct dsa_sample_info){
		.flags = DSA_SAMPLE_INFO_MOVDIR64B,
		.device_version = run->info.version,
		.queues = run->info.queues,
		.queue_entries = least_entries(run, run->result->parameters.config),
		.vectors = interrupts_vectors(run->machine, run->info.address),
		.max_transfer = run->info.max_transfer,
	};
}

static int allocate(struct idxd_run *run, struct problem *problem)
{
	run->queues = calloc(run->target, sizeof(*run->queues));
	run->lines = calloc(run->target, sizeof(*run->lines));
	run->each = calloc(run->target, sizeof(*run->each));
	run->job.done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (run->queues && run->lines && run->each && run->job.done_fd >= 0)
		return 0;
	return problem_set(problem, -ENOMEM, "out of memory");
}

static void release(struct idxd_run *run)
{
	if (run->job.done_fd >= 0)
		close(run->job.done_fd);
	free(run->each);
	free(run->lines);
	free(run->queues);
}

static void fail(struct result *result, const struct problem *problem)
{
	if (result->end != RUN_COMPLETE && result->end != RUN_STOPPED)
		return;
	result->end = RUN_FAILED;
	result->failure = *problem;
}

/* Not taking it down is the lesser evil: a kernel whose memory is overwritten is the other. */
static void leave(struct idxd_run *run)
{
	struct problem problem;

	problem_set(
		&problem, -EBUSY,
		"%.160s: %s is left enabled, and dmatest with its channels: to disable a queue now "
		"could make the driver call a thread of dmatest that is gone. Do not disable or "
		"unload anything: restart this machine",
		run->unsafe.text, run->info.name);
	fail(run->result, &problem);
}

/* With the device found and dmatest there. On error nothing has been run. */
static int run_on(struct idxd_run *run, const struct run_parameters *parameters,
		  struct problem *problem)
{
	const struct dmatest_work work = {
		.threads = (unsigned int)parameters->depth,
		.size = (unsigned int)parameters->size,
		.timeout_ms = (int)(parameters->timeout_ns / NSEC_PER_MSEC),
	};
	struct result *result = run->result;
	struct problem restored;
	int error;

	error = dmatest_set_up(&run->dmatest, &work, problem);
	if (error)
		return error;
	error = accel_renew(run->accel, problem);
	if (!error)
		error = accel_configure(run->accel, parameters->config, run->target, run->entries,
					problem);
	if (error)
		goto restore;
	error = result_init(result, parameters, run->target);
	if (error) {
		problem_set(problem, error, "out of memory");
		goto restore;
	}
	result->parameters.queues = run->target;
	result->driver = backend_idxd.name;
	result->dmatest = true;
	snprintf(device_name, sizeof(device_name), "%s", run->info.name);
	result->parameters.device = device_name;
	/* All it does. */
	result->parameters.opcodes = UINT64_C(1) << DSA_OPCODE_MEMMOVE;
	fill_info(run);
	idxd_run_loop(run);
	/* Not even one queue: that is this machine's failure, not a run. */
	if (!result->queue_count && result->end == RUN_FAILED) {
		error = -EIO;
		*problem = result->failure;
		result_destroy(result);
		goto restore;
	}
	if (run->unsafe.text[0])
		leave(run);
	else if (accel_restore(run->accel, &restored))
		fail(result, &restored);
	return 0;

restore:
	accel_restore(run->accel, NULL);
	return error;
}

int idxd_run_at(const struct idxd_place *place, const struct run_parameters *parameters,
		const struct run_observer *observer, int stop_fd, struct result *result,
		struct problem *problem)
{
	struct idxd_run run = {
		.machine = place->machine,
		.observer = observer,
		.stop_fd = stop_fd,
		.result = result,
		.job.done_fd = -1,
	};
	struct problem closed;
	const char *device = parameters->device;
	int error;

	/* The file's, unless another one is named. */
	if (!device && parameters->config)
		device = parameters->config->device;
	error = check_user(place->machine, problem);
	if (error)
		return error;
	error = accel_open(place->machine, device, &run.accel, &run.info, problem);
	if (error)
		return error;
	error = dmatest_open(&run.dmatest, place->machine, problem);
	if (error)
		goto close_accel;
	error = place->open_log(&run.log, problem);
	if (error)
		goto close_dmatest;
	run.target = parameters->queues ? (unsigned int)parameters->queues
					: wq_config_queues(parameters->config, run.info.queues);
	if (run.target > wq_config_queues(parameters->config, run.info.queues))
		run.target = 0;
	run.entries = share_entries(&run, parameters->config);
	error = check_fit(&run, parameters, problem);
	if (!error)
		error = allocate(&run, problem);
	if (!error)
		error = run_on(&run, parameters, problem);
	release(&run);
	kernel_log_close(&run.log);
close_dmatest:
	if (!run.unsafe.text[0] && dmatest_close(&run.dmatest, &closed) && !error)
		fail(result, &closed);
close_accel:
	accel_close(run.accel);
	return error;
}

static int open_log(struct kernel_log *log, struct problem *problem)
{
	return kernel_log_open(log, "/dev/kmsg", "wq-demo: a run on idxd begins", problem);
}

static int run_here(const struct run_parameters *parameters, const struct run_observer *observer,
		    int stop_fd, struct result *result, struct problem *problem)
{
	struct doctor_machine machine;
	const struct idxd_place here = { .machine = &machine, .open_log = open_log };

	doctor_machine_here(&machine, "");
	return idxd_run_at(&here, parameters, observer, stop_fd, result, problem);
}

const struct backend backend_idxd = {
	.word = "idxd",
	.name = "idxd",
	.support = &accel_support,
	.run = run_here,
};
