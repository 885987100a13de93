/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The owner of the device in user space: what it asked for, what it was told,
 * and which interrupts it received.
 *
 * An eventfd counts for a vector from the request that binds it to the return of
 * the request that takes it away: then the owner reads it a last time. What
 * comes later is stray: nobody looks there any more.
 */
#ifndef SIM_OWNER_H
#define SIM_OWNER_H

#include <stdint.h>

#include "sim.h"

#define SIM_OWNER_VECTORS 64
#define SIM_OWNER_FDS (2 * SIM_OWNER_VECTORS + 16)

/**
 * struct sim_owner - the owner, of the MSI-X or the MSI index
 * @index: VFIO_PCI_MSIX_IRQ_INDEX or VFIO_PCI_MSI_IRQ_INDEX
 * @bound: eventfd of each vector, -1: none
 * @received: interrupts of each vector
 * @stray: interrupts in eventfds that are bound to nothing
 * @before: what the kernel held before the last request
 * @fds: eventfds it has; @vectors: bit for each vector whose interrupts it gets
 */
struct sim_owner {
	unsigned int index;
	int bound[SIM_OWNER_VECTORS];
	uint64_t received[SIM_OWNER_VECTORS];
	uint64_t stray;
	struct sim_counts before;
	unsigned int fd_count;
	struct {
		int fd;
		uint64_t vectors;
	} fds[SIM_OWNER_FDS];
};

void sim_owner_start(struct sim_owner *owner, unsigned int index);

/* A new eventfd. -EMFILE. */
int sim_owner_eventfd(struct sim_owner *owner);

/*
 * SET_IRQS with eventfds; @fds may hold -1, and what is no eventfd of the owner.
 * Return: as sim_bind(). Only success changes what is bound.
 */
int sim_owner_bind(struct sim_owner *owner, unsigned int start, unsigned int count,
		   const int *fds);
/* Disable the index; all is unbound then, as it is if it was not enabled. */
int sim_owner_disable(struct sim_owner *owner);
/* Close the device. */
int sim_owner_close(struct sim_owner *owner);

/* Read all eventfds. */
void sim_owner_read(struct sim_owner *owner);
/* Forget what was received. */
void sim_owner_clear(struct sim_owner *owner);

#endif /* SIM_OWNER_H */
