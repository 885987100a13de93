// SPDX-License-Identifier: GPL-2.0-only
#include "custody_host.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "custody_count.h"
#include "json_builder.h"
#include "units.h"

#define PATH_SIZE 512
#define ADDRESS_SIZE 13 /* 0000:00:00.0 */

/* Of tracing instances; the process that made it follows. */
#define INSTANCE_PREFIX "wq-demo-custody-"

/* A histogram of names has room for every vector there can be. */
#define TRIGGER "hist:keys=name:size=4096 if name ~ \"vfio-msi*(%s)\""

/* Counters of our vfio-pci that are of interest here, in debugfs. */
#define COUNTERS_MAX 16
#define COUNTER_NAME 24

struct counters {
	unsigned int count;
	char name[COUNTERS_MAX][COUNTER_NAME];
	uint64_t value[COUNTERS_MAX];
};

/**
 * struct custody_host - see custody_host.h
 * @instance: directory of the tracing instance; "": /proc/interrupts is sampled
 * @inexact: why the counts are lower bounds; "": they are exact
 * @ours: the loaded vfio-pci is ours
 * @before: our counters when it began; the device may have none yet
 * @looks: how often /proc/interrupts has been looked at
 */
struct custody_host {
	char root[PATH_SIZE];
	char address[ADDRESS_SIZE];
	char instance[PATH_SIZE];
	char inexact[160];
	char version[64];
	bool ours;
	struct counters before;
	struct custody_counts counts;
	uint64_t begin_ns;
	uint64_t looks;
};

/* ---- Files -------------------------------------------------------------------- */

/* Returns NULL and ENAMETOOLONG if it does not fit, otherwise as fopen(). */
static FILE *open_file(const char *mode, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static FILE *open_file(const char *mode, const char *format, ...)
{
	char path[2 * PATH_SIZE];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(path, sizeof(path), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return fopen(path, mode);
}

/* The first line without its end; "" if there is none. */
static void read_line(FILE *stream, char *text, size_t size)
{
	text[0] = '\0';
	if (!stream)
		return;
	if (fgets(text, (int)size, stream))
		text[strcspn(text, "\n")] = '\0';
	fclose(stream);
}

/* ---- The device --------------------------------------------------------------- */

static bool is_address(const char *text)
{
	static const char pattern[] = "xxxx:xx:xx.x";

	for (size_t i = 0; i < sizeof(pattern); i++)
		if (pattern[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != pattern[i])
			return false;
	return true;
}

static int check_device(struct custody_host *host, const char *given, struct problem *problem)
{
	char path[2 * PATH_SIZE], target[PATH_SIZE];
	const char *driver;
	ssize_t length;

	snprintf(host->address, sizeof(host->address), "%s%s", strlen(given) == 7 ? "0000:" : "",
		 given);
	if (strlen(given) >= ADDRESS_SIZE || !is_address(host->address))
		return problem_set(problem, -EINVAL,
				   "'%s' is no address of a PCI device, as 0000:6a:01.0", given);
	for (char *at = host->address; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s", host->root, host->address);
	if (access(path, F_OK))
		return problem_set(problem, -ENODEV, "there is no PCI device %s", host->address);
	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/driver", host->root, host->address);
	length = readlink(path, target, sizeof(target) - 1);
	target[length > 0 ? length : 0] = '\0';
	driver = strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
	if (strstr(driver, "vfio"))
		return 0;
	return problem_set(problem, -ENODEV,
			   "%s is bound to %s, not to vfio-pci: 'wq-demo doctor' says what to do",
			   host->address, *driver ? driver : "no driver");
}

static int is_device(const struct dirent *entry)
{
	return is_address(entry->d_name);
}

/* The only device that vfio-pci has. */
static int find_device(struct custody_host *host, struct problem *problem)
{
	char path[2 * PATH_SIZE], names[16 * ADDRESS_SIZE] = "";
	struct dirent **entries;
	int count, error;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/drivers/vfio-pci", host->root);
	count = scandir(path, &entries, is_device, alphasort);
	if (count < 0)
		return problem_set(problem, -ENODEV,
				   "vfio-pci is not loaded: 'wq-demo doctor' says what to do");
	for (int i = 0; i < count; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), " %.12s",
			 entries[i]->d_name);
	if (count == 0)
		error = problem_set(problem, -ENODEV,
				    "no device is bound to vfio-pci: 'wq-demo doctor' says what to "
				    "do");
	else if (count > 1)
		error = problem_set(problem, -ENODEV, "vfio-pci has several devices, name one:%s",
				    names);
	else
		error = check_device(host, entries[0]->d_name, problem);
	while (count--)
		free(entries[count]);
	free(entries);
	return error;
}

/* ---- Counters of our vfio-pci --------------------------------------------------- */

static void read_counters(const struct custody_host *host, struct counters *counters)
{
	FILE *stream = open_file("re", "%s/sys/kernel/debug/vfio-pci-irq/%s/counters", host->root,
				 host->address);
	char name[COUNTER_NAME], line[128];
	uint64_t value;

	*counters = (struct counters){ 0 };
	while (stream && fgets(line, sizeof(line), stream)) {
		if (counters->count == COUNTERS_MAX ||
		    sscanf(line, "%23s %" SCNu64, name, &value) != 2)
			continue;
		memcpy(counters->name[counters->count], name, sizeof(name));
		counters->value[counters->count++] = value;
	}
	if (stream)
		fclose(stream);
}

static uint64_t counter_before(const struct counters *before, const char *name)
{
	for (unsigned int i = 0; i < before->count; i++)
		if (strcmp(before->name[i], name) == 0)
			return before->value[i];
	return 0;
}

/* What has been added since the beginning. */
static void put_counters(struct json_builder *builder, struct json_object *document,
			 const struct custody_host *host)
{
	struct json_object *made;
	struct counters now;

	read_counters(host, &now);
	if (!now.count)
		return;
	made = json_build_object(builder);
	for (unsigned int i = 0; i < now.count; i++) {
		uint64_t before = counter_before(&host->before, now.name[i]);

		/* Less: the device was unbound and bound meanwhile. */
		json_put_number(builder, made, now.name[i],
				now.value[i] < before ? now.value[i] : now.value[i] - before);
	}
	json_put(builder, document, "counters", made);
}

/* ---- The histogram ---------------------------------------------------------------- */

static int write_trigger(const char *instance, const char *prefix, const char *address)
{
	FILE *stream = open_file("we", "%s/events/irq/irq_handler_entry/trigger", instance);
	int error = 0;

	if (!stream)
		return -errno;
	fprintf(stream, "%s" TRIGGER "\n", prefix, address);
	if (fflush(stream))
		error = -errno;
	fclose(stream);
	return error;
}

/* Of a process that is no more. */
static int is_stale(const struct dirent *entry)
{
	const size_t length = strlen(INSTANCE_PREFIX);
	long pid;

	if (strncmp(entry->d_name, INSTANCE_PREFIX, length) != 0)
		return 0;
	pid = strtol(entry->d_name + length, NULL, 10);
	return pid > 0 && kill((pid_t)pid, 0) && errno == ESRCH;
}

/* Instances that were left when a process like this was killed. */
static void remove_stale(const char *instances)
{
	struct dirent **entries;
	char path[3 * PATH_SIZE];
	int count = scandir(instances, &entries, is_stale, alphasort);

	if (count < 0)
		return;
	while (count--) {
		snprintf(path, sizeof(path), "%s/%.64s", instances, entries[count]->d_name);
		rmdir(path);
		free(entries[count]);
	}
	free(entries);
}

static int begin_trace_below(struct custody_host *host, const char *tracing)
{
	char instances[2 * PATH_SIZE], made[PATH_SIZE];
	int error, length;

	snprintf(instances, sizeof(instances), "%s%s/instances", host->root, tracing);
	remove_stale(instances);
	length = snprintf(made, sizeof(made), "%s%s/instances/" INSTANCE_PREFIX "%ld", host->root,
			  tracing, (long)getpid());
	if ((size_t)length >= sizeof(made))
		return -ENAMETOOLONG;
	if (mkdir(made, 0700))
		return -errno;
	error = write_trigger(made, "", host->address);
	if (error) {
		rmdir(made);
		return error;
	}
	memcpy(host->instance, made, sizeof(made));
	return 0;
}

/* Where tracefs is mounted, and where debugfs mounts it as soon as one looks. */
static int begin_trace(struct custody_host *host)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
	int error = -ENOENT;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && error == -ENOENT; i++)
		error = begin_trace_below(host, places[i]);
	return error;
}

static void end_trace(struct custody_host *host)
{
	if (!host->instance[0])
		return;
	write_trigger(host->instance, "!", host->address);
	rmdir(host->instance);
	host->instance[0] = '\0';
}

/* ---- All of it ------------------------------------------------------------------ */

static void set_inexact(struct custody_host *host, const char *why, int error)
{
	snprintf(host->inexact, sizeof(host->inexact), "%s%s%s", why, error ? ": " : "",
		 error ? strerror(-error) : "");
}

static int look_at_trace(struct custody_host *host, struct problem *problem)
{
	FILE *stream = open_file("re", "%s/events/irq/irq_handler_entry/hist", host->instance);
	int error;

	if (!stream)
		return problem_set(problem, -errno, "cannot read the histogram in %s: %s",
				   host->instance, strerror(errno));
	error = custody_count_histogram(&host->counts, stream, host->address);
	fclose(stream);
	if (error == -EOVERFLOW) {
		set_inexact(host, "the kernel's histogram had no room for some", 0);
		error = 0;
	}
	if (error)
		problem_set(problem, error, "the histogram in %s is not as expected",
			    host->instance);
	return error;
}

static int look_at_interrupts(struct custody_host *host, struct problem *problem)
{
	FILE *stream = open_file("re", "%s/proc/interrupts", host->root);

	if (!stream)
		return problem_set(problem, -errno, "cannot read /proc/interrupts: %s",
				   strerror(errno));
	custody_count_interrupts(&host->counts, stream, host->address);
	fclose(stream);
	host->looks++;
	return 0;
}

int custody_host_look(struct custody_host *host, uint64_t *signals, struct problem *problem)
{
	int error = host->instance[0] ? look_at_trace(host, problem)
				      : look_at_interrupts(host, problem);

	*signals = custody_counts_total(&host->counts);
	return error;
}

int custody_host_begin(const char *root, const char *address, struct custody_host **begun,
		       struct problem *problem)
{
	struct custody_host *host = calloc(1, sizeof(*host));
	uint64_t signals;
	int error;

	if (!host)
		return problem_set(problem, -ENOMEM, "out of memory");
	snprintf(host->root, sizeof(host->root), "%s", root);
	error = address ? check_device(host, address, problem) : find_device(host, problem);
	if (error)
		goto free_host;
	read_line(open_file("re", "%s/sys/module/vfio_pci_core/version", host->root), host->version,
		  sizeof(host->version));
	/* Only ours has one. */
	host->ours = host->version[0];
	read_counters(host, &host->before);
	error = begin_trace(host);
	if (error) {
		set_inexact(host, "the kernel's tracing cannot be used", error);
		error = custody_host_look(host, &signals, problem);
	}
	if (error)
		goto free_host;
	host->begin_ns = units_now_ns();
	*begun = host;
	return 0;

free_host:
	free(host);
	return error;
}

const char *custody_host_address(const struct custody_host *host)
{
	return host->address;
}

const char *custody_host_inexact(const struct custody_host *host)
{
	return host->inexact[0] ? host->inexact : NULL;
}

bool custody_host_samples(const struct custody_host *host)
{
	return !host->instance[0];
}

static struct json_object *vectors_array(struct json_builder *builder,
					 const struct custody_counts *counts)
{
	struct json_object *made = json_build_array(builder);

	for (unsigned int i = 0; i < CUSTODY_VECTORS_MAX; i++) {
		struct json_object *one;

		if (!counts->seen[i])
			continue;
		one = json_build_object(builder);
		json_put_number(builder, one, "vector", i);
		json_put_number(builder, one, "signals", counts->signals[i]);
		json_append(builder, made, one);
	}
	return made;
}

char *custody_host_json(struct custody_host *host, struct problem *problem)
{
	struct json_builder builder = { false };
	struct json_object *made, *module;
	char release[128], *text;
	uint64_t signals;

	if (custody_host_look(host, &signals, problem))
		return NULL;
	made = json_build_object(&builder);
	module = json_build_object(&builder);
	read_line(open_file("re", "%s/proc/sys/kernel/osrelease", host->root), release,
		  sizeof(release));
	json_put_text(&builder, made, "schema", CUSTODY_HOST_SCHEMA);
	json_put_number(&builder, made, "version", CUSTODY_HOST_VERSION);
	json_put_text(&builder, made, "program", "wq-demo " PACKAGE_VERSION);
	json_put_text(&builder, made, "kernel", release);
	json_put_text(&builder, made, "device", host->address);
	json_put_text(&builder, module, "driver", host->ours ? "dynmsix" : "stock");
	if (host->ours)
		json_put_text(&builder, module, "version", host->version);
	json_put(&builder, made, "vfio_pci", module);
	json_put_text(&builder, made, "counted_by",
		      custody_host_samples(host) ? "/proc/interrupts" : "irq_handler_entry");
	json_put_flag(&builder, made, "exact", !host->inexact[0]);
	if (host->inexact[0])
		json_put_text(&builder, made, "inexact_because", host->inexact);
	json_put_number(&builder, made, "looks", host->looks);
	json_put_number(&builder, made, "elapsed_ns", units_now_ns() - host->begin_ns);
	json_put_number(&builder, made, "signals", signals);
	json_put(&builder, made, "vectors", vectors_array(&builder, &host->counts));
	put_counters(&builder, made, host);
	text = json_build_text(&builder, made);
	if (!text)
		problem_set(problem, -ENOMEM, "out of memory");
	return text;
}

void custody_host_end(struct custody_host *host)
{
	end_trace(host);
	free(host);
}
