/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: PCI and MSI(-X) enabling (kapi/pci.c, kapi/msi.c). */
#ifndef KAPI_LINUX_PCI_H
#define KAPI_LINUX_PCI_H

#include_next <linux/pci.h>

#include <linux/device.h>
#include <linux/io.h>
#include <linux/msi.h>
#include <linux/pci_regs.h>

#define PCI_IRQ_INTX 1U
#define PCI_IRQ_LEGACY PCI_IRQ_INTX
#define PCI_IRQ_MSI 2U
#define PCI_IRQ_MSIX 4U

struct irq_affinity_desc;

struct msix_entry {
	u32 vector; /* out: Linux irq */
	u16 entry; /* in: index in the table */
};

struct pci_bus {
	int domain;
	unsigned char number;
};

struct pci_dev {
	struct device dev;
	struct pci_bus *bus;
	unsigned int devfn;
	unsigned int irq; /* of INTx */
	bool msi_enabled;
	bool msix_enabled;
	void __iomem *msix_base;
};

static inline int pci_domain_nr(const struct pci_bus *bus)
{
	return bus->domain;
}

static inline bool pci_is_pcie(struct pci_dev *pdev)
{
	return true;
}

static inline const char *pci_name(const struct pci_dev *pdev)
{
	return dev_name(&pdev->dev);
}

#define pci_info(pdev, ...) dev_info(&(pdev)->dev, __VA_ARGS__)
#define pci_warn(pdev, ...) dev_warn(&(pdev)->dev, __VA_ARGS__)

int pci_read_config_word(struct pci_dev *pdev, int offset, u16 *value);
int pci_write_config_word(struct pci_dev *pdev, int offset, u16 value);
void pci_intx(struct pci_dev *pdev, int enable);
bool pci_check_and_mask_intx(struct pci_dev *pdev);
bool pci_check_and_unmask_intx(struct pci_dev *pdev);

int pci_msix_vec_count(struct pci_dev *pdev);
int pci_enable_msix_range(struct pci_dev *pdev, struct msix_entry *entries, int min_vecs,
			  int max_vecs);
int pci_alloc_irq_vectors(struct pci_dev *pdev, unsigned int min_vecs, unsigned int max_vecs,
			  unsigned int flags);
void pci_free_irq_vectors(struct pci_dev *pdev);
int pci_irq_vector(struct pci_dev *pdev, unsigned int nr);
#ifdef HAVE_PCI_MSIX_ALLOC_DYN
bool pci_msix_can_alloc_dyn(struct pci_dev *pdev);
struct msi_map pci_msix_alloc_irq_at(struct pci_dev *pdev, unsigned int index,
				     const struct irq_affinity_desc *affdesc);
void pci_msix_free_irq(struct pci_dev *pdev, struct msi_map map);
#endif

#endif /* KAPI_LINUX_PCI_H */
