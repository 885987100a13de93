// SPDX-License-Identifier: GPL-2.0-only
/* Errors of work, of the device and of its messages, and interrupt handles. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <dsa/registers.h>
#include <dsa/text.h>

#include "calls.h"
#include "load.h"
#include "model.h"
#include "tests.h"

/* ---- Completions with an error ------------------------------------------------ */

/* The physical address of what is mapped at @p; without an IOMMU, that on the bus. */
static uint64_t physical(const void *p)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry = 0;

	/* It is there from the first touch on. */
	(void)*(const volatile char *)p;
	if (fd < 0 || pread(fd, &entry, 8, (uintptr_t)p / PAGE * 8) != 8)
		die("/proc/self/pagemap");
	close(fd);
	return (entry & ((1ULL << 55) - 1)) * PAGE;
}

/* A page that the device cannot reach: how far it came, and where that was. */
void test_page_fault(void)
{
	struct dsa_sample_work fill = {
		.tag = 1, .opcode = DSA_OPCODE_MEMFILL, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		.pattern = ~0ULL, .dst = 2 * PAGE, .size = 4 * PAGE,
	};
	struct dsa_sample_work move = {
		.tag = 2, .opcode = DSA_OPCODE_MEMMOVE, .flags = DSA_SAMPLE_WORK_INTERRUPT,
		.src = 4 * PAGE, .dst = 8 * PAGE, .size = 2 * PAGE,
	};
	int device = device_open();
	struct dsa_sample_event event;
	struct queue q;

	if (!check(queue_open(device, &q, 0)))
		return;
	model_fault("page-fault:address=%#llx",
		    (unsigned long long)physical(q.buffer + 4 * PAGE));
	event = run_one(&q, fill);
	check(event.how == DSA_SAMPLE_HOW_INTERRUPT);
	check(event.status == DSA_COMP_PAGE_FAULT_NOBOF);
	check(event.fault_address == 4 * PAGE);
	check(event.bytes_completed == 2 * PAGE);
	check(q.buffer[4 * PAGE - 1] == -1 && q.buffer[4 * PAGE] == 0);
	event = run_one(&q, move);
	check(event.how == DSA_SAMPLE_HOW_INTERRUPT && event.fault_address == 4 * PAGE);
	check(event.status == DSA_COMP_PAGE_FAULT_NOBOF && event.bytes_completed == 0);
	model_heal();
	event = run_one(&q, fill);
	check(event.status == DSA_COMP_SUCCESS && event.fault_address == 0);
	queue_close(&q);
	close(device);
}

/* ---- Software errors ------------------------------------------------------------- */

void portal_write(volatile uint32_t *portal, const struct dsa_hw_desc *desc)
{
	volatile uint64_t *to = (volatile uint64_t *)portal;
	uint64_t from[8];
	int i;

	memcpy(from, desc, sizeof(from));
	for (i = 0; i < 8; i++)
		to[i] = from[i];
}

/* Each is decoded in words, and nobody else's work suffers. */
void test_software_errors(void)
{
	struct dsa_hw_desc bad = { .opcode = 0x7e }, none = { .opcode = DSA_OPCODE_NOOP };
	volatile uint32_t *portal = map_bar(2, DSA_PORTAL_LIMITED);
	volatile uint32_t *regs = portal ? map_bar(0, 0) : NULL;
	struct dsa_sample_work work[2] = { noop(1), noop(2) };
	int device = device_open(), i;
	struct dsa_sample_event event;
	struct queue q, other;

	if (!regs || !check(queue_open(device, &q, 0)) || !check(queue_open(device, &other, 1)))
		return;
	kernel_mark();
	portal_write(portal, &bad);
	check(kernel_said("software error: unsupported operation (0x10), queue 0, operation 0x7e"));
	/* A record where none can be. */
	bad = (struct dsa_hw_desc){ .opcode = DSA_OPCODE_NOOP, .completion_addr = 8,
				    .flags = IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR };
	portal_write(portal, &bad);
	check(kernel_said("software error: completion record not aligned (0x1b), queue 0"));
	/* More than fits in, while the engines are busy. */
	model_fault("slow:time=100ms");
	for (i = 0; i < 64; i++)
		portal_write(portal, &none);
	check(kernel_said("software error: work queue overflow (0x53), queue 0"));
	model_heal();
	/* A command while another one waits for stuck work; the driver's own comes after. */
	model_fault("stuck:queue=1,nth=1");
	check(submit(other.fd, work, 1, 0) == 1);
	regs[DSA_REG_CMD / 4] = FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_DRAIN_WQ) | 1 << 1;
	check(regs[DSA_REG_CMDSTATUS / 4] & DSA_CMDSTATUS_ACTIVE);
	regs[DSA_REG_CMD / 4] = FIELD_PREP(DSA_CMD_CODE, DSA_COMMAND_DRAIN_ALL);
	check(kernel_said("software error: command written while another was active (0x52)"));
	model_heal();
	check(event_get(other.fd, &event) && event.how == DSA_SAMPLE_HOW_INTERRUPT);
	check(run_one(&q, work[1]).how == DSA_SAMPLE_HOW_INTERRUPT);
	munmap((void *)portal, PAGE);
	munmap((void *)regs, PAGE);
	queue_close(&other);
	queue_close(&q);
	close(device);
}

/* ---- Messages --------------------------------------------------------------------- */

/* Commands end without their interrupt; nobody waits for it for ever. */
void test_vector0_lost(void)
{
	int device = device_open(), i;
	uint64_t polled = info_get(device).commands_polled;
	struct queue q;

	model_fault("drop:vector=0");
	for (i = 0; i < 3; i++) {
		if (!check(queue_open(device, &q, i)))
			break;
		check(run_one(&q, noop(i)).how == DSA_SAMPLE_HOW_INTERRUPT);
		queue_close(&q);
	}
	/* Enable, drain, reset. */
	check(info_get(device).commands_polled >= polled + 9);
	model_heal();
	check(queue_open(device, &q, 0));
	polled = info_get(device).commands_polled;
	run_one(&q, noop(1));
	queue_close(&q);
	check(info_get(device).commands_polled == polled);
	close(device);
}

/* One message is lost while the others work: found, and told from a late one. */
void test_message_lost(void)
{
	struct dsa_sample_queue_up args = up_args(3);
	int device = device_open();
	struct dsa_sample_event event;
	struct queue q;

	args.confirm_ms = 300;
	if (!check(queue_open_with(device, &q, args)))
		return;
	run_one(&q, noop(1));
	kernel_mark();
	model_fault("drop:vector=4,nth=1");
	event = run_one(&q, noop(2));
	check(event.how == DSA_SAMPLE_HOW_STRANDED && event.status == DSA_COMP_SUCCESS);
	check(kernel_said("queue 3: lost interrupt"));
	model_heal();
	model_fault("delay:vector=4,nth=1,time=200ms");
	check(run_one(&q, noop(3)).how == DSA_SAMPLE_HOW_INTERRUPT);
	model_heal();
	model_fault("duplicate:vector=4");
	check(run_one(&q, noop(4)).how == DSA_SAMPLE_HOW_INTERRUPT);
	model_heal();
	check(stats_get(q.fd).stranded == 1 && stats_get(q.fd).missing == 0);
	queue_close(&q);
	close(device);
}

/* ---- Interrupt handles --------------------------------------------------------------- */

bool handles_there(void)
{
	volatile uint32_t *regs = map_bar(0, 0);
	bool there;

	if (!regs)
		return false;
	there = (regs[DSA_REG_GENCAP / 4] & DSA_GENCAP_CMDCAP) &&
		(regs[DSA_REG_CMDCAP / 4] & 1 << DSA_COMMAND_REQUEST_INT_HANDLE);
	munmap((void *)regs, PAGE);
	return there;
}

/* Revoked again and again under load: no completion is lost, and none comes twice. */
void test_handles(void)
{
	int device = device_open(), i, round;
	static struct load loads[4];
	uint64_t again = 0, resets = info_get(device).resets;

	if (!handles_there()) {
		/* Then the handle is the index of the vector, and there is nothing to revoke. */
		close(device);
		return;
	}
	for (i = 0; i < 4; i++)
		if (!load_begin(&loads[i], device, i, 16))
			return;
	for (round = 0; round < 50; round++) {
		model_ask("{\"command\":\"revoke\"}");
		for (i = 0; i < 4; i++)
			if (!load_moves(&loads[i], 20))
				return;
	}
	/* Those that bring queues up and take them down meanwhile are in the way. */
	for (round = 0; round < 20; round++) {
		struct queue q;

		model_ask("{\"command\":\"revoke\"}");
		if (check(queue_open(device, &q, 4))) {
			model_ask("{\"command\":\"revoke\"}");
			run_one(&q, noop(round));
			queue_close(&q);
		}
	}
	/* The message that says so is lost: the next refusal tells. */
	model_fault("drop:vector=0,nth=1");
	model_ask("{\"command\":\"revoke\"}");
	for (i = 0; i < 4; i++)
		load_moves(&loads[i], 20);
	model_heal();
	for (i = 0; i < 4; i++) {
		load_end(&loads[i]);
		check(loads[i].how[DSA_SAMPLE_HOW_ABORTED] == 0);
		again += stats_get(loads[i].q.fd).resubmitted;
		queue_close(&loads[i].q);
	}
	check(again > 0);
	check(info_get(device).resets == resets);
	close(device);
}
