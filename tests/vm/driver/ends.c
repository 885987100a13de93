// SPDX-License-Identifier: GPL-2.0-only
/* How queues, processes, devices and the module come to their end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"
#include "tests.h"

const char *module_file = "/modules/dsa_sample.ko";

/* ---- The end of a queue ----------------------------------------------------- */

/* A leak would run out of memory: all of it together is more than the guest has. */
void test_close_in_flight(void)
{
	int device = device_open();
	struct dsa_sample_info info = info_get(device);
	struct dsa_sample_work work[16];
	struct queue q;
	unsigned int i, n;

	for (n = 0; n < 16; n++)
		work[n] = (struct dsa_sample_work){
			.tag = n, .opcode = DSA_OPCODE_MEMFILL, .pattern = n, .size = 65536,
			.flags = DSA_SAMPLE_WORK_INTERRUPT,
		};
	for (i = 0; i < 200; i++) {
		struct dsa_sample_queue_up args = up_args(i % info.queues);

		args.buffer_size = info.max_buffer;
		if (!check(queue_open_with(device, &q, args)))
			break;
		check(submit(q.fd, work, 16, 0) > 0);
		queue_close(&q);
	}
	check(queues_up(device) == 0);
	close(device);
}

/* Work for ever, for somebody else to end it. */
static void flood(const struct queue *q)
{
	struct dsa_sample_event events[16];
	struct dsa_sample_work work = noop(0);

	fcntl(q->fd, F_SETFL, O_NONBLOCK);
	for (;;) {
		if (submit(q->fd, &work, 1, 0) < 0 && errno != EAGAIN)
			_exit(1);
		while (read(q->fd, events, sizeof(events)) > 0)
			;
	}
}

void test_process_death(void)
{
	int device = device_open(), i, status, pipes[2];
	struct queue q[2];
	pid_t child;
	char byte;

	for (i = 0; i < 20; i++) {
		if (pipe(pipes))
			die("pipe");
		child = fork();
		if (child == 0) {
			if (!queue_open(device, &q[0], i % 2) || !queue_open(device, &q[1], 2 + i % 2))
				_exit(1);
			if (write(pipes[1], "x", 1) != 1)
				_exit(1);
			flood(&q[i % 2]);
		}
		close(pipes[1]);
		check(read(pipes[0], &byte, 1) == 1);
		close(pipes[0]);
		kill(child, SIGKILL);
		check(waitpid(child, &status, 0) == child);
		check(WIFSIGNALED(status));
		check(queues_up(device) == 0);
	}
	close(device);
}

void test_fork(void)
{
	int device = device_open(), status, pipes[2];
	struct dsa_sample_event event;
	struct dsa_sample_work work;
	struct queue q;
	pid_t child;
	char byte;

	if (!check(queue_open(device, &q, 3)))
		return;
	if (pipe(pipes))
		die("pipe");
	child = fork();
	if (child == 0) {
		close(pipes[1]);
		/* Until the parent has closed its own. */
		if (read(pipes[0], &byte, 1) != 1)
			_exit(1);
		work = (struct dsa_sample_work){
			.tag = 5, .opcode = DSA_OPCODE_MEMFILL, .flags = DSA_SAMPLE_WORK_INTERRUPT,
			.pattern = ~0ULL, .size = 64,
		};
		_exit(submit(q.fd, &work, 1, 0) == 1 && event_get(q.fd, &event) &&
		      event.tag == 5 && q.buffer[63] == -1 ? 0 : 1);
	}
	queue_close(&q);
	check(queues_up(device) == 8);
	check(write(pipes[1], "x", 1) == 1);
	check(waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status));
	close(pipes[0]);
	close(pipes[1]);
	check(queues_up(device) == 0);

	/* exec() closes what is close-on-exec, and takes the mapping along. */
	child = fork();
	if (child == 0) {
		if (!queue_open(device, &q, 4))
			_exit(1);
		execl("/proc/self/exe", "driver_test", "--queues-up", NULL);
		_exit(1);
	}
	check(waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status));
	close(device);
}

/* ---- The end of the device --------------------------------------------------- */

struct blocked_reader {
	int fd;
	int error;
	uint64_t events;
};

static void *blocked_reader(void *data)
{
	struct blocked_reader *r = data;
	struct dsa_sample_event event;

	while (read(r->fd, &event, sizeof(event)) == sizeof(event))
		r->events++;
	r->error = errno;
	return NULL;
}

void test_unbind(void)
{
	struct dsa_sample_info info = { .argsz = sizeof(info) };
	struct dsa_sample_work work[16];
	struct blocked_reader reader = {};
	struct dsa_sample_queue_stats stats;
	struct queue q, idle;
	pthread_t thread;
	int device, round, i;

	for (i = 0; i < 16; i++)
		work[i] = noop(i);
	for (round = 0; round < 5; round++) {
		device = device_open();
		if (!check(queue_open(device, &q, round)) ||
		    !check(queue_open(device, &idle, round + 1)))
			return;
		strcpy(q.buffer, "still here");
		reader = (struct blocked_reader){ .fd = q.fd };
		pthread_create(&thread, NULL, blocked_reader, &reader);
		check(submit(q.fd, work, 16, 0) > 0);
		check(write_file(DRIVER "/unbind", pci_address));
		pthread_join(thread, NULL);
		check(reader.error == ENODEV);
		check_fails(submit(q.fd, work, 1, 0), ENODEV);
		check_fails(submit(q.fd, work, 1, DSA_SAMPLE_SUBMIT_HOLD), ENODEV);
		check(poll_now(q.fd) == POLLERR && poll_now(idle.fd) == POLLERR);
		/* What an interrupt announced, and what ended with the device: that is all. */
		stats = stats_get(q.fd);
		check(stats.submitted > 0 && stats.awaiting == 0 && stats.in_flight == 0);
		check(stats.submitted == stats.interrupted + stats.aborted);
		check(reader.events == stats.submitted);
		check(!strcmp(q.buffer, "still here"));
		check_fails(ioctl(device, DSA_SAMPLE_INFO, &info), ENODEV);
		up_fails(device, up_args(7), ENODEV);
		check_fails(open(DEVICE, O_RDWR), ENOENT);
		/* The new device and the remains of the old one do not meet. */
		check(rebind());
		close(device);
		device = device_open();
		check(queues_up(device) == 0);
		queue_close(&q);
		check(queue_open(device, &q, round));
		run_one(&q, noop(3));
		queue_close(&q);
		queue_close(&idle);
		close(device);
	}
}

int module_load(const char *parameters)
{
	int fd = open(module_file, O_RDONLY | O_CLOEXEC), ret, error;

	if (fd < 0)
		die(module_file);
	ret = syscall(SYS_finit_module, fd, parameters, 0);
	error = errno;
	close(fd);
	errno = error;
	return ret;
}

int module_unload(void)
{
	return syscall(SYS_delete_module, "dsa_sample", O_NONBLOCK);
}

void test_module(void)
{
	int device = device_open(), i;
	bool able = info_get(device).flags & DSA_SAMPLE_INFO_MOVDIR64B;
	struct queue q;

	check_fails(module_unload(), EWOULDBLOCK);
	check(queue_open(device, &q, 0));
	close(device);
	check_fails(module_unload(), EWOULDBLOCK);
	run_one(&q, noop(1));
	queue_close(&q);
	for (i = 0; i < 5; i++) {
		if (!check(module_unload() == 0))
			return;
		check_fails(open(DEVICE, O_RDWR), ENOENT);
		check_fails(module_load("portal=bogus"), EINVAL);
		check(module_load(i % 2 ? "portal=stores" : "") == 0);
		device = device_open();
		check(queue_open(device, &q, i));
		run_one(&q, noop(1));
		queue_close(&q);
		close(device);
	}
	check(module_unload() == 0);
	check((module_load("portal=movdir64b") == 0) == able);
	check((access(DEVICE, F_OK) == 0) == able);
	check(!able || module_unload() == 0);
	check(module_load("") == 0);
	check(access(DEVICE, F_OK) == 0);
}
