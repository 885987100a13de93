// SPDX-License-Identifier: GPL-2.0-only
/* The host's part: what stands between a device and a guest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_files.h"
#include "doctor_private.h"

#define MODULES "/sys/module"
#define ACPI_TABLES "/sys/firmware/acpi/tables"

/* What x86 has left for devices: 256 less exceptions and the kernel's own. */
#define VECTORS_PER_CPU 200

/* ---- IOMMU ------------------------------------------------------------------ */

void doctor_check_iommu(struct doctor *doctor)
{
	static const struct {
		const char *prefix;
		const char *name;
	} kinds[] = { { "dmar", "Intel VT-d" }, { "ivhd", "AMD-Vi" }, { "smmu", "Arm SMMU" } };
	const struct doctor_machine *machine = doctor->machine;
	size_t groups = doctor_list_count(machine, "/sys/kernel/iommu_groups");
	const char *name = "an IOMMU";
	char **units;
	size_t count;

	if (groups) {
		count = doctor_list(machine, &units, "/sys/class/iommu");
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && count; i++)
			if (strncmp(units[0], kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
				name = kinds[i].name;
		doctor_names_free(units, count);
		doctor_pass(doctor, "%s is in use: %zu groups", name, groups);
		return;
	}
	if (doctor_exists(machine, ACPI_TABLES "/DMAR")) {
		doctor_fail(doctor, DOCTOR_CANNOT,
			    "the machine has an IOMMU (DMAR), but Linux does not use it");
		doctor_fix(doctor, "add intel_iommu=on to the kernel's command line: "
				   "GRUB_CMDLINE_LINUX in /etc/default/grub, update-grub, reboot");
	} else if (doctor_exists(machine, ACPI_TABLES "/IVRS")) {
		doctor_fail(doctor, DOCTOR_CANNOT,
			    "the machine has an IOMMU (IVRS), but Linux does not use it");
		doctor_fix(doctor,
			   "remove amd_iommu=off and iommu=off from the kernel's command line: "
			   "GRUB_CMDLINE_LINUX in /etc/default/grub, update-grub, reboot");
	} else {
		doctor_fail(doctor, DOCTOR_CANNOT,
			    "no IOMMU: no device can be passed through to a guest");
	}
}

/* Interrupts that are remapped have a name that says so, for every user to see. */
static bool has_remapped_interrupt(const struct doctor_machine *machine)
{
	FILE *file = doctor_open(machine, "/proc/interrupts");
	bool found = false;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return false;
	while (!found && getline(&line, &size, file) >= 0)
		found = strstr(line, " IR-") || strstr(line, "\tIR-");
	free(line);
	fclose(file);
	return found;
}

void doctor_check_remapping(struct doctor *doctor)
{
	const struct doctor_machine *machine = doctor->machine;
	char unsafe[8];

	if (has_remapped_interrupt(machine)) {
		doctor_pass(doctor, "interrupts are remapped");
		return;
	}
	doctor_read(machine, unsafe, sizeof(unsafe),
		    MODULES "/vfio_iommu_type1/parameters/allow_unsafe_interrupts");
	if (unsafe[0] == 'Y')
		doctor_warn(doctor,
			    "no interrupt remapping, and allow_unsafe_interrupts=1: a guest can "
			    "raise any interrupt of the host");
	else
		doctor_fail(doctor, DOCTOR_CANNOT,
			    "no interrupt is remapped: VFIO refuses to pass devices through");
}

/* ---- vfio-pci --------------------------------------------------------------- */

static void vfio_ours(struct doctor *doctor)
{
	char version[32], core_taint[16], taint[16];
	const struct doctor_machine *machine = doctor->machine;

	doctor_read(machine, version, sizeof(version), MODULES "/vfio_pci_core/version");
	doctor_read(machine, core_taint, sizeof(core_taint), MODULES "/vfio_pci_core/taint");
	doctor_read(machine, taint, sizeof(taint), MODULES "/vfio_pci/taint");
	if (!doctor_exists(machine, MODULES "/vfio_pci")) {
		doctor_fail(doctor, DOCTOR_CANNOT,
			    "our vfio-pci-core %s is loaded, vfio-pci is not", version);
		doctor_fix(doctor, "modprobe vfio-pci");
	} else if (strcmp(version, PACKAGE_VERSION) != 0) {
		doctor_warn(doctor, "our vfio-pci %s is loaded, but this program is %s", version,
			    PACKAGE_VERSION);
		doctor_fix(doctor, "install both from one release");
	} else if (!strchr(taint, 'O') || !strchr(core_taint, 'O')) {
		doctor_warn(doctor, "vfio-pci-core %s is loaded, vfio-pci is not of the same make",
			    version);
		doctor_fix(doctor, "modprobe -r vfio-pci vfio-pci-core; modprobe vfio-pci");
	} else {
		doctor_pass(doctor, "our vfio-pci %s is loaded", version);
	}
}

void doctor_check_vfio_pci(struct doctor *doctor)
{
	const struct doctor_machine *machine = doctor->machine;

	switch (doctor->vfio) {
	case DOCTOR_VFIO_OURS:
		vfio_ours(doctor);
		break;
	case DOCTOR_VFIO_STOCK:
		doctor_warn(doctor, "the kernel's own vfio-pci is loaded: a vector that is given "
				    "another eventfd can lose an interrupt, and a request that "
				    "fails leaves vectors dead");
		if (doctor_module_installed(machine, "vfio-pci-core"))
			doctor_fix(doctor, "ours is installed; with no device in use: modprobe -r "
					   "vfio-pci vfio-pci-core; modprobe vfio-pci");
		break;
	case DOCTOR_VFIO_INSTALLED:
		doctor_fail(doctor, DOCTOR_CANNOT, "our vfio-pci is installed, but not loaded");
		doctor_fix(doctor, "modprobe vfio-pci");
		break;
	default:
		doctor_fail(doctor, DOCTOR_CANNOT, "vfio-pci is not loaded");
		doctor_fix(doctor, "modprobe vfio-pci");
		break;
	}
}

static const struct doctor_function *denied_function(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->function_count; i++)
		if (doctor->functions[i].is_denied)
			return &doctor->functions[i];
	return NULL;
}

void doctor_check_deny_list(struct doctor *doctor)
{
	const struct doctor_function *function = denied_function(doctor);
	const struct doctor_machine *machine = doctor->machine;
	char value[8];

	if (!function)
		return;
	doctor_read(machine, value, sizeof(value), MODULES "/vfio_pci/parameters/disable_denylist");
	if (value[0] == 'Y') {
		doctor_pass(doctor, "vfio-pci takes devices of its deny list (disable_denylist=Y)");
		return;
	}
	if (!doctor_exists(machine, MODULES "/vfio_pci") &&
	    doctor_modprobe_line(machine, "options", "vfio-pci", "disable_denylist=1")) {
		doctor_pass(doctor, "modprobe.d has disable_denylist=1 for vfio-pci");
		return;
	}
	doctor_fail(doctor, DOCTOR_CANNOT, "%s (%04x:%04x) is on the deny list of vfio-pci",
		    function->address, function->id >> 16, function->id & 0xffff);
	/* Part of the kernel: nothing that could be removed. */
	if (doctor_exists(machine, MODULES "/vfio_pci") &&
	    !doctor_exists(machine, MODULES "/vfio_pci/initstate"))
		doctor_fix(doctor, "if the guest is trusted (INTEL-SA-01084): add "
				   "vfio_pci.disable_denylist=1 to the kernel's command line");
}

/* ---- Vectors one at a time -------------------------------------------------- */

static bool kernel_can_add_vectors(const struct doctor_machine *machine, const char *release)
{
	/* There for every user, without addresses. Without it the release has to do. */
	if (doctor_exists(machine, "/proc/kallsyms"))
		return doctor_has_word(machine, "/proc/kallsyms", "pci_msix_can_alloc_dyn");
	return doctor_release_is(release, 6, 2);
}

static void growth_by_reserve(struct doctor *doctor, const char *release)
{
	char reserve[8];

	doctor_read(doctor->machine, reserve, sizeof(reserve),
		    MODULES "/vfio_pci_core/parameters/msix_reserve");
	if (strcmp(reserve, "0") != 0) {
		doctor_pass(doctor,
			    "Linux %s cannot add an MSI-X vector; our vfio-pci reserves irqs for "
			    "the whole table instead",
			    release);
		return;
	}
	doctor_fail(doctor, DOCTOR_LOSES,
		    "Linux %s cannot add an MSI-X vector, and msix_reserve=0 keeps our vfio-pci "
		    "from reserving them",
		    release);
	doctor_fix(doctor, "remove msix_reserve=0 from /etc/modprobe.d; modprobe -r vfio-pci "
			   "vfio-pci-core; modprobe vfio-pci");
}

void doctor_check_growth(struct doctor *doctor)
{
	const bool ours = doctor->vfio == DOCTOR_VFIO_OURS || doctor->vfio == DOCTOR_VFIO_INSTALLED;
	char release[128];
	bool can;

	doctor_release(doctor->machine, release, sizeof(release));
	can = kernel_can_add_vectors(doctor->machine, release);
	if (!release[0])
		snprintf(release, sizeof(release), "of an unknown release");
	if (can && (ours || doctor_release_is(release, 6, 5)))
		doctor_pass(doctor,
			    "Linux %s adds MSI-X vectors one at a time, and vfio-pci "
			    "makes use of it",
			    release);
	else if (can)
		doctor_fail(doctor, DOCTOR_LOSES,
			    "Linux %s can add an MSI-X vector, but its own vfio-pci does not",
			    release);
	else if (ours)
		growth_by_reserve(doctor, release);
	else
		doctor_fail(doctor, DOCTOR_LOSES,
			    "Linux %s cannot add an MSI-X vector: all are taken down for a new one",
			    release);
}

/* ---- Devices ---------------------------------------------------------------- */

void doctor_check_host_device(struct doctor *doctor)
{
	unsigned int found = 0;

	for (size_t i = 0; i < doctor->function_count; i++) {
		const struct doctor_function *function = &doctor->functions[i];
		const char *address = function->address;

		found++;
		if (function->is_vfio) {
			doctor_pass(doctor, "%s (%04x:%04x) is bound to %s", address,
				    function->id >> 16, function->id & 0xffff, function->driver);
			continue;
		}
		/* Somebody uses it here, and that is a part of its own. */
		if (strcmp(function->driver, "dsa_sample") == 0)
			continue;
		doctor_fail(doctor, DOCTOR_CANNOT, "%s (%04x:%04x) is bound to %s, not to vfio-pci",
			    address, function->id >> 16, function->id & 0xffff,
			    function->driver[0] ? function->driver : "no driver");
		if (function->driver[0])
			doctor_fix(doctor,
				   "echo %s >/sys/bus/pci/drivers/%s/unbind; echo vfio-pci "
				   ">/sys/bus/pci/devices/%s/driver_override; echo %s "
				   ">/sys/bus/pci/drivers_probe",
				   address, function->driver, address, address);
		else
			doctor_fix(doctor,
				   "echo vfio-pci >/sys/bus/pci/devices/%s/driver_override; "
				   "echo %s >/sys/bus/pci/drivers_probe",
				   address, address);
	}
	if (!found)
		doctor_fail(doctor, DOCTOR_CANNOT,
			    "no DSA function (8086:0b25, 11fb, 1212), and nothing bound to "
			    "vfio-pci");
}

static bool is_harmless(const char *driver, const char *class)
{
	/* Bridges belong to a group without being passed through. */
	return !driver[0] || strcmp(driver, "pcieport") == 0 || strncmp(class, "0x0604", 6) == 0 ||
	       strncmp(class, "0x0600", 6) == 0 || strcmp(driver, "pci-stub") == 0;
}

static void check_group_of(struct doctor *doctor, const struct doctor_function *function)
{
	const struct doctor_machine *machine = doctor->machine;
	unsigned int strangers = 0;
	char **others;
	size_t count;

	count = doctor_list(machine, &others, "/sys/kernel/iommu_groups/%s/devices",
			    function->group);
	for (size_t i = 0; i < count; i++) {
		char driver[DOCTOR_DRIVER], class[16];

		doctor_link(machine, driver, sizeof(driver), "/sys/bus/pci/devices/%s/driver",
			    others[i]);
		doctor_read(machine, class, sizeof(class), "/sys/bus/pci/devices/%s/class",
			    others[i]);
		if (strcmp(others[i], function->address) == 0 || strstr(driver, "vfio") ||
		    is_harmless(driver, class))
			continue;
		strangers++;
		doctor_fail(doctor, DOCTOR_CANNOT,
			    "%s shares IOMMU group %s with %s, which is bound to %s",
			    function->address, function->group, others[i], driver);
	}
	doctor_names_free(others, count);
	if (!strangers)
		doctor_pass(doctor, "%s is in IOMMU group %s, with nobody else's device",
			    function->address, function->group);
}

void doctor_check_group(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->function_count; i++)
		if (doctor->functions[i].is_vfio && doctor->functions[i].group[0])
			check_group_of(doctor, &doctor->functions[i]);
}

/* ---- What the device itself says -------------------------------------------- */

/* While somebody uses the device only our vfio-pci tells, and only root. */
static void noresize_in_use(struct doctor *doctor, const struct doctor_function *function)
{
	char state[256], *source;

	doctor_read(doctor->machine, state, sizeof(state),
		    "/sys/kernel/debug/vfio-pci-irq/%s/state", function->address);
	source = strstr(state, "source ");
	if (!source) {
		doctor_warn(doctor, "%s is in use: VFIO cannot be asked about it",
			    function->address);
		doctor_fix(doctor, "ask again when no guest has the device");
		return;
	}
	source += strlen("source ");
	source[strcspn(source, "\n")] = '\0';
	if (strcmp(source, "fixed") == 0)
		doctor_fail(doctor, DOCTOR_LOSES,
			    "%s, in use, cannot be given another vector (source %s)",
			    function->address, source);
	else
		doctor_pass(doctor, "%s, in use, can be given vectors one at a time (source %s)",
			    function->address, source);
}

static void noresize_of(struct doctor *doctor, const struct doctor_function *function)
{
	struct problem problem = { .text = "" };
	struct doctor_irq_info info;
	int error;

	if (!doctor->machine->vfio_irq_info) {
		doctor_warn(doctor, "%s: a directory of files cannot be asked", function->address);
		doctor_fix(doctor, "run it on that machine, without --root");
		return;
	}
	error = doctor->machine->vfio_irq_info(function->address, function->group, &info, &problem);
	switch (error) {
	case 0:
		break;
	case -EBUSY:
		noresize_in_use(doctor, function);
		return;
	case -EACCES:
	case -EPERM:
		doctor_warn(doctor, "%s cannot be asked by this user: %s", function->address,
			    problem.text);
		doctor_fix(doctor, "run it as root, or as a user who may run guests with it");
		return;
	default:
		doctor_fail(doctor, DOCTOR_CANNOT, "%s cannot be opened through VFIO: %s",
			    function->address, problem.text);
		doctor_fix(doctor, "see the kernel log (dmesg) for the reason");
		return;
	}
	if (info.count == 0)
		doctor_warn(doctor, "%s has no MSI-X", function->address);
	else if (info.noresize)
		doctor_fail(doctor, DOCTOR_LOSES,
			    "VFIO_IRQ_INFO_NORESIZE is set for %s: to add a vector all %u are "
			    "taken down",
			    function->address, info.count);
	else
		doctor_pass(doctor,
			    "VFIO_IRQ_INFO_NORESIZE is not set for %s: its %u vectors come and go "
			    "one at a time",
			    function->address, info.count);
	if (info.count == 0)
		doctor_fix(doctor, "use a device with an MSI-X table, see lspci -vv -s %s",
			   function->address);
}

void doctor_check_noresize(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->function_count; i++)
		if (doctor->functions[i].is_vfio)
			noresize_of(doctor, &doctor->functions[i]);
}

/* ---- Vectors ---------------------------------------------------------------- */

static unsigned int count_cpus(const struct doctor_machine *machine)
{
	FILE *file = doctor_open(machine, "/proc/cpuinfo");
	unsigned int count = 0;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return 0;
	while (getline(&line, &size, file) >= 0)
		count += strncmp(line, "processor", strlen("processor")) == 0;
	free(line);
	fclose(file);
	return count;
}

/* Message interrupts of all PCI functions. */
static unsigned int count_messages(const struct doctor_machine *machine)
{
	unsigned int total = 0;
	char **addresses;
	size_t count = doctor_list(machine, &addresses, "/sys/bus/pci/devices");

	for (size_t i = 0; i < count; i++)
		total += doctor_list_count(machine, "/sys/bus/pci/devices/%s/msi_irqs",
					   addresses[i]);
	doctor_names_free(addresses, count);
	return total;
}

void doctor_check_vectors(struct doctor *doctor)
{
	unsigned int available = count_cpus(doctor->machine) * VECTORS_PER_CPU;
	unsigned int used = count_messages(doctor->machine);
	unsigned int wanted = 0;

	for (size_t i = 0; i < doctor->function_count; i++) {
		const struct doctor_function *function = &doctor->functions[i];

		if (!function->is_vfio)
			continue;
		if (function->table < 0) {
			doctor_pass(doctor,
				    "%s has %u message interrupts now; the size of its table is "
				    "for root to see",
				    function->address, function->vectors);
			continue;
		}
		doctor_pass(doctor, "%s has %u of its %d MSI-X vectors now", function->address,
			    function->vectors, function->table);
		if ((unsigned int)function->table > function->vectors)
			wanted += function->table - function->vectors;
	}
	if (!available)
		return;
	if (used + wanted <= available) {
		doctor_pass(doctor,
			    "%u message interrupts are in use, about %u are possible, %u more may "
			    "be wanted by guests",
			    used, available, wanted);
		return;
	}
	doctor_warn(doctor,
		    "%u message interrupts are in use, %u more may be wanted by guests, but only "
		    "about %u are possible",
		    used, wanted, available);
}

/* ---- Who may, and with what -------------------------------------------------- */

void doctor_check_host_nodes(struct doctor *doctor)
{
	const struct doctor_machine *machine = doctor->machine;
	struct stat status;
	char path[64];
	bool any = false;

	for (size_t i = 0; i < doctor->function_count; i++) {
		const struct doctor_function *function = &doctor->functions[i];

		if (!function->is_vfio || !function->group[0])
			continue;
		any = true;
		snprintf(path, sizeof(path), "/dev/vfio/%s", function->group);
		if (doctor_stat(machine, path, &status)) {
			doctor_fail(doctor, DOCTOR_CANNOT, "%s does not exist", path);
			doctor_fix(doctor, "see that /dev is a devtmpfs and udev runs");
		} else if (status.st_mode & S_IWOTH) {
			doctor_warn(doctor, "%s can be used by everybody, and with it %s", path,
				    function->address);
		} else if (!doctor_may_use(machine, path)) {
			doctor_warn(doctor, "%s cannot be used by this user", path);
		} else {
			doctor_pass(doctor, "%s can be used", path);
		}
	}
	if (any && !doctor_exists(machine, "/dev/vfio/vfio")) {
		doctor_fail(doctor, DOCTOR_CANNOT, "/dev/vfio/vfio does not exist");
		doctor_fix(doctor, "modprobe vfio; modprobe vfio_iommu_type1");
	}
}

void doctor_check_kvm(struct doctor *doctor)
{
	if (!doctor_exists(doctor->machine, "/dev/kvm")) {
		doctor_warn(doctor, "no /dev/kvm: guests would be emulated, at a hundredth of the "
				    "speed");
	} else if (!doctor_may_use(doctor->machine, "/dev/kvm")) {
		doctor_warn(doctor, "/dev/kvm cannot be used by this user");
		doctor_fix(doctor, "adduser $USER kvm, and log in again");
	} else {
		doctor_pass(doctor, "/dev/kvm can be used");
	}
}

static void qemu_at(struct doctor *doctor, const char *path)
{
	unsigned int major, minor;
	char version[64];
	int error = doctor->machine->qemu_version(path, version, sizeof(version));

	if (error || sscanf(version, "%u.%u", &major, &minor) != 2) {
		doctor_warn(doctor, "%s does not tell its version", path);
		doctor_fix(doctor, "see what %s --version says", path);
	} else if (major > 8 || (major == 8 && minor >= 2)) {
		doctor_pass(doctor, "QEMU %s (%s) adds vectors one at a time", version, path);
	} else {
		doctor_fail(doctor, DOCTOR_LOSES,
			    "QEMU %s (%s) takes all vectors down to add one, whatever the kernel "
			    "can do",
			    version, path);
	}
}

void doctor_check_qemu(struct doctor *doctor)
{
	static const char *const names[] = { "qemu-system-x86_64", "qemu-kvm" };
	char program[DOCTOR_PATH];

	if (!doctor->machine->qemu_version)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!doctor_program(doctor->machine, names[i], program, sizeof(program)))
			continue;
		qemu_at(doctor, program);
		return;
	}
	doctor_warn(doctor, "no QEMU is in PATH");
	doctor_fix(doctor, "apt-get install qemu-system-x86; Debian 12: -t bookworm-backports, for "
			   "8.2 or later");
}
