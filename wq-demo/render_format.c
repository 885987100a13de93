// SPDX-License-Identifier: GPL-2.0-only
#include "render.h"

#include <stdint.h>
#include <stdlib.h>

const struct option_word render_formats[] = {
	{ "human", RENDER_HUMAN }, { "json", RENDER_JSON },   { "ndjson", RENDER_NDJSON },
	{ "tap", RENDER_TAP },	   { "junit", RENDER_JUNIT }, { NULL, 0 },
};

static char *human_text(const struct result *result)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	render_human(result, stream);
	if (fclose(stream)) {
		free(text);
		return NULL;
	}
	return text;
}

char *render(const struct result *result, enum render_format format)
{
	static char *(*const renderers[])(const struct result *) = {
		[RENDER_HUMAN] = human_text,	 [RENDER_JSON] = render_json,
		[RENDER_NDJSON] = render_ndjson, [RENDER_TAP] = render_tap,
		[RENDER_JUNIT] = render_junit,
	};

	return renderers[format](result);
}

size_t render_utf8(const char *text)
{
	/* Lead byte under a mask, length, smallest code point (no longer than need be). */
	static const struct {
		unsigned char mask, lead, length;
		uint32_t smallest;
	} forms[] = {
		{ 0x80, 0x00, 1, 1 },
		{ 0xe0, 0xc0, 2, 0x80 },
		{ 0xf0, 0xe0, 3, 0x800 },
		{ 0xf8, 0xf0, 4, 0x10000 },
	};
	const unsigned char *bytes = (const unsigned char *)text;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		uint32_t code = bytes[0] & ~forms[i].mask & 0xff;

		if ((bytes[0] & forms[i].mask) != forms[i].lead)
			continue;
		for (size_t j = 1; j < forms[i].length; j++) {
			/* Also ends at the NUL. */
			if ((bytes[j] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (bytes[j] & 0x3f);
		}
		if (code < forms[i].smallest || code > 0x10ffff ||
		    (code >= 0xd800 && code <= 0xdfff))
			return 0;
		return forms[i].length;
	}
	return 0;
}

void render_escaped(FILE *stream, const char *text)
{
	static const char *const entities[256] = {
		['&'] = "&amp;",
		['<'] = "&lt;",
		['>'] = "&gt;",
		['"'] = "&quot;",
	};

	while (*text) {
		const unsigned char byte = (unsigned char)*text;
		const size_t length = render_utf8(text);

		if (entities[byte])
			fputs(entities[byte], stream);
		else if (!length || (byte < ' ' && byte != '\n' && byte != '\t') || byte == 127)
			fputc('?', stream);
		else
			fwrite(text, 1, length, stream);
		text += length ?: 1;
	}
}
