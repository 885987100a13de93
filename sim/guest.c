// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual guest: its time, its interrupts, and the device's registers.
 *
 * The guest has CPUs enough: a handler runs at once, and eventfds are read at
 * once, as KVM does, whatever the VMM is about. While the host's kernel is at
 * work for the VMM, time passes, the device goes on, and so does the program in
 * the guest that keeps the other queues busy.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <dsa/profile.h>
#include <dsa/registers.h>

#include "guest_private.h"
#include "sim.h"

#define START_NS 1000000000ULL

/* Reads of CMDSTATUS until a command counts as unanswered; the model takes none at all. */
#define COMMAND_READS 100000

static const struct sim_vmm_policy *const policies[] = {
	&sim_vmm_rebuild, &sim_vmm_dynamic, &sim_vmm_dynamic_kvm,
};

const char *const sim_guest_vmms[] = { "rebuild", "dynamic", "kvm", NULL };

/* ---- Time ------------------------------------------------------------------ */

static void run_handler(struct sim_guest *guest, unsigned int vector)
{
	struct sim_guest_queue *queue = vector ? &guest->queues[vector - 1] : NULL;

	if (!guest->requested[vector]) {
		guest->pending[vector] = true;
		return;
	}
	guest->handler_runs[vector]++;
	if (queue)
		guest_queue_handler(queue);
}

/* Eventfds of vectors in use are injected; what the VMM read itself, when it changed them, too. */
static void inject(struct sim_guest *guest)
{
	struct sim_vmm *vmm = &guest->vmm;

	for (unsigned int v = 0; v < guest->vectors; v++) {
		uint64_t count = vmm->owner.received[v] - guest->seen[v];

		guest->seen[v] = vmm->owner.received[v];
		if (vmm->vectors[v].wanted)
			count += sim_read(vmm->vectors[v].fd);
		if (vmm->vectors[v].wanted && vmm->policy->kvm)
			count += sim_read(vmm->vectors[v].kvm_fd);
		if (count)
			run_handler(guest, v);
	}
}

static void step_device(struct sim_guest *guest)
{
	guest->device_ns = sim_device_step(guest->now_ns);
	inject(guest);
}

void guest_poke(struct sim_guest *guest)
{
	step_device(guest);
}

/* Everything that happens in the device until then, each at its time. */
static void pass_until(struct sim_guest *guest, uint64_t end_ns)
{
	while (guest->device_ns <= end_ns) {
		if (guest->device_ns > guest->now_ns)
			guest->now_ns = guest->device_ns;
		step_device(guest);
	}
	guest->now_ns = end_ns;
}

void guest_pass(struct sim_guest *guest, uint64_t ns)
{
	pass_until(guest, guest->now_ns + ns);
}

/* Time in which others may use their queues: not in the middle of what they do themselves. */
static void pass_shared(struct sim_guest *guest, uint64_t ns)
{
	guest_pass(guest, ns);
	if (!guest->meanwhile || guest->busy || !(guest->news || guest->always))
		return;
	guest->busy = true;
	guest->news = false;
	guest->meanwhile(guest->meanwhile_arg);
	guest->busy = false;
}

void sim_guest_meanwhile(struct sim_guest *guest, void (*function)(void *arg), void *arg,
			 bool always)
{
	guest->meanwhile = function;
	guest->meanwhile_arg = arg;
	guest->always = always;
}

/* At each step of the host's interrupt code. */
static bool host_step(void *arg, const struct sim_point *point)
{
	(void)point;
	pass_shared(arg, GUEST_POINT_NS);
	return false;
}

static void before_request(void *arg)
{
	pass_shared(arg, GUEST_REQUEST_NS);
}

static uint64_t next_tick(const struct sim_guest *guest)
{
	uint64_t next = GUEST_NEVER;

	for (unsigned int i = 0; i < guest->queues_number; i++)
		if (guest->queues[i].up && guest->queues[i].tick_ns < next)
			next = guest->queues[i].tick_ns;
	return next;
}

void sim_guest_wait(struct sim_guest *guest, uint64_t until_ns)
{
	uint64_t tick_ns = next_tick(guest);
	uint64_t next = tick_ns < guest->device_ns ? tick_ns : guest->device_ns;

	if (until_ns < next)
		next = until_ns;
	if (next > guest->now_ns)
		pass_until(guest, next);
	for (unsigned int i = 0; tick_ns <= guest->now_ns && i < guest->queues_number; i++)
		guest_queue_tick(&guest->queues[i]);
}

uint64_t sim_guest_now(const struct sim_guest *guest)
{
	return guest->now_ns;
}

/* ---- Registers and commands ------------------------------------------------- */

static uint64_t read_register(struct sim_guest *guest, uint64_t offset, size_t size)
{
	uint64_t value = 0;

	sim_bar_read(0, offset, &value, size);
	guest_pass(guest, GUEST_REGISTER_NS);
	return value;
}

static void write_register(struct sim_guest *guest, uint64_t offset, uint64_t value, size_t size)
{
	sim_bar_write(0, offset, &value, size);
	guest_pass(guest, GUEST_REGISTER_NS);
}

uint32_t guest_read32(struct sim_guest *guest, uint64_t offset)
{
	return (uint32_t)read_register(guest, offset, 4);
}

void guest_write32(struct sim_guest *guest, uint64_t offset, uint32_t value)
{
	write_register(guest, offset, value, 4);
}

/* What the command left to be done is done now; the interrupt is not waited for. */
static int command(struct sim_guest *guest, enum dsa_command code, uint32_t operand)
{
	uint32_t word = FIELD_PREP(DSA_CMD_CODE, code) | FIELD_PREP(DSA_CMD_OPERAND, operand);
	uint32_t status;

	if (guest->requested[0])
		word |= DSA_CMD_INT_REQ;
	guest->commands++;
	guest_write32(guest, DSA_REG_CMD, word);
	guest_poke(guest);
	for (unsigned int reads = 0; reads < COMMAND_READS; reads++) {
		status = guest_read32(guest, DSA_REG_CMDSTATUS);
		if (!(status & DSA_CMDSTATUS_ACTIVE))
			return FIELD_GET(DSA_CMDSTATUS_ERROR, status) ? -EIO : 0;
	}
	return -ETIMEDOUT;
}

void guest_probe(struct sim_guest *guest)
{
	/* Refused at once, without a side effect, and announced like every command. */
	command(guest, DSA_COMMAND_ENABLE_DEVICE, 0);
}

/* ---- Vectors ------------------------------------------------------------------ */

/* What the guest does to an entry of its MSI-X table traps into the VMM. */
static int trap(struct sim_guest *guest, int (*what)(struct sim_vmm *, unsigned int),
		unsigned int vector)
{
	int ret;

	ret = what(&guest->vmm, vector);
	inject(guest);
	return ret;
}

int guest_request_irq(struct sim_guest *guest, unsigned int vector)
{
	int ret = trap(guest, sim_vmm_unmask, vector);

	if (ret)
		return ret;
	guest->requested[vector] = true;
	if (guest->pending[vector]) {
		guest->pending[vector] = false;
		run_handler(guest, vector);
	}
	return 0;
}

void guest_free_irq(struct sim_guest *guest, unsigned int vector)
{
	guest->requested[vector] = false;
	trap(guest, sim_vmm_mask, vector);
	/* An irq that is requested anew begins without a past. */
	guest->pending[vector] = false;
}

/* ---- The driver's side of the device --------------------------------------------- */

static uint64_t wqcfg(unsigned int wq, enum dsa_wqcfg_dword dword)
{
	return DSA_SPR_WQCFG + wq * DSA_WQCFG_MIN_STRIDE + 4 * dword;
}

static int configure(struct sim_guest *guest)
{
	const struct dsa_sample_configure *layout = &guest->layout;

	for (unsigned int wq = 0; wq < guest->queues_number; wq++)
		guest_write32(guest, wqcfg(wq, DSA_WQCFG_SIZE),
			      FIELD_PREP(DSA_WQCFG0_SIZE, layout->queues[wq].size));
	for (unsigned int group = 0; group < DSA_SPR_GROUPS; group++) {
		uint64_t at = DSA_SPR_GRPCFG + group * DSA_GRPCFG_STRIDE;

		write_register(guest, at + DSA_GRPCFG_WQS, layout->groups[group].queues, 8);
		write_register(guest, at + DSA_GRPCFG_ENGINES, layout->groups[group].engines, 8);
		write_register(guest, at + DSA_GRPCFG_FLAGS, layout->groups[group].flags, 8);
	}
	return command(guest, DSA_COMMAND_ENABLE_DEVICE, 0);
}

int sim_guest_configure(struct sim_guest *guest, const struct dsa_sample_configure *layout)
{
	struct dsa_sample_configure made;
	int ret;

	if (!dsa_sample_config_make(&guest->caps, layout, &made))
		return -EINVAL;
	if (guest->queues_up)
		return -EBUSY;
	ret = command(guest, DSA_COMMAND_DISABLE_DEVICE, 0);
	if (ret)
		return ret;
	guest->layout = made;
	ret = configure(guest);
	if (ret) {
		dsa_sample_usual_config(&guest->caps, &guest->layout);
		configure(guest);
	}
	return ret;
}

int guest_wq_enable(struct sim_guest *guest, unsigned int wq)
{
	const struct dsa_sample_queue_config *queue = &guest->layout.queues[wq];

	guest_write32(guest, wqcfg(wq, DSA_WQCFG_MODE),
		      DSA_WQCFG2_DEDICATED | FIELD_PREP(DSA_WQCFG2_PRIORITY, queue->priority));
	guest_write32(guest, wqcfg(wq, DSA_WQCFG_LIMITS),
		      FIELD_PREP(DSA_WQCFG3_MAX_XFER_SHIFT, queue->max_transfer_shift) |
			      FIELD_PREP(DSA_WQCFG3_MAX_BATCH_SHIFT, queue->max_batch_shift));
	return command(guest, DSA_COMMAND_ENABLE_WQ, wq);
}

void guest_wq_disable(struct sim_guest *guest, unsigned int wq)
{
	uint32_t bitmap = FIELD_PREP(DSA_CMD_WQ_BITMAP, 1U << wq);

	command(guest, DSA_COMMAND_DRAIN_WQ, bitmap);
	command(guest, DSA_COMMAND_RESET_WQ, bitmap);
}

void sim_guest_info(const struct sim_guest *guest, struct dsa_sample_info *info)
{
	*info = (struct dsa_sample_info){
		.argsz = sizeof(*info),
		.flags = DSA_SAMPLE_INFO_MOVDIR64B,
		.queues = guest->queues_number,
		.vectors = guest->vectors,
		.max_buffer = GUEST_BUFFER_MAX,
		.queues_up = guest->queues_up,
		.commands = guest->commands,
		.misc_interrupts = guest->handler_runs[0],
	};
	dsa_sample_info_caps(&guest->caps, info);
}

static uint64_t dropped(const struct sim_guest *guest)
{
	uint64_t sum = 0;

	for (unsigned int v = 0; v < guest->vectors; v++)
		sum += sim_messages(v).dropped;
	return sum;
}

uint64_t sim_guest_dropped(const struct sim_guest *guest)
{
	return dropped(guest) - guest->dropped_before;
}

const char *sim_guest_kernel(void)
{
	return sim_kernel();
}

unsigned int sim_guest_warnings(const char **first)
{
	return sim_faults(first);
}

/* ---- On and off --------------------------------------------------------------------- */

static void read_capabilities(struct sim_guest *guest)
{
	const struct dsa_cap_registers registers = {
		.version = (uint32_t)read_register(guest, DSA_REG_VERSION, 4),
		.gencap = read_register(guest, DSA_REG_GENCAP, 8),
		.wqcap = read_register(guest, DSA_REG_WQCAP, 8),
		.grpcap = read_register(guest, DSA_REG_GRPCAP, 8),
		.engcap = read_register(guest, DSA_REG_ENGCAP, 8),
		.opcap = read_register(guest, DSA_REG_OPCAP, 8),
		.offsets = read_register(guest, DSA_REG_OFFSETS, 8),
	};

	dsa_caps_decode(&registers, &guest->caps);
	guest->vectors = sim_vectors() < GUEST_VECTORS ? sim_vectors() : GUEST_VECTORS;
	guest->queues_number =
		guest->caps.wqs < guest->vectors - 1 ? guest->caps.wqs : guest->vectors - 1;
}

/* The driver's probe(): reset, all vectors enabled and masked, vector 0, configuration. */
static int probe(struct sim_guest *guest, const struct sim_vmm_policy *policy)
{
	int ret;

	ret = sim_vmm_start(&guest->vmm, policy);
	if (ret)
		return ret;
	sim_set_hook(host_step, guest);
	guest->vmm.between = before_request;
	guest->vmm.arg = guest;
	read_capabilities(guest);
	dsa_sample_usual_config(&guest->caps, &guest->layout);
	ret = command(guest, DSA_COMMAND_RESET_DEVICE, 0);
	if (ret)
		return ret;
	ret = sim_vmm_enable(&guest->vmm);
	if (!ret)
		ret = guest_request_irq(guest, 0);
	return ret ? ret : configure(guest);
}

static const struct sim_vmm_policy *find_policy(const char *name)
{
	for (unsigned int i = 0; name && sim_guest_vmms[i]; i++)
		if (strcmp(sim_guest_vmms[i], name) == 0)
			return policies[i];
	return NULL;
}

int sim_guest_start(const struct sim_guest_options *options, struct sim_guest **started)
{
	const struct sim_vmm_policy *policy = find_policy(options->vmm);
	const struct sim_options machine = {
		.forget_disabled = !options->latch,
		.stepped = true,
		.service_min_ns = options->service_min_ns,
		.service_max_ns = options->service_max_ns,
		.service_seed = options->seed,
	};
	struct sim_guest *guest;
	int ret;

	if (!policy)
		return -EINVAL;
	guest = calloc(1, sizeof(*guest));
	if (!guest)
		return -ENOMEM;
	guest->now_ns = START_NS;
	guest->device_ns = GUEST_NEVER;
	ret = sim_start(&machine);
	if (ret)
		goto free_guest;
	ret = sim_open_device();
	if (ret)
		goto stop_machine;
	ret = probe(guest, policy);
	if (ret)
		goto stop_machine;
	guest->dropped_before = dropped(guest);
	*started = guest;
	return 0;

stop_machine:
	sim_stop();
free_guest:
	free(guest);
	return ret;
}

void sim_guest_stop(struct sim_guest *guest)
{
	guest_free_irq(guest, 0);
	sim_vmm_disable(&guest->vmm);
	sim_stop();
	for (unsigned int i = 0; i < GUEST_QUEUES; i++)
		free(guest->queues[i].memory);
	free(guest);
}
