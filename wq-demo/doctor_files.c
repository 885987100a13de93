// SPDX-License-Identifier: GPL-2.0-only
#include "doctor_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

#define LINE 4096

static char *path_v(const struct doctor_machine *machine, char *path, const char *format,
		    va_list arguments)
{
	int used = snprintf(path, DOCTOR_PATH, "%s", machine->root);
	int more;

	if (used < 0 || used >= DOCTOR_PATH)
		goto too_long;
	more = vsnprintf(path + used, DOCTOR_PATH - used, format, arguments);
	if (more < 0 || more >= DOCTOR_PATH - used)
		goto too_long;
	return path;

too_long:
	path[0] = '\0';
	return path;
}

#define EXPAND(machine, path, format) \
	do { \
		va_list arguments; \
\
		va_start(arguments, format); \
		path_v(machine, path, format, arguments); \
		va_end(arguments); \
	} while (0)

char *doctor_path(const struct doctor_machine *machine, char *path, const char *format, ...)
{
	EXPAND(machine, path, format);
	return path;
}

FILE *doctor_open(const struct doctor_machine *machine, const char *format, ...)
{
	char path[DOCTOR_PATH];

	EXPAND(machine, path, format);
	return fopen(path, "re");
}

bool doctor_exists(const struct doctor_machine *machine, const char *format, ...)
{
	char path[DOCTOR_PATH];

	EXPAND(machine, path, format);
	return access(path, F_OK) == 0;
}

ssize_t doctor_read(const struct doctor_machine *machine, char *text, size_t size,
		    const char *format, ...)
{
	char path[DOCTOR_PATH];
	ssize_t length;
	int fd;

	EXPAND(machine, path, format);
	text[0] = '\0';
	/* Where a file should be there may be a pipe, which must not hold us up. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	length = read(fd, text, size - 1);
	if (length < 0)
		length = -errno;
	close(fd);
	if (length < 0)
		return length;
	text[length] = '\0';
	while (length > 0 && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	return length;
}

int doctor_link(const struct doctor_machine *machine, char *text, size_t size, const char *format,
		...)
{
	char path[DOCTOR_PATH], target[DOCTOR_PATH];
	const char *name;
	ssize_t length;

	EXPAND(machine, path, format);
	text[0] = '\0';
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return -errno;
	target[length] = '\0';
	name = strrchr(target, '/');
	snprintf(text, size, "%s", name ? name + 1 : target);
	return 0;
}

static int no_dots(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static size_t list(const char *path, char ***names)
{
	struct dirent **entries;
	int found = scandir(path, &entries, no_dots, versionsort);
	size_t count = 0;

	*names = NULL;
	if (found < 0)
		return 0;
	*names = calloc(found + 1, sizeof(**names));
	for (int i = 0; i < found; i++) {
		if (*names) {
			(*names)[count] = strdup(entries[i]->d_name);
			count += (*names)[count] != NULL;
		}
		free(entries[i]);
	}
	free(entries);
	return count;
}

size_t doctor_list(const struct doctor_machine *machine, char ***names, const char *format, ...)
{
	char path[DOCTOR_PATH];

	EXPAND(machine, path, format);
	return list(path, names);
}

void doctor_names_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

size_t doctor_list_count(const struct doctor_machine *machine, const char *format, ...)
{
	char path[DOCTOR_PATH], **names;
	size_t count;

	EXPAND(machine, path, format);
	count = list(path, &names);
	doctor_names_free(names, count);
	return count;
}

bool doctor_has_word(const struct doctor_machine *machine, const char *path, const char *text)
{
	FILE *file = doctor_open(machine, "%s", path);
	const size_t length = strlen(text);
	bool found = false;
	size_t size = 0;
	char *line = NULL;

	if (!file)
		return false;
	while (!found && getline(&line, &size, file) >= 0) {
		const char *at = line;

		while (!found && (at = strstr(at, text))) {
			found = (at == line || isspace((unsigned char)at[-1])) &&
				(!at[length] || isspace((unsigned char)at[length]));
			at += length;
		}
	}
	free(line);
	fclose(file);
	return found;
}

bool doctor_may_use(const struct doctor_machine *machine, const char *path)
{
	char name[DOCTOR_PATH];
	struct stat status;
	mode_t wanted;

	doctor_path(machine, name, "%s", path);
	/* Only the kernel knows about access lists, which udev gives to seats. */
	if (!machine->root[0])
		return faccessat(AT_FDCWD, name, R_OK | W_OK, AT_EACCESS) == 0;
	if (stat(name, &status) < 0)
		return false;
	if (machine->uid == 0)
		return true;
	wanted = S_IROTH | S_IWOTH;
	if (status.st_uid == machine->uid)
		wanted = S_IRUSR | S_IWUSR;
	else if (status.st_gid == machine->gid)
		wanted = S_IRGRP | S_IWGRP;
	return (status.st_mode & wanted) == wanted;
}

int doctor_stat(const struct doctor_machine *machine, const char *path, struct stat *status)
{
	char name[DOCTOR_PATH];

	doctor_path(machine, name, "%s", path);
	return stat(name, status) < 0 ? -errno : 0;
}

char *doctor_release(const struct doctor_machine *machine, char *text, size_t size)
{
	doctor_read(machine, text, size, "/proc/sys/kernel/osrelease");
	return text;
}

bool doctor_release_is(const char *release, unsigned int major, unsigned int minor)
{
	unsigned int its_major, its_minor;

	if (sscanf(release, "%u.%u", &its_major, &its_minor) != 2)
		return false;
	return its_major != major ? its_major > major : its_minor >= minor;
}

bool doctor_module_installed(const struct doctor_machine *machine, const char *name)
{
	static const char *const places[] = { "updates", "updates/dkms", "extra" };
	static const char *const suffixes[] = { "", ".xz", ".zst", ".gz" };
	char release[128];

	doctor_release(machine, release, sizeof(release));
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (size_t j = 0; j < sizeof(suffixes) / sizeof(suffixes[0]); j++)
			if (doctor_exists(machine, "/lib/modules/%s/%s/%s.ko%s", release, places[i],
					  name, suffixes[j]))
				return true;
	return false;
}

bool doctor_module_listed(const struct doctor_machine *machine, const char *name)
{
	char release[128], wanted[128], *line = NULL;
	bool found = false;
	size_t size = 0;
	FILE *file;

	doctor_release(machine, release, sizeof(release));
	file = doctor_open(machine, "/lib/modules/%s/modules.dep", release);
	if (!file)
		return false;
	snprintf(wanted, sizeof(wanted), "%s.ko", name);
	/* Each line begins with the module, and a colon before those it needs. */
	while (!found && getline(&line, &size, file) >= 0) {
		const char *last;

		line[strcspn(line, ":")] = '\0';
		last = strrchr(line, '/');
		found = strncmp(last ? last + 1 : line, wanted, strlen(wanted)) == 0;
	}
	free(line);
	fclose(file);
	return found;
}

static bool same_module(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !((*a == '-' || *a == '_') && (*b == '-' || *b == '_')))
			return false;
	return *a == *b;
}

static bool file_has_line(const struct doctor_machine *machine, const char *directory,
			  const char *name, const char *command, const char *module,
			  const char *word)
{
	FILE *file = doctor_open(machine, "%s/%s", directory, name);
	bool found = false;
	char line[LINE];

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		char *rest = line;
		const char *first = strtok_r(rest, " \t\n", &rest);
		const char *second = strtok_r(NULL, " \t\n", &rest);
		const char *next;

		if (!first || !second || strcmp(first, command) != 0 ||
		    !same_module(second, module))
			continue;
		found = !word;
		while (!found && (next = strtok_r(NULL, " \t\n", &rest)))
			found = strcmp(next, word) == 0;
	}
	fclose(file);
	return found;
}

bool doctor_modprobe_line(const struct doctor_machine *machine, const char *command,
			  const char *module, const char *word)
{
	static const char *const directories[] = { "/etc/modprobe.d", "/run/modprobe.d",
						   "/usr/local/lib/modprobe.d",
						   "/usr/lib/modprobe.d", "/lib/modprobe.d" };
	bool found = false;

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		char **names;
		size_t count = doctor_list(machine, &names, "%s", directories[i]);

		for (size_t j = 0; j < count && !found; j++) {
			const size_t length = strlen(names[j]);

			/* modprobe reads no others. */
			if (length > 5 && strcmp(names[j] + length - 5, ".conf") == 0)
				found = file_has_line(machine, directories[i], names[j], command,
						      module, word);
		}
		doctor_names_free(names, count);
	}
	return found;
}

bool doctor_program(const struct doctor_machine *machine, const char *name, char *path,
		    size_t size)
{
	char *copy = strdup(machine->path), *rest = copy, *directory;
	struct stat status;
	bool found = false;

	path[0] = '\0';
	while (copy && !found && (directory = strsep(&rest, ":"))) {
		snprintf(path, size, "%s/%s", directory, name);
		found = directory[0] == '/' && !doctor_stat(machine, path, &status) &&
			S_ISREG(status.st_mode) && status.st_mode & S_IXUSR;
	}
	free(copy);
	if (!found)
		path[0] = '\0';
	return found;
}
