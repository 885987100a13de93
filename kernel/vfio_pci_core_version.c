// SPDX-License-Identifier: GPL-2.0-only
/* An object of its own: no object may be part of two modules. */
#include "vfio_pci_version.h"
