/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the program says on standard error.
 */
#ifndef DSA_MODEL_LOG_H
#define DSA_MODEL_LOG_H

#include <stdbool.h>

/* Whether log_detail() prints. Set once, before any other thread runs. */
void log_set_verbose(bool verbose);
bool log_is_verbose(void);

/*
 * With several devices in the process: the lines of this thread are about @device, whose name
 * stands in front from now on. It must stay valid. NULL: about none.
 */
void log_set_device(const char *device);
const char *log_device(void);

/* One line each, "dsa-model: " in front, newline added. From any thread. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same about @device, in whatever thread; NULL: about none. */
void log_error_about(const char *device, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* As log_error(), only with --verbose. */
void log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* DSA_MODEL_LOG_H */
