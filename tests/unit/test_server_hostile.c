// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clients that are broken or hostile: each is answered or thrown out, nothing of
 * theirs is kept, and the next one is served.
 */
#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server_fixture.h"
#include "unit.h"

static struct vfu_client second;

START_TEST(broken_streams)
{
	static const struct {
		uint32_t size, flags;
	} bad[] = {
		{ 0, 0 },
		{ 15, 0 },
		{ UINT32_MAX, 0 },
		{ 16 + VFU_MAX_PAYLOAD + 1, 0 },
		{ 16, VFU_TYPE_REPLY },
		{ 32, VFU_TYPE_REPLY | VFU_FLAG_ERROR },
		{ 16, 7 },
	};
	int fds[40], before;
	size_t i;

	for (i = 0; i < 40; i++)
		fds[i] = ram;
	connect_and_hello();
	before = open_fds();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vfu_header header = { .command = VFU_DEVICE_RESET,
					     .size = bad[i].size,
					     .flags = bad[i].flags };

		vfu_client_raw(&client, &header, NULL, 0, fds, 3);
		assert_closed();
		ck_assert_int_eq(open_fds(), before);
	}
	/* More descriptors than can be received. */
	vfu_client_send(&client, VFU_DEVICE_SET_IRQS, 0, fds, 20, fds, 40);
	assert_closed();
	ck_assert_int_eq(open_fds(), before);
	vfu_client_close(&client);
}
END_TEST

START_TEST(gone_inside_a_message)
{
	struct vfu_header header = { .command = VFU_REGION_WRITE, .size = 32 };
	int before;

	connect_and_hello();
	before = open_fds();
	vfu_client_raw(&client, &header, "part", 4, &ram, 1);
	next_client();
	ck_assert_int_eq(open_fds(), before);
	ck_assert_int_eq(send(client.sock, &header, 5, 0), 5);
	next_client();
	assert_alive();
	ck_assert_int_eq(open_fds(), before);
	vfu_client_close(&client);
}
END_TEST

START_TEST(a_client_that_never_reads)
{
	struct vfu_region_access access = { .region = CONFIG, .count = 4096 };
	struct vfu_header header = { .command = VFU_REGION_READ, .size = 32 };
	struct {
		struct vfu_header header;
		struct vfu_region_access access;
	} message = { header, access };
	int sent = 0;

	connect_and_hello();
	/* Until the server, stuck with a reply, takes no more requests. */
	while (send(client.sock, &message, sizeof(message), MSG_DONTWAIT | MSG_NOSIGNAL) ==
	       sizeof(message))
		sent++;
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_gt(sent, 10);
	/* It is not stuck for others: a newcomer is told at once that it is busy. */
	vfu_client_connect(&second, socket_path);
	ck_assert_int_eq(vfu_client_receive(&second), -ENOTCONN);
	vfu_client_close(&second);
	/* All the replies are there when it does read. */
	while (sent--) {
		ck_assert_int_eq(vfu_client_receive(&client), 0);
		ck_assert_uint_eq(client.reply_len, 16 + 4096);
	}
	next_client();
	assert_alive();
	vfu_client_close(&client);
}
END_TEST

START_TEST(one_client_at_a_time)
{
	connect_and_hello();
	vfu_client_connect(&second, socket_path);
	ck_assert_int_eq(vfu_client_receive(&second), -ENOTCONN);
	vfu_client_close(&second);
	assert_alive();
	vfu_client_close(&client);
	connect_and_hello();
	assert_alive();
	vfu_client_close(&client);
}
END_TEST

/*
 * A client that hands its own end of the connection to the server, inside a
 * message it never finishes, and dies: the server will not see it go.
 */
START_TEST(a_stalled_client_makes_room)
{
	struct vfu_header header = { .command = VFU_REGION_WRITE, .size = 32 };
	int before, tries = 0;

	stop();
	stall_seconds = 0;
	start(0, false);
	connect_and_hello();
	before = open_fds();
	vfu_client_raw(&client, &header, "part", 4, &client.sock, 1);
	vfu_client_close(&client);
	/* A newcomer is turned away as long as the server has not read that. */
	do {
		struct vfu_version version = { 0 };

		vfu_client_connect(&client, socket_path);
		if (!vfu_client_call(&client, VFU_VERSION, &version, 4, NULL, 0))
			break;
		vfu_client_close(&client);
	} while (++tries < 10000);
	assert_alive();
	ck_assert_int_eq(open_fds(), before);
	vfu_client_close(&client);
}
END_TEST

static uint32_t random_next(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* A field of a message: small, at an edge, or anything. */
static uint32_t random_field(uint32_t *state)
{
	static const uint32_t edges[] = { 0xffffffff, 0x80000000, 0x7fffffff, 4096, 20, 32, 9, 8 };

	switch (random_next(state) % 4) {
	case 0:
		return edges[random_next(state) % 8];
	case 1:
		return random_next(state) << 8 ^ random_next(state);
	default:
		return random_next(state) % 16;
	}
}

/* Messages with a sound frame and any content: answered each, never more than that. */
START_TEST(random_requests)
{
	uint32_t state = 1 + _i, words[16], i, w;
	int fds[2] = { ram, new_eventfd() }, before;

	connect_and_hello();
	before = open_fds();
	for (i = 0; i < 2000; i++) {
		uint16_t cmd = random_next(&state) % 20;
		uint32_t nfds = random_next(&state) % 3;
		size_t len = random_next(&state) % 3 ? 4 * (random_next(&state) % 11)
						     : random_next(&state) % 64;

		for (w = 0; w < 16; w++)
			words[w] = random_field(&state);
		/* Accepted mappings and triggers are part of the game, VERSION is not. */
		vfu_client_send(&client, cmd, 0, words, len, fds, nfds);
		if (vfu_client_receive(&client))
			ck_abort_msg("closed at message %u, command %u", i, cmd);
	}
	next_client();
	assert_alive();
	ck_assert_int_eq(open_fds(), before);
	close(fds[1]);
	vfu_client_close(&client);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("server_hostile");
	TCase *tcase = tcase_create("wire");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, broken_streams);
	tcase_add_test(tcase, gone_inside_a_message);
	tcase_add_test(tcase, a_client_that_never_reads);
	tcase_add_test(tcase, one_client_at_a_time);
	tcase_add_test(tcase, a_stalled_client_makes_room);
	tcase_add_loop_test(tcase, random_requests, 0, 5);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
