/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What VFIO_DEVICE_GET_IRQ_INFO has to ask of the interrupt code.
 *
 * On kernels whose vfio-pci core has no notion of growing MSI-X, glue/ makes
 * vfio_pci_core.c include this header. No structure may be defined in here:
 * completing a type that the core only forward-declares would change the CRCs
 * of the symbols it exports.
 */
#ifndef VFIO_PCI_IRQ_INFO_H
#define VFIO_PCI_IRQ_INFO_H

#include <linux/types.h>

struct vfio_pci_core_device;

/**
 * vfio_pci_irq_can_grow() - may vectors be added to an index once enabled?
 * @vdev: the device
 * @index: index as in struct vfio_irq_info
 *
 * Return: true if VFIO_IRQ_INFO_NORESIZE must not be announced.
 */
bool vfio_pci_irq_can_grow(const struct vfio_pci_core_device *vdev,
			   unsigned int index);

#endif /* VFIO_PCI_IRQ_INFO_H */
