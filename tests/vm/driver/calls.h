/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the sample driver share: its calls in one line each, and how
 * a test fails.
 */
#ifndef DRIVER_TEST_CALLS_H
#define DRIVER_TEST_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/idxd.h>

#include <uapi/dsa_sample.h>

#define DEVICE "/dev/dsa-sample0"
#define DRIVER "/sys/bus/pci/drivers/dsa_sample"
#define PAGE 4096U
/* A test that waits longer than this has failed. */
#define PATIENCE_MS patience_ms
extern int patience_ms;

/* ---- Results --------------------------------------------------------------- */

/* Failures of the test that runs; why it could not run, or NULL. */
extern int failures;
extern const char *skipped;

/* Count and print a failure unless the condition holds. */
#define check(condition) check_that((condition), #condition, __LINE__)
/* The same unless the call fails with this error. */
#define check_fails(call, error) check_error((call), (error), #call, __LINE__)

bool check_that(bool condition, const char *text, int line);
void check_error(long ret, int error, const char *text, int line);
/* The tests cannot go on; errno says why. */
void die(const char *what) __attribute__((noreturn));

uint64_t now_ns(void);

/* ---- The driver ------------------------------------------------------------ */

/* A queue that is up, with its buffer mapped. */
struct queue {
	int fd;
	char *buffer;
	size_t size;
	struct dsa_sample_queue_up up;
};

int device_open(void);
struct dsa_sample_info info_get(int device);
uint64_t queues_up(int device);

/* Good arguments for queue @number, to be varied. */
struct dsa_sample_queue_up up_args(unsigned int number);
/* False with errno if the queue does not come up. */
bool queue_open_with(int device, struct queue *q, struct dsa_sample_queue_up args);
bool queue_open(int device, struct queue *q, unsigned int number);
void queue_close(struct queue *q);
/* Bringing up a queue must fail with this error. */
void up_fails(int device, struct dsa_sample_queue_up args, int error);

/* Number accepted, or -1 with errno. */
int submit(int fd, const struct dsa_sample_work *work, unsigned int count, uint32_t flags);
struct dsa_sample_queue_stats stats_get(int fd);
bool wait_for(int fd, short events);
short poll_now(int fd);
/* One event, waiting for it. */
bool event_get(int fd, struct dsa_sample_event *event);
/* A no-op with an interrupt. */
struct dsa_sample_work noop(uint64_t tag);
/* Submit one item and wait for its event. */
struct dsa_sample_event run_one(struct queue *q, struct dsa_sample_work work);

/* ---- The PCI function ------------------------------------------------------- */

/* Its address, as sysfs has it. */
extern char pci_address[32];

bool write_file(const char *path, const char *text);
/* The address of device @number; false if there is none. */
bool device_address(unsigned int number, char address[32]);
void find_device(void);
bool rebind(void);
/* Have the kernel reset that function, as somebody may do by hand. */
bool reset_by_hand(const char *address);
/* Wait until the driver has come back from that many resets. */
bool resets_reach(int device, uint64_t resets);
/* A page of a BAR behind the driver's back; NULL and a skip if that is forbidden. */
volatile uint32_t *map_bar(unsigned int bar, off_t offset);
/* A descriptor, as a portal takes it from this driver on a CPU without MOVDIR64B. */
void portal_write(volatile uint32_t *portal, const struct dsa_hw_desc *desc);
/* Whether the device deals in interrupt handles: it has a command to ask for one. */
bool handles_there(void);
/* Set and clear bits of a 16-bit word of configuration space; returns it. */
int config_word(unsigned int offset, int set, int clear);

#endif /* DRIVER_TEST_CALLS_H */
