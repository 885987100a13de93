/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernel API in user space: the configuration, that of Debian's amd64 kernels. */
#ifndef KAPI_LINUX_KCONFIG_H
#define KAPI_LINUX_KCONFIG_H

#define CONFIG_DEBUG_FS 1
#define CONFIG_GENERIC_IRQ_RESERVATION_MODE 1
#define CONFIG_PCI_MSI 1
#define CONFIG_TRACEPOINTS 1
#define CONFIG_X86_64 1

/* 1 if @option is defined as 1, 0 if it is not defined: its value picks an argument. */
#define IS_ENABLED(option) KAPI_EXPAND_OPTION(option)
#define IS_REACHABLE(option) IS_ENABLED(option)
#define KAPI_EXPAND_OPTION(value) KAPI_PASTE_OPTION(value)
#define KAPI_PASTE_OPTION(value) KAPI_SECOND(KAPI_OPTION_##value 1, 0, 0)
#define KAPI_OPTION_1 0,
#define KAPI_SECOND(first, ...) KAPI_SECOND_OF(first, __VA_ARGS__)
#define KAPI_SECOND_OF(first, second, ...) second

#endif /* KAPI_LINUX_KCONFIG_H */
