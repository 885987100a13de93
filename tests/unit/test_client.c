// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user-space client at full speed: registers, portals, DMA and interrupts over the
 * socket, from two threads, and what a client may do to a device at work.
 *
 * As a test each storm does a fixed amount of work. "test_client SECONDS [SEED]" is the
 * stress form: storms of all kinds, one after the other, for so long; SEED decides about
 * their order and size. Meant for a build with the thread sanitizer.
 */
#include <check.h>
#include <errno.h>
#include <limits.h>
#include <linux/idxd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <dsa/profile.h>

#include "server_fixture.h"
#include "unit.h"

#define QUEUES 4
#define DEPTH 16
/* Where a slot's source, destination and record are. */
#define BLOCK 1024
#define SOURCES 0
#define TARGETS (QUEUES * DEPTH * BLOCK)
#define RECORDS (2 * TARGETS)
#define FLAGS_ALL (IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_RCI)

/* One queue: descriptors are submitted and reaped in the order of their slots. */
struct ring {
	unsigned int index;
	int trigger;
	uint64_t submitted;
	uint64_t reaped;
	uint64_t interrupts; /* as the trigger counted them */
	uint64_t wrong; /* records or data that are not what they should be */
};

/**
 * struct traffic - the two threads' work
 * @lock: of the rings
 * @room: a ring has a free slot
 * @end: eventfd that ends the reaper
 */
struct traffic {
	pthread_mutex_t lock;
	pthread_cond_t room;
	pthread_t reaper;
	int end;
	struct ring rings[QUEUES];
};

static struct traffic traffic;

/* ---- Slots ----------------------------------------------------------------------- */

static unsigned int slot_of(const struct ring *ring, uint64_t number)
{
	return ring->index * DEPTH + number % DEPTH;
}

static uint8_t byte_of(uint64_t number, unsigned int at)
{
	return number * 7 + at * 13 + (number >> 8);
}

static unsigned int operation_of(uint64_t number)
{
	static const unsigned int operations[] = { DSA_OPCODE_MEMMOVE, DSA_OPCODE_MEMFILL,
						   DSA_OPCODE_COMPARE, DSA_OPCODE_NOOP };

	return operations[number % 4];
}

static struct dsa_hw_desc describe(const struct ring *ring, uint64_t number)
{
	unsigned int slot = slot_of(ring, number);
	uint64_t source = RAM_IOVA + SOURCES + slot * BLOCK;
	uint64_t target = RAM_IOVA + TARGETS + slot * BLOCK;
	struct dsa_hw_desc desc = {
		.flags = FLAGS_ALL,
		.opcode = operation_of(number),
		.completion_addr = RAM_IOVA + RECORDS + slot * DSA_COMPLETION_SIZE,
		.int_handle = ring->index + 1,
	};

	if (desc.opcode == DSA_OPCODE_NOOP)
		return desc;
	desc.xfer_size = BLOCK;
	desc.src_addr = source;
	desc.dst_addr = target;
	if (desc.opcode == DSA_OPCODE_MEMFILL)
		desc.pattern = (uint8_t)number * 0x0101010101010101ULL;
	return desc;
}

static void prepare(const struct ring *ring, uint64_t number)
{
	unsigned int slot = slot_of(ring, number), i;
	uint8_t *source = memory + SOURCES + slot * BLOCK;
	uint8_t *target = memory + TARGETS + slot * BLOCK;

	for (i = 0; i < BLOCK; i++)
		source[i] = byte_of(number, i);
	memset(target, 0xee, BLOCK);
	/* Compare finds its one difference at a place that depends on the number. */
	if (operation_of(number) == DSA_OPCODE_COMPARE) {
		memcpy(target, source, BLOCK);
		target[number % BLOCK] ^= 1;
	}
	memset(memory + RECORDS + slot * DSA_COMPLETION_SIZE, 0, DSA_COMPLETION_SIZE);
}

static const struct dsa_completion_record *record_of(const struct ring *ring, uint64_t number)
{
	return (const void *)(memory + RECORDS + slot_of(ring, number) * DSA_COMPLETION_SIZE);
}

static bool as_it_should_be(const struct ring *ring, uint64_t number)
{
	const struct dsa_completion_record *record = record_of(ring, number);
	unsigned int slot = slot_of(ring, number), i;
	const uint8_t *source = memory + SOURCES + slot * BLOCK;
	const uint8_t *target = memory + TARGETS + slot * BLOCK;

	if (record->status != DSA_COMP_SUCCESS || record->fault_addr)
		return false;
	switch (operation_of(number)) {
	case DSA_OPCODE_MEMMOVE:
		return !memcmp(source, target, BLOCK) && target[5] == byte_of(number, 5);
	case DSA_OPCODE_MEMFILL:
		for (i = 0; i < BLOCK; i++)
			if (target[i] != (uint8_t)number)
				return false;
		return true;
	case DSA_OPCODE_COMPARE:
		return record->result == 1 && record->bytes_completed == number % BLOCK;
	default:
		return target[0] == 0xee && target[BLOCK - 1] == 0xee;
	}
}

/* ---- The reaper: looks at nothing before an interrupt has come ------------------------- */

static void reap(struct ring *ring)
{
	pthread_mutex_lock(&traffic.lock);
	while (ring->reaped < ring->submitted) {
		const volatile uint8_t *status = &record_of(ring, ring->reaped)->status;

		if (!*status)
			break;
		__sync_synchronize();
		ring->wrong += !as_it_should_be(ring, ring->reaped);
		ring->reaped++;
	}
	pthread_cond_signal(&traffic.room);
	pthread_mutex_unlock(&traffic.lock);
}

static void *reaper_main(void *arg)
{
	struct pollfd fds[QUEUES + 1];
	unsigned int i;

	(void)arg;
	for (i = 0; i < QUEUES; i++)
		fds[i] = (struct pollfd){ .fd = traffic.rings[i].trigger, .events = POLLIN };
	fds[QUEUES] = (struct pollfd){ .fd = traffic.end, .events = POLLIN };
	for (;;) {
		if (poll(fds, QUEUES + 1, -1) < 0)
			continue;
		for (i = 0; i < QUEUES; i++) {
			if (!(fds[i].revents & POLLIN))
				continue;
			traffic.rings[i].interrupts += eventfd_count(fds[i].fd);
			reap(&traffic.rings[i]);
		}
		/* Only with nothing else to do: what came before it is not overlooked. */
		if (fds[QUEUES].revents && poll(fds, QUEUES, 0) == 0)
			return NULL;
	}
}

static void start_traffic(bool shared)
{
	unsigned int i;

	memset(&traffic, 0, sizeof(traffic));
	pthread_mutex_init(&traffic.lock, NULL);
	pthread_cond_init(&traffic.room, NULL);
	traffic.end = new_eventfd();
	connect_and_hello();
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, ram, 0), 0);
	bring_up_queues(QUEUES, DEPTH, shared);
	for (i = 0; i < QUEUES; i++) {
		struct ring *ring = &traffic.rings[i];

		ring->index = i;
		ring->trigger = new_eventfd();
		ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, i + 1, 1,
						     &ring->trigger, 1),
				 0);
	}
	ck_assert_int_eq(pthread_create(&traffic.reaper, NULL, reaper_main, NULL), 0);
}

static void submit_next(struct ring *ring, bool wait)
{
	struct dsa_hw_desc desc;

	pthread_mutex_lock(&traffic.lock);
	while (wait && ring->submitted - ring->reaped == DEPTH)
		pthread_cond_wait(&traffic.room, &traffic.lock);
	prepare(ring, ring->submitted);
	desc = describe(ring, ring->submitted);
	ring->submitted++;
	pthread_mutex_unlock(&traffic.lock);
	submit_descriptor(ring->index, &desc);
}

/* All that was submitted has ended; the reaper has seen what there is to be seen. */
static void end_traffic(void)
{
	unsigned int i;

	device_command(DSA_COMMAND_DRAIN_ALL, 0);
	ck_assert_int_eq(eventfd_write(traffic.end, 1), 0);
	pthread_join(traffic.reaper, NULL);
	close(traffic.end);
	for (i = 0; i < QUEUES; i++)
		close(traffic.rings[i].trigger);
	vfu_client_close(&client);
	pthread_cond_destroy(&traffic.room);
	pthread_mutex_destroy(&traffic.lock);
}

/* ---- Portals, DMA and interrupts ------------------------------------------------------------ */

static void submit_and_reap(uint64_t work, bool shared)
{
	struct dsa_vector_stats stats[QUEUES];
	unsigned int i;
	uint64_t n;

	start_traffic(shared);
	for (n = 0; n < work; n++)
		submit_next(&traffic.rings[n % QUEUES], true);
	device_command(DSA_COMMAND_DRAIN_ALL, 0);
	for (i = 0; i < QUEUES; i++)
		dsa_device_vector_stats(server_device(server), i + 1, &stats[i]);
	end_traffic();
	for (i = 0; i < QUEUES; i++) {
		const struct ring *ring = &traffic.rings[i];

		ck_assert_uint_eq(ring->wrong, 0);
		/* Found by interrupts alone: none was lost. */
		ck_assert_uint_eq(ring->reaped, ring->submitted);
		ck_assert_uint_eq(stats[i].raised, ring->submitted);
		ck_assert_uint_eq(stats[i].delivered, ring->submitted);
		ck_assert_uint_eq(ring->interrupts, ring->submitted);
	}
}

/* Each queue has an engine of its own. */
static void queues_apart(uint64_t work)
{
	submit_and_reap(work, false);
}

/* All engines are there for all of them. */
static void queues_together(uint64_t work)
{
	submit_and_reap(work, true);
}

START_TEST(every_descriptor_and_every_interrupt)
{
	submit_and_reap(8000, _i);
}
END_TEST

/* The negative control: without its interrupts a queue's records are not found. */
START_TEST(a_missing_interrupt_is_noticed)
{
	unsigned int i;

	start_traffic(false);
	vfu_client_post(&client, 0, DSA_SPR_MSIXPERM + DSA_MSIXPERM_STRIDE, 4,
			DSA_MSIXPERM_IGNORE);
	for (i = 0; i < QUEUES * DEPTH; i++)
		submit_next(&traffic.rings[i % QUEUES], false);
	end_traffic();
	ck_assert_uint_eq(traffic.rings[0].reaped, 0);
	ck_assert_uint_eq(traffic.rings[0].interrupts, 0);
	for (i = 1; i < QUEUES; i++)
		ck_assert_uint_eq(traffic.rings[i].reaped, DEPTH);
	/* They are there, though. */
	for (i = 0; i < DEPTH; i++)
		ck_assert(as_it_should_be(&traffic.rings[0], i));
}
END_TEST

/* ... and so is a byte that is not what it should be. */
START_TEST(wrong_data_is_noticed)
{
	start_traffic(false);
	submit_next(&traffic.rings[0], false);
	end_traffic();
	ck_assert(as_it_should_be(&traffic.rings[0], 0));
	memory[TARGETS + 77] ^= 0x10;
	ck_assert(!as_it_should_be(&traffic.rings[0], 0));
}
END_TEST

/* Triggers are replaced all the time: each message reaches the old one or the new one. */
static void replace_triggers(uint64_t work)
{
	uint64_t n, seen = 0, unseen;
	struct dsa_vector_stats stats;
	int fds[2];

	connect_and_hello();
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, ram, 0), 0);
	bring_up_queues(1, DEPTH, false);
	fds[0] = new_eventfd();
	fds[1] = new_eventfd();
	for (n = 0; n < work; n++) {
		struct dsa_hw_desc desc = { .flags = FLAGS_ALL,
					    .completion_addr = RAM_IOVA,
					    .int_handle = 1 };

		submit_descriptor(0, &desc);
		if (vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 1, 1, &fds[n % 2], 1))
			ck_abort_msg("binding %u", (unsigned int)n);
		if (n % DEPTH == DEPTH - 1)
			device_command(DSA_COMMAND_DRAIN_ALL, 0);
	}
	device_command(DSA_COMMAND_DRAIN_ALL, 0);
	dsa_device_vector_stats(server_device(server), 1, &stats);
	for (unseen = 0; unseen < 2; unseen++)
		seen += eventfd_count(fds[unseen]);
	/* Before the first binding messages wait, and several become one. */
	ck_assert_uint_eq(stats.raised, n);
	ck_assert_uint_eq(stats.dropped + stats.pending, 0);
	ck_assert_uint_eq(seen, stats.delivered);
	ck_assert_uint_eq(seen + stats.merged, n);
	close(fds[0]);
	close(fds[1]);
	vfu_client_close(&client);
}

START_TEST(triggers_replaced_under_fire)
{
	replace_triggers(3000);
}
END_TEST

/* ---- Registers ------------------------------------------------------------------------------- */

#define WINDOW 64

/* Each answer is the one to its question, however many questions are under way. */
static void read_registers(uint64_t work)
{
	static const struct {
		uint32_t offset, size;
		uint64_t value;
	} constants[] = {
		{ DSA_REG_VERSION, 4, DSA_SPR_VERSION }, { DSA_REG_GENCAP, 8, DSA_SPR_GENCAP },
		{ DSA_REG_WQCAP, 8, DSA_SPR_WQCAP },     { DSA_REG_GRPCAP, 8, DSA_SPR_GRPCAP },
		{ DSA_REG_ENGCAP, 8, DSA_SPR_ENGCAP },   { DSA_REG_OFFSETS, 8, DSA_SPR_OFFSETS0 },
	};
	const unsigned int count = sizeof(constants) / sizeof(constants[0]);
	struct vfu_region_access access = { .region = 0 };
	uint64_t asked = 0, answered = 0, value;
	uint16_t first;

	connect_and_hello();
	first = client.id;
	while (answered < work) {
		if (asked < work && asked - answered < WINDOW) {
			access.offset = constants[asked % count].offset;
			access.count = constants[asked % count].size;
			vfu_client_send(&client, VFU_REGION_READ, 0, &access, sizeof(access), NULL,
					0);
			asked++;
			continue;
		}
		if (vfu_client_receive(&client))
			ck_abort_msg("closed");
		value = 0;
		memcpy(&value, client.reply + sizeof(access), constants[answered % count].size);
		if (client.header.id != (uint16_t)(first + answered) ||
		    value != constants[answered % count].value)
			ck_abort_msg("answer %u to %u: %#llx", client.header.id,
				     (unsigned int)answered, (unsigned long long)value);
		answered++;
	}
	/* A write is seen by the next read, each time. */
	for (asked = 0; asked < 2000; asked++) {
		vfu_client_post(&client, 0, DSA_SPR_WQCFG, 4, asked & DSA_WQCFG0_SIZE);
		if (vfu_client_read(&client, 0, DSA_SPR_WQCFG, 4, &value) ||
		    value != (asked & DSA_WQCFG0_SIZE))
			ck_abort_msg("wrote %u, read %u", (unsigned int)asked, (unsigned int)value);
	}
	vfu_client_close(&client);
}

START_TEST(registers_at_full_speed)
{
	read_registers(20000);
}
END_TEST

/* ---- A device at work, and its client misbehaves ------------------------------------------------ */

#define MOVE_PAGES 4
#define MOVE_FROM (16 * PAGE)
#define MOVE_TO (32 * PAGE)

/**
 * The connection, shared by the thread that submits and the one that disturbs: a lock that
 * is taken in the order of asking. With a mutex who gives it up and asks again gets it at
 * once, and on a busy machine the other one hardly ever.
 */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t turn;
	uint64_t tickets;
	uint64_t served;
} wire = { .lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER };

static atomic_bool submitting;

static void take_wire(void)
{
	uint64_t ticket;

	pthread_mutex_lock(&wire.lock);
	ticket = wire.tickets++;
	while (wire.served != ticket)
		pthread_cond_wait(&wire.turn, &wire.lock);
	pthread_mutex_unlock(&wire.lock);
}

static void give_wire(void)
{
	pthread_mutex_lock(&wire.lock);
	wire.served++;
	pthread_cond_broadcast(&wire.turn);
	pthread_mutex_unlock(&wire.lock);
}

static void *submit_moves(void *arg)
{
	struct dsa_hw_desc desc = {
		.flags = FLAGS_ALL,
		.opcode = DSA_OPCODE_MEMMOVE,
		.completion_addr = RAM_IOVA,
		.src_addr = RAM_IOVA + MOVE_FROM,
		.dst_addr = RAM_IOVA + MOVE_TO,
		.xfer_size = MOVE_PAGES * PAGE,
		.int_handle = 1,
	};

	(void)arg;
	while (atomic_load(&submitting)) {
		take_wire();
		submit_descriptor(0, &desc);
		give_wire();
	}
	return NULL;
}

static pthread_t start_moves(void)
{
	pthread_t submitter;

	connect_and_hello();
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, MOVE_TO, 3, ram, 0), 0);
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA + MOVE_TO, MOVE_PAGES * PAGE, 3, ram,
					MOVE_TO),
			 0);
	bring_up_queues(1, DEPTH, false);
	memset(memory + MOVE_FROM, 0x11, MOVE_PAGES * PAGE);
	atomic_store(&submitting, true);
	ck_assert_int_eq(pthread_create(&submitter, NULL, submit_moves, NULL), 0);
	return submitter;
}

static bool target_is(uint8_t value)
{
	const volatile uint8_t *target = memory + MOVE_TO;
	unsigned int i;

	for (i = 0; i < MOVE_PAGES * PAGE; i++)
		if (target[i] != value)
			return false;
	return true;
}

static void overwrite_target(void)
{
	memset(memory + MOVE_TO, 0x99, MOVE_PAGES * PAGE);
}

/* With the wire held: wait until the engine has written to the target again. */
static void await_a_move(void)
{
	uint64_t value;

	overwrite_target();
	do {
		give_wire();
		sched_yield();
		take_wire();
		if (vfu_client_read(&client, 0, DSA_REG_GENSTS, 4, &value))
			ck_abort_msg("closed");
	} while (target_is(0x99));
}

/* Once an unmap has been answered nothing arrives, whatever the engines are doing. */
static void unmap(uint64_t work)
{
	pthread_t submitter = start_moves();
	uint64_t value, n;

	for (n = 0; n < work; n++) {
		take_wire();
		await_a_move();
		if (vfu_client_unmap(&client, RAM_IOVA + MOVE_TO, MOVE_PAGES * PAGE, 0))
			ck_abort_msg("unmap %u", (unsigned int)n);
		overwrite_target();
		give_wire();
		sched_yield();
		take_wire();
		/* A round trip, so that what was submitted has reached the engine. */
		if (vfu_client_read(&client, 0, DSA_REG_GENSTS, 4, &value) || !target_is(0x99))
			ck_abort_msg("written to after unmap %u", (unsigned int)n);
		if (vfu_client_map(&client, RAM_IOVA + MOVE_TO, MOVE_PAGES * PAGE, 3, ram, MOVE_TO))
			ck_abort_msg("map %u", (unsigned int)n);
		give_wire();
	}
	atomic_store(&submitting, false);
	pthread_join(submitter, NULL);
	assert_alive();
	vfu_client_close(&client);
}

START_TEST(unmap_under_a_running_engine)
{
	unmap(100);
}
END_TEST

static void reset_by_message(void)
{
	if (vfu_client_call(&client, VFU_DEVICE_RESET, NULL, 0, NULL, 0))
		ck_abort_msg("DEVICE_RESET");
}

static void reset_function(void)
{
	if (vfu_client_write(&client, CONFIG, DSA_PCIE_DEVCTL_OFFSET, 2, DSA_PCIE_DEVCTL_FLR))
		ck_abort_msg("FLR");
}

static void reset_by_command(void)
{
	device_command(DSA_COMMAND_RESET_DEVICE, 0);
}

static void disable_device(void)
{
	device_command(DSA_COMMAND_DISABLE_DEVICE, 0);
}

static void abort_all(void)
{
	device_command(DSA_COMMAND_ABORT_ALL, 0);
	device_command(DSA_COMMAND_DISABLE_DEVICE, 0);
}

/* Entering Halt, and out of it. */
static void take_bus_master_away(void)
{
	uint64_t state;

	if (vfu_client_write(&client, CONFIG, 4, 2, 2) ||
	    vfu_client_read(&client, 0, DSA_REG_GENSTS, 4, &state))
		ck_abort_msg("bus master");
	if (FIELD_GET(DSA_GENSTS_STATE, state) != DSA_STATE_HALT)
		ck_abort_msg("no halt without bus master");
	reset_function();
}

static void resets(uint64_t work)
{
	static void (*const ways[])(void) = { reset_by_message, reset_function, reset_by_command,
						disable_device, abort_all, take_bus_master_away };
	pthread_t submitter = start_moves();
	uint64_t value, n;

	for (n = 0; n < work; n++) {
		take_wire();
		await_a_move();
		ways[n % (sizeof(ways) / sizeof(ways[0]))]();
		overwrite_target();
		give_wire();
		sched_yield();
		take_wire();
		if (vfu_client_read(&client, 0, DSA_REG_GENSTS, 4, &value) || !target_is(0x99))
			ck_abort_msg("written to after reset %u", (unsigned int)n);
		if (FIELD_GET(DSA_GENSTS_STATE, value) != DSA_STATE_DISABLED)
			ck_abort_msg("not disabled after reset %u", (unsigned int)n);
		bring_up_queues(1, DEPTH, false);
		give_wire();
	}
	atomic_store(&submitting, false);
	pthread_join(submitter, NULL);
	assert_alive();
	vfu_client_close(&client);
}

START_TEST(a_storm_of_resets)
{
	resets(100);
}
END_TEST

/* The first bytes of a message, and then nothing: the device goes on, and its interrupts come. */
static void stall(uint64_t work)
{
	struct vfu_region_access access = { .region = CONFIG, .count = 4 };
	struct vfu_header header = { .id = 0x4711, .command = VFU_REGION_READ, .size = 32 };
	int fd = new_eventfd();
	struct dsa_hw_desc desc = {
		.flags = FLAGS_ALL,
		.opcode = DSA_OPCODE_MEMMOVE,
		.completion_addr = RAM_IOVA,
		.src_addr = RAM_IOVA + MOVE_FROM,
		.dst_addr = RAM_IOVA + MOVE_TO,
		.xfer_size = PAGE,
		.int_handle = 1,
	};
	size_t at;

	(void)work;
	stop();
	start(2000000, false);
	connect_and_hello();
	ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, ram, 0), 0);
	bring_up_queues(1, DEPTH, false);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 1, 1, &fd, 1), 0);
	for (at = 1; at < sizeof(header) + sizeof(access); at += 5) {
		uint8_t message[sizeof(header) + sizeof(access)];

		memcpy(message, &header, sizeof(header));
		memcpy(message + sizeof(header), &access, sizeof(access));
		memory[0] = 0;
		memset(memory + MOVE_FROM, at, PAGE);
		submit_descriptor(0, &desc);
		ck_assert_int_eq(send(client.sock, message, at, 0), at);
		ck_assert_uint_eq(eventfd_wait(fd), 1);
		ck_assert_uint_eq(memory[0], DSA_COMP_SUCCESS);
		ck_assert_uint_eq(memory[MOVE_TO + 5], at);
		ck_assert_int_eq(send(client.sock, message + at, sizeof(message) - at, 0),
				 sizeof(message) - at);
		ck_assert_int_eq(vfu_client_receive(&client), 0);
		ck_assert_uint_eq(client.header.id, 0x4711);
	}
	/* Gone inside a message, with work in flight: the next client's memory is its own. */
	for (at = 1; at < sizeof(header); at += 3) {
		overwrite_target();
		submit_descriptor(0, &desc);
		ck_assert_int_eq(send(client.sock, &header, at, 0), at);
		next_client();
		ck_assert_int_eq(vfu_client_map(&client, RAM_IOVA, RAM_SIZE, 3, ram, 0), 0);
		bring_up_queues(1, DEPTH, false);
		device_command(DSA_COMMAND_DRAIN_ALL, 0);
		/* Done before it went, or never. */
		ck_assert(memory[MOVE_TO] == 0x99 || memory[MOVE_TO] == memory[MOVE_FROM]);
		ck_assert_uint_le(eventfd_count(fd), 1);
	}
	close(fd);
	vfu_client_close(&client);
}

START_TEST(a_client_that_stalls_with_work_in_flight)
{
	stall(0);
}
END_TEST

/* ---- The stress form ---------------------------------------------------------------------- */

#define MAX_SECONDS 86400
/* Seconds between two lines that say how far it is. */
#define PROGRESS 2

static const struct storm {
	const char *name;
	void (*run)(uint64_t work);
	unsigned int most; /* work of one storm */
} storms[] = {
	{ "registers", read_registers, 20000 },
	{ "apart", queues_apart, 8000 },
	{ "together", queues_together, 8000 },
	{ "triggers", replace_triggers, 3000 },
	{ "unmap", unmap, 100 },
	{ "resets", resets, 100 },
	{ "stall", stall, 0 },
};

#define STORMS (sizeof(storms) / sizeof(storms[0]))

static unsigned int stress_seconds;
static unsigned long stress_seed;
static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
	(void)signal;
	interrupted = 1;
}

static time_t seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec;
}

static void say_progress(time_t seconds, const unsigned int *counts)
{
	unsigned int i;

	printf("%lld of %u s:", (long long)seconds, stress_seconds);
	for (i = 0; i < STORMS; i++)
		printf(" %s %u", storms[i].name, counts[i]);
	putchar('\n');
	fflush(stdout);
}

/* Each kind once in an order by chance, again and again; what happens between is by chance. */
START_TEST(stress)
{
	unsigned short random[3] = { stress_seed, stress_seed >> 16, stress_seed >> 32 };
	unsigned int counts[STORMS] = { 0 }, order[STORMS], at = STORMS, i;
	struct sigaction action = { .sa_handler = interrupt };
	time_t said = 0, seconds = 0;
	struct timespec start;

	/* In place of Check's, which leave everything as it is. */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	printf("seed %lu\n", stress_seed);
	fflush(stdout);
	for (i = 0; i < STORMS; i++)
		order[i] = i;
	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!interrupted && (seconds = seconds_since(&start)) < stress_seconds) {
		const struct storm *storm;
		uint64_t work;

		for (i = STORMS - 1; at == STORMS && i; i--) {
			unsigned int other = nrand48(random) % (i + 1), moved = order[i];

			order[i] = order[other];
			order[other] = moved;
		}
		at %= STORMS;
		storm = &storms[order[at]];
		work = storm->most ? 1 + nrand48(random) % storm->most : 0;
		setup();
		storm->run(work);
		teardown();
		counts[order[at++]]++;
		if (seconds - said >= PROGRESS) {
			say_progress(seconds, counts);
			said = seconds;
		}
	}
	say_progress(seconds, counts);
}
END_TEST

static int run_stress(void)
{
	Suite *suite = suite_create("client");
	TCase *tcase = tcase_create("stress");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, stress);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	/* In this process, which a signal lets clean up. */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* A whole number from @min to @max; false for anything else. */
static bool whole(const char *text, unsigned long min, unsigned long max, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *value >= min && *value <= max;
}

static int usage(const char *name)
{
	fprintf(stderr,
		"Usage: %s [SECONDS [SEED]]\n"
		"Without arguments each test once; else storms for so many seconds, 1 to %u.\n",
		name, MAX_SECONDS);
	return 2;
}

int main(int argc, char **argv)
{
	Suite *suite;
	TCase *tcase;
	unsigned long seconds;

	stress_seed = time(NULL) ^ (unsigned long)getpid() << 16;
	if (argc > 3 || (argc > 1 && !whole(argv[1], 1, MAX_SECONDS, &seconds)) ||
	    (argc > 2 && !whole(argv[2], 0, ULONG_MAX, &stress_seed)))
		return usage(argv[0]);
	if (argc > 1) {
		stress_seconds = seconds;
		return run_stress();
	}

	suite = suite_create("client");
	tcase = tcase_create("wire");
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, registers_at_full_speed);
	tcase_add_loop_test(tcase, every_descriptor_and_every_interrupt, 0, 2);
	tcase_add_test(tcase, a_missing_interrupt_is_noticed);
	tcase_add_test(tcase, wrong_data_is_noticed);
	tcase_add_test(tcase, triggers_replaced_under_fire);
	tcase_add_test(tcase, unmap_under_a_running_engine);
	tcase_add_test(tcase, a_storm_of_resets);
	tcase_add_test(tcase, a_client_that_stalls_with_work_in_flight);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
