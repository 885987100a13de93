// SPDX-License-Identifier: GPL-2.0-only
/*
 * All scenarios on one kernel. Prints a table, and with --json FILE leaves the
 * sums there. --only TEXT runs scenarios whose name contains it. --stock is for
 * a program made by "make sim-stock": nothing is expected of that code.
 * Exit status 0: ours loses nothing, the historical ways do.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <json-c/json.h>

#include "test_exhaustive.h"

static const struct {
	const char *name;
	size_t offset;
} columns[] = {
	{ "points", offsetof(struct tally, points) },
	{ "reached", offsetof(struct tally, reached) },
	{ "failures", offsetof(struct tally, failures) },
	{ "stranded", offsetof(struct tally, stranded) },
	{ "stray", offsetof(struct tally, stray) },
	{ "broken", offsetof(struct tally, broken) },
	{ "leaks", offsetof(struct tally, leaks) },
	{ "faults", offsetof(struct tally, faults) },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static unsigned long *cell(const struct tally *tally, unsigned int column)
{
	return (unsigned long *)((char *)tally + columns[column].offset);
}

static void add(struct tally *sum, const struct tally *tally)
{
	unsigned int c;

	for (c = 0; c < COLUMNS; c++)
		*cell(sum, c) += *cell(tally, c);
}

static void print_row(const char *name, const struct tally *tally)
{
	unsigned int c;

	printf("%-44s", name);
	for (c = 0; c < COLUMNS; c++)
		printf("%10lu", *cell(tally, c));
	printf("\n");
	fflush(stdout);
}

static void print_head(bool stock)
{
	unsigned int c;

	printf("\n%s %s\n%-44s", stock ? "stock vfio_pci_intrs.c of" : "kernel/ as for",
	       sim_kernel(), "");
	for (c = 0; c < COLUMNS; c++)
		printf("%10s", columns[c].name);
	printf("\n");
}

static const char *name_of(enum way way, bool stock)
{
	return stock && way == WAY_OURS ? "stock" : way_names[way];
}

static void print_loss(const char *name, const struct loss *loss)
{
	if (loss->scenario)
		printf("\nShortest sequence found in which %s loses an interrupt (%s):\n%s", name,
		       loss->scenario->name, loss->text);
}

static struct json_object *to_json(const struct tally *tally)
{
	struct json_object *object = json_object_new_object();
	unsigned int c;

	for (c = 0; c < COLUMNS; c++)
		json_object_object_add(object, columns[c].name,
				       json_object_new_int64(*cell(tally, c)));
	return object;
}

static int write_json(const char *path, const struct tally *sums, const struct loss *losses)
{
	struct json_object *root = json_object_new_object();
	struct json_object *policies = json_object_new_object();
	enum way way;
	int ret;

	json_object_object_add(root, "kernel", json_object_new_string(sim_kernel()));
	json_object_object_add(root, "ours", to_json(&sums[WAY_OURS]));
	for (way = WAY_OURS + 1; way < WAYS; way++) {
		struct json_object *object = to_json(&sums[way]);

		if (losses[way].scenario)
			json_object_object_add(object, "shortest_loss",
					       json_object_new_string(losses[way].text));
		json_object_object_add(policies, way_names[way], object);
	}
	json_object_object_add(root, "policies", policies);
	ret = json_object_to_file_ext(path, root, JSON_C_TO_STRING_PRETTY);
	if (ret)
		fprintf(stderr, "%s: %s\n", path, json_util_get_last_err());
	json_object_put(root);
	return ret;
}

/* What has to hold; says what does not. */
static bool verdict(const struct tally *sums, const bool *applied)
{
	const struct tally *ours = &sums[WAY_OURS];
	bool good = true;
	enum way way;

	if (ours->stranded || ours->stray || ours->broken || ours->leaks || ours->faults) {
		fprintf(stderr, "ours is not without losses, leaks and faults\n");
		good = false;
	}
	for (way = 0; way < WAYS; way++) {
		if (sums[way].reached != sums[way].points) {
			fprintf(stderr, "%s: %lu of %lu planned points were not reached\n",
				way_names[way], sums[way].points - sums[way].reached,
				sums[way].points);
			good = false;
		}
		if (way != WAY_OURS && applied[way] && !sums[way].stranded) {
			fprintf(stderr, "%s: its losses were not found\n", way_names[way]);
			good = false;
		}
	}
	return good;
}

static int usage(const char *name)
{
	fprintf(stderr, "usage: %s [--json FILE] [--only TEXT] [--stock]\n", name);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", required_argument, NULL, 'j' },
		{ "only", required_argument, NULL, 'o' },
		{ "stock", no_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	static struct loss losses[WAYS];
	struct tally sums[WAYS] = { 0 };
	bool applied[WAYS] = { false };
	const char *json = NULL, *only = "";
	bool stock = false;
	unsigned int i;
	enum way way;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'j')
			json = optarg;
		else if (c == 'o')
			only = optarg;
		else if (c == 's')
			stock = true;
		else
			return usage(argv[0]);
	}
	if (optind != argc)
		return usage(argv[0]);

	print_head(stock);
	for (i = 0; i < scenario_count; i++) {
		const struct scenario *s = &scenarios[i];
		struct tally tally = { 0 };

		if (!strstr(s->name, only) || !scenario_applies(s))
			continue;
		scenario_run(s, &tally, &losses[s->way], stock);
		print_row(s->name, &tally);
		add(&sums[s->way], &tally);
		applied[s->way] = true;
	}
	for (way = 0; way < WAYS; way++)
		print_row(name_of(way, stock), &sums[way]);
	for (way = stock ? WAY_OURS : WAY_OURS + 1; way < WAYS; way++)
		print_loss(name_of(way, stock), &losses[way]);

	if (json && write_json(json, sums, losses))
		return 1;
	return stock || verdict(sums, applied) ? 0 : 1;
}
