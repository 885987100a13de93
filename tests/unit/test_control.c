// SPDX-License-Identifier: GPL-2.0-only
/* The control socket: requests, right and wrong, and clients that misbehave. */
#include <check.h>
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <dsa/profile.h>
#include <dsa/registers.h>

#include "control.h"
#include "server_fixture.h"
#include "unit.h"

static struct control_device devices[2];
static struct control *control;
static char control_path[100];

static void setup_control(void)
{
	setup();
	devices[0] = (struct control_device){ "one", socket_path, server };
	snprintf(control_path, sizeof(control_path), "%s/control", folder);
	control = control_start(control_path, devices, 1);
	ck_assert_ptr_nonnull(control);
}

static void teardown_control(void)
{
	control_stop(control);
	ck_assert_int_ne(access(control_path, F_OK), 0);
	teardown();
}

/* ---- Requests ------------------------------------------------------------ */

static struct json_object *answer(const char *line)
{
	struct json_object *reply = control_answer(devices, 1, line, strlen(line));

	ck_assert_ptr_nonnull(reply);
	return reply;
}

static bool is_ok(struct json_object *reply)
{
	return json_object_get_boolean(json_object_object_get(reply, "ok"));
}

static void assert_ok(const char *line)
{
	struct json_object *reply = answer(line);

	ck_assert_msg(is_ok(reply), "%s: %s", line, json_object_to_json_string(reply));
	json_object_put(reply);
}

static void assert_refused(const char *line, const char *why)
{
	struct json_object *reply = answer(line);
	const char *error = json_object_get_string(json_object_object_get(reply, "error"));

	ck_assert_msg(!is_ok(reply) && error && strstr(error, why), "%s: %s", line,
		      json_object_to_json_string(reply));
	json_object_put(reply);
}

static const struct {
	const char *line, *why;
} refused[] = {
	{ "", "one JSON object" },
	{ "stats", "one JSON object" },
	{ "[]", "one JSON object" },
	{ "{\"command\":\"stats\"} x", "one JSON object" },
	{ "{\"command\":\"stats\"}{}", "one JSON object" },
	{ "{\"command\":\"stats\"", "one JSON object" },
	{ "{\"command\":\"stats\",\"device\":\"\xff\"}", "one JSON object" },
	{ "{\"command\":{\"a\":{\"b\":{\"c\":{}}}}}", "one JSON object" },
	{ "{}", "\"command\" is missing" },
	{ "{\"command\":1}", "\"command\" is missing" },
	{ "{\"command\":\"explode\"}", "there is no command \"explode\"" },
	{ "{\"command\":\"stats\",\"id\":1}", "stats has no \"id\"" },
	{ "{\"command\":\"stats\",\"colour\":1}", "stats has no \"colour\"" },
	{ "{\"command\":\"stats\",\"device\":1}", "\"device\" must be a string" },
	{ "{\"command\":\"stats\",\"device\":\"two\"}", "there is no device \"two\"" },
	{ "{\"command\":\"devices\",\"device\":\"one\"}", "devices has no \"device\"" },
	{ "{\"command\":\"fault-add\"}", "fault-add needs \"fault\"" },
	{ "{\"command\":\"fault-add\",\"fault\":\"lose\"}", "there is no fault 'lose'" },
	{ "{\"command\":\"fault-add\",\"fault\":\"drop:vector=9\"}", "allowed: 0 to 8" },
	{ "{\"command\":\"fault-clear\",\"id\":1}", "there is no fault 1" },
	{ "{\"command\":\"fault-clear\",\"id\":0}", "must be from 1" },
	{ "{\"command\":\"fault-clear\",\"id\":-1}", "must be from 1" },
	{ "{\"command\":\"fault-clear\",\"id\":1.5}", "must be a whole number" },
	{ "{\"command\":\"fault-clear\",\"id\":99999999999}", "must be from 1" },
	{ "{\"command\":\"msix-disabled\",\"mode\":\"keep\"}", "\"latch\" or \"drop\"" },
	{ "{\"command\":\"msix-disabled\",\"mode\":\"\"}", "\"latch\" or \"drop\"" },
	{ "{\"command\":\"msix-disabled\",\"mode\":1}", "\"mode\" must be a string" },
	{ "{\"command\":\"raise\",\"mode\":\"drop\"}", "raise has no \"mode\"" },
	{ "{\"command\":\"raise\"}", "raise needs \"vector\"" },
	{ "{\"command\":\"raise\",\"vector\":9}", "from 0 to 8" },
	{ "{\"command\":\"raise\",\"vector\":-1}", "from 0 to 8" },
	{ "{\"command\":\"raise\",\"vector\":1,\"count\":0}", "from 1 to 1000000" },
	{ "{\"command\":\"raise\",\"vector\":1,\"count\":1000001}", "from 1 to 1000000" },
};

START_TEST(wrong_requests)
{
	static const char nul[] = "{\"command\":\"stats\"}\0";
	struct json_object *reply;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_refused(refused[i].line, refused[i].why);
	reply = control_answer(devices, 1, nul, sizeof(nul) - 1);
	ck_assert(!is_ok(reply));
	json_object_put(reply);
	/* None of them has done anything. */
	reply = answer("{\"command\":\"fault-list\"}");
	ck_assert_uint_eq(json_object_array_length(json_object_object_get(reply, "faults")), 0);
	json_object_put(reply);
	assert_ok("{\"command\":\"stats\"}");
	assert_ok("{\"command\":\"stats\",\"device\":\"one\"}");
}
END_TEST

START_TEST(several_devices)
{
	static const char unnamed[] = "{\"command\":\"halt\"}";
	static const char named[] = "{\"command\":\"release\",\"device\":\"two\"}";
	struct json_object *reply;

	devices[1] = (struct control_device){ "two", "elsewhere", server };
	reply = control_answer(devices, 2, unnamed, sizeof(unnamed) - 1);
	ck_assert(!is_ok(reply));
	json_object_put(reply);
	reply = control_answer(devices, 2, named, sizeof(named) - 1);
	ck_assert(is_ok(reply));
	json_object_put(reply);
}
END_TEST

/* ---- What a client of the device sees ------------------------------------ */

#define GENCTRL 0x88
#define GENSTS 0x90

START_TEST(halt_and_reset)
{
	uint64_t state;

	connect_and_hello();
	ck_assert_int_eq(vfu_client_read(&client, 0, GENSTS, 4, &state), 0);
	ck_assert_uint_eq(FIELD_GET(DSA_GENSTS_STATE, state), DSA_STATE_DISABLED);
	assert_ok("{\"command\":\"halt\"}");
	ck_assert_int_eq(vfu_client_read(&client, 0, GENSTS, 4, &state), 0);
	ck_assert_uint_eq(FIELD_GET(DSA_GENSTS_STATE, state), DSA_STATE_HALT);
	assert_ok("{\"command\":\"halt\"}");
	ck_assert_uint_eq(FIELD_GET(DSA_GENSTS_RESET_TYPE, state), DSA_RESET_COMMAND);
	assert_refused("{\"command\":\"revoke\"}", "no interrupt handles");
	assert_ok("{\"command\":\"reset\"}");
	ck_assert_int_eq(vfu_client_read(&client, 0, GENSTS, 4, &state), 0);
	ck_assert_uint_eq(FIELD_GET(DSA_GENSTS_STATE, state), DSA_STATE_DISABLED);
	assert_refused("{\"command\":\"halt\",\"mode\":\"tepid\"}", "\"cold\"");
	assert_ok("{\"command\":\"halt\",\"mode\":\"warm\"}");
	ck_assert_int_eq(vfu_client_read(&client, 0, GENSTS, 4, &state), 0);
	ck_assert_uint_eq(FIELD_GET(DSA_GENSTS_RESET_TYPE, state), DSA_RESET_WARM);
	assert_ok("{\"command\":\"reset\"}");
	vfu_client_close(&client);
}
END_TEST

START_TEST(vanish_and_reset)
{
	uint64_t value;

	connect_and_hello();
	assert_ok("{\"command\":\"vanish\"}");
	ck_assert_int_eq(vfu_client_read(&client, 0, GENSTS, 4, &value), 0);
	ck_assert_uint_eq(value, UINT32_MAX);
	ck_assert_int_eq(vfu_client_read(&client, CONFIG, 0, 4, &value), 0);
	ck_assert_uint_eq(value, UINT32_MAX);
	/* What is written then is lost. */
	ck_assert_int_eq(vfu_client_write(&client, CONFIG, 4, 2, 0x406), 0);
	ck_assert_int_eq(vfu_client_write(&client, 0, GENCTRL, 4, 3), 0);
	assert_ok("{\"command\":\"reset\"}");
	ck_assert_int_eq(vfu_client_read(&client, CONFIG, 0, 4, &value), 0);
	ck_assert_uint_eq(value, 0x0b258086);
	ck_assert_int_eq(vfu_client_read(&client, CONFIG, 4, 2, &value), 0);
	ck_assert_uint_eq(value & 0x406, 0);
	ck_assert_int_eq(vfu_client_read(&client, 0, GENCTRL, 4, &value), 0);
	ck_assert_uint_eq(value, 0);
	vfu_client_close(&client);
}
END_TEST

/* Bus master and MSI-X on, an eventfd at @vector. */
static int bind_vector(unsigned int vector)
{
	int fd = new_eventfd();

	ck_assert_int_eq(vfu_client_write(&client, CONFIG, 4, 2, 0x406), 0);
	ck_assert_int_eq(vfu_client_write(&client, CONFIG, DSA_MSIX_CONTROL_OFFSET, 2, 0x8000), 0);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, vector, 1, &fd, 1), 0);
	return fd;
}

START_TEST(raise_reaches_the_eventfd)
{
	int fd;

	connect_and_hello();
	fd = bind_vector(3);
	assert_ok("{\"command\":\"raise\",\"vector\":2,\"count\":4}");
	ck_assert_uint_eq(eventfd_count(fd), 0);
	assert_ok("{\"command\":\"raise\",\"vector\":3,\"count\":4}");
	ck_assert_uint_eq(eventfd_count(fd), 4);
	assert_ok("{\"command\":\"fault-add\",\"fault\":\"drop:vector=3,nth=1\"}");
	assert_ok("{\"command\":\"raise\",\"vector\":3,\"count\":4}");
	ck_assert_uint_eq(eventfd_count(fd), 3);
	close(fd);
	vfu_client_close(&client);
}
END_TEST

/* What was asked for, or is so; and what the statistics say of it. */
static void assert_mode(const char *line, const char *mode)
{
	struct json_object *reply = answer(line), *stats = answer("{\"command\":\"stats\"}");

	ck_assert_str_eq(json_object_get_string(json_object_object_get(reply, "mode")), mode);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(
				 json_object_object_get(stats, "stats"), "msix_disabled")),
			 mode);
	json_object_put(reply);
	json_object_put(stats);
}

#define DISABLED(mode) "{\"command\":\"msix-disabled\",\"mode\":\"" mode "\"}"

/* With MSI-X disabled: latched, lost, latched again; what waits is not lost by the change. */
START_TEST(msix_disabled_switched)
{
	int fd;

	connect_and_hello();
	fd = bind_vector(3);
	assert_mode("{\"command\":\"msix-disabled\"}", "latch");
	assert_mode(DISABLED("drop"), "drop");
	ck_assert_int_eq(vfu_client_write(&client, CONFIG, DSA_MSIX_CONTROL_OFFSET, 2, 0), 0);
	assert_ok("{\"command\":\"raise\",\"vector\":3}");
	ck_assert_int_eq(vfu_client_write(&client, CONFIG, DSA_MSIX_CONTROL_OFFSET, 2, 0x8000), 0);
	ck_assert_uint_eq(eventfd_count(fd), 0);

	ck_assert_int_eq(vfu_client_write(&client, CONFIG, DSA_MSIX_CONTROL_OFFSET, 2, 0), 0);
	assert_mode(DISABLED("latch"), "latch");
	assert_ok("{\"command\":\"raise\",\"vector\":3}");
	assert_mode(DISABLED("drop"), "drop");
	ck_assert_int_eq(vfu_client_write(&client, CONFIG, DSA_MSIX_CONTROL_OFFSET, 2, 0x8000), 0);
	ck_assert_uint_eq(eventfd_count(fd), 1);

	/* It outlives the client, as the option does. */
	close(fd);
	next_client();
	assert_mode("{\"command\":\"msix-disabled\"}", "drop");
	vfu_client_close(&client);
}
END_TEST

START_TEST(vectors_refused)
{
	int fd, late;

	connect_and_hello();
	assert_ok("{\"command\":\"fault-add\",\"fault\":\"refuse-vectors:from=4\"}");
	fd = bind_vector(3);
	late = new_eventfd();
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 4, 1, &late, 1),
			 -ENOSPC);
	/* What was bound before still is, and taking away is always possible. */
	assert_ok("{\"command\":\"raise\",\"vector\":3}");
	ck_assert_uint_eq(eventfd_count(fd), 1);
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 4, 1, NULL, 0), 0);
	assert_ok("{\"command\":\"fault-clear\"}");
	ck_assert_int_eq(vfu_client_set_irqs(&client, EVENTFD_TRIGGER, MSIX, 4, 1, &late, 1), 0);
	close(fd);
	close(late);
	vfu_client_close(&client);
}
END_TEST

START_TEST(live_statistics)
{
	struct json_object *reply, *stats, *vector, *fault;
	int fd;

	connect_and_hello();
	fd = bind_vector(3);
	assert_ok("{\"command\":\"fault-add\",\"fault\":\"drop:vector=3,nth=2\"}");
	assert_ok("{\"command\":\"raise\",\"vector\":3,\"count\":5}");
	reply = answer("{\"command\":\"stats\"}");
	stats = json_object_object_get(reply, "stats");
	vector = json_object_array_get_idx(json_object_object_get(stats, "vectors"), 3);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(vector, "raised")), 5);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(vector, "delivered")), 4);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(vector, "dropped")), 1);
	fault = json_object_array_get_idx(json_object_object_get(stats, "faults"), 0);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(fault, "fault")),
			 "drop:vector=3,nth=2");
	ck_assert_int_eq(json_object_get_int(json_object_object_get(fault, "seen")), 5);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(fault, "hits")), 1);
	ck_assert_int_eq(json_object_get_int(json_object_object_get(stats, "clients")), 1);
	ck_assert_uint_eq(json_object_array_length(json_object_object_get(stats, "queues")), 8);
	json_object_put(reply);
	close(fd);
	vfu_client_close(&client);
}
END_TEST

/* ---- The socket ---------------------------------------------------------- */

static int connect_control(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, control_path);
	ck_assert_int_eq(connect(sock, (struct sockaddr *)&address, sizeof(address)), 0);
	return sock;
}

static void say(int sock, const char *text)
{
	ck_assert_int_eq(send(sock, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* The next line; empty when the other side has closed. */
static const char *hear(int sock)
{
	static char line[64 << 10];
	size_t len = 0;

	do {
		ssize_t n = recv(sock, line + len, 1, 0);

		if (n <= 0)
			break;
		len += n;
	} while (line[len - 1] != '\n' && len < sizeof(line) - 1);
	line[len] = '\0';
	return line;
}

#define OK_LINE "{\"ok\":true}\n"
#define RESET_LINE "{\"command\":\"reset\"}\n"

START_TEST(lines)
{
	int sock = connect_control(), i;
	struct stat st;

	ck_assert_int_eq(stat(control_path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	/* Byte by byte, two at once, wrong ones in between, many together. */
	for (i = 0; RESET_LINE[i]; i++)
		say(sock, (char[]){ RESET_LINE[i], '\0' });
	ck_assert_str_eq(hear(sock), OK_LINE);
	say(sock, RESET_LINE "nonsense\n" RESET_LINE);
	ck_assert_str_eq(hear(sock), OK_LINE);
	ck_assert_ptr_nonnull(strstr(hear(sock), "\"error\""));
	ck_assert_str_eq(hear(sock), OK_LINE);
	for (i = 0; i < 100; i++)
		say(sock, RESET_LINE);
	for (i = 0; i < 100; i++)
		ck_assert_str_eq(hear(sock), OK_LINE);
	close(sock);
}
END_TEST

START_TEST(too_long_a_line)
{
	static char longest[CONTROL_LINE_MAX + 1];
	int sock = connect_control();

	/* As long as can be, and that it is not JSON is another matter. */
	memset(longest, ' ', CONTROL_LINE_MAX);
	memcpy(longest + CONTROL_LINE_MAX - strlen(RESET_LINE), RESET_LINE, strlen(RESET_LINE));
	say(sock, longest);
	ck_assert_str_eq(hear(sock), OK_LINE);
	memset(longest, ' ', CONTROL_LINE_MAX);
	say(sock, longest);
	ck_assert_ptr_nonnull(strstr(hear(sock), "longer than"));
	ck_assert_str_eq(hear(sock), "");
	close(sock);
	sock = connect_control();
	say(sock, RESET_LINE);
	ck_assert_str_eq(hear(sock), OK_LINE);
	close(sock);
}
END_TEST

/* One asks and never listens, one stops in mid-line, one goes away: others are served. */
START_TEST(stalled_clients_do_no_harm)
{
	static const char stats[] = "{\"command\":\"stats\"}\n";
	int deaf = connect_control(), slow = connect_control(), gone = connect_control();
	int sock = connect_control(), i;

	/* Until neither side takes more. */
	while (send(deaf, stats, strlen(stats), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		;
	ck_assert_int_eq(errno, EAGAIN);
	say(slow, "{\"command\":");
	say(gone, stats);
	close(gone);
	for (i = 0; i < 20; i++) {
		say(sock, RESET_LINE);
		ck_assert_str_eq(hear(sock), OK_LINE);
	}
	connect_and_hello();
	assert_alive();
	vfu_client_close(&client);
	say(slow, "\"reset\"}\n");
	ck_assert_str_eq(hear(slow), OK_LINE);
	ck_assert_ptr_nonnull(strstr(hear(deaf), "\"stats\""));
	close(deaf);
	close(slow);
	close(sock);
}
END_TEST

START_TEST(as_many_as_can_be)
{
	int socks[CONTROL_CLIENTS_MAX], one_more, i;

	for (i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		socks[i] = connect_control();
		say(socks[i], RESET_LINE);
		ck_assert_str_eq(hear(socks[i]), OK_LINE);
	}
	one_more = connect_control();
	ck_assert_ptr_nonnull(strstr(hear(one_more), "too many connections"));
	ck_assert_str_eq(hear(one_more), "");
	close(one_more);
	for (i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		say(socks[i], RESET_LINE);
		ck_assert_str_eq(hear(socks[i]), OK_LINE);
		close(socks[i]);
	}
}
END_TEST

START_TEST(nothing_is_kept_open)
{
	int before = open_fds(), sock, i;

	for (i = 0; i < 50; i++) {
		sock = connect_control();
		say(sock, i % 2 ? RESET_LINE : "{");
		if (i % 2)
			ck_assert_str_eq(hear(sock), OK_LINE);
		shutdown(sock, SHUT_WR);
		ck_assert_str_eq(hear(sock), "");
		close(sock);
	}
	ck_assert_int_eq(open_fds(), before);
}
END_TEST

START_TEST(path_refused)
{
	ck_assert_ptr_null(control_start("/nonexistent/control", devices, 1));
	ck_assert_ptr_null(control_start(control_path, devices, 1));
	ck_assert_ptr_null(control_start("", devices, 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("control");
	TCase *tc = tcase_create("control");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup_control, teardown_control);
	tcase_add_test(tc, wrong_requests);
	tcase_add_test(tc, several_devices);
	tcase_add_test(tc, halt_and_reset);
	tcase_add_test(tc, vanish_and_reset);
	tcase_add_test(tc, raise_reaches_the_eventfd);
	tcase_add_test(tc, msix_disabled_switched);
	tcase_add_test(tc, vectors_refused);
	tcase_add_test(tc, live_statistics);
	tcase_add_test(tc, lines);
	tcase_add_test(tc, too_long_a_line);
	tcase_add_test(tc, stalled_clients_do_no_harm);
	tcase_add_test(tc, as_many_as_can_be);
	tcase_add_test(tc, nothing_is_kept_open);
	tcase_add_test(tc, path_refused);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
