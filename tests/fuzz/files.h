/* SPDX-License-Identifier: GPL-2.0-only */
/* The program's descriptors: numbers in slots, and the eventfds behind them. */
#ifndef TESTS_FUZZ_FILES_H
#define TESTS_FUZZ_FILES_H

#include "program.h"
#include "signals.h"

#define FILES_CLOSED (-2)
#define FILES_OTHER (-3)

/**
 * struct files - all there are
 * @slot: descriptor of each slot; the number stays when it is closed
 * @kind: of descriptor SIM_FIRST_FD + i: eventfd, or FILES_*
 * @descriptors: of each eventfd, the program's
 * @watch: a descriptor of our own for each, -1: none
 */
struct files {
	int slot[PROGRAM_SLOTS];
	int kind[SIM_FDS];
	unsigned int descriptors[SIGNALS_EVENTFDS];
	int watch[SIGNALS_EVENTFDS];
};

/* Descriptors as a program finds them. False: there was no room. */
bool files_start(struct files *files);

/* eventfd of a descriptor, -EBADF or -EINVAL. */
int files_eventfd(const struct files *files, int fd);
/* The descriptor a code of a request stands for. */
int files_fd(const struct files *files, uint8_t code);

/**
 * files_new - a new eventfd in a slot
 * @in_use: references that the kernel may still have to eventfds
 * @watched: keep a descriptor to it
 *
 * Return: the eventfd that has lost its last descriptor, or SIGNALS_NONE.
 */
int files_new(struct files *files, unsigned int slot, const unsigned int *in_use, bool watched);
int files_dup(struct files *files, unsigned int slot, unsigned int from);
int files_other(struct files *files, unsigned int slot);
/* With @all the watch goes too, if this was the last. */
int files_close(struct files *files, unsigned int slot, bool all);

/* Read all eventfds that can be read; adds to @counts. */
void files_read(const struct files *files, uint64_t *counts, bool *readable);

#endif /* TESTS_FUZZ_FILES_H */
