// SPDX-License-Identifier: GPL-2.0-only
#include "live.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "units.h"

/* The other screen of the terminal, which keeps the first as it was; no cursor. */
#define TAKE "\033[?1049h\033[?25l\033[2J"
#define GIVE_BACK "\033[?25h\033[?1049l"

/* Between two frames: what a person can follow. */
#define FRAME_NS (100 * NSEC_PER_MSEC)

#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS 24

static void live_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGWINCH);
	sigaddset(signals, SIGTSTP);
}

static void say(struct live *live, const char *text)
{
	fputs(text, live->stream);
	fflush(live->stream);
}

/* What the locale can show; the program itself speaks no language but C's. */
static bool locale_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8;

	if (!locale)
		return false;
	utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return utf8;
}

static struct live_look look_of(const struct live *live)
{
	struct live_look look = { .title = live->title,
				  .columns = DEFAULT_COLUMNS,
				  .rows = DEFAULT_ROWS,
				  .utf8 = live->utf8,
				  .colour = live->colour };
	struct winsize size;

	if (ioctl(fileno(live->stream), TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row) {
		look.columns = size.ws_col;
		look.rows = size.ws_row;
	}
	return look;
}

/* All at once: half a frame flickers. */
static void draw(struct live *live)
{
	const struct live_look look = look_of(live);
	char *text = NULL;
	size_t size;
	FILE *frame = open_memstream(&text, &size);

	if (!frame)
		return;
	fputs("\033[H", frame);
	live_draw(frame, &live->history, &live->last, &look);
	if (fclose(frame) == 0)
		fwrite(text, 1, size, live->stream);
	fflush(live->stream);
	free(text);
}

/* As if nobody had caught it, with the terminal as it was; here we are when it goes on. */
static void suspend(struct live *live)
{
	say(live, GIVE_BACK);
	raise(SIGSTOP);
	say(live, TAKE);
}

/* The frame stays for so long, or until the window changes. */
static void wait_for_signals(struct live *live, uint64_t ns)
{
	struct pollfd polled = { .fd = live->signal_fd, .events = POLLIN };
	struct signalfd_siginfo info;
	const uint64_t until = units_now_ns() + ns;
	uint64_t now;

	do {
		now = units_now_ns();
		if (poll(&polled, 1, now < until ? (int)((until - now) / NSEC_PER_MSEC) : 0) <= 0)
			return;
		if (read(live->signal_fd, &info, sizeof(info)) != sizeof(info))
			return;
		if (info.ssi_signo == SIGTSTP)
			suspend(live);
		if (live->history.frames) {
			/* A narrower window has lines that were wrapped. */
			say(live, "\033[2J");
			draw(live);
		}
	} while (units_now_ns() < until);
}

int live_begin(struct live *live, FILE *stream, const char *title, uint64_t pace_ns)
{
	sigset_t signals;

	*live = (struct live){ .stream = stream, .pace_ns = pace_ns };
	live_signals(&signals);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	live->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (live->signal_fd < 0) {
		int error = -errno;

		sigprocmask(SIG_UNBLOCK, &signals, NULL);
		live->stream = NULL;
		return error;
	}
	snprintf(live->title, sizeof(live->title), "%s", title);
	live->colour = !getenv("NO_COLOR");
	live->utf8 = locale_is_utf8();
	say(live, TAKE);
	return 0;
}

void live_status(struct live *live, const struct run_status *status)
{
	const uint64_t now = units_now_ns();

	if (!live->stream)
		return;
	/* A run in its own time may tell much more often than one can see. */
	if (live->history.frames && now - live->shown_ns < (live->pace_ns ?: FRAME_NS)) {
		if (!live->pace_ns)
			return;
		wait_for_signals(live, live->pace_ns - (now - live->shown_ns));
	} else {
		wait_for_signals(live, 0);
	}
	if (live_history_add(&live->history, status)) {
		live_end(live);
		return;
	}
	live->last = *status;
	/* It is the run's and gone by the time the window changes. */
	live->last.each = NULL;
	live->last.queue_count = 0;
	live->shown_ns = units_now_ns();
	draw(live);
}

void live_end(struct live *live)
{
	sigset_t signals;

	if (!live->stream)
		return;
	say(live, GIVE_BACK);
	live->stream = NULL;
	close(live->signal_fd);
	live_signals(&signals);
	sigprocmask(SIG_UNBLOCK, &signals, NULL);
	live_history_destroy(&live->history);
}
