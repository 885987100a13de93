// SPDX-License-Identifier: GPL-2.0-only
/*
 * doctor_documents DIRECTORY: the JSON document of each machine that the doctor is
 * tried on, and of each with one thing different, in files of their own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "doctor_machines.h"
#include "machine_files.h"

static const struct known_machine *asked_about;

static int answer_vfio(const char *address, const char *group, struct doctor_irq_info *info,
		       struct problem *problem)
{
	(void)address;
	(void)group;
	if (asked_about->vfio)
		return problem_set(problem, asked_about->vfio, "open: %s",
				   strerror(-asked_about->vfio));
	*info = asked_about->irq;
	return 0;
}

static int answer_qemu(const char *program, char *text, size_t size)
{
	(void)program;
	snprintf(text, size, "%s", asked_about->qemu ? asked_about->qemu : "10.0.2");
	return 0;
}

/* Returns whether the document has been written. */
static bool write_document(const char *directory, const char *root, unsigned int number)
{
	const struct doctor_machine machine = {
		.root = root,
		.uid = asked_about->uid,
		.gid = asked_about->uid,
		.path = "/usr/bin",
		.vfio_irq_info = answer_vfio,
		.qemu_version = answer_qemu,
	};
	struct doctor_report report;
	char path[512], *text = NULL;
	bool done = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s/machine-%03u.json", directory, number);
	file = fopen(path, "w");
	if (!file)
		return false;
	if (!doctor_examine(&machine, asked_about->asked, &report))
		text = doctor_render_json(&report);
	if (text)
		done = fputs(text, file) >= 0;
	free(text);
	doctor_report_destroy(&report);
	return fclose(file) == 0 && done;
}

/* @change may be NULL. */
static bool document(const char *directory, const struct known_machine *known,
		     const struct change *change, unsigned int number)
{
	char root[] = "/tmp/doctor-XXXXXX";
	bool done;

	if (!mkdtemp(root))
		return false;
	asked_about = known;
	for (size_t i = 0; known->files[i]; i++)
		machine_files_make(root, known->files[i]);
	if (change) {
		const struct machine_file files[] = { change->file, { NULL } };

		machine_files_make(root, files);
	}
	done = write_document(directory, root, number);
	machine_files_remove(root);
	return done;
}

int main(int argc, char **argv)
{
	unsigned int number = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	for (size_t i = 0; i < doctor_machine_count; i++) {
		const struct known_machine *known = &doctor_machines[i];

		if (!document(argv[1], known, NULL, number++))
			return 1;
		for (size_t j = 0; j < doctor_change_count; j++)
			if (strcmp(doctor_changes[j].machine, known->name) == 0 &&
			    !document(argv[1], known, &doctor_changes[j], number++))
				return 1;
	}
	return 0;
}
