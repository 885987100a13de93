/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Version of both modules, that of configure.ac. The kernel's modules have none:
 * "modinfo -F version" tells which is which, and dkms(8) takes two modules without
 * a version for the same one and installs nothing.
 */
#ifndef VFIO_PCI_VERSION_H
#define VFIO_PCI_VERSION_H

#include <linux/module.h>

#define VFIO_PCI_DYNMSIX_VERSION "0.1.0"

MODULE_VERSION(VFIO_PCI_DYNMSIX_VERSION);

#endif /* VFIO_PCI_VERSION_H */
