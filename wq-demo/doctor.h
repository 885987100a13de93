/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The doctor: what a machine has and lacks for vectors that come one at a time,
 * as the host that passes a device through, as the guest that drives it, or both.
 *
 * It reads and asks; it changes nothing. All files are found below a root
 * directory, so that it can be tried on the files of another machine.
 */
#ifndef WQ_DEMO_DOCTOR_H
#define WQ_DEMO_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <dsa_sample.h>

#include "problem.h"

enum doctor_status {
	DOCTOR_PASS,
	DOCTOR_WARN, /* it may be wrong, or cannot be seen */
	DOCTOR_FAIL,
};

/* What follows from a failure; the worst one is the report's verdict. */
enum doctor_verdict {
	DOCTOR_READY,
	DOCTOR_SIMULATES, /* nothing of the chain is here: only the simulation runs */
	DOCTOR_LOSES, /* the chain runs and loses interrupts when a queue comes up */
	DOCTOR_CANNOT, /* the chain cannot run */
};

/* Parts that a machine can have; a check applies to one or both. */
#define DOCTOR_HOST (1U << 0) /* passes a device through to a guest */
#define DOCTOR_GUEST (1U << 1) /* drives the device with dsa_sample or idxd */
#define DOCTOR_NEITHER (1U << 2) /* alone: no device, and no driver that waits for one */

/**
 * struct doctor_line - what one check found, on one device if it is about devices
 * @check: name of the check
 * @part: DOCTOR_HOST, DOCTOR_GUEST or both: where the check belongs; or DOCTOR_NEITHER
 * @status: how it is
 * @verdict: what follows, if @status is DOCTOR_FAIL; else DOCTOR_READY
 * @text: what is here or missing
 * @fix: what to do about it; NULL if @status is DOCTOR_PASS
 */
struct doctor_line {
	const char *check;
	unsigned int part;
	enum doctor_status status;
	enum doctor_verdict verdict;
	char *text;
	char *fix;
};

/**
 * struct doctor_report - what was found
 * @parts: DOCTOR_HOST, DOCTOR_GUEST: what the machine was taken for; or DOCTOR_NEITHER
 * @lines: in the order of the checks; owned
 * @count: of @lines
 */
struct doctor_report {
	unsigned int parts;
	struct doctor_line *lines;
	size_t count;
};

/* What VFIO says of MSI-X of a device: struct vfio_irq_info. */
struct doctor_irq_info {
	uint32_t count;
	bool noresize;
};

/**
 * struct doctor_machine - the machine to examine
 * @root: directory its files are below, without a slash at the end; "" is this machine
 * @uid: who asks: 0 sees everything
 * @gid: the group of who asks
 * @path: where programs are looked for, as PATH
 * @vfio_irq_info: ask VFIO about MSI-X of the function at @address, which is in
 *	IOMMU group @group. Returns 0; -EBUSY somebody uses the group; -EACCES,
 *	-EPERM not for this user; another negative errno
 * @qemu_version: ask @program, a path on this machine, for its version. Returns 0
 *	and the number alone, "10.0.2", in @text; or a negative errno
 * @sample_info: ask the driver dsa_sample, at @path on this machine. Returns 0 or a
 *	negative errno
 *
 * A function that is NULL is not asked: the files of another machine do not answer.
 */
struct doctor_machine {
	const char *root;
	uid_t uid;
	gid_t gid;
	const char *path;
	int (*vfio_irq_info)(const char *address, const char *group, struct doctor_irq_info *info,
			     struct problem *problem);
	int (*qemu_version)(const char *program, char *text, size_t size);
	int (*sample_info)(const char *path, struct dsa_sample_info *info);
};

/**
 * doctor_machine_here() - fill in this machine, or the files of another
 * @root: "" or "/": this machine; else a directory, which has to outlive @machine
 */
void doctor_machine_here(struct doctor_machine *machine, const char *root);

/**
 * doctor_examine() - run all checks that apply
 * @parts: DOCTOR_HOST, DOCTOR_GUEST or both; 0: what the machine looks like
 * @report: out: to be given to doctor_report_destroy(), also after an error
 *
 * Returns 0; -ENOMEM.
 */
int doctor_examine(const struct doctor_machine *machine, unsigned int parts,
		   struct doctor_report *report);

enum doctor_verdict doctor_verdict(const struct doctor_report *report);

/* How many lines have @status. */
unsigned int doctor_count(const struct doctor_report *report, enum doctor_status status);

void doctor_report_destroy(struct doctor_report *report);

/* A line for people per check, one more with what to do, and the verdict. */
void doctor_render_human(const struct doctor_report *report, FILE *stream);

/* The report as a JSON document; NULL: out of memory. To be freed. */
char *doctor_render_json(const struct doctor_report *report);

#endif /* WQ_DEMO_DOCTOR_H */
