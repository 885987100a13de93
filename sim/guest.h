/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual guest with a driver for the device, in the host of sim.h.
 *
 * It keeps the rules of the sample driver and speaks its language (dsa_sample.h): a queue
 * comes up with request_irq() for a vector of its own; a handler run takes all that is
 * visible; a watchdog finds what no interrupt announced. What the guest does with MSI-X a
 * VMM turns into VFIO_DEVICE_SET_IRQS, and the code of kernel/ carries it out.
 *
 * Time is the machine's own: it passes while the host carries out requests, while the driver
 * works, and in sim_guest_wait(). Nothing happens at random: the same calls with the same
 * seed give the same interrupts at the same times. One thread, one guest at a time.
 *
 * Functions that return int return 0 or a negative errno unless they say more.
 */
#ifndef SIM_GUEST_H
#define SIM_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <dsa_sample.h>

struct sim_guest;
struct sim_guest_queue;

/**
 * struct sim_guest_options - the machine
 * @vmm: what adds a vector: see sim_guest_vmms
 * @latch: the device remembers a message that it wants to send while MSI-X is off; PCIe
 *	allows it to forget (false) and to remember
 * @seed: of the times that descriptors take
 * @service_min_ns, @service_max_ns: between which they are
 */
struct sim_guest_options {
	const char *vmm;
	bool latch;
	uint64_t seed;
	uint64_t service_min_ns;
	uint64_t service_max_ns;
};

/*
 * rebuild: to add a vector MSI-X is switched off and on again; dynamic: vectors come and go
 * alone; kvm: the same, by KVM's irqfds, and a masked vector gets another eventfd. NULL ends it.
 */
extern const char *const sim_guest_vmms[];

/* -EINVAL: no such VMM. -EBUSY: there is a machine already. Undone by sim_guest_stop(). */
int sim_guest_start(const struct sim_guest_options *options, struct sim_guest **guest);
/* After all queues are down. */
void sim_guest_stop(struct sim_guest *guest);

/* The kernel that the host's interrupt code was built for. */
const char *sim_guest_kernel(void);
/* How often the host's kernel would have warned, and of what first. */
unsigned int sim_guest_warnings(const char **first);

/* Nanoseconds, from 1 s on. */
uint64_t sim_guest_now(const struct sim_guest *guest);
/* Messages that the device dropped because MSI-X was off. */
uint64_t sim_guest_dropped(const struct sim_guest *guest);
/* As DSA_SAMPLE_INFO. */
void sim_guest_info(const struct sim_guest *guest, struct dsa_sample_info *info);

/* As DSA_SAMPLE_CONFIGURE, but all zeros is refused. */
int sim_guest_configure(struct sim_guest *guest, const struct dsa_sample_configure *layout);

/*
 * What the guest's program does while a queue comes up or goes down, with the others: called
 * then whenever one has an event, with @always at every step. It may submit, read and poll, and nothing else.
 */
void sim_guest_meanwhile(struct sim_guest *guest, void (*function)(void *arg), void *arg,
			 bool always);

/* As DSA_SAMPLE_QUEUE_UP; @up->fd is -1. */
int sim_guest_queue_up(struct sim_guest *guest, struct dsa_sample_queue_up *up,
		       struct sim_guest_queue **queue);
/* As the last close(): drain, disable, free the irq. */
void sim_guest_queue_down(struct sim_guest_queue *queue);
/* Of the size asked for. */
uint8_t *sim_guest_buffer(struct sim_guest_queue *queue);
/* As DSA_SAMPLE_SUBMIT with DSA_SAMPLE_SUBMIT_HOLD. Returns how many were accepted. */
int sim_guest_submit(struct sim_guest_queue *queue, const struct dsa_sample_work *work,
		     unsigned int count);
/* As read(): how many events, -EAGAIN none. */
int sim_guest_read(struct sim_guest_queue *queue, struct dsa_sample_event *events,
		   unsigned int count);
/* As poll(): POLLIN, POLLOUT. */
short sim_guest_poll(struct sim_guest_queue *queue);
void sim_guest_stats(const struct sim_guest_queue *queue, struct dsa_sample_queue_stats *stats);

/* Let the machine run until something may have changed for a queue, or until then. */
void sim_guest_wait(struct sim_guest *guest, uint64_t until_ns);

#endif /* SIM_GUEST_H */
