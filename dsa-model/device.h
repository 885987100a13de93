/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A DSA in software: the device as its host sees it.
 *
 * The library knows no transport. Its user supplies struct dsa_host_ops (memory
 * and interrupts) and forwards accesses to configuration space and BARs. All
 * functions return 0 or a count, or a negative errno.
 *
 * Threads: the access functions may be called from any thread; each takes the
 * device lock. Engines run in threads of their own; dma_read and dma_write are
 * called without any lock of the device, signal with locks held. So do not call
 * the device with a lock held that signal takes.
 */
#ifndef DSA_MODEL_DEVICE_H
#define DSA_MODEL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dsa_device;

/**
 * struct dsa_host_ops - what the device needs from its host
 * @dma_read: copy @len bytes at @iova to @buf. On -EFAULT, *@done is the number
 *	of bytes copied before the first that is not mapped for reading
 * @dma_write: the same towards memory
 * @dma_copy: move @len bytes from @src to @dst, upwards: never called for ranges of which
 *	@dst lies inside the source. As dma_read; *@write_fault: it was @dst that is not
 *	mapped. May be NULL: the device then reads and writes
 * @signal: send the message of MSI-X entry @vector. 1: delivered to a bound
 *	trigger; 0: no trigger is bound; negative errno: the trigger failed
 *
 * Called from engine threads and from inside the access functions. dma_* and
 * signal must not call back into the device.
 */
struct dsa_host_ops {
	int (*dma_read)(void *host, uint64_t iova, void *buf, size_t len, size_t *done);
	int (*dma_write)(void *host, uint64_t iova, const void *buf, size_t len, size_t *done);
	int (*dma_copy)(void *host, uint64_t dst, uint64_t src, size_t len, size_t *done,
			bool *write_fault);
	int (*signal)(void *host, unsigned int vector);
};

/* What becomes of a message raised while MSI-X Enable is clear. */
enum dsa_msix_disabled {
	DSA_MSIX_DISABLED_LATCH, /* pending; sent when enabled and bound */
	DSA_MSIX_DISABLED_DROP, /* forgotten */
};

/**
 * struct dsa_service_time - how long a descriptor takes
 * @min_ns: shortest
 * @max_ns: longest, at least @min_ns; uniformly distributed between the two
 * @seed: of the generator, so that a run can be repeated
 */
struct dsa_service_time {
	uint64_t min_ns;
	uint64_t max_ns;
	uint64_t seed;
};

/* Most entries an MSI-X table can have (PCI Express, Message Control). */
#define DSA_MSIX_ENTRIES_MAX 2048

struct dsa_device_params {
	const char *profile; /* name from dsa_profile_names() */
	uint16_t device_id; /* 0x0b25, 0x11fb or 0x1212; 0: as the profile, 0x0b25 */
	unsigned int msix_entries; /* up to DSA_MSIX_ENTRIES_MAX; 0: as many as the profile has */
	struct dsa_service_time service;
	enum dsa_msix_disabled msix_disabled;
	bool stepped; /* no threads: the host says when work goes on, see dsa_device_step() */
};

/**
 * struct dsa_vector_stats - the life of one vector's messages
 * @raised: events that asked for a message, and messages duplicated on demand
 * @delivered: messages given to a bound trigger
 * @dropped: messages lost: MSI-X disabled (with DSA_MSIX_DISABLED_DROP), bus
 *	master off, forgotten by a reset, or lost on demand (fault.h)
 * @dropped_off: of these, because MSI-X or the bus master was off
 * @merged: events that found the vector already pending
 * @pending: 1 while a message waits
 *
 * raised == delivered + dropped + merged + pending, always.
 */
struct dsa_vector_stats {
	uint64_t raised;
	uint64_t delivered;
	uint64_t dropped;
	uint64_t dropped_off;
	uint64_t merged;
	uint64_t pending;
};

struct dsa_wq_stats {
	uint64_t accepted; /* descriptors taken from the portal */
	uint64_t completed;
	uint64_t abandoned; /* by abort or reset */
	uint64_t rejected; /* portal writes not accepted */
};

/* Null-terminated list of the profiles' names. */
const char *const *dsa_profile_names(void);
/* What is special about a profile, in a few words; NULL for an unknown one. */
const char *dsa_profile_summary(const char *name);

/**
 * dsa_device_create - make a device in its power-on state
 * @params: copied
 * @ops: must outlive the device
 * @host: handed to every operation
 *
 * Starts the engine threads. NULL with errno set on failure (ENOENT: no such
 * profile).
 */
struct dsa_device *dsa_device_create(const struct dsa_device_params *params,
				     const struct dsa_host_ops *ops, void *host);

/* Stop the engines, abandon what is in flight, free everything. */
void dsa_device_destroy(struct dsa_device *dev);

/*
 * Cold reset, as at power-on; statistics are kept. When it returns no engine
 * touches memory or signals on behalf of work submitted before.
 */
void dsa_device_reset(struct dsa_device *dev);

/**
 * dsa_device_step - let a stepped device work
 * @now_ns: time of the host's clock, which never goes back
 *
 * Executes what is due by then, in the order of due times, memory accesses and messages
 * included. Then nothing happens in the device until the next step: with the same calls in
 * the same order everything happens in the same order. For one thread at a time, and not with
 * faults that take time (fault.h).
 *
 * Return: when the next descriptor is due, UINT64_MAX: none is in progress. A portal write
 * changes that: step again after one.
 */
uint64_t dsa_device_step(struct dsa_device *dev, uint64_t now_ns);

/**
 * dsa_device_halt - an error from which only a reset leads back
 * @reset: which one at least: 0 the Reset Device command, 1 a function-level reset, 2 and 3
 *	only dsa_device_reset()
 *
 * Work in flight is abandoned; INTCAUSE and vector 0 tell the driver if it wants to know.
 * A halted device stays as it is. -EINVAL for another @reset.
 */
int dsa_device_halt(struct dsa_device *dev, unsigned int reset);

/*
 * As if the device had been pulled out: work is abandoned, reads of registers and of
 * configuration space return all ones, writes are lost. dsa_device_reset() puts it back.
 */
void dsa_device_vanish(struct dsa_device *dev);

/*
 * Revoke all interrupt handles: the driver is told by vector 0, and descriptors with one of
 * them fail from now on. -EOPNOTSUPP in a profile in which none have to be requested.
 */
int dsa_device_revoke_handles(struct dsa_device *dev);

/*
 * What becomes of messages that are raised while MSI-X Enable is clear, from now on: those
 * that wait already go on waiting. -EINVAL: there is no such behaviour.
 */
int dsa_device_set_msix_disabled(struct dsa_device *dev, enum dsa_msix_disabled behaviour);
enum dsa_msix_disabled dsa_device_msix_disabled(struct dsa_device *dev);

unsigned int dsa_device_vectors(const struct dsa_device *dev);
unsigned int dsa_device_wqs(const struct dsa_device *dev);
/* Size of BAR @bar in bytes, 0 if the device does not have it. */
uint64_t dsa_device_bar_size(const struct dsa_device *dev, unsigned int bar);
#define DSA_CONFIG_SPACE_SIZE 4096

/*
 * Configuration space: any length and alignment inside its 4096 bytes. -EINVAL
 * outside. A write that sets Initiate FLR performs it before returning.
 */
int dsa_config_read(struct dsa_device *dev, uint64_t offset, void *buf, size_t len);
int dsa_config_write(struct dsa_device *dev, uint64_t offset, const void *buf, size_t len);

/*
 * BARs: naturally aligned 1, 2, 4 or 8 bytes; in BAR2 also 64. -EINVAL for
 * another length, alignment or place. Eight ascending 8-byte stores to one
 * 64-byte portal slot are one descriptor. To a shared queue a descriptor is enqueued:
 * -EAGAIN when it should be tried again. (An access does not tell by which instruction
 * it was made; only one that enqueues is right there.)
 */
int dsa_bar_read(struct dsa_device *dev, unsigned int bar, uint64_t offset, void *buf, size_t len);
int dsa_bar_write(struct dsa_device *dev, unsigned int bar, uint64_t offset, const void *buf,
		  size_t len);

/*
 * The host has bound a trigger to @vector: a pending message is sent now if
 * MSI-X is enabled and not function-masked.
 */
void dsa_device_vector_bound(struct dsa_device *dev, unsigned int vector);

int dsa_device_vector_stats(struct dsa_device *dev, unsigned int vector,
			    struct dsa_vector_stats *stats);
int dsa_device_wq_stats(struct dsa_device *dev, unsigned int wq, struct dsa_wq_stats *stats);

#endif /* DSA_MODEL_DEVICE_H */
