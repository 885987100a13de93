// SPDX-License-Identifier: GPL-2.0-only
#include "report_plot.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "units.h"

#define WIDTH 1200
#define TIMELINE_ABOVE 92
#define CONDITIONS_BELOW 46
#define TIMELINE_BELOW 100
#define TIMELINE_MARGIN (TIMELINE_ABOVE + TIMELINE_BELOW)
#define KEY_BELOW 24
#define LATENCY_HEIGHT 344
#define LATENCY_BELOW 74
#define LEFT 90
#define RIGHT 30
/* Where there are numbers beside the lanes. */
#define RIGHT_LOSSES 84

/* Bars over the whole width; more would be thinner than one can see. */
#define BARS 160
/* Labels of bring-ups beside each other; lines, which would run into each other beyond that. */
#define LABELS_MAX 36
#define LINES_MAX 400

/* Latencies: bins for a factor of 2. */
#define BINS_PER_OCTAVE 6
#define BINS (64 * BINS_PER_OCTAVE)

/* Okabe and Ito's colours, which the colour-blind can tell apart as well. */
#define BLUE "#0072B2"
#define ORANGE "#E69F00"
#define VERMILLION "#D55E00"
#define PURPLE "#CC79A7"
#define GREY "#777777"

struct unit {
	const char *name;
	double ns;
};

static struct unit unit_for(uint64_t largest_ns)
{
	static const struct unit units[] = {
		{ "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 }
	};
	size_t i = 0;

	while (i + 1 < sizeof(units) / sizeof(units[0]) && (double)largest_ns < 2 * units[i].ns)
		i++;
	return units[i];
}

/* gnuplot's '...' knows no escapes; a quotation mark is doubled. */
static void put_quoted(FILE *stream, const char *text)
{
	fputc('\'', stream);
	for (; *text; text++) {
		if (*text == '\'')
			fputc('\'', stream);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, stream);
	}
	fputc('\'', stream);
}

/* ---- Timeline --------------------------------------------------------------- */

/**
 * struct scale - common to all results of a report
 * @unit: of times
 * @end_ns: of the longest
 * @bar_ns: width of a bar
 * @most: completions in the fullest bar
 */
struct scale {
	struct unit unit;
	uint64_t end_ns;
	uint64_t bar_ns;
	double most;
};

typedef void (*bar_function)(void *context, uint64_t begin_ns, uint64_t end_ns, double count);

/* Time since the begin of the first round. */
static uint64_t absolute(const struct report *report, unsigned int round, uint64_t time_ns)
{
	return report->round_start_ns[round] + time_ns;
}

/* Bars of whole intervals, at least as wide as the scale says. */
static void each_bar(const struct report *report, const struct report_queue *queue,
		     const struct scale *scale, bar_function function, void *context)
{
	uint64_t step =
		queue->width_ns ? (scale->bar_ns + queue->width_ns - 1) / queue->width_ns : 0;

	for (uint64_t i = 0; i < queue->intervals; i += step) {
		uint64_t count = 0;

		for (uint64_t j = i; j < i + step && j < queue->intervals; j++)
			count += queue->completions[j];
		/* As a rate, so that bars of different widths compare. */
		function(context, absolute(report, queue->round, i * queue->width_ns),
			 absolute(report, queue->round, (i + step) * queue->width_ns),
			 (double)count * (double)scale->bar_ns / (double)(step * queue->width_ns));
	}
}

static void find_most(void *context, uint64_t begin_ns, uint64_t end_ns, double count)
{
	double *most = context;

	(void)begin_ns;
	(void)end_ns;
	if (count > *most)
		*most = count;
}

static uint64_t last_moment(const struct report *report)
{
	uint64_t last = report->elapsed_ns;

	for (unsigned int i = 0; i < report->queue_count; i++) {
		const struct report_queue *queue = &report->queues[i];

		for (unsigned int j = 0; j < queue->loss_count; j++) {
			uint64_t at = absolute(report, queue->round, queue->losses[j].at_ns);

			if (at > last)
				last = at;
		}
	}
	return last;
}

/* What is beyond the end, gnuplot would leave out whole. */
static double clipped(const struct scale *scale, uint64_t time_ns)
{
	return (double)(time_ns < scale->end_ns ? time_ns : scale->end_ns) / scale->unit.ns;
}

static struct scale find_scale(const struct report *reports, unsigned int count)
{
	struct scale scale = { .most = 0 };

	for (unsigned int i = 0; i < count; i++) {
		uint64_t last = last_moment(&reports[i]);

		if (last > scale.end_ns)
			scale.end_ns = last;
	}
	scale.end_ns += !scale.end_ns;
	scale.unit = unit_for(scale.end_ns);
	scale.bar_ns = scale.end_ns / BARS + 1;
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int j = 0; j < reports[i].queue_count; j++)
			each_bar(&reports[i], &reports[i].queues[j], &scale, find_most,
				 &scale.most);
	return scale;
}

struct bar_context {
	FILE *stream;
	const struct scale *scale;
	unsigned int lane;
};

static void print_bar(void *context, uint64_t begin_ns, uint64_t end_ns, double count)
{
	const struct bar_context *bar = context;

	if (count > 0)
		fprintf(bar->stream, "%.9g %.9g %u %.4f\n", clipped(bar->scale, begin_ns),
			clipped(bar->scale, end_ns), bar->lane,
			bar->lane + 0.8 * count / bar->scale->most);
}

static void begin_data(FILE *stream, const char *name, unsigned int number)
{
	fprintf(stream, "$%s%u << EOD\n", name, number);
}

/* gnuplot warns of a plot without a point, and leaves it out of the key. */
static void end_data(FILE *stream)
{
	fputs("NaN NaN NaN NaN\nEOD\n", stream);
}

static void put_losses(FILE *stream, const struct report *report, const struct scale *scale,
		       enum ledger_state state)
{
	for (unsigned int i = 0; i < report->queue_count; i++) {
		const struct report_queue *queue = &report->queues[i];

		for (unsigned int j = 0; j < queue->loss_count; j++) {
			const struct loss *loss = &queue->losses[j];

			if (loss->state != state)
				continue;
			fprintf(stream, "%.9g %.9g %u\n",
				clipped(scale, absolute(report, queue->round, loss->at_ns)),
				clipped(scale, absolute(report, queue->round, loss->until_ns)),
				queue->queue);
		}
	}
}

static unsigned int count_losses(const struct report *report, enum ledger_state state)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < report->queue_count; i++)
		for (unsigned int j = 0; j < report->queues[i].loss_count; j++)
			count += report->queues[i].losses[j].state == state;
	return count;
}

/* Results without a list of losses know only which bring-up they belong to. */
static bool unlisted(const struct report *report)
{
	return (report->stranded || report->missing || report->timed_out) &&
	       !count_losses(report, LEDGER_STRANDED) && !count_losses(report, LEDGER_MISSING) &&
	       !count_losses(report, LEDGER_TIMED_OUT);
}

/* Which queue came up, or which run began; as many as have room beside each other. */
static void put_labels(FILE *stream, const struct report *report, unsigned int number,
		       const struct scale *scale)
{
	const uint64_t room = scale->end_ns / LABELS_MAX;
	uint64_t free_from = 0;

	begin_data(stream, "labels", number);
	for (unsigned int i = 0; report->rounds > 1 && i < report->rounds; i++) {
		if (report->round_start_ns[i] < free_from)
			continue;
		fprintf(stream, "%.9g \"run %u\"\n",
			(double)report->round_start_ns[i] / scale->unit.ns, i + 1);
		free_from = report->round_start_ns[i] + 2 * room;
	}
	for (unsigned int i = 0; report->rounds == 1 && i < report->bring_up_count; i++) {
		const struct report_bring_up *bring_up = &report->bring_up[i];
		uint64_t at = absolute(report, bring_up->round, bring_up->start_ns);

		if (at < free_from)
			continue;
		fprintf(stream, "%.9g \"+%u\"\n", (double)at / scale->unit.ns, bring_up->queue);
		free_from = at + room;
	}
	end_data(stream);
}

static uint64_t lost_in_lane(const struct report *report, unsigned int lane)
{
	uint64_t lost = 0;

	for (unsigned int i = 0; i < report->queue_count; i++)
		if (report->queues[i].queue == lane)
			lost += report->queues[i].stranded + report->queues[i].missing +
				report->queues[i].timed_out;
	return lost;
}

static uint64_t lost_in_lanes(const struct report *report)
{
	uint64_t lost = 0;

	for (unsigned int i = 0; i < report->lanes; i++)
		lost += lost_in_lane(report, i);
	return lost;
}

/* Marks at the same place hide each other; numbers do not. */
static void put_lane_losses(FILE *stream, const struct report *report, unsigned int number,
			    const struct scale *scale)
{
	begin_data(stream, "lanes", number);
	for (unsigned int i = 0; i < report->lanes; i++)
		if (lost_in_lane(report, i))
			fprintf(stream, "%.9g %u \"%" PRIu64 " lost\"\n",
				(double)scale->end_ns * 1.005 / scale->unit.ns, i,
				lost_in_lane(report, i));
	end_data(stream);
}

static void put_timeline_data(FILE *stream, const struct report *report, unsigned int number,
			      const struct scale *scale)
{
	struct bar_context context = { .stream = stream, .scale = scale };

	begin_data(stream, "bars", number);
	for (unsigned int i = 0; i < report->queue_count; i++) {
		context.lane = report->queues[i].queue;
		each_bar(report, &report->queues[i], scale, print_bar, &context);
	}
	end_data(stream);
	begin_data(stream, "stranded", number);
	put_losses(stream, report, scale, LEDGER_STRANDED);
	end_data(stream);
	begin_data(stream, "missing", number);
	put_losses(stream, report, scale, LEDGER_MISSING);
	end_data(stream);
	begin_data(stream, "timedout", number);
	put_losses(stream, report, scale, LEDGER_TIMED_OUT);
	end_data(stream);
	begin_data(stream, "ups", number);
	for (unsigned int i = 0; i < report->bring_up_count; i++)
		fprintf(stream, "%.9g %u %" PRIu64 "\n",
			(double)absolute(report, report->bring_up[i].round,
					 report->bring_up[i].start_ns) /
				scale->unit.ns,
			report->bring_up[i].queue,
			report->bring_up[i].stranded + report->bring_up[i].missing +
				report->bring_up[i].timed_out);
	end_data(stream);
	put_labels(stream, report, number, scale);
	put_lane_losses(stream, report, number, scale);
}

/* The end of a path says more than its beginning. */
static const char *short_name(char text[64], const char *path)
{
	const size_t length = strlen(path);

	if (length < 48)
		snprintf(text, 64, "%s", path);
	else
		snprintf(text, 64, "...%s", path + length - 44);
	return text;
}

static void put_timeline_title(FILE *stream, const struct report *report, const char *which)
{
	char line[256], name[64], timed_out[40] = "";
	const char *file = strrchr(report->path, '/');

	if (report->timed_out)
		snprintf(timed_out, sizeof(timed_out), ", %" PRIu64 " timed out",
			 report->timed_out);
	snprintf(line, sizeof(line),
		 "%s%s: %s, %" PRIu64 " stranded, %" PRIu64 " missing%s of %" PRIu64, which,
		 short_name(name, file && !*which ? file + 1 : report->path), report->verdict,
		 report->stranded, report->missing, timed_out, report->descriptors);
	fputs("set title ", stream);
	put_quoted(stream, line);
	fputs(" noenhanced font ',15' offset 0,2.3\n", stream);
}

static void put_conditions(FILE *stream, const struct report *report, double where)
{
	fputs("set label 4 ", stream);
	put_quoted(stream, report->conditions);
	fprintf(stream,
		" noenhanced at graph 0.5, screen %.5f center font ',11' textcolor rgb "
		"'#444444'\n",
		where);
}

/* Runs that were put together stand on different grounds. */
static void put_rounds(FILE *stream, const struct report *report, const struct scale *scale)
{
	for (unsigned int i = 1; i < report->rounds; i += 2) {
		uint64_t end =
			i + 1 < report->rounds ? report->round_start_ns[i + 1] : report->elapsed_ns;

		fprintf(stream,
			"set object %u rectangle from %.9g, graph 0 to %.9g, graph 1 behind fs "
			"solid noborder fc rgb '#f0f0f0'\n",
			i, clipped(scale, report->round_start_ns[i]), clipped(scale, end));
	}
}

static const char *rate_text(char text[32], const struct scale *scale)
{
	double rate = scale->most * 1.25 * 1e9 / (double)scale->bar_ns;

	if (rate < 10)
		snprintf(text, 32, "%.1f", rate);
	else
		snprintf(text, 32, "%.0f", rate);
	return text;
}

/* A hatched bar while it is uncertain, a mark where it happened. */
static void put_loss_plots(FILE *stream, unsigned int number, const char *data, const char *colour,
			   int pattern, int point, const char *title)
{
	fprintf(stream,
		"$%s%u using (($1+$2)/2):($3+0.4):1:2:3:($3+0.8) with boxxyerror fs pattern %d "
		"noborder lc rgb '%s' %s, $%s%u using 1:($3+0.4) with points pt %d ps 1.7 "
		"lw 3 lc rgb '%s' ",
		data, number, pattern, colour, title ? "title 'until certain'" : "notitle", data,
		number, point, colour);
	if (title)
		fprintf(stream, "title '%s'", title);
	else
		fputs("notitle", stream);
}

static void put_timeline(FILE *stream, const struct report *report, unsigned int number,
			 const struct scale *scale, const char *which, double key,
			 double conditions, unsigned int page)
{
	const unsigned int lanes = report->lanes ?: 1;
	char rate[32];

	put_timeline_data(stream, report, number, scale);
	put_timeline_title(stream, report, which);
	put_conditions(stream, report, conditions);
	put_rounds(stream, report, scale);
	fprintf(stream, "set xrange [0:%.9g]\nset yrange [-0.1:%u.05]\n",
		(double)scale->end_ns * 1.005 / scale->unit.ns, lanes);
	fprintf(stream, "set xlabel 'time since the begin of the run (%s)' offset 0,0.3\n",
		scale->unit.name);
	fputs("unset ytics\nset ytics out nomirror scale 0\nset ytics (", stream);
	for (unsigned int i = 0; i<lanes; i += lanes> 32 ? 4 : 1)
		fprintf(stream, "%s'queue %u' %u.4", i ? ", " : "", i, i);
	fputs(")\n", stream);
	fprintf(stream,
		"set key at screen 0.5, screen %.5f center center horizontal maxrows 1 "
		"samplen 2 width 1\n",
		key);
	if (report->has_timeline)
		fprintf(stream,
			"set label 3 'full height of a lane: %s completions/s' at graph 1, screen "
			"%.5f "
			"right font ',11' textcolor rgb '#444444'\n",
			rate_text(rate, scale), key + 26.0 / page);
	else
		fputs("set label 1 'This result has no completions over time.' "
		      "at graph 0.5, 0.5 center front font ',14'\n",
		      stream);
	if (unlisted(report))
		fputs("set label 2 'Losses are shown at the bring-up they belong to.' "
		      "at graph 0.5, 0.42 center front font ',14'\n",
		      stream);

	fputs("plot ", stream);
	if (report->bring_up_count <= LINES_MAX)
		fprintf(stream,
			"$ups%u using 1:(-0.1):(0):(%u.15) with vectors nohead lw 1.5 dt (6,4) "
			"lc rgb '" GREY "' title 'bring-up', ",
			number, lanes);
	fprintf(stream,
		"$bars%u using (($1+$2)/2):(($3+$4)/2):1:2:3:4 with boxxyerror fs solid 0.85 "
		"noborder lc rgb '" BLUE "' %s, ",
		number, report->has_timeline ? "title 'completions'" : "notitle");
	put_loss_plots(stream, number, "stranded", VERMILLION, 5, 2,
		       count_losses(report, LEDGER_STRANDED) ? "stranded (lost)" : NULL);
	fputs(", ", stream);
	put_loss_plots(stream, number, "missing", PURPLE, 4, 13,
		       count_losses(report, LEDGER_MISSING) ? "missing (lost)" : NULL);
	fputs(", ", stream);
	put_loss_plots(stream, number, "timedout", VERMILLION, 5, 8,
		       count_losses(report, LEDGER_TIMED_OUT) ? "timed out (lost)" : NULL);
	if (unlisted(report))
		fprintf(stream,
			", $ups%u using ($3>0?$1:NaN):($2+0.4) with points pt 2 ps 1.3 lw 3 "
			"lc rgb '" VERMILLION "' title 'bring-up with losses'",
			number);
	/* Labels without a point make gnuplot crash. */
	if (report->bring_up_count || report->rounds > 1)
		fprintf(stream,
			", $labels%u using 1:(%u.05):2 with labels %s offset 0,0.9 font ',11' "
			"textcolor rgb '#444444' notitle",
			number, lanes, report->rounds > 1 ? "left" : "center");
	if (lost_in_lanes(report))
		fprintf(stream,
			", $lanes%u using 1:($2+0.4):3 with labels left offset 1,0 font ',12' "
			"textcolor rgb '" VERMILLION "' notitle",
			number);
	fputs("\nunset label\nunset object\n", stream);
}

/* ---- Latencies -------------------------------------------------------------- */

/* Share of @histogram in each bin, in percent; buckets that straddle an edge are split. */
static void fill_bins(const struct histogram *histogram, double bins[BINS])
{
	memset(bins, 0, BINS * sizeof(bins[0]));
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		double low = (double)histogram_low(i), high = (double)histogram_high(i) + 1;
		double left = low;

		if (!histogram->bucket[i])
			continue;
		while (left < high) {
			int bin = left < 1 ? 0 : (int)(log2(left) * BINS_PER_OCTAVE + 1e-9);
			double edge = exp2((bin + 1) / (double)BINS_PER_OCTAVE);
			double right = edge < high ? edge : high;

			if (bin >= BINS)
				bin = BINS - 1, right = high;
			bins[bin] += (double)histogram->bucket[i] * (right - left) / (high - low) *
				     100 / (double)histogram->count;
			left = right;
		}
	}
}

struct curve {
	const char *name;
	const struct histogram *histogram;
	const char *colour;
	/* So that the curves can be told apart without colour, too. */
	const char *dash;
};

static double put_curve_data(FILE *stream, unsigned int number, const struct curve *curve,
			     struct unit unit)
{
	static double bins[BINS];
	double most = 0;

	fill_bins(curve->histogram, bins);
	begin_data(stream, "curve", number);
	for (int i = 0; i < BINS; i++) {
		double left = exp2(i / (double)BINS_PER_OCTAVE) / unit.ns;
		double right = exp2((i + 1) / (double)BINS_PER_OCTAVE) / unit.ns;
		bool near =
			bins[i] > 0 || (i && bins[i - 1] > 0) || (i + 1 < BINS && bins[i + 1] > 0);

		if (near)
			fprintf(stream, "%.6g %.6g\n%.6g %.6g\n", left, bins[i], right, bins[i]);
		if (bins[i] > most)
			most = bins[i];
	}
	end_data(stream);
	return most;
}

static void put_curve_title(FILE *stream, const struct curve *curve)
{
	char median[UNITS_TEXT], high[UNITS_TEXT], max[UNITS_TEXT], line[400];

	if (curve->histogram->count)
		snprintf(line, sizeof(line), "%s: p50 %s, p99 %s, max %s", curve->name,
			 units_format_ns(median, histogram_percentile(curve->histogram, 5000)),
			 units_format_ns(high, histogram_percentile(curve->histogram, 9900)),
			 units_format_ns(max, curve->histogram->max));
	else
		snprintf(line, sizeof(line), "%s: none", curve->name);
	put_quoted(stream, line);
}

/* 1, 2, 5, 10 ..., or only the powers of ten where these would not have room. */
static void put_logarithmic_tics(FILE *stream, double smallest, double largest)
{
	static const double steps[] = { 1, 2, 5 };
	const size_t count = largest / smallest < 5000 ? 3 : 1;
	const char *separator = "";

	fputs("set xtics (", stream);
	for (double decade = 1e-9; decade < largest; decade *= 10) {
		for (size_t i = 0; i < count; i++) {
			double at = decade * steps[i];

			if (at < smallest || at > largest)
				continue;
			fprintf(stream, "%s%.6g", separator, at);
			separator = ", ";
		}
	}
	fputs(")\n", stream);
}

static void put_latencies(FILE *stream, const char *title, const struct curve *curves,
			  unsigned int count, unsigned int *number)
{
	uint64_t smallest = UINT64_MAX, largest = 1;
	const unsigned int first = *number;
	double most = 1;
	struct unit unit;

	for (unsigned int i = 0; i < count; i++) {
		const struct histogram *histogram = curves[i].histogram;

		if (histogram->count && histogram->min < smallest)
			smallest = histogram->min;
		if (histogram->max > largest)
			largest = histogram->max;
	}
	if (smallest > largest)
		smallest = largest;
	smallest += !smallest;
	unit = unit_for(largest);
	for (unsigned int i = 0; i < count; i++) {
		double highest = put_curve_data(stream, (*number)++, &curves[i], unit);

		if (highest > most)
			most = highest;
	}
	fputs("set title ", stream);
	put_quoted(stream, title);
	fputs(" noenhanced font ',15' offset 0,0\n", stream);
	fprintf(stream, "set logscale x\nset xrange [%.6g:%.6g]\nset yrange [0:%.4g]\n",
		(double)smallest / unit.ns / 1.3, (double)largest / unit.ns * 1.3, most * 1.35);
	put_logarithmic_tics(stream, (double)smallest / unit.ns / 1.3,
			     (double)largest / unit.ns * 1.3);
	fprintf(stream, "set xlabel 'submission to handler (%s)' offset 0,0.3\n", unit.name);
	fprintf(stream, "unset ytics\nset ytics nomirror %s\n",
		most > 75 ? "0, 20, 100" : "autofreq");
	fputs("set ylabel 'share (%)' offset 1.5,0\n"
	      "set key default\nset key top right inside vertical height 0.4 samplen 3 width "
	      "0\nplot ",
	      stream);
	for (unsigned int i = 0; i < count; i++) {
		fprintf(stream,
			"%s$curve%u using 1:2 with filledcurves y1=0 fs transparent solid 0.15 "
			"noborder "
			"lc rgb '%s' notitle, $curve%u using 1:2 with lines lw 2.5 dt %s lc rgb "
			"'%s' title ",
			i ? ", " : "", first + i, curves[i].colour, first + i, curves[i].dash,
			curves[i].colour);
		put_curve_title(stream, &curves[i]);
	}
	fputs("\nunset logscale\nunset ylabel\n", stream);
}

/* ---- The page --------------------------------------------------------------- */

static unsigned int timeline_height(const struct report *report)
{
	const unsigned int lanes = report->lanes ?: 1;
	const unsigned int lane = lanes > 32 ? 16 : lanes > 12 ? 26 : 40;

	return TIMELINE_MARGIN + lanes * lane;
}

/* Margins in pixels, or the lanes of two results would not stand below each other. */
static void put_panel(FILE *stream, unsigned int page, unsigned int top, unsigned int height,
		      unsigned int left, unsigned int right, unsigned int above, unsigned int below)
{
	fprintf(stream,
		"set lmargin at screen %.5f\nset rmargin at screen %.5f\n"
		"set tmargin at screen %.5f\nset bmargin at screen %.5f\n",
		left / (double)WIDTH, right / (double)WIDTH, 1 - (top + above) / (double)page,
		1 - (top + height - below) / (double)page);
}

/* dmatest measures none. */
static bool has_latencies(const struct report *reports, unsigned int count)
{
	uint64_t measured = 0;

	for (unsigned int i = 0; i < count; i++)
		measured += reports[i].steady.count + reports[i].window.count;
	return measured;
}

static void put_latency_panels(FILE *stream, const struct report *reports, unsigned int count,
			       unsigned int page, unsigned int top)
{
	const struct curve one[] = {
		{ "in steady state", &reports[0].steady, BLUE, "solid" },
		{ "around bring-ups", &reports[0].window, ORANGE, "(10,4)" },
	};
	unsigned int number = 0;

	if (count == 1) {
		put_panel(stream, page, top, LATENCY_HEIGHT, LEFT, WIDTH - RIGHT, 40,
			  LATENCY_BELOW);
		put_latencies(stream, "Latency, all queues", one, 2, &number);
		return;
	}
	for (unsigned int i = 0; i < 2; i++) {
		const struct curve both[] = {
			{ "old", i ? &reports[0].window : &reports[0].steady, ORANGE, "(10,4)" },
			{ "new", i ? &reports[1].window : &reports[1].steady, BLUE, "solid" },
		};

		put_panel(stream, page, top, LATENCY_HEIGHT, i ? WIDTH / 2 + LEFT : LEFT,
			  i ? WIDTH - RIGHT : WIDTH / 2 - RIGHT, 40, LATENCY_BELOW);
		put_latencies(stream, i ? "Latency around bring-ups" : "Latency in steady state",
			      both, 2, &number);
	}
}

void report_plot_script(FILE *stream, const struct report *reports, unsigned int count,
			enum report_picture picture)
{
	const struct scale scale = find_scale(reports, count);
	const bool latencies = has_latencies(reports, count);
	unsigned int page = latencies ? LATENCY_HEIGHT : 0, top = 0, right = RIGHT;

	for (unsigned int i = 0; i < count; i++)
		page += timeline_height(&reports[i]);
	for (unsigned int i = 0; i < count; i++)
		if (lost_in_lanes(&reports[i]))
			right = RIGHT_LOSSES;
	fprintf(stream,
		picture == REPORT_PNG
			? "set terminal pngcairo size %d,%u noenhanced font 'DejaVu Sans,12' "
			  "background rgb 'white'\n"
			: "set terminal svg size %d,%u noenhanced font 'DejaVu "
			  "Sans,Arial,sans-serif,14' "
			  "background rgb 'white'\n",
		WIDTH, page);
	fputs("set encoding utf8\nset multiplot\nset tics font ',12'\nset border 3\n"
	      "set xtics out nomirror\nset style data points\n",
	      stream);
	for (unsigned int i = 0; i < count; i++) {
		const unsigned int height = timeline_height(&reports[i]);

		put_panel(stream, page, top, height, LEFT, WIDTH - right, TIMELINE_ABOVE,
			  TIMELINE_BELOW);
		put_timeline(stream, &reports[i], i, &scale,
			     count == 1 ? ""
			     : i	? "new: "
					: "old: ",
			     1 - (top + height - KEY_BELOW) / (double)page,
			     1 - (top + CONDITIONS_BELOW) / (double)page, page);
		top += height;
	}
	if (latencies)
		put_latency_panels(stream, reports, count, page, top);
	fputs("unset multiplot\n", stream);
}
