// SPDX-License-Identifier: GPL-2.0-only
/* Arguments of every call, and work. */
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
#include <time.h>
#include <unistd.h>

#include "calls.h"
#include "tests.h"

/* ---- Arguments ------------------------------------------------------------- */

void test_info(void)
{
	int device = device_open();
	struct dsa_sample_info info = info_get(device);

	check(info.argsz == sizeof(info));
	check(info.api_version == DSA_SAMPLE_API_VERSION);
	check(info.device_version >= 0x100);
	check(info.queues >= 1 && info.queues < info.vectors);
	check(info.queue_entries >= 1);
	check(info.max_buffer >= PAGE && info.max_transfer >= PAGE);
	check(info.queues_up == 0);
	check(info.commands >= 2);
	check(info.misc_interrupts >= 1);
	check(!(info.flags & DSA_SAMPLE_INFO_MOVDIR64B) != !(info.flags & DSA_SAMPLE_INFO_STORES));
	check(!(info.flags & DSA_SAMPLE_INFO_HALTED));
	close(device);
}

/* Every ioctl treats argsz in the same way. @first: size of its first structure, @size: now. */
static void argsz_rules_since(int fd, unsigned long command, const void *good, size_t first,
			      size_t size)
{
	char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t *argsz = (uint32_t *)page;

	if (page == MAP_FAILED)
		die("mmap");
	memcpy(page, good, size);
	*argsz = first - 1;
	check_fails(ioctl(fd, command, page), EINVAL);
	*argsz = 0;
	check_fails(ioctl(fd, command, page), EINVAL);
	memcpy(page, good, size);
	*argsz = size + 8;
	page[size + 7] = 1;
	check_fails(ioctl(fd, command, page), E2BIG);
	*argsz = 2 * PAGE;
	page[size + 7] = 0;
	check_fails(ioctl(fd, command, page), E2BIG);
	check_fails(ioctl(fd, command, NULL), EFAULT);
	/* The structure crosses the end of what is mapped. */
	munmap(page + PAGE, PAGE);
	memcpy(page + PAGE - size + 4, good, size - 4);
	check_fails(ioctl(fd, command, page + PAGE - size + 4), EFAULT);
	munmap(page, PAGE);
}

static void argsz_rules(int fd, unsigned long command, const void *good, size_t size)
{
	argsz_rules_since(fd, command, good, size, size);
}

void test_argsz(void)
{
	const size_t first = offsetof(struct dsa_sample_info, groups);
	struct dsa_sample_configure usual = { .argsz = sizeof(usual) };
	struct dsa_sample_info info = { .argsz = sizeof(info) }, older = { 0 };
	struct dsa_sample_queue_stats stats = { .argsz = sizeof(stats) };
	struct dsa_sample_work work = noop(1);
	struct dsa_sample_submit args = {
		.argsz = sizeof(args), .count = 1, .work = (uintptr_t)&work,
	};
	struct dsa_sample_queue_up up = up_args(0);
	struct { struct dsa_sample_info info; uint64_t more; } longer = {
		.info.argsz = sizeof(longer),
	};
	int device = device_open();
	struct queue q;

	argsz_rules_since(device, DSA_SAMPLE_INFO, &info, first, sizeof(info));
	argsz_rules(device, DSA_SAMPLE_CONFIGURE, &usual, sizeof(usual));
	/* Who does not know the newer part gets the older one, and nothing behind it. */
	older.argsz = first;
	older.groups = 0x5a5a5a5a;
	check(ioctl(device, DSA_SAMPLE_INFO, &older) == 0);
	check(older.argsz == sizeof(info) && older.groups == 0x5a5a5a5a);
	check(older.api_version == DSA_SAMPLE_API_VERSION);
	argsz_rules(device, DSA_SAMPLE_QUEUE_UP, &up, sizeof(up));
	check(queues_up(device) == 0);
	check(ioctl(device, DSA_SAMPLE_INFO, &longer) == 0);
	check(longer.info.argsz == sizeof(info) && longer.more == 0);
	info.flags = 1;
	check_fails(ioctl(device, DSA_SAMPLE_INFO, &info), EINVAL);
	info.flags = 0;
	info.resets = 1;
	check_fails(ioctl(device, DSA_SAMPLE_INFO, &info), EINVAL);

	check(queue_open(device, &q, 0));
	argsz_rules(q.fd, DSA_SAMPLE_SUBMIT, &args, sizeof(args));
	argsz_rules_since(q.fd, DSA_SAMPLE_QUEUE_STATS, &stats,
			  offsetof(struct dsa_sample_queue_stats, aborted), sizeof(stats));
	check(stats_get(q.fd).submitted == 0);
	stats.flags = 1;
	check_fails(ioctl(q.fd, DSA_SAMPLE_QUEUE_STATS, &stats), EINVAL);
	/* Each on the wrong kind of file, and one that is nobody's. */
	check_fails(ioctl(device, DSA_SAMPLE_SUBMIT, &args), ENOTTY);
	check_fails(ioctl(q.fd, DSA_SAMPLE_INFO, &info), ENOTTY);
	check_fails(ioctl(q.fd, _IO(DSA_SAMPLE_IOC_TYPE, 0xff), 0), ENOTTY);
	queue_close(&q);
	close(device);
}

void test_queue_up_arguments(void)
{
	int device = device_open(), reader = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct dsa_sample_info info = info_get(device);
	struct dsa_sample_queue_up good = up_args(0), *page;
	static const uint32_t sizes[] = { 0, 1, PAGE - 1, PAGE + 1, 0xfffff000, 0xffffffff };
	size_t i;

#define WITH(member, value) \
	({ struct dsa_sample_queue_up a = good; a.member = (value); a; })
	up_fails(device, WITH(queue, info.queues), ENOENT);
	up_fails(device, WITH(queue, 63), ENOENT);
	up_fails(device, WITH(queue, 0xffffffff), ENOENT);
	up_fails(device, WITH(buffer_size, info.max_buffer + PAGE), EINVAL);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		up_fails(device, WITH(buffer_size, sizes[i]), EINVAL);
	up_fails(device, WITH(confirm_ms, 9), EINVAL);
	up_fails(device, WITH(confirm_ms, 60001), EINVAL);
	up_fails(device, WITH(timeout_ms, 9), EINVAL);
	up_fails(device, WITH(timeout_ms, 600001), EINVAL);
	up_fails(device, WITH(flags, 4), EINVAL);
	up_fails(device, WITH(flags, 0x80000000), EINVAL);
	up_fails(reader, good, EBADF);
	check(info_get(reader).queues_up == 0);

	/* The answer has no place: the queue must be down again. */
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*page = good;
	mprotect(page, PAGE, PROT_READ);
	check_fails(ioctl(device, DSA_SAMPLE_QUEUE_UP, page), EFAULT);
	munmap(page, PAGE);
	check(queues_up(device) == 0);
	close(reader);
	close(device);
}

static int configure(int device, struct dsa_sample_configure config)
{
	config.argsz = sizeof(config);
	return ioctl(device, DSA_SAMPLE_CONFIGURE, &config);
}

/* Two queues in one group of their own, as large as the device allows. */
static struct dsa_sample_configure two_queues(const struct dsa_sample_info *info)
{
	struct dsa_sample_configure config = { 0 };

	config.groups[1] = (struct dsa_sample_group){
		.queues = 1 << 1 | 1 << 0, .engines = 1, .flags = info->group_flags,
	};
	config.queues[0] = (struct dsa_sample_queue_config){
		.size = 3, .priority = 15, .max_transfer_shift = 12, .max_batch_shift = 1,
	};
	config.queues[1] = config.queues[0];
	config.queues[1].size = (uint16_t)(info->total_entries - 3);
	return config;
}

void test_configure(void)
{
	int device = device_open(), reader = open(DEVICE, O_RDONLY | O_CLOEXEC);
	struct dsa_sample_info info = info_get(device);
	struct dsa_sample_configure good = two_queues(&info), usual = { 0 };
	struct queue q, other;

	check(info.groups && info.engines && info.total_entries >= info.queues);
#define ALTERED(member, value) \
	({ struct dsa_sample_configure c = good; c.member = (value); c; })
	check_fails(configure(device, ALTERED(flags, 1)), EINVAL);
	check_fails(configure(device, ALTERED(queues[0].size, 0xffff)), EINVAL);
	check_fails(configure(device, ALTERED(queues[0].priority, 0)), EINVAL);
	check_fails(configure(device, ALTERED(queues[0].priority, 16)), EINVAL);
	check_fails(configure(device, ALTERED(queues[0].max_transfer_shift, 64)), EINVAL);
	check_fails(configure(device, ALTERED(queues[0].max_batch_shift, 64)), EINVAL);
	check_fails(configure(device, ALTERED(queues[0].reserved, 1)), EINVAL);
	check_fails(configure(device, ALTERED(queues[63].size, 1)), EINVAL);
	check_fails(configure(device, ALTERED(groups[15].engines, 1)), EINVAL);
	check_fails(configure(reader, good), EBADF);

	check(configure(device, good) == 0);
	check(queue_open(device, &q, 0) && q.up.entries == 3);
	check(queue_open(device, &other, 1) && other.up.entries == info.total_entries - 3);
	up_fails(device, up_args(2), ENOENT);
	check_fails(configure(device, usual), EBUSY);
	check(submit(q.fd, (struct dsa_sample_work[]){ noop(1) }, 1, 0) == 1);
	check(wait_for(q.fd, POLLIN));
	queue_close(&q);
	queue_close(&other);

	/* The device refuses one entry more than it has; then it is as after probe. */
	check_fails(configure(device, ALTERED(queues[0].size, 4)), EIO);
	check(queue_open(device, &q, 2) && q.up.entries == info.queue_entries);
	queue_close(&q);
	check(configure(device, good) == 0);
	check(configure(device, usual) == 0);
	check(queue_open(device, &q, 2) && q.up.entries == info.queue_entries);
	queue_close(&q);
#undef ALTERED
	close(reader);
	close(device);
}

static bool irq_listed(int irq)
{
	char line[4096];
	bool found = false;
	FILE *f = fopen("/proc/interrupts", "re");

	if (!f)
		die("/proc/interrupts");
	while (fgets(line, sizeof(line), f))
		found |= atoi(line) == irq && strstr(line, "dsa-sample0-q");
	fclose(f);
	return found;
}

void test_queue_up_down(void)
{
	int device = device_open();
	struct dsa_sample_info info = info_get(device);
	struct dsa_sample_queue_up args;
	struct queue q, other;
	unsigned int i;

	for (i = 0; i < info.queues; i++) {
		uint64_t before = now_ns();

		if (!check(queue_open(device, &q, i)))
			break;
		check(q.up.argsz == sizeof(q.up) && q.up.vector == i + 1);
		check(q.up.entries == info.queue_entries);
		check(q.up.start_ns >= before && q.up.start_ns + q.up.total_ns <= now_ns());
		check(q.up.request_irq_ns && q.up.enable_ns);
		check(q.up.request_irq_ns + q.up.enable_ns <= q.up.total_ns);
		check(fcntl(q.fd, F_GETFD) == FD_CLOEXEC);
		check(queues_up(device) == 1ULL << i);
		check(irq_listed(q.up.irq));
		queue_close(&q);
		check(queues_up(device) == 0);
		check(!irq_listed(q.up.irq));
	}
	/* Twice at once, and again after. */
	check(queue_open(device, &q, 0));
	up_fails(device, up_args(0), EBUSY);
	check(queue_open(device, &other, 1));
	check(queues_up(device) == 3);
	queue_close(&other);
	queue_close(&q);
	args = up_args(0);
	args.flags = 0;
	check(queue_open_with(device, &q, args));
	check(fcntl(q.fd, F_GETFD) == 0);
	queue_close(&q);
	close(device);
}

void test_submit_arguments(void)
{
	int device = device_open();
	uint64_t max = info_get(device).max_transfer;
	struct dsa_sample_work good = {
		.opcode = DSA_OPCODE_MEMMOVE, .src = 0, .dst = PAGE, .size = PAGE,
		.flags = DSA_SAMPLE_WORK_INTERRUPT,
	};
	struct dsa_sample_work pair[2] = { noop(1), noop(2) };
	struct dsa_sample_event event;
	struct queue q;
	char *page;

	if (!check(queue_open(device, &q, 0)))
		return;
#define SUBMIT_WITH(member, value) \
	({ struct dsa_sample_work w = good; w.member = (value); submit(q.fd, &w, 1, 0); })
	check_fails(SUBMIT_WITH(opcode, DSA_OPCODE_BATCH), EINVAL);
	check_fails(SUBMIT_WITH(opcode, DSA_OPCODE_CFLUSH), EINVAL);
	check_fails(SUBMIT_WITH(opcode, 0xffffffff), EINVAL);
	check_fails(SUBMIT_WITH(opcode, DSA_OPCODE_NOOP), EINVAL);
	check_fails(SUBMIT_WITH(opcode, DSA_OPCODE_DRAIN), EINVAL);
	check_fails(SUBMIT_WITH(flags, 2), EINVAL);
	check_fails(SUBMIT_WITH(reserved, 1), EINVAL);
	check_fails(SUBMIT_WITH(size, 0), EINVAL);
	check_fails(SUBMIT_WITH(size, (uint32_t)q.size + 1), ERANGE);
	check_fails(SUBMIT_WITH(size, 0xffffffff), ERANGE);
	check_fails(SUBMIT_WITH(src, q.size), ERANGE);
	check_fails(SUBMIT_WITH(src, q.size - PAGE + 1), ERANGE);
	check_fails(SUBMIT_WITH(dst, q.size - PAGE + 1), ERANGE);
	check_fails(SUBMIT_WITH(dst, ~0ULL), ERANGE);
	check_fails(SUBMIT_WITH(src, ~0ULL - PAGE + 2), ERANGE);
	if (max < 0xffffffff)
		check_fails(SUBMIT_WITH(size, (uint32_t)max + 1), ERANGE);
	check_fails(submit(q.fd, &good, 0, 0), EINVAL);
	check_fails(submit(q.fd, &good, DSA_SAMPLE_SUBMIT_MAX + 1, 0), EINVAL);
	check_fails(submit(q.fd, &good, 1, 2), EINVAL);
	check_fails(submit(q.fd, NULL, 1, 0), EFAULT);
	check(stats_get(q.fd).submitted == 0);

	/* A bad item that is not the first ends the call before it. */
	pair[1].opcode = 99;
	check(submit(q.fd, pair, 2, 0) == 1);
	check(event_get(q.fd, &event) && event.tag == 1);
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(page + PAGE, PAGE);
	memcpy(page + PAGE - sizeof(pair[0]), pair, sizeof(pair[0]));
	check(submit(q.fd, (void *)(page + PAGE - sizeof(pair[0])), 2, 0) == 1);
	check(event_get(q.fd, &event) && event.tag == 1);
	munmap(page, PAGE);
	check(stats_get(q.fd).submitted == 2);
	queue_close(&q);
	close(device);
}

/* ---- Work ------------------------------------------------------------------ */

void test_opcodes(void)
{
	int device = device_open();
	struct dsa_sample_event event;
	struct queue q;
	size_t i;

	if (!check(queue_open(device, &q, 0)))
		return;
	for (i = 0; i < q.size; i++)
		check(q.buffer[i] == 0);

	event = run_one(&q, noop(11));
	check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.status == DSA_COMP_SUCCESS);
	check(event.submit_ns && event.submit_ns <= event.visible_ns);
	check(event.visible_ns <= event.notice_ns && event.notice_ns <= now_ns());
	check(event.handler_run == 1 && event.fault_address == 0 && event.reserved == 0);

	event = run_one(&q, (struct dsa_sample_work){
		.tag = 12, .opcode = DSA_OPCODE_MEMFILL, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		.pattern = 0x0123456789abcdefULL, .dst = 100, .size = 8192 });
	check(event.status == DSA_COMP_SUCCESS);
	for (i = 0; i < 8192; i += 8)
		check(!memcmp(q.buffer + 100 + i, "\xef\xcd\xab\x89\x67\x45\x23\x01", 8));
	check(q.buffer[99] == 0 && q.buffer[100 + 8192] == 0);

	event = run_one(&q, (struct dsa_sample_work){
		.tag = 13, .opcode = DSA_OPCODE_MEMMOVE, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		.src = 100, .dst = q.size - 5000, .size = 5000 });
	check(event.status == DSA_COMP_SUCCESS);
	check(!memcmp(q.buffer + 100, q.buffer + q.size - 5000, 5000));

	event = run_one(&q, (struct dsa_sample_work){
		.tag = 14, .opcode = DSA_OPCODE_COMPARE, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		.src = 100, .dst = q.size - 5000, .size = 5000 });
	check(event.status == DSA_COMP_SUCCESS && event.result == 0);
	q.buffer[q.size - 5000 + 77] ^= 1;
	event = run_one(&q, (struct dsa_sample_work){
		.tag = 15, .opcode = DSA_OPCODE_COMPARE, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		.src = 100, .dst = q.size - 5000, .size = 5000 });
	check(event.status == DSA_COMP_SUCCESS && event.result == 1);
	check(event.bytes_completed == 77);

	event = run_one(&q, (struct dsa_sample_work){
		.tag = 16, .opcode = DSA_OPCODE_DRAIN, .flags = DSA_SAMPLE_WORK_INTERRUPT });
	check(event.status == DSA_COMP_SUCCESS && event.how == DSA_SAMPLE_HOW_INTERRUPT);

	/* Nobody asked for an interrupt. */
	event = run_one(&q, (struct dsa_sample_work){ .tag = 17, .opcode = DSA_OPCODE_NOOP });
	check(event.how == DSA_SAMPLE_HOW_POLLED && event.status == DSA_COMP_SUCCESS);
	check(event.handler_run == 0);
	check(stats_get(q.fd).polled == 1 && stats_get(q.fd).interrupted == 6);
	queue_close(&q);
	close(device);
}

/* Nobody reads: submission stops before an event is lost. */
void test_full(void)
{
	struct dsa_sample_work work[64];
	struct dsa_sample_event event;
	struct dsa_sample_queue_stats stats;
	int device = device_open();
	uint64_t total = 0, n, tags = 0;
	struct queue q;
	int ret;

	if (!check(queue_open(device, &q, 0)))
		return;
	check(poll_now(q.fd) == POLLOUT);
	for (;;) {
		/* In this order: idle before, and still nothing accepted. */
		stats = stats_get(q.fd);
		check(stats.in_flight <= q.up.entries);
		for (n = 0; n < 64; n++)
			work[n] = noop(total + n);
		ret = submit(q.fd, work, 64, 0);
		if (ret > 0) {
			total += ret;
			if (!check(total <= 100000))
				break;
			continue;
		}
		check(errno == EAGAIN);
		if (stats.in_flight == 0)
			break;
		poll(NULL, 0, 1);
	}
	check(total > q.up.entries);
	check(poll_now(q.fd) == POLLIN);
	check(event_get(q.fd, &event));
	check(poll_now(q.fd) == (POLLIN | POLLOUT));
	for (tags = 1; tags < total; tags++) {
		struct dsa_sample_event next;

		if (!check(event_get(q.fd, &next)))
			break;
	}
	stats = stats_get(q.fd);
	check(stats.submitted == total && stats.interrupted == total && stats.in_flight == 0);
	check(poll_now(q.fd) == POLLOUT);
	queue_close(&q);
	close(device);
}

static void on_alarm(int signal)
{
	(void)signal;
}

void test_read(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerspec soon = { .it_value.tv_nsec = 50000000, .it_interval.tv_nsec = 50000000 };
	struct dsa_sample_event events[40];
	struct dsa_sample_work work[8];
	int device = device_open();
	struct queue q;
	timer_t timer;
	ssize_t got = 0, ret;
	void *nowhere;
	int i;

	if (!check(queue_open(device, &q, 0)))
		return;
	check_fails(read(q.fd, events, sizeof(events[0]) - 1), EINVAL);
	check_fails(read(q.fd, events, 0), EINVAL);
	fcntl(q.fd, F_SETFL, O_NONBLOCK);
	check_fails(read(q.fd, events, sizeof(events)), EAGAIN);
	fcntl(q.fd, F_SETFL, 0);
	sigaction(SIGALRM, &action, NULL);
	timer_create(CLOCK_MONOTONIC, NULL, &timer);
	timer_settime(timer, 0, &soon, NULL);
	check_fails(read(q.fd, events, sizeof(events)), EINTR);
	timer_delete(timer);
	check_fails(lseek(q.fd, 0, SEEK_SET), ESPIPE);
	check_fails(pread(q.fd, events, sizeof(events), 0), ESPIPE);

	for (i = 0; i < 8; i++)
		work[i] = noop(i);
	check(submit(q.fd, work, 8, 0) == 8);
	/* A bad place for the answer must not lose the events. */
	check(wait_for(q.fd, POLLIN));
	nowhere = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check_fails(read(q.fd, nowhere, sizeof(events)), EFAULT);
	munmap(nowhere, PAGE);
	while (got < 8) {
		ret = read(q.fd, events + got, (8 - got) * sizeof(events[0]) + 7);
		if (!check(ret > 0 && ret % sizeof(events[0]) == 0))
			break;
		got += ret / sizeof(events[0]);
	}
	check(got == 8);
	queue_close(&q);
	close(device);
}

void test_mmap(void)
{
	int device = device_open();
	struct queue q;
	void *p;

	if (!check(queue_open(device, &q, 0)))
		return;
	p = mmap(NULL, q.size + PAGE, PROT_READ, MAP_SHARED, q.fd, 0);
	check(p == MAP_FAILED && errno == EINVAL);
	p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, q.fd, q.size);
	check(p == MAP_FAILED && errno == EINVAL);
	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, q.fd, q.size - PAGE);
	check(p == MAP_FAILED && errno == EINVAL);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, q.fd, 0);
	check(p == MAP_FAILED && errno == EINVAL);
	/* The same pages once more, and fetched anew. */
	q.buffer[PAGE] = 7;
	p = mremap(q.buffer, 0, q.size, MREMAP_MAYMOVE);
	if (check(p != MAP_FAILED)) {
		check(((char *)p)[PAGE] == 7);
		check(!madvise(p, q.size, MADV_DONTNEED) && ((char *)p)[PAGE] == 7);
		munmap(p, q.size);
	}
	/* A mapping is a reference: the queue is down when the last has gone. */
	close(q.fd);
	check(queues_up(device) == 1);
	q.buffer[0] = 1;
	munmap(q.buffer, q.size);
	check(queues_up(device) == 0);
	close(device);
}

/* Queue depth one, and nothing new while a completion awaits its interrupt. */
void test_hold(void)
{
	struct dsa_sample_event event;
	int device = device_open();
	struct dsa_sample_work work;
	struct queue q;
	int i;

	if (!check(queue_open(device, &q, 0)))
		return;
	for (i = 0; i < 300; i++) {
		work = noop(i);
		if (!check(wait_for(q.fd, POLLOUT)) ||
		    !check(submit(q.fd, &work, 1, DSA_SAMPLE_SUBMIT_HOLD) == 1) ||
		    !check(event_get(q.fd, &event)))
			break;
		check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.tag == (uint64_t)i);
		check(event.handler_run == stats_get(q.fd).handler_runs ||
		      event.handler_run + 1 == stats_get(q.fd).handler_runs);
	}
	queue_close(&q);
	close(device);
}

void test_all_queues(void)
{
	int device = device_open();
	struct dsa_sample_info info = info_get(device);
	struct dsa_sample_queue_stats stats;
	struct dsa_sample_event event;
	struct dsa_sample_work work;
	struct queue q[64];
	unsigned int i, round;

	for (i = 0; i < info.queues; i++)
		if (!check(queue_open(device, &q[i], i)))
			return;
	check(queues_up(device) == (info.queues == 64 ? ~0ULL : (1ULL << info.queues) - 1));
	for (round = 0; round < 30; round++) {
		for (i = 0; i < info.queues; i++) {
			work = noop(round);
			check(submit(q[i].fd, &work, 1, 0) == 1);
		}
		for (i = 0; i < info.queues; i++)
			check(event_get(q[i].fd, &event) && event.tag == round);
	}
	for (i = 0; i < info.queues; i++) {
		stats = stats_get(q[i].fd);
		check(stats.submitted == 30 && stats.interrupted == 30);
		check(stats.handler_runs >= stats.handler_spurious);
		check(stats.last_handler_ns && stats.last_handler_ns <= now_ns());
		queue_close(&q[i]);
	}
	check(queues_up(device) == 0);
	close(device);
}

struct submitter {
	int fd;
	int count;
	int accepted;
};

static void *submitter(void *data)
{
	struct submitter *s = data;

	while (s->accepted < s->count) {
		struct dsa_sample_work work = noop(s->accepted);

		if (submit(s->fd, &work, 1, 0) == 1)
			s->accepted++;
		else if (errno != EAGAIN || !wait_for(s->fd, POLLOUT))
			break;
	}
	return NULL;
}

void test_threads(void)
{
	struct submitter s[3];
	struct dsa_sample_event event;
	int device = device_open();
	pthread_t threads[3];
	struct queue q;
	int i;

	if (!check(queue_open(device, &q, 0)))
		return;
	for (i = 0; i < 3; i++) {
		s[i] = (struct submitter){ .fd = q.fd, .count = 300 };
		pthread_create(&threads[i], NULL, submitter, &s[i]);
	}
	for (i = 0; i < 900; i++)
		if (!check(event_get(q.fd, &event)))
			break;
	for (i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		check(s[i].accepted == 300);
	}
	check(stats_get(q.fd).interrupted == 900);
	queue_close(&q);
	close(device);
}
