/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The eventfds of the ERR and REQ indexes. The core reads them under RCU where
 * HAVE_VFIO_RCU_TRIGGERS (late 2025, and stable releases from then on, so no
 * version number tells), under igate elsewhere. Writers hold igate on all.
 */
#ifndef COMPAT_SINGLE_TRIGGER_H
#define COMPAT_SINGLE_TRIGGER_H

#include <linux/eventfd.h>
#include <linux/lockdep.h>
#include <linux/vfio_pci_core.h>

#include "vfio_pci_priv.h"

#ifdef HAVE_VFIO_RCU_TRIGGERS

static inline struct vfio_pci_eventfd __rcu **
vfio_compat_trigger_slot(struct vfio_pci_core_device *vdev, unsigned int index)
{
	return index == VFIO_PCI_ERR_IRQ_INDEX ? &vdev->err_trigger :
						 &vdev->req_trigger;
}

static inline struct eventfd_ctx *
vfio_compat_trigger_get(struct vfio_pci_core_device *vdev, unsigned int index)
{
	struct vfio_pci_eventfd *eventfd;

	eventfd = rcu_dereference_protected(*vfio_compat_trigger_slot(vdev, index),
					    lockdep_is_held(&vdev->igate));

	return eventfd ? eventfd->ctx : NULL;
}

/* Takes over the caller's reference of @trigger (NULL: none) if it returns 0. */
static inline int vfio_compat_trigger_set(struct vfio_pci_core_device *vdev,
					  unsigned int index,
					  struct eventfd_ctx *trigger)
{
	return vfio_pci_eventfd_replace_locked(vdev,
					       vfio_compat_trigger_slot(vdev, index),
					       trigger);
}

#else

static inline struct eventfd_ctx **
vfio_compat_trigger_slot(struct vfio_pci_core_device *vdev, unsigned int index)
{
	return index == VFIO_PCI_ERR_IRQ_INDEX ? &vdev->err_trigger :
						 &vdev->req_trigger;
}

static inline struct eventfd_ctx *
vfio_compat_trigger_get(struct vfio_pci_core_device *vdev, unsigned int index)
{
	lockdep_assert_held(&vdev->igate);

	return *vfio_compat_trigger_slot(vdev, index);
}

/* Takes over the caller's reference of @trigger (NULL: none) if it returns 0. */
static inline int vfio_compat_trigger_set(struct vfio_pci_core_device *vdev,
					  unsigned int index,
					  struct eventfd_ctx *trigger)
{
	struct eventfd_ctx **slot = vfio_compat_trigger_slot(vdev, index);
	struct eventfd_ctx *old = *slot;

	lockdep_assert_held(&vdev->igate);

	*slot = trigger;
	if (old)
		eventfd_ctx_put(old);

	return 0;
}

#endif /* HAVE_VFIO_RCU_TRIGGERS */
#endif /* COMPAT_SINGLE_TRIGGER_H */
