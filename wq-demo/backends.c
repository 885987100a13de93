// SPDX-License-Identifier: GPL-2.0-only
/* The table of backends, and which of them fits this machine. */
#include "backend.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend_idxd_accel.h"

const struct backend *const backends[] = { &backend_sample, &backend_idxd, &backend_sim, NULL };

/* One hexadecimal number from a file in sysfs; 0 if there is none. */
static unsigned long read_id(const char *directory, const char *name)
{
	char path[512], text[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return strtoul(text, NULL, 16);
}

/* A DSA of any generation, whatever driver it has. */
static bool has_function(void)
{
	static const unsigned long ids[] = { 0x0b25, 0x11fb, 0x1212 };
	bool found = false;
	glob_t functions;

	if (glob("/sys/bus/pci/devices/*", 0, NULL, &functions))
		return false;
	for (size_t i = 0; !found && i < functions.gl_pathc; i++) {
		if (read_id(functions.gl_pathv[i], "vendor") != 0x8086)
			continue;
		for (size_t j = 0; j < sizeof(ids) / sizeof(ids[0]); j++)
			found |= read_id(functions.gl_pathv[i], "device") == ids[j];
	}
	globfree(&functions);
	return found;
}

static bool has_node(void)
{
	glob_t nodes;

	if (glob("/dev/dsa-sample*", 0, NULL, &nodes))
		return false;
	globfree(&nodes);
	return true;
}

const struct backend *backend_choose(const char *device)
{
	struct doctor_machine machine;

	doctor_machine_here(&machine, "");
	/* A name of accel-config's, or a path. */
	if (device)
		return strncmp(device, "dsa", 3) == 0 ? &backend_idxd : &backend_sample;
	if (has_node())
		return &backend_sample;
	if (accel_present(&machine))
		return &backend_idxd;
	/* A device without its driver is to be repaired, not to be played. */
	return has_function() ? &backend_sample : &backend_sim;
}
