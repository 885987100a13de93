// SPDX-License-Identifier: GPL-2.0-only
/*
 * One round: a process that makes calls until it has made enough, is killed, or finds
 * something wrong, and this one, which watches it and sees what is left of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "world.h"

/* A round in which no call is made for so long hangs; a machine may be slow. */
#define PATIENCE_MS 180000
/* How often to look whether there was one. */
#define LOOK_MS 1000
/* The same, to do something at a certain call. */
#define LOOK_BUSY_MS 5
/* What is closed in the background is closed by then. */
#define SETTLE_MS 30000

/**
 * struct plan - what a round is like
 * @exact: one thread, every answer known
 * @one_cpu: on one processor: its threads change places in the middle of calls, where on
 *	several of them calls overlap
 * @calls: of each thread
 * @kill_at: killed after so many calls in all; 0: not
 * @rebinds: the driver is unbound and bound again so often meanwhile
 */
struct plan {
	bool exact;
	bool one_cpu;
	unsigned int calls;
	unsigned int kill_at;
	unsigned int rebinds;
};

static struct plan plan_make(struct fuzz *f, unsigned int length)
{
	struct plan plan = { .exact = !fuzz_one_in(f, 3) };

	plan.one_cpu = fuzz_one_in(f, 2);

	plan.calls = plan.exact ? length : length / FUZZ_THREADS;
	if (fuzz_one_in(f, 8))
		plan.kill_at = 1 + fuzz_below(f, plan.calls * (plan.exact ? 1 : FUZZ_THREADS));
	if (!plan.exact && fuzz_one_in(f, 6))
		plan.rebinds = 1 + fuzz_below(f, 3);
	return plan;
}

/* ---- The process that makes calls ---------------------------------------------- */

static void nothing(int signal)
{
	(void)signal;
}

static void operation_run(struct fuzz *f)
{
	static const struct operation *const lists[] = {
		ops_device, ops_queue, ops_files, ops_memory,
	};
	unsigned int total = 0, pass, choice = 0;
	const struct operation *op;
	size_t i;

	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
			for (op = lists[i]; op->name; op++) {
				if (op->loose && f->exact)
					continue;
				if (!pass) {
					total += op->weight;
					continue;
				}
				if (choice < op->weight) {
					op->run(f);
					return;
				}
				choice -= op->weight;
			}
		}
		choice = fuzz_below(f, total);
	}
}

static void *thread_run(void *data)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
	struct fuzz *f = data;
	uint64_t *head = &f->shared->heads[f->thread];

	event._sigev_un._tid = gettid();
	if (timer_create(CLOCK_MONOTONIC, &event, &f->timer))
		fuzz_fail(f, "cannot make a timer: errno %d", errno);
	if (!f->exact)
		fuzz_arm(f);
	while (*head < f->calls)
		operation_run(f);
	return NULL;
}

/* All threads on this processor from now on. */
static void cpu_choose(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sched_getcpu(), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void __attribute__((noreturn)) process_run(uint64_t seed, const struct plan *plan,
						   const struct user *user, struct shared *shared)
{
	static struct fuzz threads[FUZZ_THREADS];
	struct rlimit files = { 200, 200 };
	struct sigaction interrupt = { .sa_handler = nothing };
	struct sigaction fault = { .sa_handler = memory_fault, .sa_flags = SA_NODEFER };
	unsigned int number = plan->exact ? 1 : FUZZ_THREADS, i;
	struct arena *arena = arena_make();
	struct world *world = world_make();
	pthread_t ids[FUZZ_THREADS];

	if (!arena || !world) {
		snprintf(shared->why, sizeof(shared->why), "no memory for the round");
		shared->failed = 1;
		_exit(1);
	}
	sigaction(SIGUSR1, &interrupt, NULL);
	sigaction(SIGSEGV, &fault, NULL);
	sigaction(SIGBUS, &fault, NULL);
	/* A number may be that of another thread's socket by now. */
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_NOFILE, &files);
	user_become(user);
	if (plan->one_cpu)
		cpu_choose();
	for (i = 0; i < number; i++) {
		threads[i] = (struct fuzz){
			.random = seed + 0x1234567ULL * (i + 1), .exact = plan->exact, .thread = i,
			.calls = plan->calls,
			.absent = plan->rebinds, .shared = shared, .world = world, .arena = arena,
		};
		if (i && pthread_create(&ids[i], NULL, thread_run, &threads[i]))
			fuzz_fail(&threads[0], "cannot start a thread");
	}
	thread_run(&threads[0]);
	for (i = 1; i < number; i++)
		pthread_join(ids[i], NULL);
	/* With everything open. */
	_exit(0);
}

/* ---- The process that watches -------------------------------------------------- */

static uint64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}

/* Where its threads are. */
static void stacks_print(pid_t pid)
{
	char pattern[64], line[200];
	glob_t found;
	size_t i;
	FILE *file;

	snprintf(pattern, sizeof(pattern), "/proc/%d/task/*/stack", pid);
	if (glob(pattern, 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		printf("# %s:\n", found.gl_pathv[i]);
		file = fopen(found.gl_pathv[i], "re");
		while (file && fgets(line, sizeof(line), file))
			printf("#   %s", line);
		if (file)
			fclose(file);
	}
	globfree(&found);
}

/* Wait for it, and meanwhile do what the plan says. False: it hangs. */
static bool watch(pid_t pid, const struct plan *plan, struct shared *shared, int *status)
{
	struct pollfd over = { .fd = syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	uint64_t end = milliseconds() + PATIENCE_MS, calls = 0, now;
	unsigned int rebinds = plan->rebinds;
	bool busy = plan->kill_at || rebinds;

	while (poll(&over, 1, busy ? LOOK_BUSY_MS : LOOK_MS) <= 0) {
		now = __atomic_load_n(&shared->calls, __ATOMIC_RELAXED);
		if (now != calls)
			end = milliseconds() + PATIENCE_MS;
		calls = now;
		if (milliseconds() > end) {
			close(over.fd);
			return false;
		}
		if (plan->kill_at && calls >= plan->kill_at)
			kill(pid, SIGKILL);
		if (rebinds && calls > 40 * (plan->rebinds - rebinds + 1)) {
			rebinds--;
			device_rebind();
		}
	}
	close(over.fd);
	return waitpid(pid, status, 0) == pid;
}

bool device_idle(void)
{
	uint64_t end = milliseconds() + SETTLE_MS;
	struct dsa_sample_configure config = { .argsz = sizeof(config) };
	struct dsa_sample_info info;
	int device, sockets[2];
	bool usual;

	device = open(FUZZ_DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0) {
		printf("# %s cannot be opened: %s\n", FUZZ_DEVICE, strerror(errno));
		return false;
	}
	do {
		info = (struct dsa_sample_info){ .argsz = sizeof(info) };
		if (ioctl(device, DSA_SAMPLE_INFO, &info)) {
			printf("# INFO: %s\n", strerror(errno));
			break;
		}
		if (!info.queues_up) {
			usual = !ioctl(device, DSA_SAMPLE_CONFIGURE, &config);
			if (!usual)
				printf("# CONFIGURE: %s\n", strerror(errno));
			close(device);
			return usual;
		}
		/* Descriptors in sockets that nobody has: the collector runs at a close. */
		if (!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets)) {
			close(sockets[0]);
			close(sockets[1]);
		}
		poll(NULL, 0, 1);
	} while (milliseconds() < end);
	close(device);
	printf("# queues are left up: %#llx\n", (unsigned long long)info.queues_up);
	return false;
}

bool round_run(uint64_t seed, unsigned int length, const struct user *user, uint64_t *calls)
{
	struct fuzz self = { .random = seed };
	struct plan plan = plan_make(&self, length);
	struct shared *shared;
	bool good = true;
	int status = 0;
	pid_t pid;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		return false;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		process_run(fuzz_random(&self), &plan, user, shared);
	}
	setpgid(pid, pid);
	if (!watch(pid, &plan, shared, &status)) {
		printf("# the round hangs\n");
		stacks_print(pid);
		kill(-pid, SIGKILL);
		good = false;
	} else if (shared->failed) {
		printf("# thread %d: %s\n", shared->thread, shared->why);
		good = false;
	} else if (WIFSIGNALED(status) && !(plan.kill_at && WTERMSIG(status) == SIGKILL)) {
		printf("# ended by signal %d\n", WTERMSIG(status));
		good = false;
	}
	/* Its copies, whatever they are doing. */
	kill(-pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	*calls += shared->calls;
	tallies_add(shared);
	good = good && device_idle();
	if (!good) {
		printf("# %s round as %s%s%s\n", plan.exact ? "exact" : "loose", user->name,
		       plan.kill_at ? ", killed" : "", plan.rebinds ? ", unbound meanwhile" : "");
		trace_print(shared);
	}
	munmap(shared, sizeof(*shared));
	return good;
}
