/* SPDX-License-Identifier: GPL-2.0-only */
/* Runs a program on sim and asks the oracle after each operation. */
#ifndef TESTS_FUZZ_PLAYER_H
#define TESTS_FUZZ_PLAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct player_options - how to run
 * @trace: print each operation to this, NULL: do not
 * @misread: negative control: what is read after operation @misread_at, counted
 *	over all programs, is one signal more than there is
 */
struct player_options {
	FILE *trace;
	bool misread;
	uint64_t misread_at;
};

/**
 * struct player_totals - over all programs of this process
 * @operations: carried out
 * @requests: of them, VFIO_DEVICE_SET_IRQS; @refused: with an error
 * @injected: in which a call was made to fail
 * @interrupts: raised in the middle of an operation
 * @probes: bindings signalled to see where they lead
 */
struct player_totals {
	uint64_t programs;
	uint64_t operations;
	uint64_t requests;
	uint64_t refused;
	uint64_t injected;
	uint64_t interrupts;
	uint64_t probes;
};

extern struct player_totals player_totals;

/**
 * player_run - run a program
 * @options: NULL: all zero
 * @complaint: gets what went wrong, and in which operation
 *
 * Return: true if all went as it should.
 */
bool player_run(const uint8_t *program, size_t size, const struct player_options *options,
		char *complaint, size_t complaint_size);

#endif /* TESTS_FUZZ_PLAYER_H */
