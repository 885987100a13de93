// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "fault_text.h"
#include "options.h"
#include "sandbox.h"

#define NS_PER_SECOND 1000000000ULL
#define LONGEST_NS (3600 * NS_PER_SECOND)

#define DEFAULT_MAX_MAPS 2000000
#define DEFAULT_MAX_MEMORY (1ULL << 40)
#define STALL_SECONDS 10

/* Parsers answer this when the option itself was the request. */
#define OPTION_ANSWERED 1

/**
 * struct option_rule - what struct option_text leaves out
 * @allowed: what the argument may be, for complaints
 * @parse: 0, OPTION_ANSWERED, or -EINVAL. @argument is NULL for an option
 *	without
 */
struct option_rule {
	const char *allowed;
	int (*parse)(struct options *options, const char *argument, FILE *out);
};

static int digits(const char *text, const char **end, uint64_t *value)
{
	char *after;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &after, 10);
	*end = after;
	return errno ? -EINVAL : 0;
}

static int whole_number(const char *text, uint64_t *value)
{
	const char *end;
	int ret = digits(text, &end, value);

	return ret || *end ? -EINVAL : 0;
}

struct unit {
	const char *name;
	uint64_t factor;
};

/* Longest names first where one is the end of another. */
static const struct unit time_units[] = {
	{ "ns", 1 }, { "us", 1000 }, { "ms", 1000000 }, { "s", NS_PER_SECOND }, { NULL, 0 },
};

static const struct unit size_units[] = {
	{ "K", 1ULL << 10 }, { "M", 1ULL << 20 }, { "G", 1ULL << 30 },
	{ "T", 1ULL << 40 }, { "", 1 },		  { NULL, 0 },
};

static const struct unit *find_unit(const struct unit *units, const char *text)
{
	for (; units->name; units++)
		if (!strncmp(text, units->name, strlen(units->name)))
			return units;
	return NULL;
}

int options_duration(const char *text, const char **end, uint64_t *ns)
{
	uint64_t whole, fraction = 0, scale = 1;
	const struct unit *unit;

	if (digits(text, &text, &whole))
		return -EINVAL;
	/* Two dots are not decimals but the middle of a range. */
	if (text[0] == '.' && text[1] != '.') {
		if (!isdigit((unsigned char)*++text))
			return -EINVAL;
		for (; isdigit((unsigned char)*text); text++) {
			if (scale >= NS_PER_SECOND)
				return -EINVAL;
			fraction = fraction * 10 + (*text - '0');
			scale *= 10;
		}
	}
	unit = find_unit(time_units, text);
	if (!unit && (whole || fraction))
		return -EINVAL;
	*end = text + (unit ? strlen(unit->name) : 0);
	*ns = 0;
	if (!unit)
		return 0;
	if (whole > LONGEST_NS / unit->factor || fraction * unit->factor % scale)
		return -EINVAL;
	*ns = whole * unit->factor + fraction * unit->factor / scale;
	return *ns > LONGEST_NS ? -EINVAL : 0;
}

static int wrong(struct options *options, const char *why)
{
	snprintf(options->why, sizeof(options->why), "%s", why);
	return -EINVAL;
}

/* The next device begins here, with what was said before the first. */
static int parse_socket(struct options *options, const char *argument, FILE *out)
{
	struct device_options *device = &options->devices[options->device_count];

	(void)out;
	if (!*argument)
		return -EINVAL;
	if (options->device_count == DEVICES_MAX)
		return wrong(options, "more than 16 devices");
	*device = options->common;
	snprintf(device->name, sizeof(device->name), "dsa%u", options->device_count);
	device->socket_path = argument;
	options->current = device;
	options->device_count++;
	return 0;
}

static int parse_name(struct options *options, const char *argument, FILE *out)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_.-";
	size_t len = strlen(argument);

	(void)out;
	if (options->current == &options->common)
		return wrong(options, "a name belongs to the device whose --socket is before it");
	if (!len || len >= DEVICE_NAME_SIZE || strspn(argument, allowed) < len)
		return -EINVAL;
	strcpy(options->current->name, argument);
	return 0;
}

static int parse_profile(struct options *options, const char *argument, FILE *out)
{
	const char *const *name;

	for (name = dsa_profile_names(); *name; name++)
		if (!strcmp(*name, argument))
			break;
	if (*name) {
		options->current->server.device.profile = *name;
		return 0;
	}
	if (strcmp(argument, "help"))
		return -EINVAL;
	for (name = dsa_profile_names(); *name; name++)
		fprintf(out, "%-12s %s\n", *name, dsa_profile_summary(*name));
	return OPTION_ANSWERED;
}

/* As lspci shows them; which there are the device knows, too. */
static int parse_device_id(struct options *options, const char *argument, FILE *out)
{
	static const struct {
		const char *name;
		uint16_t id;
	} ids[] = { { "0b25", 0x0b25 }, { "11fb", 0x11fb }, { "1212", 0x1212 } };
	size_t i;

	(void)out;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (!strcmp(ids[i].name, argument)) {
			options->current->server.device.device_id = ids[i].id;
			return 0;
		}
	return -EINVAL;
}

static int parse_msix_entries(struct options *options, const char *argument, FILE *out)
{
	uint64_t entries;

	(void)out;
	if (whole_number(argument, &entries) || !entries || entries > DSA_MSIX_ENTRIES_MAX)
		return -EINVAL;
	options->current->server.device.msix_entries = entries;
	return 0;
}

static int parse_service_time(struct options *options, const char *argument, FILE *out)
{
	struct dsa_service_time *service = &options->current->server.device.service;
	uint64_t shortest, longest;

	(void)out;
	if (options_duration(argument, &argument, &shortest))
		return -EINVAL;
	longest = shortest;
	if (!strncmp(argument, "..", 2) && options_duration(argument + 2, &argument, &longest))
		return -EINVAL;
	if (*argument || longest < shortest)
		return -EINVAL;
	service->min_ns = shortest;
	service->max_ns = longest;
	return 0;
}

static int parse_seed(struct options *options, const char *argument, FILE *out)
{
	(void)out;
	return whole_number(argument, &options->current->server.device.service.seed);
}

static int parse_msix_disabled(struct options *options, const char *argument, FILE *out)
{
	(void)out;
	if (!strcmp(argument, "latch"))
		options->current->server.device.msix_disabled = DSA_MSIX_DISABLED_LATCH;
	else if (!strcmp(argument, "drop"))
		options->current->server.device.msix_disabled = DSA_MSIX_DISABLED_DROP;
	else
		return -EINVAL;
	return 0;
}

static int add_fault(struct options *options, const char *text)
{
	struct device_options *device = options->current;

	if (device->fault_count == DSA_FAULTS_MAX)
		return wrong(options, "more than 64 faults");
	if (fault_parse(text, &device->faults[device->fault_count], options->why))
		return -EINVAL;
	device->fault_count++;
	return 0;
}

static int parse_fault(struct options *options, const char *argument, FILE *out)
{
	if (!strcmp(argument, "help")) {
		fault_help(out);
		return OPTION_ANSWERED;
	}
	return add_fault(options, argument);
}

/* The short form of one fault. */
static int parse_drop_message(struct options *options, const char *argument, FILE *out)
{
	uint64_t vector, nth;
	char text[80];

	(void)out;
	if (digits(argument, &argument, &vector) || *argument != ':' ||
	    whole_number(argument + 1, &nth) || !nth)
		return -EINVAL;
	snprintf(text, sizeof(text), "drop:vector=%llu,nth=%llu", (unsigned long long)vector,
		 (unsigned long long)nth);
	return add_fault(options, text);
}

static int parse_stats(struct options *options, const char *argument, FILE *out)
{
	(void)out;
	if (!*argument)
		return -EINVAL;
	options->current->server.stats_path = argument;
	return 0;
}

static int parse_access_log(struct options *options, const char *argument, FILE *out)
{
	(void)out;
	if (!*argument)
		return -EINVAL;
	options->current->server.access_log_path = argument;
	return 0;
}

static int parse_control(struct options *options, const char *argument, FILE *out)
{
	(void)out;
	if (!*argument)
		return -EINVAL;
	options->control_path = argument;
	return 0;
}

static int parse_max_maps(struct options *options, const char *argument, FILE *out)
{
	uint64_t maps;

	(void)out;
	if (whole_number(argument, &maps) || !maps || maps > 100000000)
		return -EINVAL;
	options->current->server.limits.max_maps = maps;
	return 0;
}

static int parse_max_memory(struct options *options, const char *argument, FILE *out)
{
	const struct unit *unit;
	uint64_t bytes;

	(void)out;
	if (digits(argument, &argument, &bytes))
		return -EINVAL;
	unit = find_unit(size_units, argument);
	if (argument[strlen(unit->name)] || bytes < 1 || bytes > INT64_MAX / unit->factor)
		return -EINVAL;
	options->current->server.limits.max_memory = bytes * unit->factor;
	return 0;
}

static int parse_once(struct options *options, const char *argument, FILE *out)
{
	(void)argument;
	(void)out;
	options->current->server.once = true;
	return 0;
}

static int parse_verbose(struct options *options, const char *argument, FILE *out)
{
	(void)argument;
	(void)out;
	options->verbose = true;
	return 0;
}

static int parse_no_sandbox(struct options *options, const char *argument, FILE *out)
{
	(void)argument;
	(void)out;
	options->sandbox = false;
	return 0;
}

/* Three octal digits; the owner can always read and write. */
static int parse_socket_mode(struct options *options, const char *argument, FILE *out)
{
	(void)out;
	if (strlen(argument) != 4 || argument[0] != '0' || strspn(argument, "0246") != 4 ||
	    argument[1] != '6')
		return -EINVAL;
	options->current->server.socket_mode = strtoul(argument, NULL, 8);
	return 0;
}

static int answer_help(struct options *options, const char *argument, FILE *out)
{
	const struct option_text *text;
	char head[64];

	(void)options;
	(void)argument;
	fputs("usage: dsa-model [options] --socket PATH [options]\n"
	      "                           [--socket PATH [options]]...\n"
	      "\n"
	      "A software Data Streaming Accelerator, served over vfio-user to an unmodified\n"
	      "QEMU 10.1 or later.\n"
	      "\n",
	      out);
	for (text = options_text(); text->name; text++) {
		snprintf(head, sizeof(head), "--%s%s%s", text->name, text->argument ? " " : "",
			 text->argument ? text->argument : "");
		fprintf(out, "  %-27s %s\n", head, text->help);
	}
	fputs("\n"
	      "Each --socket is a device of its own. Options before the first one hold for all\n"
	      "devices, those behind a --socket for that one only; --control, --no-sandbox and\n"
	      "--verbose are about the whole program.\n"
	      "\n"
	      "Prints \"listening on PATH\" when clients can connect. SIGUSR1 writes the\n"
	      "statistics; SIGINT and SIGTERM write them and end. See dsa-model(1).\n",
	      out);
	return OPTION_ANSWERED;
}

static int answer_version(struct options *options, const char *argument, FILE *out)
{
	(void)options;
	(void)argument;
	fprintf(out, "dsa-model (%s) %s\nsandbox: %s\n", PACKAGE_NAME, PACKAGE_VERSION,
		sandbox_available() ? "built in" : "not built in");
	return OPTION_ANSWERED;
}

/* One line an option, in the order of --help and of the manual page. */
#define OPTION_TABLE(X) \
	X("socket", "PATH", "listen at this Unix socket", parse_socket, "a path") \
	X("socket-mode", "MODE", "who may connect (default: 0600)", parse_socket_mode, \
	  "0600, 0660 or 0666, or with 2 or 4 in place of the last two") \
	X("name", "NAME", "what to call it on the control socket", parse_name, \
	  "up to 31 letters, digits, '_', '.' and '-'") \
	X("profile", "NAME", "which device to be, or help (default: spr)", parse_profile, \
	  "a name that --profile help lists") \
	X("device-id", "ID", "0b25, 11fb or 1212 (default: 0b25)", parse_device_id, \
	  "0b25, 11fb or 1212") \
	X("msix-entries", "N", "entries of the MSI-X table (default: 9)", \
	  parse_msix_entries, "a number from 1 to 2048") \
	X("service-time", "TIME[..TIME]", "how long a descriptor takes (default: 0)", \
	  parse_service_time, "0, a duration like 1ms, or a range like 0.5ms..8ms, at most 3600s") \
	X("seed", "N", "of the random service times (default: 1)", parse_seed, \
	  "a number from 0 to 18446744073709551615") \
	X("msix-disabled", "drop|latch", "messages while MSI-X is off (default: latch)", \
	  parse_msix_disabled, "drop or latch") \
	X("fault", "SPEC", "do this wrong; can be repeated, or help", parse_fault, \
	  "a fault that --fault help explains") \
	X("drop-message", "VECTOR:K", "short for --fault drop:vector=VECTOR,nth=K", \
	  parse_drop_message, \
	  "a vector of the device, a colon, and a number from 1") \
	X("stats", "FILE", "write statistics (JSON) to this file", parse_stats, "a path") \
	X("access-log", "FILE", "write each access of the client to this file", parse_access_log, \
	  "a path") \
	X("control", "PATH", "listen for dsa-model-ctl at this socket", parse_control, "a path") \
	X("max-maps", "N", "DMA mappings at once (default: 2000000)", parse_max_maps, \
	  "a number from 1 to 100000000") \
	X("max-memory", "BYTES", "client memory, K M G T allowed (default: 1T)", parse_max_memory, \
	  "a number of bytes from 1, possibly with K, M, G or T") \
	X("once", NULL, "end when the first client has gone", parse_once, NULL) \
	X("no-sandbox", NULL, "do not filter system calls", parse_no_sandbox, NULL) \
	X("verbose", NULL, "say what happens on standard error", parse_verbose, NULL) \
	X("help", NULL, "print this text", answer_help, NULL) \
	X("version", NULL, "print the version", answer_version, NULL)

#define OPTION_TEXT(name, argument, help, parse, allowed) { name, argument, help },
#define OPTION_RULE(name, argument, help, parse, allowed) { allowed, parse },

static const struct option_text texts[] = { OPTION_TABLE(OPTION_TEXT){ NULL, NULL, NULL } };
static const struct option_rule rules[] = { OPTION_TABLE(OPTION_RULE) };

#define NUM_OPTIONS (sizeof(rules) / sizeof(rules[0]))

const struct option_text *options_text(void)
{
	return texts;
}

static void set_defaults(struct options *options)
{
	memset(options, 0, sizeof(*options));
	options->current = &options->common;
	options->sandbox = true;
	options->common.server.socket_mode = 0600;
	options->current->server.device.profile = dsa_profile_names()[0];
	options->current->server.device.service.seed = 1;
	options->current->server.device.msix_disabled = DSA_MSIX_DISABLED_LATCH;
	options->current->server.limits.max_maps = DEFAULT_MAX_MAPS;
	options->current->server.limits.max_memory = DEFAULT_MAX_MEMORY;
	options->current->server.stall_seconds = STALL_SECONDS;
}

static enum options_result usage(FILE *err)
{
	fputs("dsa-model: try 'dsa-model --help'\n", err);
	return OPTIONS_USAGE;
}

/* getopt_long() with complaints of our own; 1 when the options are through. */
static int parse_all(struct options *options, int argc, char **argv, FILE *out, FILE *err)
{
	struct option longs[NUM_OPTIONS + 1] = { 0 };
	size_t i;
	int c;

	for (i = 0; i < NUM_OPTIONS; i++) {
		longs[i].name = texts[i].name;
		longs[i].has_arg = texts[i].argument ? required_argument : no_argument;
		longs[i].val = 256 + (int)i;
	}
	optind = 0;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", longs, NULL)) != -1) {
		int ret;

		if (c == ':') {
			fprintf(err, "dsa-model: %s needs a value\n", argv[optind - 1]);
			return -EINVAL;
		}
		if (c < 256) {
			fprintf(err,
				"dsa-model: %s: no such option, not clear which, or without a "
				"value\n",
				argv[optind - 1]);
			return -EINVAL;
		}
		options->why[0] = '\0';
		ret = rules[c - 256].parse(options, optarg, out);
		if (ret < 0 && options->why[0])
			fprintf(err, "dsa-model: --%s: '%s': %s\n", texts[c - 256].name, optarg,
				options->why);
		else if (ret < 0)
			fprintf(err, "dsa-model: --%s: '%s' is not allowed; allowed: %s\n",
				texts[c - 256].name, optarg, rules[c - 256].allowed);
		if (ret)
			return ret;
	}
	return 0;
}

/* What two devices would take away from each other. */
static int same_path(const char *option, const char *one, const char *other, FILE *err)
{
	if (!one || !other || strcmp(one, other))
		return 0;
	fprintf(err, "dsa-model: --%s: '%s' cannot be that of two\n", option, one);
	return -EINVAL;
}

static int check_devices(const struct options *options, FILE *err)
{
	const struct device_options *one, *other, *end;

	end = options->devices + options->device_count;
	for (one = options->devices; one < end; one++) {
		if (same_path("control", one->socket_path, options->control_path, err))
			return -EINVAL;
		for (other = options->devices; other < one; other++)
			if (same_path("name", one->name, other->name, err) ||
			    same_path("socket", one->socket_path, other->socket_path, err) ||
			    same_path("stats", one->server.stats_path, other->server.stats_path,
				      err) ||
			    same_path("access-log", one->server.access_log_path,
				      other->server.access_log_path, err))
				return -EINVAL;
	}
	return 0;
}

enum options_result options_parse(struct options *options, int argc, char **argv, FILE *out,
				  FILE *err)
{
	int ret;

	set_defaults(options);
	ret = parse_all(options, argc, argv, out, err);
	if (ret == OPTION_ANSWERED)
		return OPTIONS_DONE;
	if (ret)
		return usage(err);
	if (optind < argc) {
		fprintf(err, "dsa-model: '%s': there are no arguments but options\n", argv[optind]);
		return usage(err);
	}
	if (!options->device_count) {
		fputs("dsa-model: --socket PATH is missing: where shall clients find the device?\n",
		      err);
		return usage(err);
	}
	return check_devices(options, err) ? usage(err) : OPTIONS_RUN;
}
