// SPDX-License-Identifier: GPL-2.0-only
#include "backend_idxd_dmatest.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend_idxd_log.h"
#include "doctor_files.h"

#define PARAMETERS "/sys/module/dmatest/parameters"

extern char **environ;

/* Who says what a parameter is to be during the run. */
enum parameter_value {
	VALUE_FIXED,
	VALUE_THREADS,
	VALUE_SIZE,
	VALUE_TIMEOUT,
	VALUE_MOST,
};

/* A parameter that a kernel does not have is left out, but for those without which it will not do.
 */
static const struct {
	const char *name;
	enum parameter_value value;
	const char *fixed;
	bool needed;
} parameters[] = {
	{ "iterations", VALUE_MOST, NULL, true },
	{ "timeout", VALUE_TIMEOUT, NULL, true },
	{ "threads_per_chan", VALUE_THREADS, NULL, true },
	{ "test_buf_size", VALUE_SIZE, NULL, true },
	{ "noverify", VALUE_FIXED, "N", true },
	{ "device", VALUE_FIXED, "", true },
	{ "max_channels", VALUE_FIXED, "0", true },
	{ "dmatest", VALUE_FIXED, "0", false },
	{ "norandom", VALUE_FIXED, "N", false },
	{ "verbose", VALUE_FIXED, "N", false },
	{ "alignment", VALUE_FIXED, "-1", false },
	{ "transfer_size", VALUE_FIXED, "0", false },
	/* Completions are to be told by interrupts. */
	{ "polled", VALUE_FIXED, "N", false },
};

#define PARAMETER_COUNT (sizeof(parameters) / sizeof(parameters[0]))
_Static_assert(PARAMETER_COUNT <= DMATEST_SAVED, "struct dmatest keeps all of them");

static int set_parameter(const struct dmatest *dmatest, const char *name, const char *value,
			 struct problem *problem)
{
	char path[DOCTOR_PATH], line[80];
	int length, fd, error = 0;

	doctor_path(dmatest->machine, path, PARAMETERS "/%s", name);
	/* A write of nothing would not reach the module. */
	length = snprintf(line, sizeof(line), "%s\n", value);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		error = -errno;
	else if (write(fd, line, (size_t)length) != length)
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error ? problem_set(problem, error, "dmatest does not take %s=%s: %s", name, value,
				   strerror(-error))
		     : 0;
}

static int set_number(const struct dmatest *dmatest, const char *name, uint64_t value,
		      struct problem *problem)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return set_parameter(dmatest, name, text, problem);
}

/* Run a program that loads or unloads modules. Returns 0 or a negative errno. */
static int modprobe(const struct doctor_machine *machine, const char *option)
{
	char program[256];
	char quiet[] = "-q", module[] = "dmatest", how[8];
	char *const arguments[] = { program, quiet, how, module, NULL };
	posix_spawnattr_t attributes;
	int status = 0, error;
	sigset_t none;
	pid_t child;

	/* The modules of another machine are not for this one's kernel. */
	if (machine->root[0])
		return -ENOENT;
	if (doctor_read(machine, program, sizeof(program), "/proc/sys/kernel/modprobe") <= 0)
		snprintf(program, sizeof(program), "/sbin/modprobe");
	snprintf(how, sizeof(how), "%s", option);
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	error = -posix_spawn(&child, program, NULL, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	if (error)
		return error;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOENT;
}

static int load(struct dmatest *dmatest, struct problem *problem)
{
	/* An option that changes nothing. */
	int error = modprobe(dmatest->machine, "--");

	if (!error && !doctor_exists(dmatest->machine, PARAMETERS))
		error = -ENOENT;
	if (error == -ENOENT)
		return problem_set(problem, error,
				   "there is no module dmatest: Debian's kernels do not have it; "
				   "build drivers/dma/dmatest.c of linux-source for this kernel "
				   "and load it, or install it where modprobe finds it");
	if (error)
		return problem_set(problem, error, "cannot load dmatest: %s", strerror(-error));
	dmatest->loaded = true;
	return 0;
}

static int refuse_busy(const struct dmatest *dmatest, struct problem *problem)
{
	char run[16], channel[64];

	/* Asked for whether it runs, it lets go of what it has finished with. */
	if (doctor_read(dmatest->machine, run, sizeof(run), PARAMETERS "/run") <= 0)
		return problem_set(problem, -EPROTONOSUPPORT,
				   "the module dmatest has no parameter run: it is not one of the "
				   "kernel's");
	if (run[0] == 'Y' || run[0] == '1')
		return problem_set(problem, -EBUSY,
				   "dmatest is at work already: wait until " PARAMETERS
				   "/run reads N");
	if (doctor_read(dmatest->machine, channel, sizeof(channel), PARAMETERS "/channel") > 0)
		return problem_set(
			problem, -EBUSY,
			"dmatest has the channel %s and has not begun: write 0 to " PARAMETERS
			"/run",
			channel);
	return 0;
}

int dmatest_open(struct dmatest *dmatest, const struct doctor_machine *machine,
		 struct problem *problem)
{
	int error = 0;

	*dmatest = (struct dmatest){ .machine = machine };
	if (!doctor_exists(machine, PARAMETERS))
		error = load(dmatest, problem);
	if (error)
		return error;
	error = refuse_busy(dmatest, problem);
	if (error)
		goto unload;
	for (size_t i = 0; i < PARAMETER_COUNT; i++) {
		ssize_t length = doctor_read(machine, dmatest->saved[i], sizeof(dmatest->saved[i]),
					     PARAMETERS "/%s", parameters[i].name);

		if (length >= 0 || !parameters[i].needed)
			continue;
		error = problem_set(problem, -EPROTONOSUPPORT,
				    "the module dmatest has no parameter %s: it is not one of the "
				    "kernel's",
				    parameters[i].name);
		goto unload;
	}
	return 0;

unload:
	if (dmatest->loaded)
		modprobe(machine, "-r");
	return error;
}

static bool has_parameter(const struct dmatest *dmatest, const char *name)
{
	return doctor_exists(dmatest->machine, PARAMETERS "/%s", name);
}

int dmatest_set_up(struct dmatest *dmatest, const struct dmatest_work *work,
		   struct problem *problem)
{
	const uint64_t numbers[] = {
		[VALUE_THREADS] = work->threads,
		[VALUE_SIZE] = work->size,
		[VALUE_TIMEOUT] = (uint64_t)work->timeout_ms,
		[VALUE_MOST] = 1,
	};
	int error = 0;

	assert(!dmatest->channel[0]);
	for (size_t i = 0; !error && i < PARAMETER_COUNT; i++) {
		if (!has_parameter(dmatest, parameters[i].name))
			continue;
		if (parameters[i].value == VALUE_FIXED)
			error = set_parameter(dmatest, parameters[i].name, parameters[i].fixed,
					      problem);
		else
			error = set_number(dmatest, parameters[i].name,
					   numbers[parameters[i].value], problem);
	}
	return error;
}

int dmatest_add(struct dmatest *dmatest, const char *channel, uint64_t most,
		struct problem *problem)
{
	int error = set_number(dmatest, "iterations", most, problem);

	/* Nothing else may be in between: what is written now gets a thread that waits. */
	if (!error)
		error = set_parameter(dmatest, "channel", channel, problem);
	if (error)
		return error;
	snprintf(dmatest->channel, sizeof(dmatest->channel), "%s", channel);
	return set_parameter(dmatest, "run", "1", problem);
}

int dmatest_limit(struct dmatest *dmatest, uint64_t most, struct problem *problem)
{
	int error = set_number(dmatest, "iterations", most, problem);

	/* It has this one, and takes over the parameters. */
	return error ? error : set_parameter(dmatest, "channel", dmatest->channel, problem);
}

int dmatest_release(struct dmatest *dmatest, struct problem *problem)
{
	int error = set_parameter(dmatest, "run", "0", problem);

	if (!error)
		dmatest->channel[0] = '\0';
	return error;
}

int dmatest_close(struct dmatest *dmatest, struct problem *problem)
{
	int first = 0, error;

	if (dmatest->loaded) {
		error = modprobe(dmatest->machine, "-r");
		return error ? problem_set(problem, error, "cannot unload dmatest") : 0;
	}
	for (size_t i = 0; i < PARAMETER_COUNT; i++) {
		if (!has_parameter(dmatest, parameters[i].name))
			continue;
		error = set_parameter(dmatest, parameters[i].name, dmatest->saved[i],
				      first ? NULL : problem);
		first = first ?: error;
	}
	return first;
}
