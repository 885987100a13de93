/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: MSI descriptors (kapi/msi.c). */
#ifndef KAPI_LINUX_MSI_H
#define KAPI_LINUX_MSI_H

#include <linux/irq.h>
#include <linux/types.h>

struct msi_msg {
	u32 address_lo;
	u32 address_hi;
	u32 data;
};

/**
 * struct msi_desc - one MSI or MSI-X vector that has an irq
 * @irq: its Linux irq
 * @msi_index: entry in the MSI-X table, or number of the MSI message
 * @msg: what was last written to the device
 * @pci: @msix_ctrl is the Vector Control that was last written
 */
struct msi_desc {
	unsigned int irq;
	u16 msi_index;
	bool is_msix;
	struct msi_msg msg;
	struct {
		u32 msix_ctrl;
	} pci;
};

void get_cached_msi_msg(unsigned int irq, struct msi_msg *msg);
void pci_write_msi_msg(unsigned int irq, struct msi_msg *msg);

#ifdef HAVE_PCI_MSIX_ALLOC_DYN
#include <linux/msi_api.h>
#endif

#endif /* KAPI_LINUX_MSI_H */
