/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: the MSI-X table is all the MMIO there is (kapi/pci.c). */
#ifndef KAPI_LINUX_IO_H
#define KAPI_LINUX_IO_H

#include <linux/types.h>

u32 readl(const void __iomem *address);
void writel(u32 value, void __iomem *address);

#endif /* KAPI_LINUX_IO_H */
