/* SPDX-License-Identifier: GPL-2.0-only */
/* The documents of custody: what guest, host and device have counted. */
#ifndef WQ_DEMO_CUSTODY_LOAD_H
#define WQ_DEMO_CUSTODY_LOAD_H

#include "custody.h"

/**
 * struct custody_paths - where the documents are
 * @guest: result of "run"; several runs put together are added up
 * @host: of "custody --host"; NULL: none
 * @device: statistics of dsa-model; NULL: none
 * @device_before: the same from before the run, to be subtracted; NULL: they began at 0
 */
struct custody_paths {
	const char *guest;
	const char *host;
	const char *device;
	const char *device_before;
};

/**
 * custody_load() - read the documents
 * @custody: out: to be given to custody_judge() and, on success, custody_destroy()
 * @problem: out, on error: which file is wrong, and where in it
 *
 * Returns 0; a negative errno: a file cannot be read, is another document, or its
 * figures do not add up.
 */
int custody_load(struct custody *custody, const struct custody_paths *paths,
		 struct problem *problem);

#endif /* WQ_DEMO_CUSTODY_LOAD_H */
