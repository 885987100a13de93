// SPDX-License-Identifier: GPL-2.0-only
/* What is asked for of work queues, and whether a backend and a device can do it. */
#include "wq_config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#define BIT(n) (UINT32_C(1) << (n))

static const char *const modes[] = {
	[WQ_MODE_DEDICATED] = "dedicated",
	[WQ_MODE_SHARED] = "shared",
	NULL,
};

static const char *const types[] = {
	[WQ_TYPE_KERNEL] = "kernel",
	[WQ_TYPE_USER] = "user",
	[WQ_TYPE_MDEV] = "mdev",
	NULL,
};

const struct wq_key wq_keys[WQ_SETTINGS] = {
	[WQ_MODE] = { .key = "mode", .option = "mode", .words = modes, .neutral = WQ_NO_NEUTRAL },
	[WQ_TYPE] = { .key = "type", .option = "type", .words = types, .neutral = WQ_NO_NEUTRAL },
	[WQ_SIZE] = { .key = "size",
		      .option = "wq-size",
		      .min = 1,
		      .max = UINT16_MAX,
		      .neutral = WQ_NO_NEUTRAL },
	[WQ_GROUP_ID] = { .key = "group_id",
			  .option = "group-id",
			  .max = WQ_CONFIG_GROUPS_MAX - 1,
			  .neutral = WQ_NO_NEUTRAL },
	[WQ_PRIORITY] = { .key = "priority",
			  .option = "priority",
			  .min = 1,
			  .max = 15,
			  .neutral = WQ_NO_NEUTRAL },
	[WQ_THRESHOLD] = { .key = "threshold", .option = "threshold", .max = UINT16_MAX },
	[WQ_BLOCK_ON_FAULT] = { .key = "block_on_fault", .option = "block-on-fault", .max = 1 },
	[WQ_MAX_BATCH_SIZE] = { .key = "max_batch_size",
				.option = "max-batch-size",
				.min = 1,
				.max = UINT64_C(1) << 15,
				.neutral = WQ_NO_NEUTRAL },
	[WQ_MAX_TRANSFER_SIZE] = { .key = "max_transfer_size",
				   .option = "max-transfer-size",
				   .min = 1,
				   .max = UINT64_C(1) << 31,
				   .neutral = WQ_NO_NEUTRAL },
	[WQ_ATS_DISABLE] = { .key = "ats_disable", .option = "ats-disable", .max = 1 },
	[WQ_PRS_DISABLE] = { .key = "prs_disable", .option = "prs-disable", .max = 1 },
	[WQ_NAME] = { .key = "name", .option = "name", .text = true, .max = WQ_NAME_MAX },
	[WQ_DRIVER_NAME] = { .key = "driver_name",
			     .option = "driver-name",
			     .text = true,
			     .max = WQ_DRIVER_NAME_MAX },
	[WQ_OP_CONFIG] = { .key = "op_config", .option = "op-config", .text = true, .max = 128 },
};

const struct wq_key wq_group_keys[WQ_GROUP_SETTINGS] = {
	[WQ_GROUP_READ_BUFFERS_RESERVED] = { .key = "read_buffers_reserved",
					     .alias = "tokens_reserved",
					     .max = 255 },
	[WQ_GROUP_READ_BUFFERS_ALLOWED] = { .key = "read_buffers_allowed",
					    .alias = "tokens_allowed",
					    .max = 255,
					    .neutral = WQ_NO_NEUTRAL },
	[WQ_GROUP_USE_READ_BUFFER_LIMIT] = { .key = "use_read_buffer_limit",
					     .alias = "use_token_limit",
					     .max = 1 },
	[WQ_GROUP_TRAFFIC_CLASS_A] = { .key = "traffic_class_a",
				       .max = 7,
				       .neutral = WQ_NO_NEUTRAL },
	[WQ_GROUP_TRAFFIC_CLASS_B] = { .key = "traffic_class_b",
				       .max = 7,
				       .neutral = WQ_NO_NEUTRAL },
	[WQ_GROUP_DESC_PROGRESS_LIMIT] = { .key = "desc_progress_limit", .max = 3 },
	[WQ_GROUP_BATCH_PROGRESS_LIMIT] = { .key = "batch_progress_limit", .max = 3 },
};

const struct wq_key wq_device_keys[WQ_DEVICE_SETTINGS] = {
	[WQ_DEVICE_READ_BUFFER_LIMIT] = { .key = "read_buffer_limit",
					  .alias = "token_limit",
					  .max = 255 },
	[WQ_DEVICE_EVENT_LOG_SIZE] = { .key = "event_log_size", .max = UINT16_MAX },
};

void wq_settings_set(struct wq_settings *settings, enum wq_setting setting, uint64_t number,
		     const char *text)
{
	settings->given |= BIT(setting);
	settings->number[setting] = number;
	settings->text[setting] = text;
}

const char *wq_setting_text(const struct wq_settings *settings, enum wq_setting setting, char *text,
			    size_t size)
{
	if (wq_keys[setting].text)
		return settings->text[setting];
	if (wq_keys[setting].words)
		return wq_keys[setting].words[settings->number[setting]];
	snprintf(text, size, "%" PRIu64, settings->number[setting]);
	return text;
}

void wq_config_destroy(struct wq_config *config)
{
	free(config->path);
	free(config->device);
	free(config->queues);
	free(config->engines);
	free(config->groups);
	json_object_put(config->document);
	*config = (struct wq_config){ 0 };
}

bool wq_config_asks(const struct wq_config *config)
{
	return config && (config->path || config->common.given);
}

unsigned int wq_config_queues(const struct wq_config *config, unsigned int device_queues)
{
	return config && config->path ? config->queue_count : device_queues;
}

unsigned int wq_config_number(const struct wq_config *config, unsigned int nth)
{
	return config && config->path ? config->queues[nth].number : nth;
}

const struct wq_settings *wq_config_settings(const struct wq_config *config, unsigned int nth)
{
	static const struct wq_settings nothing;

	if (!config)
		return &nothing;
	return config->path ? &config->queues[nth].settings : &config->common;
}

/* ---- Where something stands ------------------------------------------------------ */

#define PLACE_TEXT 300

/* Of a setting of the @nth queue: the option, or the queue in the file. */
static const char *place_of(const struct wq_config *config, unsigned int nth,
			    enum wq_setting setting, char text[PLACE_TEXT])
{
	if (wq_settings_has(&config->common, setting))
		snprintf(text, PLACE_TEXT, "--%s", wq_keys[setting].option);
	else
		snprintf(text, PLACE_TEXT, "%.200s: wq%s.%u: %s", config->path,
			 config->device + strcspn(config->device, "0123456789"),
			 config->queues[nth].number, wq_keys[setting].key);
	return text;
}

/* How to be rid of it. */
static const char *remedy_of(const struct wq_config *config, enum wq_setting setting,
			     char text[PLACE_TEXT])
{
	if (wq_settings_has(&config->common, setting))
		return "leave it out";
	snprintf(text, PLACE_TEXT, "take it out of the file, or say otherwise with --%s",
		 wq_keys[setting].option);
	return text;
}

/* Queues that are looked at: those of the file, or the one description of all. */
static unsigned int descriptions(const struct wq_config *config)
{
	return config->path ? config->queue_count : 1;
}

/* ---- What the backend can do -------------------------------------------------------- */

static int refuse_word(const struct wq_config *config, unsigned int nth, enum wq_setting setting,
		       uint32_t allowed, const char *backend, struct problem *problem)
{
	const uint64_t value = wq_config_settings(config, nth)->number[setting];
	const char *const *words = wq_keys[setting].words;
	char place[PLACE_TEXT], can[64] = "";

	for (size_t i = 0; words[i]; i++)
		if (allowed & BIT(i))
			snprintf(can + strlen(can), sizeof(can) - strlen(can), "%s%s",
				 *can ? " or " : "", words[i]);
	return problem_set(problem, -EOPNOTSUPP,
			   "%s: '%s': queues of the backend %s are %s only: say --%s %s, or use "
			   "another backend",
			   place_of(config, nth, setting, place), words[value], backend, can,
			   wq_keys[setting].option, can);
}

static int check_setting(const struct wq_config *config, unsigned int nth, enum wq_setting setting,
			 const struct wq_config_support *support, struct problem *problem)
{
	const struct wq_settings *settings = wq_config_settings(config, nth);
	const uint64_t value = settings->number[setting];
	char place[PLACE_TEXT], remedy[PLACE_TEXT], text[32];

	if (!wq_settings_has(settings, setting) || (support->moot & BIT(setting)))
		return 0;
	if (support->settable & BIT(setting)) {
		if (setting == WQ_MODE && !(support->modes & BIT(value)))
			return refuse_word(config, nth, setting, support->modes, support->backend,
					   problem);
		if (setting == WQ_TYPE && !(support->types & BIT(value)))
			return refuse_word(config, nth, setting, support->types, support->backend,
					   problem);
		return 0;
	}
	if (!wq_keys[setting].text && value == wq_keys[setting].neutral)
		return 0;
	return problem_set(problem, -EOPNOTSUPP, "%s: '%s': the backend %s cannot set that: %s",
			   place_of(config, nth, setting, place),
			   wq_setting_text(settings, setting, text, sizeof(text)), support->backend,
			   remedy_of(config, setting, remedy));
}

/* Of groups and of the device: in files only. */
static int check_values(const struct wq_config *config, const char *where, uint32_t given,
			const uint64_t *value, const struct wq_key *keys, unsigned int count,
			uint32_t settable, const char *backend, struct problem *problem)
{
	for (unsigned int i = 0; i < count; i++)
		if ((given & BIT(i)) && !(settable & BIT(i)) && value[i] != keys[i].neutral)
			return problem_set(problem, -EOPNOTSUPP,
					   "%.200s: %s: %s: %" PRIu64
					   ": the backend %s cannot set that: take it out of the "
					   "file",
					   config->path, where, keys[i].key, value[i], backend);
	return 0;
}

static int check_groups(const struct wq_config *config, const struct wq_config_support *support,
			struct problem *problem)
{
	for (unsigned int i = 0; i < config->group_count; i++) {
		const struct wq_config_group *group = &config->groups[i];
		char where[32];
		int error;

		snprintf(where, sizeof(where), "group%.10s.%u",
			 config->device + strcspn(config->device, "0123456789"), group->number);
		error = check_values(config, where, group->given, group->value, wq_group_keys,
				     WQ_GROUP_SETTINGS, support->group_settable, support->backend,
				     problem);
		if (error)
			return error;
	}
	return 0;
}

static void remark(const struct wq_config *config, const struct wq_config_support *support,
		   FILE *remarks)
{
	char place[PLACE_TEXT], text[32];

	for (unsigned int i = 0; i < WQ_SETTINGS; i++)
		for (unsigned int nth = 0; nth < descriptions(config); nth++) {
			const struct wq_settings *settings = wq_config_settings(config, nth);

			if (!(support->moot & BIT(i)) || !wq_settings_has(settings, i))
				continue;
			fprintf(remarks, "%s: '%s' has no meaning for the backend %s\n",
				place_of(config, nth, i, place),
				wq_setting_text(settings, i, text, sizeof(text)), support->backend);
			/* Once for each key is enough. */
			break;
		}
}

int wq_config_check_support(const struct wq_config *config, const struct wq_config_support *support,
			    FILE *remarks, struct problem *problem)
{
	int error = 0;

	if (!wq_config_asks(config))
		return 0;
	if (!support)
		return problem_set(problem, -EOPNOTSUPP,
				   "the queues of this backend cannot be configured: leave out "
				   "%s%s",
				   config->path ? "--config-file and " : "",
				   "what describes queues (--mode, --wq-size, ...)");
	for (unsigned int nth = 0; nth < descriptions(config); nth++)
		for (unsigned int i = 0; i < WQ_SETTINGS && !error; i++)
			error = check_setting(config, nth, i, support, problem);
	if (!error)
		error = check_groups(config, support, problem);
	if (!error)
		error = check_values(config, config->device, config->device_given,
				     config->device_value, wq_device_keys, WQ_DEVICE_SETTINGS,
				     support->device_settable, support->backend, problem);
	if (!error && config->engine_count && !support->engines)
		error = problem_set(problem, -EOPNOTSUPP,
				    "%.200s: %s: grouped_engines: the backend %s cannot set that: "
				    "take them out of the file",
				    config->path, config->device, support->backend);
	if (!error && remarks)
		remark(config, support, remarks);
	return error;
}

/* ---- What the device has --------------------------------------------------------------- */

static int too_large(const struct wq_config *config, unsigned int nth, enum wq_setting setting,
		     const char *what, uint64_t limit, struct problem *problem)
{
	char place[PLACE_TEXT];

	return problem_set(problem, -ENOSPC, "%s: %" PRIu64 ": the device has %s %" PRIu64,
			   place_of(config, nth, setting, place),
			   wq_config_settings(config, nth)->number[setting], what, limit);
}

static int check_queue(const struct wq_config *config, unsigned int nth,
		       const struct wq_config_limits *limits, struct problem *problem)
{
	const struct wq_settings *settings = wq_config_settings(config, nth);
	const struct {
		enum wq_setting setting;
		uint64_t limit;
		const char *what;
	} each[] = {
		/* Groups are counted from 0. */
		{ WQ_GROUP_ID, limits->groups ? limits->groups - 1 : 0, "groups 0 to" },
		{ WQ_SIZE, limits->total_size, "entries, in all" },
		{ WQ_MAX_BATCH_SIZE, limits->max_batch_size, "batches of at most" },
		{ WQ_MAX_TRANSFER_SIZE, limits->max_transfer_size, "transfers of at most" },
	};

	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		bool known = each[i].setting == WQ_GROUP_ID ? limits->groups : each[i].limit;

		if (known && wq_settings_has(settings, each[i].setting) &&
		    settings->number[each[i].setting] > each[i].limit)
			return too_large(config, nth, each[i].setting, each[i].what, each[i].limit,
					 problem);
	}
	return 0;
}

static int check_sum(const struct wq_config *config, unsigned int count,
		     const struct wq_config_limits *limits, struct problem *problem)
{
	uint64_t sum = 0;
	char place[PLACE_TEXT];

	/* One of which nothing is said needs an entry at least. */
	for (unsigned int nth = 0; nth < count; nth++) {
		const struct wq_settings *settings = wq_config_settings(config, nth);

		sum += wq_settings_has(settings, WQ_SIZE) ? settings->number[WQ_SIZE] : 1;
	}
	if (!limits->total_size || sum <= limits->total_size)
		return 0;
	if (wq_settings_has(&config->common, WQ_SIZE))
		snprintf(place, sizeof(place), "--wq-size");
	else
		snprintf(place, sizeof(place), "%.200s: %s: size", config->path, config->device);
	return problem_set(problem, -ENOSPC,
			   "%s: %u queues with %" PRIu64
			   " entries together, the device has %" PRIu64
			   ": make them smaller, or fewer with --queues",
			   place, count, sum, limits->total_size);
}

static bool has_engine(const struct wq_config *config, uint64_t group_id)
{
	for (unsigned int i = 0; i < config->engine_count; i++)
		if (config->engines[i].group_id == group_id)
			return true;
	return false;
}

/* With engines in the file, each group that is used must have one. */
static int check_engines(const struct wq_config *config, unsigned int count,
			 const struct wq_config_limits *limits, struct problem *problem)
{
	for (unsigned int i = 0; i < config->engine_count; i++)
		if (limits->engines && config->engines[i].number >= limits->engines)
			return problem_set(problem, -ENOSPC,
					   "%.200s: %s: engine %u: the device has engines 0 to %u",
					   config->path, config->device, config->engines[i].number,
					   limits->engines - 1);
	for (unsigned int nth = 0; config->engine_count && nth < count; nth++) {
		const struct wq_settings *settings = wq_config_settings(config, nth);
		char place[PLACE_TEXT];

		if (wq_settings_has(settings, WQ_GROUP_ID) &&
		    !has_engine(config, settings->number[WQ_GROUP_ID]))
			return problem_set(problem, -ENOSPC,
					   "%s: %" PRIu64
					   ": this group has no engine, nothing would work on the "
					   "queue: put one into its grouped_engines",
					   place_of(config, nth, WQ_GROUP_ID, place),
					   settings->number[WQ_GROUP_ID]);
	}
	return 0;
}

int wq_config_check_limits(const struct wq_config *config, unsigned int count,
			   const struct wq_config_limits *limits, struct problem *problem)
{
	int error = 0;

	if (!wq_config_asks(config))
		return 0;
	for (unsigned int nth = 0; nth < count && !error; nth++) {
		if (limits->queues && wq_config_number(config, nth) >= limits->queues)
			return problem_set(problem, -ENOSPC,
					   "%.200s: %s: queue %u: the device has queues 0 to %u",
					   config->path ?: "", config->device ?: "",
					   wq_config_number(config, nth), limits->queues - 1);
		error = check_queue(config, nth, limits, problem);
	}
	if (!error)
		error = check_sum(config, count, limits, problem);
	return error ?: check_engines(config, count, limits, problem);
}
