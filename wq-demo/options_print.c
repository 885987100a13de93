// SPDX-License-Identifier: GPL-2.0-only
/* What a table of options says of itself: the help, and a part of the manual page. */
#include "options.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "units.h"

/* The help: where the explanations begin, and where lines end. */
#define HELP_COLUMN 26
#define HELP_WIDTH 79

/* Where lines of the manual page's source end. */
#define MDOC_WIDTH 78

/* Macros of mdoc(7) that may be used, and how the help shows them. */
static const struct macro {
	const char *name;
	const char *before;
	bool section;
} macros[] = {
	{ "Cm ", "", false },
	{ "Ar ", "", false },
	{ "Fl ", "-", false },
	{ "Pa ", "", false },
	{ "Sx ", "", false },
	/* {Xr name 1}: name(1) */
	{ "Xr ", "", true },
};

/*
 * struct piece - a piece of a text: up to the next blank, or marked up
 * @macro: NULL: none
 * @text: @length bytes; of a marked up one without what marks it up
 * @glued: no blank between it and the piece before
 * @next: where the text goes on; NULL: nowhere
 */
struct piece {
	const struct macro *macro;
	const char *text;
	int length;
	bool glued;
	const char *next;
};

static struct piece next_piece(const char *text)
{
	struct piece piece = { .glued = *text != ' ' };

	text += strspn(text, " ");
	piece.text = text;
	if (*text == '{') {
		for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++)
			if (strncmp(text + 1, macros[i].name, 3) == 0)
				piece.macro = &macros[i];
		/* The table's own mistake. */
		assert(piece.macro && strchr(text, '}'));
		piece.text = text + 1 + strlen(piece.macro->name);
		piece.length = (int)strcspn(piece.text, "}");
		text = piece.text + piece.length + 1;
	} else {
		piece.length = (int)strcspn(text, " {");
		text += piece.length;
	}
	piece.next = *text ? text : NULL;
	return piece;
}

/* ---- The help ---------------------------------------------------------------- */

/* A piece as the help has it, after what there is in @line already. */
static void add_plain(char *line, size_t size, const struct piece *piece)
{
	const size_t used = strlen(line);
	const char *blank = piece->macro && piece->macro->section ? strchr(piece->text, ' ') : NULL;
	const int name = blank ? (int)(blank - piece->text) : piece->length;

	snprintf(line + used, size - used, "%s%.*s", piece->macro ? piece->macro->before : "", name,
		 piece->text);
	if (blank)
		snprintf(line + strlen(line), size - strlen(line), "(%.*s)",
			 piece->length - name - 1, blank + 1);
}

/* Break it into lines; @column: where the first one is already. */
static void print_wrapped(FILE *stream, int column, const char *text)
{
	int end = HELP_COLUMN;

	fprintf(stream, "%*s", HELP_COLUMN - column, "");
	while (text) {
		struct piece piece = next_piece(text);
		char word[160] = "";

		/* With all that stands without a blank: a line does not end before a comma. */
		add_plain(word, sizeof(word), &piece);
		while (piece.next && *piece.next != ' ') {
			piece = next_piece(piece.next);
			add_plain(word, sizeof(word), &piece);
		}
		text = piece.next;
		/* The default stays in one piece. */
		if (word[0] == '[') {
			snprintf(word, sizeof(word), "%s", piece.text);
			text = NULL;
		}
		if (end > HELP_COLUMN && end + 1 + (int)strlen(word) > HELP_WIDTH) {
			fprintf(stream, "\n%*s", HELP_COLUMN, "");
			end = HELP_COLUMN;
		}
		end += fprintf(stream, "%s%s", end > HELP_COLUMN ? " " : "", word);
	}
	fputc('\n', stream);
}

static void print_entry(FILE *stream, const struct option_spec *spec)
{
	char text[1024];
	int width;

	width = fprintf(stream, "  ");
	if (spec->letter)
		width += fprintf(stream, "-%c, ", spec->letter);
	width += fprintf(stream, "--%s%s%s", spec->name, spec->argument ? " " : "",
			 spec->argument ?: "");
	if (width >= HELP_COLUMN) {
		fputc('\n', stream);
		width = 0;
	}
	if (spec->initial && spec->simulated)
		snprintf(text, sizeof(text), "%s [%s; sim: %s]", spec->help, spec->initial,
			 spec->simulated);
	else if (spec->initial)
		snprintf(text, sizeof(text), "%s [%s]", spec->help, spec->initial);
	else
		snprintf(text, sizeof(text), "%s", spec->help);
	print_wrapped(stream, width, text);
}

static const struct option_spec help_spec = {
	.name = "help",
	.letter = 'h',
	.type = OPTION_FLAG,
	.help = "print a summary of the options and exit",
};

static bool is_shown(const struct option_spec *spec)
{
	return !spec->hidden && spec->type != OPTION_OPERANDS;
}

void options_print(const struct option_spec *table, FILE *stream)
{
	for (; table->name; table++)
		if (is_shown(table))
			print_entry(stream, table);
	print_entry(stream, &help_spec);
}

/* ---- The manual page ----------------------------------------------------------- */

static void print_escaped(FILE *stream, const char *text, int length)
{
	for (int i = 0; i < length; i++)
		fprintf(stream, text[i] == '\\' ? "\\e" : text[i] == '-' ? "\\-" : "%c", text[i]);
}

static bool ends_sentence(const struct piece *piece)
{
	const char last = piece->length ? piece->text[piece->length - 1] : '\0';

	return !piece->macro && (last == '.' || last == '?');
}

/* Punctuation after a macro: each for itself an argument of it. Returns whether it ends. */
static bool print_punctuation(FILE *stream, const struct piece *piece)
{
	for (int i = 0; i < piece->length; i++) {
		/* The table's own mistake. */
		assert(strchr(".,;:)?", piece->text[i]));
		fprintf(stream, " %c", piece->text[i]);
	}
	return true;
}

/*
 * Text as source: a macro has a line of its own, with the punctuation after it; a sentence
 * begins a line; lines are filled otherwise.
 */
static void print_source(FILE *stream, const char *text)
{
	bool macro = false;
	int column = 0;

	while (text) {
		struct piece piece = next_piece(text);
		bool ended = ends_sentence(&piece);

		if (piece.macro) {
			fprintf(stream, "%s.%s", column ? "\n" : "", piece.macro->name);
			print_escaped(stream, piece.text, piece.length);
			/* Full: whatever follows begins a line. */
			column = MDOC_WIDTH;
		} else if (macro && piece.glued) {
			ended = print_punctuation(stream, &piece);
		} else if (column && column + 1 + piece.length > MDOC_WIDTH) {
			column = fprintf(stream, "\n%.*s", piece.length, piece.text) - 1;
		} else {
			column += fprintf(stream, "%s%.*s", column ? " " : "", piece.length,
					  piece.text);
		}
		macro = piece.macro;
		if (ended) {
			fputc('\n', stream);
			column = 0;
		}
		text = piece.next;
	}
	if (column)
		fputc('\n', stream);
}

/* The help as a sentence. */
static void print_sentence(FILE *stream, const char *help)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s.", help);
	text[0] = (char)toupper((unsigned char)text[0]);
	print_source(stream, text);
}

/* A bound in the largest unit in which it is a whole number. */
static const char *bound(const struct option_spec *spec, uint64_t value, char text[UNITS_TEXT])
{
	static const struct unit {
		const char *unit;
		uint64_t factor;
	} times[] = {
		{ "h", 3600 * NSEC_PER_SEC }, { "s", NSEC_PER_SEC },   { "ms", NSEC_PER_MSEC },
		{ "us", NSEC_PER_USEC },      { "ns", UINT64_C(1) },
	}, sizes[] = {
		{ "G", UINT64_C(1) << 30 },
		{ "M", UINT64_C(1) << 20 },
		{ "k", UINT64_C(1) << 10 },
		{ "", UINT64_C(1) },
	};
	const struct unit *unit = spec->type == OPTION_DURATION ? times : sizes;

	if (!value || spec->type == OPTION_NUMBER) {
		snprintf(text, UNITS_TEXT, "%" PRIu64, value);
		return text;
	}
	while (value % unit->factor)
		unit++;
	snprintf(text, UNITS_TEXT, "%" PRIu64 "%s", value / unit->factor, unit->unit);
	return text;
}

static void print_range(FILE *stream, const struct option_spec *spec)
{
	char low[UNITS_TEXT], high[UNITS_TEXT];

	if (spec->type != OPTION_NUMBER && spec->type != OPTION_SIZE &&
	    spec->type != OPTION_DURATION)
		return;
	if (spec->max == UINT64_MAX)
		return;
	fprintf(stream, "From %s to %s", bound(spec, spec->min, low), bound(spec, spec->max, high));
	for (const struct option_word *word = spec->words; word && word->word; word++)
		fprintf(stream, "%s,\nor\n.Cm %s", word == spec->words ? "" : " ", word->word);
	fputs(spec->words ? " .\n" : ".\n", stream);
}

static void print_default(FILE *stream, const struct option_spec *spec)
{
	if (!spec->initial)
		return;
	fprintf(stream, "The default is\n.Cm %s", spec->initial);
	if (spec->simulated)
		fprintf(stream, " ,\nin the simulation\n.Cm %s", spec->simulated);
	fputs(" .\n", stream);
}

static void print_item(FILE *stream, const struct option_spec *spec)
{
	fputs(".It", stream);
	if (spec->letter)
		fprintf(stream, " Fl %c ,", spec->letter);
	fputs(" Fl \\-", stream);
	print_escaped(stream, spec->name, (int)strlen(spec->name));
	if (spec->argument)
		fprintf(stream, " Ar %s", spec->argument);
	fputc('\n', stream);
	print_sentence(stream, spec->help);
	if (spec->more)
		print_source(stream, spec->more);
	print_range(stream, spec);
	print_default(stream, spec);
}

void options_print_mdoc(const struct option_spec *table, FILE *stream)
{
	for (; table->name; table++)
		if (is_shown(table))
			print_item(stream, table);
	print_item(stream, &help_spec);
}
