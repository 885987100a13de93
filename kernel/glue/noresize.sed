# SPDX-License-Identifier: GPL-2.0-only
# Applied to vfio_pci_core.c where it has no notion of growing MSI-X: let
# VFIO_DEVICE_GET_IRQ_INFO ask the interrupt code before it announces NORESIZE.
# build-aux/modules.sh refuses a result without exactly one such question.
/^#include "vfio_pci_priv\.h"$/a #include "vfio_pci_irq_info.h"
/^static int vfio_pci_ioctl_get_irq_info(/,/^}$/ {
	/^\telse$/ {
		N
		s/^\telse\n\(.*VFIO_IRQ_INFO_NORESIZE;\)$/\telse if (!vfio_pci_irq_can_grow(vdev, info.index))\n\1/
	}
}
