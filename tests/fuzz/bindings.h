/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Oracle, first half: what user space was told about the interrupts of its device.
 *
 * A model of VFIO_DEVICE_SET_IRQS as a user of it sees it: which requests are
 * refused and with what, which eventfd each vector has, and what all of that
 * holds in the kernel. After success the bindings are what was asked for, after an
 * error what they were. It knows neither the code under test nor what runs it.
 */
#ifndef TESTS_FUZZ_BINDINGS_H
#define TESTS_FUZZ_BINDINGS_H

#include <linux/vfio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signals.h"

#define BINDINGS_VECTORS 2048
#define BINDINGS_INJECTED 8

/**
 * struct bindings_setup - what does not change while the device is in use
 * @count: vectors of each index, as VFIO_DEVICE_GET_IRQ_INFO tells
 * @growable: MSI-X vectors can be added after it was enabled (no NORESIZE)
 * @reserve: irqs that MSI-X takes when it is enabled if it is growable; 0: none
 *	that is not wanted yet
 * @irqs: irqs to be had, 0: plenty
 * @cpu_vectors: irqs that can have a handler, 0: plenty
 * @maskable_line: the device itself can mask INTx
 */
struct bindings_setup {
	unsigned int count[VFIO_PCI_NUM_IRQS];
	bool growable;
	unsigned int reserve;
	unsigned int irqs;
	unsigned int cpu_vectors;
	bool maskable_line;
};

/**
 * struct bindings_request - arguments of VFIO_DEVICE_SET_IRQS
 * @data: what follows struct vfio_irq_set, @size bytes
 */
struct bindings_request {
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
	const void *data;
	size_t size;
};

/**
 * struct bindings_world - what the model has to ask for
 * @eventfd_of: the eventfd behind a descriptor >= 0, or -EBADF or -EINVAL
 * @has_irq: a vector has a handler, as /proc/interrupts shows
 */
struct bindings_world {
	int (*eventfd_of)(void *arg, int fd);
	bool (*has_irq)(void *arg, unsigned int vector);
	void *arg;
};

/**
 * struct bindings_outcome - how a request ended
 * @result: 0, negative errno, or a positive number as the ioctl returns it
 * @injected: errors that calls were made to fail with, @injections of them
 * @bypass_injected: one of them was the registration of a bypass producer, which
 *	is no reason for a request to fail
 */
struct bindings_outcome {
	int result;
	int injected[BINDINGS_INJECTED];
	unsigned int injections;
	bool bypass_injected;
};

/**
 * struct bindings_vector - one MSI or MSI-X vector
 * @trigger: its eventfd, or SIGNALS_NONE
 * @irq: has a Linux irq
 * @latent: was raised with nobody to take it: may come when somebody does
 * @broken: its MSI-X entry may be lost, and with it what the device raises
 */
struct bindings_vector {
	int trigger;
	bool irq;
	bool latent;
	bool broken;
};

/**
 * struct bindings - the model
 * @index: index that is on, or -1
 * @limit: vectors [0, @limit) have their irqs from the start, unless irqs come
 *	one by one
 * @vectors: of @index; latent and broken also while it is off
 * @bound, @irqs: how many of @vectors
 * @intx: the line: @line is what the device drives, @disintx what user space
 *	wrote to the command register
 * @single: eventfds of VFIO_PCI_ERR_IRQ_INDEX and VFIO_PCI_REQ_IRQ_INDEX
 * @producer: vector that is the eventfd's producer for bypass, or -1
 * @producers_known: no registration was made to fail since the index is on
 * @teardown_on_error, @free_on_unbind: module parameters
 * @refs: references to each eventfd
 * @complaint: the first thing that was not as it should be
 */
struct bindings {
	struct bindings_setup setup;
	int index;
	unsigned int limit;
	struct bindings_vector vectors[BINDINGS_VECTORS];
	unsigned int bound;
	unsigned int irqs;
	struct {
		bool on;
		bool masked;
		bool line;
		bool disintx;
		int trigger;
		int unmask;
	} intx;
	int single[2];
	int producer[SIGNALS_EVENTFDS];
	bool producers_known;
	bool teardown_on_error;
	bool free_on_unbind;
	unsigned int refs[SIGNALS_EVENTFDS];
	struct signals signals;
	char complaint[512];
};

void bindings_init(struct bindings *b, const struct bindings_setup *setup);

/**
 * bindings_expect - what a request returns if nothing is made to fail
 * @failing: if not NULL, gets the vector at which it fails, or -1 if it fails
 *	before it comes to any
 */
int bindings_expect(const struct bindings *b, const struct bindings_request *request,
		    const struct bindings_world *world, long *failing);

/**
 * bindings_done - a request has returned
 *
 * Adds signals it causes by itself to @b->signals.
 *
 * Return: false if it must not end so, with the reason in @b->complaint.
 */
bool bindings_done(struct bindings *b, const struct bindings_request *request,
		   const struct bindings_world *world, const struct bindings_outcome *outcome);

/* Eventfd of a vector of the index that is on, or SIGNALS_NONE. */
int bindings_trigger(const struct bindings *b, unsigned int vector);

/* The device was closed, and opened again. */
void bindings_closed(struct bindings *b);
/* It was reset by VFIO_DEVICE_RESET. */
void bindings_reset(struct bindings *b);
/* It has reset itself and nobody knows. */
void bindings_table_lost(struct bindings *b);
/* The line rises or falls. */
void bindings_line(struct bindings *b, bool asserted);
/* DisINTx was written. */
void bindings_disintx(struct bindings *b, bool disable);
/* The core notifies VFIO_PCI_ERR_IRQ_INDEX or VFIO_PCI_REQ_IRQ_INDEX. */
void bindings_notify(struct bindings *b, unsigned int index);
/* User space writes 1 to an eventfd. */
void bindings_written(struct bindings *b, int eventfd);
/* The last descriptor of an eventfd was closed. */
void bindings_hung_up(struct bindings *b, int eventfd);

/**
 * struct bindings_accounts - what the bindings hold in the kernel
 * @contexts: 1 if INTx, MSI or MSI-X is on
 * @singles: triggers of ERR and REQ
 * @producers: at most, and exactly if @b->producers_known
 */
struct bindings_accounts {
	unsigned int irqs;
	unsigned int requested;
	unsigned int enabled;
	unsigned int cpu_vectors;
	unsigned int eventfd_refs;
	unsigned int producers;
	unsigned int contexts;
	unsigned int lines;
	unsigned int unmasks;
	unsigned int singles;
};

void bindings_accounts(const struct bindings *b, struct bindings_accounts *accounts);

#endif /* TESTS_FUZZ_BINDINGS_H */
