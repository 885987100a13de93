/* SPDX-License-Identifier: GPL-2.0-only */
/* vfio-pci-core in user space: what its files offer each other (kapi/vfio_core.c). */
#ifndef KAPI_VFIO_PCI_PRIV_H
#define KAPI_VFIO_PCI_PRIV_H

#include <linux/vfio_pci_core.h>

/* Provided by the interrupt code under test. */
bool vfio_pci_intx_mask(struct vfio_pci_core_device *vdev);
void vfio_pci_intx_unmask(struct vfio_pci_core_device *vdev);
int vfio_pci_set_irqs_ioctl(struct vfio_pci_core_device *vdev, uint32_t flags,
			    unsigned int index, unsigned int start, unsigned int count,
			    void *data);

/* Provided by the core. */
u16 vfio_pci_memory_lock_and_enable(struct vfio_pci_core_device *vdev);
void vfio_pci_memory_unlock_and_restore(struct vfio_pci_core_device *vdev, u16 cmd);
#ifdef HAVE_VFIO_RCU_TRIGGERS
int vfio_pci_eventfd_replace_locked(struct vfio_pci_core_device *vdev,
				    struct vfio_pci_eventfd __rcu **slot,
				    struct eventfd_ctx *ctx);
#endif

#endif /* KAPI_VFIO_PCI_PRIV_H */
