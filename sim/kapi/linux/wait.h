/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KAPI_LINUX_WAIT_H
#define KAPI_LINUX_WAIT_H

/* Nothing of it is needed: the stock interrupt code includes it. */

#endif /* KAPI_LINUX_WAIT_H */
