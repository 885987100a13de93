// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filter of system calls: whole sessions of clients get through it, and what is none
 * of the program's business does not.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <dsa/profile.h>
#include <dsa/registers.h>

#include "control.h"
#include "sandbox.h"
#include "server_fixture.h"
#include "unit.h"

#define ENDED_WELL 7

/* ---- Single calls -------------------------------------------------------- */

static int call_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static int call_execve(void)
{
	char *argv[] = { NULL };

	return execve("/bin/true", argv, argv);
}

static int call_fork(void)
{
	return fork();
}

static int call_setuid(void)
{
	return setuid(getuid());
}

static int call_open(void)
{
	return open("/dev/null", O_RDONLY);
}

static int call_exec_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static int call_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static const struct {
	const char *name;
	int (*call)(void);
	bool files; /* with statistics to be written */
	int signal; /* it ends by */
	int error; /* or the call fails with; 0: it succeeds */
} calls[] = {
	{ "socket", call_socket, true, SIGSYS, 0 },
	{ "execve", call_execve, true, SIGSYS, 0 },
	{ "setuid", call_setuid, true, SIGSYS, 0 },
	{ "fork", call_fork, true, 0, ENOSYS },
	{ "executable memory", call_exec_memory, true, 0, ENOSYS },
	{ "memory", call_memory, true, 0, 0 },
	{ "open", call_open, false, 0, ENOSYS },
	{ "open for statistics", call_open, true, 0, 0 },
};

/* Status of a child that makes the call, with the sandbox or without. */
static int status_of(int i, bool sandbox)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		int ret;

		if (sandbox && sandbox_enter(calls[i].files))
			_exit(99);
		ret = calls[i].call();
		_exit(ret < 0 ? errno : ENDED_WELL);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(single_calls)
{
	int status = status_of(_i, true);

	if (calls[_i].signal)
		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == calls[_i].signal,
			      "%s: status %#x", calls[_i].name, status);
	else
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) ==
			      (calls[_i].error ? calls[_i].error : ENDED_WELL),
			      "%s: status %#x", calls[_i].name, status);
	/* Control: outside it would have been nothing special. */
	if (calls[_i].call != call_execve && calls[_i].call != call_fork) {
		status = status_of(_i, false);
		ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == ENDED_WELL,
			      "%s: status %#x without the sandbox", calls[_i].name, status);
	}
}
END_TEST

/* ---- Sessions ------------------------------------------------------------ */

/* The server as main() has it: sandbox first, then the thread that serves. */
static void serve(int ready)
{
	struct server_params params = {
		.device = { .profile = "spr", .service = { .seed = 1 } },
		.limits = { .max_maps = 1000, .max_memory = 1ULL << 30 },
		.stats_path = stats_path,
		.stall_seconds = 10,
	};
	struct control_device device = { "one", socket_path, NULL };
	struct control *control;
	char path[100];
	sigset_t set;
	int signal_fd, ret;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	server = server_create(&params);
	device.server = server;
	snprintf(path, sizeof(path), "%s/control", folder);
	control = control_start(path, &device, 1);
	if (!server || !control || server_listen(server, socket_path) || sandbox_enter(true))
		_exit(98);
	if (write(ready, "r", 1) != 1)
		_exit(97);
	ret = server_run(server, signal_fd);
	control_stop(control);
	server_destroy(server);
	_exit(ret ? 96 : ENDED_WELL);
}

/* Memory that can shrink is reached another way: see dma_file.h. */
static void session(bool sealed)
{
	int fd = new_eventfd(), file = ram;

	if (!sealed) {
		file = memfd_create("ram", MFD_CLOEXEC);
		ck_assert_int_eq(ftruncate(file, RAM_SIZE), 0);
	}
	connect_and_hello();
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, file, 0), 0);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 1, 1, &fd, 1), 0);
	bring_up_queues(1, 64, false);
	submit_copy();
	ck_assert_uint_eq(eventfd_wait(fd), 1);
	ck_assert_int_eq(vfu_client_call(&client, VFU_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	ck_assert_int_eq(vfu_client_unmap(&client, RAM_IOVA, RAM_SIZE, 0), 0);
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, file, 0), 0);
	vfu_client_close(&client);
	close(fd);
	if (!sealed)
		close(file);
}

START_TEST(sessions)
{
	int ready[2], status;
	char path[100], byte;
	pid_t pid;

	/* The fixture's own server must not be there: its place is taken by the child's. */
	stop();
	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid)
		serve(ready[1]);
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	session(true);
	session(false);
	session(true);
	ck_assert_int_eq(kill(pid, SIGUSR1), 0);
	ck_assert_int_eq(kill(pid, SIGTERM), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == ENDED_WELL, "status %#x", status);
	/* Sockets have been removed, statistics written. */
	ck_assert_int_ne(access(socket_path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/control", folder);
	ck_assert_int_ne(access(path, F_OK), 0);
	ck_assert_int_eq(access(stats_path, R_OK), 0);
	close(ready[0]);
}
END_TEST

int main(void)
{
	Suite *suite;
	TCase *tc;

	if (!sandbox_available()) {
		puts("SKIP: built without libseccomp, or with sanitizers");
		return 77;
	}
	suite = suite_create("sandbox");
	tc = tcase_create("calls");
	tcase_add_loop_test(tc, single_calls, 0, sizeof(calls) / sizeof(calls[0]));
	suite_add_tcase(suite, tc);
	tc = tcase_create("sessions");
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, sessions);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
