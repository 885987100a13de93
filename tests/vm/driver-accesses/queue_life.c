// SPDX-License-Identifier: GPL-2.0-only
/*
 * queue_life: one queue of dsa_sample comes up, copies once, and goes down; between these
 * it leaves marks in the device's log of accesses. A mark is the read of a dword of
 * configuration space where no device has anything: 0xf00 + 4 * number.
 *
 *	queue_life NUMBER	the number of the first mark; there are four
 *
 * Exit status 0: the copy was right.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../driver/calls.h"

#define MARKS 0xf00
#define COPY 4096

static void mark(unsigned int number)
{
	char path[128];
	uint32_t dword;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", pci_address);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &dword, sizeof(dword), MARKS + 4 * number) != sizeof(dword))
		die(path);
	close(fd);
}

int main(int argc, char **argv)
{
	unsigned int number = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	struct dsa_sample_event event;
	struct queue q;
	int device;

	if (!number) {
		fprintf(stderr, "usage: queue_life NUMBER\n");
		return 2;
	}
	find_device();
	device = device_open();
	mark(number);
	if (!queue_open(device, &q, 0))
		die("bring-up");
	memset(q.buffer, 0x5a, COPY);
	mark(number + 1);
	event = run_one(&q, (struct dsa_sample_work){ .tag = 1, .opcode = DSA_OPCODE_MEMMOVE,
		.flags = DSA_SAMPLE_WORK_INTERRUPT, .dst = COPY, .size = COPY });
	check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.status == DSA_COMP_SUCCESS);
	check(!memcmp(q.buffer, q.buffer + COPY, COPY));
	mark(number + 2);
	queue_close(&q);
	mark(number + 3);
	close(device);
	return failures ? 1 : 0;
}
