// SPDX-License-Identifier: GPL-2.0-only
#include "json_builder.h"

#include <stdlib.h>
#include <string.h>

#include "render.h"

struct json_object *json_build_object(struct json_builder *builder)
{
	struct json_object *made = json_object_new_object();

	builder->failed |= !made;
	return made;
}

struct json_object *json_build_array(struct json_builder *builder)
{
	struct json_object *made = json_object_new_array();

	builder->failed |= !made;
	return made;
}

void json_put(struct json_builder *builder, struct json_object *into, const char *key,
	      struct json_object *value)
{
	if (!into || !value || json_object_object_add(into, key, value)) {
		json_object_put(value);
		builder->failed = true;
	}
}

void json_append(struct json_builder *builder, struct json_object *into, struct json_object *value)
{
	if (!into || !value || json_object_array_add(into, value)) {
		json_object_put(value);
		builder->failed = true;
	}
}

void json_put_number(struct json_builder *builder, struct json_object *into, const char *key,
		     uint64_t value)
{
	json_put(builder, into, key, json_object_new_uint64(value));
}

void json_put_text(struct json_builder *builder, struct json_object *into, const char *key,
		   const char *value)
{
	/* JSON is UTF-8; a path need not be. */
	char *valid = strdup(value);

	for (char *at = valid; at && *at;) {
		size_t length = render_utf8(at);

		if (!length)
			*at = '?';
		at += length ?: 1;
	}
	json_put(builder, into, key, valid ? json_object_new_string(valid) : NULL);
	free(valid);
}

void json_put_flag(struct json_builder *builder, struct json_object *into, const char *key,
		   bool value)
{
	json_put(builder, into, key, json_object_new_boolean(value));
}

char *json_build_text(struct json_builder *builder, struct json_object *document)
{
	const char *text = NULL;
	char *copy = NULL;

	if (!builder->failed)
		text = json_object_to_json_string_ext(
			document, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
					  JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text) {
		size_t length = strlen(text);

		copy = malloc(length + 2);
		if (copy) {
			memcpy(copy, text, length);
			memcpy(copy + length, "\n", 2);
		}
	}
	json_object_put(document);
	return copy;
}
