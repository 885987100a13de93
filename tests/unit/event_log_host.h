/* SPDX-License-Identifier: GPL-2.0-only */
/* A host whose device has an event log, and what its driver sees of that. */
#ifndef TESTS_UNIT_EVENT_LOG_HOST_H
#define TESTS_UNIT_EVENT_LOG_HOST_H

#include "device_private.h"
#include "model_host.h"

#define COUNT(array) (sizeof(array) / sizeof(array[0]))

#define RECORD (HOST_BASE + 0x40)
#define LOG (HOST_BASE + 0x10000)
/* Where nothing is mapped, with all the bits an address can have. */
#define NOWHERE 0x123456789abcdee0ULL
#define EVL_ON (DSA_SPR_GENCFG | DSA_GENCFG_EVL_ENABLE)
#define SIZE(entries) FIELD_PREP(DSA_EVLCFG1_SIZE, entries)

/* Queue 0 and one engine, with a log of @size entries at @base, enabled. */
struct model_host *logging_at(const char *profile, uint64_t base, unsigned int size);
/* The same, of profile v2, with the smallest log there is at LOG. */
struct model_host *logging(void);

/* Entry @index of a log at LOG, and parts of it. */
struct dsa_evl_entry entry_at(struct model_host *host, unsigned int index);
uint8_t code_of(const struct dsa_evl_entry *entry);
uint32_t info_of(const struct dsa_evl_entry *entry);

/* EVLSTATUS. */
unsigned int tail(struct model_host *host);
unsigned int head(struct model_host *host);
bool int_pending(struct model_host *host);
void clear_pending(struct model_host *host);

/* What is in SWERROR, 0: nothing. */
uint8_t swerror_code(struct model_host *host);

/* A descriptor without a record, of an operation that does not exist. */
struct dsa_hw_desc bad_opcode(void);
/* Have @count of them executed by queue 0. */
void make_entries(struct model_host *host, unsigned int count);

#endif /* TESTS_UNIT_EVENT_LOG_HOST_H */
