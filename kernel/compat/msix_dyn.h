/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocating MSI-X irqs one by one came with 6.2 (HAVE_PCI_MSIX_ALLOC_DYN). The
 * stand-ins are never called: they let the dynamic source compile on kernels
 * that then never choose it.
 */
#ifndef COMPAT_MSIX_DYN_H
#define COMPAT_MSIX_DYN_H

#include <linux/msi.h>
#include <linux/pci.h>

#ifdef HAVE_PCI_MSIX_ALLOC_DYN

#include <linux/msi_api.h>

#else

struct irq_affinity_desc;

struct msi_map {
	int	index;
	int	virq;
};

static inline bool pci_msix_can_alloc_dyn(struct pci_dev *pdev)
{
	return false;
}

static inline struct msi_map
pci_msix_alloc_irq_at(struct pci_dev *pdev, unsigned int index,
		      const struct irq_affinity_desc *affdesc)
{
	return (struct msi_map){ .index = -EOPNOTSUPP };
}

static inline void pci_msix_free_irq(struct pci_dev *pdev, struct msi_map map)
{
}

#endif /* HAVE_PCI_MSIX_ALLOC_DYN */

/*
 * Does the vfio-pci core answer by itself whether MSI-X can grow (since 6.5), or
 * does it, with the help of glue/, ask vfio_pci_irq_can_grow()?
 */
static inline bool vfio_compat_core_decides_noresize(void)
{
#ifdef HAVE_VFIO_HAS_DYN_MSIX
	return true;
#else
	return false;
#endif
}

#endif /* COMPAT_MSIX_DYN_H */
