// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "control.h"
#include "fault_text.h"
#include "log.h"
#include "notify.h"
#include "options.h"
#include "sandbox.h"
#include "server.h"

/* Open files of a device besides its vectors' triggers, and of the program. */
#define DEVICE_FILES 512
#define PROGRAM_FILES 64

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/**
 * struct instance - a device and the thread that serves it
 * @result: of server_run(), once the thread has ended
 * @ended_fd: eventfd that it writes to then
 */
struct instance {
	const struct device_options *options;
	struct server *server;
	pthread_t thread;
	bool running;
	int result;
	int ended_fd;
};

static struct options options;
static struct instance instances[DEVICES_MAX];
static struct control_device controlled[DEVICES_MAX];

/*
 * Signals arrive through a descriptor, in the main loop. Blocked before any
 * thread starts, so that none takes one.
 */
static int take_signals(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	/* A client's file system may refuse to let a file grow; that is an error, not the end. */
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Better to be told now than when the run is over. */
static int check_stats_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[4096] = ".";
	size_t len = slash ? (size_t)(slash - path) + 1 : 0;
	int ret = 0;

	if (len >= sizeof(folder)) {
		ret = -ENAMETOOLONG;
	} else {
		if (len) {
			memcpy(folder, path, len);
			folder[len] = '\0';
		}
		ret = access(folder, W_OK | X_OK) ? -errno : 0;
	}
	if (ret)
		log_error("--stats: cannot write to the folder of %s: %s", path, strerror(-ret));
	return ret;
}

/*
 * Each vector's trigger is an open file, and so is each piece of the client's
 * memory: a table of 2048 entries does not fit below the usual soft limit.
 */
static int allow_open_files(void)
{
	unsigned int i, entries = 0, largest = 0;
	rlim_t wanted = options.device_count * DEVICE_FILES;
	struct rlimit limit;

	for (i = 0; i < options.device_count; i++) {
		unsigned int own = options.devices[i].server.device.msix_entries;

		entries += own;
		if (own > largest)
			largest = own;
	}
	/* The usual limit is enough for one usual device. */
	if (!entries && options.device_count == 1)
		return 0;
	wanted += entries + (options.device_count > 1 ? PROGRAM_FILES : 0);
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	if (limit.rlim_cur >= wanted)
		return 0;
	if (limit.rlim_max < wanted) {
		log_error("%u device%s with --msix-entries up to %u %s %llu open files, the limit "
			  "is %llu (ulimit -Hn)",
			  options.device_count, options.device_count > 1 ? "s" : "", largest,
			  options.device_count > 1 ? "need" : "needs", (unsigned long long)wanted,
			  (unsigned long long)limit.rlim_max);
		return -EMFILE;
	}
	limit.rlim_cur = wanted;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

/* ---- Devices ------------------------------------------------------------- */

static int add_faults(const struct device_options *device, struct server *server)
{
	char why[DSA_FAULT_WHY], text[FAULT_TEXT_SIZE];
	unsigned int i;

	for (i = 0; i < device->fault_count; i++) {
		int ret = dsa_device_fault_add(server_device(server), &device->faults[i], why);

		if (ret < 0) {
			fault_format(&device->faults[i], text);
			log_error("--fault %s: %s", text, why);
			return ret;
		}
	}
	return 0;
}

/* With one device it goes without saying which. */
static const char *name_in_log(const struct device_options *device)
{
	return options.device_count > 1 ? device->name : NULL;
}

static int create_instance(struct instance *instance, const struct device_options *device,
			   int ended_fd)
{
	int status = EXIT_OK;

	instance->options = device;
	instance->ended_fd = ended_fd;
	log_set_device(name_in_log(device));
	instance->server = server_create(&device->server);
	if (!instance->server) {
		log_error("cannot make the device: %s", strerror(errno));
		status = EXIT_FAILED;
	} else if (add_faults(device, instance->server)) {
		status = EXIT_USAGE;
	}
	log_set_device(NULL);
	return status;
}

static int listen_all(void)
{
	unsigned int i;

	for (i = 0; i < options.device_count; i++) {
		if (server_listen(instances[i].server, options.devices[i].socket_path))
			return EXIT_FAILED;
		controlled[i] = (struct control_device){
			.name = options.devices[i].name,
			.socket_path = options.devices[i].socket_path,
			.server = instances[i].server,
		};
	}
	return EXIT_OK;
}

static void *instance_main(void *arg)
{
	struct instance *instance = arg;

	log_set_device(name_in_log(instance->options));
	instance->result = server_run(instance->server, -1);
	if (instance->result)
		log_error("ended by an error: %s", strerror(-instance->result));
	eventfd_write(instance->ended_fd, 1);
	return NULL;
}

static int start_all(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < options.device_count; i++) {
		ret = pthread_create(&instances[i].thread, NULL, instance_main, &instances[i]);
		if (ret) {
			log_error("cannot start a thread: %s", strerror(ret));
			return EXIT_FAILED;
		}
		instances[i].running = true;
	}
	return EXIT_OK;
}

static int stop_all(void)
{
	int status = EXIT_OK;
	unsigned int i;

	for (i = 0; i < options.device_count; i++)
		if (instances[i].running)
			server_stop(instances[i].server);
	for (i = 0; i < options.device_count; i++) {
		if (!instances[i].running)
			continue;
		pthread_join(instances[i].thread, NULL);
		if (instances[i].result)
			status = EXIT_FAILED;
	}
	return status;
}

/* ---- The main loop ------------------------------------------------------- */

/* True: to end. */
static bool handle_signals(int signal_fd)
{
	struct signalfd_siginfo info;
	bool end = false;
	unsigned int i;

	while (read(signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGUSR1) {
			log_detail("%s: ending", strsignal(info.ssi_signo));
			end = true;
			continue;
		}
		for (i = 0; i < options.device_count; i++)
			server_write_stats(instances[i].server);
	}
	return end;
}

/* Until a signal says so, or all devices have ended. */
static void wait_for_end(int signal_fd, int ended_fd)
{
	struct pollfd pfds[] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = ended_fd, .events = POLLIN },
	};
	unsigned int left = options.device_count;
	eventfd_t ended;

	while (left) {
		if (poll(pfds, 2, -1) < 0 && errno != EINTR) {
			log_error("poll: %s", strerror(errno));
			return;
		}
		if (pfds[0].revents && handle_signals(signal_fd))
			return;
		if (pfds[1].revents && !eventfd_read(ended_fd, &ended))
			left -= ended < left ? ended : left;
	}
}

static int enter_sandbox(void)
{
	bool write_files = false;
	unsigned int i;

	if (!options.sandbox || !sandbox_available()) {
		log_detail("system calls are not filtered");
		return EXIT_OK;
	}
	for (i = 0; i < options.device_count; i++)
		write_files |= !!options.devices[i].server.stats_path;
	return sandbox_enter(write_files) ? EXIT_FAILED : EXIT_OK;
}

static int serve(int signal_fd, int ended_fd)
{
	struct control *control = NULL;
	int notify_fd = notify_open();
	unsigned int i;
	int status;

	status = listen_all();
	if (status)
		return status;
	if (options.control_path) {
		control = control_start(options.control_path, controlled, options.device_count);
		if (!control)
			return EXIT_FAILED;
	}
	status = enter_sandbox();
	if (!status)
		status = start_all();
	if (!status) {
		for (i = 0; i < options.device_count; i++)
			printf("listening on %s\n", options.devices[i].socket_path);
		fflush(stdout);
		notify_ready(notify_fd);
		wait_for_end(signal_fd, ended_fd);
	}
	/* Requests are about devices that are served. */
	control_stop(control);
	return stop_all() ? EXIT_FAILED : status;
}

static int run(int signal_fd, int ended_fd)
{
	unsigned int i, made = 0;
	int status = EXIT_OK;

	while (!status && made < options.device_count) {
		status = create_instance(&instances[made], &options.devices[made], ended_fd);
		made++;
	}
	if (!status)
		status = serve(signal_fd, ended_fd);
	for (i = 0; i < made; i++)
		server_destroy(instances[i].server);
	return status;
}

int main(int argc, char **argv)
{
	int signal_fd, ended_fd, ret;
	unsigned int i;

	switch (options_parse(&options, argc, argv, stdout, stderr)) {
	case OPTIONS_DONE:
		return fflush(stdout) ? EXIT_FAILED : EXIT_OK;
	case OPTIONS_USAGE:
		return EXIT_USAGE;
	case OPTIONS_RUN:
		break;
	}
	log_set_verbose(options.verbose);
	for (i = 0; i < options.device_count; i++)
		if (options.devices[i].server.stats_path &&
		    check_stats_path(options.devices[i].server.stats_path))
			return EXIT_FAILED;
	if (allow_open_files())
		return EXIT_FAILED;
	signal_fd = take_signals();
	if (signal_fd < 0) {
		log_error("cannot take signals: %s", strerror(errno));
		return EXIT_FAILED;
	}
	ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ended_fd < 0) {
		log_error("eventfd: %s", strerror(errno));
		ret = EXIT_FAILED;
		goto close_signals;
	}
	ret = run(signal_fd, ended_fd);
	close(ended_fd);
close_signals:
	close(signal_fd);
	return ret;
}
