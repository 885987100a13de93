// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-pci-core around the interrupt code: what the ioctls check before they
 * come to it, its locks, open, close and reset.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vfio_pci_priv.h"

#include "cpu.h"
#include "fault.h"
#include "irq.h"
#include "lock.h"
#include "machine.h"
#include "msi.h"
#include "pci.h"
#include "point.h"
#include "rcu.h"

#ifndef HAVE_VFIO_HAS_DYN_MSIX
#include "vfio_pci_irq_info.h"
#endif

/* ---- What the core offers to the interrupt code --------------------------------- */

u16 vfio_pci_memory_lock_and_enable(struct vfio_pci_core_device *vdev)
{
	u16 cmd;

	down_write(&vdev->memory_lock);
	pci_read_config_word(vdev->pdev, PCI_COMMAND, &cmd);
	if (!(cmd & PCI_COMMAND_MEMORY))
		pci_write_config_word(vdev->pdev, PCI_COMMAND, cmd | PCI_COMMAND_MEMORY);
	return cmd;
}

void vfio_pci_memory_unlock_and_restore(struct vfio_pci_core_device *vdev, u16 cmd)
{
	pci_write_config_word(vdev->pdev, PCI_COMMAND, cmd);
	up_write(&vdev->memory_lock);
}

#ifdef HAVE_VFIO_RCU_TRIGGERS

static void eventfd_free_rcu(struct rcu_head *head)
{
	struct vfio_pci_eventfd *eventfd = container_of(head, struct vfio_pci_eventfd, rcu);

	eventfd_ctx_put(eventfd->ctx);
	kfree(eventfd);
}

int vfio_pci_eventfd_replace_locked(struct vfio_pci_core_device *vdev,
				    struct vfio_pci_eventfd __rcu **slot,
				    struct eventfd_ctx *ctx)
{
	struct vfio_pci_eventfd *old, *new = NULL;

	lockdep_assert_held(&vdev->igate);
	if (ctx) {
		new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
		if (!new)
			return -ENOMEM;
		new->ctx = ctx;
	}
	old = rcu_replace_pointer(*slot, new, lockdep_is_held(&vdev->igate));
	if (old)
		call_rcu(&old->rcu, eventfd_free_rcu);
	return 0;
}

static void drop_trigger(struct vfio_pci_eventfd __rcu **slot)
{
	vfio_pci_eventfd_replace_locked(&machine.vdev, slot, NULL);
}

static struct eventfd_ctx *trigger_of(struct vfio_pci_eventfd __rcu *eventfd)
{
	return eventfd ? eventfd->ctx : NULL;
}

#else

static void drop_trigger(struct eventfd_ctx **slot)
{
	if (*slot)
		eventfd_ctx_put(*slot);
	*slot = NULL;
}

static struct eventfd_ctx *trigger_of(struct eventfd_ctx *ctx)
{
	return ctx;
}

#endif

/* ---- Operations --------------------------------------------------------------------- */

static void begin(void)
{
	kapi_operation_begin();
}

static void end(void)
{
	kapi_operation_end();
	kapi_locks_check_none_held();
	kapi_rcu_run();
}

int sim_open_device(void)
{
	struct vfio_pci_core_device *vdev = &machine.vdev;
	const u16 on = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	if (!machine.on)
		return -ENODEV;
	if (machine.opened)
		return -EBUSY;

	*vdev = (struct vfio_pci_core_device){
		.pdev = &machine.pdev,
		.irq_type = VFIO_PCI_NUM_IRQS,
		.pci_2_3 = !machine.options.no_disintx,
		.nointx = machine.options.nointx,
#ifdef HAVE_VFIO_HAS_DYN_MSIX
		.has_dyn_msix = pci_msix_can_alloc_dyn(&machine.pdev),
#endif
	};
	kapi_lock_init(&vdev->igate.kapi, KAPI_MUTEX, "vdev->igate");
	kapi_lock_init(&vdev->memory_lock.kapi, KAPI_RWSEM, "vdev->memory_lock");
	kapi_lock_init(&vdev->irqlock.kapi, KAPI_SPINLOCK, "vdev->irqlock");
#ifdef HAVE_VFIO_CTX_XARRAY
	xa_init(&vdev->ctx);
#endif
	pci_write_config_word(&machine.pdev, PCI_COMMAND, on);
	if (vdev->nointx)
		kapi_pci_intx(&machine.pdev, false);
	machine.opened = true;
	return 0;
}

int sim_close_device(void)
{
	struct vfio_pci_core_device *vdev = &machine.vdev;
	u16 cmd;

	if (!machine.opened)
		return -EBADF;

	begin();
	/* No more DMA, and with it no more messages. */
	pci_read_config_word(&machine.pdev, PCI_COMMAND, &cmd);
	pci_write_config_word(&machine.pdev, PCI_COMMAND, cmd & ~PCI_COMMAND_MASTER);
	/* Without igate: nobody else has the device any more. */
	vfio_pci_set_irqs_ioctl(vdev, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
				vdev->irq_type, 0, 0, NULL);
	vdev->virq_disabled = false;
	mutex_lock(&vdev->igate);
	drop_trigger(&vdev->err_trigger);
	drop_trigger(&vdev->req_trigger);
	mutex_unlock(&vdev->igate);
	end();

	if (vdev->irq_type != VFIO_PCI_NUM_IRQS)
		kapi_fault("irq index %d is still on after close", vdev->irq_type);
#ifdef HAVE_VFIO_CTX_XARRAY
	if (!xa_empty(&vdev->ctx))
		kapi_fault("vdev->ctx is not empty after close");
#endif
	machine.opened = false;
	kapi_pci_function_reset();
	return 0;
}

static unsigned int irq_count(unsigned int index)
{
	switch (index) {
	case VFIO_PCI_INTX_IRQ_INDEX:
		return !machine.options.nointx;
	case VFIO_PCI_MSI_IRQ_INDEX:
		return machine.options.msi_vectors;
	case VFIO_PCI_MSIX_IRQ_INDEX:
		return sim_vectors();
	case VFIO_PCI_ERR_IRQ_INDEX:
	case VFIO_PCI_REQ_IRQ_INDEX:
		return 1;
	default:
		return 0;
	}
}

static bool can_grow(unsigned int index)
{
#ifdef HAVE_VFIO_HAS_DYN_MSIX
	return index == VFIO_PCI_MSIX_IRQ_INDEX && machine.vdev.has_dyn_msix;
#else
	return vfio_pci_irq_can_grow(&machine.vdev, index);
#endif
}

int sim_irq_info(unsigned int index, struct sim_irq_info *info)
{
	if (!machine.opened)
		return -EBADF;
	if (index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;

	info->flags = VFIO_IRQ_INFO_EVENTFD;
	info->count = irq_count(index);
	if (index == VFIO_PCI_INTX_IRQ_INDEX)
		info->flags |= VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
	else if (!can_grow(index))
		info->flags |= VFIO_IRQ_INFO_NORESIZE;
	return 0;
}

/* Size of one element of data, -EINVAL for a type there is not. */
static int element_size(u32 flags)
{
	switch (flags & VFIO_IRQ_SET_DATA_TYPE_MASK) {
	case VFIO_IRQ_SET_DATA_NONE:
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		return sizeof(u8);
	case VFIO_IRQ_SET_DATA_EVENTFD:
		return sizeof(s32);
	default:
		return -EINVAL;
	}
}

/* Returns the number of bytes of data the request has. */
static long check(u32 flags, u32 index, u32 start, u32 count, size_t size)
{
	const u32 known = VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK;
	u32 have = irq_count(index);
	int element = element_size(flags);

	if (index >= VFIO_PCI_NUM_IRQS || count >= U32_MAX - start || flags & ~known)
		return -EINVAL;
	if (start >= have || start + count > have)
		return -EINVAL;
	if (element < 0 || size < (size_t)count * element)
		return -EINVAL;
	return (long)count * element;
}

int sim_set_irqs(u32 flags, u32 index, u32 start, u32 count, const void *data, size_t size)
{
	void *copy = NULL;
	long length;
	int ret;

	if (!machine.opened)
		return -EBADF;
	length = check(flags, index, start, count, size);
	if (length < 0)
		return length;
	if (length) {
		copy = malloc(length);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, data, length);
	}

	begin();
	mutex_lock(&machine.vdev.igate);
	ret = vfio_pci_set_irqs_ioctl(&machine.vdev, flags, index, start, count, copy);
	mutex_unlock(&machine.vdev.igate);
	end();
	free(copy);
	return ret;
}

int sim_bind(unsigned int index, unsigned int start, unsigned int count, const int *fds)
{
	return sim_set_irqs(VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER, index, start,
			    count, fds, count * sizeof(*fds));
}

int sim_disable(unsigned int index)
{
	return sim_set_irqs(VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, index, 0, 0,
			    NULL, 0);
}

int sim_reset(void)
{
	struct vfio_pci_core_device *vdev = &machine.vdev;
	u16 cmd;

	if (!machine.opened)
		return -EBADF;

	begin();
	cmd = vfio_pci_memory_lock_and_enable(vdev);
	kapi_pci_function_reset();
	pci_write_config_word(vdev->pdev, PCI_COMMAND, cmd | PCI_COMMAND_MEMORY);
	kapi_msi_restore();
	vfio_pci_memory_unlock_and_restore(vdev, cmd);
	end();
	return 0;
}

/* What a firmware of the device does by itself: its registers survive, the table does not. */
void sim_backdoor_reset(void)
{
	static const u8 zero[PCI_MSIX_ENTRY_SIZE];
	struct kapi_cpu *before = kapi_cpu_switch();
	unsigned int i;

	for (i = 0; i < sim_vectors(); i++) {
		void __iomem *entry = machine.pdev.msix_base + i * PCI_MSIX_ENTRY_SIZE;
		unsigned int at;

		writel(PCI_MSIX_ENTRY_CTRL_MASKBIT, entry + PCI_MSIX_ENTRY_VECTOR_CTRL);
		for (at = 0; at < PCI_MSIX_ENTRY_VECTOR_CTRL; at += 4)
			writel(zero[at], entry + at);
	}
	kapi_cpu_switch_back(before);
}

void sim_disintx(bool disable)
{
	struct vfio_pci_core_device *vdev = &machine.vdev;

	begin();
	vdev->virq_disabled = disable;
	if (disable)
		vfio_pci_intx_mask(vdev);
	else
		vfio_pci_intx_unmask(vdev);
	end();
}

void sim_notify(unsigned int index)
{
	struct vfio_pci_core_device *vdev = &machine.vdev;
	struct eventfd_ctx *trigger;

	begin();
	mutex_lock(&vdev->igate);
	trigger = trigger_of(index == VFIO_PCI_ERR_IRQ_INDEX ? vdev->err_trigger :
							      vdev->req_trigger);
	if (trigger)
#ifdef HAVE_EVENTFD_SIGNAL_ONE_ARG
		eventfd_signal(trigger);
#else
		eventfd_signal(trigger, 1);
#endif
	mutex_unlock(&vdev->igate);
	end();
}
