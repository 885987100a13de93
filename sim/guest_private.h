/* SPDX-License-Identifier: GPL-2.0-only */
/* The virtual guest from the inside. */
#ifndef SIM_GUEST_PRIVATE_H
#define SIM_GUEST_PRIVATE_H

#include <sys/queue.h>

#include <linux/idxd.h>

#include <dsa/profile.h>
#include <dsa/sample.h>

#include "guest.h"
#include "vmm.h"

#define GUEST_QUEUES 8
/* All that the device has may be in one queue. */
#define GUEST_ENTRIES DSA_SPR_WQ_ENTRIES
#define GUEST_VECTORS (GUEST_QUEUES + 1)
#define GUEST_BUFFER_MAX (4U << 20)
#define GUEST_NEVER UINT64_MAX

/* What takes how long. Of the order of what is measured on machines with KVM. */
#define GUEST_POINT_NS 250 /* a step of the host's interrupt code */
#define GUEST_REQUEST_NS 4000 /* VMM, before each request */
#define GUEST_REGISTER_NS 600 /* access to a register */
#define GUEST_SUBMIT_NS 1500 /* a descriptor: system call and portal */
#define GUEST_REAP_NS 500 /* a read of events */

/* ---- Queues: guest_queue.c ------------------------------------------------------- */

/**
 * struct guest_entry - a descriptor of a queue
 * @credit_ns: time watched in which the machine was seen to be alive
 * @watch_visible: what is watched: an interrupt for a visible record, or the record
 * @watched, @checked: since a tick before; the credit was full once
 */
struct guest_entry {
	TAILQ_ENTRY(guest_entry) link;
	uint64_t tag;
	uint64_t submit_ns;
	uint64_t visible_ns;
	uint64_t credit_ns;
	bool interrupt;
	bool watched;
	bool watch_visible;
	bool checked;
};

TAILQ_HEAD(guest_entry_list, guest_entry);

/**
 * struct sim_guest_queue - a queue; kept, with its memory, while it is down
 * @memory: the buffer, then the records
 * @tick_ns: when the watchdog looks next, GUEST_NEVER without work
 */
struct sim_guest_queue {
	struct sim_guest *guest;
	unsigned int number;
	unsigned int vector;
	bool up;
	uint8_t *memory;
	size_t memory_size;
	uint32_t buffer_size;
	volatile struct dsa_completion_record *records;
	uint64_t confirm_ns;
	uint64_t timeout_ns;
	unsigned int portal_slot;
	struct guest_entry entries[GUEST_ENTRIES];
	struct guest_entry_list free;
	struct guest_entry_list outstanding;
	unsigned int outstanding_number;
	struct dsa_sample_event events[DSA_SAMPLE_EVENTS_MAX];
	unsigned int events_head;
	unsigned int events_tail;
	struct dsa_sample_queue_stats stats;
	uint64_t tick_ns;
	uint64_t last_tick_ns;
	uint64_t tick_others;
	uint64_t tick_vector0;
};

/* A handler run of the queue's vector. */
void guest_queue_handler(struct sim_guest_queue *queue);
/* The watchdog's look, if it is due. */
void guest_queue_tick(struct sim_guest_queue *queue);

/* ---- The machine: guest.c ---------------------------------------------------------- */

/**
 * struct sim_guest
 * @device_ns: when the device has something to do
 * @meanwhile, @meanwhile_arg, @always: see sim_guest_meanwhile()
 * @busy: it is being called
 * @news: a queue has an event since it was called
 * @seen: interrupts of each vector that the VMM has read
 * @requested: vectors with a handler
 * @pending: vectors with an interrupt that came while they were masked
 * @handler_runs: of each vector
 * @caps: of the device
 * @layout: what groups and queues are; changes while no queue is up
 */
struct sim_guest {
	struct sim_vmm vmm;
	uint64_t now_ns;
	uint64_t device_ns;
	void (*meanwhile)(void *arg);
	void *meanwhile_arg;
	bool always;
	bool busy;
	bool news;
	unsigned int vectors;
	uint64_t seen[GUEST_VECTORS];
	bool requested[GUEST_VECTORS];
	bool pending[GUEST_VECTORS];
	uint64_t handler_runs[GUEST_VECTORS];
	uint64_t commands;
	uint64_t commands_polled;
	uint64_t dropped_before;
	unsigned int queues_number;
	struct dsa_caps caps;
	struct dsa_sample_configure layout;
	uint64_t queues_up;
	struct sim_guest_queue queues[GUEST_QUEUES];
};

/* Time passes: the device works, and interrupts are handled. */
void guest_pass(struct sim_guest *guest, uint64_t ns);
/* The device has been given something: it may have to be looked at earlier. */
void guest_poke(struct sim_guest *guest);

uint32_t guest_read32(struct sim_guest *guest, uint64_t offset);
void guest_write32(struct sim_guest *guest, uint64_t offset, uint32_t value);

int guest_request_irq(struct sim_guest *guest, unsigned int vector);
void guest_free_irq(struct sim_guest *guest, unsigned int vector);

int guest_wq_enable(struct sim_guest *guest, unsigned int wq);
void guest_wq_disable(struct sim_guest *guest, unsigned int wq);
/* A command whose interrupt shows that vector 0 is alive. */
void guest_probe(struct sim_guest *guest);

#endif /* SIM_GUEST_PRIVATE_H */
