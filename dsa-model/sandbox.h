/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the program may ask of the kernel once its devices are being served.
 *
 * Memory and descriptors come from the client; files, sockets and programs are
 * none of its business any more. So a client that finds a way to run code of its
 * own here has won little.
 */
#ifndef DSA_MODEL_SANDBOX_H
#define DSA_MODEL_SANDBOX_H

#include <stdbool.h>

/* Was it built in? Not without libseccomp, nor with sanitizers, which ask for more. */
bool sandbox_available(void);

/**
 * sandbox_enter - from now on, and for all threads
 * @write_files: files must still be made: statistics
 *
 * What only an attacker asks for ends the process (SIGSYS); whatever else is not
 * needed fails with ENOSYS. Errors are reported with log_error().
 *
 * Return: 0, -ENOTSUP if it is not available, or another negative errno.
 */
int sandbox_enter(bool write_files);

#endif /* DSA_MODEL_SANDBOX_H */
