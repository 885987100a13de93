// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers, configuration space and portals: an input is a row of accesses of any kind.
 * What cannot be accessed is refused, what is constant stays so, no message gets lost
 * from the account, and the device reaches for memory only when it may; after a reset it
 * is as new. The length of an input decides about the device's profile, too.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/idxd.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <linux/pci_regs.h>

#include <dsa/profile.h>

#include "device.h"
#include "event_log.h"
#include "model_target.h"

#define STEPS_MAX 48U
#define MEMORY_BASE 0x100000ULL
#define MEMORY_SIZE 0x4000U

/**
 * struct host - what the device is connected to
 * @bus_master: memory may be accessed, as far as configuration space has been written
 * @trespass: it was, when it might not
 */
struct host {
	uint8_t memory[MEMORY_SIZE];
	atomic_bool bus_master;
	atomic_bool trespass;
	_Atomic uint64_t delivered;
};

/* The usual device, and one with all that others have. */
static const char *const profiles[] = { "spr", "v2-all" };

#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

static struct host hosts[PROFILES];
static struct dsa_device *devices[PROFILES];

/* Those of the input that is run. */
static struct host *host;
static struct dsa_device *dev;

static struct {
	uint64_t accesses;
	uint64_t refused;
	uint64_t commands;
	uint64_t descriptors;
	uint64_t resets;
} totals;

struct run {
	struct model_input in;
	const struct model_options *options;
	struct model_verdict *verdict;
};

/* Registers that nothing can change, with their values at the beginning. */
static const uint64_t constants[] = {
	DSA_REG_VERSION, DSA_REG_GENCAP, DSA_REG_WQCAP,	  DSA_REG_GRPCAP,
	DSA_REG_ENGCAP,	 DSA_REG_OPCAP,	 DSA_REG_OFFSETS, DSA_REG_OFFSETS + 8,
};

#define CONSTANTS (sizeof(constants) / sizeof(constants[0]))

static uint64_t constant_values[PROFILES][CONSTANTS];

/* All that is compared after a reset: registers and tables, then configuration space. */
#define SNAPSHOT_REGISTERS 0x600U

struct snapshot {
	uint64_t registers[SNAPSHOT_REGISTERS / 8];
	uint8_t config[0x100];
};

static struct snapshot fresh_of[PROFILES];

/* ---- Host ------------------------------------------------------------------------------- */

static bool inside(struct host *h, uint64_t iova, size_t len)
{
	if (!atomic_load(&h->bus_master))
		atomic_store(&h->trespass, true);
	return iova >= MEMORY_BASE && len <= MEMORY_SIZE && iova - MEMORY_BASE <= MEMORY_SIZE - len;
}

static int host_read(void *opaque, uint64_t iova, void *buf, size_t len, size_t *done)
{
	struct host *h = opaque;

	*done = 0;
	if (!inside(h, iova, len))
		return -EFAULT;
	memcpy(buf, h->memory + (iova - MEMORY_BASE), len);
	*done = len;
	return 0;
}

static int host_write(void *opaque, uint64_t iova, const void *buf, size_t len, size_t *done)
{
	struct host *h = opaque;

	*done = 0;
	if (!inside(h, iova, len))
		return -EFAULT;
	memcpy(h->memory + (iova - MEMORY_BASE), buf, len);
	*done = len;
	return 0;
}

/* Some vectors have no trigger, one fails. */
static int host_signal(void *opaque, unsigned int vector)
{
	struct host *h = opaque;

	if (!atomic_load(&h->bus_master))
		atomic_store(&h->trespass, true);
	if (vector == 7)
		return 0;
	if (vector == 8)
		return -EIO;
	h->delivered++;
	return 1;
}

static const struct dsa_host_ops host_ops = {
	.dma_read = host_read,
	.dma_write = host_write,
	.signal = host_signal,
};

static void take_snapshot(struct snapshot *snapshot)
{
	unsigned int i;

	for (i = 0; i < SNAPSHOT_REGISTERS / 8; i++)
		if (dsa_bar_read(dev, 0, i * 8, &snapshot->registers[i], 8))
			abort();
	if (dsa_config_read(dev, 0, snapshot->config, sizeof(snapshot->config)))
		abort();
}

static unsigned int chosen(void)
{
	return host - hosts;
}

static void prepare(unsigned int which)
{
	const struct dsa_device_params params = { .profile = profiles[which] };
	unsigned int i;

	host = &hosts[which];
	dev = devices[which];
	if (dev)
		return;
	dev = dsa_device_create(&params, &host_ops, host);
	if (!dev)
		abort();
	devices[which] = dev;
	take_snapshot(&fresh_of[which]);
	for (i = 0; i < CONSTANTS; i++)
		if (dsa_bar_read(dev, 0, constants[i], &constant_values[which][i], 8))
			abort();
}

/* ---- Accesses ----------------------------------------------------------------------------- */

static const uint32_t places[] = {
	DSA_REG_GENCFG, DSA_REG_GENCTRL, DSA_REG_GENSTS, DSA_REG_INTCAUSE, DSA_REG_CMD,
	DSA_REG_CMDSTATUS, DSA_REG_CMDCAP, DSA_REG_SWERROR, DSA_SPR_MSIXPERM, DSA_SPR_GRPCFG,
	DSA_SPR_WQCFG, DSA_SPR_PERFMON, DSA_MSIX_TABLE_OFFSET, DSA_MSIX_PBA_OFFSET, 0x4000,
	0xe000, 0xf000, DSA_BAR0_SIZE - 8,
};

static uint64_t make_offset(struct model_input *in, uint64_t size)
{
	uint8_t how = model_u8(in);

	if (how < 0xa0)
		return places[how % (sizeof(places) / sizeof(places[0]))] + model_u8(in);
	return how < 0xf0 ? model_u16(in) % (size ? size : 1) : model_edge(in);
}

/* Independent of the device's own opinion. */
static bool bar_access_is_legal(unsigned int bar, uint64_t offset, size_t len)
{
	uint64_t size = bar == 0 ? DSA_BAR0_SIZE : bar == 2 ? DSA_BAR2_SIZE : 0;

	if (len != 1 && len != 2 && len != 4 && len != 8 && !(bar == 2 && len == 64))
		return false;
	return offset < size && !(offset % len) && len <= size - offset;
}

static void judge(struct run *run, const char *what, int ret, bool legal, uint64_t offset,
		  size_t len)
{
	totals.accesses++;
	totals.refused += ret < 0;
	if (ret != (legal ? 0 : -EINVAL))
		model_complain(run->verdict, "%s at %#" PRIx64 " of %zu bytes: %d", what, offset,
			       len, ret);
}

static void access_bar(struct run *run, bool write)
{
	uint8_t how = model_u8(&run->in), buf[64];
	unsigned int bar = how < 0xf0 ? (how & 1) * 2 : how % 7, i;
	uint64_t offset = make_offset(&run->in, bar ? DSA_BAR2_SIZE : DSA_BAR0_SIZE);
	static const size_t lens[] = { 4, 8, 4, 8, 1, 2, 64, 3 };
	size_t len = lens[how >> 1 & 7];
	bool legal;

	if (how & 0x10)
		offset &= ~(uint64_t)(len - 1);
	legal = bar_access_is_legal(bar, offset, len);
	if (run->options->trace)
		fprintf(run->options->trace, "  BAR %u %s %#" PRIx64 " len %zu\n", bar,
			write ? "write" : "read", offset, len);
	if (!write) {
		judge(run, "read", dsa_bar_read(dev, bar, offset, buf, len), legal, offset, len);
		return;
	}
	for (i = 0; i < len; i++)
		buf[i] = model_u8(&run->in);
	judge(run, "write", dsa_bar_write(dev, bar, offset, buf, len), legal, offset, len);
}

/* Bus Master Enable and the power state as the device has them. */
static bool may_master(void)
{
	uint8_t command, power;

	if (dsa_config_read(dev, PCI_COMMAND, &command, 1) ||
	    dsa_config_read(dev, DSA_PCI_CAP_PM + PCI_PM_CTRL, &power, 1))
		abort();
	return (command & PCI_COMMAND_MASTER) && !(power & PCI_PM_CTRL_STATE_MASK);
}

/* While it is written engines may be at work, before and after are what counts. */
static void write_config(struct run *run, uint64_t offset, const void *buf, size_t len)
{
	bool legal = len && offset < DSA_CONFIG_SPACE_SIZE && len <= DSA_CONFIG_SPACE_SIZE - offset;
	int ret;

	atomic_store(&host->bus_master, true);
	ret = dsa_config_write(dev, offset, buf, len);
	atomic_store(&host->bus_master, may_master());
	if (len)
		judge(run, "config write", ret, legal, offset, len);
}

static void access_config(struct run *run, bool write)
{
	static const uint16_t where[] = { PCI_COMMAND, PCI_STATUS, DSA_MSIX_CONTROL_OFFSET,
					  DSA_PCIE_DEVCTL_OFFSET, DSA_PCI_CAP_PM + PCI_PM_CTRL,
					  PCI_BASE_ADDRESS_0, PCI_BASE_ADDRESS_2, 0x30 };
	uint8_t how = model_u8(&run->in), buf[16], i;
	uint64_t offset = how & 0x80 ? model_edge(&run->in) : where[how % 8];
	size_t len = 1 + (how >> 3 & 3);

	if (len == 3)
		len = 2;
	if (run->options->trace)
		fprintf(run->options->trace, "  config %s %#" PRIx64 " len %zu\n",
			write ? "write" : "read", offset, len);
	if (!write) {
		judge(run, "config read", dsa_config_read(dev, offset, buf, len),
		      offset < DSA_CONFIG_SPACE_SIZE && len <= DSA_CONFIG_SPACE_SIZE - offset,
		      offset, len);
		return;
	}
	for (i = 0; i < len; i++)
		buf[i] = model_u8(&run->in);
	write_config(run, offset, buf, len);
}

static void put(uint64_t offset, uint64_t value, size_t len)
{
	if (dsa_bar_write(dev, 0, offset, &value, len))
		abort();
}

static void issue_command(struct run *run)
{
	uint8_t code = model_u8(&run->in) % 18, operand = model_u8(&run->in);
	uint64_t status;

	totals.commands++;
	if (run->options->trace)
		fprintf(run->options->trace, "  command %u operand %#x\n", code, operand);
	put(DSA_REG_CMD, FIELD_PREP(DSA_CMD_CODE, code) | (operand & 0x1f) |
	    (operand & 0x80 ? DSA_CMD_INT_REQ : 0), 4);
	if (dsa_bar_read(dev, 0, DSA_REG_CMDSTATUS, &status, 4))
		abort();
	/* DPDK looks a thousand times and gives up: commands end before the write does. */
	if (status & DSA_CMDSTATUS_ACTIVE)
		model_complain(run->verdict, "command %u is still active", code);
}

/* A configuration that can be enabled, as far as the state lets it be written. */
static void configure(struct run *run)
{
	uint8_t how = model_u8(&run->in), wq = how & 7, group = how >> 3 & 3;
	uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	uint16_t msix = DSA_MSIX_CONTROL_ENABLE;
	uint64_t at = DSA_SPR_WQCFG + wq * DSA_WQCFG_MIN_STRIDE;

	if (run->options->trace)
		fprintf(run->options->trace, "  configure queue %u, group %u\n", wq, group);
	write_config(run, PCI_COMMAND, &command, 2);
	write_config(run, DSA_MSIX_CONTROL_OFFSET, &msix, 2);
	put(at, 1 + (how >> 5), 4);
	put(at + 8, DSA_WQCFG2_DEDICATED | FIELD_PREP(DSA_WQCFG2_PRIORITY, 1 + wq), 4);
	put(at + 12, FIELD_PREP(DSA_WQCFG3_MAX_XFER_SHIFT, 12) |
	    FIELD_PREP(DSA_WQCFG3_MAX_BATCH_SHIFT, 3), 4);
	at = DSA_SPR_GRPCFG + group * DSA_GRPCFG_STRIDE;
	put(at + DSA_GRPCFG_WQS, 1ULL << wq, 8);
	put(at + DSA_GRPCFG_ENGINES, 1ULL << group, 8);
	/* The log is where there is memory, or half of it, or nothing at all. */
	put(DSA_REG_EVLCFG, MEMORY_BASE + (how >> 6) * (MEMORY_SIZE - 0x1000), 8);
	put(DSA_REG_EVLCFG + 8, 128, 8);
	put(DSA_REG_GENCFG, DSA_SPR_GENCFG | (how & 0x20 ? DSA_GENCFG_EVL_ENABLE : 0), 4);
	put(DSA_REG_CMD, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_ENABLE_DEVICE), 4);
	put(DSA_REG_CMD, FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_ENABLE_WQ) | wq, 4);
}

static void submit(struct run *run)
{
	uint8_t how = model_u8(&run->in), i;
	uint16_t where = model_u16(&run->in);
	struct dsa_hw_desc desc = {
		.opcode = how % 8,
		.flags = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_RCI,
		.completion_addr = MEMORY_BASE + (where & 0x3fe0),
		.src_addr = MEMORY_BASE + (where & 0x1fc0),
		.dst_addr = MEMORY_BASE + 0x2000,
		.xfer_size = how,
		.int_handle = where % 10,
	};
	uint64_t portal = (where >> 5 & 7) * DSA_PORTAL_STRIDE + (how & 0x40 ? 0x1000 : 0);

	totals.descriptors++;
	if (how & 0x80) {
		judge(run, "portal", dsa_bar_write(dev, 2, portal, &desc, 64), true, portal, 64);
		return;
	}
	for (i = 0; i < 8; i++)
		judge(run, "portal",
		      dsa_bar_write(dev, 2, portal + 8 * i, (uint64_t *)&desc + i, 8), true,
		      portal + 8 * i, 8);
}

/* ---- What has to hold ------------------------------------------------------------------------ */

static void check_constants(struct run *run)
{
	uint64_t value;
	unsigned int i;

	for (i = 0; i < CONSTANTS; i++)
		if (dsa_bar_read(dev, 0, constants[i], &value, 8) ||
		    value != constant_values[chosen()][i] + run->options->spoil)
			model_complain(run->verdict, "constant register %#" PRIx64 " is %#" PRIx64,
				       constants[i], value);
}

/* EVLCFG and EVLSTATUS: nothing reserved, nothing without a log, a tail inside the log. */
static void check_log(struct run *run)
{
	static const uint64_t defined[] = { 0xfffffffffffff003, 0x0000000fffffffff,
					    0x4000ffff0000ffff };
	uint32_t gencfg, state;
	uint64_t gencap, r[3];
	unsigned int i;
	bool offered;

	if (dsa_bar_read(dev, 0, DSA_REG_GENCAP, &gencap, 8) ||
	    dsa_bar_read(dev, 0, DSA_REG_GENCFG, &gencfg, 4) ||
	    dsa_bar_read(dev, 0, DSA_REG_GENSTS, &state, 4))
		abort();
	offered = gencap & DSA_GENCAP_EVL;
	for (i = 0; i < 3; i++) {
		if (dsa_bar_read(dev, 0, DSA_REG_EVLCFG + 8 * i, &r[i], 8))
			abort();
		if (r[i] & ~(offered ? defined[i] : 0))
			model_complain(run->verdict, "event log register %u is %#" PRIx64, i, r[i]);
	}
	if (!offered && (gencfg & DSA_GENCFG_EVL_ENABLE))
		model_complain(run->verdict, "the event log is enabled, and there is none");
	if (FIELD_GET(DSA_GENSTS_STATE, state) == DSA_STATE_ENABLED &&
	    (gencfg & DSA_GENCFG_EVL_ENABLE) &&
	    FIELD_GET(DSA_EVLSTATUS_TAIL, r[2]) >= FIELD_GET(DSA_EVLCFG1_SIZE, r[1]))
		model_complain(run->verdict, "tail of the event log in %#" PRIx64 ", size %#" PRIx64,
			       r[2], r[1]);
}

static void check_messages(struct run *run)
{
	uint64_t delivered = 0;
	unsigned int v;

	for (v = 0; v < dsa_device_vectors(dev); v++) {
		struct dsa_vector_stats s;

		if (dsa_device_vector_stats(dev, v, &s))
			abort();
		delivered += s.delivered;
		if (s.raised != s.delivered + s.dropped + s.merged + s.pending)
			model_complain(run->verdict, "messages of vector %u do not add up", v);
	}
	if (delivered != host->delivered)
		model_complain(run->verdict, "%" PRIu64 " messages delivered, %" PRIu64 " seen",
			       delivered, (uint64_t)host->delivered);
}

static void check_queues(struct run *run)
{
	uint32_t state, queue;
	unsigned int i;

	if (dsa_bar_read(dev, 0, DSA_REG_GENSTS, &state, 4))
		abort();
	for (i = 0; i < DSA_SPR_WQS; i++) {
		if (dsa_bar_read(dev, 0, DSA_SPR_WQCFG + i * DSA_WQCFG_MIN_STRIDE +
				 4 * DSA_WQCFG_STATE, &queue, 4))
			abort();
		if (FIELD_GET(DSA_WQCFG6_STATE, queue) == DSA_WQ_STATE_ENABLED &&
		    FIELD_GET(DSA_GENSTS_STATE, state) != DSA_STATE_ENABLED)
			model_complain(run->verdict, "queue %u is enabled in state %#x", i, state);
	}
}

static void reset(struct run *run, uint8_t how)
{
	uint16_t flr = DSA_PCIE_DEVCTL_FLR;

	totals.resets++;
	if (run->options->trace)
		fprintf(run->options->trace, "  %s\n", how & 1 ? "function level reset" : "reset");
	if (how & 1) {
		write_config(run, DSA_PCIE_DEVCTL_OFFSET, &flr, 2);
	} else {
		dsa_device_reset(dev);
		atomic_store(&host->bus_master, false);
	}
}

static void check_fresh(struct run *run)
{
	const struct snapshot *fresh = &fresh_of[chosen()];
	static struct snapshot now;
	unsigned int i;

	take_snapshot(&now);
	for (i = 0; i < SNAPSHOT_REGISTERS / 8; i++)
		if (now.registers[i] != fresh->registers[i])
			model_complain(run->verdict, "after a reset register %#x is %#" PRIx64,
				       i * 8, now.registers[i]);
	for (i = 0; i < sizeof(now.config); i++)
		if (now.config[i] != fresh->config[i])
			model_complain(run->verdict, "after a reset configuration byte %#x is %#x",
				       i, now.config[i]);
}

static void step(struct run *run)
{
	uint8_t what = model_u8(&run->in);

	switch (what % 16) {
	case 0:
	case 1:
		access_bar(run, false);
		break;
	case 2:
	case 3:
	case 4:
	case 5:
		access_bar(run, true);
		break;
	case 6:
		access_config(run, false);
		break;
	case 7:
	case 8:
		access_config(run, true);
		break;
	case 9:
	case 10:
		issue_command(run);
		break;
	case 11:
		configure(run);
		break;
	case 12:
	case 13:
		submit(run);
		break;
	case 14:
		dsa_device_vector_bound(dev, what >> 4);
		break;
	default:
		reset(run, what >> 4);
		break;
	}
	if (atomic_load(&host->trespass))
		model_complain(run->verdict, "the device reached for the bus without permission");
}

static void run_input(const uint8_t *data, size_t size, const struct model_options *options,
		      struct model_verdict *verdict)
{
	struct run run = { .in = { data, size }, .options = options, .verdict = verdict };
	unsigned int i;

	prepare(size / 2 % PROFILES);
	for (i = 0; i < STEPS_MAX && run.in.left && !verdict->wrong; i++)
		step(&run);
	check_constants(&run);
	check_queues(&run);
	check_log(&run);
	reset(&run, size);
	check_messages(&run);
	if (options->thorough)
		check_fresh(&run);
	if (atomic_load(&host->trespass))
		model_complain(verdict, "the device reached for the bus without permission");
}

static void say_totals(FILE *out)
{
	fprintf(out, "%" PRIu64 " accesses (%" PRIu64 " refused), %" PRIu64 " commands, %" PRIu64
		" descriptors, %" PRIu64 " resets", totals.accesses, totals.refused,
		totals.commands, totals.descriptors, totals.resets);
}

const struct model_target model_target = {
	.name = "registers",
	.max_len = 256,
	.run = run_input,
	.say_totals = say_totals,
};
