/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel API in user space: WARN_ON() and the like are faults (kapi/fault.h).
 * The "once" variants report every time: a test has to see each.
 */
#ifndef KAPI_LINUX_BUG_H
#define KAPI_LINUX_BUG_H

#include <stdbool.h>

/* Defined in kapi/fault.c. Returns @condition. */
bool kapi_warn(bool condition, const char *text, const char *file, int line);

#define WARN_ON(condition) kapi_warn(!!(condition), #condition, __FILE__, __LINE__)
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define WARN(condition, ...) kapi_warn(!!(condition), #condition, __FILE__, __LINE__)
#define WARN_ONCE(condition, ...) WARN(condition)
#define BUG_ON(condition) ((void)WARN_ON(condition))
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)
#ifndef static_assert
#define static_assert(expr, ...) _Static_assert(expr, #expr)
#endif

#endif /* KAPI_LINUX_BUG_H */
