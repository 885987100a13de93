// SPDX-License-Identifier: GPL-2.0-only
/* The ledger around the first loss, for people: one line each, in the order of time. */
#include "render.h"

#include <inttypes.h>

#include "units.h"

/* A line of the list: a descriptor, or the begin or end of a bring-up. */
struct row {
	uint64_t at_ns;
	const struct loss_event *event;
	const struct bring_up *bring_up;
	bool end;
};

#define ROWS (FIRST_LOSS_EVENTS + 8)

static const char *state_name(enum ledger_state state)
{
	static const char *const names[LEDGER_STATES] = {
		[LEDGER_INTERRUPTED] = "interrupted", [LEDGER_LATE] = "late",
		[LEDGER_STRANDED] = "STRANDED",	      [LEDGER_MISSING] = "MISSING",
		[LEDGER_POLLED] = "polled",
	};

	return names[state];
}

static const char *away(char text[UNITS_TEXT + 1], uint64_t at_ns, uint64_t from_ns)
{
	char distance[UNITS_TEXT];

	snprintf(text, UNITS_TEXT + 1, "%c%s", at_ns < from_ns ? '-' : '+',
		 units_format_ns(distance, at_ns < from_ns ? from_ns - at_ns : at_ns - from_ns));
	return text;
}

static void print_row(FILE *stream, const struct row *row, uint64_t loss_ns)
{
	char at[UNITS_TEXT + 1], took[UNITS_TEXT];
	const struct loss_event *event = row->event;

	fprintf(stream, "  %10s  ", away(at, row->at_ns, loss_ns));
	if (row->bring_up) {
		fprintf(stream, "bring-up of queue %u %s\n", row->bring_up->queue,
			row->end ? "ends" : "begins");
		return;
	}
	fprintf(stream, "queue %u: %s", event->queue, state_name(event->state));
	if (!event->visible_ns)
		fprintf(stream, ": submitted, no completion for %s\n",
			units_format_ns(took, event->notice_ns - event->submit_ns));
	else if (event->state == LEDGER_STRANDED)
		fprintf(stream, ": completed, no handler ran for %s\n",
			units_format_ns(took, event->notice_ns - event->visible_ns));
	else
		fprintf(stream, " %s after submission\n",
			units_format_ns(took, event->notice_ns > event->submit_ns
						      ? event->notice_ns - event->submit_ns
						      : 0));
}

static unsigned int insert(struct row *rows, unsigned int count, struct row row)
{
	unsigned int at = count;

	if (count == ROWS)
		return count;
	for (; at && rows[at - 1].at_ns > row.at_ns; at--)
		rows[at] = rows[at - 1];
	rows[at] = row;
	return count + 1;
}

/* The bring-ups that were under way then; they may have caused it. */
static unsigned int insert_bring_ups(const struct result *result, struct row *rows,
				     unsigned int count, uint64_t from_ns, uint64_t to_ns)
{
	for (unsigned int i = 0; i < result->timeline.count; i++) {
		const struct bring_up *bring_up = &result->timeline.entries[i];

		if (bring_up->start_ns > to_ns || bring_up->end_ns < from_ns)
			continue;
		count = insert(rows, count,
			       (struct row){ bring_up->start_ns, NULL, bring_up, false });
		count = insert(rows, count, (struct row){ bring_up->end_ns, NULL, bring_up, true });
	}
	return count;
}

void render_first_loss(const struct result *result, FILE *stream)
{
	const struct first_loss *loss = &result->first_loss;
	const uint64_t loss_ns = loss_event_at(&loss->event);
	uint64_t from_ns = loss_ns, to_ns = loss_ns;
	char at[UNITS_TEXT];
	struct row rows[ROWS];
	unsigned int count = 0;

	if (!loss->known)
		return;
	for (unsigned int i = 0; i < loss->count; i++) {
		const struct loss_event *event = &loss->events[i];
		const uint64_t event_ns = loss_event_at(event);

		count = insert(rows, count, (struct row){ event_ns, event, NULL, false });
		if (event->submit_ns < from_ns)
			from_ns = event->submit_ns;
		if (event_ns > to_ns)
			to_ns = event_ns;
	}
	count = insert_bring_ups(result, rows, count, from_ns, to_ns);
	fprintf(stream, "\nthe first loss, %s after the begin, and what was around it:\n",
		units_format_ns(at, loss_ns - result->start_ns));
	for (unsigned int i = 0; i < count; i++)
		print_row(stream, &rows[i], loss_ns);
}
