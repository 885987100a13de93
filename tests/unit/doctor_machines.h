/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machines the doctor is tried on: what is said of each, and of one on which a
 * single thing is different.
 */
#ifndef TESTS_UNIT_DOCTOR_MACHINES_H
#define TESTS_UNIT_DOCTOR_MACHINES_H

#include <sys/types.h>

#include "doctor.h"
#include "machine_files.h"

#define A "0000:6a:01.0"
#define SYS_A "/sys/bus/pci/devices/" A
#define OTHER "/sys/bus/pci/devices/0000:6a:02.0"
#define DRIVERS "../../../../bus/pci/drivers/"
#define LINES_MAX 32

/**
 * struct known_machine - a machine as it is met
 * @name: for people
 * @files: of the machine
 * @uid: who asks; 0: root
 * @vfio: what VFIO answers: an error, or
 * @irq: this
 * @qemu: the version of the QEMU in PATH; NULL: there is none
 * @asked: what it is examined as; 0: what it looks like
 * @parts: what it is to be taken for
 * @verdict: the doctor's
 * @lines: all that is said: status, check and text
 */
struct known_machine {
	const char *name;
	const struct machine_file *files[8];
	uid_t uid;
	int vfio;
	struct doctor_irq_info irq;
	const char *qemu;
	unsigned int asked;
	unsigned int parts;
	enum doctor_verdict verdict;
	const char *lines[LINES_MAX];
};

extern const struct known_machine doctor_machines[];
extern const size_t doctor_machine_count;

/**
 * struct change - one thing is different
 * @machine: name of the machine it is different on
 * @file: instead of, or besides, what the machine has
 * @line: that must be among those of the report
 * @fix: a part of what it says to do; NULL: nothing
 * @verdict: then
 */
struct change {
	const char *machine;
	struct machine_file file;
	const char *line;
	const char *fix;
	enum doctor_verdict verdict;
};

extern const struct change doctor_changes[];
extern const size_t doctor_change_count;

#endif /* TESTS_UNIT_DOCTOR_MACHINES_H */
