// SPDX-License-Identifier: GPL-2.0-only
/* The owner's books. */
#include <errno.h>
#include <string.h>

#include <linux/vfio.h>

#include "owner.h"
#include "sim.h"

void sim_owner_start(struct sim_owner *owner, unsigned int index)
{
	unsigned int v;

	*owner = (struct sim_owner){ .index = index };
	for (v = 0; v < SIM_OWNER_VECTORS; v++)
		owner->bound[v] = -1;
}

int sim_owner_eventfd(struct sim_owner *owner)
{
	int fd;

	if (owner->fd_count == SIM_OWNER_FDS)
		return -EMFILE;
	fd = sim_eventfd();
	if (fd >= 0)
		owner->fds[owner->fd_count++].fd = fd;
	return fd;
}

static void read_fd(struct sim_owner *owner, unsigned int i)
{
	uint64_t count = sim_read(owner->fds[i].fd);
	unsigned int v;

	if (!owner->fds[i].vectors)
		owner->stray += count;
	for (v = 0; count && v < SIM_OWNER_VECTORS; v++)
		if (owner->fds[i].vectors & 1ULL << v)
			owner->received[v] += count;
}

void sim_owner_read(struct sim_owner *owner)
{
	unsigned int i;

	for (i = 0; i < owner->fd_count; i++)
		read_fd(owner, i);
}

void sim_owner_clear(struct sim_owner *owner)
{
	memset(owner->received, 0, sizeof(owner->received));
	owner->stray = 0;
}

static uint64_t vectors_of(const struct sim_owner *owner, int fd)
{
	uint64_t vectors = 0;
	unsigned int v;

	for (v = 0; v < SIM_OWNER_VECTORS; v++)
		if (owner->bound[v] == fd)
			vectors |= 1ULL << v;
	return vectors;
}

/* What came until now was for the old or for the new vectors of the eventfd. */
static void told(struct sim_owner *owner)
{
	unsigned int i;

	for (i = 0; i < owner->fd_count; i++) {
		uint64_t now = vectors_of(owner, owner->fds[i].fd);

		if (now == owner->fds[i].vectors)
			continue;
		owner->fds[i].vectors |= now;
		read_fd(owner, i);
		owner->fds[i].vectors = now;
	}
}

int sim_owner_bind(struct sim_owner *owner, unsigned int start, unsigned int count,
		   const int *fds)
{
	unsigned int i;
	int ret;

	sim_counts(&owner->before);
	ret = sim_bind(owner->index, start, count, fds);
	if (ret)
		return ret;
	for (i = 0; i < count; i++)
		owner->bound[start + i] = fds[i];
	told(owner);
	return 0;
}

static void nothing_bound(struct sim_owner *owner)
{
	unsigned int v;

	for (v = 0; v < SIM_OWNER_VECTORS; v++)
		owner->bound[v] = -1;
	told(owner);
}

int sim_owner_disable(struct sim_owner *owner)
{
	int ret;

	sim_counts(&owner->before);
	if (owner->before.index != (int)owner->index)
		return 0;
	ret = sim_disable(owner->index);
	if (!ret)
		nothing_bound(owner);
	return ret;
}

int sim_owner_close(struct sim_owner *owner)
{
	int ret;

	sim_counts(&owner->before);
	ret = sim_close_device();
	if (!ret)
		nothing_bound(owner);
	return ret;
}
