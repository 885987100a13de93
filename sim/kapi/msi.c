// SPDX-License-Identifier: GPL-2.0-only
/*
 * Enabling MSI-X and MSI, and writing their messages.
 *
 * MSI-X lives in the table of the device library. The library has no MSI: that
 * capability is kept here, without mask bits, as many devices have it.
 */
#include <errno.h>

#include <linux/pci.h>
#include <linux/slab.h>

#include "cpu.h"
#include "fault.h"
#include "irq.h"
#include "machine.h"
#include "msi.h"
#include "pci.h"
#include "point.h"

#define TABLE_MAX 2048

/* By index, MSI-X or MSI. */
static struct msi_desc *descs[TABLE_MAX];
static unsigned int count;

struct msi_desc *kapi_msi_desc(unsigned int index)
{
	return index < TABLE_MAX ? descs[index] : NULL;
}

/* ---- One entry --------------------------------------------------------------- */

static void __iomem *entry_of(const struct msi_desc *desc)
{
	return machine.pdev.msix_base + desc->msi_index * PCI_MSIX_ENTRY_SIZE;
}

static void write_control(struct msi_desc *desc, u32 control)
{
	writel(control, entry_of(desc) + PCI_MSIX_ENTRY_VECTOR_CTRL);
}

void kapi_msi_mask(struct msi_desc *desc, bool mask)
{
	if (!desc->is_msix)
		return;
	desc->pci.msix_ctrl &= ~PCI_MSIX_ENTRY_CTRL_MASKBIT;
	desc->pci.msix_ctrl |= mask ? PCI_MSIX_ENTRY_CTRL_MASKBIT : 0;
	write_control(desc, desc->pci.msix_ctrl);
}

/* An entry must not change while it is unmasked. */
static void write_message(struct msi_desc *desc, const struct msi_msg *msg)
{
	u32 control = desc->pci.msix_ctrl;
	bool unmasked = !(control & PCI_MSIX_ENTRY_CTRL_MASKBIT);

	desc->msg = *msg;
	if (!desc->is_msix)
		return;
	if (unmasked)
		write_control(desc, control | PCI_MSIX_ENTRY_CTRL_MASKBIT);
	kapi_step("pci_write_msi_msg: masked");
	writel(msg->address_lo, entry_of(desc) + PCI_MSIX_ENTRY_LOWER_ADDR);
	writel(msg->address_hi, entry_of(desc) + PCI_MSIX_ENTRY_UPPER_ADDR);
	writel(msg->data, entry_of(desc) + PCI_MSIX_ENTRY_DATA);
	if (unmasked)
		write_control(desc, control);
}

void kapi_msi_compose(struct msi_desc *desc, u32 address_lo, u32 data)
{
	struct msi_msg msg = { .address_lo = address_lo, .data = data };

	write_message(desc, &msg);
}

void get_cached_msi_msg(unsigned int irq, struct msi_msg *msg)
{
	struct irq_desc *desc = kapi_irq_desc(irq);

	kapi_enter("get_cached_msi_msg", 0);
	if (desc && desc->msi_desc)
		*msg = desc->msi_desc->msg;
	else
		kapi_fault("get_cached_msi_msg: irq %u has no message", irq);
	kapi_leave();
}

void pci_write_msi_msg(unsigned int irq, struct msi_msg *msg)
{
	struct irq_desc *desc = kapi_irq_desc(irq);

	kapi_enter("pci_write_msi_msg", 0);
	if (desc && desc->msi_desc)
		write_message(desc->msi_desc, msg);
	else
		kapi_fault("pci_write_msi_msg: irq %u has no message", irq);
	kapi_leave();
}

/* ---- Descriptors ---------------------------------------------------------------- */

static int add(unsigned int index, bool msix)
{
	struct msi_desc *desc = kzalloc(sizeof(*desc), GFP_KERNEL);
	int ret;

	if (!desc)
		return -ENOMEM;
	desc->msi_index = index;
	desc->is_msix = msix;
	desc->pci.msix_ctrl = PCI_MSIX_ENTRY_CTRL_MASKBIT;
	ret = kapi_irq_alloc(desc);
	if (ret) {
		kfree(desc);
		return ret;
	}
	descs[index] = desc;
	count++;
	return 0;
}

static void drop(unsigned int index)
{
	struct msi_desc *desc = descs[index];

	kapi_irq_free(desc->irq);
	descs[index] = NULL;
	count--;
	kfree(desc);
}

static void drop_all(void)
{
	unsigned int i;

	for (i = 0; count && i < TABLE_MAX; i++)
		if (descs[i])
			drop(i);
}

/* ---- MSI-X ------------------------------------------------------------------------ */

static u16 control_read(void)
{
	u16 control;

	pci_read_config_word(&machine.pdev, KAPI_MSIX_CONTROL, &control);
	return control;
}

static void control_write(u16 clear, u16 set)
{
	pci_write_config_word(&machine.pdev, KAPI_MSIX_CONTROL,
			      (control_read() & ~clear) | set);
}

int pci_msix_vec_count(struct pci_dev *pdev)
{
	return sim_vectors();
}

static void mask_all(void)
{
	unsigned int i;

	for (i = 0; i < sim_vectors(); i++)
		writel(PCI_MSIX_ENTRY_CTRL_MASKBIT, machine.pdev.msix_base +
		       i * PCI_MSIX_ENTRY_SIZE + PCI_MSIX_ENTRY_VECTOR_CTRL);
}

static void msix_off(struct pci_dev *pdev)
{
	control_write(PCI_MSIX_FLAGS_ENABLE, 0);
	kapi_step("MSI-X is off");
	kapi_pci_intx(pdev, true);
	pdev->msix_enabled = false;
}

static int msix_on(struct pci_dev *pdev, const struct msix_entry *entries, int nvec)
{
	int i, ret = 0;

	control_write(0, PCI_MSIX_FLAGS_MASKALL | PCI_MSIX_FLAGS_ENABLE);
	kapi_step("MSI-X is on, function masked");
	pdev->msix_enabled = true;
	for (i = 0; !ret && i < nvec; i++)
		ret = add(entries ? entries[i].entry : i, true);
	if (ret) {
		/* How many there could have been. */
		if (ret == -ENOSPC && count)
			ret = count;
		drop_all();
		msix_off(pdev);
		control_write(PCI_MSIX_FLAGS_MASKALL, 0);
		return ret;
	}
	mask_all();
	kapi_step("MSI-X is on, entries masked");
	kapi_pci_intx(pdev, false);
	control_write(PCI_MSIX_FLAGS_MASKALL, 0);
	return 0;
}

static bool entries_valid(const struct msix_entry *entries, int n)
{
	int i, j;

	for (i = 0; entries && i < n; i++) {
		if (entries[i].entry >= sim_vectors())
			return false;
		for (j = 0; n <= 64 && j < i; j++)
			if (entries[i].entry == entries[j].entry)
				return false;
	}
	return true;
}

static int do_enable_msix(struct pci_dev *pdev, struct msix_entry *entries, int min_vecs,
			  int max_vecs)
{
	int n = max_vecs, i, ret;

	if (max_vecs < min_vecs)
		return -ERANGE;
	if (pdev->msi_enabled || pdev->msix_enabled || !entries_valid(entries, n))
		return -EINVAL;
	if (n > (int)sim_vectors())
		n = sim_vectors();

	while (n >= min_vecs) {
		ret = msix_on(pdev, entries, n);
		if (ret < 0)
			return ret;
		if (!ret) {
			for (i = 0; entries && i < n; i++)
				entries[i].vector = descs[entries[i].entry]->irq;
			return n;
		}
		n = ret;
	}
	return -ENOSPC;
}

int pci_enable_msix_range(struct pci_dev *pdev, struct msix_entry *entries, int min_vecs,
			  int max_vecs)
{
	int ret;

	kapi_might_sleep("pci_enable_msix_range");
	ret = kapi_enter("pci_enable_msix_range", -ENOSPC);
	if (!ret)
		ret = do_enable_msix(pdev, entries, min_vecs, max_vecs);
	kapi_leave();
	return ret;
}

/* ---- MSI ----------------------------------------------------------------------------- */

static int do_enable_msi(struct pci_dev *pdev, int min_vecs, int max_vecs)
{
	int n = max_vecs, i, ret = 0;

	if (max_vecs < min_vecs)
		return -ERANGE;
	if (pdev->msi_enabled || pdev->msix_enabled || !machine.options.msi_vectors)
		return -EINVAL;
	if (n > (int)machine.options.msi_vectors)
		n = machine.options.msi_vectors;
	if (n < min_vecs)
		return -ENOSPC;

	for (i = 0; !ret && i < n; i++)
		ret = add(i, false);
	if (ret == -ENOSPC && (int)count >= min_vecs && count)
		ret = 0;
	if (ret) {
		drop_all();
		return ret;
	}
	kapi_pci_intx(pdev, false);
	pdev->msi_enabled = true;
	return count;
}

bool kapi_msi_raise(unsigned int nr)
{
	struct msi_desc *desc = nr < count ? descs[nr] : NULL;

	return machine.pdev.msi_enabled && desc &&
	       kapi_cpu_message(desc->msg.address_hi, desc->msg.address_lo, desc->msg.data);
}

/* ---- Both ------------------------------------------------------------------------------ */

int pci_alloc_irq_vectors(struct pci_dev *pdev, unsigned int min_vecs, unsigned int max_vecs,
			  unsigned int flags)
{
	int ret;

	kapi_might_sleep("pci_alloc_irq_vectors");
	ret = kapi_enter("pci_alloc_irq_vectors", -ENOSPC);
	if (!ret)
		ret = flags & PCI_IRQ_MSIX ? do_enable_msix(pdev, NULL, min_vecs, max_vecs) :
					     do_enable_msi(pdev, min_vecs, max_vecs);
	kapi_leave();
	return ret;
}

void pci_free_irq_vectors(struct pci_dev *pdev)
{
	unsigned int i;

	kapi_might_sleep("pci_free_irq_vectors");
	kapi_enter("pci_free_irq_vectors", 0);
	if (pdev->msix_enabled) {
		for (i = 0; i < TABLE_MAX; i++)
			if (descs[i])
				kapi_msi_mask(descs[i], true);
		kapi_step("pci_free_irq_vectors: masked");
		msix_off(pdev);
	} else if (pdev->msi_enabled) {
		pdev->msi_enabled = false;
		kapi_pci_intx(pdev, true);
	}
	drop_all();
	kapi_leave();
}

int pci_irq_vector(struct pci_dev *pdev, unsigned int nr)
{
	struct msi_desc *desc;

	kapi_enter("pci_irq_vector", 0);
	desc = kapi_msi_desc(nr);
	kapi_leave();
	if (!pdev->msix_enabled && !pdev->msi_enabled)
		return nr ? -EINVAL : (int)pdev->irq;
	return desc ? (int)desc->irq : -EINVAL;
}

#ifdef HAVE_PCI_MSIX_ALLOC_DYN

bool pci_msix_can_alloc_dyn(struct pci_dev *pdev)
{
	return !machine.options.no_dynamic;
}

static int do_alloc_at(struct pci_dev *pdev, unsigned int index)
{
	int ret;

	if (!pdev->msix_enabled)
		return -ENXIO;
	if (machine.options.no_dynamic)
		return -ENOTSUPP;
	if (index >= sim_vectors())
		return -EINVAL;
	if (descs[index])
		return -EBUSY;
	ret = add(index, true);
	if (!ret)
		write_control(descs[index], PCI_MSIX_ENTRY_CTRL_MASKBIT);
	return ret;
}

struct msi_map pci_msix_alloc_irq_at(struct pci_dev *pdev, unsigned int index,
				     const struct irq_affinity_desc *affdesc)
{
	struct msi_map map = { .index = 0 };
	int ret;

	kapi_might_sleep("pci_msix_alloc_irq_at");
	ret = kapi_enter("pci_msix_alloc_irq_at", -ENOSPC);
	if (!ret)
		ret = do_alloc_at(pdev, index);
	map.index = ret ? ret : (int)index;
	map.virq = ret ? 0 : descs[index]->irq;
	kapi_leave();
	return map;
}

void pci_msix_free_irq(struct pci_dev *pdev, struct msi_map map)
{
	kapi_might_sleep("pci_msix_free_irq");
	kapi_enter("pci_msix_free_irq", 0);
	if (map.index < 0 || map.virq <= 0 || !kapi_msi_desc(map.index) ||
	    (int)descs[map.index]->irq != map.virq)
		kapi_fault("pci_msix_free_irq: vector %d has no irq %d", map.index, map.virq);
	else
		drop(map.index);
	kapi_leave();
}

#endif

void kapi_msi_restore(void)
{
	unsigned int i;

	if (!machine.pdev.msix_enabled)
		return;
	kapi_pci_intx(&machine.pdev, false);
	control_write(0, PCI_MSIX_FLAGS_MASKALL | PCI_MSIX_FLAGS_ENABLE);
	for (i = 0; i < TABLE_MAX; i++) {
		if (!descs[i])
			continue;
		write_message(descs[i], &descs[i]->msg);
		write_control(descs[i], descs[i]->pci.msix_ctrl);
	}
	control_write(PCI_MSIX_FLAGS_MASKALL, 0);
}

void kapi_msi_stop(void)
{
	if (count)
		kapi_fault("%u irqs of the device are left", count);
	drop_all();
}
