/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device of the driver idxd, and its work queues for the kernel, through libaccel-config.
 *
 * Functions that fail return a negative errno and explain themselves in @problem.
 */
#ifndef WQ_DEMO_BACKEND_IDXD_ACCEL_H
#define WQ_DEMO_BACKEND_IDXD_ACCEL_H

#include <stdbool.h>
#include <stdint.h>

#include "doctor.h"
#include "problem.h"
#include "wq_config.h"

struct accel;

/**
 * struct accel_info - what a device is
 * @name: as dsa0
 * @address: of the PCI function
 * @version: of the device, as its register has it
 * @queues: work queues
 * @groups: groups
 * @engines: engines
 * @entries: of all queues together
 * @max_transfer: bytes
 */
struct accel_info {
	char name[32];
	char address[32];
	unsigned int version;
	unsigned int queues;
	unsigned int groups;
	unsigned int engines;
	unsigned int entries;
	uint64_t max_transfer;
};

/* Is a DSA bound to the driver idxd? Needs no library and no privilege. */
bool accel_present(const struct doctor_machine *machine);

/**
 * accel_open() - find a device that nobody uses
 * @name: as dsa0; NULL: the first that is idle
 * @accel: out: undone by accel_close()
 *
 * Changes nothing.
 *
 * Returns 0; -ENOSYS built without libaccel-config; -ENODEV there is no device; -EBUSY
 * somebody uses it.
 */
int accel_open(const struct doctor_machine *machine, const char *name, struct accel **accel,
	       struct accel_info *info, struct problem *problem);

/**
 * accel_renew() - have the device's driver begin anew
 *
 * The driver keeps its vectors allocated, and a monitor below keeps those that were in use,
 * so a second run would not add any. The function is therefore unbound from its driver and
 * bound again.
 */
int accel_renew(struct accel *accel, struct problem *problem);

/* What can be asked for of the queues. */
extern const struct wq_config_support accel_support;

/**
 * accel_configure() - give every queue a group, a size and a type, and enable the device
 * @config: what is asked for; NULL: nothing
 * @queues: how many are to be used, in the order of @config
 * @entries: of each that has no size in @config
 *
 * Undone by accel_restore().
 */
int accel_configure(struct accel *accel, const struct wq_config *config, unsigned int queues,
		    unsigned int entries, struct problem *problem);

/**
 * accel_enable_queue() - have the driver dmaengine take the queue
 * @queue: its number
 * @duration_ns: out: how long accfg_wq_enable() took
 * @channel: out: name of the DMA channel it has become
 */
int accel_enable_queue(struct accel *accel, unsigned int queue, uint64_t *duration_ns,
		       char channel[24], struct problem *problem);

/**
 * accel_restore() - disable what was enabled, and have the driver forget the configuration
 *
 * Does all it can. Returns 0 or the first error.
 */
int accel_restore(struct accel *accel, struct problem *problem);

void accel_close(struct accel *accel);

#endif /* WQ_DEMO_BACKEND_IDXD_ACCEL_H */
