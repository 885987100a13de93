/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults in words: what follows --fault, on the control socket and in the
 * statistics.
 *
 *	KIND[:KEY=VALUE[,KEY=VALUE]...]
 */
#ifndef DSA_MODEL_FAULT_TEXT_H
#define DSA_MODEL_FAULT_TEXT_H

#include <stdio.h>

#include "fault.h"

/* Room for any fault in words. */
#define FAULT_TEXT_SIZE 256

/**
 * fault_parse - read a fault
 * @why: what is wrong with it (DSA_FAULT_WHY bytes), for people; set on failure
 *
 * Which vectors, queues and engines there are only the device knows; it looks
 * when the fault is added.
 *
 * Return: 0 or -EINVAL.
 */
int fault_parse(const char *text, struct dsa_fault *fault, char *why);

/* Write @fault as it can be read again, to FAULT_TEXT_SIZE bytes at @text. */
void fault_format(const struct dsa_fault *fault, char *text);

/* What there is, for --fault help: a line for each kind and each key. */
void fault_help(FILE *out);

#endif /* DSA_MODEL_FAULT_TEXT_H */
