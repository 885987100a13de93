// SPDX-License-Identifier: GPL-2.0-only
/* The guest's part: the device, its driver, and who may use them. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "doctor_files.h"
#include "doctor_private.h"

#define DRIVER "dsa_sample"
#define STOCK "idxd" /* the kernel's own */
#define NODE_PREFIX "dsa-sample"

/* ---- Device and driver ------------------------------------------------------ */

static bool has_driver(const struct doctor_function *function, const char *name)
{
	return function->is_dsa && strcmp(function->driver, name) == 0;
}

/* Returns the first DSA of idxd if dsa_sample has none: then the run is one of --backend idxd. */
static const struct doctor_function *stock_only(const struct doctor *doctor)
{
	const struct doctor_function *stock = NULL;

	for (size_t i = 0; i < doctor->function_count; i++) {
		const struct doctor_function *function = &doctor->functions[i];

		if (has_driver(function, DRIVER))
			return NULL;
		if (!stock && has_driver(function, STOCK))
			stock = function;
	}
	return stock;
}

static void no_pasid(struct doctor *doctor)
{
	char enabled[8];

	doctor_read(doctor->machine, enabled, sizeof(enabled),
		    "/sys/bus/dsa/devices/dsa0/pasid_enabled");
	if (strcmp(enabled, "0") != 0)
		return;
	doctor_warn(doctor, "idxd has no PASID here, so it refuses work queues of type user");
	doctor_fix(doctor, "give the guest a virtual IOMMU with PASID, or use queues of type "
			   "kernel, or " DRIVER);
}

void doctor_check_guest_device(struct doctor *doctor)
{
	unsigned int found = 0;

	for (size_t i = 0; i < doctor->function_count; i++) {
		const struct doctor_function *function = &doctor->functions[i];
		const char *address = function->address;

		if (!function->is_dsa || function->is_vfio)
			continue;
		found++;
		if (strcmp(function->driver, DRIVER) == 0) {
			doctor_pass(doctor, "%s (%04x:%04x) is bound to " DRIVER, address,
				    function->id >> 16, function->id & 0xffff);
			continue;
		}
		if (!function->driver[0]) {
			doctor_fail(doctor, DOCTOR_CANNOT, "%s (%04x:%04x) is bound to no driver",
				    address, function->id >> 16, function->id & 0xffff);
			doctor_fix(doctor, "modprobe " DRIVER "; if it is loaded, the kernel log "
					   "(dmesg) says why it did not take the device");
			continue;
		}
		if (has_driver(function, STOCK)) {
			doctor_pass(doctor,
				    "%s (%04x:%04x) is bound to " STOCK
				    ", for wq-demo run --backend " STOCK,
				    address, function->id >> 16, function->id & 0xffff);
			no_pasid(doctor);
			continue;
		}
		doctor_fail(doctor, DOCTOR_CANNOT, "%s (%04x:%04x) is bound to %s, not to " DRIVER,
			    address, function->id >> 16, function->id & 0xffff, function->driver);
		doctor_fix(doctor,
			   "echo %s >/sys/bus/pci/drivers/%s/unbind; modprobe " DRIVER
			   "; echo %s >/sys/bus/pci/drivers/" DRIVER "/bind",
			   address, function->driver, address);
	}
	if (!found)
		doctor_fail(doctor, DOCTOR_CANNOT, "no DSA function (8086:0b25, 11fb, 1212)");
}

/* What the kernel's own driver is enough for, and what the other one takes. */
static void driver_is_stock(struct doctor *doctor, const struct doctor_function *function)
{
	const char *address = function->address;

	doctor_warn(doctor, DRIVER " does not have the device: --backend sample cannot run");
	doctor_fix(doctor,
		   "nothing for --backend " STOCK "; otherwise: echo %s >/sys/bus/pci/drivers/" STOCK
		   "/unbind; modprobe " DRIVER "%s; echo %s >/sys/bus/pci/drivers/" DRIVER "/bind",
		   address,
		   doctor_exists(doctor->machine, "/sys/module/" DRIVER) ||
				   doctor_module_installed(doctor->machine, DRIVER)
			   ? ""
			   : " (package dsa-sample-dkms)",
		   address);
}

void doctor_check_driver(struct doctor *doctor)
{
	const struct doctor_machine *machine = doctor->machine;
	const struct doctor_function *stock = stock_only(doctor);

	if (stock) {
		driver_is_stock(doctor, stock);
		return;
	}
	if (doctor_exists(machine, "/sys/module/" DRIVER)) {
		doctor_pass(doctor, DRIVER " is loaded");
		return;
	}
	doctor_fail(doctor, DOCTOR_CANNOT, "the driver " DRIVER " is not loaded");
	if (doctor_module_installed(machine, DRIVER))
		doctor_fix(doctor, "modprobe " DRIVER);
}

void doctor_check_table(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->function_count; i++) {
		const struct doctor_function *function = &doctor->functions[i];
		const char *address = function->address;

		if (!function->is_dsa || function->is_vfio)
			continue;
		/* The driver enables all of the table. */
		if (function->table < 0 && function->vectors >= 2)
			doctor_pass(doctor,
				    "%s has %u MSI-X vectors: one for itself, %u for queues",
				    address, function->vectors, function->vectors - 1);
		else if (function->table < 0)
			doctor_warn(doctor, "%s: the size of its MSI-X table is for root to see",
				    address);
		else if (function->table < 2)
			doctor_fail(doctor, DOCTOR_CANNOT,
				    "%s has an MSI-X table of %d: one for itself and one per queue "
				    "are needed",
				    address, function->table);
		else
			doctor_pass(doctor,
				    "%s has an MSI-X table of %d: one for itself, %d for queues; "
				    "%u are enabled",
				    address, function->table, function->table - 1,
				    function->vectors);
		if (function->table < 0 && function->vectors < 2)
			doctor_fix(doctor, "run it as root");
	}
}

void doctor_check_dmatest(struct doctor *doctor)
{
	const struct doctor_machine *machine = doctor->machine;
	static const char module[] = "dmatest";

	if (!stock_only(doctor))
		return;
	if (doctor_exists(machine, "/sys/module/%s", module))
		doctor_pass(doctor, "%s is loaded: --backend " STOCK " copies and verifies with it",
			    module);
	else if (doctor_module_listed(machine, module))
		doctor_pass(doctor, "%s is installed: --backend " STOCK " copies and verifies with it",
			    module);
	else
		doctor_fail(doctor, DOCTOR_CANNOT,
			    "no module %s: --backend " STOCK " copies and verifies with it", module);
}

void doctor_check_movdir64b(struct doctor *doctor)
{
	const struct doctor_machine *machine = doctor->machine;
	const bool able = doctor_has_word(machine, "/proc/cpuinfo", "movdir64b");
	char portal[16];

	if (stock_only(doctor)) {
		doctor_pass(doctor, STOCK " submits with MOVDIR64B, without which it does not load");
		return;
	}
	doctor_read(machine, portal, sizeof(portal), "/sys/module/" DRIVER "/parameters/portal");
	if (!able) {
		doctor_warn(doctor, "this CPU has no MOVDIR64B: descriptors go out as eight "
				    "stores, which only dsa-model understands");
	} else if (strcmp(portal, "stores") == 0) {
		doctor_warn(doctor, "portal=stores: descriptors go out as eight stores, which only "
				    "dsa-model understands");
		doctor_fix(doctor, "with silicon: modprobe -r " DRIVER "; modprobe " DRIVER);
	} else {
		doctor_pass(doctor, "this CPU has MOVDIR64B");
	}
}

/* ---- The other driver ------------------------------------------------------- */

static bool is_blacklisted_at_boot(const struct doctor_machine *machine)
{
	static const char *const names[] = { "modprobe.blacklist=", "module_blacklist=" };
	char line[4096], *rest = line, *word;

	doctor_read(machine, line, sizeof(line), "/proc/cmdline");
	while ((word = strsep(&rest, " "))) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
			char *list = word + strlen(names[i]), *name;

			if (strncmp(word, names[i], strlen(names[i])) != 0)
				continue;
			while ((name = strsep(&list, ",")))
				if (strcmp(name, "idxd") == 0)
					return true;
		}
	}
	return false;
}

void doctor_check_blacklist(struct doctor *doctor)
{
	const struct doctor_machine *machine = doctor->machine;
	const bool is_blacklisted = doctor_modprobe_line(machine, "blacklist", STOCK, NULL) ||
				    is_blacklisted_at_boot(machine);
	char release[128];

	doctor_release(machine, release, sizeof(release));
	if (stock_only(doctor) && is_blacklisted) {
		doctor_warn(doctor, "idxd is blacklisted: it has the device now, and will not at "
				    "the next boot");
		doctor_fix(doctor, "for --backend " STOCK " remove blacklist " STOCK
				   " from /etc/modprobe.d and the kernel's command line");
	} else if (stock_only(doctor)) {
		doctor_pass(doctor, "idxd is not blacklisted: it takes the device at boot");
	} else if (is_blacklisted) {
		doctor_pass(doctor, "idxd is blacklisted: it will not take the device at boot");
	} else if (!doctor_exists(machine, "/sys/module/" STOCK) &&
		   !doctor_exists(machine, "/lib/modules/%s/kernel/drivers/dma/" STOCK, release)) {
		doctor_pass(doctor, "this kernel has no idxd that could take the device");
	} else {
		doctor_warn(doctor, "idxd is not blacklisted: at boot it takes the device first");
	}
}

/* ---- Nodes ------------------------------------------------------------------ */

static void what_the_driver_says(struct doctor *doctor, const char *path)
{
	struct dsa_sample_info info;
	int error = doctor->machine->sample_info(path, &info);

	if (error) {
		doctor_fail(doctor, DOCTOR_CANNOT, "%s does not answer: %s", path,
			    strerror(-error));
		doctor_fix(doctor, "see the kernel log (dmesg) for what became of the device");
	} else if (info.api_version != DSA_SAMPLE_API_VERSION) {
		doctor_fail(doctor, DOCTOR_CANNOT,
			    "%s: the driver has interface version %u, this program %u", path,
			    info.api_version, DSA_SAMPLE_API_VERSION);
		doctor_fix(doctor, "install both from one release");
	} else if (info.flags & DSA_SAMPLE_INFO_HALTED) {
		doctor_fail(doctor, DOCTOR_CANNOT, "%s: the device is halted", path);
		doctor_fix(doctor, "see the kernel log (dmesg) for the reason, then unbind the "
				   "driver and bind it again");
	} else {
		doctor_pass(doctor, "%s: %u queues of %u entries, %u vectors, %u queues are up",
			    path, info.queues, info.queue_entries, info.vectors,
			    (unsigned int)__builtin_popcountll(info.queues_up));
	}
}

static void check_node(struct doctor *doctor, const char *name)
{
	const struct doctor_machine *machine = doctor->machine;
	struct stat status;
	char path[300];

	snprintf(path, sizeof(path), "/dev/%s", name);
	if (doctor_stat(machine, path, &status) == 0 && status.st_mode & S_IWOTH) {
		doctor_warn(doctor, "%s can be used by everybody", path);
		doctor_fix(doctor, "give the node to a group by a rule of udev: MODE=\"0660\"");
	}
	if (!doctor_may_use(machine, path))
		doctor_fail(doctor, DOCTOR_CANNOT, "%s cannot be used by this user", path);
	else if (machine->sample_info)
		what_the_driver_says(doctor, path);
	else
		doctor_pass(doctor, "%s can be used", path);
}

static void stock_for_user(struct doctor *doctor)
{
	if (doctor->machine->uid == 0) {
		doctor_pass(doctor, "root may configure the queues of " STOCK);
		return;
	}
	doctor_fail(doctor, DOCTOR_CANNOT, "only root may configure the queues of " STOCK);
	doctor_fix(doctor, "run wq-demo as root, or let " DRIVER " have the device");
}

void doctor_check_guest_nodes(struct doctor *doctor)
{
	char **names;
	size_t count = doctor_list(doctor->machine, &names, "/dev");
	unsigned int found = 0;

	for (size_t i = 0; i < count; i++) {
		if (strncmp(names[i], NODE_PREFIX, strlen(NODE_PREFIX)) != 0)
			continue;
		found++;
		check_node(doctor, names[i]);
	}
	doctor_names_free(names, count);
	if (found)
		return;
	if (stock_only(doctor)) {
		stock_for_user(doctor);
		return;
	}
	doctor_fail(doctor, DOCTOR_CANNOT, "there is no /dev/" NODE_PREFIX "N");
	doctor_fix(doctor, "the driver makes it when it takes a device; the kernel log (dmesg) "
			   "says why it did not");
}

int doctor_sample_info(const char *path, struct dsa_sample_info *info)
{
	int error = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	*info = (struct dsa_sample_info){ .argsz = sizeof(*info) };
	if (ioctl(fd, DSA_SAMPLE_INFO, info) < 0)
		error = -errno;
	close(fd);
	return error;
}
