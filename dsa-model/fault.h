/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults: what a test wants the device to do wrong.
 *
 * A fault has a kind, says by its selectors which messages, descriptors or
 * accesses it is about, and counts those it has seen and those it has hit.
 * Faults can be added and removed while the device works.
 */
#ifndef DSA_MODEL_FAULT_H
#define DSA_MODEL_FAULT_H

#include <stdint.h>

struct dsa_device;

/*
 * Selectors and parameters: enumerator, name, what its value is.
 *
 * nth and every count what the other selectors leave over, from 1, since the
 * fault was added; without them each one is hit.
 */
#define DSA_FAULT_KEYS(X) \
	X(VECTOR, "vector", "an MSI-X vector") \
	X(QUEUE, "queue", "a work queue") \
	X(ENGINE, "engine", "an engine") \
	X(NTH, "nth", "only the N-th, from 1") \
	X(EVERY, "every", "every N-th, from 1") \
	X(TIME, "time", "a duration like 2ms") \
	X(FROM, "from", "the first vector concerned") \
	X(AFTER, "after", "a number of accepted descriptors, from 1") \
	X(ADDRESS, "address", "an address of the client's memory, 0x for hexadecimal") \
	X(LENGTH, "length", "bytes from there, in whole pages (default: 4096)") \
	X(ACCESS, "access", "read or write (default: both)")

#define DSA_FAULT_KEY_ENUM(key, name, meaning) DSA_FAULT_KEY_##key,
enum dsa_fault_key { DSA_FAULT_KEYS(DSA_FAULT_KEY_ENUM) DSA_FAULT_KEY_COUNT };

#define DSA_FAULT_BIT(key) (1U << DSA_FAULT_KEY_##key)
#define DSA_FAULT_COUNTED (DSA_FAULT_BIT(NTH) | DSA_FAULT_BIT(EVERY))
#define DSA_FAULT_MESSAGE (DSA_FAULT_BIT(VECTOR) | DSA_FAULT_COUNTED)
#define DSA_FAULT_DESCRIPTOR (DSA_FAULT_BIT(QUEUE) | DSA_FAULT_COUNTED)

/*
 * The kinds: enumerator, name, keys it must have, keys it may have, what it
 * does. The one table that parsing, --fault help and the manual page follow.
 */
#define DSA_FAULT_TABLE(X) \
	X(DROP, "drop", 0, DSA_FAULT_MESSAGE, "lose a message that is about to leave") \
	X(DELAY, "delay", DSA_FAULT_BIT(TIME), DSA_FAULT_MESSAGE, \
	  "keep a message pending for a time; others merge with it") \
	X(DUPLICATE, "duplicate", 0, DSA_FAULT_MESSAGE | DSA_FAULT_BIT(TIME), \
	  "send a message twice, the second one a time later") \
	X(FORGET, "forget", 0, DSA_FAULT_MESSAGE, "lose a message instead of keeping it pending") \
	X(DROP_DISABLED, "drop-disabled", 0, DSA_FAULT_MESSAGE, \
	  "lose a message that is raised while MSI-X is disabled") \
	X(REFUSE_VECTORS, "refuse-vectors", DSA_FAULT_BIT(FROM), DSA_FAULT_COUNTED, \
	  "refuse to bind triggers from a vector on: ENOSPC") \
	X(REVOKE, "revoke", DSA_FAULT_BIT(AFTER), 0, "revoke the interrupt handles, once") \
	X(HALT, "halt", DSA_FAULT_BIT(AFTER), 0, "halt the device, once") \
	X(SLOW, "slow", DSA_FAULT_BIT(TIME), DSA_FAULT_BIT(ENGINE) | DSA_FAULT_COUNTED, \
	  "keep an engine busy for a time with a descriptor") \
	X(STUCK, "stuck", 0, DSA_FAULT_DESCRIPTOR, \
	  "a descriptor stays until it is released, aborted or reset") \
	X(REORDER, "reorder", 0, DSA_FAULT_DESCRIPTOR | DSA_FAULT_BIT(TIME), \
	  "a descriptor completes after the next (at most 10ms later)") \
	X(EARLY_MESSAGE, "early-message", 0, DSA_FAULT_DESCRIPTOR | DSA_FAULT_BIT(TIME), \
	  "a message comes before its record (1ms)") \
	X(ERROR_AGAIN, "error-again", 0, DSA_FAULT_COUNTED, \
	  "a software error comes again the moment it is cleared") \
	X(PAGE_FAULT, "page-fault", DSA_FAULT_BIT(ADDRESS), \
	  DSA_FAULT_BIT(LENGTH) | DSA_FAULT_BIT(ACCESS) | DSA_FAULT_COUNTED, \
	  "accesses to a page fail as if it were not mapped")

#define DSA_FAULT_KIND_ENUM(kind, name, needs, may, help) DSA_FAULT_##kind,
enum dsa_fault_kind { DSA_FAULT_TABLE(DSA_FAULT_KIND_ENUM) DSA_FAULT_KIND_COUNT };

/* Values of DSA_FAULT_KEY_ACCESS. */
enum dsa_fault_access { DSA_FAULT_ANY_ACCESS, DSA_FAULT_READ, DSA_FAULT_WRITE };

/* Longest duration of a fault: a minute. It delays whoever waits for the device. */
#define DSA_FAULT_TIME_MAX_NS 60000000000ULL

/**
 * struct dsa_fault - a fault as it was asked for
 * @given: keys that were given, bit n for key n
 * @value: theirs; durations in nanoseconds
 */
struct dsa_fault {
	enum dsa_fault_kind kind;
	uint32_t given;
	uint64_t value[DSA_FAULT_KEY_COUNT];
};

/**
 * struct dsa_fault_state - a fault of a device
 * @id: its number, from 1; never used again
 * @seen: messages, descriptors or accesses that its selectors are about
 * @hits: of them, those it was applied to
 */
struct dsa_fault_state {
	unsigned int id;
	struct dsa_fault fault;
	uint64_t seen;
	uint64_t hits;
};

/* Faults that a device can have at once. */
#define DSA_FAULTS_MAX 64

/* For tables: by enum dsa_fault_kind, and by enum dsa_fault_key. */
struct dsa_fault_kind_text {
	const char *name;
	uint32_t needs;
	uint32_t may;
	const char *help;
};
struct dsa_fault_key_text {
	const char *name;
	const char *meaning;
};
extern const struct dsa_fault_kind_text dsa_fault_kinds[DSA_FAULT_KIND_COUNT];
extern const struct dsa_fault_key_text dsa_fault_keys[DSA_FAULT_KEY_COUNT];

/* Room for what is wrong, in words. */
#define DSA_FAULT_WHY 160

/**
 * dsa_device_fault_add - from now on, do this wrong
 * @why: what is wrong with it (DSA_FAULT_WHY bytes), for people; set on failure
 *
 * Return: its number, -EINVAL for one that the device cannot have, -ENOSPC with
 * DSA_FAULTS_MAX of them, or another negative errno.
 */
int dsa_device_fault_add(struct dsa_device *dev, const struct dsa_fault *fault, char *why);

/*
 * End a fault. Descriptors that it holds are released, messages that it delays
 * come at their time. -ENOENT: there is none of that number.
 */
int dsa_device_fault_remove(struct dsa_device *dev, unsigned int id);

/* Copy up to @max states, by number. Returns how many there are. */
unsigned int dsa_device_fault_list(struct dsa_device *dev, struct dsa_fault_state *states,
				   unsigned int max);

/* Let descriptors go on that are stuck now. Returns how many. */
unsigned int dsa_device_release(struct dsa_device *dev);

/* May triggers be bound to these vectors? 0, or -ENOSPC on demand. */
int dsa_device_may_bind(struct dsa_device *dev, unsigned int start, unsigned int count);

/*
 * Raise the message of @vector @count times, as if by mistake: nothing has
 * happened. -EINVAL: there is no such vector.
 */
int dsa_device_raise(struct dsa_device *dev, unsigned int vector, uint64_t count);

#endif /* DSA_MODEL_FAULT_H */
