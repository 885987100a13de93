/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: what VFIO_DEVICE_SET_IRQS does to a device's interrupts.
 *
 * None of them is in a handler. Call vfio_pci_irq_note() rather than these: it
 * counts as well. Described for users in vfio-pci-dynmsix(4).
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vfio_pci_irq

#if !defined(VFIO_PCI_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VFIO_PCI_TRACE_H

#include <linux/pci.h>
#include <linux/tracepoint.h>
#include <linux/vfio.h>

/* For readers of the format file, who know no enumeration of the kernel. */
TRACE_DEFINE_ENUM(VFIO_PCI_INTX_IRQ_INDEX);
TRACE_DEFINE_ENUM(VFIO_PCI_MSI_IRQ_INDEX);
TRACE_DEFINE_ENUM(VFIO_PCI_MSIX_IRQ_INDEX);
TRACE_DEFINE_ENUM(VFIO_PCI_ERR_IRQ_INDEX);
TRACE_DEFINE_ENUM(VFIO_PCI_REQ_IRQ_INDEX);

/* Numbers rather than the device's name: a filter can compare them. */
DECLARE_EVENT_CLASS(vfio_pci_irq,
		    TP_PROTO(const struct pci_dev *pdev, unsigned int index,
			     unsigned int vector, int irq, int result),
		    TP_ARGS(pdev, index, vector, irq, result),

		    TP_STRUCT__entry(__field(int, domain)
				     __field(u8, bus)
				     __field(u8, slot)
				     __field(u8, function)
				     __field(unsigned int, index)
				     __field(unsigned int, vector)
				     __field(int, irq)
				     __field(int, result)),

		    TP_fast_assign(__entry->domain = pci_domain_nr(pdev->bus);
				   __entry->bus = pdev->bus->number;
				   __entry->slot = PCI_SLOT(pdev->devfn);
				   __entry->function = PCI_FUNC(pdev->devfn);
				   __entry->index = index;
				   __entry->vector = vector;
				   __entry->irq = irq;
				   __entry->result = result;),

		    TP_printk("%04x:%02x:%02x.%u %s vector %u irq %d result %d",
			      __entry->domain, __entry->bus, __entry->slot,
			      __entry->function,
			      __print_symbolic(__entry->index,
					       { VFIO_PCI_INTX_IRQ_INDEX, "INTx" },
					       { VFIO_PCI_MSI_IRQ_INDEX, "MSI" },
					       { VFIO_PCI_MSIX_IRQ_INDEX, "MSI-X" },
					       { VFIO_PCI_ERR_IRQ_INDEX, "ERR" },
					       { VFIO_PCI_REQ_IRQ_INDEX, "REQ" }),
			      __entry->vector, __entry->irq, __entry->result)
);

#define VFIO_PCI_IRQ_EVENT(name)					\
	DEFINE_EVENT(vfio_pci_irq, name,				\
		     TP_PROTO(const struct pci_dev *pdev,		\
			      unsigned int index, unsigned int vector,	\
			      int irq, int result),			\
		     TP_ARGS(pdev, index, vector, irq, result))

VFIO_PCI_IRQ_EVENT(vfio_pci_irq_enable);
VFIO_PCI_IRQ_EVENT(vfio_pci_irq_disable);
VFIO_PCI_IRQ_EVENT(vfio_pci_irq_bind);
VFIO_PCI_IRQ_EVENT(vfio_pci_irq_unbind);
VFIO_PCI_IRQ_EVENT(vfio_pci_irq_swap);
VFIO_PCI_IRQ_EVENT(vfio_pci_irq_repair);
VFIO_PCI_IRQ_EVENT(vfio_pci_irq_alloc);
VFIO_PCI_IRQ_EVENT(vfio_pci_irq_free);
VFIO_PCI_IRQ_EVENT(vfio_pci_irq_rollback);
VFIO_PCI_IRQ_EVENT(vfio_pci_irq_refuse);

#endif /* VFIO_PCI_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE vfio_pci_trace
#include <trace/define_trace.h>
