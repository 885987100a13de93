/* SPDX-License-Identifier: GPL-2.0-only */
/* A file that is there whole or not at all. */
#ifndef WQ_DEMO_OUTPUT_FILE_H
#define WQ_DEMO_OUTPUT_FILE_H

#include <stddef.h>

#include "problem.h"

/**
 * output_file_check() - will output_file_write() work, as far as one can tell?
 *
 * Returns 0; a negative errno: no such directory, no permission, a directory.
 */
int output_file_check(const char *path, struct problem *problem);

/**
 * output_file_write() - write @text to @path
 * @path: "-" is standard output. A regular file is replaced in one step; what
 *	is neither absent nor regular (a pipe, a terminal) is written to
 *
 * Returns 0 or a negative errno; then @path is as it was and nothing is left
 * behind.
 */
int output_file_write(const char *path, const char *text, struct problem *problem);

/* The same for @length bytes, which may be NUL. */
int output_file_write_bytes(const char *path, const char *data, size_t length,
			    struct problem *problem);

#endif /* WQ_DEMO_OUTPUT_FILE_H */
