// SPDX-License-Identifier: GPL-2.0-only
/* What can be done to descriptors: close, copy, pass on, inherit. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

/* Descriptors that an exec has to be asked about. */
#define EXEC_MOST WORLD_SLOTS

static void op_close(struct fuzz *f)
{
	slot_close(f, world_pick(f, fuzz_one_in(f, 3) ? OBJECT_QUEUE : OBJECT_DEVICE));
}

static void op_dup(struct fuzz *f)
{
	struct slot *from = world_pick(f, OBJECT_QUEUE), *to = world_free_slot(f);
	bool cloexec = fuzz_one_in(f, 2);
	int fd;

	if (!to || from->fd < 0 || to == from)
		return;
	trace_begin(f, "dup", NULL, from->fd, cloexec, 0, 0);
	fd = fcntl(from->fd, cloexec ? F_DUPFD_CLOEXEC : F_DUPFD, 3);
	trace_end(f, fd, f->exact ? OK : OK | E(EBADF));
	slot_fill(to, fd, cloexec, object_get(from->object));
}

/* On to a number that is taken: the old file is closed. */
static void op_dup_over(struct fuzz *f)
{
	struct slot *from = world_pick(f, OBJECT_QUEUE), *to = world_pick(f, OBJECT_QUEUE);
	int ret;

	if (!f->exact || from->fd < 0 || to->fd < 0 || from == to)
		return;
	trace_begin(f, "dup3", NULL, from->fd, to->fd, 0, 0);
	ret = dup3(from->fd, to->fd, 0);
	trace_end(f, ret, OK);
	object_put(f, to->object);
	to->object = object_get(from->object);
	to->cloexec = false;
}

static void op_flags(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_QUEUE);
	bool nonblock = fuzz_one_in(f, 2);
	int ret;

	if (slot->fd < 0)
		return;
	trace_begin(f, "nonblock", NULL, slot->fd, nonblock, 0, 0);
	ret = fcntl(slot->fd, F_SETFL, nonblock ? O_NONBLOCK : 0);
	trace_end(f, ret, f->exact ? OK : OK | E(EBADF));
	if (slot->object)
		slot->object->nonblock = nonblock;
}

/* ---- Passing on -------------------------------------------------------------- */

static int fd_send(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = {};
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(socket, &message, MSG_DONTWAIT) == 1 ? 0 : -1;
}

static int fd_receive(int socket)
{
	char byte, control[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { &byte, 1 };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header;
	int fd = -1;

	if (recvmsg(socket, &message, MSG_DONTWAIT) != 1)
		return -1;
	header = CMSG_FIRSTHDR(&message);
	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* Sent, closed here, and received or lost with the socket. */
static void op_pass(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_QUEUE);
	struct object *object = slot->object;
	bool receive = fuzz_one_in(f, 2);
	int sockets[2], ret, fd;

	if (slot->fd < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets))
		return;
	trace_begin(f, "send", receive ? "received" : "lost", slot->fd, 0, 0, 0);
	ret = fd_send(sockets[0], slot->fd);
	trace_end(f, ret, f->exact ? OK : ~0ULL);
	if (!ret) {
		object_get(object);
		/* A socket in its own queue: only the collector gets it out again. */
		if (!f->exact && fuzz_one_in(f, 4))
			fd_send(sockets[0], sockets[1]);
		slot_close(f, slot);
		if (receive) {
			fd = fd_receive(sockets[1]);
			if (f->exact && fd < 0)
				fuzz_fail(f, "a descriptor that was sent did not arrive");
			slot_fill(slot, fd, false, object);
		}
	}
	close(sockets[0]);
	close(sockets[1]);
	if (!ret && !receive)
		object_put(f, object);
}

/* ---- Other processes --------------------------------------------------------- */

/* In a copy of this process, which makes no promises: only that it ends. */
static void copy_plays(struct fuzz *f)
{
	unsigned int times = fuzz_below(f, 12);
	struct dsa_sample_queue_stats stats = { .argsz = sizeof(stats) };

	while (times--) {
		struct slot *slot = &f->world->slots[fuzz_below(f, WORLD_SLOTS)];
		struct zone *zone = &f->world->zones[fuzz_below(f, WORLD_ZONES)];
		struct pollfd fds = { .fd = slot->fd, .events = POLLIN | POLLOUT };

		switch (fuzz_below(f, 5)) {
		case 0:
			close(slot->fd);
			break;
		case 1:
			poll(&fds, 1, 0);
			break;
		case 2:
			munmap(zone->address, WORLD_ZONE / 2);
			break;
		case 3:
			mmap(NULL, FUZZ_PAGE, PROT_READ, MAP_SHARED | MAP_POPULATE, slot->fd, 0);
			break;
		case 4:
			ioctl(slot->fd, DSA_SAMPLE_QUEUE_STATS, &stats);
			break;
		}
	}
}

/* Other processes take a hundred times as long as most calls: one in so many will do. */
#define FORK_ONE_IN 8
#define EXEC_ONE_IN 16

static void op_fork(struct fuzz *f)
{
	pid_t pid;
	int status;

	if (!fuzz_one_in(f, FORK_ONE_IN))
		return;
	trace_begin(f, "fork", NULL, 0, 0, 0, 0);
	/* A signal makes the kernel begin again, for ever if it takes longer than that. */
	fuzz_disarm(f);
	pid = fork();
	if (!pid) {
		copy_plays(f);
		_exit(0);
	}
	if (!f->exact)
		fuzz_arm(f);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	trace_end(f, pid < 0 ? -1 : 0, OK | (f->exact ? 0 : E(EAGAIN)));
	if (f->exact && pid > 0 && (!WIFEXITED(status) || WEXITSTATUS(status)))
		fuzz_fail(f, "the copy ended with status %#x", status);
}

/*
 * Another program must have the descriptors without close-on-exec, and no others. It is
 * this one, which --descriptors FD... makes say which of them are open.
 */
static void op_exec(struct fuzz *f)
{
	char numbers[EXEC_MOST][12];
	char name[] = "driver_fuzz", mode[] = "--descriptors";
	char *argv[EXEC_MOST + 3] = { name, mode };
	size_t i, n = 0;
	int status = 0;
	pid_t pid;

	if (!f->exact || !fuzz_one_in(f, EXEC_ONE_IN))
		return;
	for (i = 0; i < WORLD_SLOTS; i++) {
		const struct slot *slot = &f->world->slots[i];

		if (slot->fd < 0)
			continue;
		/* A number that must be open has a + in front. */
		snprintf(numbers[n], sizeof(numbers[n]), "%s%d", slot->cloexec ? "" : "+",
			 slot->fd);
		argv[2 + n] = numbers[n];
		n++;
	}
	argv[2 + n] = NULL;
	trace_begin(f, "exec", NULL, n, 0, 0, 0);
	pid = vfork();
	if (!pid) {
		execv("/proc/self/exe", argv);
		_exit(100);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	trace_end(f, pid < 0 ? -1 : 0, OK);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fuzz_fail(f,
			  "after an exec other descriptors were open than should be (status %#x)",
			  status);
}

/* No number left for another descriptor: nothing must be left of the queue. */
static void op_full(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_DEVICE);
	struct dsa_sample_queue_up up = { .argsz = sizeof(up), .buffer_size = FUZZ_PAGE,
					  .queue = fuzz_below(f, fuzz_info.queues) };
	struct rlimit old, none = { .rlim_cur = 3 };
	int ret;

	if (!f->exact || slot->fd < 0 || slot->object->kind != OBJECT_DEVICE)
		return;
	getrlimit(RLIMIT_NOFILE, &old);
	none.rlim_max = old.rlim_max;
	trace_begin(f, "QUEUE_UP", "no descriptor left", slot->fd, up.queue, 0, 0);
	setrlimit(RLIMIT_NOFILE, &none);
	ret = ioctl(slot->fd, DSA_SAMPLE_QUEUE_UP, &up);
	trace_end(f, ret, E(EMFILE) | E(EBUSY) | E(EBADF) | E(ENOENT));
	setrlimit(RLIMIT_NOFILE, &old);
}

/* In loose rounds: many at once. */
static void op_close_range(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_QUEUE);

	if (slot->fd < 0)
		return;
	trace_begin(f, "close_range", NULL, slot->fd, 0, 0, 0);
	syscall(SYS_close_range, slot->fd, slot->fd + 1, fuzz_one_in(f, 2) ? 4 : 0);
	trace_end(f, 0, OK);
}

const struct operation ops_files[] = {
	{ "close", 4, op_close, false },
	{ "dup", 3, op_dup, false },
	{ "dup over", 1, op_dup_over, false },
	{ "flags", 4, op_flags, false },
	{ "pass", 2, op_pass, false },
	{ "fork", 1, op_fork, false },
	{ "exec", 1, op_exec, false },
	{ "full", 1, op_full, false },
	{ "close range", 1, op_close_range, true },
	{},
};
