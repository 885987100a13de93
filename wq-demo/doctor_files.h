/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of the machine that is examined. Names are printf formats, below its root. */
#ifndef WQ_DEMO_DOCTOR_FILES_H
#define WQ_DEMO_DOCTOR_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

struct doctor_machine;

#define DOCTOR_PATH 512

/**
 * doctor_path() - the name of a file on this machine
 * @path: out: DOCTOR_PATH bytes; a name that does not fit becomes "", which no
 *	file is called
 *
 * Returns @path.
 */
char *doctor_path(const struct doctor_machine *machine, char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Returns NULL and errno if it cannot be read. */
FILE *doctor_open(const struct doctor_machine *machine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool doctor_exists(const struct doctor_machine *machine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * doctor_read() - the beginning of a file, without white space at its end
 * @text: out: @size bytes, ended by a zero; "" after an error
 *
 * Returns its length or a negative errno.
 */
ssize_t doctor_read(const struct doctor_machine *machine, char *text, size_t size,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The last part of what a symbolic link points to. Returns 0 or a negative errno. */
int doctor_link(const struct doctor_machine *machine, char *text, size_t size, const char *format,
		...) __attribute__((format(printf, 4, 5)));

/**
 * doctor_list() - names in a directory, sorted, without those that begin with a dot
 * @names: out: to be given to doctor_names_free()
 *
 * Returns how many; 0 if there is no such directory or it may not be read.
 */
size_t doctor_list(const struct doctor_machine *machine, char ***names, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void doctor_names_free(char **names, size_t count);

/* How many names doctor_list() would return. */
size_t doctor_list_count(const struct doctor_machine *machine, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether a line of a file has @text as one of its words, separated by blanks. */
bool doctor_has_word(const struct doctor_machine *machine, const char *path, const char *text);

/* Whether who asks may read and write the file. */
bool doctor_may_use(const struct doctor_machine *machine, const char *path);

/* stat(2). Returns 0 or a negative errno. */
int doctor_stat(const struct doctor_machine *machine, const char *path, struct stat *status);

/* Release of the kernel, as uname -r; "" if it is not known. Returns @text. */
char *doctor_release(const struct doctor_machine *machine, char *text, size_t size);

/* Whether @release, as "6.12.1-amd64", is @major.@minor or later. */
bool doctor_release_is(const char *release, unsigned int major, unsigned int minor);

/* Where the module @name lies that is not the kernel's own: below updates. */
bool doctor_module_installed(const struct doctor_machine *machine, const char *name);

/* Whether depmod lists the module @name, wherever it lies. */
bool doctor_module_listed(const struct doctor_machine *machine, const char *name);

/**
 * doctor_modprobe_line() - look for a line in the configuration of modprobe
 * @command: first word: blacklist, options
 * @module: second word; - and _ are the same
 * @word: a further word, or NULL
 *
 * Does not follow the rule that a file hides those of its name elsewhere.
 */
bool doctor_modprobe_line(const struct doctor_machine *machine, const char *command,
			  const char *module, const char *word);

/**
 * doctor_program() - where a program is, by the machine's PATH
 * @path: out: @size bytes, its name below the machine's root; "" if there is none
 *
 * Returns whether there is one.
 */
bool doctor_program(const struct doctor_machine *machine, const char *name, char *path,
		    size_t size);

#endif /* WQ_DEMO_DOCTOR_FILES_H */
