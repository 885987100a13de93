// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>

#include "files.h"

static int *kind_of(struct files *files, int fd)
{
	return &files->kind[fd - SIM_FIRST_FD];
}

int files_eventfd(const struct files *files, int fd)
{
	int kind;

	if (fd < SIM_FIRST_FD || fd >= SIM_FIRST_FD + SIM_FDS)
		return -EBADF;
	kind = files->kind[fd - SIM_FIRST_FD];
	return kind >= 0 ? kind : kind == FILES_CLOSED ? -EBADF : -EINVAL;
}

int files_fd(const struct files *files, uint8_t code)
{
	static const int odd[] = { -2, INT_MAX, SIM_FIRST_FD - 1, INT_MIN };

	if ((code & 0x0f) < PROGRAM_SLOTS)
		return files->slot[code & 0x0f];
	if ((code & 0x0f) < 0x0d)
		return (code & 0x0f) < 0x0b ? -1 : files->slot[(code >> 4) % PROGRAM_SLOTS];
	return code & 0x40 ? odd[code >> 4 & 3] : -1;
}

/* Close one descriptor. Returns its eventfd if that was the last. */
static int drop(struct files *files, int fd)
{
	int eventfd = *kind_of(files, fd);

	sim_close(fd);
	*kind_of(files, fd) = FILES_CLOSED;
	if (eventfd < 0 || --files->descriptors[eventfd] || files->watch[eventfd] >= 0)
		return SIGNALS_NONE;
	return eventfd;
}

static int unwatch(struct files *files, int eventfd)
{
	int fd = files->watch[eventfd];

	if (fd < 0)
		return SIGNALS_NONE;
	files->watch[eventfd] = -1;
	files->descriptors[eventfd]++;
	return drop(files, fd);
}

int files_close(struct files *files, unsigned int slot, bool all)
{
	int fd = files->slot[slot];
	int eventfd = files_eventfd(files, fd);
	int gone;

	/* Its number may be that of a watch by now. */
	if (eventfd == -EBADF || (eventfd >= 0 && files->watch[eventfd] == fd))
		return SIGNALS_NONE;
	gone = drop(files, fd);
	if (eventfd >= 0 && !files->descriptors[eventfd] && files->watch[eventfd] >= 0 && all)
		gone = unwatch(files, eventfd);
	return gone;
}

static bool unused(const struct files *files, const unsigned int *in_use, int eventfd)
{
	return !files->descriptors[eventfd] && files->watch[eventfd] < 0 && !in_use[eventfd];
}

/* An eventfd nobody has a descriptor of any more, but us, makes room. */
static int room(struct files *files, const unsigned int *in_use)
{
	int e;

	for (e = 0; e < SIGNALS_EVENTFDS; e++)
		if (unused(files, in_use, e))
			return e;
	for (e = 0; e < SIGNALS_EVENTFDS; e++) {
		if (files->descriptors[e] || in_use[e])
			continue;
		unwatch(files, e);
		return e;
	}
	return -1;
}

static int install(struct files *files, unsigned int slot, int fd, int kind)
{
	files->slot[slot] = fd;
	*kind_of(files, fd) = kind;
	if (kind >= 0)
		files->descriptors[kind]++;
	return fd;
}

int files_new(struct files *files, unsigned int slot, const unsigned int *in_use, bool watched)
{
	int gone = files_close(files, slot, false);
	int eventfd = room(files, in_use);
	int fd = eventfd < 0 ? -1 : sim_eventfd();

	if (fd < 0)
		return gone;
	install(files, slot, fd, eventfd);
	if (watched) {
		files->watch[eventfd] = sim_dup(fd);
		*kind_of(files, files->watch[eventfd]) = eventfd;
	}
	return gone;
}

int files_dup(struct files *files, unsigned int slot, unsigned int from)
{
	int kind = files_eventfd(files, files->slot[from]);
	int gone, fd;

	if (kind == -EBADF || slot == from)
		return SIGNALS_NONE;
	fd = sim_dup(files->slot[from]);
	if (fd < 0)
		return SIGNALS_NONE;
	gone = files_close(files, slot, false);
	install(files, slot, fd, kind >= 0 ? kind : FILES_OTHER);
	return gone;
}

int files_other(struct files *files, unsigned int slot)
{
	int gone = files_close(files, slot, false);
	int fd = sim_other_file();

	if (fd >= 0)
		install(files, slot, fd, FILES_OTHER);
	return gone;
}

bool files_start(struct files *files)
{
	static const unsigned int nobody[SIGNALS_EVENTFDS];
	unsigned int i;

	for (i = 0; i < SIM_FDS; i++)
		files->kind[i] = FILES_CLOSED;
	for (i = 0; i < SIGNALS_EVENTFDS; i++) {
		files->descriptors[i] = 0;
		files->watch[i] = -1;
	}
	for (i = 0; i < PROGRAM_SLOTS; i++)
		files->slot[i] = -1;
	for (i = 0; i < PROGRAM_SLOTS - 2; i++)
		files_new(files, i, nobody, true);
	files_dup(files, PROGRAM_SLOTS - 2, 0);
	files_other(files, PROGRAM_SLOTS - 1);
	return files->slot[PROGRAM_SLOTS - 1] >= 0;
}

void files_read(const struct files *files, uint64_t *counts, bool *readable)
{
	bool seen[SIGNALS_EVENTFDS] = { false };
	unsigned int e, slot;
	int eventfd;

	for (e = 0; e < SIGNALS_EVENTFDS; e++) {
		if (files->watch[e] < 0)
			continue;
		counts[e] += sim_read(files->watch[e]);
		seen[e] = true;
	}
	for (slot = 0; slot < PROGRAM_SLOTS; slot++) {
		eventfd = files_eventfd(files, files->slot[slot]);
		if (eventfd < 0 || seen[eventfd])
			continue;
		counts[eventfd] += sim_read(files->slot[slot]);
		seen[eventfd] = true;
	}
	if (readable)
		for (e = 0; e < SIGNALS_EVENTFDS; e++)
			readable[e] = seen[e];
}
