/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The view of a run that goes on, on a terminal: a line for each queue with its rate,
 * what is in flight, the age of its last interrupt and what it lost, and its rate over
 * the last frames with a mark at each bring-up. It fits the window and follows its size.
 *
 * The terminal is left as it was: at the end, when the run is stopped, and when the
 * program is suspended.
 */
#ifndef WQ_DEMO_LIVE_H
#define WQ_DEMO_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "run.h"

/* Frames that are kept; more than a terminal is wide. */
#define LIVE_FRAMES 512U

/* One frame of one queue. */
struct live_cell {
	uint32_t interrupts;
	bool lost;
};

/**
 * struct live_history - what the last frames have shown; zeroed memory is none
 * @frames: so far; the frame f is at index f % LIVE_FRAMES
 * @time_ns: of each, since the begin of the run
 * @bring_up: a queue was brought up in it
 * @bring_ups: begun at the last frame
 * @queue_count: queues that have been up
 * @each: of these: the last status, and the cells
 */
struct live_history {
	uint64_t frames;
	uint64_t time_ns[LIVE_FRAMES];
	bool bring_up[LIVE_FRAMES];
	unsigned int bring_ups;
	unsigned int queue_count;
	struct live_queue *each;
};

struct live_queue {
	struct run_queue_status status;
	struct live_cell cells[LIVE_FRAMES];
};

/* Add a frame. Returns 0; -ENOMEM. Undone by live_history_destroy(). */
int live_history_add(struct live_history *history, const struct run_status *status);
void live_history_destroy(struct live_history *history);

/**
 * struct live_look - how a frame is drawn
 * @title: first words of the first line
 * @columns: of the window
 * @rows: of the window
 * @utf8: the terminal shows the blocks of Unicode
 * @colour: losses are red; they have a mark as well
 */
struct live_look {
	const char *title;
	unsigned int columns;
	unsigned int rows;
	bool utf8;
	bool colour;
};

/* Draw the last frame to @stream, @look->rows lines at most, none longer than the window. */
void live_draw(FILE *stream, const struct live_history *history, const struct run_status *status,
	       const struct live_look *look);

/**
 * struct live - a terminal with a view on it; zeroed memory is none
 * @stream: the terminal; NULL: there is no view
 * @pace_ns: how long a frame stays at least; 0: the run has a time of its own choosing
 *
 * The other members are private.
 */
struct live {
	FILE *stream;
	uint64_t pace_ns;

	char title[80];
	int signal_fd;
	bool colour;
	bool utf8;
	uint64_t shown_ns;
	struct run_status last;
	struct live_history history;
};

/**
 * live_begin() - take the terminal
 * @stream: a terminal; see progress_can_be_live()
 * @title: what runs
 * @pace_ns: see struct live
 *
 * SIGWINCH and SIGTSTP are blocked until live_end().
 *
 * Returns 0 or a negative errno.
 */
int live_begin(struct live *live, FILE *stream, const char *title, uint64_t pace_ns);

/* For struct run_observer: show it. */
void live_status(struct live *live, const struct run_status *status);

/* Give the terminal back. Nothing is done if there is no view. */
void live_end(struct live *live);

#endif /* WQ_DEMO_LIVE_H */
