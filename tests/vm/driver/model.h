/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device model from inside the guest: requests to its control socket, which
 * the guest has as a virtio port, and what the kernel has said.
 */
#ifndef DRIVER_TEST_MODEL_H
#define DRIVER_TEST_MODEL_H

#include <stdbool.h>

/* Whether the guest has been given the control socket. */
bool model_reachable(void);
/* Send one request, a JSON object without its end of line; it must be carried out. */
void model_ask(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same, but it may be refused. */
void model_try(const char *request);
/* Add a fault, as dsa-model --fault has it; end all faults. */
void model_fault(const char *format, ...) __attribute__((format(printf, 1, 2)));
void model_heal(void);

/* From here on kernel_said() looks; it waits for such a line. */
void kernel_mark(void);
bool kernel_said(const char *text);
/* The same for a line that is there already or is not coming. */
bool kernel_has_said(const char *text);

#endif /* DRIVER_TEST_MODEL_H */
