// SPDX-License-Identifier: GPL-2.0-only
/* vfio-pci's part of this project is no more than its version. */
#include "vfio_pci_version.h"
