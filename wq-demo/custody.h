/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Custody: what each hop between the device and the guest's ledger has counted, side
 * by side for each vector, and at which hop the lost interrupts vanished.
 *
 * Interrupts may merge, so that counts alone prove no loss: how many were lost the
 * ledger says, and the counts say where.
 */
#ifndef WQ_DEMO_CUSTODY_H
#define WQ_DEMO_CUSTODY_H

#include <stdbool.h>
#include <stdint.h>

#include "problem.h"

/* MSI-X table indexes are below it: the size of a table is limited by PCI. */
#define CUSTODY_VECTORS_MAX 2048U

/**
 * enum custody_hop - where an interrupt can vanish
 * @HOP_DEVICE_OFF: the device dropped the message because MSI-X was off
 * @HOP_DEVICE: the device dropped it for another reason
 * @HOP_PENDING: the device has raised the message, and waits until it may send it
 * @HOP_HOST: the device sent it, the host's vfio-pci did not signal it
 * @HOP_GUEST: vfio-pci signalled it, no handler ran in the guest
 * @HOP_ABOVE_DEVICE: the device sent it, no handler ran in the guest; the host's count is
 *	not there or not exact enough to say more
 * @HOP_BELOW_HOST: vfio-pci did not signal it; there are no counts of the device that would
 *	say more
 * @HOP_UNKNOWN: the counts do not say where: they agree, or there are too few
 * @HOP_COMPLETION: the device never completed the descriptor: no interrupt was due
 */
enum custody_hop {
	HOP_DEVICE_OFF,
	HOP_DEVICE,
	HOP_PENDING,
	HOP_HOST,
	HOP_GUEST,
	HOP_ABOVE_DEVICE,
	HOP_BELOW_HOST,
	HOP_UNKNOWN,
	HOP_COMPLETION,
	CUSTODY_HOPS
};

/* Short, for keys and tables; and a sentence's part, "N were " and this. */
const char *custody_hop_name(enum custody_hop hop);
const char *custody_hop_text(enum custody_hop hop);

/**
 * struct custody_device - messages of a vector, as the device has counted them
 * @known: there are figures
 * @raised: messages it had reason to send
 * @delivered: sent
 * @dropped: never sent
 * @dropped_off: of these, because MSI-X was off
 * @merged: raised while an earlier one was pending
 * @pending: not sent yet
 */
struct custody_device {
	bool known;
	uint64_t raised;
	uint64_t delivered;
	uint64_t dropped;
	uint64_t dropped_off;
	uint64_t merged;
	uint64_t pending;
};

/**
 * struct custody_guest - a vector's queues, as the guest has seen them
 * @known: there is a queue that has this vector
 * @has_handler_runs: the driver has counted these
 * @handler_runs: of the interrupt handler
 * @spurious: of these, runs that found nothing
 * @descriptors: and so on: the ledger, see ledger.h
 * @timed_out: of dmatest's, those that had no interrupt later either; custody_judge() adds
 *	them to @stranded or, if the device did not raise a message for them, to @missing
 */
struct custody_guest {
	bool known;
	bool has_handler_runs;
	uint64_t handler_runs;
	uint64_t spurious;
	uint64_t descriptors;
	uint64_t interrupted;
	uint64_t polled;
	uint64_t stranded;
	uint64_t missing;
	uint64_t unresolved;
	uint64_t timed_out;
};

/**
 * struct custody_vector - one line of the table
 * @vector: MSI-X table index
 * @device: what the device says
 * @has_signals: the host has counted this vector, or has exact counts and none of it
 * @signals: of vfio-pci; exact if struct custody.host_exact
 * @bypassed: more handlers ran than vfio-pci has signalled: its count says nothing about
 *	what was lost, as where a processor posts interrupts to the guest itself
 * @guest: what the guest says
 * @lost: for each hop, how many vanished there; the sum is what the ledger lost
 * @harmless: messages the device dropped although the ledger lost nothing by it
 */
struct custody_vector {
	unsigned int vector;
	struct custody_device device;
	bool has_signals;
	uint64_t signals;
	bool bypassed;
	struct custody_guest guest;
	uint64_t lost[CUSTODY_HOPS];
	uint64_t harmless;
};

enum custody_verdict {
	CUSTODY_ACCOUNTED, /* every interrupt that was due has reached its handler */
	CUSTODY_LOST, /* some vanished */
};

/**
 * struct custody - the table
 * @has_device: there is a document of the device
 * @has_cause: it says which messages were dropped because MSI-X was off
 * @has_host: there is a document of the host
 * @host_exact: its counts are exact; otherwise they are lower bounds
 * @host_driver: "stock", "dynmsix" or ""
 * @vectors: by number; those that nobody has counted anything of are left out
 * @count: of @vectors
 * @total: sums over the vectors that queues have, @vector does not count
 */
struct custody {
	bool has_device;
	bool has_cause;
	bool has_host;
	bool host_exact;
	char host_driver[16];
	struct custody_vector *vectors;
	unsigned int count;
	struct custody_vector total;
};

/**
 * custody_judge() - say for each vector where its lost interrupts vanished
 * @custody: everything but @lost, @harmless and @total is filled in
 *
 * From the device upwards, each hop takes the blame for no more than it lacks against
 * the one before, until all that the ledger lost are explained.
 *
 * Returns 0; -EPROTO if the documents contradict each other: they are not of the same
 * run, with the figures in @problem.
 */
int custody_judge(struct custody *custody, struct problem *problem);

enum custody_verdict custody_verdict(const struct custody *custody);

/* What the ledger lost, of all vectors: stranded and missing. */
uint64_t custody_lost(const struct custody *custody);

void custody_destroy(struct custody *custody);

#endif /* WQ_DEMO_CUSTODY_H */
