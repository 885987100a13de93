// SPDX-License-Identifier: GPL-2.0-only
/* What matters to both parts, or to a machine that is neither. */
#include <stdlib.h>
#include <string.h>

#include "doctor_files.h"
#include "doctor_private.h"

void doctor_check_user(struct doctor *doctor)
{
	if (doctor->machine->uid == 0)
		doctor_pass(doctor, "root sees all there is");
	else
		doctor_warn(doctor,
			    "user %u does not see the sizes of MSI-X tables, debugfs, and devices "
			    "of others",
			    (unsigned int)doctor->machine->uid);
}

/* The series the modules are built and tested for. */
void doctor_check_kernel(struct doctor *doctor)
{
	char release[128];

	doctor_release(doctor->machine, release, sizeof(release));
	if (!release[0]) {
		doctor_warn(doctor, "the release of the kernel is not known");
		doctor_fix(doctor, "see that /proc is mounted");
	} else if (strncmp(release, "6.1.", 4) == 0 || strncmp(release, "6.12.", 5) == 0 ||
		   doctor_release_is(release, 7, 0)) {
		doctor_pass(doctor, "Linux %s is of a series the modules are made for", release);
	} else {
		doctor_warn(doctor, "Linux %s: the modules are tested with 6.1, 6.12 and 7.x",
			    release);
	}
}

/* Of interest only while a module of ours is still to be loaded. */
void doctor_check_lockdown(struct doctor *doctor)
{
	const struct doctor_machine *machine = doctor->machine;
	char mode[128];

	if (doctor_read(machine, mode, sizeof(mode), "/sys/kernel/security/lockdown") <= 0 ||
	    strstr(mode, "[none]"))
		return;
	if ((!(doctor->part & DOCTOR_HOST) || doctor->vfio == DOCTOR_VFIO_OURS) &&
	    (!(doctor->part & DOCTOR_GUEST) || doctor_exists(machine, "/sys/module/dsa_sample")))
		return;
	doctor_warn(doctor, "the kernel is locked down (Secure Boot): it refuses modules that are "
			    "not signed");
}

/* ---- Neither a host nor a guest --------------------------------------------- */

void doctor_check_no_device(struct doctor *doctor)
{
	doctor_warn(doctor, "no DSA function (8086:0b25, 11fb, 1212), and nothing bound to "
			    "vfio-pci");
}

/* Results are looked at where there need not be a device. */
void doctor_check_gnuplot(struct doctor *doctor)
{
	char program[DOCTOR_PATH];

	if (doctor_program(doctor->machine, "gnuplot", program, sizeof(program)))
		doctor_pass(doctor, "%s draws the pictures of wq-demo report", program);
	else
		doctor_warn(doctor, "no gnuplot is in PATH: wq-demo report -o draws no pictures");
}
