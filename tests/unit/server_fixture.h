/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A server with the real device behind it, running in a thread, and a client.
 */
#ifndef TESTS_UNIT_SERVER_FIXTURE_H
#define TESTS_UNIT_SERVER_FIXTURE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "server.h"
#include "vfu_client.h"

#define PAGE 4096ULL
#define RAM_IOVA 0x100000ULL
#define RAM_SIZE (64 * PAGE)
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX
#define CONFIG VFIO_PCI_CONFIG_REGION_INDEX
#define EVENTFD_TRIGGER (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER)
#define NONE_TRIGGER (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER)

/* Of the server under test, which listens at @socket_path in @folder. */
extern char folder[64], socket_path[80], stats_path[80];
extern struct server *server;
extern pthread_t thread;
extern int run_result;
/* For start(): see struct server_params. */
extern unsigned int stall_seconds;
/* The client every helper here is about. */
extern struct vfu_client client;
/* The client's memory: a sealed file of RAM_SIZE bytes, mapped at @memory. */
extern int ram;
extern uint8_t *memory;

/* For tcase_add_checked_fixture(): a server without delays; nothing is left afterwards. */
void setup(void);
void teardown(void);
void start(uint64_t service_ns, bool once);
void stop(void);

/* Take the count; 0 if there is none. */
uint64_t eventfd_count(int fd);
/* Wait for one. */
uint64_t eventfd_wait(int fd);
int new_eventfd(void);

/* A connection that works. */
void connect_and_hello(void);
/*
 * Close, and come back as the next client: when that one has been greeted, all
 * of the last one's has been released.
 */
void next_client(void);
/* Carry out an administrative command; it must succeed. */
void device_command(uint32_t code, uint32_t operand);
/*
 * Bus master and MSI-X on; @count queues of @size entries enabled, each in a group of
 * its own with one engine or, @shared, all in group 0 with all engines. Memory is not
 * mapped.
 */
void bring_up_queues(unsigned int count, unsigned int size, bool shared);
/* Give a descriptor to the portal of @wq, as eight stores. */
void submit_descriptor(unsigned int wq, const void *desc);
/* On queue 0: copy page 2 of the memory to page 3, record in page 1, interrupt 1. */
void submit_copy(void);

/* The server answers sensibly. */
void assert_alive(void);
/* The server has closed the connection, and serves the next. */
void assert_closed(void);

#endif /* TESTS_UNIT_SERVER_FIXTURE_H */
