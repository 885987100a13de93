/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes as a program: a machine, and operations on it. Any bytes are one; a
 * changed byte changes little of what follows.
 */
#ifndef TESTS_FUZZ_PROGRAM_H
#define TESTS_FUZZ_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim.h"

#define PROGRAM_SLOTS 8 /* descriptors of the program */
#define PROGRAM_MISHAPS 2
#define PROGRAM_ELEMENTS_MAX 2048

/* Read from @at to @end; 0 behind that. */
struct program_reader {
	const uint8_t *at;
	const uint8_t *end;
};

/**
 * struct program_machine - what is there before the first operation
 * @params: module parameters; @reserve, @reserve_max: those that are read-only
 */
struct program_machine {
	struct sim_options options;
	bool teardown_on_error;
	bool free_on_unbind;
	int reserve;
	unsigned int reserve_max;
};

enum program_kind {
	PROGRAM_SET_IRQS,
	PROGRAM_DISABLE,
	PROGRAM_RESET,
	PROGRAM_TABLE_LOST,
	PROGRAM_CLOSE_DEVICE,
	PROGRAM_FD_NEW,
	PROGRAM_FD_DUP,
	PROGRAM_FD_OTHER,
	PROGRAM_FD_CLOSE,
	PROGRAM_CONSUMER_ADD,
	PROGRAM_CONSUMER_REMOVE,
	PROGRAM_MEMORY,
	PROGRAM_DISINTX,
	PROGRAM_LINE,
	PROGRAM_NOTIFY,
	PROGRAM_WRITE,
	PROGRAM_PARAM,
	PROGRAM_MOVE,
	PROGRAM_RAISE,
	PROGRAM_DEBUGFS,
	PROGRAM_KINDS,
};

enum program_mishap_kind {
	PROGRAM_NOTHING,
	PROGRAM_MESSAGE, /* a vector is raised */
	PROGRAM_MOVED, /* its irq moves to another CPU */
	PROGRAM_PULSE, /* the line rises */
	PROGRAM_FAIL, /* a call fails that can */
	PROGRAM_FAIL_ON, /* and all after it */
};

/**
 * struct program_mishap - what happens in the middle of an operation
 * @point: at which point; for failures: among those that can fail
 * @vector: as it is in the bytes, see program_vector()
 */
struct program_mishap {
	enum program_mishap_kind kind;
	unsigned int point;
	uint8_t vector;
	enum sim_timing timing;
};

/**
 * struct program_op - one operation
 * @argument: slot, index, on or off, depending on @kind
 * @other: second slot
 * @flags, @index, @start, @count: of struct vfio_irq_set
 * @missing: bytes of data that are missing
 * @element: descriptor codes or booleans, @elements of them, repeated
 * @odd_one: element that is @odd instead, -1: none
 */
struct program_op {
	enum program_kind kind;
	uint8_t argument;
	uint8_t other;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
	unsigned int missing;
	uint8_t element[4];
	unsigned int elements;
	long odd_one;
	uint8_t odd;
	struct program_mishap mishap[PROGRAM_MISHAPS];
};

void program_machine(struct program_reader *reader, struct program_machine *machine);

/**
 * program_next - decode the next operation
 * @counts: vectors of each index, five of them: most ranges are to fit
 * @on: index that is on, -1: none: most requests are to be for it
 *
 * Return: false at the end.
 */
bool program_next(struct program_reader *reader, const unsigned int *counts, int on,
		  struct program_op *op);

/* Code of element @i of a request. */
uint8_t program_element(const struct program_op *op, unsigned int i);
/* The vector a code means: mostly one of the request @op. */
unsigned int program_vector(const struct program_op *op, uint8_t code, unsigned int vectors);

void program_print_machine(FILE *out, const struct program_machine *machine);
void program_print(FILE *out, const struct program_op *op);

#endif /* TESTS_FUZZ_PROGRAM_H */
