/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fuzzing target of dsa-model/: one of protocol.c, registers.c and descriptors.c, for
 * libFuzzer (model_fuzzer.c) or without it (model_replay.c).
 */
#ifndef TESTS_FUZZ_MODEL_TARGET_H
#define TESTS_FUZZ_MODEL_TARGET_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/**
 * struct model_options - how to run an input
 * @trace: say what is done, NULL: nowhere
 * @spoil: negative control: expect something that cannot be
 * @thorough: also what takes too long to be checked each time
 */
struct model_options {
	FILE *trace;
	bool spoil;
	bool thorough;
};

#define MODEL_COMPLAINT 512

/**
 * struct model_verdict - what is wrong; the first complaint counts
 */
struct model_verdict {
	bool wrong;
	char complaint[MODEL_COMPLAINT];
};

/**
 * struct model_target - what there is to be fuzzed
 * @name: of the corpus, too
 * @max_len: inputs are not longer
 * @run: carry out an input; what is wrong goes to the verdict
 * @say_totals: in one line without its end, what has been done so far
 */
struct model_target {
	const char *name;
	size_t max_len;
	void (*run)(const uint8_t *data, size_t size, const struct model_options *options,
		    struct model_verdict *verdict);
	void (*say_totals)(FILE *out);
};

/* The target this program is linked with. */
extern const struct model_target model_target;

static inline void __attribute__((format(printf, 2, 3)))
model_complain(struct model_verdict *verdict, const char *format, ...)
{
	va_list arguments;

	if (verdict->wrong)
		return;
	verdict->wrong = true;
	va_start(arguments, format);
	vsnprintf(verdict->complaint, sizeof(verdict->complaint), format, arguments);
	va_end(arguments);
}

/* ---- Inputs: read from the front; what is not there is 0 --------------------------------- */

struct model_input {
	const uint8_t *at;
	size_t left;
};

static inline uint64_t model_number(struct model_input *input, size_t bytes)
{
	uint64_t value = 0;

	if (bytes > input->left)
		bytes = input->left;
	memcpy(&value, input->at, bytes);
	input->at += bytes;
	input->left -= bytes;
	return value;
}

static inline uint8_t model_u8(struct model_input *input)
{
	return model_number(input, 1);
}

static inline uint16_t model_u16(struct model_input *input)
{
	return model_number(input, 2);
}

static inline uint32_t model_u32(struct model_input *input)
{
	return model_number(input, 4);
}

static inline uint64_t model_u64(struct model_input *input)
{
	return model_number(input, 8);
}

/* A number that is often one of those at which something ends. */
static inline uint64_t model_edge(struct model_input *input)
{
	static const uint64_t edges[] = {
		0, 1, 2, 3, 4, 8, 9, 15, 16, 20, 32, 63, 64, 255, 256, 4095, 4096, 4097, 0xffff,
		0x10000, 0xfffff, 0x100000, 0x100001, 0x7fffffff, 0x80000000, 0xfffffffe,
		0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
		0xfffffffffffff000, 0xffffffffffffffff,
	};
	uint8_t choice = model_u8(input);

	if (choice & 0x80)
		return model_number(input, 1U << (choice & 3));
	return edges[choice % (sizeof(edges) / sizeof(edges[0]))];
}

#endif /* TESTS_FUZZ_MODEL_TARGET_H */
