// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of the control socket: what there is, what each may say, what it does.
 */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <dsa/registers.h>

#include "control.h"
#include "fault_text.h"
#include "server.h"
#include "stats.h"

/* Objects in objects: requests have none. */
#define JSON_DEPTH 3
/* Messages raised by one request. */
#define RAISE_MAX 1000000

/* What a request may say besides its command. */
enum argument { ARG_DEVICE, ARG_FAULT, ARG_ID, ARG_VECTOR, ARG_COUNT, ARG_MODE, ARGUMENTS };

static const struct {
	const char *name;
	enum json_type type;
} arguments[ARGUMENTS] = {
	[ARG_DEVICE] = { "device", json_type_string },
	[ARG_FAULT] = { "fault", json_type_string },
	[ARG_ID] = { "id", json_type_int },
	[ARG_VECTOR] = { "vector", json_type_int },
	[ARG_COUNT] = { "count", json_type_int },
	[ARG_MODE] = { "mode", json_type_string },
};

/**
 * struct request - one being carried out
 * @given: by enum argument; NULL: absent
 * @device: that is meant, for commands about one
 * @reply: to be added to
 */
struct request {
	const struct control_device *devices;
	unsigned int count;
	struct json_object *given[ARGUMENTS];
	const struct control_device *device;
	struct json_object *reply;
};

static void add_string(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

static void add_number(struct json_object *object, const char *key, uint64_t value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

/* Turn the reply into a refusal. */
static int __attribute__((format(printf, 2, 3))) refuse(struct request *r, const char *format, ...)
{
	char why[256];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	add_string(r->reply, "error", why);
	return -EINVAL;
}

/* The number @arg, or @absent; it must be in @min..@max. */
static int number(struct request *r, enum argument arg, uint64_t absent, uint64_t min,
		  uint64_t max, uint64_t *value)
{
	struct json_object *given = r->given[arg];

	*value = given ? json_object_get_uint64(given) : absent;
	if (*value < min || *value > max || (given && json_object_get_int64(given) < 0))
		return refuse(r, "\"%s\" must be from %" PRIu64 " to %" PRIu64,
			      arguments[arg].name, min, max);
	return 0;
}

static struct dsa_device *device_of(const struct request *r)
{
	return server_device(r->device->server);
}

/* ---- Commands ------------------------------------------------------------ */

static int do_devices(struct request *r)
{
	struct json_object *list = json_object_new_array();
	unsigned int i;

	for (i = 0; i < r->count; i++) {
		struct json_object *item = json_object_new_object();

		add_string(item, "name", r->devices[i].name);
		add_string(item, "socket", r->devices[i].socket_path);
		json_object_array_add(list, item);
	}
	json_object_object_add(r->reply, "devices", list);
	return 0;
}

static int do_stats(struct request *r)
{
	json_object_object_add(r->reply, "stats", server_collect_stats(r->device->server));
	return 0;
}

static int do_fault_add(struct request *r)
{
	const char *text = json_object_get_string(r->given[ARG_FAULT]);
	struct dsa_fault fault;
	char why[DSA_FAULT_WHY];
	int id;

	id = fault_parse(text, &fault, why);
	if (!id)
		id = dsa_device_fault_add(device_of(r), &fault, why);
	if (id < 0)
		return refuse(r, "%s", why);
	add_number(r->reply, "id", id);
	return 0;
}

static int do_fault_list(struct request *r)
{
	json_object_object_add(r->reply, "faults", stats_faults(device_of(r)));
	return 0;
}

static int do_fault_clear(struct request *r)
{
	struct dsa_fault_state states[DSA_FAULTS_MAX];
	unsigned int i, count, cleared = 0;
	uint64_t id;

	if (r->given[ARG_ID]) {
		if (number(r, ARG_ID, 0, 1, UINT32_MAX, &id))
			return -EINVAL;
		if (dsa_device_fault_remove(device_of(r), id))
			return refuse(r, "there is no fault %" PRIu64, id);
		cleared = 1;
	} else {
		count = dsa_device_fault_list(device_of(r), states, DSA_FAULTS_MAX);
		for (i = 0; i < count; i++)
			cleared += !dsa_device_fault_remove(device_of(r), states[i].id);
	}
	add_number(r->reply, "cleared", cleared);
	return 0;
}

/* The reset that a halted device needs, by enum dsa_reset_type. */
static const char *const halt_modes[] = {
	[DSA_RESET_COMMAND] = "command",
	[DSA_RESET_FLR] = "flr",
	[DSA_RESET_WARM] = "warm",
	[DSA_RESET_COLD] = "cold",
};

#define HALT_MODES (sizeof(halt_modes) / sizeof(halt_modes[0]))

static int do_halt(struct request *r)
{
	const char *wanted = json_object_get_string(r->given[ARG_MODE]);
	unsigned int mode = 0;

	while (wanted && mode < HALT_MODES && strcmp(halt_modes[mode], wanted))
		mode++;
	if (dsa_device_halt(device_of(r), mode))
		return refuse(r, "\"mode\" must be \"command\", \"flr\", \"warm\" or \"cold\"");
	return 0;
}

static int do_vanish(struct request *r)
{
	dsa_device_vanish(device_of(r));
	return 0;
}

static int do_revoke(struct request *r)
{
	if (dsa_device_revoke_handles(device_of(r)))
		return refuse(r, "the device's profile has no interrupt handles");
	return 0;
}

static int do_release(struct request *r)
{
	add_number(r->reply, "released", dsa_device_release(device_of(r)));
	return 0;
}

static int do_reset(struct request *r)
{
	dsa_device_reset(device_of(r));
	return 0;
}

/* By enum dsa_msix_disabled. */
static const char *const msix_modes[] = {
	[DSA_MSIX_DISABLED_LATCH] = "latch",
	[DSA_MSIX_DISABLED_DROP] = "drop",
};

#define MSIX_MODES (sizeof(msix_modes) / sizeof(msix_modes[0]))

static int do_msix_disabled(struct request *r)
{
	const char *wanted = json_object_get_string(r->given[ARG_MODE]);
	unsigned int mode = 0;

	if (wanted) {
		while (mode < MSIX_MODES && strcmp(msix_modes[mode], wanted))
			mode++;
		if (dsa_device_set_msix_disabled(device_of(r), mode))
			return refuse(r, "\"mode\" must be \"latch\" or \"drop\"");
	}
	add_string(r->reply, "mode", msix_modes[dsa_device_msix_disabled(device_of(r))]);
	return 0;
}

static int do_raise(struct request *r)
{
	uint64_t vector, count, vectors = dsa_device_vectors(device_of(r));

	if (number(r, ARG_VECTOR, 0, 0, vectors - 1, &vector) ||
	    number(r, ARG_COUNT, 1, 1, RAISE_MAX, &count))
		return -EINVAL;
	return dsa_device_raise(device_of(r), vector, count);
}

/**
 * struct command - a row of the table of commands
 * @needs: arguments it must have, bit n for argument n
 * @may: those it may have
 * @run: 0, or negative with "error" in the reply
 *
 * Commands that may have ARG_DEVICE are about one device.
 */
static const struct command {
	const char *name;
	uint32_t needs;
	uint32_t may;
	int (*run)(struct request *r);
} commands[] = {
	{ "devices", 0, 0, do_devices },
	{ "stats", 0, 1U << ARG_DEVICE, do_stats },
	{ "fault-add", 1U << ARG_FAULT, 1U << ARG_DEVICE, do_fault_add },
	{ "fault-list", 0, 1U << ARG_DEVICE, do_fault_list },
	{ "fault-clear", 0, 1U << ARG_DEVICE | 1U << ARG_ID, do_fault_clear },
	{ "halt", 0, 1U << ARG_DEVICE | 1U << ARG_MODE, do_halt },
	{ "vanish", 0, 1U << ARG_DEVICE, do_vanish },
	{ "revoke", 0, 1U << ARG_DEVICE, do_revoke },
	{ "release", 0, 1U << ARG_DEVICE, do_release },
	{ "reset", 0, 1U << ARG_DEVICE, do_reset },
	{ "msix-disabled", 0, 1U << ARG_DEVICE | 1U << ARG_MODE, do_msix_disabled },
	{ "raise", 1U << ARG_VECTOR, 1U << ARG_DEVICE | 1U << ARG_COUNT, do_raise },
};

#define NUM_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* ---- Reading requests ---------------------------------------------------- */

static const struct command *find_command(struct request *r, struct json_object *root)
{
	struct json_object *name = json_object_object_get(root, "command");
	size_t i;

	if (!json_object_is_type(name, json_type_string)) {
		refuse(r, "\"command\" is missing or no string");
		return NULL;
	}
	for (i = 0; i < NUM_COMMANDS; i++)
		if (!strcmp(commands[i].name, json_object_get_string(name)))
			return &commands[i];
	refuse(r, "there is no command \"%.40s\"", json_object_get_string(name));
	return NULL;
}

static int read_arguments(struct request *r, const struct command *command,
			  struct json_object *root)
{
	unsigned int arg;

	json_object_object_foreach(root, key, value) {
		if (!strcmp(key, "command"))
			continue;
		for (arg = 0; arg < ARGUMENTS; arg++)
			if (!strcmp(arguments[arg].name, key))
				break;
		if (arg == ARGUMENTS || !((command->needs | command->may) & (1U << arg)))
			return refuse(r, "%s has no \"%.40s\"", command->name, key);
		if (!json_object_is_type(value, arguments[arg].type))
			return refuse(r, "\"%s\" must be a %s", key,
				      arguments[arg].type == json_type_int ? "whole number" :
									     "string");
		r->given[arg] = value;
	}
	for (arg = 0; arg < ARGUMENTS; arg++)
		if ((command->needs & (1U << arg)) && !r->given[arg])
			return refuse(r, "%s needs \"%s\"", command->name, arguments[arg].name);
	return 0;
}

static int find_device(struct request *r)
{
	const char *name = json_object_get_string(r->given[ARG_DEVICE]);
	unsigned int i;

	if (!name && r->count > 1)
		return refuse(r, "say which of the %u devices, with \"device\"", r->count);
	for (i = 0; i < r->count; i++)
		if (!name || !strcmp(r->devices[i].name, name)) {
			r->device = &r->devices[i];
			return 0;
		}
	return refuse(r, "there is no device \"%.40s\"", name);
}

static int carry_out(struct request *r, struct json_object *root)
{
	const struct command *command = find_command(r, root);

	if (!command || read_arguments(r, command, root))
		return -EINVAL;
	if ((command->may & (1U << ARG_DEVICE)) && find_device(r))
		return -EINVAL;
	return command->run(r);
}

/* One object and nothing else; NULL if it is not that. */
static struct json_object *parse(const char *line, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *root = NULL;

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	if (!memchr(line, '\0', len))
		root = json_tokener_parse_ex(tokener, line, len);
	if (root && (json_tokener_get_parse_end(tokener) != len ||
		     !json_object_is_type(root, json_type_object))) {
		json_object_put(root);
		root = NULL;
	}
	json_tokener_free(tokener);
	return root;
}

struct json_object *control_answer(const struct control_device *devices, unsigned int count,
				   const char *line, size_t len)
{
	struct request r = {
		.devices = devices,
		.count = count,
		.reply = json_object_new_object(),
	};
	struct json_object *root;
	int ret;

	if (!r.reply)
		return NULL;
	root = parse(line, len);
	ret = root ? carry_out(&r, root) : refuse(&r, "a request is one JSON object in a line");
	json_object_object_add(r.reply, "ok", json_object_new_boolean(!ret));
	json_object_put(root);
	return r.reply;
}
