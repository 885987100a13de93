/* SPDX-License-Identifier: GPL-2.0-only */
/* How many interrupts the kernel has counted: /proc/interrupts. */
#ifndef WQ_DEMO_BACKEND_IDXD_INTERRUPTS_H
#define WQ_DEMO_BACKEND_IDXD_INTERRUPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "doctor.h"

/**
 * struct interrupt_line - one irq
 * @irq: Linux irq number
 * @count: on all processors together
 * @found: there is a line for it
 */
struct interrupt_line {
	int irq;
	uint64_t count;
	bool found;
};

/**
 * interrupts_parse() - look up some irqs
 * @stream: /proc/interrupts
 * @lines: @count of them, their irq set; in and out
 *
 * Returns 0; -EBADMSG it does not begin with the processors, as that file does.
 */
int interrupts_parse(FILE *stream, struct interrupt_line *lines, size_t count);

/* The same of a machine. Returns 0 or a negative errno. */
int interrupts_read(const struct doctor_machine *machine, struct interrupt_line *lines,
		    size_t count);

/**
 * interrupts_vector() - the irq of a vector
 * @address: of the PCI function
 * @vector: index into its MSI-X table. The kernel numbers its irqs in the order of the
 *	vectors
 *
 * Returns the irq; -ENOENT there are not so many vectors.
 */
int interrupts_vector(const struct doctor_machine *machine, const char *address,
		      unsigned int vector);

/* How many vectors the function's driver has allocated. */
unsigned int interrupts_vectors(const struct doctor_machine *machine, const char *address);

#endif /* WQ_DEMO_BACKEND_IDXD_INTERRUPTS_H */
