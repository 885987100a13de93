/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reset profile of the DSA in Sapphire Rapids and Emerald Rapids.
 *
 * The register values are those read from production parts, but for the interrupt
 * message storage; the PCI header and capability values are from the specification,
 * appendix C, and lspci of such parts. Left out of configuration space, because
 * nothing here can serve them: AER, LTR, TPH, VC, DVSEC, ATS, PRI and, in all
 * profiles but those that are about it, PASID.
 */
#ifndef DSA_PROFILE_H
#define DSA_PROFILE_H

#include <dsa/registers.h>

/* ---- Identity ------------------------------------------------------------ */

#define DSA_PCI_VENDOR 0x8086
#define DSA_PCI_DEVICE_SPR 0x0b25
#define DSA_PCI_DEVICE_GNRD 0x11fb
#define DSA_PCI_DEVICE_DMR 0x1212
#define DSA_PCI_CLASS 0x088000 /* system peripheral, other */

#define DSA_BAR0_SIZE 0x10000
#define DSA_BAR2_SIZE 0x20000
#define DSA_PCI_BAR_FLAGS 0x0c /* 64 bit, prefetchable */

/* ---- Capabilities in configuration space --------------------------------- */

#define DSA_PCI_CAP_PCIE 0x40
#define DSA_PCI_CAP_MSIX 0x80
#define DSA_PCI_CAP_PM 0x90

#define DSA_PCIE_CAP_REG 0x0092 /* version 2, root complex integrated endpoint */
#define DSA_PCIE_DEVCAP 0x10008022 /* FLR, role-based errors, extended tags */
#define DSA_PCIE_DEVCTL 0x2910
#define DSA_PCIE_DEVCAP2 0x10730810
#define DSA_PCIE_DEVCTL_OFFSET (DSA_PCI_CAP_PCIE + 8)
#define DSA_PCIE_DEVCTL_FLR BIT(15)

#define DSA_MSIX_VECTORS 9
#define DSA_MSIX_TABLE_OFFSET 0x2000 /* in BAR0 */
#define DSA_MSIX_PBA_OFFSET 0x3000 /* in BAR0 */
#define DSA_MSIX_CONTROL_OFFSET (DSA_PCI_CAP_MSIX + 2)
#define DSA_MSIX_CONTROL_ENABLE BIT(15)
#define DSA_MSIX_CONTROL_FUNCTION_MASK BIT(14)

/* Extended capability, in profiles that have it: first of the list, and the only one. */
#define DSA_PCI_EXT_CAP_PASID 0x100
#define DSA_PASID_CAP_REG 0x1404 /* 20 bits, privileged mode */
#define DSA_PASID_CONTROL_OFFSET (DSA_PCI_EXT_CAP_PASID + 6)
#define DSA_PASID_CONTROL_ENABLE BIT(0)
#define DSA_PASID_CONTROL_PRIV BIT(2)

#define DSA_PM_CAP_REG 0x0003
#define DSA_PM_CSR 0x0008 /* No_Soft_Reset */

/* ---- BAR0 ------------------------------------------------------------------ */

#define DSA_SPR_VERSION 0x00000100
/*
 * Bits 30:25 are 8 on silicon, and OFFSETS has 0x0040 in its bits 63:48: 2048 entries of
 * interrupt message storage at 0x4000. There are none here, and portals for them neither.
 */
#define DSA_SPR_GENCAP 0x00000040815f0107ULL
#define DSA_SPR_WQCAP 0x003f000000080080ULL
#define DSA_SPR_GRPCAP 0x0000000000036004ULL
#define DSA_SPR_ENGCAP 0x0000000000000004ULL
#define DSA_SPR_OPCAP0 0x00000001003f027fULL
#define DSA_SPR_EARLY_OPCAP0 0x00000001003f03ffULL /* of the early stepping */
#define DSA_SPR_OFFSETS0 0x0000000200040003ULL
#define DSA_SPR_OFFSETS1 0x0000000000000010ULL
#define DSA_SPR_GENCFG 0x00000060
#define DSA_SPR_GRPFLAGS 0x0000000006000000ULL

#define DSA_SPR_WQS 8
#define DSA_SPR_GROUPS 4
#define DSA_SPR_ENGINES 4
#define DSA_SPR_WQ_ENTRIES 128
#define DSA_SPR_GRPCFG 0x300
#define DSA_SPR_WQCFG 0x400
#define DSA_SPR_MSIXPERM 0x200
#define DSA_SPR_PERFMON 0x1000

/* The decoded numbers above must be what the registers say. */
DSA_STATIC_ASSERT((DSA_SPR_WQCAP & DSA_WQCAP_TOTAL_SIZE) == DSA_SPR_WQ_ENTRIES,
		  "WQCAP total size");
DSA_STATIC_ASSERT((DSA_SPR_WQCAP & DSA_WQCAP_NUM_WQS) >> 16 == DSA_SPR_WQS,
		  "WQCAP number of queues");
DSA_STATIC_ASSERT((DSA_SPR_WQCAP & DSA_WQCAP_STRIDE_CODE) == 0,
		  "WQCFG stride is 32 bytes");
DSA_STATIC_ASSERT((DSA_SPR_GRPCAP & DSA_GRPCAP_NUM_GROUPS) == DSA_SPR_GROUPS,
		  "GRPCAP number of groups");
DSA_STATIC_ASSERT((DSA_SPR_ENGCAP & DSA_ENGCAP_NUM_ENGINES) == DSA_SPR_ENGINES,
		  "ENGCAP number of engines");
DSA_STATIC_ASSERT((DSA_SPR_OFFSETS0 & DSA_OFFSETS_GRPCFG) * DSA_OFFSETS_UNIT ==
		  DSA_SPR_GRPCFG, "OFFSETS of GRPCFG");
DSA_STATIC_ASSERT(((DSA_SPR_OFFSETS0 & DSA_OFFSETS_WQCFG) >> 16) * DSA_OFFSETS_UNIT ==
		  DSA_SPR_WQCFG, "OFFSETS of WQCFG");
DSA_STATIC_ASSERT(((DSA_SPR_OFFSETS0 & DSA_OFFSETS_MSIXPERM) >> 32) * DSA_OFFSETS_UNIT ==
		  DSA_SPR_MSIXPERM, "OFFSETS of MSIXPERM");
DSA_STATIC_ASSERT((DSA_SPR_GENCAP & DSA_GENCAP_IMS_SIZE) == 0,
		  "no interrupt message storage");
DSA_STATIC_ASSERT((DSA_SPR_OFFSETS1 & DSA_OFFSETS1_PERFMON) * DSA_OFFSETS_UNIT ==
		  DSA_SPR_PERFMON, "OFFSETS of the performance monitor");
DSA_STATIC_ASSERT(DSA_BAR2_SIZE == DSA_SPR_WQS * DSA_PORTAL_STRIDE,
		  "BAR2 holds four portal pages per queue");
DSA_STATIC_ASSERT(DSA_MSIX_TABLE_OFFSET + DSA_MSIX_VECTORS * 16 <= DSA_MSIX_PBA_OFFSET,
		  "MSI-X table and PBA do not overlap");
DSA_STATIC_ASSERT(DSA_MSIX_VECTORS == DSA_SPR_WQS + 1,
		  "one vector for the device and one per queue");

#endif /* DSA_PROFILE_H */
