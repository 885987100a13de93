/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where vfio_pci_core_device keeps our state: vdev->ctx.
 *
 * Nothing outside the interrupt code looks into it on any kernel. It is an
 * xarray since 6.5 (HAVE_VFIO_CTX_XARRAY), of which slot 0 is used; before that
 * a pointer to a structure only the interrupt code defines.
 */
#ifndef COMPAT_VFIO_CTX_H
#define COMPAT_VFIO_CTX_H

#include <linux/vfio_pci_core.h>
#include <linux/xarray.h>

#ifdef HAVE_VFIO_CTX_XARRAY

static inline struct vfio_pci_irq_ctx *
vfio_compat_ctx_get(struct vfio_pci_core_device *vdev)
{
	return xa_load(&vdev->ctx, 0);
}

static inline int vfio_compat_ctx_attach(struct vfio_pci_core_device *vdev,
					 struct vfio_pci_irq_ctx *ctx)
{
	return xa_insert(&vdev->ctx, 0, ctx, GFP_KERNEL_ACCOUNT);
}

static inline void vfio_compat_ctx_detach(struct vfio_pci_core_device *vdev)
{
	xa_erase(&vdev->ctx, 0);
}

#else

static inline struct vfio_pci_irq_ctx *
vfio_compat_ctx_get(struct vfio_pci_core_device *vdev)
{
	return vdev->ctx;
}

static inline int vfio_compat_ctx_attach(struct vfio_pci_core_device *vdev,
					 struct vfio_pci_irq_ctx *ctx)
{
	vdev->ctx = ctx;
	return 0;
}

static inline void vfio_compat_ctx_detach(struct vfio_pci_core_device *vdev)
{
	vdev->ctx = NULL;
}

#endif /* HAVE_VFIO_CTX_XARRAY */
#endif /* COMPAT_VFIO_CTX_H */
