// SPDX-License-Identifier: GPL-2.0-only
/* Calls on the device: open, its two ioctls, and those it does not have. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "args.h"
#include "arena.h"
#include "world.h"

/* Sizes of the first versions, which never change. */
#define INFO_FIRST 80
#define QUEUE_UP_FIRST 72
#define CONFIGURE_FIRST 904

/* What <uapi/dsa_sample.h> lists, and what a file that is something else answers. */
#define ELSE (E(EBADF) | E(ENOTTY) | E(EINVAL) | E(EFAULT) | E(E2BIG))
#define INFO_ANSWERS (OK | ELSE | E(ENODEV))
#define QUEUE_UP_ANSWERS (OK | ELSE | E(ENOENT) | E(EBUSY) | E(ENOSPC) | E(ENOMEM) | E(EINTR) | \
			  E(EMFILE) | E(EIO) | E(ENODEV) | E(EAGAIN) | E(EOPNOTSUPP))
#define CONFIGURE_ANSWERS (OK | ELSE | E(EBUSY) | E(EIO) | E(EINTR) | E(ENODEV) | E(EAGAIN))

struct dsa_sample_info fuzz_info;

static void op_open(struct fuzz *f)
{
	static const int modes[] = { O_RDWR, O_RDWR, O_RDWR, O_RDONLY, O_WRONLY };
	int mode = modes[fuzz_below(f, 5)], flags = 0, fd;
	struct slot *slot = world_free_slot(f);

	if (!slot)
		return;
	if (fuzz_one_in(f, 2))
		flags |= O_CLOEXEC;
	if (fuzz_one_in(f, 4))
		flags |= O_NONBLOCK;
	trace_begin(f, "open", NULL, mode | flags, 0, 0, 0);
	fd = open(FUZZ_DEVICE, mode | flags);
	trace_end(f, fd, OK | (f->absent ? E(EACCES) : 0));
	slot_fill(slot, fd, flags & O_CLOEXEC,
		  f->exact ? object_new(OBJECT_DEVICE, mode) : NULL);
}

static void op_info(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_DEVICE);
	struct dsa_sample_info info = {};
	answers errors;
	struct args args;
	int ret;

	if (fuzz_one_in(f, 12))
		info.flags = 1U << fuzz_below(f, 32);
	if (fuzz_one_in(f, 12))
		info.resets = 1ULL << fuzz_below(f, 64);
	if (fuzz_one_in(f, 12))
		info.reserved2 = 1U << fuzz_below(f, 32);
	args = args_put(f, &info, sizeof(info), INFO_FIRST);
	errors = args.errors;
	if (info.flags || info.resets || info.reserved2)
		errors |= E(EINVAL);
	if (!args_answerable(f, &args))
		errors |= E(EFAULT);
	if (!f->exact)
		errors = INFO_ANSWERS;
	else if (slot->fd < 0)
		errors = E(EBADF);
	else if (slot->object->kind != OBJECT_DEVICE)
		errors = E(ENOTTY);
	trace_begin(f, "INFO", args.kind, slot->fd, args.address, args.argsz, info.flags);
	ret = ioctl(slot->fd, DSA_SAMPLE_INFO, args.address);
	trace_end(f, ret, errors ? errors : OK);
	if (ret || !f->exact)
		return;
	args_get(f, &args, &info);
	if (info.queues_up != f->world->queues_up)
		fuzz_fail(f, "queues_up is %#llx, not %#llx", (unsigned long long)info.queues_up,
			  (unsigned long long)f->world->queues_up);
	if (info.queues != fuzz_info.queues || info.vectors != fuzz_info.vectors ||
	    info.max_transfer != fuzz_info.max_transfer || info.flags != fuzz_info.flags ||
	    info.resets != fuzz_info.resets)
		fuzz_fail(f, "the device has changed");
}

static uint32_t buffer_choose(struct fuzz *f)
{
	switch (fuzz_below(f, 24)) {
	case 0:
		return 0;
	case 1:
		return fuzz_random(f);
	case 2:
		return fuzz_info.max_buffer + FUZZ_PAGE;
	case 3:
		return fuzz_info.max_buffer;
	case 4:
		return FUZZ_PAGE * (1 + fuzz_below(f, 4)) + 1 + fuzz_below(f, FUZZ_PAGE - 1);
	default:
		return FUZZ_PAGE * (1 + fuzz_below(f, 16));
	}
}

static uint32_t time_choose(struct fuzz *f)
{
	switch (fuzz_below(f, 16)) {
	case 0:
		return fuzz_random(f);
	case 1:
		return 1 + fuzz_below(f, 9);
	case 2:
		return 10;
	case 3:
		return 60000;
	default:
		return 0;
	}
}

static bool time_bad(uint32_t ms, uint32_t most)
{
	return ms && (ms < 10 || ms > most);
}

static void op_up(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_DEVICE), *to = NULL;
	struct dsa_sample_queue_up up = {
		.queue = fuzz_below(f, fuzz_info.queues),
		.buffer_size = buffer_choose(f),
		.confirm_ms = time_choose(f),
		.timeout_ms = time_choose(f),
		.flags = fuzz_one_in(f, 2) ? DSA_SAMPLE_QUEUE_CLOEXEC : 0,
	};
	struct dsa_sample_queue_up asked;
	struct object *object = NULL;
	answers errors, allowed;
	struct args args;
	int ret;

	if (fuzz_one_in(f, 12))
		up.queue = fuzz_one_in(f, 2) ? fuzz_info.queues : fuzz_random(f);
	if (fuzz_one_in(f, 20))
		up.flags |= 2U << fuzz_below(f, 31);
	if (!f->exact || fuzz_one_in(f, 2))
		to = world_free_slot(f);
	else
		for (to = f->world->slots; to < f->world->slots + WORLD_SLOTS && to->fd >= 0; to++)
			;
	if (!to || to == f->world->slots + WORLD_SLOTS)
		return;
	args = args_put(f, &up, sizeof(up), QUEUE_UP_FIRST);
	asked = up;
	errors = args.errors;
	if (up.flags & ~(DSA_SAMPLE_QUEUE_CLOEXEC | DSA_SAMPLE_QUEUE_SHARED))
		errors |= E(EINVAL);
	if (up.flags & DSA_SAMPLE_QUEUE_SHARED && !(fuzz_info.flags & DSA_SAMPLE_INFO_SHARED))
		errors |= E(EOPNOTSUPP);
	if (up.queue >= fuzz_info.queues || !f->world->entries[up.queue])
		errors |= E(ENOENT);
	else if (f->world->queues_up & 1ULL << up.queue)
		errors |= E(EBUSY);
	if (!up.buffer_size || up.buffer_size % FUZZ_PAGE ||
	    up.buffer_size > fuzz_info.max_buffer || time_bad(up.confirm_ms, 60000) ||
	    time_bad(up.timeout_ms, 600000))
		errors |= E(EINVAL);
	if (!args_answerable(f, &args))
		errors |= E(EFAULT);
	/* Large buffers are contiguous. */
	allowed = errors ? errors : OK | (up.buffer_size > 16 * FUZZ_PAGE ? E(ENOMEM) : 0);
	if (!f->exact) {
		allowed = QUEUE_UP_ANSWERS;
	} else if (slot->fd < 0) {
		allowed = E(EBADF);
	} else if (slot->object->kind != OBJECT_DEVICE) {
		allowed = E(ENOTTY);
	} else if (slot->object->mode == O_RDONLY) {
		allowed = errors | E(EBADF);
	} else if (fuzz_one_in(f, 10)) {
		fuzz_arm(f);
	}
	trace_begin(f, "QUEUE_UP", args.kind, slot->fd, up.queue, up.buffer_size, args.argsz);
	ret = ioctl(slot->fd, DSA_SAMPLE_QUEUE_UP, args.address);
	trace_end(f, ret, allowed);
	if (f->exact)
		fuzz_disarm(f);
	if (ret)
		return;
	if (!f->exact) {
		arena_peek(f, args.address, &up, sizeof(up));
		/* Another thread may have written there since. */
		if (up.fd > 2 && up.fd < 1024)
			slot_fill(to, up.fd, false, NULL);
		return;
	}
	args_get(f, &args, &up);
	if (up.fd < 0 || up.vector != up.queue + 1 ||
	    up.entries != f->world->entries[asked.queue] ||
	    up.queue != asked.queue || up.buffer_size != asked.buffer_size ||
	    up.total_ns < up.enable_ns || up.irq <= 0)
		fuzz_fail(f, "QUEUE_UP answers fd %d, queue %u, vector %u, irq %d, %u entries",
			  up.fd, up.queue, up.vector, up.irq, up.entries);
	object = object_new(OBJECT_QUEUE, O_RDWR);
	object->queue = up.queue;
	object->pages = up.buffer_size / FUZZ_PAGE;
	object->entries = up.entries;
	object->patient = (!asked.confirm_ms || asked.confirm_ms > 5000) &&
			  (!asked.timeout_ms || asked.timeout_ms > 30000);
	f->world->queues_up |= 1ULL << up.queue;
	slot_fill(to, up.fd, asked.flags & DSA_SAMPLE_QUEUE_CLOEXEC, object);
}

/* ---- Configuration ------------------------------------------------------------- */

void config_good(struct fuzz *f, struct dsa_sample_configure *config)
{
	unsigned int groups = fuzz_info.groups < fuzz_info.engines ? fuzz_info.groups :
			      fuzz_info.engines;
	unsigned int used = 1 + fuzz_below(f, groups), i, group;

	for (i = 0; i < fuzz_info.queues; i++) {
		struct dsa_sample_queue_config *queue = &config->queues[i];

		/* One is used at least. */
		queue->size = i ? fuzz_below(f, fuzz_info.queue_entries + 1) : 1;
		if (!queue->size)
			continue;
		queue->priority = 1 + fuzz_below(f, 15);
		queue->max_transfer_shift = __builtin_ctzll(fuzz_info.max_transfer);
		queue->max_batch_shift = 1 + fuzz_below(f, 5);
		group = i ? fuzz_below(f, used) : 0;
		config->groups[group].queues |= 1ULL << i;
		config->groups[group].engines = 1ULL << group;
	}
	for (i = 0; i < fuzz_info.groups; i++)
		config->groups[i].flags = fuzz_info.group_flags;
}

answers config_break(struct fuzz *f, struct dsa_sample_configure *config, unsigned int way)
{
	struct dsa_sample_queue_config *queue = &config->queues[0];

	switch (way) {
	case 0:
		queue->size = DSA_SAMPLE_EVENTS_MAX / 2 + 1 + fuzz_below(f, 60000);
		break;
	case 1:
		queue->priority = 0;
		break;
	case 2:
		queue->priority = 16 + fuzz_below(f, 240);
		break;
	case 3:
		queue->max_transfer_shift = __builtin_ctzll(fuzz_info.max_transfer) + 1;
		break;
	case 4:
		queue->reserved = 1 + fuzz_below(f, 255);
		break;
	case 5:
		queue->reserved2 = 1 + fuzz_below(f, 65535);
		break;
	case 6:
		config->queues[fuzz_info.queues].size = 1;
		break;
	case 7:
		config->groups[fuzz_info.groups].flags = 1;
		break;
	/* Only the device itself knows these. */
	case 8:
		config->groups[0].engines = 0;
		return E(EIO);
	case 9:
		queue->size = fuzz_info.total_entries + 1;
		return E(EIO);
	}
	return E(EINVAL);
}

static void op_configure(struct fuzz *f)
{
	struct slot *slot = world_pick(f, OBJECT_DEVICE);
	struct dsa_sample_configure config = {}, asked;
	bool usual = fuzz_one_in(f, 3), done;
	answers errors = 0, refused = 0;
	struct args args;
	unsigned int i;
	int ret;

	if (!usual) {
		config_good(f, &config);
		if (fuzz_one_in(f, 3))
			errors = config_break(f, &config, fuzz_below(f, CONFIG_WAYS));
	}
	if (fuzz_one_in(f, 20)) {
		config.flags = 1U << fuzz_below(f, 32);
		errors |= E(EINVAL);
	}
	args = args_put(f, &config, sizeof(config), CONFIGURE_FIRST);
	asked = config;
	refused = errors == E(EIO) ? errors : 0;
	errors |= args.errors;
	if (f->world->queues_up)
		errors |= E(EBUSY);
	if (f->exact && slot->fd >= 0 && slot->object->kind == OBJECT_DEVICE &&
	    slot->object->mode == O_RDONLY)
		errors |= E(EBADF);
	if (!args_answerable(f, &args))
		errors |= E(EFAULT);
	done = !errors;
	if (!f->exact) {
		errors = CONFIGURE_ANSWERS;
	} else if (slot->fd < 0) {
		errors = E(EBADF);
		done = false;
	} else if (slot->object->kind != OBJECT_DEVICE) {
		errors = E(ENOTTY);
		done = false;
	}
	trace_begin(f, "CONFIGURE", args.kind, slot->fd, args.address, args.argsz, usual);
	ret = ioctl(slot->fd, DSA_SAMPLE_CONFIGURE, args.address);
	trace_end(f, ret, errors ? errors : OK);
	if (!f->exact)
		return;
	if (!ret)
		args_get(f, &args, &config);
	/* Refused by the device, it is as after probe. */
	if ((done && usual) || (ret && errno == EIO && refused))
		world_usual_config(f->world);
	else if (done)
		for (i = 0; i < fuzz_info.queues; i++)
			f->world->entries[i] = asked.queues[i].size;
}

/* ---- What there is not ----------------------------------------------------------- */

/* None of ours; the kernel itself has some with other letters. */
static void op_ioctl(struct fuzz *f)
{
	struct slot *slot = world_pick(f, fuzz_one_in(f, 2) ? OBJECT_DEVICE : OBJECT_QUEUE);
	struct place place = arena_place(f, 128, 4);
	unsigned long command;
	int ret;

	switch (fuzz_below(f, 4)) {
	case 0:
		command = DSA_SAMPLE_INFO + fuzz_below(f, 5);
		/* The size, which these do not have. */
		command |= (1 + fuzz_below(f, 0x3fff)) << 16;
		break;
	case 1:
		command = DSA_SAMPLE_INFO + 5 + fuzz_below(f, 0xdb);
		command = (command & ~0xff00UL) | DSA_SAMPLE_IOC_TYPE << 8;
		break;
	case 2:
		command = (unsigned long)fuzz_below(f, 4) << 30 |
			  (unsigned long)fuzz_below(f, 0x4000) << 16 | 0xdb00 | fuzz_below(f, 256);
		break;
	default:
		/* Of the other kind of file. */
		if (!f->exact || slot->fd < 0 || slot->object->kind == OBJECT_OTHER)
			return;
		command = slot->object->kind == OBJECT_DEVICE ? DSA_SAMPLE_SUBMIT : DSA_SAMPLE_INFO;
		command += fuzz_one_in(f, 2);
		if (command == DSA_SAMPLE_QUEUE_STATS + 1)
			command--;
		break;
	}
	trace_begin(f, "ioctl", place.kind, slot->fd, command, place.address, 0);
	ret = ioctl(slot->fd, command, place.address);
	trace_end(f, ret, !f->exact ? E(ENOTTY) | E(EBADF) | E(EINVAL) :
			  slot->fd < 0 ? E(EBADF) : E(ENOTTY));
}

/* What neither kind of file can do. */
static void op_cannot(struct fuzz *f)
{
	struct slot *slot = world_pick(f, fuzz_one_in(f, 2) ? OBJECT_DEVICE : OBJECT_QUEUE);
	struct place place = arena_place(f, 64, 4);
	struct iovec iov = { (void *)(uintptr_t)place.address, 64 };
	unsigned int which = fuzz_below(f, 10);
	static const char *const names[] = {
		"write", "writev", "lseek", "pread", "pwrite", "fsync", "ftruncate", "fallocate",
		"mmap of the device", "read of the device",
	};
	answers allowed = E(EINVAL) | E(ESPIPE);
	bool device;
	long ret = -1;
	void *p;

	if (!f->exact && which >= 5)
		return;
	if (f->exact && (slot->fd < 0 || slot->object->kind == OBJECT_OTHER))
		return;
	device = f->exact && slot->object->kind == OBJECT_DEVICE;
	if (which >= 8 && !device)
		return;
	trace_begin(f, names[which], place.kind, slot->fd, place.address, 0, 0);
	switch (which) {
	case 0:
		ret = write(slot->fd, (void *)(uintptr_t)place.address, 64);
		allowed = E(EINVAL) | E(EBADF);
		break;
	case 1:
		ret = writev(slot->fd, &iov, 1);
		allowed = E(EINVAL) | E(EBADF);
		break;
	case 2:
		ret = lseek(slot->fd, fuzz_random(f) >> 1, fuzz_below(f, 3));
		allowed = E(ESPIPE);
		break;
	case 3:
		ret = pread(slot->fd, (void *)(uintptr_t)place.address, 64, 0);
		allowed = E(ESPIPE) | E(EBADF);
		break;
	case 4:
		ret = pwrite(slot->fd, (void *)(uintptr_t)place.address, 64, 0);
		allowed = E(ESPIPE) | E(EBADF);
		break;
	case 5:
		ret = fsync(slot->fd);
		allowed = E(EINVAL);
		break;
	case 6:
		ret = ftruncate(slot->fd, 4096);
		allowed = E(EINVAL) | E(EBADF);
		break;
	case 7:
		ret = fallocate(slot->fd, 0, 0, 4096);
		allowed = E(ENODEV) | E(ESPIPE) | E(EBADF) | E(EOPNOTSUPP);
		break;
	case 8:
		p = mmap(NULL, FUZZ_PAGE, PROT_READ, MAP_SHARED, slot->fd, 0);
		ret = p == MAP_FAILED ? -1 : 0;
		allowed = E(ENODEV) | E(EACCES);
		break;
	case 9:
		ret = read(slot->fd, (void *)(uintptr_t)place.address, 64);
		allowed = E(EINVAL) | E(EBADF) | E(EFAULT);
		break;
	}
	/* In a loose round it may be a socket or a pipe by now. */
	trace_end(f, ret, f->exact ? allowed | (which <= 1 ? E(EFAULT) : 0) : ~0ULL);
}

const struct operation ops_device[] = {
	{ "open", 4, op_open, false },
	{ "info", 20, op_info, false },
	{ "up", 7, op_up, false },
	{ "configure", 3, op_configure, false },
	{ "ioctl", 28, op_ioctl, false },
	{ "cannot", 28, op_cannot, false },
	{},
};
