// SPDX-License-Identifier: GPL-2.0-only
#include "machine_files.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#define CONFIG_SIZE 256
#define CONFIG_HEADER 64

/* Also for programs that are no tests of Check. */
static void must(bool done, const char *what)
{
	if (done)
		return;
	fprintf(stderr, "machine_files: %s: %s\n", what, strerror(errno));
	abort();
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

void machine_files_remove(const char *root)
{
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void make_parents(const char *path)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s", path);
	for (char *at = strchr(name + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		must(mkdir(name, 0755) == 0 || errno == EEXIST, name);
		*at = '/';
	}
}

static void write_file(const char *path, const void *data, size_t size, unsigned int mode)
{
	FILE *file = fopen(path, "w");

	must(file != NULL, path);
	must(fwrite(data, 1, size, file) == size, path);
	must(fclose(file) == 0, path);
	must(chmod(path, mode) == 0, path);
}

/* A power management capability, and behind it MSI-X, if there are vectors. */
static void write_config(const char *path, unsigned int vectors, size_t size, bool ring)
{
	unsigned char config[CONFIG_SIZE] = { 0 };

	config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	config[PCI_CAPABILITY_LIST] = 0x40;
	config[0x40] = PCI_CAP_ID_PM;
	config[0x41] = ring ? 0x40 : vectors ? 0x80 : 0;
	if (vectors) {
		config[0x80] = PCI_CAP_ID_MSIX;
		config[0x82] = vectors - 1;
	}
	write_file(path, config, size, 0644);
}

static void make_file(const char *path, const struct machine_file *file)
{
	if (strcmp(file->text, MACHINE_ABSENT) == 0)
		return;
	make_parents(path);
	if (strcmp(file->text, MACHINE_DIRECTORY) == 0)
		must(mkdir(path, 0755) == 0, path);
	else if (strncmp(file->text, MACHINE_LINK(""), strlen(MACHINE_LINK(""))) == 0)
		must(symlink(file->text + strlen(MACHINE_LINK("")), path) == 0, path);
	else if (strcmp(file->text, MACHINE_MSIX_9) == 0)
		write_config(path, 9, CONFIG_SIZE, false);
	else if (strcmp(file->text, MACHINE_MSIX_1) == 0)
		write_config(path, 1, CONFIG_SIZE, false);
	else if (strcmp(file->text, MACHINE_NO_MSIX) == 0)
		write_config(path, 0, CONFIG_SIZE, false);
	else if (strcmp(file->text, MACHINE_RING) == 0)
		write_config(path, 0, CONFIG_SIZE, true);
	else if (strcmp(file->text, MACHINE_HEADER_ONLY) == 0)
		write_config(path, 9, CONFIG_HEADER, false);
	else if (strncmp(file->text, MACHINE_NODE(""), strlen(MACHINE_NODE(""))) == 0)
		write_file(path, "", 0, strtoul(file->text + strlen(MACHINE_NODE("")), NULL, 8));
	else
		write_file(path, file->text, strlen(file->text),
			   strncmp(file->text, "#!", 2) == 0 ? 0755 : 0644);
}

void machine_files_make(const char *root, const struct machine_file *files)
{
	for (; files->path; files++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s%s", root, files->path);
		machine_files_remove(path);
		make_file(path, files);
	}
}

bool machine_file_says(const char *root, const char *path, const char *text)
{
	char name[PATH_MAX], found[64] = "";
	FILE *file;
	bool says;

	snprintf(name, sizeof(name), "%s%s", root, path);
	file = fopen(name, "r");
	if (!file)
		return false;
	says = fgets(found, sizeof(found), file);
	fclose(file);
	found[strcspn(found, "\n")] = '\0';
	return says && strcmp(found, text) == 0;
}
