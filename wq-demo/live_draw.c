// SPDX-License-Identifier: GPL-2.0-only
/* What a frame of the live view looks like. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "live.h"
#include "units.h"

/* Columns of the table before the rates over time. */
#define TABLE_COLUMNS 66U
/* Fewer columns than this say nothing. */
#define RATES_MIN 8U

/* ---- History ------------------------------------------------------------------ */

static int make_room(struct live_history *history, unsigned int queues)
{
	struct live_queue *larger;

	if (queues <= history->queue_count)
		return 0;
	larger = realloc(history->each, queues * sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	memset(larger + history->queue_count, 0, (queues - history->queue_count) * sizeof(*larger));
	history->each = larger;
	history->queue_count = queues;
	return 0;
}

int live_history_add(struct live_history *history, const struct run_status *status)
{
	const size_t at = history->frames % LIVE_FRAMES;

	if (make_room(history, status->queue_count))
		return -ENOMEM;
	for (unsigned int i = 0; i < status->queue_count; i++) {
		const struct run_queue_status *now = &status->each[i];
		struct live_queue *queue = &history->each[i];
		const struct run_queue_status *before = &queue->status;

		queue->cells[at] = (struct live_cell){
			.interrupts = (uint32_t)(now->interrupted - before->interrupted),
			.lost = now->stranded + now->missing > before->stranded + before->missing,
		};
		queue->status = *now;
	}
	history->time_ns[at] = status->elapsed_ns;
	history->bring_up[at] = status->bring_ups > history->bring_ups;
	history->bring_ups = status->bring_ups;
	history->frames++;
	return 0;
}

void live_history_destroy(struct live_history *history)
{
	free(history->each);
	*history = (struct live_history){ 0 };
}

/* The frame @back before the last one. */
static size_t frame_at(const struct live_history *history, uint64_t back)
{
	return (history->frames - 1 - back) % LIVE_FRAMES;
}

/* Over about a second of the run's time, or what there is. */
static uint64_t rate_of(const struct live_history *history, const struct live_queue *queue)
{
	const uint64_t now = history->time_ns[frame_at(history, 0)];
	uint64_t count = 0, back = 0, then;

	while (back + 1 < history->frames && back + 1 < LIVE_FRAMES && back < 10 &&
	       now - history->time_ns[frame_at(history, back)] < NSEC_PER_SEC) {
		count += queue->cells[frame_at(history, back)].interrupts;
		back++;
	}
	then = history->time_ns[frame_at(history, back)];
	return now > then ? (uint64_t)((double)count * 1e9 / (double)(now - then)) : 0;
}

/* ---- Lines -------------------------------------------------------------------- */

/* A line of the window: what goes beyond it is cut off. */
struct line {
	FILE *stream;
	const struct live_look *look;
	unsigned int left;
};

static void put(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct line *line, const char *format, ...)
{
	char text[256];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length <= 0)
		return;
	if ((unsigned int)length > line->left)
		length = (int)line->left;
	fprintf(line->stream, "%.*s", length, text);
	line->left -= (unsigned int)length;
}

/* One column, of several bytes where that is a block. */
static void put_column(struct line *line, const char *character)
{
	if (!line->left)
		return;
	fputs(character, line->stream);
	line->left--;
}

static struct line begin_line(FILE *stream, const struct live_look *look)
{
	return (struct line){ .stream = stream, .look = look, .left = look->columns };
}

/* \033[K: what an earlier, longer line has left. */
static void end_line(struct line *line)
{
	fputs("\033[K\r\n", line->stream);
}

static const char *phase_text(const struct run_status *status, char text[64])
{
	static const char *const names[] = {
		[RUN_RISING] = "bringing queues up",  [RUN_CHURNING] = "queues go down and come up",
		[RUN_STEADY] = "all are up",	      [RUN_DRAINING] = "waiting for the last ones",
		[RUN_CLOSING] = "taking queues down",
	};

	if (status->phase == RUN_CHURNING)
		snprintf(text, 64, "%s, %" PRIu64 " cycles", names[status->phase],
			 status->cycles_done);
	else
		snprintf(text, 64, "%s", names[status->phase]);
	return text;
}

static void draw_head(FILE *stream, const struct run_status *status, const struct live_look *look)
{
	char phase[64], elapsed[UNITS_TEXT];
	struct line line = begin_line(stream, look);

	put(&line, "%s   %s   queues %u/%u   %s", look->title,
	    units_format_ns(elapsed, status->elapsed_ns), status->queues_up, status->queues,
	    phase_text(status, phase));
	end_line(&line);
}

static unsigned int rates_columns(const struct live_look *look)
{
	if (look->columns < TABLE_COLUMNS + RATES_MIN)
		return 0;
	return look->columns - TABLE_COLUMNS < LIVE_FRAMES ? look->columns - TABLE_COLUMNS
							   : LIVE_FRAMES;
}

/* Above the rates: where a queue was brought up. */
static void draw_marks(FILE *stream, const struct live_history *history,
		       const struct live_look *look)
{
	const unsigned int columns = rates_columns(look);
	struct line line = begin_line(stream, look);

	put(&line, "%*s", (int)TABLE_COLUMNS - 11, "");
	put(&line, "bring-up:  ");
	for (unsigned int i = columns; i--;)
		put_column(&line, i < history->frames && history->bring_up[frame_at(history, i)]
					  ? (look->utf8 ? "\u25bc" : "v")
					  : " ");
	end_line(&line);
}

static const char *level(const struct live_look *look, const struct live_cell *cell, uint32_t most)
{
	static const char *const blocks[] = { " ",	"\u2581", "\u2582", "\u2583", "\u2584",
					      "\u2585", "\u2586", "\u2587", "\u2588" };
	static const char *const letters[] = { " ", ".", ".", ":", "-", "=", "+", "*", "#" };
	unsigned int step =
		most ? (unsigned int)(((uint64_t)cell->interrupts * 8 + most - 1) / most) : 0;

	return (look->utf8 ? blocks : letters)[step];
}

static uint32_t most_interrupts(const struct live_history *history, unsigned int columns)
{
	uint32_t most = 0;

	for (unsigned int i = 0; i < history->queue_count; i++)
		for (unsigned int j = 0; j < columns && j < history->frames; j++) {
			uint32_t count = history->each[i].cells[frame_at(history, j)].interrupts;

			if (count > most)
				most = count;
		}
	return most;
}

static const char *age_text(char text[UNITS_TEXT], const struct run_queue_status *queue,
			    uint64_t now)
{
	if (queue->last_interrupt_ns == UINT64_MAX)
		return "never";
	return units_format_ns(text,
			       now > queue->last_interrupt_ns ? now - queue->last_interrupt_ns : 0);
}

static void colour(struct line *line, const char *sequence)
{
	if (line->look->colour)
		fputs(sequence, line->stream);
}

/* The cells of a queue; one in which it lost something has a mark instead. */
static void draw_rates(struct line *line, const struct live_history *history,
		       const struct live_queue *queue, unsigned int columns, uint32_t most)
{
	for (unsigned int i = columns; i--;) {
		const struct live_cell *cell;

		if (i >= history->frames) {
			put_column(line, " ");
			continue;
		}
		cell = &queue->cells[frame_at(history, i)];
		if (cell->lost) {
			colour(line, "\033[1;31m");
			put_column(line, "X");
			colour(line, "\033[0m");
		} else {
			put_column(line, level(line->look, cell, most));
		}
	}
}

static void draw_queue(FILE *stream, const struct live_history *history,
		       const struct live_queue *queue, const struct run_status *status,
		       const struct live_look *look, uint32_t most)
{
	const struct run_queue_status *now = &queue->status;
	const bool lost = now->stranded || now->missing;
	struct line line = begin_line(stream, look);
	char age[UNITS_TEXT];

	if (lost)
		colour(&line, "\033[1;31m");
	put(&line, "%5u %6u %9" PRIu64 " %9u %14s %8" PRIu64 " %7" PRIu64 " %c", now->queue,
	    now->vector, rate_of(history, queue), now->in_flight,
	    now->up ? age_text(age, now, status->elapsed_ns) : "down", now->stranded, now->missing,
	    lost ? '!' : ' ');
	if (lost)
		colour(&line, "\033[0m");
	draw_rates(&line, history, queue, rates_columns(look), most);
	end_line(&line);
}

static void draw_total(FILE *stream, const struct live_history *history,
		       const struct run_status *status, const struct live_look *look)
{
	struct line line = begin_line(stream, look);
	uint64_t rate = 0;

	for (unsigned int i = 0; i < history->queue_count; i++)
		rate += rate_of(history, &history->each[i]);
	put(&line, "%5s %6s %9" PRIu64 " %9" PRIu64 " %14s %8" PRIu64 " %7" PRIu64, "all", "", rate,
	    status->in_flight, "", status->counts.stranded, status->counts.missing);
	end_line(&line);
}

void live_draw(FILE *stream, const struct live_history *history, const struct run_status *status,
	       const struct live_look *look)
{
	const unsigned int fixed = 5;
	const uint32_t most = most_interrupts(history, rates_columns(look));
	unsigned int shown = history->queue_count;
	struct line line;

	/* The last line of the window stays empty: a newline there would scroll. */
	if (look->rows > 1)
		draw_head(stream, status, look);
	if (look->rows <= fixed) {
		fputs("\033[J", stream);
		return;
	}
	draw_marks(stream, history, look);
	line = begin_line(stream, look);
	put(&line, "%5s %6s %9s %9s %14s %8s %7s", "queue", "vector", "rate/s", "in flight",
	    "last interrupt", "stranded", "missing");
	if (rates_columns(look))
		put(&line, "  interrupts, newest at the right");
	end_line(&line);
	/* One line less for saying that there are more. */
	if (shown + fixed > look->rows)
		shown = look->rows - fixed - 1;
	for (unsigned int i = 0; i < shown; i++)
		draw_queue(stream, history, &history->each[i], status, look, most);
	if (shown < history->queue_count) {
		line = begin_line(stream, look);
		put(&line, "  and %u more queues: the window is too small",
		    history->queue_count - shown);
		end_line(&line);
	}
	draw_total(stream, history, status, look);
	fputs("\033[J", stream);
}
