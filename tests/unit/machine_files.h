/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of machines that are not here, below a directory of their own. */
#ifndef TESTS_UNIT_MACHINE_FILES_H
#define TESTS_UNIT_MACHINE_FILES_H

#include <stdbool.h>

/**
 * struct machine_file - one file
 * @path: from the root of the machine; NULL ends a list
 * @text: what is in it; MACHINE_DIRECTORY, MACHINE_LINK(target), MACHINE_MSIX_9:
 *	the configuration space of a function with nine vectors; MACHINE_HEADER_ONLY:
 *	as much of it as ordinary users see; MACHINE_NO_MSIX: one without MSI-X;
 *	MACHINE_RING: one whose capabilities never end; MACHINE_NODE(mode): an empty
 *	file with these permissions; MACHINE_ABSENT: what is there is taken away.
 *	Scripts, which begin with #!, can be run
 */
struct machine_file {
	const char *path;
	const char *text;
};

#define MACHINE_DIRECTORY "/directory"
#define MACHINE_ABSENT "/absent"
#define MACHINE_MSIX_9 "/msix 9"
#define MACHINE_MSIX_1 "/msix 1"
#define MACHINE_NO_MSIX "/msix 0"
#define MACHINE_HEADER_ONLY "/header"
#define MACHINE_RING "/ring"
#define MACHINE_NODE(mode) "/node " mode
#define MACHINE_LINK(target) "/link " target

/* Make @files below @root; files that are there are replaced. Aborts if it cannot. */
void machine_files_make(const char *root, const struct machine_file *files);

/* The first line of a file below @root is @text. */
bool machine_file_says(const char *root, const char *path, const char *text);

/* Remove @root and all below it. */
void machine_files_remove(const char *root);

#endif /* TESTS_UNIT_MACHINE_FILES_H */
