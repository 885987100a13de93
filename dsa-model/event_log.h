/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The event log: a device has one if the field of GENCAP is not 0, and uses it if GENCFG
 * says so when it is enabled.
 */
#ifndef DSA_MODEL_EVENT_LOG_H
#define DSA_MODEL_EVENT_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <dsa/registers.h>

struct dsa_device;
struct dsa_error;

/**
 * struct dsa_event_log - state of the log
 * @cfg: EVLCFG
 * @head, @tail, @int_pending: EVLSTATUS
 * @busy: an entry is being written, without the lock of the device
 */
struct dsa_event_log {
	uint64_t cfg[DSA_EVLCFG_WORDS];
	uint16_t head;
	uint16_t tail;
	bool int_pending;
	bool busy;
};

/* Does the profile have a log? */
bool dsa_event_log_offered(const struct dsa_device *dev);
/*
 * Has the driver chosen the log instead of SWERROR? Without the lock by engines that execute:
 * it cannot change then.
 */
bool dsa_event_log_chosen(const struct dsa_device *dev);
/* EVLCFG to its value after every reset; EVLSTATUS, too, unless it is the command's. */
void dsa_event_log_reset(struct dsa_device *dev, bool by_command);
/* What Enable Device demands of it, and does to it. */
uint8_t dsa_check_event_log(const struct dsa_device *dev);
void dsa_event_log_start(struct dsa_device *dev);
/* The registers, in 32-bit pieces; see registers.c. */
uint32_t dsa_evlcfg_read(struct dsa_device *dev, uint32_t at);
void dsa_evlcfg_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask);
uint32_t dsa_evlstatus_read(struct dsa_device *dev, uint32_t at);
void dsa_evlstatus_write(struct dsa_device *dev, uint32_t at, uint32_t value, uint32_t mask);
/*
 * Record @error where the driver wants it: in the log, or else in SWERROR. With the lock
 * held; it is dropped while an entry is written to memory.
 */
void dsa_report(struct dsa_device *dev, const struct dsa_error *error);

#endif /* DSA_MODEL_EVENT_LOG_H */
