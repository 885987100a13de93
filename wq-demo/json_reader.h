/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading JSON documents from outside: every member is checked, and what is wrong
 * is said with the file and the way to the member.
 */
#ifndef WQ_DEMO_JSON_READER_H
#define WQ_DEMO_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "problem.h"

/**
 * struct json_reader - where in a document we are; the first error stays
 * @path: of the file
 * @where: the way to the object that is read, for messages; the user's to set
 * @problem: what is wrong
 * @error: 0 or a negative errno
 *
 * After an error the functions return zeros and empty texts: look at @error once,
 * at the end of a piece.
 */
struct json_reader {
	const char *path;
	char where[80];
	struct problem *problem;
	int error;
};

/**
 * json_read_file() - the document in a file
 * @kind: what it ought to be, as "a result of wq-demo run", for messages
 * @document: out: an object, to be given to json_object_put()
 *
 * Returns 0; a negative errno: the file cannot be read, is empty, cut off, not JSON,
 * or something follows the document.
 */
int json_read_file(const char *path, const char *kind, struct json_object **document,
		   struct problem *problem);

/* The member @key, or what is before it, is wrong: @what, after the key. */
void json_complain(struct json_reader *reader, const char *key, const char *what);

/* NULL, and a complaint, if it is missing or of another type. */
struct json_object *json_member(struct json_reader *reader, struct json_object *object,
				const char *key, enum json_type type);

/* Whether there is such a member, of any type. */
bool json_has(struct json_object *object, const char *key);

/* @value itself as a number that is not negative; @key is for messages. */
uint64_t json_plain_number(struct json_reader *reader, struct json_object *value, const char *key);

/* A member that is a number and not negative. */
uint64_t json_number(struct json_reader *reader, struct json_object *object, const char *key);

/* The same, below a limit: queues and vectors. */
unsigned int json_small_number(struct json_reader *reader, struct json_object *object,
			       const char *key, unsigned int below);

/* Belongs to @object; "" after an error. */
const char *json_text(struct json_reader *reader, struct json_object *object, const char *key);

/**
 * json_elements() - room for the elements of a list of objects
 * @size: bytes for each
 * @most: a list of more is refused
 *
 * Returns zeroed memory to be freed; NULL on error or if there are none.
 */
void *json_elements(struct json_reader *reader, struct json_object *list, size_t size, size_t most);

/**
 * json_expect_schema() - what it is comes first: nothing else says anything about another
 * document
 * @schema: what the member "schema" has to be
 * @kind: as for json_read_file()
 *
 * Returns false after a complaint.
 */
bool json_expect_schema(struct json_reader *reader, struct json_object *document,
			const char *schema, unsigned int version, const char *kind);

#endif /* WQ_DEMO_JSON_READER_H */
