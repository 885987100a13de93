// SPDX-License-Identifier: GPL-2.0-only
#include "queue_layout.h"

#include <errno.h>

#define BIT(n) (UINT32_C(1) << (n))

#define SETTABLE \
	(BIT(WQ_MODE) | BIT(WQ_TYPE) | BIT(WQ_SIZE) | BIT(WQ_GROUP_ID) | BIT(WQ_PRIORITY) | \
	 BIT(WQ_MAX_BATCH_SIZE) | BIT(WQ_MAX_TRANSFER_SIZE) | BIT(WQ_NAME))

#define GROUP_SETTABLE \
	(BIT(WQ_GROUP_READ_BUFFERS_RESERVED) | BIT(WQ_GROUP_READ_BUFFERS_ALLOWED) | \
	 BIT(WQ_GROUP_TRAFFIC_CLASS_A) | BIT(WQ_GROUP_TRAFFIC_CLASS_B))

/* Who gets a queue is idxd's matter; here it is always the same driver, in the kernel. */
#define MOOT BIT(WQ_DRIVER_NAME)

/* Both are told to the same call of the sample driver's interface. */
#define SUPPORT(word) \
	{ \
		.backend = word, .settable = SETTABLE, .moot = MOOT, \
		.modes = BIT(WQ_MODE_DEDICATED), .types = BIT(WQ_TYPE_KERNEL), \
		.group_settable = GROUP_SETTABLE, .engines = true, \
	}

const struct wq_config_support queue_layout_support_sample = SUPPORT("sample");
const struct wq_config_support queue_layout_support_sim = SUPPORT("sim");

/* The device counts in powers of two; accel-config rounds up as well. */
static uint8_t shift_of(uint64_t size)
{
	uint8_t shift = 0;

	while ((UINT64_C(1) << shift) < size)
		shift++;
	return shift;
}

/* As the driver does by itself, if it is not said. */
static unsigned int group_of(const struct wq_settings *settings, unsigned int number,
			     const struct dsa_sample_info *info)
{
	unsigned int used = info->groups < info->engines ? info->groups : info->engines;

	if (wq_settings_has(settings, WQ_GROUP_ID))
		return (unsigned int)settings->number[WQ_GROUP_ID];
	return number % used;
}

static void lay_out_queue(const struct wq_settings *settings, unsigned int number,
			  const struct dsa_sample_info *info, struct dsa_sample_configure *layout)
{
	struct dsa_sample_queue_config *queue = &layout->queues[number];

	*queue = (struct dsa_sample_queue_config){
		.size = (uint16_t)info->queue_entries,
		.priority = 1,
		.max_transfer_shift = shift_of(info->max_transfer),
		.max_batch_shift = 1,
	};
	if (wq_settings_has(settings, WQ_SIZE))
		queue->size = (uint16_t)settings->number[WQ_SIZE];
	if (wq_settings_has(settings, WQ_PRIORITY))
		queue->priority = (uint8_t)settings->number[WQ_PRIORITY];
	if (wq_settings_has(settings, WQ_MAX_TRANSFER_SIZE))
		queue->max_transfer_shift = shift_of(settings->number[WQ_MAX_TRANSFER_SIZE]);
	/* Of one descriptor there is none: it is not refused by accel-config either. */
	if (wq_settings_has(settings, WQ_MAX_BATCH_SIZE) && settings->number[WQ_MAX_BATCH_SIZE] > 1)
		queue->max_batch_shift = shift_of(settings->number[WQ_MAX_BATCH_SIZE]);
	layout->groups[group_of(settings, number, info)].queues |= UINT64_C(1) << number;
}

static void lay_out_engines(const struct wq_config *config, const struct dsa_sample_info *info,
			    struct dsa_sample_configure *layout)
{
	unsigned int engine = 0;

	for (unsigned int i = 0; i < config->engine_count; i++) {
		struct dsa_sample_group *group = &layout->groups[config->engines[i].group_id];

		/* A group with engines only is refused by the device. */
		if (group->queues)
			group->engines |= UINT64_C(1) << config->engines[i].number;
	}
	if (config->engine_count)
		return;
	while (engine < info->engines)
		for (unsigned int i = 0; i < info->groups; i++)
			if (layout->groups[i].queues && engine < info->engines)
				layout->groups[i].engines |= UINT64_C(1) << engine++;
}

/* Into the register's fields, by enum wq_group_setting. */
static void lay_out_groups(const struct wq_config *config, const struct dsa_sample_info *info,
			   struct dsa_sample_configure *layout)
{
	static const struct {
		unsigned int shift;
		uint64_t mask;
	} fields[WQ_GROUP_SETTINGS] = {
		[WQ_GROUP_READ_BUFFERS_RESERVED] = { 8, 0xff },
		[WQ_GROUP_READ_BUFFERS_ALLOWED] = { 20, 0xff },
		[WQ_GROUP_TRAFFIC_CLASS_A] = { 0, 0x7 },
		[WQ_GROUP_TRAFFIC_CLASS_B] = { 3, 0x7 },
	};

	for (unsigned int i = 0; i < info->groups; i++)
		layout->groups[i].flags = info->group_flags;
	for (unsigned int i = 0; i < config->group_count; i++) {
		const struct wq_config_group *group = &config->groups[i];

		for (unsigned int j = 0; j < WQ_GROUP_SETTINGS; j++) {
			__u64 *flags;

			if (!(group->given & BIT(j)) || !fields[j].mask)
				continue;
			flags = &layout->groups[group->number].flags;
			*flags &= ~(fields[j].mask << fields[j].shift);
			*flags |= (group->value[j] & fields[j].mask) << fields[j].shift;
		}
	}
}

/* What is true of each of them. */
static void take_smallest(const struct dsa_sample_configure *layout, struct dsa_sample_info *info)
{
	unsigned int entries = UINT16_MAX, shift = 63;

	for (unsigned int i = 0; i < DSA_SAMPLE_QUEUES; i++) {
		const struct dsa_sample_queue_config *queue = &layout->queues[i];

		if (!queue->size)
			continue;
		if (queue->size < entries)
			entries = queue->size;
		if (queue->max_transfer_shift < shift)
			shift = queue->max_transfer_shift;
	}
	info->queue_entries = entries;
	info->max_transfer = UINT64_C(1) << shift;
}

static int check_groups(const struct wq_config *config, const struct dsa_sample_info *info,
			struct problem *problem)
{
	for (unsigned int i = 0; i < config->group_count; i++)
		if (config->groups[i].number >= info->groups)
			return problem_set(problem, -ENOSPC,
					   "%.200s: %s: group %u: the device has groups 0 to %u",
					   config->path, config->device, config->groups[i].number,
					   info->groups - 1);
	return 0;
}

int queue_layout_make(const struct wq_config *config, unsigned int queues,
		      struct dsa_sample_info *info, struct dsa_sample_configure *layout,
		      struct problem *problem)
{
	const unsigned int all = wq_config_queues(config, info->queues);
	const unsigned int count = queues && queues < all ? queues : all;
	const struct wq_config_limits limits = {
		.queues = info->queues,
		.groups = info->groups,
		.engines = info->engines,
		.total_size = info->total_entries,
		.max_transfer_size = info->max_transfer,
	};
	int error;

	if (!info->groups || !info->engines || info->groups > DSA_SAMPLE_GROUPS)
		return problem_set(problem, -EOPNOTSUPP,
				   "the driver of this device cannot be told how queues are to be: "
				   "install both from the same release");
	error = wq_config_check_limits(config, count, &limits, problem);
	if (!error)
		error = check_groups(config, info, problem);
	if (error)
		return error;
	*layout = (struct dsa_sample_configure){ .argsz = sizeof(*layout) };
	for (unsigned int nth = 0; nth < count; nth++)
		lay_out_queue(wq_config_settings(config, nth), wq_config_number(config, nth), info,
			      layout);
	lay_out_engines(config, info, layout);
	lay_out_groups(config, info, layout);
	take_smallest(layout, info);
	return 0;
}
