/* SPDX-License-Identifier: GPL-2.0-only */
/* What the doctor's checks share. */
#ifndef WQ_DEMO_DOCTOR_PRIVATE_H
#define WQ_DEMO_DOCTOR_PRIVATE_H

#include "doctor.h"

/* Which vfio-pci modprobe has loaded, or would load. */
enum doctor_vfio {
	DOCTOR_VFIO_NONE, /* not loaded, and ours is not installed */
	DOCTOR_VFIO_INSTALLED, /* ours is installed, nothing is loaded */
	DOCTOR_VFIO_STOCK, /* the kernel's own is loaded */
	DOCTOR_VFIO_OURS, /* ours is loaded */
};

#define DOCTOR_ADDRESS 32
#define DOCTOR_DRIVER 64
#define DOCTOR_GROUP 32

/**
 * struct doctor_function - a PCI function the doctor cares for
 * @address: 0000:6a:01.0
 * @id: vendor and device
 * @driver: "" if none is bound
 * @group: IOMMU group; "" if none
 * @is_dsa: one that dsa_sample knows
 * @is_vfio: bound to vfio-pci, or to one of the drivers made of it
 * @is_denied: on the deny list of vfio-pci
 * @table: entries of its MSI-X table; 0: it has none; -1: not visible to this user
 * @vectors: message interrupts it has now
 */
struct doctor_function {
	char address[DOCTOR_ADDRESS];
	uint32_t id;
	char driver[DOCTOR_DRIVER];
	char group[DOCTOR_GROUP];
	bool is_dsa;
	bool is_vfio;
	bool is_denied;
	int table;
	unsigned int vectors;
};

/**
 * struct doctor - an examination under way
 * @machine: whose
 * @report: what has been found
 * @functions: DSA functions, and those that are bound to vfio-pci
 * @function_count: of @functions
 * @vfio: which vfio-pci
 * @is_virtual: the machine is a virtual one
 * @check: the check that is running
 * @part: the part of the machine it looks at
 * @no_memory: a line could not be added
 */
struct doctor {
	const struct doctor_machine *machine;
	struct doctor_report *report;
	struct doctor_function *functions;
	size_t function_count;
	enum doctor_vfio vfio;
	bool is_virtual;
	const struct doctor_check *check;
	unsigned int part;
	bool no_memory;
};

/**
 * struct doctor_check - one row of the table of checks
 * @name: as it is printed
 * @applies: DOCTOR_HOST, DOCTOR_GUEST or both; or DOCTOR_NEITHER
 * @function: adds lines; none if there is nothing to be said
 * @fix: what to do when a line says no better
 */
struct doctor_check {
	const char *name;
	unsigned int applies;
	void (*function)(struct doctor *doctor);
	const char *fix;
};

/* Fill in doctor.functions. Returns 0 or -ENOMEM. */
int doctor_functions_find(struct doctor *doctor);

/* Lines of the check that is running. */
void doctor_pass(struct doctor *doctor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_warn(struct doctor *doctor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void doctor_fail(struct doctor *doctor, enum doctor_verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What to do about the last line, in place of the table's words. */
void doctor_fix(struct doctor *doctor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The checks; the table is in doctor.c. */
void doctor_check_user(struct doctor *doctor);
void doctor_check_kernel(struct doctor *doctor);
void doctor_check_lockdown(struct doctor *doctor);

void doctor_check_iommu(struct doctor *doctor);
void doctor_check_remapping(struct doctor *doctor);
void doctor_check_vfio_pci(struct doctor *doctor);
void doctor_check_deny_list(struct doctor *doctor);
void doctor_check_growth(struct doctor *doctor);
void doctor_check_host_device(struct doctor *doctor);
void doctor_check_group(struct doctor *doctor);
void doctor_check_noresize(struct doctor *doctor);
void doctor_check_vectors(struct doctor *doctor);
void doctor_check_host_nodes(struct doctor *doctor);
void doctor_check_kvm(struct doctor *doctor);
void doctor_check_qemu(struct doctor *doctor);

void doctor_check_driver(struct doctor *doctor);
void doctor_check_guest_device(struct doctor *doctor);
void doctor_check_table(struct doctor *doctor);
void doctor_check_dmatest(struct doctor *doctor);
void doctor_check_movdir64b(struct doctor *doctor);
void doctor_check_blacklist(struct doctor *doctor);
void doctor_check_guest_nodes(struct doctor *doctor);

void doctor_check_no_device(struct doctor *doctor);
void doctor_check_gnuplot(struct doctor *doctor);

/* Of the machine, for struct doctor_machine. */
int doctor_vfio_irq_info(const char *address, const char *group, struct doctor_irq_info *info,
			 struct problem *problem);
int doctor_qemu_version(const char *program, char *text, size_t size);
int doctor_sample_info(const char *path, struct dsa_sample_info *info);

#endif /* WQ_DEMO_DOCTOR_PRIVATE_H */
