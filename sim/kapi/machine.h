/* SPDX-License-Identifier: GPL-2.0-only */
/* The one machine there is. */
#ifndef SIM_KAPI_MACHINE_H
#define SIM_KAPI_MACHINE_H

#include <linux/vfio_pci_core.h>

#include "../sim.h"

struct dsa_device;

/**
 * struct kapi_machine - the machine
 * @on: between sim_start() and sim_stop()
 * @opened: the device is open
 * @dev: the device itself
 */
struct kapi_machine {
	bool on;
	bool opened;
	struct sim_options options;
	struct dsa_device *dev;
	struct pci_dev pdev;
	struct vfio_pci_core_device vdev;
};

extern struct kapi_machine machine;

#endif /* SIM_KAPI_MACHINE_H */
