/* SPDX-License-Identifier: GPL-2.0-only */
/* MSI and MSI-X of the device, as the kernel has them enabled. */
#ifndef SIM_KAPI_MSI_H
#define SIM_KAPI_MSI_H

#include <linux/msi.h>

/* The irq's chip: mask at the device. MSI messages cannot be masked. */
void kapi_msi_mask(struct msi_desc *desc, bool mask);
/* The irq's domain: a new message. */
void kapi_msi_compose(struct msi_desc *desc, u32 address_lo, u32 data);

/* Write all that is programmed to a device that was reset. */
void kapi_msi_restore(void);
/* The device raises MSI message @nr. False if it cannot. */
bool kapi_msi_raise(unsigned int nr);
struct msi_desc *kapi_msi_desc(unsigned int index);
void kapi_msi_stop(void);

#endif /* SIM_KAPI_MSI_H */
