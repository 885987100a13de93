// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/idxd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <dsa/registers.h>

#include "accel.h"

#define QUEUE_ENTRIES 16
#define MAX_VECTORS 2048
#define IOVA 0x10000000ULL
#define COMMAND_SECONDS 30
#define PAGE_BYTES 4096UL

/**
 * struct shared - what the device reads and writes
 * @records: of single descriptors and batch members, by vector
 * @batch_records: of the batches themselves
 * @lists: their members
 */
struct shared {
	struct dsa_completion_record records[MAX_VECTORS];
	struct dsa_completion_record batch_records[QUEUE_ENTRIES];
	struct dsa_hw_desc lists[QUEUE_ENTRIES][ACCEL_BATCH];
};

/**
 * struct accel
 * @shared: seen by the device at IOVA
 * @bytes: of @shared, in whole pages
 * @busy: for each list: it is with the device until this record is written; or NULL
 * @slot: of the portal, next
 */
struct accel {
	struct vfio *vfio;
	struct shared *shared;
	size_t bytes;
	const struct dsa_completion_record *busy[QUEUE_ENTRIES];
	unsigned int slot;
};

static uint32_t read32(struct accel *a, unsigned int at)
{
	return *(volatile uint32_t *)(a->vfio->bar0 + at);
}

static uint64_t read64(struct accel *a, unsigned int at)
{
	return *(volatile uint64_t *)(a->vfio->bar0 + at);
}

static void write32(struct accel *a, unsigned int at, uint32_t value)
{
	*(volatile uint32_t *)(a->vfio->bar0 + at) = value;
}

static void write64(struct accel *a, unsigned int at, uint64_t value)
{
	*(volatile uint64_t *)(a->vfio->bar0 + at) = value;
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static int command(struct accel *a, unsigned int code, uint32_t operand)
{
	time_t deadline = now() + COMMAND_SECONDS;
	uint32_t status;

	write32(a, DSA_REG_CMD, FIELD_PREP(DSA_CMD_CODE, code) | operand);
	do {
		status = read32(a, DSA_REG_CMDSTATUS);
		if (!(status & DSA_CMDSTATUS_ACTIVE)) {
			if (!status)
				return 0;
			fprintf(stderr, "irq-lab: command %u of the accelerator: error %#x\n",
				code, status);
			return -EIO;
		}
	} while (now() < deadline);
	fprintf(stderr, "irq-lab: command %u of the accelerator does not end\n", code);
	return -ETIMEDOUT;
}

static void configure(struct accel *a)
{
	uint64_t offsets = read64(a, DSA_REG_OFFSETS);
	unsigned int wqcfg = FIELD_GET(DSA_OFFSETS_WQCFG, offsets) * DSA_OFFSETS_UNIT;
	unsigned int grpcfg = FIELD_GET(DSA_OFFSETS_GRPCFG, offsets) * DSA_OFFSETS_UNIT;

	write32(a, wqcfg + 4 * DSA_WQCFG_SIZE, QUEUE_ENTRIES);
	write32(a, wqcfg + 4 * DSA_WQCFG_MODE,
		DSA_WQCFG2_DEDICATED | FIELD_PREP(DSA_WQCFG2_PRIORITY, 1));
	write32(a, wqcfg + 4 * DSA_WQCFG_LIMITS,
		FIELD_PREP(DSA_WQCFG3_MAX_XFER_SHIFT, 12) |
		FIELD_PREP(DSA_WQCFG3_MAX_BATCH_SHIFT, 6));
	write64(a, grpcfg + DSA_GRPCFG_WQS, 1);
	write64(a, grpcfg + DSA_GRPCFG_ENGINES, 1);
}

DSA_STATIC_ASSERT(ACCEL_BATCH <= 1 << 6, "the queue's largest batch");

int accel_enable(struct accel *a)
{
	int ret = command(a, DSA_COMMAND_RESET_DEVICE, 0);

	if (ret)
		return ret;
	memset(a->busy, 0, sizeof(a->busy));
	configure(a);
	ret = command(a, DSA_COMMAND_ENABLE_DEVICE, 0);
	return ret ? ret : command(a, DSA_COMMAND_ENABLE_WQ, 0);
}

struct accel *accel_create(struct vfio *vfio)
{
	struct accel *a = calloc(1, sizeof(*a));
	int ret = -ENOMEM;

	if (!a)
		goto err;
	a->vfio = vfio;
	a->bytes = (sizeof(*a->shared) + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	a->shared = aligned_alloc(PAGE_BYTES, a->bytes);
	if (!a->shared)
		goto err_free;
	memset(a->shared, 0, a->bytes);
	ret = vfio_map(vfio, a->shared, IOVA, a->bytes);
	if (!ret)
		ret = accel_enable(a);
	if (!ret)
		return a;
	free(a->shared);
err_free:
	free(a);
err:
	errno = -ret;
	return NULL;
}

void accel_destroy(struct accel *a)
{
	if (!a)
		return;
	free(a->shared);
	free(a);
}

static uint64_t iova_of(const struct accel *a, const void *at)
{
	return IOVA + ((const uint8_t *)at - (const uint8_t *)a->shared);
}

static uint8_t status_of(const struct dsa_completion_record *record)
{
	return __atomic_load_n(&record->status, __ATOMIC_ACQUIRE);
}

bool accel_complete(const struct accel *a, unsigned int vector)
{
	return status_of(&a->shared->records[vector]);
}

static struct dsa_hw_desc no_op(struct accel *a, unsigned int vector)
{
	struct dsa_completion_record *record = &a->shared->records[vector];

	memset(record, 0, sizeof(*record));
	return (struct dsa_hw_desc){
		.opcode = DSA_OPCODE_NOOP,
		.flags = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_RCI,
		.completion_addr = iova_of(a, record),
		.int_handle = vector,
	};
}

/* One descriptor into the portal, in the eight stores that the model puts together. */
static void submit(struct accel *a, const struct dsa_hw_desc *desc)
{
	volatile uint64_t *portal = (volatile uint64_t *)(a->vfio->bar2 + DSA_PORTAL_LIMITED +
							  a->slot * DSA_PORTAL_SLOT);
	uint64_t words[DSA_DESC_SIZE / 8];
	unsigned int i;

	memcpy(words, desc, sizeof(words));
	a->slot = (a->slot + 1) % DSA_PORTAL_SLOTS;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	for (i = 0; i < DSA_DESC_SIZE / 8; i++)
		portal[i] = words[i];
}

/* A list that the device is not reading, or a negative errno. */
static int free_list(struct accel *a)
{
	time_t deadline = now() + COMMAND_SECONDS;
	unsigned int i;

	do {
		for (i = 0; i < QUEUE_ENTRIES; i++) {
			if (a->busy[i] && !status_of(a->busy[i]))
				continue;
			a->busy[i] = NULL;
			return i;
		}
	} while (now() < deadline);
	fprintf(stderr, "irq-lab: the accelerator has stopped completing descriptors\n");
	return -ETIMEDOUT;
}

int accel_raise(struct accel *a, const uint16_t *vectors, unsigned int count)
{
	struct dsa_completion_record *record;
	struct dsa_hw_desc desc, *members;
	int list = free_list(a);
	unsigned int i;

	if (list < 0)
		return list;
	record = &a->shared->batch_records[list];
	members = a->shared->lists[list];
	for (i = 0; i < count; i++)
		members[i] = no_op(a, vectors[i]);
	if (count == 1) {
		/* A batch has two members at least. */
		a->busy[list] = &a->shared->records[vectors[0]];
		submit(a, &members[0]);
		return 0;
	}
	memset(record, 0, sizeof(*record));
	desc = (struct dsa_hw_desc){
		.opcode = DSA_OPCODE_BATCH,
		.flags = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR,
		.completion_addr = iova_of(a, record),
		.desc_list_addr = iova_of(a, members),
		.desc_count = count,
	};
	a->busy[list] = record;
	submit(a, &desc);
	return 0;
}
