// SPDX-License-Identifier: GPL-2.0-only
/* See model_host.h. */
#include "model_host.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "device_private.h"

const struct dsa_device_params host_default_params = { .profile = "spr" };

/* ---- Host operations ----------------------------------------------------- */

/* Bytes from @iova on that may be accessed, at most @len. */
static size_t accessible(const uint64_t *blocked, uint64_t iova, size_t len)
{
	size_t ok = 0;

	while (ok < len) {
		uint64_t at = iova + ok - HOST_BASE;
		uint64_t page = at / HOST_PAGE;
		size_t step = HOST_PAGE - at % HOST_PAGE;

		if (iova + ok < HOST_BASE || at >= HOST_SIZE ||
		    (blocked[page / 64] & BIT_ULL(page % 64)))
			break;
		ok += step < len - ok ? step : len - ok;
	}
	return ok;
}

static int pass_gate(struct model_host *host, size_t len)
{
	if (host->max_len < len)
		host->max_len = len;
	host->waiting++;
	pthread_cond_broadcast(&host->changed);
	while (host->gate_closed)
		pthread_cond_wait(&host->changed, &host->lock);
	host->waiting--;
	return host->dma_error;
}

static int host_dma_read(void *opaque, uint64_t iova, void *buf, size_t len, size_t *done)
{
	struct model_host *host = opaque;
	int ret;

	pthread_mutex_lock(&host->lock);
	ret = pass_gate(host, len);
	*done = ret ? 0 : accessible(host->no_read, iova, len);
	if (*done)
		memcpy(buf, host->memory + iova - HOST_BASE, *done);
	pthread_mutex_unlock(&host->lock);
	return ret ? ret : *done == len ? 0 : -EFAULT;
}

static int host_dma_write(void *opaque, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	struct model_host *host = opaque;
	int ret;

	pthread_mutex_lock(&host->lock);
	ret = pass_gate(host, len);
	*done = ret ? 0 : accessible(host->no_write, iova, len);
	if (*done) {
		memcpy(host->memory + iova - HOST_BASE, buf, *done);
		if (host->order_page && (iova - HOST_BASE) / HOST_PAGE == host->order_page &&
		    host->order_count < sizeof(host->order))
			host->order[host->order_count++] = *(const uint8_t *)buf;
	}
	pthread_mutex_unlock(&host->lock);
	return ret ? ret : *done == len ? 0 : -EFAULT;
}

static int host_signal(void *opaque, unsigned int vector)
{
	struct model_host *host = opaque;
	int ret = 1;

	ck_assert_uint_lt(vector, DSA_MSIX_ENTRIES_MAX);
	pthread_mutex_lock(&host->lock);
	if (vector < 32 && (host->failing & BIT(vector))) {
		ret = -EIO;
	} else if (vector < 32 && (host->unbound & BIT(vector))) {
		ret = 0;
	} else {
		host->delivered[vector]++;
		if (host->watch)
			host->status_seen = host->memory[host->watch - HOST_BASE];
		pthread_cond_broadcast(&host->changed);
	}
	pthread_mutex_unlock(&host->lock);
	return ret;
}

static const struct dsa_host_ops host_ops = {
	.dma_read = host_dma_read,
	.dma_write = host_dma_write,
	.signal = host_signal,
};

/* ---- Host ---------------------------------------------------------------- */

struct model_host *host_new(const struct dsa_device_params *params)
{
	struct model_host *host = calloc(1, sizeof(*host));

	ck_assert_ptr_nonnull(host);
	pthread_mutex_init(&host->lock, NULL);
	pthread_cond_init(&host->changed, NULL);
	host->dev = dsa_device_create(params ? params : &host_default_params, &host_ops, host);
	ck_assert_ptr_nonnull(host->dev);
	return host;
}

void host_free(struct model_host *host)
{
	host_check_invariant(host);
	dsa_device_destroy(host->dev);
	pthread_cond_destroy(&host->changed);
	pthread_mutex_destroy(&host->lock);
	free(host);
}

static void block(struct model_host *host, uint64_t *pages, uint64_t iova)
{
	uint64_t page = (iova - HOST_BASE) / HOST_PAGE;

	pthread_mutex_lock(&host->lock);
	pages[page / 64] |= BIT_ULL(page % 64);
	pthread_mutex_unlock(&host->lock);
}

void host_no_read(struct model_host *host, uint64_t iova)
{
	block(host, host->no_read, iova);
}

void host_no_write(struct model_host *host, uint64_t iova)
{
	block(host, host->no_write, iova);
}

void *host_at(struct model_host *host, uint64_t iova)
{
	return host->memory + iova - HOST_BASE;
}

void host_gate(struct model_host *host, bool closed)
{
	pthread_mutex_lock(&host->lock);
	host->gate_closed = closed;
	pthread_cond_broadcast(&host->changed);
	pthread_mutex_unlock(&host->lock);
}

void host_wait_at_gate(struct model_host *host, unsigned int count)
{
	pthread_mutex_lock(&host->lock);
	while (host->waiting < count)
		pthread_cond_wait(&host->changed, &host->lock);
	pthread_mutex_unlock(&host->lock);
}

void host_wait_delivered(struct model_host *host, unsigned int vector, uint64_t count)
{
	pthread_mutex_lock(&host->lock);
	while (host->delivered[vector] < count)
		pthread_cond_wait(&host->changed, &host->lock);
	pthread_mutex_unlock(&host->lock);
}

/* Drain ends what is there; with nothing in flight the counter is final. */
void host_wait_completed(struct model_host *host, unsigned int wq, uint64_t count)
{
	while (host_wq_stats(host, wq).completed < count)
		ck_assert_uint_eq(command(host, DSA_COMMAND_DRAIN_ALL, 0) &
				  ~DSA_CMDSTATUS_ACTIVE, 0);
}

uint64_t host_delivered(struct model_host *host, unsigned int vector)
{
	uint64_t count;

	pthread_mutex_lock(&host->lock);
	count = host->delivered[vector];
	pthread_mutex_unlock(&host->lock);
	return count;
}

void host_set_bound(struct model_host *host, unsigned int vector, bool bound)
{
	pthread_mutex_lock(&host->lock);
	if (bound)
		host->unbound &= ~BIT(vector);
	else
		host->unbound |= BIT(vector);
	pthread_mutex_unlock(&host->lock);
	if (bound)
		dsa_device_vector_bound(host->dev, vector);
}

struct dsa_vector_stats host_stats(struct model_host *host, unsigned int vector)
{
	struct dsa_vector_stats stats;

	ck_assert_int_eq(dsa_device_vector_stats(host->dev, vector, &stats), 0);
	return stats;
}

struct dsa_wq_stats host_wq_stats(struct model_host *host, unsigned int wq)
{
	struct dsa_wq_stats stats;

	ck_assert_int_eq(dsa_device_wq_stats(host->dev, wq, &stats), 0);
	return stats;
}

void host_check_invariant(struct model_host *host)
{
	unsigned int v;

	for (v = 0; v < dsa_device_vectors(host->dev); v++) {
		struct dsa_vector_stats s = host_stats(host, v);

		ck_assert_uint_eq(s.raised, s.delivered + s.dropped + s.merged + s.pending);
	}
}

/* ---- Accesses ------------------------------------------------------------ */

uint16_t config_read16(struct model_host *host, unsigned int offset)
{
	uint16_t value;

	ck_assert_int_eq(dsa_config_read(host->dev, offset, &value, 2), 0);
	return value;
}

void config_write16(struct model_host *host, unsigned int offset, uint16_t value)
{
	ck_assert_int_eq(dsa_config_write(host->dev, offset, &value, 2), 0);
}

uint32_t read32(struct model_host *host, uint64_t offset)
{
	uint32_t value;

	ck_assert_int_eq(dsa_bar_read(host->dev, 0, offset, &value, 4), 0);
	return value;
}

uint64_t read64(struct model_host *host, uint64_t offset)
{
	uint64_t value;

	ck_assert_int_eq(dsa_bar_read(host->dev, 0, offset, &value, 8), 0);
	return value;
}

void write32(struct model_host *host, uint64_t offset, uint32_t value)
{
	ck_assert_int_eq(dsa_bar_write(host->dev, 0, offset, &value, 4), 0);
}

void write64(struct model_host *host, uint64_t offset, uint64_t value)
{
	ck_assert_int_eq(dsa_bar_write(host->dev, 0, offset, &value, 8), 0);
}

uint32_t command(struct model_host *host, unsigned int code, uint32_t operand)
{
	write32(host, DSA_REG_CMD, FIELD_PREP(DSA_CMD_CODE, code) | operand);
	return read32(host, DSA_REG_CMDSTATUS);
}

uint16_t host_handle(struct model_host *host, unsigned int vector)
{
	uint32_t status;

	if (!(read64(host, DSA_REG_CMDCAP) & BIT_ULL(DSA_COMMAND_REQUEST_INT_HANDLE)))
		return vector;
	status = command(host, DSA_COMMAND_REQUEST_INT_HANDLE, vector);
	ck_assert_uint_eq(status & ~DSA_CMDSTATUS_RESULT, 0);
	return FIELD_GET(DSA_CMDSTATUS_RESULT, status);
}

enum dsa_device_state device_state(struct model_host *host)
{
	return FIELD_GET(DSA_GENSTS_STATE, read32(host, DSA_REG_GENSTS));
}

enum dsa_wq_state wq_state(struct model_host *host, unsigned int wq)
{
	return FIELD_GET(DSA_WQCFG6_STATE, read32(host, WQCFG(wq, DSA_WQCFG_STATE)));
}

void host_enable_pci(struct model_host *host)
{
	config_write16(host, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	config_write16(host, DSA_MSIX_CONTROL_OFFSET, DSA_MSIX_CONTROL_ENABLE);
}

void host_configure_wq(struct model_host *host, unsigned int wq, unsigned int group,
		       uint64_t engines, unsigned int size)
{
	write32(host, WQCFG(wq, DSA_WQCFG_SIZE), size);
	write32(host, WQCFG(wq, DSA_WQCFG_MODE),
		DSA_WQCFG2_DEDICATED | FIELD_PREP(DSA_WQCFG2_PRIORITY, 10));
	write32(host, WQCFG(wq, DSA_WQCFG_LIMITS),
		FIELD_PREP(DSA_WQCFG3_MAX_XFER_SHIFT, 21) |
		FIELD_PREP(DSA_WQCFG3_MAX_BATCH_SHIFT, 5));
	write64(host, GRPCFG(group, DSA_GRPCFG_WQS),
		read64(host, GRPCFG(group, DSA_GRPCFG_WQS)) | BIT_ULL(wq));
	write64(host, GRPCFG(group, DSA_GRPCFG_ENGINES), engines);
	write64(host, GRPCFG(group, DSA_GRPCFG_FLAGS), GRPFLAGS_DEFAULT);
}

void host_bring_up(struct model_host *host, unsigned int wq, unsigned int size)
{
	host_enable_pci(host);
	host_configure_wq(host, wq, 0, 1, size);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, wq), 0);
}

struct model_host *host_ready(const char *profile)
{
	struct dsa_device_params params = { .profile = profile };
	struct model_host *host = host_new(&params);
	unsigned int i;

	host_bring_up(host, 0, 16);
	for (i = HOST_PAGE; i < HOST_SIZE; i++)
		host->memory[i] = i * 7 + i / 256 + i / 65536;
	return host;
}

uint8_t *host_snapshot(struct model_host *host)
{
	uint8_t *memory = malloc(HOST_SIZE);

	ck_assert_ptr_nonnull(memory);
	memcpy(memory, host->memory, HOST_SIZE);
	return memory;
}

void host_bring_up_two(struct model_host *host)
{
	host_enable_pci(host);
	host_configure_wq(host, 0, 0, 1, 16);
	host_configure_wq(host, 1, 0, 1, 16);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_DEVICE, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 0), 0);
	ck_assert_uint_eq(command(host, DSA_COMMAND_ENABLE_WQ, 1), 0);
}

/* ---- Descriptors --------------------------------------------------------- */

void submit64(struct model_host *host, unsigned int wq, const struct dsa_hw_desc *desc)
{
	ck_assert_int_eq(dsa_bar_write(host->dev, 2, wq * DSA_PORTAL_STRIDE + DSA_PORTAL_LIMITED,
				       desc, sizeof(*desc)), 0);
}

void submit8x8(struct model_host *host, unsigned int wq, unsigned int slot,
	       const struct dsa_hw_desc *desc)
{
	uint64_t at = wq * DSA_PORTAL_STRIDE + DSA_PORTAL_LIMITED + slot * DSA_PORTAL_SLOT;
	unsigned int i;

	for (i = 0; i < sizeof(*desc); i += 8)
		ck_assert_int_eq(dsa_bar_write(host->dev, 2, at + i, (const uint8_t *)desc + i, 8),
				 0);
}

struct dsa_hw_desc descriptor(unsigned int opcode, unsigned int wq, uint64_t record)
{
	return (struct dsa_hw_desc){
		.opcode = opcode,
		.flags = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_RCI,
		.completion_addr = record,
		.int_handle = wq + 1,
	};
}

struct dsa_completion_record run_one(struct model_host *host, unsigned int wq,
				     const struct dsa_hw_desc *desc)
{
	uint64_t before = host_wq_stats(host, wq).completed;
	struct dsa_completion_record record = { 0 };
	bool in_memory = desc->completion_addr >= HOST_BASE &&
			 desc->completion_addr - HOST_BASE <= HOST_SIZE - sizeof(record);

	/* Or the record of the last one would pass for this one's. */
	pthread_mutex_lock(&host->lock);
	if (in_memory)
		memset(host_at(host, desc->completion_addr), 0, sizeof(record));
	pthread_mutex_unlock(&host->lock);
	submit64(host, wq, desc);
	host_wait_completed(host, wq, before + 1);
	pthread_mutex_lock(&host->lock);
	if (in_memory)
		memcpy(&record, host_at(host, desc->completion_addr), sizeof(record));
	pthread_mutex_unlock(&host->lock);
	return record;
}

void *host_write_command(void *command)
{
	const struct host_command *c = command;

	write32(c->host, DSA_REG_CMD, c->value);
	return NULL;
}

void *host_function_reset(void *command)
{
	const struct host_command *c = command;

	config_write16(c->host, DSA_PCIE_DEVCTL_OFFSET, DSA_PCIE_DEVCTL_FLR);
	return NULL;
}

void host_wait_for_reset(struct model_host *host)
{
	bool resetting;

	do {
		pthread_mutex_lock(&host->dev->lock);
		resetting = host->dev->resetting;
		pthread_mutex_unlock(&host->dev->lock);
	} while (!resetting);
}
