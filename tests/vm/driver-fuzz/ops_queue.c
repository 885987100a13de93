// SPDX-License-Identifier: GPL-2.0-only
/* Calls on a queue: submit, statistics, read, poll. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <linux/idxd.h>

#include "args.h"
#include "arena.h"
#include "world.h"

#define SUBMIT_FIRST 24
#define STATS_FIRST 88

#define ELSE (E(EBADF) | E(ENOTTY) | E(EINVAL) | E(EFAULT) | E(E2BIG))
/* EINTR while another thread submits. */
#define SUBMIT_ANSWERS (OK | ELSE | E(EAGAIN) | E(ERANGE) | E(ENODEV) | E(EIO) | E(EINTR))
#define STATS_ANSWERS (OK | ELSE)

/* How long to wait for an event before asking whether it will come. */
#define SETTLE_MS 200

#define EVENT sizeof(struct dsa_sample_event)

/* ---- Submission -------------------------------------------------------------- */

static uint64_t offset_choose(struct fuzz *f, uint64_t size, uint32_t length)
{
	switch (fuzz_below(f, 24)) {
	case 0:
		return fuzz_random(f);
	case 1:
		return size - fuzz_below(f, length + 1ULL);
	case 2:
		return 0ULL - fuzz_below(f, length + 1ULL);
	case 3:
		return size;
	default:
		return length >= size ? 0 : fuzz_below(f, size - length + 1);
	}
}

/* Of a queue with @size bytes. Returns what is wrong with it. */
static answers work_choose(struct fuzz *f, struct dsa_sample_work *work, uint64_t size)
{
	static const uint32_t usual[] = {
		DSA_OPCODE_NOOP, DSA_OPCODE_MEMMOVE, DSA_OPCODE_MEMFILL, DSA_OPCODE_COMPARE,
		DSA_OPCODE_DRAIN,
	};
	bool data, src, dst, known = true;
	answers errors = 0;
	size_t i;

	memset(work, 0, sizeof(*work));
	work->opcode = fuzz_one_in(f, 40) ? fuzz_random(f) >> fuzz_below(f, 64) :
		       usual[fuzz_one_in(f, 20) ? 4 : fuzz_below(f, 4)];
	data = work->opcode == DSA_OPCODE_MEMMOVE || work->opcode == DSA_OPCODE_MEMFILL ||
	       work->opcode == DSA_OPCODE_COMPARE;
	for (i = 0, known = false; i < 5; i++)
		known |= work->opcode == usual[i];
	src = data && work->opcode != DSA_OPCODE_MEMFILL;
	dst = data;
	if (data || fuzz_one_in(f, 40))
		work->size = fuzz_one_in(f, 40) ? fuzz_random(f) >> fuzz_below(f, 64) :
			     1 + fuzz_below(f, size > 8192 ? 8192 : size);
	if (fuzz_one_in(f, 60))
		work->size = 0;
	/* A batch with one member, or too many. */
	if (work->opcode == DSA_OPCODE_BATCH && work->size)
		work->size = fuzz_one_in(f, 2) ? 1 : work->size | 32;
	work->src = src ? offset_choose(f, size, work->size) : fuzz_random(f);
	work->dst = dst ? offset_choose(f, size, work->size) : fuzz_random(f);
	work->pattern = fuzz_random(f);
	work->flags = fuzz_one_in(f, 8) ? 0 : DSA_SAMPLE_WORK_INTERRUPT;
	if (fuzz_one_in(f, 60))
		work->flags |= 2U << fuzz_below(f, 31);
	if (fuzz_one_in(f, 60))
		work->reserved = 1U << fuzz_below(f, 32);

	if (!known || work->flags & ~DSA_SAMPLE_WORK_INTERRUPT || work->reserved ||
	    data != !!work->size)
		errors |= E(EINVAL);
	if (data && (work->size > fuzz_info.max_transfer ||
		     (src && (work->src > size || work->size > size - work->src)) ||
		     (dst && (work->dst > size || work->size > size - work->dst))))
		errors |= E(ERANGE);
	return errors;
}

static uint32_t count_choose(struct fuzz *f)
{
	switch (fuzz_below(f, 40)) {
	case 0:
		return 0;
	case 1:
		return DSA_SAMPLE_SUBMIT_MAX + 1;
	case 2:
		return fuzz_random(f);
	case 3:
		return DSA_SAMPLE_SUBMIT_MAX;
	case 4:
		return 1 + fuzz_below(f, 64);
	default:
		return 1 + fuzz_below(f, 4);
	}
}

/**
 * struct batch - items, and what is wrong with them
 * @address: where they are
 * @kind: what that place is
 * @good: items before the first bad one
 * @errors: what is wrong with that one; 0: nothing with any
 */
struct batch {
	uint64_t address;
	const char *kind;
	uint32_t good;
	answers errors;
};

static struct batch batch_make(struct fuzz *f, const struct object *object, uint32_t count)
{
	uint32_t items = count > DSA_SAMPLE_SUBMIT_MAX ? 1 : count, i;
	uint64_t size = object ? object->pages * FUZZ_PAGE : FUZZ_PAGE * (1 + fuzz_below(f, 16));
	struct dsa_sample_work work;
	size_t bytes = sizeof(work) * (items ? items : 1), readable;
	struct place place = { arena_room(f, bytes), "good" };
	struct batch batch;
	answers errors;

	if (fuzz_one_in(f, 12))
		place = arena_place(f, bytes, 1);
	batch = (struct batch){ .address = place.address, .kind = place.kind };
	readable = arena_readable(f, place.address, bytes);
	for (i = 0; i < items; i++) {
		errors = work_choose(f, &work, size);
		/* All or nothing in flight has this tag: it counts the items. */
		work.tag = object ? object->submitted + i : fuzz_random(f);
		arena_poke(f, place.address + i * sizeof(work), &work, sizeof(work));
		if (batch.errors)
			continue;
		if ((i + 1) * sizeof(work) > readable)
			batch.errors = E(EFAULT);
		else if (errors)
			batch.errors = errors;
		else
			batch.good++;
	}
	return batch;
}

static void op_submit(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_QUEUE);
	struct object *object = f->exact && slot->fd >= 0 && slot->object->kind == OBJECT_QUEUE ?
				slot->object : NULL;
	struct dsa_sample_submit submit = { .count = count_choose(f) };
	answers errors, allowed;
	uint64_t unread, least;
	struct batch batch;
	struct args args;
	int ret;

	if (fuzz_one_in(f, 8))
		submit.flags = DSA_SAMPLE_SUBMIT_HOLD;
	if (fuzz_one_in(f, 30))
		submit.flags |= 2U << fuzz_below(f, 31);
	submit.accepted = fuzz_random(f);
	batch = batch_make(f, object, submit.count);
	submit.work = batch.address;
	args = args_put(f, &submit, sizeof(submit), SUBMIT_FIRST);
	errors = args.errors;
	if (submit.flags & ~DSA_SAMPLE_SUBMIT_HOLD || !submit.count ||
	    submit.count > DSA_SAMPLE_SUBMIT_MAX)
		errors |= E(EINVAL);
	if (!args_answerable(f, &args))
		errors |= E(EFAULT);
	/* The work could change the answer. */
	if (world_accessible(f, args.address))
		return;
	/* Both in one place: whoever was written last is what the kernel sees. */
	if (f->exact &&
	    args.address < batch.address + sizeof(struct dsa_sample_work) * submit.count &&
	    batch.address < args.address + ARGS_LONGEST)
		return;
	unread = object ? object->submitted - object->read : 0;
	allowed = errors;
	if (!f->exact)
		allowed = SUBMIT_ANSWERS;
	else if (slot->fd < 0)
		allowed = E(EBADF);
	else if (!object)
		allowed = E(ENOTTY);
	else if (!errors)
		allowed = (batch.good ? OK : batch.errors) |
			  (unread || !object->patient ? E(EAGAIN) : 0);
	if (f->exact && fuzz_one_in(f, 20))
		fuzz_arm(f);
	trace_begin(f, "SUBMIT", args.kind, slot->fd, submit.count, batch.good, submit.flags);
	ret = ioctl(slot->fd, DSA_SAMPLE_SUBMIT, args.address);
	trace_end(f, ret, allowed);
	if (f->exact)
		fuzz_disarm(f);
	if (!object)
		return;
	if (!errors)
		object->hold = submit.flags & DSA_SAMPLE_SUBMIT_HOLD;
	if (ret)
		return;
	args_get(f, &args, &submit);
	/* At least as many as there are entries that are certainly free. */
	least = unread < object->entries ? object->entries - unread : 0;
	if (least > batch.good)
		least = batch.good;
	if (!object->patient || object->hold)
		least = 1;
	if (submit.accepted > batch.good || submit.accepted < least || !submit.accepted)
		fuzz_fail(f, "SUBMIT accepted %u of %u (%u good, %llu unread, %u entries)",
			  submit.accepted, submit.count, batch.good, (unsigned long long)unread,
			  object->entries);
	while (submit.accepted--)
		object->pending[object->submitted++ % WORLD_TAGS] = true;
}

/* ---- Statistics -------------------------------------------------------------- */

static void op_stats(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_QUEUE);
	struct dsa_sample_queue_stats stats = {};
	answers errors;
	struct args args;
	int ret;

	if (fuzz_one_in(f, 12))
		stats.flags = 1U << fuzz_below(f, 32);
	args = args_put(f, &stats, sizeof(stats), STATS_FIRST);
	errors = args.errors;
	if (stats.flags)
		errors |= E(EINVAL);
	if (!args_answerable(f, &args))
		errors |= E(EFAULT);
	if (!f->exact)
		errors = STATS_ANSWERS;
	else if (slot->fd < 0)
		errors = E(EBADF);
	else if (slot->object->kind != OBJECT_QUEUE)
		errors = E(ENOTTY);
	trace_begin(f, "STATS", args.kind, slot->fd, args.address, args.argsz, stats.flags);
	ret = ioctl(slot->fd, DSA_SAMPLE_QUEUE_STATS, args.address);
	trace_end(f, ret, errors ? errors : OK);
	if (ret || !f->exact)
		return;
	args_get(f, &args, &stats);
	if (stats.submitted != slot->object->submitted)
		fuzz_fail(f, "STATS: %llu submitted, not %llu", (unsigned long long)stats.submitted,
			  (unsigned long long)slot->object->submitted);
	if (stats.interrupted + stats.polled + stats.stranded + stats.missing + stats.in_flight !=
	    stats.submitted || stats.awaiting > stats.in_flight ||
	    stats.handler_spurious > stats.handler_runs)
		fuzz_fail(f,
			  "STATS do not add up: %llu submitted; %llu interrupted, %llu polled, %u "
			  "in flight",
			  (unsigned long long)stats.submitted,
			  (unsigned long long)stats.interrupted, (unsigned long long)stats.polled,
			  stats.in_flight);
	if (slot->object->patient && (stats.stranded || stats.missing))
		fuzz_fail(f, "STATS: %llu stranded, %llu missing",
			  (unsigned long long)stats.stranded, (unsigned long long)stats.missing);
}

/* ---- Events ------------------------------------------------------------------ */

static void event_check(struct fuzz *f, struct object *object, const struct dsa_sample_event *event)
{
	bool *pending = &object->pending[event->tag % WORLD_TAGS];

	if (event->tag >= object->submitted || !*pending)
		fuzz_fail(f, "an event for tag %llu, which has none to come",
			  (unsigned long long)event->tag);
	*pending = false;
	object->read++;
	if (event->reserved || event->how < DSA_SAMPLE_HOW_INTERRUPT)
		fuzz_fail(f, "a strange event: how %u, reserved %u", event->how, event->reserved);
	if (!object->patient)
		return;
	if ((event->how != DSA_SAMPLE_HOW_INTERRUPT && event->how != DSA_SAMPLE_HOW_POLLED) ||
	    event->status != DSA_COMP_SUCCESS || event->fault_address)
		fuzz_fail(f, "event: how %u, status %#x, fault at %#llx", event->how, event->status,
			  (unsigned long long)event->fault_address);
}

static void op_read(struct fuzz *f)
{
	static const size_t sizes[] = { 0, 1, EVENT - 1, EVENT, EVENT + 1, 16 * EVENT, 17 * EVENT,
					40 * EVENT, 1000 * EVENT, 0x7fffffff };
	size_t size = sizes[fuzz_below(f, sizeof(sizes) / sizeof(sizes[0]))], room;
	struct slot *slot = world_pick(f, OBJECT_QUEUE);
	struct object *object = f->exact && slot->fd >= 0 && slot->object->kind == OBJECT_QUEUE ?
				slot->object : NULL;
	struct place place = { arena_room(f, 40 * EVENT), "good" };
	struct dsa_sample_event event;
	answers allowed;
	long ret, i;

	if (fuzz_one_in(f, 6))
		place = arena_place(f, 40 * EVENT, 1);
	room = arena_writable(f, place.address, size < 64 * FUZZ_PAGE ? size : 64 * FUZZ_PAGE);
	if (f->exact && !object)
		return;
	allowed = OK | E(EBADF) | E(EINVAL) | E(EFAULT) | E(EAGAIN) | E(EINTR) | E(ENODEV) | E(EIO);
	if (object) {
		/* What has been submitted comes, sooner or later. */
		allowed = object->submitted != object->read ? OK : 0;
		if (size < EVENT)
			allowed = E(EINVAL) | (room < size ? E(EFAULT) : 0);
		else if (room < size && room < 16 * EVENT)
			allowed |= E(EFAULT);
		if (object->nonblock && size >= EVENT)
			allowed |= E(EAGAIN);
		if (place.address > 0x7fffffffffffULL - size)
			allowed |= E(EFAULT);
		fuzz_arm(f);
	}
	trace_begin(f, "read", place.kind, slot->fd, size, object ? object->submitted : 0,
		    object ? object->read : 0);
	ret = read(slot->fd, (void *)(uintptr_t)place.address, size);
	trace_end(f, ret, f->exact ? allowed : ~0ULL);
	if (!object)
		return;
	fuzz_disarm(f);
	if (ret < 0)
		return;
	if (!ret || ret % EVENT || (size_t)ret > room)
		fuzz_fail(f, "read returned %ld, with room for %zu", ret, room);
	for (i = 0; i < ret; i += EVENT) {
		arena_peek(f, place.address + i, &event, EVENT);
		event_check(f, object, &event);
	}
}

/* ---- Waiting ----------------------------------------------------------------- */

static void poll_check(struct fuzz *f, const struct slot *slot, short revents)
{
	const struct object *object = slot->object;

	if (!f->exact || f->absent || object->kind != OBJECT_QUEUE)
		return;
	if (revents & ~(POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM))
		fuzz_fail(f, "poll: %#x of a queue that is up", revents);
	if (revents & POLLIN && object->submitted == object->read)
		fuzz_fail(f, "poll: events to read, but there are none");
}

static void op_poll(struct fuzz *f)
{
	struct timespec wait = { .tv_nsec = fuzz_below(f, 4) * 700000 };
	struct slot *slots[3];
	struct pollfd fds[3];
	size_t n = 1 + fuzz_below(f, 3), i;
	int ret;

	for (i = 0; i < n; i++) {
		slots[i] = world_pick(f, OBJECT_QUEUE);
		fds[i] = (struct pollfd){ .fd = slots[i]->fd, .events = fuzz_random(f) };
	}
	trace_begin(f, "poll", NULL, fds[0].fd, fds[0].events, n, wait.tv_nsec);
	ret = ppoll(fds, n, &wait, NULL);
	trace_end(f, ret, OK | (f->exact ? 0 : E(EINTR)));
	for (i = 0; i < n && ret > 0; i++)
		if (fds[i].fd >= 0)
			poll_check(f, slots[i], fds[i].revents);
}

/* One epoll file at a time; what it holds does not keep a queue up. */
static void op_epoll(struct fuzz *f)
{
	struct epoll_event events[4], event = { .events = fuzz_random(f) & ~EPOLLEXCLUSIVE };
	struct slot *slot = world_pick(f, OBJECT_QUEUE);
	int epoll, ret;

	if (slot->fd < 0)
		return;
	trace_begin(f, "epoll", NULL, slot->fd, event.events, 0, 0);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	ret = epoll_ctl(epoll, EPOLL_CTL_ADD, slot->fd, &event);
	if (!ret) {
		epoll_wait(epoll, events, 4, fuzz_below(f, 2));
		event.events = fuzz_random(f) & ~EPOLLEXCLUSIVE;
		epoll_ctl(epoll, EPOLL_CTL_MOD, slot->fd, &event);
		epoll_wait(epoll, events, 4, 0);
		if (fuzz_one_in(f, 2))
			epoll_ctl(epoll, EPOLL_CTL_DEL, slot->fd, NULL);
	}
	trace_end(f, ret, !f->exact ? ~0ULL : slot->object->kind == OBJECT_DEVICE ? E(EPERM) : OK);
	if (!f->exact || fuzz_one_in(f, 2)) {
		close(epoll);
		return;
	}
	/* The watched file goes before the watcher. */
	slot_close(f, slot);
	close(epoll);
}

/* ---- Work that must be right --------------------------------------------------- */

/* Nothing is in flight any more, and still there is no event to be read. */
static bool events_lost(int fd)
{
	struct dsa_sample_queue_stats stats = { .argsz = sizeof(stats) };
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	return !ioctl(fd, DSA_SAMPLE_QUEUE_STATS, &stats) && !stats.in_flight &&
	       !poll(&ready, 1, 0);
}

/* Read until all that was submitted has its event. */
static void settle(struct fuzz *f, struct slot *slot)
{
	struct object *object = slot->object;
	struct pollfd ready = { .fd = slot->fd, .events = POLLIN };
	struct dsa_sample_event event;
	long ret;

	while (object->submitted != object->read) {
		trace_begin(f, "settle", NULL, slot->fd, object->submitted, object->read, 0);
		ret = poll(&ready, 1, SETTLE_MS);
		if (!ret && events_lost(slot->fd))
			fuzz_fail(f, "%llu events of %llu have not come and will not",
				  (unsigned long long)(object->submitted - object->read),
				  (unsigned long long)object->submitted);
		if (ret == 1 && ready.revents & POLLIN)
			ret = read(slot->fd, &event, sizeof(event));
		trace_end(f, ret, OK);
		if (ret == sizeof(event))
			event_check(f, object, &event);
	}
}

/* A copy, and all that was submitted before has its event. */
static void op_verify(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_QUEUE);
	struct object *object = slot->object;
	struct dsa_sample_submit submit;
	struct dsa_sample_work work;
	char *buffer;
	size_t half;
	long ret;

	if (!f->exact || slot->fd < 0 || object->kind != OBJECT_QUEUE || !object->patient)
		return;
	settle(f, slot);
	buffer = mmap(NULL, object->pages * FUZZ_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, slot->fd,
		      0);
	if (buffer == MAP_FAILED)
		fuzz_fail(f, "verify: cannot map the buffer: errno %d", errno);
	half = object->pages * FUZZ_PAGE / 2;
	if (half > 3000)
		half = 3000;
	memset(buffer, fuzz_random(f), half);
	memset(buffer + half, ~buffer[0], half);
	work = (struct dsa_sample_work){ .tag = object->submitted, .opcode = DSA_OPCODE_MEMMOVE,
		.flags = DSA_SAMPLE_WORK_INTERRUPT, .src = 0, .dst = half, .size = half };
	submit = (struct dsa_sample_submit){ .argsz = sizeof(submit), .count = 1,
					     .work = (uintptr_t)&work };
	trace_begin(f, "verify", NULL, slot->fd, half, 0, 0);
	ret = ioctl(slot->fd, DSA_SAMPLE_SUBMIT, &submit);
	trace_end(f, ret, OK);
	object->hold = false;
	object->pending[object->submitted++ % WORLD_TAGS] = true;
	settle(f, slot);
	if (memcmp(buffer, buffer + half, half))
		fuzz_fail(f, "verify: a copy of %zu bytes is not like the original", half);
	munmap(buffer, object->pages * FUZZ_PAGE);
}

const struct operation ops_queue[] = {
	{ "submit", 50, op_submit, false },
	{ "stats", 24, op_stats, false },
	{ "read", 36, op_read, false },
	{ "poll", 14, op_poll, false },
	{ "epoll", 2, op_epoll, false },
	{ "verify", 2, op_verify, false },
	{},
};
