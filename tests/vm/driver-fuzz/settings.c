// SPDX-License-Identifier: GPL-2.0-only
/*
 * What CONFIGURE was given is what the device has: read from its registers behind the
 * driver's back, as no call tells it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <dsa/bits.h>
#include <dsa/registers.h>

#include "../driver/calls.h"
#include "fuzz.h"

/* Configurations at random. */
#define SETTINGS 12

/* BAR0. */
struct registers {
	volatile uint32_t *words;
	size_t size;
};

static uint64_t read64(const struct registers *registers, size_t offset)
{
	return registers->words[offset / 4] | (uint64_t)registers->words[offset / 4 + 1] << 32;
}

static bool registers_map(struct registers *registers)
{
	char path[128];
	struct stat stat;
	void *view = MAP_FAILED;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", pci_address);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (!fstat(fd, &stat) && stat.st_size > 0)
		view = mmap(NULL, stat.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (view == MAP_FAILED)
		return false;
	*registers = (struct registers){ .words = view, .size = stat.st_size };
	return true;
}

static bool same(const char *what, unsigned int number, uint64_t is, uint64_t asked)
{
	if (is != asked)
		printf("# %s of %u is %#llx, not %#llx\n", what, number, (unsigned long long)is,
		       (unsigned long long)asked);
	return is == asked;
}

/* Queue @number, which is up. */
static bool queue_same(const struct registers *registers, unsigned int number,
		       const struct dsa_sample_queue_config *asked)
{
	uint64_t wqcap = read64(registers, DSA_REG_WQCAP);
	size_t at = FIELD_GET(DSA_OFFSETS_WQCFG, read64(registers, DSA_REG_OFFSETS)) *
		    DSA_OFFSETS_UNIT;
	volatile uint32_t *entry;
	bool good = true;

	at += number * DSA_WQCFG_STRIDE(FIELD_GET(DSA_WQCAP_STRIDE_CODE, wqcap));
	entry = registers->words + at / 4;
	good &= same("size of queue", number, FIELD_GET(DSA_WQCFG0_SIZE, entry[DSA_WQCFG_SIZE]),
		     asked->size);
	good &= same("priority of queue", number,
		     FIELD_GET(DSA_WQCFG2_PRIORITY, entry[DSA_WQCFG_MODE]),
		     wqcap & DSA_WQCAP_PRIORITY ? asked->priority : 0);
	good &= same("largest transfer of queue", number,
		     FIELD_GET(DSA_WQCFG3_MAX_XFER_SHIFT, entry[DSA_WQCFG_LIMITS]),
		     asked->max_transfer_shift);
	good &= same("largest batch of queue", number,
		     FIELD_GET(DSA_WQCFG3_MAX_BATCH_SHIFT, entry[DSA_WQCFG_LIMITS]),
		     asked->max_batch_shift);
	return good;
}

static bool group_same(const struct registers *registers, unsigned int number,
		       const struct dsa_sample_group *asked)
{
	size_t at = FIELD_GET(DSA_OFFSETS_GRPCFG, read64(registers, DSA_REG_OFFSETS)) *
		    DSA_OFFSETS_UNIT + number * DSA_GRPCFG_STRIDE;
	bool good = true;

	good &= same("queues of group", number, read64(registers, at + DSA_GRPCFG_WQS),
		     asked->queues);
	good &= same("engines of group", number, read64(registers, at + DSA_GRPCFG_ENGINES),
		     asked->engines);
	good &= same("flags of group", number, read64(registers, at + DSA_GRPCFG_FLAGS),
		     asked->flags);
	return good;
}

static bool setting_run(const struct registers *registers, int device,
			struct dsa_sample_configure *config)
{
	struct dsa_sample_configure asked = *config;
	struct queue q;
	unsigned int i;
	bool good = true;

	if (ioctl(device, DSA_SAMPLE_CONFIGURE, config)) {
		printf("# CONFIGURE: %s\n", strerror(errno));
		return false;
	}
	for (i = 0; i < fuzz_info.groups; i++)
		good &= group_same(registers, i, &asked.groups[i]);
	for (i = 0; i < fuzz_info.queues; i++) {
		if (!asked.queues[i].size)
			continue;
		if (!queue_open(device, &q, i)) {
			printf("# queue %u does not come up: %s\n", i, strerror(errno));
			return false;
		}
		good &= queue_same(registers, i, &asked.queues[i]);
		queue_close(&q);
	}
	return good;
}

/* Wrong in that way. */
static bool setting_refused(struct fuzz *random, int device, unsigned int way)
{
	struct dsa_sample_configure config = { .argsz = sizeof(config) };
	answers expected;
	int ret;

	config_good(random, &config);
	expected = config_break(random, &config, way);
	ret = ioctl(device, DSA_SAMPLE_CONFIGURE, &config);
	if (ret < 0 && E(errno) & expected)
		return true;
	printf("# CONFIGURE, wrong in way %u: %s\n", way, ret ? strerror(errno) : "success");
	return false;
}

bool settings_run(uint64_t seed)
{
	struct fuzz random = { .random = seed };
	struct dsa_sample_configure config;
	struct registers registers;
	int device, i;
	bool good = true;

	if (!registers_map(&registers)) {
		printf("# the registers cannot be mapped (%s); boot with iomem=relaxed\n",
		       strerror(errno));
		return false;
	}
	device = device_open();
	for (i = 0; good && i < SETTINGS; i++) {
		config = (struct dsa_sample_configure){ .argsz = sizeof(config) };
		config_good(&random, &config);
		good = setting_run(&registers, device, &config);
	}
	for (i = 0; good && i < CONFIG_WAYS; i++)
		good = setting_refused(&random, device, i);
	close(device);
	munmap((void *)registers.words, registers.size);
	return device_idle() && good;
}
