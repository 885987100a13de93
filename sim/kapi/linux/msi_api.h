/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KAPI_LINUX_MSI_API_H
#define KAPI_LINUX_MSI_API_H

struct msi_map {
	int index;
	int virq;
};

#define MSI_ANY_INDEX (~0U)

#endif /* KAPI_LINUX_MSI_API_H */
