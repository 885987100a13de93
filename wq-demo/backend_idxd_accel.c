// SPDX-License-Identifier: GPL-2.0-only
#include "backend_idxd_accel.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_ACCEL_CONFIG
#include <accel-config/libaccel_config.h>
#endif

#include "doctor_files.h"
#include "units.h"

#define DSA_DEVICES "/sys/bus/dsa/devices"
#define PCI_DRIVER "/sys/bus/pci/drivers/idxd"

/* The PCI function of a device of the bus dsa: "" if it cannot be told. */
static void address_of(const struct doctor_machine *machine, const char *name, char *address,
		       size_t size)
{
	char path[DOCTOR_PATH], *target, *slash;

	address[0] = '\0';
	target = realpath(doctor_path(machine, path, DSA_DEVICES "/%s", name), NULL);
	/* /sys/devices/pci0000:00/0000:00:04.0/dsa0 */
	slash = target ? strrchr(target, '/') : NULL;
	if (slash) {
		*slash = '\0';
		slash = strrchr(target, '/');
		snprintf(address, size, "%s", slash ? slash + 1 : "");
	}
	free(target);
}

bool accel_present(const struct doctor_machine *machine)
{
	bool found = false;
	char **names;
	size_t count = doctor_list(machine, &names, DSA_DEVICES);

	for (size_t i = 0; i < count; i++)
		found |= !strncmp(names[i], "dsa", 3);
	doctor_names_free(names, count);
	return found;
}

#define BIT(n) (UINT32_C(1) << (n))

const struct wq_config_support accel_support = {
	.backend = "idxd",
	.settable = BIT(WQ_MODE) | BIT(WQ_THRESHOLD) | BIT(WQ_TYPE) | BIT(WQ_SIZE) |
		    BIT(WQ_GROUP_ID) | BIT(WQ_PRIORITY) | BIT(WQ_BLOCK_ON_FAULT) |
		    BIT(WQ_MAX_BATCH_SIZE) | BIT(WQ_MAX_TRANSFER_SIZE) | BIT(WQ_ATS_DISABLE) |
#ifdef HAVE_ACCFG_WQ_SET_PRS_DISABLE
		    BIT(WQ_PRS_DISABLE) |
#endif
#ifdef HAVE_ACCFG_WQ_SET_OP_CONFIG_STR
		    BIT(WQ_OP_CONFIG) |
#endif
		    BIT(WQ_NAME) | BIT(WQ_DRIVER_NAME),
	.modes = BIT(WQ_MODE_DEDICATED) | BIT(WQ_MODE_SHARED),
	.types = BIT(WQ_TYPE_KERNEL),
	.group_settable =
#ifdef HAVE_ACCFG_GROUP_SET_DESC_PROGRESS_LIMIT
		BIT(WQ_GROUP_DESC_PROGRESS_LIMIT) |
#endif
#ifdef HAVE_ACCFG_GROUP_SET_BATCH_PROGRESS_LIMIT
		BIT(WQ_GROUP_BATCH_PROGRESS_LIMIT) |
#endif
		BIT(WQ_GROUP_READ_BUFFERS_RESERVED) | BIT(WQ_GROUP_READ_BUFFERS_ALLOWED) |
		BIT(WQ_GROUP_USE_READ_BUFFER_LIMIT) | BIT(WQ_GROUP_TRAFFIC_CLASS_A) |
		BIT(WQ_GROUP_TRAFFIC_CLASS_B),
	.device_settable =
#ifdef HAVE_ACCFG_DEVICE_SET_EVENT_LOG_SIZE
		BIT(WQ_DEVICE_EVENT_LOG_SIZE) |
#endif
		BIT(WQ_DEVICE_READ_BUFFER_LIMIT),
	.engines = true,
};

#ifdef HAVE_ACCEL_CONFIG

/* Which takes a queue as a DMA channel. */
#define DMA_DRIVER "dmaengine"

struct accel {
	const struct doctor_machine *machine;
	struct accfg_ctx *context;
	struct accfg_device *device;
	struct accel_info info;
	bool configured;
	bool device_enabled;
	unsigned int queues_up;
};

/* The library would write to the standard error what this program says itself. */
static void drop_message(struct accfg_ctx *context, int priority, const char *file, int line,
			 const char *function, const char *format, va_list arguments)
{
	(void)context;
	(void)priority;
	(void)file;
	(void)line;
	(void)function;
	(void)format;
	(void)arguments;
}

static int open_library(struct accel *accel, struct problem *problem)
{
	int error = accfg_new(&accel->context);

	if (error)
		return problem_set(problem, error < 0 ? error : -EIO,
				   "libaccel-config does not start: %s", strerror(abs(error)));
	accfg_set_log_fn(accel->context, drop_message);
	return 0;
}

static void describe(struct accel *accel, struct accfg_device *device)
{
	struct accel_info *info = &accel->info;

	accel->device = device;
	*info = (struct accel_info){
		.version = accfg_device_get_version(device),
		.queues = accfg_device_get_max_work_queues(device),
		.groups = accfg_device_get_max_groups(device),
		.engines = accfg_device_get_max_engines(device),
		.entries = accfg_device_get_max_work_queues_size(device),
		.max_transfer = accfg_device_get_max_transfer_size(device),
	};
	snprintf(info->name, sizeof(info->name), "%s", accfg_device_get_devname(device));
	address_of(accel->machine, info->name, info->address, sizeof(info->address));
}

/* Why the device is not idle; NULL: it is. */
static const char *use_of(struct accfg_device *device, char text[64])
{
	struct accfg_wq *queue;

	if (accfg_device_get_state(device) == ACCFG_DEVICE_ENABLED)
		return "it is enabled";
	/* A configuration that was made and not used yet is somebody's work, too. */
	accfg_wq_foreach(device, queue)
	{
		if (accfg_wq_get_size(queue) == 0)
			continue;
		snprintf(text, 64, "%s is configured", accfg_wq_get_devname(queue));
		return text;
	}
	return NULL;
}

static int refuse_busy(const char *name, const char *use, struct problem *problem)
{
	return problem_set(problem, -EBUSY,
			   "%s is not idle: %s. This backend configures the whole device: see who "
			   "uses it, save its configuration if it is needed (accel-config "
			   "save-config), then accel-config disable-device %s",
			   name, use, name);
}

static int find_device(struct accel *accel, const char *name, struct problem *problem)
{
	char text[64], busy[32] = "", first_use[64];
	struct accfg_device *device;

	accfg_device_foreach(accel->context, device)
	{
		const char *devname = accfg_device_get_devname(device), *use;

		if (accfg_device_get_type(device) != ACCFG_DEVICE_DSA ||
		    (name && strcmp(name, devname) != 0))
			continue;
		use = use_of(device, text);
		if (!use) {
			describe(accel, device);
			return 0;
		}
		if (busy[0])
			continue;
		snprintf(busy, sizeof(busy), "%s", devname);
		snprintf(first_use, sizeof(first_use), "%s", use);
	}
	if (busy[0])
		return refuse_busy(busy, first_use, problem);
	if (name)
		return problem_set(
			problem, -ENODEV,
			"--device %s: the driver idxd has no DSA of this name: accel-config "
			"list -i shows those it has",
			name);
	return problem_set(problem, -ENODEV,
			   "no DSA is bound to the driver idxd: modprobe idxd, which needs a "
			   "processor with MOVDIR64B; accel-config list -i shows what it has");
}

static int write_driver(const struct doctor_machine *machine, const char *file, const char *address,
			struct problem *problem)
{
	char path[DOCTOR_PATH];
	int error = 0, fd;

	fd = open(doctor_path(machine, path, PCI_DRIVER "/%s", file), O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, address, strlen(address)) < 0)
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error ? problem_set(problem, error, "cannot %s %s %s the driver idxd: %s", file,
				   address, strcmp(file, "bind") ? "from" : "to", strerror(-error))
		     : 0;
}

/* Look for the device by its PCI function: its name may have changed. */
static int find_again(struct accel *accel, const char *address, struct problem *problem)
{
	struct accfg_device *device;

	accfg_device_foreach(accel->context, device)
	{
		describe(accel, device);
		if (strcmp(accel->info.address, address) == 0)
			return 0;
	}
	accel->device = NULL;
	return problem_set(
		problem, -ENODEV,
		"the driver idxd was bound to %s anew and did not take it: the kernel's log "
		"says why",
		address);
}

/* The library keeps what it has read, so it begins anew, too. */
int accel_renew(struct accel *accel, struct problem *problem)
{
	char address[sizeof(accel->info.address)];
	int error;

	memcpy(address, accel->info.address, sizeof(address));
	accfg_unref(accel->context);
	accel->context = NULL;
	accel->device = NULL;
	error = write_driver(accel->machine, "unbind", address, problem);
	if (!error)
		error = write_driver(accel->machine, "bind", address, problem);
	if (!error)
		error = open_library(accel, problem);
	return error ? error : find_again(accel, address, problem);
}

int accel_open(const struct doctor_machine *machine, const char *name, struct accel **accel,
	       struct accel_info *info, struct problem *problem)
{
	struct accel *made;
	int error;

	if (!accel_present(machine))
		return problem_set(
			problem, -ENODEV,
			"no DSA is bound to the driver idxd: modprobe idxd, which needs a "
			"processor with MOVDIR64B; the kernel's log says why it did not load");
	made = calloc(1, sizeof(*made));
	if (!made)
		return problem_set(problem, -ENOMEM, "out of memory");
	made->machine = machine;
	error = open_library(made, problem);
	if (!error)
		error = find_device(made, name, problem);
	if (!error && !made->info.address[0])
		error = problem_set(problem, -ENODEV, "%s is no PCI function", made->info.name);
	if (error) {
		accel_close(made);
		return error;
	}
	*info = made->info;
	*accel = made;
	return 0;
}

/* What the driver has against it, by its own account. */
static const char *reason_of(struct accel *accel, int error)
{
	const char *text = NULL;

	if (accfg_device_get_cmd_status(accel->device))
		text = accfg_device_get_cmd_status_str(accel->device);
	return text && *text ? text : strerror(abs(error));
}

/* A driver that refuses something says so with an errno only. */
static int refused(struct accel *accel, const char *key, const char *of, int error,
		   struct problem *problem)
{
	error = error < 0 ? error : -EIO;
	return problem_set(problem, error, "%s: the driver does not take the %s of %s: %s%s",
			   accel->info.name, key, of, strerror(-error),
			   strncmp(key, "traffic_class", 13) == 0 && error == -EPERM
				   ? " (before version 3 it does if loaded with tc_override=1)"
				   : "");
}

static int set_engines(struct accel *accel, const struct wq_config *config, struct problem *problem)
{
	/* A group needs an engine. */
	const unsigned int groups =
		accel->info.groups < accel->info.engines ? accel->info.groups : accel->info.engines;
	struct accfg_engine *engine;
	int error;

	if (!groups)
		return problem_set(problem, -ENODEV, "%s has no engine", accel->info.name);
	accfg_engine_foreach(accel->device, engine)
	{
		const int id = accfg_engine_get_id(engine);
		int group = config && config->engine_count ? -1 : id % (int)groups;

		for (unsigned int i = 0; config && i < config->engine_count; i++)
			if ((int)config->engines[i].number == id)
				group = (int)config->engines[i].group_id;
		if (group < 0)
			continue;
		error = accfg_engine_set_group_id(engine, group);
		if (error)
			return refused(accel, "group_id", accfg_engine_get_devname(engine), error,
				       problem);
	}
	return 0;
}

/* In the order of enum wq_group_setting; NULL: the library cannot. */
static const struct {
	int (*set)(struct accfg_group *group, int value);
	int (*get)(struct accfg_group *group);
} group_functions[WQ_GROUP_SETTINGS] = {
	[WQ_GROUP_READ_BUFFERS_RESERVED] = { accfg_group_set_read_buffers_reserved,
					     accfg_group_get_read_buffers_reserved },
	[WQ_GROUP_READ_BUFFERS_ALLOWED] = { accfg_group_set_read_buffers_allowed,
					    accfg_group_get_read_buffers_allowed },
	[WQ_GROUP_USE_READ_BUFFER_LIMIT] = { accfg_group_set_use_read_buffer_limit,
					     accfg_group_get_use_read_buffer_limit },
	[WQ_GROUP_TRAFFIC_CLASS_A] = { accfg_group_set_traffic_class_a,
				       accfg_group_get_traffic_class_a },
	[WQ_GROUP_TRAFFIC_CLASS_B] = { accfg_group_set_traffic_class_b,
				       accfg_group_get_traffic_class_b },
#ifdef HAVE_ACCFG_GROUP_SET_DESC_PROGRESS_LIMIT
	[WQ_GROUP_DESC_PROGRESS_LIMIT] = { accfg_group_set_desc_progress_limit,
					   accfg_group_get_desc_progress_limit },
#endif
#ifdef HAVE_ACCFG_GROUP_SET_BATCH_PROGRESS_LIMIT
	[WQ_GROUP_BATCH_PROGRESS_LIMIT] = { accfg_group_set_batch_progress_limit,
					    accfg_group_get_batch_progress_limit },
#endif
};

/* What is so already is not written: without the capability idxd refuses any value. */
static int set_groups(struct accel *accel, const struct wq_config *config, struct problem *problem)
{
	for (unsigned int i = 0; i < config->group_count; i++) {
		const struct wq_config_group *wanted = &config->groups[i];
		struct accfg_group *group =
			accfg_device_group_get_by_id(accel->device, (int)wanted->number);

		if (!group)
			return problem_set(problem, -ENODEV, "%s has no group %u", accel->info.name,
					   wanted->number);
		for (unsigned int j = 0; j < WQ_GROUP_SETTINGS; j++) {
			const int value = (int)wanted->value[j];
			int error;

			if (!(wanted->given & BIT(j)) || !group_functions[j].set ||
			    group_functions[j].get(group) == value)
				continue;
			error = group_functions[j].set(group, value);
			if (error)
				return refused(accel, wq_group_keys[j].key,
					       accfg_group_get_devname(group), error, problem);
		}
	}
	return 0;
}

static int set_device(struct accel *accel, const struct wq_config *config, struct problem *problem)
{
	int error = 0;

	if (config->device_given & BIT(WQ_DEVICE_READ_BUFFER_LIMIT) &&
	    accfg_device_get_read_buffer_limit(accel->device) !=
		    config->device_value[WQ_DEVICE_READ_BUFFER_LIMIT])
		error = accfg_device_set_read_buffer_limit(
			accel->device, (int)config->device_value[WQ_DEVICE_READ_BUFFER_LIMIT]);
	if (error)
		return refused(accel, wq_device_keys[WQ_DEVICE_READ_BUFFER_LIMIT].key,
			       accel->info.name, error, problem);
#ifdef HAVE_ACCFG_DEVICE_SET_EVENT_LOG_SIZE
	if (config->device_given & BIT(WQ_DEVICE_EVENT_LOG_SIZE) &&
	    accfg_device_get_event_log_size(accel->device) !=
		    config->device_value[WQ_DEVICE_EVENT_LOG_SIZE])
		error = accfg_device_set_event_log_size(
			accel->device, (int)config->device_value[WQ_DEVICE_EVENT_LOG_SIZE]);
	if (error)
		return refused(accel, wq_device_keys[WQ_DEVICE_EVENT_LOG_SIZE].key,
			       accel->info.name, error, problem);
#endif
	return 0;
}

/* Wrappers, so that all have one type. */
static int set_max_transfer(struct accfg_wq *queue, int value)
{
	return accfg_wq_set_max_transfer_size(queue, (uint64_t)value);
}

/* Settings that are written only if they are asked for; accel_configure() has the others. */
static const struct {
	enum wq_setting setting;
	int (*set)(struct accfg_wq *queue, int value);
	/* NULL: it is always written. */
	int (*get)(struct accfg_wq *queue);
} queue_functions[] = {
	{ WQ_BLOCK_ON_FAULT, accfg_wq_set_block_on_fault, accfg_wq_get_block_on_fault },
	{ WQ_MAX_BATCH_SIZE, accfg_wq_set_max_batch_size, NULL },
	{ WQ_MAX_TRANSFER_SIZE, set_max_transfer, NULL },
	{ WQ_ATS_DISABLE, accfg_wq_set_ats_disable, accfg_wq_get_ats_disable },
#ifdef HAVE_ACCFG_WQ_SET_PRS_DISABLE
	{ WQ_PRS_DISABLE, accfg_wq_set_prs_disable, accfg_wq_get_prs_disable },
#endif
};

static int set_optional(struct accel *accel, struct accfg_wq *queue,
			const struct wq_settings *settings, struct problem *problem)
{
	int error = 0;

	for (size_t i = 0; i < sizeof(queue_functions) / sizeof(queue_functions[0]); i++) {
		const enum wq_setting setting = queue_functions[i].setting;
		const int value = (int)settings->number[setting];

		if (!wq_settings_has(settings, setting) ||
		    (queue_functions[i].get && queue_functions[i].get(queue) == value))
			continue;
		error = queue_functions[i].set(queue, value);
		if (error)
			return refused(accel, wq_keys[setting].key, accfg_wq_get_devname(queue),
				       error, problem);
	}
#ifdef HAVE_ACCFG_WQ_SET_OP_CONFIG_STR
	if (wq_settings_has(settings, WQ_OP_CONFIG))
		error = accfg_wq_set_op_config_str(queue, settings->text[WQ_OP_CONFIG]);
	if (error)
		return refused(accel, wq_keys[WQ_OP_CONFIG].key, accfg_wq_get_devname(queue), error,
			       problem);
#endif
	return 0;
}

static uint64_t number_or(const struct wq_settings *settings, enum wq_setting setting,
			  uint64_t otherwise)
{
	return wq_settings_has(settings, setting) ? settings->number[setting] : otherwise;
}

static int configure_queue(struct accel *accel, unsigned int number,
			   const struct wq_settings *settings, unsigned int entries,
			   struct problem *problem)
{
	const unsigned int groups =
		accel->info.groups < accel->info.engines ? accel->info.groups : accel->info.engines;
	struct accfg_wq *queue = accfg_device_wq_get_by_id(accel->device, (int)number);
	const bool is_shared = number_or(settings, WQ_MODE, WQ_MODE_DEDICATED) == WQ_MODE_SHARED;
	enum wq_setting what = WQ_MODE;
	char made_name[24];
	const char *name = made_name;
	int error;

	if (!queue)
		return problem_set(problem, -ENODEV, "%s has no queue %u", accel->info.name,
				   number);
	snprintf(made_name, sizeof(made_name), "wq-demo%u", number);
	if (wq_settings_has(settings, WQ_NAME))
		name = settings->text[WQ_NAME];
	error = accfg_wq_set_str_mode(queue, is_shared ? "shared" : "dedicated");
	if (!error) {
		what = WQ_SIZE;
		error = accfg_wq_set_size(queue, (int)number_or(settings, WQ_SIZE, entries));
	}
	if (!error) {
		what = WQ_GROUP_ID;
		error = accfg_wq_set_group_id(
			queue, (int)number_or(settings, WQ_GROUP_ID, number % groups));
	}
	if (!error) {
		what = WQ_PRIORITY;
		error = accfg_wq_set_priority(queue, (int)number_or(settings, WQ_PRIORITY, 10));
	}
	/* To set the type clears the name. */
	if (!error) {
		what = WQ_TYPE;
		error = accfg_wq_set_str_type(queue, "kernel");
	}
	if (!error) {
		what = WQ_NAME;
		error = accfg_wq_set_str_name(queue, name);
	}
	if (!error && doctor_exists(accel->machine, DSA_DEVICES "/%s/driver_name",
				    accfg_wq_get_devname(queue))) {
		what = WQ_DRIVER_NAME;
		error = accfg_wq_set_str_driver_name(queue, DMA_DRIVER);
	}
	/* All of it, where nothing is asked for: without one the driver does not enable it. */
	if (!error && is_shared) {
		const uint64_t size = number_or(settings, WQ_SIZE, entries);

		what = WQ_THRESHOLD;
		error = accfg_wq_set_threshold(queue, (int)number_or(settings, WQ_THRESHOLD, size));
	}
	if (error)
		return refused(accel, wq_keys[what].key, accfg_wq_get_devname(queue), error,
			       problem);
	return set_optional(accel, queue, settings, problem);
}

/* The queues become DMA channels; with another driver there is nothing for dmatest. */
static int check_drivers(const struct wq_config *config, unsigned int queues,
			 struct problem *problem)
{
	for (unsigned int i = 0; i < queues; i++) {
		const struct wq_settings *settings = wq_config_settings(config, i);

		if (wq_settings_has(settings, WQ_DRIVER_NAME) &&
		    strcmp(settings->text[WQ_DRIVER_NAME], DMA_DRIVER) != 0)
			return problem_set(
				problem, -EOPNOTSUPP,
				"queue %u: driver_name %s: the backend idxd needs " DMA_DRIVER
				", whose channels dmatest uses",
				wq_config_number(config, i), settings->text[WQ_DRIVER_NAME]);
	}
	return 0;
}

int accel_configure(struct accel *accel, const struct wq_config *config, unsigned int queues,
		    unsigned int entries, struct problem *problem)
{
	static const struct wq_settings nothing;
	int error;

	error = config ? check_drivers(config, queues, problem) : 0;
	if (error)
		return error;
	accel->configured = true;
	error = set_engines(accel, config, problem);
	if (!error && config)
		error = set_device(accel, config, problem);
	if (!error && config)
		error = set_groups(accel, config, problem);
	for (unsigned int i = 0; !error && i < queues; i++)
		error = configure_queue(accel, wq_config_number(config, i),
					config ? wq_config_settings(config, i) : &nothing, entries,
					problem);
	if (error)
		return error;
	error = accfg_device_enable(accel->device);
	if (error)
		return problem_set(problem, error < 0 ? error : -EIO, "cannot enable %s: %s",
				   accel->info.name, reason_of(accel, error));
	accel->device_enabled = true;
	return 0;
}

static bool has_name(char **names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The channel that is there now and is not in @before. */
static int new_channel(struct accel *accel, char **before, size_t before_count, char channel[24])
{
	char **names;
	size_t count = doctor_list(accel->machine, &names, "/sys/bus/pci/devices/%s/dma",
				   accel->info.address);
	int error = -ENOENT;

	for (size_t i = 0; error && i < count; i++) {
		if (has_name(before, before_count, names[i]) || strlen(names[i]) >= 24)
			continue;
		snprintf(channel, 24, "%.23s", names[i]);
		error = 0;
	}
	doctor_names_free(names, count);
	return error;
}

int accel_enable_queue(struct accel *accel, unsigned int queue, uint64_t *duration_ns,
		       char channel[24], struct problem *problem)
{
	struct accfg_wq *wq = accfg_device_wq_get_by_id(accel->device, (int)queue);
	uint64_t begin_ns;
	size_t count;
	char **names;
	int error;

	if (!wq)
		return problem_set(problem, -ENODEV, "%s has no queue %u", accel->info.name, queue);
	count = doctor_list(accel->machine, &names, "/sys/bus/pci/devices/%s/dma",
			    accel->info.address);
	begin_ns = units_now_ns();
	error = accfg_wq_enable(wq);
	*duration_ns = units_now_ns() - begin_ns;
	if (error) {
		error = error < 0 ? error : -EIO;
		problem_set(problem, error, "cannot enable %s: %s", accfg_wq_get_devname(wq),
			    reason_of(accel, error));
		goto free_names;
	}
	accel->queues_up++;
	error = new_channel(accel, names, count, channel);
	if (error)
		problem_set(problem, error,
			    "%s is enabled, but no DMA channel of %s came with it: is the module "
			    "dmaengine's driver idxd the kernel's own?",
			    accfg_wq_get_devname(wq), accel->info.address);
free_names:
	doctor_names_free(names, count);
	return error;
}

int accel_restore(struct accel *accel, struct problem *problem)
{
	struct accfg_wq *queue;
	int first = 0, error;

	if (!accel->configured)
		return 0;
	accfg_wq_foreach(accel->device, queue)
	{
		if (!accel->queues_up || accfg_wq_get_state(queue) != ACCFG_WQ_ENABLED)
			continue;
		error = accfg_wq_disable(queue, false);
		if (error && !first)
			first = problem_set(problem, error < 0 ? error : -EIO,
					    "cannot disable %s: %s", accfg_wq_get_devname(queue),
					    reason_of(accel, error));
	}
	/* With a queue that is in use, this would go by force. */
	if (first)
		return first;
	if (accel->device_enabled) {
		error = accfg_device_disable(accel->device, false);
		if (error)
			return problem_set(problem, error < 0 ? error : -EIO,
					   "cannot disable %s: %s", accel->info.name,
					   reason_of(accel, error));
	}
	accel->queues_up = 0;
	accel->device_enabled = false;
	accel->configured = false;
	/* Whatever is still set is forgotten. */
	return accel_renew(accel, problem);
}

void accel_close(struct accel *accel)
{
	if (accel->context)
		accfg_unref(accel->context);
	free(accel);
}

#else /* !HAVE_ACCEL_CONFIG */

int accel_open(const struct doctor_machine *machine, const char *name, struct accel **accel,
	       struct accel_info *info, struct problem *problem)
{
	(void)machine;
	(void)name;
	(void)accel;
	(void)info;
	/* For its use in both cases. */
	(void)address_of;
	return problem_set(problem, -ENOSYS,
			   "this wq-demo was built without libaccel-config, which the backend idxd "
			   "needs: install libaccel-config-dev and build it again");
}

int accel_renew(struct accel *accel, struct problem *problem)
{
	(void)accel;
	return problem_set(problem, -ENOSYS, "built without libaccel-config");
}

int accel_configure(struct accel *accel, const struct wq_config *config, unsigned int queues,
		    unsigned int entries, struct problem *problem)
{
	(void)accel;
	(void)config;
	(void)queues;
	(void)entries;
	return problem_set(problem, -ENOSYS, "built without libaccel-config");
}

int accel_enable_queue(struct accel *accel, unsigned int queue, uint64_t *duration_ns,
		       char channel[24], struct problem *problem)
{
	(void)accel;
	(void)queue;
	(void)duration_ns;
	(void)channel;
	return problem_set(problem, -ENOSYS, "built without libaccel-config");
}

int accel_restore(struct accel *accel, struct problem *problem)
{
	(void)accel;
	(void)problem;
	return 0;
}

void accel_close(struct accel *accel)
{
	(void)accel;
}

#endif /* HAVE_ACCEL_CONFIG */
