/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: the device of vfio-pci-core, as far as interrupts go. */
#ifndef KAPI_LINUX_VFIO_PCI_CORE_H
#define KAPI_LINUX_VFIO_PCI_CORE_H

#include <linux/eventfd.h>
#include <linux/irqbypass.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/vfio.h>
#include <linux/xarray.h>

struct vfio_pci_irq_ctx;

#ifdef HAVE_VFIO_RCU_TRIGGERS
struct vfio_pci_eventfd {
	struct eventfd_ctx *ctx;
	struct rcu_head rcu;
};
#endif

struct vfio_pci_core_device {
	struct pci_dev *pdev;
	struct mutex igate;
	struct rw_semaphore memory_lock;
	spinlock_t irqlock;
	int irq_type;
#ifdef HAVE_VFIO_CTX_XARRAY
	struct xarray ctx;
#else
	struct vfio_pci_irq_ctx *ctx;
	int num_ctx;
#endif
#ifdef HAVE_VFIO_RCU_TRIGGERS
	struct vfio_pci_eventfd __rcu *err_trigger;
	struct vfio_pci_eventfd __rcu *req_trigger;
#else
	struct eventfd_ctx *err_trigger;
	struct eventfd_ctx *req_trigger;
#endif
	u8 msi_qmax;
	bool virq_disabled;
	bool pci_2_3;
	bool nointx;
#ifdef HAVE_VFIO_HAS_DYN_MSIX
	bool has_dyn_msix;
#endif
};

#endif /* KAPI_LINUX_VFIO_PCI_CORE_H */
