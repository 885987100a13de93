/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's part of custody: count the signals of a device's vfio-pci while a guest
 * uses it, with the stock module and with ours.
 *
 * The kernel counts for us, with a histogram of irq:irq_handler_entry in a tracing
 * instance of our own, which is exact. Where that cannot be had, /proc/interrupts is
 * looked at again and again: it forgets the count of an irq that is freed, which is
 * what stock vfio-pci does to all of them when one is added, so that the counts are
 * lower bounds then.
 */
#ifndef WQ_DEMO_CUSTODY_HOST_H
#define WQ_DEMO_CUSTODY_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "problem.h"

/* Name and version of the JSON document; a change of meaning raises the version. */
#define CUSTODY_HOST_SCHEMA "wq-demo-host"
#define CUSTODY_HOST_VERSION 1

struct custody_host;

/**
 * custody_host_begin() - find the device and begin to count
 * @root: directory below which the machine's files are, without a slash at its end
 * @address: of the device, the domain may be left out; NULL: the one that is bound to
 *	vfio-pci
 * @host: out: to be given to custody_host_end()
 *
 * Returns 0; -ENODEV no such device, none, or more than one; another negative errno.
 */
int custody_host_begin(const char *root, const char *address, struct custody_host **host,
		       struct problem *problem);

const char *custody_host_address(const struct custody_host *host);

/* NULL: the counts are exact; otherwise why they are lower bounds. */
const char *custody_host_inexact(const struct custody_host *host);

/* Whether custody_host_look() is to be called several times a second. */
bool custody_host_samples(const struct custody_host *host);

/**
 * custody_host_look() - read the counts
 * @signals: out: the sum over all vectors
 *
 * Returns 0 or a negative errno.
 */
int custody_host_look(struct custody_host *host, uint64_t *signals, struct problem *problem);

/**
 * custody_host_json() - read the counts for the last time, and make the document
 *
 * Returns a text to be freed; NULL and an explanation.
 */
char *custody_host_json(struct custody_host *host, struct problem *problem);

/* End to count. Nothing is left behind. */
void custody_host_end(struct custody_host *host);

#endif /* WQ_DEMO_CUSTODY_HOST_H */
