/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How work queues are to be configured, in accel-config's words: from one of its
 * configuration files (accel-config save-config), from the command line, or both. It is
 * the same for every backend. What a backend cannot do is refused, never ignored.
 *
 * Nothing here knows a device: names, numbers, and whether they fit.
 */
#ifndef WQ_DEMO_WQ_CONFIG_H
#define WQ_DEMO_WQ_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "problem.h"

/* What can be set on a work queue; accel-config's key is in wq_setting_key(). */
enum wq_setting {
	WQ_MODE, /* number: enum wq_mode */
	WQ_TYPE, /* number: enum wq_type */
	WQ_SIZE, /* number: entries */
	WQ_GROUP_ID, /* number */
	WQ_PRIORITY, /* number: 1 to 15 */
	WQ_THRESHOLD, /* number: entries; shared queues only */
	WQ_BLOCK_ON_FAULT, /* number: 0 or 1 */
	WQ_MAX_BATCH_SIZE, /* number: descriptors */
	WQ_MAX_TRANSFER_SIZE, /* number: bytes */
	WQ_ATS_DISABLE, /* number: 0 or 1 */
	WQ_PRS_DISABLE, /* number: 0 or 1 */
	WQ_NAME, /* text */
	WQ_DRIVER_NAME, /* text */
	WQ_OP_CONFIG, /* text: hexadecimal words with commas between */
	WQ_SETTINGS
};

enum wq_mode {
	WQ_MODE_DEDICATED,
	WQ_MODE_SHARED,
};

enum wq_type {
	WQ_TYPE_KERNEL,
	WQ_TYPE_USER,
	WQ_TYPE_MDEV,
};

/* Longest texts that the driver idxd takes, in bytes. */
#define WQ_NAME_MAX 1024
#define WQ_DRIVER_NAME_MAX 128

/* Numbers beyond these are on no device: those of the registers' fields. */
#define WQ_CONFIG_QUEUES_MAX 256
#define WQ_CONFIG_GROUPS_MAX 256
#define WQ_CONFIG_ENGINES_MAX 256

/**
 * struct wq_settings - what is asked for of one queue
 * @given: bit n: enum wq_setting n is asked for; the rest is left as it is
 * @number: value, by enum wq_setting
 * @text: value, likewise
 */
struct wq_settings {
	uint32_t given;
	uint64_t number[WQ_SETTINGS];
	const char *text[WQ_SETTINGS];
};

static inline bool wq_settings_has(const struct wq_settings *settings, enum wq_setting setting)
{
	return settings->given & UINT32_C(1) << setting;
}

/* A queue of the file: wqN.@number. */
struct wq_config_queue {
	unsigned int number;
	struct wq_settings settings;
};

/* An engine of the file that is in a group. */
struct wq_config_engine {
	unsigned int number;
	unsigned int group_id;
};

/* What can be set on a group. */
enum wq_group_setting {
	WQ_GROUP_READ_BUFFERS_RESERVED,
	WQ_GROUP_READ_BUFFERS_ALLOWED,
	WQ_GROUP_USE_READ_BUFFER_LIMIT,
	WQ_GROUP_TRAFFIC_CLASS_A,
	WQ_GROUP_TRAFFIC_CLASS_B,
	WQ_GROUP_DESC_PROGRESS_LIMIT,
	WQ_GROUP_BATCH_PROGRESS_LIMIT,
	WQ_GROUP_SETTINGS
};

/* What can be set on the device. */
enum wq_device_setting {
	WQ_DEVICE_READ_BUFFER_LIMIT,
	WQ_DEVICE_EVENT_LOG_SIZE,
	WQ_DEVICE_SETTINGS
};

/* A group of the file; @given and @value by enum wq_group_setting. */
struct wq_config_group {
	unsigned int number;
	uint32_t given;
	uint64_t value[WQ_GROUP_SETTINGS];
};

/**
 * struct wq_config - the whole configuration
 * @path: of the file; NULL: there is none, @common is for all queues of the device
 * @device: name of the device in the file, "dsa0"
 * @common: from the command line, for every queue; in @queues it is merged already, and a
 *	threshold of the file goes when the command line makes the queue a dedicated one
 * @queues: of the file, in the order in which they are to come up: that of the file
 * @engines: of the file, each once; none: engines are the backend's matter
 * @groups: of the file, each once
 * @device_given: bits by enum wq_device_setting
 * @device_value: by enum wq_device_setting
 *
 * All zeros is the configuration that asks for nothing.
 */
struct wq_config {
	char *path;
	char *device;
	struct wq_settings common;
	struct wq_config_queue *queues;
	unsigned int queue_count;
	struct wq_config_engine *engines;
	unsigned int engine_count;
	struct wq_config_group *groups;
	unsigned int group_count;
	uint32_t device_given;
	uint64_t device_value[WQ_DEVICE_SETTINGS];

	/* Owner of the texts. */
	void *document;
};

/* The setting that comes from an option is given, and this is its value. */
void wq_settings_set(struct wq_settings *settings, enum wq_setting setting, uint64_t number,
		     const char *text);

/**
 * wq_config_load() - read a file as accel-config load-config does
 * @config: out: undone by wq_config_destroy(); @common in it is kept, and merged into
 *	every queue: the command line is stronger than the file
 * @path: the file
 * @device: which of its devices; NULL: the only one
 * @problem: out, on error: the place in the file, the key, what is wrong and what to do
 *
 * Keys that only report a state, as accel-config list prints them, say nothing about what
 * is wanted and are passed over; any other key that is not known is an error. So is what
 * contradicts itself, and a queue that could not come up.
 *
 * Returns 0; -EINVAL and others.
 */
int wq_config_load(struct wq_config *config, const char *path, const char *device,
		   struct problem *problem);
void wq_config_destroy(struct wq_config *config);

/* Is anything asked for at all? */
bool wq_config_asks(const struct wq_config *config);

/* How many queues there are to bring up, on a device with @device_queues. */
unsigned int wq_config_queues(const struct wq_config *config, unsigned int device_queues);
/* Number of the queue that comes up as the @nth, from 0. */
unsigned int wq_config_number(const struct wq_config *config, unsigned int nth);
/* What is asked for of it. */
const struct wq_settings *wq_config_settings(const struct wq_config *config, unsigned int nth);

/**
 * struct wq_key - something that can be set
 * @key: accel-config's key in files
 * @alias: the key in older files; NULL: none
 * @option: accel-config's option, "wq-size"; NULL: there is none
 * @text: it is a text, of at most @max bytes
 * @words: what can be said, by value; NULL ends them; NULL: it is a number
 * @min: smallest number
 * @max: largest
 * @neutral: the number that asks for nothing, for a device that cannot do it;
 *	WQ_NO_NEUTRAL: there is none
 */
struct wq_key {
	const char *key;
	const char *alias;
	const char *option;
	bool text;
	const char *const *words;
	uint64_t min;
	uint64_t max;
	uint64_t neutral;
};

#define WQ_NO_NEUTRAL UINT64_MAX

/* By enum wq_setting, wq_group_setting and wq_device_setting. */
extern const struct wq_key wq_keys[WQ_SETTINGS];
extern const struct wq_key wq_group_keys[WQ_GROUP_SETTINGS];
extern const struct wq_key wq_device_keys[WQ_DEVICE_SETTINGS];

/* One value as it is written: "dedicated", "16". Returns @text or a word. */
const char *wq_setting_text(const struct wq_settings *settings, enum wq_setting setting, char *text,
			    size_t size);

/**
 * struct wq_config_support - what a backend can do, on any device
 * @backend: its name, as in messages
 * @settable: bits by enum wq_setting: what it can set. Of the others it takes the value that
 *	changes nothing (threshold 0, block_on_fault 0, ...) and refuses the rest
 * @moot: bits, of these: they are taken and have no meaning here; a remark says so
 * @modes: bits by enum wq_mode
 * @types: bits by enum wq_type
 * @group_settable: bits by enum wq_group_setting, as @settable
 * @device_settable: bits by enum wq_device_setting, as @settable
 * @engines: it can put engines into groups
 */
struct wq_config_support {
	const char *backend;
	uint32_t settable;
	uint32_t moot;
	uint32_t modes;
	uint32_t types;
	uint32_t group_settable;
	uint32_t device_settable;
	bool engines;
};

/**
 * wq_config_check_support() - can the backend do that?
 * @remarks: where to say what has no meaning there; NULL: nowhere
 *
 * Returns 0; -EOPNOTSUPP with the place, the key and what to do in @problem.
 */
int wq_config_check_support(const struct wq_config *config, const struct wq_config_support *support,
			    FILE *remarks, struct problem *problem);

/**
 * struct wq_config_limits - what a device has; 0: not known, not checked
 * @queues, @groups, @engines: how many
 * @total_size: entries of all queues together
 * @max_batch_size: descriptors
 * @max_transfer_size: bytes
 */
struct wq_config_limits {
	unsigned int queues;
	unsigned int groups;
	unsigned int engines;
	uint64_t total_size;
	uint64_t max_batch_size;
	uint64_t max_transfer_size;
};

/**
 * wq_config_check_limits() - does it fit the device?
 * @count: queues that are to come up, at most wq_config_queues()
 *
 * Returns 0; -ENOSPC with the place, the key, both figures and what to do in @problem.
 */
int wq_config_check_limits(const struct wq_config *config, unsigned int count,
			   const struct wq_config_limits *limits, struct problem *problem);

#endif /* WQ_DEMO_WQ_CONFIG_H */
