// SPDX-License-Identifier: GPL-2.0-only
/*
 * accel-config's configuration files: a list of devices, each with groups, and in these their
 * work queues and engines.
 */
#include "wq_config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#define BIT(n) (UINT32_C(1) << (n))

/* Those that accel-config writes have some kilobytes. */
#define FILE_MAX (1 << 20)

/**
 * struct reader - a file while it is read
 * @place: of what is looked at, "dsa0: group0.1: wq0.3"
 * @device_number: of the device, which the names of its parts repeat
 */
struct reader {
	struct wq_config *config;
	struct problem *problem;
	const char *path;
	char place[160];
	unsigned int device_number;
};

static int refuse(struct reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "FILE: PLACE: ..." */
static int refuse(struct reader *reader, const char *format, ...)
{
	char text[300];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return problem_set(reader->problem, -EINVAL, "%.150s: %s%s%s", reader->path, reader->place,
			   *reader->place ? ": " : "", text);
}

static int no_memory(struct reader *reader)
{
	return problem_set(reader->problem, -ENOMEM, "out of memory");
}

/* The place is now one deeper; what it was is in @before. */
static void enter(struct reader *reader, char before[sizeof(reader->place)], const char *name)
{
	memcpy(before, reader->place, sizeof(reader->place));
	snprintf(reader->place + strlen(before), sizeof(reader->place) - strlen(before), "%s%.40s",
		 *before ? ": " : "", name);
}

static void leave(struct reader *reader, const char before[sizeof(reader->place)])
{
	memcpy(reader->place, before, sizeof(reader->place));
}

/* ---- From the file to JSON --------------------------------------------------------- */

static int read_text(struct reader *reader, char **text, size_t *length)
{
	struct stat status;
	ssize_t size;
	int fd, error;

	fd = open(reader->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status) < 0) {
		error = refuse(reader, "cannot be read: %s", strerror(errno));
		goto close_fd;
	}
	if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) {
		error = refuse(reader, "cannot be read: it is no file");
		goto close_fd;
	}
	/* A pipe, as of <(accel-config list), is waited for. */
	fcntl(fd, F_SETFL, 0);
	*length = 0;
	*text = malloc(FILE_MAX + 1);
	if (!*text) {
		error = no_memory(reader);
		goto close_fd;
	}
	do {
		size = read(fd, *text + *length, FILE_MAX + 1 - *length);
		if (size > 0)
			*length += (size_t)size;
	} while (size > 0 || (size < 0 && errno == EINTR));
	error = 0;
	if (size < 0)
		error = refuse(reader, "cannot be read: %s", strerror(errno));
	else if (*length > FILE_MAX)
		error = refuse(reader, "is larger than %d bytes: it is no configuration of queues",
			       FILE_MAX);
	if (error)
		free(*text);
close_fd:
	if (fd >= 0)
		close(fd);
	return error;
}

static int not_json(struct reader *reader, const char *text, size_t at, const char *why)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < at; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return refuse(reader, "line %zu, column %zu: it is not JSON: %s", line, column, why);
}

static int parse_text(struct reader *reader, const char *text, size_t length,
		      struct json_object **document)
{
	struct json_tokener *tokener = json_tokener_new();
	enum json_tokener_error error;
	size_t at;
	int result;

	*document = NULL;
	if (!tokener)
		return no_memory(reader);
	*document = json_tokener_parse_ex(tokener, text, (int)length);
	error = json_tokener_get_error(tokener);
	at = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (error == json_tokener_continue || strspn(text, " \t\r\n") == length)
		return refuse(reader, "it ends in the middle, or is empty");
	if (error != json_tokener_success)
		return not_json(reader, text, at, json_tokener_error_desc(error));
	at += strspn(text + at, " \t\r\n");
	if (at == length)
		return 0;
	result = not_json(reader, text, at, "something follows what is a whole document");
	json_object_put(*document);
	*document = NULL;
	return result;
}

/* ---- Keys that stand twice ---------------------------------------------------------- */

/* Of the two json-c keeps the last one, without a word. */
struct scan {
	const char *text;
	size_t at;
};

/* Keys of one object that are compared; accel-config's have less than thirty. */
#define KEYS_MAX 100

/* Whatever there is between two words: json-c takes comments. */
static void scan_blanks(struct scan *scan)
{
	const char *text = scan->text;

	for (;;) {
		scan->at += strspn(text + scan->at, " \t\r\n,:");
		if (text[scan->at] != '/')
			return;
		if (text[scan->at + 1] == '*') {
			const char *end = strstr(text + scan->at + 2, "*/");

			scan->at = end ? (size_t)(end - text) + 2 : strlen(text);
		} else {
			scan->at += strcspn(text + scan->at, "\n");
		}
	}
}

/* In either kind of quotes. Returns the length, with them. */
static size_t scan_string(struct scan *scan)
{
	const size_t begin = scan->at;
	const char quote = scan->text[scan->at++];

	while (scan->text[scan->at] && scan->text[scan->at] != quote)
		scan->at += scan->text[scan->at] == '\\' && scan->text[scan->at + 1] ? 2 : 1;
	scan->at += scan->text[scan->at] != '\0';
	return scan->at - begin;
}

/* One value, which the parser has found right. Returns true if it stopped at a double key. */
static bool scan_value(struct scan *scan)
{
	struct {
		size_t at;
		size_t length;
	} keys[KEYS_MAX];
	const char *text = scan->text;
	unsigned int count = 0;
	bool object;

	scan_blanks(scan);
	if (text[scan->at] == '"' || text[scan->at] == '\'') {
		scan_string(scan);
		return false;
	}
	if (text[scan->at] != '{' && text[scan->at] != '[') {
		scan->at += strcspn(text + scan->at, " \t\r\n,:{}[]\"'/");
		return false;
	}
	object = text[scan->at++] == '{';
	for (scan_blanks(scan); text[scan->at] && !strchr("}]", text[scan->at]);
	     scan_blanks(scan)) {
		if (object) {
			const size_t begin = scan->at, length = scan_string(scan);

			for (unsigned int i = 0; i < count; i++) {
				if (keys[i].length == length &&
				    strncmp(text + keys[i].at, text + begin, length) == 0) {
					scan->at = begin;
					return true;
				}
			}
			if (count < KEYS_MAX) {
				keys[count].at = begin;
				keys[count++].length = length;
			}
		}
		if (scan_value(scan))
			return true;
	}
	scan->at += text[scan->at] != '\0';
	return false;
}

static int check_double_keys(struct reader *reader, const char *text)
{
	struct scan scan = { .text = text };
	size_t line = 1;

	/* As deep as the parser lets it be. */
	if (!scan_value(&scan))
		return 0;
	for (size_t i = 0; i < scan.at; i++)
		line += text[i] == '\n';
	return refuse(reader, "line %zu: the key %.*s stands in the same object twice", line,
		      (int)strcspn(text + scan.at, ":, \n"), text + scan.at);
}

/* ---- Values -------------------------------------------------------------------------- */

static int get_number(struct reader *reader, const char *key, struct json_object *value,
		      uint64_t min, uint64_t max, uint64_t *number)
{
	int64_t read;

	if (!json_object_is_type(value, json_type_int))
		return refuse(reader, "%s: %.40s is not a whole number", key,
			      json_object_to_json_string(value));
	read = json_object_get_int64(value);
	if (read < 0 || (uint64_t)read < min || (uint64_t)read > max)
		return refuse(reader, "%s: %" PRId64 " is not between %" PRIu64 " and %" PRIu64,
			      key, read, min, max);
	*number = (uint64_t)read;
	return 0;
}

static int get_word(struct reader *reader, const struct wq_key *key, const char *text,
		    uint64_t *number)
{
	char known[80] = "";

	for (size_t i = 0; key->words[i]; i++) {
		if (strcmp(key->words[i], text) == 0) {
			*number = i;
			return 0;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 i ? ", " : "", key->words[i]);
	}
	return refuse(reader, "%s: '%.40s' is not one of %s", key->key, text, known);
}

static int get_setting(struct reader *reader, enum wq_setting setting, struct json_object *value,
		       struct wq_settings *settings)
{
	const struct wq_key *key = &wq_keys[setting];
	const char *text = NULL;
	uint64_t number = 0;
	int error;

	if (key->text || key->words) {
		if (!json_object_is_type(value, json_type_string))
			return refuse(reader, "%s: %.40s is not a text", key->key,
				      json_object_to_json_string(value));
		text = json_object_get_string(value);
		if (strlen(text) != (size_t)json_object_get_string_len(value) ||
		    (key->text && strlen(text) > key->max))
			return refuse(reader,
				      "%s: is longer than %" PRIu64 " bytes, or has a NUL in it",
				      key->key, key->max);
	}
	if (key->words)
		error = get_word(reader, key, text, &number);
	else if (key->text)
		/* Empty is how save-config writes that there is none. */
		error = 0;
	else
		error = get_number(reader, key->key, value, key->min, key->max, &number);
	if (!error && (!key->text || *text))
		wq_settings_set(settings, setting, number, text);
	return error;
}

/* Index of what has that key; @count if nothing has. */
static unsigned int find_key(const struct wq_key *keys, unsigned int count, const char *name)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (strcmp(keys[i].key, name) == 0 ||
		    (keys[i].alias && strcmp(keys[i].alias, name) == 0))
			break;
	return i;
}

static bool is_among(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static int unknown_key(struct reader *reader, const char *key)
{
	return refuse(reader, "'%.60s' is not a key that is known here: take it out", key);
}

/* What follows @prefix in @text; NULL: it does not begin so. */
static const char *behind(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* Digits, no sign; at most five. Moves @text behind them. */
static bool take_number(const char **text, unsigned int *number)
{
	size_t digits = strspn(*text, "0123456789");

	if (!digits || digits > 5)
		return false;
	*number = (unsigned int)strtoul(*text, NULL, 10);
	*text += digits;
	return true;
}

/* The number in "wq0.3", which must be of this device. */
static int get_part(struct reader *reader, const char *name, const char *kind, unsigned int max,
		    unsigned int *number)
{
	const char *at = behind(name, kind);
	unsigned int device;

	if (!at || !take_number(&at, &device) || *at++ != '.' || !take_number(&at, number) || *at)
		return refuse(reader, "dev: '%.40s' is not a name like %s%u.0", name, kind,
			      reader->device_number);
	if (device != reader->device_number)
		return refuse(reader, "dev: '%.40s' is of another device", name);
	if (*number >= max)
		return refuse(reader, "dev: '%.40s': the number is larger than %u", name, max - 1);
	return 0;
}

/* The first key of every object names it. */
static int get_name(struct reader *reader, struct json_object *object, const char *what,
		    const char **name)
{
	struct json_object_iterator first, end;
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object))
		return refuse(reader, "%s: %.40s is not an object in braces", what,
			      json_object_to_json_string(object));
	first = json_object_iter_begin(object);
	end = json_object_iter_end(object);
	if (json_object_iter_equal(&first, &end) ||
	    strcmp(json_object_iter_peek_name(&first), "dev") != 0)
		return refuse(reader, "%s: the first key of an object must be \"dev\"", what);
	value = json_object_iter_peek_value(&first);
	if (!json_object_is_type(value, json_type_string))
		return refuse(reader, "%s: dev: %.40s is not a name", what,
			      json_object_to_json_string(value));
	*name = json_object_get_string(value);
	return 0;
}

/* For each element of the list @key. */
static int each_of(struct reader *reader, const char *key, struct json_object *list,
		   int (*function)(struct reader *reader, struct json_object *element, int group),
		   int group)
{
	int error = 0;

	if (!json_object_is_type(list, json_type_array))
		return refuse(reader, "%s: %.40s is not a list in brackets", key,
			      json_object_to_json_string(list));
	for (size_t i = 0; i < json_object_array_length(list) && !error; i++)
		error = function(reader, json_object_array_get_idx(list, i), group);
	return error;
}

/* Room for one more behind @count of @item_size, doubled when it is full. NULL: none. */
static void *grown(void *items, unsigned int count, size_t item_size)
{
	if (items && count & (count - 1))
		return items;
	return reallocarray(items, count ? 2 * (size_t)count : 1, item_size);
}

static int add_queue(struct reader *reader, const struct wq_config_queue *queue)
{
	struct wq_config *config = reader->config;
	struct wq_config_queue *larger = grown(config->queues, config->queue_count, sizeof(*queue));

	if (!larger)
		return no_memory(reader);
	config->queues = larger;
	config->queues[config->queue_count++] = *queue;
	return 0;
}

static int add_engine(struct reader *reader, const struct wq_config_engine *engine)
{
	struct wq_config *config = reader->config;
	struct wq_config_engine *larger =
		grown(config->engines, config->engine_count, sizeof(*engine));

	if (!larger)
		return no_memory(reader);
	config->engines = larger;
	config->engines[config->engine_count++] = *engine;
	return 0;
}

static int add_group(struct reader *reader, const struct wq_config_group *group)
{
	struct wq_config *config = reader->config;
	struct wq_config_group *larger = grown(config->groups, config->group_count, sizeof(*group));

	if (!larger)
		return no_memory(reader);
	config->groups = larger;
	config->groups[config->group_count++] = *group;
	return 0;
}

/* ---- Queues -------------------------------------------------------------------------- */

/* What the command line says is stronger. */
static void merge(struct wq_settings *settings, const struct wq_settings *common)
{
	for (unsigned int i = 0; i < WQ_SETTINGS; i++)
		if (wq_settings_has(common, i))
			wq_settings_set(settings, i, common->number[i], common->text[i]);
	/* Of the mode that it had in the file. */
	if (wq_settings_has(common, WQ_MODE) && common->number[WQ_MODE] == WQ_MODE_DEDICATED &&
	    !wq_settings_has(common, WQ_THRESHOLD))
		settings->given &= ~BIT(WQ_THRESHOLD);
}

/* What no device would do. */
static int check_queue(struct reader *reader, const struct wq_settings *settings)
{
	const uint64_t threshold =
		wq_settings_has(settings, WQ_THRESHOLD) ? settings->number[WQ_THRESHOLD] : 0;
	const bool shared =
		wq_settings_has(settings, WQ_MODE) && settings->number[WQ_MODE] == WQ_MODE_SHARED;

	if (threshold && wq_settings_has(settings, WQ_MODE) && !shared)
		return refuse(reader,
			      "threshold: %" PRIu64 ": a dedicated queue has none: set it to 0",
			      threshold);
	if (threshold && wq_settings_has(settings, WQ_SIZE) &&
	    threshold > settings->number[WQ_SIZE])
		return refuse(reader, "threshold: %" PRIu64 " is larger than the size, %" PRIu64,
			      threshold, settings->number[WQ_SIZE]);
	return 0;
}

static bool has_queue(const struct wq_config *config, unsigned int number)
{
	for (unsigned int i = 0; i < config->queue_count; i++)
		if (config->queues[i].number == number)
			return true;
	return false;
}

static int read_queue_keys(struct reader *reader, struct json_object *object,
			   struct wq_settings *settings)
{
	static const char *const states[] = { "dev",	   "state",	 "clients",
					      "occupancy", "cdev_minor", "enqcmds_retries",
					      NULL };
	int error;

	json_object_object_foreach(object, key, value)
	{
		unsigned int setting = find_key(wq_keys, WQ_SETTINGS, key);

		if (is_among(states, key))
			continue;
		if (setting == WQ_SETTINGS)
			return unknown_key(reader, key);
		error = get_setting(reader, setting, value, settings);
		if (error)
			return error;
	}
	return 0;
}

static int read_queue_in(struct reader *reader, struct json_object *object, int group,
			 const char *name)
{
	struct wq_config *config = reader->config;
	struct wq_config_queue queue = { 0 };
	int error;

	error = get_part(reader, name, "wq", WQ_CONFIG_QUEUES_MAX, &queue.number);
	if (!error && has_queue(config, queue.number))
		error = refuse(reader, "this queue is in the file twice");
	if (!error)
		error = read_queue_keys(reader, object, &queue.settings);
	if (error)
		return error;
	if (!wq_settings_has(&queue.settings, WQ_GROUP_ID))
		wq_settings_set(&queue.settings, WQ_GROUP_ID, (uint64_t)group, NULL);
	else if (queue.settings.number[WQ_GROUP_ID] != (uint64_t)group)
		return refuse(reader, "group_id: %" PRIu64 ", but it stands in group %d",
			      queue.settings.number[WQ_GROUP_ID], group);
	merge(&queue.settings, &config->common);
	error = check_queue(reader, &queue.settings);
	if (!error)
		error = add_queue(reader, &queue);
	return error;
}

static int read_queue(struct reader *reader, struct json_object *object, int group)
{
	char before[sizeof(reader->place)];
	const char *name;
	int error;

	error = get_name(reader, object, "grouped_workqueues", &name);
	if (error)
		return error;
	enter(reader, before, name);
	error = read_queue_in(reader, object, group, name);
	leave(reader, before);
	return error;
}

/* As in a list of all there is: those that are nowhere, and nothing. */
static int read_idle_queue(struct reader *reader, struct json_object *object, int group)
{
	char before[sizeof(reader->place)];
	struct json_object *size;
	const char *name;
	int error;

	(void)group;
	error = get_name(reader, object, "ungrouped_workqueues", &name);
	if (error || !json_object_object_get_ex(object, "size", &size) ||
	    json_object_get_int64(size) == 0)
		return error;
	enter(reader, before, name);
	error = refuse(reader, "it is in no group, so it cannot come up: put it into one, or take "
			       "it out");
	leave(reader, before);
	return error;
}

/* ---- Engines, groups, devices ------------------------------------------------------------ */

static int read_engine_keys(struct reader *reader, struct json_object *object, unsigned int group)
{
	uint64_t group_id;
	int error;

	json_object_object_foreach(object, key, value)
	{
		if (strcmp(key, "dev") == 0)
			continue;
		if (strcmp(key, "group_id") != 0)
			return unknown_key(reader, key);
		error = get_number(reader, key, value, 0, WQ_CONFIG_GROUPS_MAX - 1, &group_id);
		if (error)
			return error;
		if (group_id != group)
			return refuse(reader, "group_id: %" PRIu64 ", but it stands in group %u",
				      group_id, group);
	}
	return 0;
}

static int read_engine(struct reader *reader, struct json_object *object, int group)
{
	struct wq_config *config = reader->config;
	struct wq_config_engine engine = { .group_id = (unsigned int)group };
	char before[sizeof(reader->place)];
	const char *name;
	int error;

	error = get_name(reader, object, "grouped_engines", &name);
	if (error)
		return error;
	enter(reader, before, name);
	error = get_part(reader, name, "engine", WQ_CONFIG_ENGINES_MAX, &engine.number);
	for (unsigned int i = 0; i < config->engine_count && !error; i++)
		if (config->engines[i].number == engine.number)
			error = refuse(reader, "this engine is in the file twice");
	if (!error)
		error = read_engine_keys(reader, object, engine.group_id);
	if (!error)
		error = add_engine(reader, &engine);
	leave(reader, before);
	return error;
}

/* Engines in no group do nothing, which is what they are asked for. */
static int read_idle_engine(struct reader *reader, struct json_object *object, int group)
{
	const char *name;

	(void)group;
	return get_name(reader, object, "ungrouped_engines", &name);
}

static int read_group_in(struct reader *reader, struct json_object *object, const char *name)
{
	struct wq_config *config = reader->config;
	struct wq_config_group group = { 0 };
	int error;

	error = get_part(reader, name, "group", WQ_CONFIG_GROUPS_MAX, &group.number);
	for (unsigned int i = 0; i < config->group_count && !error; i++)
		if (config->groups[i].number == group.number)
			error = refuse(reader, "this group is in the file twice");
	if (error)
		return error;
	json_object_object_foreach(object, key, value)
	{
		unsigned int setting = find_key(wq_group_keys, WQ_GROUP_SETTINGS, key);

		if (strcmp(key, "dev") == 0)
			continue;
		if (strcmp(key, "grouped_workqueues") == 0) {
			error = each_of(reader, key, value, read_queue, (int)group.number);
		} else if (strcmp(key, "grouped_engines") == 0) {
			error = each_of(reader, key, value, read_engine, (int)group.number);
		} else if (setting == WQ_GROUP_SETTINGS) {
			error = unknown_key(reader, key);
		} else {
			error = get_number(reader, key, value, wq_group_keys[setting].min,
					   wq_group_keys[setting].max, &group.value[setting]);
			group.given |= BIT(setting);
		}
		if (error)
			return error;
	}
	return add_group(reader, &group);
	return error;
}

static int read_group(struct reader *reader, struct json_object *object, int unused)
{
	char before[sizeof(reader->place)];
	const char *name;
	int error;

	(void)unused;
	error = get_name(reader, object, "groups", &name);
	if (error)
		return error;
	enter(reader, before, name);
	error = read_group_in(reader, object, name);
	leave(reader, before);
	return error;
}

static int read_device_keys(struct reader *reader, struct json_object *object)
{
	/* What accel-config list says of a device. */
	static const char *const states[] = { "dev",
					      "max_groups",
					      "max_work_queues",
					      "max_engines",
					      "work_queue_size",
					      "numa_node",
					      "op_cap",
					      "gen_cap",
					      "iaa_cap",
					      "version",
					      "state",
					      "errors",
					      "max_read_buffers",
					      "max_tokens",
					      "max_batch_size",
					      "max_transfer_size",
					      "configurable",
					      "pasid_enabled",
					      "max_work_queues_size",
					      "cdev_major",
					      "clients",
					      "ims_size",
					      "dsacaps",
					      "type",
					      "compl_size",
					      NULL };
	struct wq_config *config = reader->config;
	int error;

	json_object_object_foreach(object, key, value)
	{
		unsigned int setting = find_key(wq_device_keys, WQ_DEVICE_SETTINGS, key);

		if (is_among(states, key))
			continue;
		if (strcmp(key, "groups") == 0) {
			error = each_of(reader, key, value, read_group, 0);
		} else if (strcmp(key, "ungrouped_workqueues") == 0) {
			error = each_of(reader, key, value, read_idle_queue, 0);
		} else if (strcmp(key, "ungrouped_engines") == 0) {
			error = each_of(reader, key, value, read_idle_engine, 0);
		} else if (setting == WQ_DEVICE_SETTINGS) {
			error = unknown_key(reader, key);
		} else {
			error = get_number(reader, key, value, wq_device_keys[setting].min,
					   wq_device_keys[setting].max,
					   &config->device_value[setting]);
			config->device_given |= BIT(setting);
		}
		if (error)
			return error;
	}
	return 0;
}

static int read_device(struct reader *reader, struct json_object *object, const char *name)
{
	struct wq_config *config = reader->config;
	char before[sizeof(reader->place)];
	const char *at = behind(name, "dsa");
	int error;

	enter(reader, before, name);
	if (strncmp(name, "iax", 3) == 0)
		return refuse(reader, "this is an IAA, which has other operations: name a DSA");
	if (!at || !take_number(&at, &reader->device_number) || *at)
		return refuse(reader, "dev: '%.40s' is not a name like dsa0", name);
	config->device = strdup(name);
	if (!config->device)
		return no_memory(reader);
	error = read_device_keys(reader, object);
	if (!error && !config->queue_count)
		error = refuse(reader, "there is no queue in it: nothing could be brought up");
	leave(reader, before);
	return error;
}

/* The device that is asked for, or the only one. */
static int find_device(struct reader *reader, struct json_object *document, const char *wanted,
		       struct json_object **found, const char **name)
{
	char names[120] = "";
	size_t count;
	int error;

	if (!json_object_is_type(document, json_type_array))
		return refuse(reader, "it is not a list of devices, as 'accel-config save-config' "
				      "writes it");
	count = json_object_array_length(document);
	if (!count)
		return refuse(reader, "it is an empty list: there is no device in it");
	for (size_t i = 0; i < count; i++) {
		struct json_object *object = json_object_array_get_idx(document, i);

		error = get_name(reader, object, "the list of devices", name);
		if (error)
			return error;
		*found = object;
		if (wanted && strcmp(*name, wanted) == 0)
			return 0;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%.20s",
			 i ? ", " : "", *name);
	}
	if (wanted)
		return refuse(reader, "there is no %.40s in it, but %s", wanted, names);
	if (count > 1)
		return refuse(reader,
			      "there is more than one device in it (%s): say which with "
			      "--device, or take the others out",
			      names);
	return 0;
}

int wq_config_load(struct wq_config *config, const char *path, const char *device,
		   struct problem *problem)
{
	struct reader reader = { .config = config, .problem = problem, .path = path };
	struct json_object *document, *object;
	const char *name;
	size_t length;
	char *text;
	int error;

	error = read_text(&reader, &text, &length);
	if (error)
		return error;
	text[length] = '\0';
	error = parse_text(&reader, text, length, &document);
	if (!error) {
		config->document = document;
		error = check_double_keys(&reader, text);
	}
	free(text);
	if (error)
		goto destroy;
	config->path = strdup(path);
	if (config->path)
		error = find_device(&reader, document, device, &object, &name);
	else
		error = no_memory(&reader);
	if (!error)
		error = read_device(&reader, object, name);
	if (!error)
		return 0;
destroy:
	wq_config_destroy(config);
	return error;
}
