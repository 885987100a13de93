// SPDX-License-Identifier: GPL-2.0-only
/* The code of the tracepoints, generated here and nowhere else. */
#define CREATE_TRACE_POINTS
#include "vfio_pci_trace.h"
