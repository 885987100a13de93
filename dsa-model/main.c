// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "log.h"
#include "options.h"
#include "server.h"

/* Open files besides the vectors' triggers. */
#define OTHER_FILES 512

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/*
 * Signals arrive through a descriptor, in the server's loop. Blocked before any
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

	if (len >= sizeof(folder))
		return -ENAMETOOLONG;
	if (len) {
		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	return access(folder, W_OK | X_OK) ? -errno : 0;
}

/* The device refuses to drop messages of a vector it does not have: say which it has. */
static bool drop_is_wrong(const struct server_params *params)
{
	struct server_params without = *params;
	struct server *server;
	unsigned int vectors;

	if (!params->device.drop.nth)
		return false;
	without.device.drop.nth = 0;
	server = server_create(&without);
	if (!server)
		return false;
	vectors = dsa_device_vectors(server_device(server));
	server_destroy(server);
	if (params->device.drop.vector < vectors)
		return false;
	log_error("--drop-message: there is no vector %u; allowed: 0 to %u",
		  params->device.drop.vector, vectors - 1);
	return true;
}

/*
 * Each vector's trigger is an open file, and so is each piece of the client's
 * memory: a table of 2048 entries does not fit below the usual soft limit.
 */
static int allow_open_files(unsigned int entries)
{
	const rlim_t wanted = entries + OTHER_FILES;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return -errno;
	if (limit.rlim_cur >= wanted)
		return 0;
	if (limit.rlim_max < wanted) {
		log_error("--msix-entries %u needs %llu open files, the limit is %llu (ulimit -Hn)",
			  entries, (unsigned long long)wanted, (unsigned long long)limit.rlim_max);
		return -EMFILE;
	}
	limit.rlim_cur = wanted;
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

static int serve(const struct options *options, struct server *server, int signal_fd)
{
	int ret;

	if (server_listen(server, options->socket_path))
		return EXIT_FAILED;
	printf("listening on %s\n", options->socket_path);
	fflush(stdout);
	ret = server_run(server, signal_fd);
	if (ret)
		log_error("ended by an error: %s", strerror(-ret));
	return ret ? EXIT_FAILED : EXIT_OK;
}

int main(int argc, char **argv)
{
	struct options options;
	struct server *server;
	int signal_fd, ret;

	switch (options_parse(&options, argc, argv, stdout, stderr)) {
	case OPTIONS_DONE:
		return fflush(stdout) ? EXIT_FAILED : EXIT_OK;
	case OPTIONS_USAGE:
		return EXIT_USAGE;
	case OPTIONS_RUN:
		break;
	}
	log_set_verbose(options.verbose);
	ret = options.server.stats_path ? check_stats_path(options.server.stats_path) : 0;
	if (ret) {
		log_error("--stats: cannot write to the folder of %s: %s",
			  options.server.stats_path, strerror(-ret));
		return EXIT_FAILED;
	}
	if (drop_is_wrong(&options.server))
		return EXIT_USAGE;
	if (options.server.device.msix_entries &&
	    allow_open_files(options.server.device.msix_entries))
		return EXIT_FAILED;
	signal_fd = take_signals();
	if (signal_fd < 0) {
		log_error("cannot take signals: %s", strerror(errno));
		return EXIT_FAILED;
	}
	server = server_create(&options.server);
	if (!server) {
		log_error("cannot make the device: %s", strerror(errno));
		ret = EXIT_FAILED;
		goto close_signals;
	}
	ret = serve(&options, server, signal_fd);
	server_destroy(server);
close_signals:
	close(signal_fd);
	return ret;
}
