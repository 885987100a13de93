/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KAPI_LINUX_BUILD_BUG_H
#define KAPI_LINUX_BUILD_BUG_H

#include <linux/bug.h>

#endif /* KAPI_LINUX_BUILD_BUG_H */
