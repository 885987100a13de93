/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs that replay inputs of fuzzers have in common: inputs from files and
 * directories, random numbers, findings that are kept, numbers on the command line.
 */
#ifndef TESTS_FUZZ_INPUTS_H
#define TESTS_FUZZ_INPUTS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define INPUTS_PROGRESS_SECONDS 5

/* SIGINT or SIGTERM has come, after inputs_catch_signals(). */
extern volatile sig_atomic_t inputs_interrupted;
void inputs_catch_signals(void);

/* Runs one input; false: something was not as it should be. */
typedef bool (*inputs_run)(const char *name, const uint8_t *data, size_t size, void *context);

/**
 * inputs_replay - run what a file has, or the files of a directory in the order of names
 * @max: bytes read of each file at most, up to INPUTS_MAX
 *
 * Return: true if all could be read and went well, and there was one.
 */
#define INPUTS_MAX (1U << 16)
bool inputs_replay(const char *path, size_t max, inputs_run run, void *context);

/* Another random number; every @state is a good seed. */
uint64_t inputs_random(uint64_t *state);

/* Keep a finding in @folder: made-up input @number of @seed. Says where, or why not. */
void inputs_keep(const char *folder, const char *target, uint64_t seed, uint64_t number,
		 const uint8_t *data, size_t size);

double inputs_seconds_since(const struct timespec *start);

/* False: @text is no number. */
bool inputs_number(const char *text, uint64_t *value);
/* Complain about the command line; the exit status for that. @value may be NULL. */
int inputs_wrong(const char *what, const char *value);

#endif /* TESTS_FUZZ_INPUTS_H */
