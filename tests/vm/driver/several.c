// SPDX-License-Identifier: GPL-2.0-only
/* Two devices: what happens to one is nothing to the other. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "calls.h"
#include "load.h"
#include "tests.h"

#define DEVICES 2
#define LOADS 2

struct device {
	char address[32];
	int fd;
	struct load loads[LOADS];
};

static struct device devices[DEVICES];

static bool begin(struct device *d, unsigned int number)
{
	char path[64];
	int i;

	snprintf(path, sizeof(path), "/dev/dsa-sample%u", number);
	d->fd = open(path, O_RDWR | O_CLOEXEC);
	if (!check(d->fd >= 0) || !check(device_address(number, d->address)))
		return false;
	for (i = 0; i < LOADS; i++)
		if (!load_begin(&d->loads[i], d->fd, i, 8))
			return false;
	return true;
}

static bool moves(struct device *d)
{
	return load_moves(&d->loads[0], 20) && load_moves(&d->loads[1], 20);
}

/* @error: with which all queues have ended, or 0. Those of others have lost nothing. */
static void end(struct device *d, int error, bool aborted)
{
	int i;

	for (i = 0; i < LOADS; i++) {
		if (error)
			load_fails(&d->loads[i], error);
		load_end(&d->loads[i]);
		check(d->loads[i].error == error);
		check(aborted || d->loads[i].how[DSA_SAMPLE_HOW_ABORTED] == 0);
		if (!error)
			check(run_one(&d->loads[i].q, noop(1)).how == DSA_SAMPLE_HOW_INTERRUPT);
		queue_close(&d->loads[i].q);
	}
	close(d->fd);
}

/* Each in turn is reset, while the other works on. */
void test_two_reset(void)
{
	uint64_t resets[DEVICES];
	int i, victim;

	for (victim = 0; victim < DEVICES; victim++) {
		for (i = 0; i < DEVICES; i++) {
			if (!begin(&devices[i], i))
				return;
			resets[i] = info_get(devices[i].fd).resets;
		}
		for (i = 0; i < 5; i++) {
			check(reset_by_hand(devices[victim].address));
			check(moves(&devices[0]) && moves(&devices[1]));
		}
		for (i = 0; i < DEVICES; i++)
			check(info_get(devices[i].fd).resets ==
			      resets[i] + (i == victim ? 5 : 0));
		for (i = 0; i < DEVICES; i++)
			end(&devices[i], 0, i == victim);
	}
}

/* Each in turn goes away, and comes back under its number. */
void test_two_unbind(void)
{
	int victim;

	for (victim = DEVICES - 1; victim >= 0; victim--) {
		struct device *other = &devices[!victim], *gone = &devices[victim];

		if (!begin(&devices[0], 0) || !begin(&devices[1], 1))
			return;
		check(write_file(DRIVER "/unbind", gone->address));
		moves(other);
		end(gone, ENODEV, true);
		moves(other);
		check(write_file(DRIVER "/bind", gone->address));
		moves(other);
		if (begin(gone, victim)) {
			moves(gone);
			end(gone, 0, false);
		}
		end(other, 0, false);
	}
}
