/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device from the inside: its state, and what its files offer each other.
 *
 * Locks, in the order they are taken: dsa_device.lock, dsa_vectors.lock, then
 * whatever the host takes in dsa_host_ops.signal. dma_read and dma_write are
 * called with none of them held.
 */
#ifndef DSA_MODEL_DEVICE_PRIVATE_H
#define DSA_MODEL_DEVICE_PRIVATE_H

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include <linux/idxd.h>

#include <dsa/profile.h>
#include <dsa/registers.h>

#include "device.h"
#include "event_log.h"
#include "fault_private.h"

/* Work descriptors an engine has in progress at most: GENCAP 39:32 of version 1. */
#define DSA_ENGINE_DEPTH 64
/* Most bytes of one host access, so that an abort never waits long. */
#define DSA_CHUNK 0x10000
#define DSA_WQ_ENTRIES_TOTAL DSA_SPR_WQ_ENTRIES
#define DSA_WORK_TOTAL (DSA_WQ_ENTRIES_TOTAL + DSA_SPR_ENGINES * DSA_ENGINE_DEPTH)
#define DSA_WQCFG_DWORDS (DSA_WQCFG_MIN_STRIDE / 4)
#define DSA_ALL_WQS ((1U << DSA_SPR_WQS) - 1)
#define DSA_NO_GROUP (-1)
#define DSA_NO_DEADLINE UINT64_MAX
#define DSA_ANY_PASID UINT32_MAX
/* Short descriptors that an engine executes in a row before it takes the lock again. */
#define DSA_RUN_MAX 16

DSA_STATIC_ASSERT(sizeof(struct dsa_hw_desc) == DSA_DESC_SIZE, "descriptor size");
DSA_STATIC_ASSERT(sizeof(struct dsa_completion_record) == DSA_COMPLETION_SIZE,
		  "completion record size");

/**
 * struct dsa_profile - what a profile decides: constant registers, some reset values
 * @summary: for people
 * @version: unless the product is chosen separately
 * @cmdcap: with DSA_GENCAP_CMDCAP
 * @pasid: has the PASID capability
 */
struct dsa_profile {
	const char *name;
	const char *summary;
	uint32_t version;
	uint64_t gencap;
	uint64_t wqcap;
	uint64_t grpcap;
	uint64_t engcap;
	uint64_t opcap0;
	uint64_t cmdcap;
	uint64_t offsets[2];
	uint32_t gencfg;
	uint64_t grpflags;
	bool pasid;
};

/* ---- profile.c ----------------------------------------------------------- */

/* NULL if there is none of that name. */
const struct dsa_profile *dsa_profile_find(const char *name);
/* VERSION of the product with PCI device id @id, 0 if there is none. */
uint32_t dsa_product_version(unsigned int id);

/**
 * struct dsa_layout - what depends on the number of MSI-X entries
 * @vectors: entries of the table
 * @bar0_size: bytes
 * @msixperm, @msix_table, @msix_pba: their places in BAR0
 */
struct dsa_layout {
	unsigned int vectors;
	uint32_t bar0_size;
	uint32_t msixperm;
	uint32_t msix_table;
	uint32_t msix_pba;
};

/* ---- vectors.c: messages ------------------------------------------------- */

/* Have faults been asked about the pending message of a vector? */
enum dsa_asked {
	DSA_NOT_ASKED,
	DSA_ASKED,
	DSA_ASKED_COPY, /* it is itself the work of one */
};

/**
 * struct dsa_vectors - the messages of the MSI-X capability
 * @faults: what to do wrong; NULL: nothing. Set before the first message
 * @lock: protects all that follows; held while signal() runs, so that the
 *	counters agree at any moment
 * @enable: MSI-X Enable
 * @function_mask: Function Mask
 * @bus_master: the function may write to memory
 * @count: vectors there are
 * @asked: enum dsa_asked, for the pending message
 * @held_until: CLOCK_MONOTONIC nanoseconds at which it may leave; 0: any time
 * @holder: thread that sends what has been held, once there can be such
 * @held: something is being held, or @stopping
 *
 * The masks of single entries are not here: the VMM emulates the table.
 */
struct dsa_vectors {
	pthread_mutex_t lock;
	const struct dsa_host_ops *ops;
	void *host;
	struct dsa_faults *faults;
	enum dsa_msix_disabled when_disabled;
	bool enable;
	bool function_mask;
	bool bus_master;
	bool stopping;
	bool holder_started;
	pthread_t holder;
	pthread_cond_t held;
	unsigned int count;
	uint8_t asked[DSA_MSIX_ENTRIES_MAX];
	uint64_t held_until[DSA_MSIX_ENTRIES_MAX];
	struct dsa_vector_stats stats[DSA_MSIX_ENTRIES_MAX];
};

int dsa_vectors_init(struct dsa_vectors *vs, const struct dsa_device_params *params,
		     const struct dsa_host_ops *ops, void *host);
void dsa_vectors_destroy(struct dsa_vectors *vs);
/* Messages can be held from now on: starts a thread. 0 or a negative errno. */
int dsa_vectors_prepare_hold(struct dsa_vectors *vs);
/* One event on @vector: send, keep pending, merge or drop. */
void dsa_vectors_raise(struct dsa_vectors *vs, unsigned int vector);
/* Message Control or Bus Master Enable changed; pending messages may leave now. */
void dsa_vectors_control(struct dsa_vectors *vs, bool enable, bool function_mask,
			 bool bus_master);
/* Clear the pending bits, as a reset does: what waited is dropped. */
void dsa_vectors_forget(struct dsa_vectors *vs);
/* What becomes of messages while MSI-X is disabled. */
void dsa_vectors_set_when_disabled(struct dsa_vectors *vs, enum dsa_msix_disabled behaviour);
enum dsa_msix_disabled dsa_vectors_when_disabled(struct dsa_vectors *vs);
/* A trigger was bound to @vector. */
void dsa_vectors_bound(struct dsa_vectors *vs, unsigned int vector);
void dsa_vectors_stats(struct dsa_vectors *vs, unsigned int vector,
		       struct dsa_vector_stats *stats);

/* ---- handles.c: interrupt handles ----------------------------------------- */

/**
 * struct dsa_handles - interrupt handles, of a device that wants them requested
 * @entry: by handle: MSI-X entry + 1, 0: not a handle. Changed with the lock of the
 *	device, read by engines without. NULL: an entry's index is its handle
 * @used: handles there are now
 * @last: the one given out last; they are given out in turn, so that a stale one is not
 *	soon valid again
 */
struct dsa_handles {
	_Atomic uint16_t *entry;
	unsigned int used;
	uint16_t last;
};

int dsa_handles_init(struct dsa_device *dev);
void dsa_handles_destroy(struct dsa_device *dev);
/* MSI-X entry of @handle, -1 if it is none. Without the lock. */
int dsa_handle_vector(const struct dsa_device *dev, uint16_t handle);
/* Release all handles, without a word. */
void dsa_handles_reset(struct dsa_device *dev);
/* Release all handles and tell the driver. -EOPNOTSUPP: it need not request any. */
int dsa_revoke_handles(struct dsa_device *dev);
/* Of the two commands: check of the operand, effect. */
uint8_t dsa_check_request_handle(struct dsa_device *dev, uint32_t operand);
void dsa_request_handle(struct dsa_device *dev, uint32_t operand);
uint8_t dsa_check_release_handle(struct dsa_device *dev, uint32_t operand);
void dsa_release_handle(struct dsa_device *dev, uint32_t operand);

/* ---- Work ---------------------------------------------------------------- */

struct dsa_engine;
struct dsa_wq;

/**
 * struct dsa_work - one descriptor taken from a portal
 * @link: in the queue of @wq, the list of @engine or the free list
 * @outstanding: in the list of its queue, from acceptance to the end, by @seq
 * @engine: that dispatched it; NULL while it is queued
 * @seq: its number in the queue, from 1
 * @due_ns: time of dsa_clock_ns() at which it may execute
 * @max_xfer: largest transfer size of the queue, bytes
 * @max_batch: largest batch of the queue
 * @stuck_by: number of the fault that keeps it from executing, 0: none
 * @overtake: it lets the next of its queue go first
 * @shared: from a shared queue
 * @has_pasid, @priv, @pasid: whose addresses these are: as the queue says, or for a shared
 *	one the descriptor
 * @bad_priv: privileged, which the function is not allowed to be
 * @executing: by @engine, now, without the lock
 * @covered: a drain or an abort that is under way waits for it
 * @cancel: abandon at the next opportunity; the one field read without the lock
 * @desc: private copy of the descriptor
 */
struct dsa_work {
	TAILQ_ENTRY(dsa_work) link;
	TAILQ_ENTRY(dsa_work) outstanding;
	struct dsa_wq *wq;
	struct dsa_engine *engine;
	uint64_t seq;
	uint64_t due_ns;
	uint64_t max_xfer;
	uint32_t max_batch;
	unsigned int stuck_by;
	bool overtake;
	bool shared;
	bool has_pasid;
	bool priv;
	bool bad_priv;
	bool executing;
	bool covered;
	uint32_t pasid;
	atomic_bool cancel;
	struct dsa_hw_desc desc;
};

TAILQ_HEAD(dsa_work_list, dsa_work);

/* A descriptor being assembled from 8-byte stores to one portal slot. */
struct dsa_portal_slot {
	uint8_t stores; /* that have arrived, in order */
	uint8_t data[DSA_DESC_SIZE];
};

/* The pages of a queue whose completion interrupts are MSI-X: unlimited, limited. */
#define DSA_PORTAL_MSIX_PAGES 2

/**
 * struct dsa_wq - one work queue
 * @cfg: WQCFG as written; the state dword is composed on reading
 * @occ_generated: Occupancy Interrupt Generated
 * @group: while the device is enabled, else DSA_NO_GROUP
 * @credit: left for this round of the arbiter
 * @queue: accepted, not dispatched
 * @occupancy: entries in @queue
 * @outstanding: accepted and not ended, in order of acceptance
 * @last_seq: of the newest accepted descriptor
 * @random: state of the service-time generator, nrand48()
 */
struct dsa_wq {
	unsigned int index;
	uint32_t cfg[DSA_WQCFG_DWORDS];
	enum dsa_wq_state state;
	bool occ_generated;
	int group;
	unsigned int credit;
	struct dsa_work_list queue;
	unsigned int occupancy;
	struct dsa_work_list outstanding;
	uint64_t last_seq;
	unsigned short random[3];
	struct dsa_portal_slot slots[DSA_PORTAL_MSIX_PAGES][DSA_PORTAL_SLOTS];
	struct dsa_wq_stats stats;
};

/**
 * struct dsa_engine - one engine and its thread
 * @wake: new work, a new due time, or stop
 * @in_progress: dispatched and waiting, by due time
 * @doorbell: counts what @wake is signalled for; an engine that ran out of work looks at it
 *	for a moment, without the lock, before it sleeps
 * @load: entries of @in_progress, and those that execute
 * @running: descriptors are being executed now, without the lock
 * @buffer: of the operation that runs, 2 x DSA_CHUNK
 * @list: batch list that runs
 */
struct dsa_engine {
	struct dsa_device *dev;
	unsigned int index;
	pthread_t thread;
	bool started;
	pthread_cond_t wake;
	int group;
	struct dsa_work_list in_progress;
	unsigned int load;
	bool running;
	atomic_uint doorbell;
	uint8_t *buffer[2];
	struct dsa_hw_desc *list;
};

/**
 * struct dsa_active_command - the administrative command being carried out
 * @rule: NULL when there is none
 * @wqs: bitmap of the queues it concerns, or another operand
 * @result: for CMDSTATUS
 * @interrupt: Request Completion Interrupt
 * @serial: counts commands, so that a waiter knows its own
 */
struct dsa_active_command {
	const struct dsa_command_rule *rule;
	uint32_t wqs;
	uint16_t result;
	bool interrupt;
	uint64_t serial;
};

/**
 * struct dsa_device
 * @version: VERSION register, by product
 * @ops: for memory; between it and the host's own, @real_ops, are page faults
 *	on demand
 * @lock: protects all but @vectors, @faults and what is constant after creation
 * @idle: a descriptor, a command, a reset, or a write to the event log ended
 * @covered: descriptors for which an active drain or abort waits
 * @msixperm: read by engines without the lock
 * @resetting: engines are being emptied; accesses wait
 * @vanished: all reads return ones, and writes are lost
 * @stopping: engines shall end
 * @stepped: engines have no threads
 * @step_ns: time of the last step
 */
struct dsa_device {
	const struct dsa_profile *profile;
	uint16_t device_id;
	uint32_t version;
	struct dsa_layout layout;
	const struct dsa_host_ops *ops;
	void *host;
	const struct dsa_host_ops *real_ops;
	void *real_host;
	struct dsa_host_ops wrapped_ops;
	struct dsa_service_time service;
	struct dsa_faults faults;
	struct dsa_vectors vectors;

	pthread_mutex_t lock;
	pthread_cond_t idle;
	bool resetting;
	bool vanished;
	bool stopping;
	bool stepped;
	uint64_t step_ns;

	uint8_t config[DSA_CONFIG_SPACE_SIZE];
	enum dsa_device_state state;
	enum dsa_reset_type reset_type;
	uint32_t gencfg;
	uint32_t genctrl;
	uint32_t intcause;
	uint32_t cmdstatus;
	uint64_t swerror[DSA_SWERROR_WORDS];
	struct dsa_event_log log;
	struct dsa_grpcfg groups[DSA_SPR_GROUPS];
	_Atomic uint32_t msixperm[DSA_MSIX_ENTRIES_MAX];
	uint32_t msix_table[DSA_MSIX_ENTRIES_MAX][4];

	struct dsa_handles handles;
	struct dsa_active_command command;
	unsigned int covered;
	struct dsa_wq wqs[DSA_SPR_WQS];
	struct dsa_engine engines[DSA_SPR_ENGINES];
	struct dsa_work_list free;
	struct dsa_work work[DSA_WORK_TOTAL];
};

/* ---- device.c ------------------------------------------------------------ */

static inline void dsa_assert_locked(struct dsa_device *dev)
{
	/* Its owner gets EBUSY, too. */
	assert(pthread_mutex_trylock(&dev->lock));
	(void)dev;
}

/* Take the lock for an access from outside: not in the middle of a reset. */
void dsa_lock(struct dsa_device *dev);
void dsa_unlock(struct dsa_device *dev);
/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t dsa_now_ns(void);
/* The clock of service times: the same, or the host's of a stepped device. */
static inline uint64_t dsa_clock_ns(const struct dsa_device *dev)
{
	return dev->stepped ? dev->step_ns : dsa_now_ns();
}
/* Wait on @cond until @deadline_ns (DSA_NO_DEADLINE: for ever), with the lock held. */
void dsa_wait(struct dsa_device *dev, pthread_cond_t *cond, uint64_t deadline_ns);
/* Does an engine, or the event log, touch memory right now? */
bool dsa_accesses_memory(const struct dsa_device *dev);
/* Abandon all work and wait until nothing touches memory. Drops the lock. */
void dsa_quiesce(struct dsa_device *dev);
/*
 * All registers and configuration space to their power-on values, with the lock
 * held. A Halt that needs a stronger reset than @strength stays.
 */
void dsa_function_reset(struct dsa_device *dev, enum dsa_reset_type strength);
/*
 * Enter the Halt state; @swerror_code says why, as after an illegal change of PCI
 * configuration, or is 0: no error is reported.
 */
void dsa_halt(struct dsa_device *dev, uint8_t swerror_code);

/* ---- config_space.c ------------------------------------------------------ */

void dsa_config_reset(struct dsa_device *dev);
/* Bus Master Enable, and power state D0. */
bool dsa_config_bus_master(const struct dsa_device *dev);
/* PASID Control; 0 without the capability. */
uint16_t dsa_config_pasid_control(const struct dsa_device *dev);

/* ---- registers.c --------------------------------------------------------- */

void dsa_registers_reset(struct dsa_device *dev);
/* The part of the reset that the Reset Device command does, too. */
void dsa_registers_reset_by_command(struct dsa_device *dev);
void dsa_wqcfg_reset(struct dsa_wq *wq, bool keep_size);
int dsa_registers_read(struct dsa_device *dev, uint64_t offset, void *buf, size_t len);
int dsa_registers_write(struct dsa_device *dev, uint64_t offset, const void *buf, size_t len);
/* Set a cause of vector 0 and raise it. */
void dsa_misc_interrupt(struct dsa_device *dev, uint32_t cause);

/**
 * struct dsa_error - what SWERROR or the event log is to say
 * @wq: index, or -1
 * @desc_valid: @opcode, @batch_index, @priv and @pasid are those of a descriptor
 * @batch_index: -1 for one that is no batch member
 * @info: bits 63:32 of the second word, specification, chapter 9, SWERROR
 * @log_info: DSA_EVL_INFO_*, only for the log
 * @batch_id: for the log: of the batch, if it is one or a member
 * @record: for the log: the completion record. NULL: none
 */
struct dsa_error {
	uint8_t code;
	int wq;
	bool desc_valid;
	bool write;
	uint8_t opcode;
	int batch_index;
	bool priv;
	uint32_t pasid;
	uint32_t info;
	uint32_t log_info;
	uint8_t batch_id;
	uint64_t address;
	const struct dsa_completion_record *record;
};

/* First word of it, but for what only SWERROR or only the log has. */
uint64_t dsa_error_word(const struct dsa_error *error);
/* Into SWERROR, or note the overflow; interrupt if enabled. With the lock held. */
void dsa_swerror(struct dsa_device *dev, const struct dsa_error *error);
/* Raise the occupancy interrupt of @wq if its conditions hold. */
void dsa_wq_check_occupancy(struct dsa_device *dev, struct dsa_wq *wq);

/* ---- commands.c ---------------------------------------------------------- */

enum dsa_command_operand {
	DSA_OPERAND_NONE,
	DSA_OPERAND_ALL_WQS, /* nothing in the operand; concerns every queue */
	DSA_OPERAND_WQ_INDEX,
	DSA_OPERAND_WQ_BITMAP,
	DSA_OPERAND_PASID, /* concerns every queue */
	DSA_OPERAND_HANDLE, /* of an interrupt, or the index for one */
};

/* What a command does with the descriptors of its queues before it is done. */
enum dsa_command_work {
	DSA_WORK_UNTOUCHED,
	DSA_WORK_FINISH,
	DSA_WORK_ABANDON,
};

/**
 * struct dsa_command_rule - a row of the transition table
 * @error: by enum dsa_device_state: 0 where the command is legal
 * @check: further conditions; enum dsa_cmd_error. NULL: none
 * @stops: the queues stop accepting when the command starts
 * @changes_state: the device ends in @next; if @stops it is Draining meanwhile
 * @effect: carried out when the work has been dealt with. NULL: none
 *
 * Draining has no column: a command is active then, and another is refused
 * before the table is looked at.
 */
struct dsa_command_rule {
	const char *name;
	uint8_t error[4];
	enum dsa_command_operand operand;
	uint8_t (*check)(struct dsa_device *dev, uint32_t wqs);
	enum dsa_command_work work;
	bool stops;
	bool changes_state;
	enum dsa_device_state next;
	void (*effect)(struct dsa_device *dev, uint32_t wqs);
};

/* Row of command @code, NULL if the device has no such command. */
const struct dsa_command_rule *dsa_command_rule(const struct dsa_device *dev, unsigned int code);
/* A write to CMD. May wait, and drop the lock meanwhile. */
void dsa_command_write(struct dsa_device *dev, uint32_t value);
/* Work ended: finish the active command if it waited for that. */
void dsa_command_progress(struct dsa_device *dev);
/* End the active command with @error; a reset passes @silent. */
void dsa_command_cancel(struct dsa_device *dev, uint8_t error, bool silent);

/* ---- checks.c ------------------------------------------------------------ */

uint8_t dsa_check_device(struct dsa_device *dev, uint32_t wqs);
uint8_t dsa_check_wq(struct dsa_device *dev, uint32_t wqs);
uint8_t dsa_check_wqs_enabled(struct dsa_device *dev, uint32_t wqs);

/* ---- portal.c ------------------------------------------------------------ */

int dsa_portal_write(struct dsa_device *dev, uint64_t offset, const void *buf, size_t len);
/* Forget half-assembled descriptors of @wq. */
void dsa_portal_reset(struct dsa_wq *wq);

/* ---- engine.c ------------------------------------------------------------ */

int dsa_engine_init(struct dsa_device *dev, unsigned int index);
/* Start its thread; all engines must have been initialised, each looks at the others. */
int dsa_engine_start(struct dsa_engine *engine);
/* What is due executes now; see dsa_device_step(). */
uint64_t dsa_engines_step(struct dsa_device *dev);
/* End the thread if there is one. */
void dsa_engine_stop(struct dsa_engine *engine);
void dsa_engine_destroy(struct dsa_engine *engine);
void dsa_engine_wake_group(struct dsa_device *dev, int group);
/*
 * Let what @wq has accepted so far, of @pasid or DSA_ANY_PASID, finish without its
 * service time; dsa_device.covered counts it until it has.
 */
void dsa_wq_hurry(struct dsa_device *dev, struct dsa_wq *wq, uint32_t pasid);
/* The same, but abandon it; what is executing ends on its own, and is counted. */
void dsa_wq_abandon(struct dsa_device *dev, struct dsa_wq *wq, uint32_t pasid);

/* ---- completion.c -------------------------------------------------------- */

/* Tags for the block that follows, in the completion record. */
struct dsa_dif_tags {
	uint32_t ref;
	uint16_t app_mask;
	uint16_t app;
} __attribute__((packed));

/**
 * struct dsa_outcome - how an operation ended
 * @status: enum dsa_completion_status
 * @write: the access that failed was a write
 * @specific: last 16 bytes of the record; which of them depends on operation and status
 */
struct dsa_outcome {
	uint8_t status;
	bool write;
	uint8_t result;
	uint32_t bytes_completed;
	uint64_t fault_addr;
	union {
		uint32_t invalid_flags; /* with DSA_COMP_INVALID_FLAGS */
		uint32_t delta_size;
		uint64_t crc;
		struct dsa_dif_tags tags[2]; /* of the source, of the destination */
		uint8_t bytes[16];
	} specific;
};

/**
 * struct dsa_execution - a descriptor while it is executed
 * @desc: private copy
 * @batch_index: -1 outside a batch
 * @vector: MSI-X entry of its completion interrupt, where it has one
 * @batch: of a member: the batch itself
 * @logged: of a batch: the event log has its first entry
 * @record_logged: of a batch: the record of a member is in the event log
 */
struct dsa_execution {
	struct dsa_device *dev;
	struct dsa_engine *engine;
	struct dsa_work *work;
	const struct dsa_hw_desc *desc;
	int batch_index;
	unsigned int vector;
	struct dsa_execution *batch;
	bool logged;
	bool record_logged;
	struct dsa_outcome outcome;
};

/*
 * Execute: checks, operation, completion record, message. False if it was
 * abandoned: then there is neither record nor message. Without the lock.
 */
bool dsa_execute(struct dsa_execution *x);

static inline bool dsa_cancelled(const struct dsa_execution *x)
{
	return atomic_load_explicit(&x->work->cancel, memory_order_relaxed);
}

/* ---- operations.c -------------------------------------------------------- */

/**
 * struct dsa_operation - a row of the table of operations
 * @flags: allowed besides those every descriptor may have
 * @needs: flags that must all be set
 * @needs_one_of: flags of which one must be set; 0: none
 * @reserved: bit n: byte n of the descriptor must be zero
 * @extra_flag: with this flag the bytes @extra are not reserved
 * @sized: has a transfer size, from 1 to the maximum of the queue
 * @in_batch: may be a batch member
 * @check: further rules; 0 or a completion status. NULL: none
 * @run: carry it out. NULL: nothing to do
 */
struct dsa_operation {
	uint32_t flags;
	uint32_t needs;
	uint32_t needs_one_of;
	uint64_t reserved;
	uint32_t extra_flag;
	uint64_t extra;
	bool sized;
	bool in_batch;
	uint8_t (*check)(const struct dsa_execution *x);
	void (*run)(struct dsa_execution *x);
};

/* Row of @opcode, NULL if the profile does not offer it. */
const struct dsa_operation *dsa_operation(const struct dsa_device *dev, unsigned int opcode);

/* Host accesses of any length that do not wrap around the end of the address space. */
int dsa_dma_read(struct dsa_device *dev, uint64_t iova, void *buf, size_t len, size_t *done);
int dsa_dma_write(struct dsa_device *dev, uint64_t iova, const void *buf, size_t len,
		  size_t *done);
/* Set the outcome for an access that failed at @address with @error. */
void dsa_outcome_fault(struct dsa_execution *x, int error, bool write, uint64_t address);

/* ---- fault_hooks.c: faults on demand; see fault.h ------------------------- */

/* Put the page faults between the device's memory accesses and its host. */
void dsa_faults_between(struct dsa_device *dev, const struct dsa_host_ops *ops, void *host);
/* A portal has accepted a descriptor. With the lock, which may be dropped. */
void dsa_fault_accepted(struct dsa_device *dev);
/* A software error has been cleared: does it come again? With the lock. */
bool dsa_fault_error_again(struct dsa_device *dev);
/* @engine takes @work; its due time is known. With the lock. */
void dsa_fault_dispatched(struct dsa_engine *engine, struct dsa_work *work);
/* @engine begins with @work. With the lock, which may be dropped. */
void dsa_fault_executing(struct dsa_engine *engine, const struct dsa_work *work);
/* True if the message of @x, which wants one, has been sent early. Without the lock. */
bool dsa_fault_early_message(struct dsa_execution *x);

/* ---- batch.c ------------------------------------------------------------- */

uint8_t dsa_batch_check(const struct dsa_execution *x);
void dsa_batch_run(struct dsa_execution *x);

#endif /* DSA_MODEL_DEVICE_PRIVATE_H */
