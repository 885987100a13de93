/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host for the device library: memory in an array, counters for triggers.
 *
 * Waiting is done on condition variables only; a test that waits for something
 * that never comes is ended by Check's time limit.
 */
#ifndef TESTS_UNIT_MODEL_HOST_H
#define TESTS_UNIT_MODEL_HOST_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <linux/idxd.h>

#include <dsa/profile.h>
#include <dsa/registers.h>

#include "device.h"

/* Memory is mapped at this address; everything else faults. */
#define HOST_BASE 0x100000ULL
#define HOST_SIZE 0x80000ULL
#define HOST_PAGE 0x1000ULL

/**
 * struct model_host - the host and its device
 * @unbound: bit per vector below 32: no trigger
 * @failing: the same: the trigger fails
 * @delivered: messages that reached a trigger
 * @status_seen: completion status at @watch when the last message came
 * @watch: address of a byte to look at in signal(), 0: none
 * @no_read, @no_write: pages (HOST_BASE is 0) that fault
 * @dma_error: returned by every access if not 0
 * @gate_closed: accesses wait
 * @waiting: accesses that wait at the gate
 * @max_len: of all accesses
 * @order: first byte of every dma_write that starts in page @order_page
 */
struct model_host {
	struct dsa_device *dev;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint8_t memory[HOST_SIZE];
	uint32_t unbound;
	uint32_t failing;
	uint64_t delivered[DSA_MSIX_ENTRIES_MAX];
	uint64_t watch;
	uint8_t status_seen;
	uint64_t no_read[2];
	uint64_t no_write[2];
	int dma_error;
	bool gate_closed;
	unsigned int waiting;
	size_t max_len;
	unsigned int order_page;
	unsigned int order_count;
	uint8_t order[256];
};

/* A new host with a device of these parameters; NULL: the simplest. */
struct model_host *host_new(const struct dsa_device_params *params);
void host_free(struct model_host *host);
extern const struct dsa_device_params host_default_params;

/* Faulting pages, by address. */
void host_no_read(struct model_host *host, uint64_t iova);
void host_no_write(struct model_host *host, uint64_t iova);
void *host_at(struct model_host *host, uint64_t iova);

/* Close: every access waits. Open: they go on. */
void host_gate(struct model_host *host, bool closed);
void host_wait_at_gate(struct model_host *host, unsigned int count);
/* Until @vector has been delivered @count times. */
void host_wait_delivered(struct model_host *host, unsigned int vector, uint64_t count);
/* Until @wq has completed @count descriptors. */
void host_wait_completed(struct model_host *host, unsigned int wq, uint64_t count);
uint64_t host_delivered(struct model_host *host, unsigned int vector);
void host_set_bound(struct model_host *host, unsigned int vector, bool bound);
struct dsa_vector_stats host_stats(struct model_host *host, unsigned int vector);
struct dsa_wq_stats host_wq_stats(struct model_host *host, unsigned int wq);
/* raised == delivered + dropped + merged + pending, of every vector. */
void host_check_invariant(struct model_host *host);

uint16_t config_read16(struct model_host *host, unsigned int offset);
void config_write16(struct model_host *host, unsigned int offset, uint16_t value);
uint32_t read32(struct model_host *host, uint64_t offset);
uint64_t read64(struct model_host *host, uint64_t offset);
void write32(struct model_host *host, uint64_t offset, uint32_t value);
void write64(struct model_host *host, uint64_t offset, uint64_t value);

#define WQCFG(wq, dword) (DSA_SPR_WQCFG + (wq) * DSA_WQCFG_MIN_STRIDE + 4 * (dword))
#define GRPCFG(group, field) (DSA_SPR_GRPCFG + (group) * DSA_GRPCFG_STRIDE + (field))
#define MSIXPERM(vector) (DSA_SPR_MSIXPERM + (vector) * DSA_MSIXPERM_STRIDE)
#define GRPFLAGS_DEFAULT (DSA_SPR_GRPFLAGS | 0x9)

/* Issue a command and return CMDSTATUS. */
uint32_t command(struct model_host *host, unsigned int code, uint32_t operand);
/* What a descriptor names @vector by: a handle requested for it, or just the index. */
uint16_t host_handle(struct model_host *host, unsigned int vector);
enum dsa_device_state device_state(struct model_host *host);
enum dsa_wq_state wq_state(struct model_host *host, unsigned int wq);

/* Bus master and MSI-X on. */
void host_enable_pci(struct model_host *host);
/* A legal configuration of one dedicated queue, in a group with engines @engines. */
void host_configure_wq(struct model_host *host, unsigned int wq, unsigned int group,
		       uint64_t engines, unsigned int size);
/* All of it for one queue and one engine in group 0: enabled and ready. */
void host_bring_up(struct model_host *host, unsigned int wq, unsigned int size);
/* The same for queues 0 and 1 of 16 entries on one engine. */
void host_bring_up_two(struct model_host *host);
/*
 * A new host with a device of @profile, queue 0 of 16 entries ready, and memory full of
 * bytes that differ but for the first page, which is zero.
 */
struct model_host *host_ready(const char *profile);
/* A copy of all memory, to be freed. */
uint8_t *host_snapshot(struct model_host *host);

/* Give a descriptor to the portal of @wq: as one store, or as eight. */
void submit64(struct model_host *host, unsigned int wq, const struct dsa_hw_desc *desc);
void submit8x8(struct model_host *host, unsigned int wq, unsigned int slot,
	       const struct dsa_hw_desc *desc);
/* A descriptor that wants a record at @record and the message of vector @wq + 1. */
struct dsa_hw_desc descriptor(unsigned int opcode, unsigned int wq, uint64_t record);

/* Submit to @wq, wait for the end of it, and return the record. */
struct dsa_completion_record run_one(struct model_host *host, unsigned int wq,
				     const struct dsa_hw_desc *desc);

/**
 * struct host_command - what host_write_command() writes to CMD
 */
struct host_command {
	struct model_host *host;
	uint32_t value;
};

/* For pthread_create(), with a struct host_command: the write may have to wait. */
void *host_write_command(void *command);
/* The same for a function level reset; the value is not used. */
void *host_function_reset(void *command);
/* Registers cannot tell: accesses wait while a reset or a halt empties the engines. */
void host_wait_for_reset(struct model_host *host);

#endif /* TESTS_UNIT_MODEL_HOST_H */
