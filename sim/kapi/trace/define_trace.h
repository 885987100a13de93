/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: tracepoints need no second reading of their header. */
