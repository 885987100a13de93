/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Making JSON documents. json-c reports a lack of memory by NULL, which it also takes
 * as the value null; here one flag for the whole document is enough: nothing is
 * printed then.
 */
#ifndef WQ_DEMO_JSON_BUILDER_H
#define WQ_DEMO_JSON_BUILDER_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

/* Zeroed memory is a builder. */
struct json_builder {
	bool failed;
};

struct json_object *json_build_object(struct json_builder *builder);
struct json_object *json_build_array(struct json_builder *builder);

/* Both take over @value. */
void json_put(struct json_builder *builder, struct json_object *into, const char *key,
	      struct json_object *value);
void json_append(struct json_builder *builder, struct json_object *into, struct json_object *value);

void json_put_number(struct json_builder *builder, struct json_object *into, const char *key,
		     uint64_t value);
/* What is not UTF-8 in @value is replaced. */
void json_put_text(struct json_builder *builder, struct json_object *into, const char *key,
		   const char *value);
void json_put_flag(struct json_builder *builder, struct json_object *into, const char *key,
		   bool value);

/**
 * json_build_text() - the document as it is written to files, with a newline at its end
 * @document: given up
 *
 * Returns a text to be freed; NULL if the builder has failed.
 */
char *json_build_text(struct json_builder *builder, struct json_object *document);

#endif /* WQ_DEMO_JSON_BUILDER_H */
