/* SPDX-License-Identifier: GPL-2.0-only */
/* The device on its bus: the dsa-model library behind configuration space and MMIO. */
#ifndef SIM_KAPI_PCI_H
#define SIM_KAPI_PCI_H

#include <linux/pci.h>

#include <dsa/profile.h>

#define KAPI_MSIX_CONTROL DSA_MSIX_CONTROL_OFFSET

/* pci_intx() as other functions of the API call it. */
void kapi_pci_intx(struct pci_dev *pdev, bool enable);
/* The line is asserted and not masked by DisINTx. */
bool kapi_pci_line(void);

/* What the device does with a message, it then handles. */
void kapi_pci_raise(unsigned int vector);
/* Where the message of an entry goes now. */
u32 kapi_pci_entry_address(unsigned int vector);
void kapi_pci_function_reset(void);

int kapi_pci_start(void);
void kapi_pci_stop(void);

#endif /* SIM_KAPI_PCI_H */
