// SPDX-License-Identifier: GPL-2.0-only
#include "json_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Far beyond what a run writes; a wrong file is not to fill the memory. */
#define FILE_MAX (256U << 20)

/* The whole file; a text to be freed. */
static int read_file(const char *path, char **content, size_t *length, struct problem *problem)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat status;
	char *made = NULL;
	size_t used = 0, room = 0;
	ssize_t got;
	int error = 0;

	if (fd < 0)
		return problem_set(problem, -errno, "cannot read %s: %s", path, strerror(errno));
	if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
		error = problem_set(problem, -EISDIR, "cannot read %s: it is a directory", path);
		goto close_file;
	}
	do {
		if (used == room) {
			char *larger = realloc(made, room ? 2 * room : 1 << 16);

			if (!larger) {
				error = problem_set(problem, -ENOMEM, "out of memory");
				goto close_file;
			}
			made = larger;
			room = room ? 2 * room : 1 << 16;
		}
		got = read(fd, made + used, room - used);
		if (got > 0)
			used += (size_t)got;
		if (got < 0 && errno != EINTR) {
			error = problem_set(problem, -errno, "cannot read %s: %s", path,
					    strerror(errno));
			goto close_file;
		}
		if (used > FILE_MAX) {
			error = problem_set(problem, -EFBIG,
					    "%s is larger than any document of wq-demo", path);
			goto close_file;
		}
	} while (got);
	*content = made;
	*length = used;
	made = NULL;
close_file:
	free(made);
	close(fd);
	return error;
}

static bool blank(const char *content, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!strchr(" \t\r\n", content[i]) || !content[i])
			return false;
	return true;
}

static int parse(const char *path, const char *kind, const char *content, size_t length,
		 struct json_object **document, struct problem *problem)
{
	struct json_tokener *tokener;
	enum json_tokener_error why;
	size_t end;
	int error = 0;

	if (blank(content, length))
		return problem_set(problem, -EINVAL, "%s is empty", path);
	tokener = json_tokener_new();
	if (!tokener)
		return problem_set(problem, -ENOMEM, "out of memory");
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	*document = json_tokener_parse_ex(tokener, content, (int)length);
	why = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	if (why == json_tokener_continue)
		error = problem_set(problem, -EINVAL,
				    "%s ends in the middle of the JSON document: was it cut off?",
				    path);
	else if (why != json_tokener_success || !blank(content + end, length - end))
		error = problem_set(problem, -EINVAL, "%s is not JSON: byte %zu: %s", path, end,
				    why == json_tokener_success
					    ? "the document is over, the file is not"
					    : json_tokener_error_desc(why));
	else if (!json_object_is_type(*document, json_type_object))
		error = problem_set(problem, -EINVAL, "%s is not %s", path, kind);
	if (error) {
		json_object_put(*document);
		*document = NULL;
	}
	json_tokener_free(tokener);
	return error;
}

int json_read_file(const char *path, const char *kind, struct json_object **document,
		   struct problem *problem)
{
	char *content = NULL;
	size_t length = 0;
	int error;

	*document = NULL;
	error = read_file(path, &content, &length, problem);
	if (error)
		return error;
	error = parse(path, kind, content, length, document, problem);
	free(content);
	return error;
}

void json_complain(struct json_reader *reader, const char *key, const char *what)
{
	if (!reader->error)
		reader->error =
			problem_set(reader->problem, -EINVAL, "%s: %s%s%s %s", reader->path,
				    reader->where, *reader->where && *key ? "." : "", key, what);
}

struct json_object *json_member(struct json_reader *reader, struct json_object *object,
				const char *key, enum json_type type)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value)) {
		json_complain(reader, key, "is missing");
		return NULL;
	}
	if (!json_object_is_type(value, type)) {
		json_complain(reader, key,
			      type == json_type_int	 ? "is not an integer"
			      : type == json_type_string ? "is not a text"
			      : type == json_type_array	 ? "is not a list"
			      : type == json_type_object ? "is not an object"
							 : "is not true or false");
		return NULL;
	}
	return value;
}

uint64_t json_plain_number(struct json_reader *reader, struct json_object *value, const char *key)
{
	if (!json_object_is_type(value, json_type_int))
		json_complain(reader, key, "is not an integer");
	else if (json_object_get_int64(value) < 0)
		json_complain(reader, key, "is negative");
	else
		return json_object_get_uint64(value);
	return 0;
}

uint64_t json_number(struct json_reader *reader, struct json_object *object, const char *key)
{
	struct json_object *value = json_member(reader, object, key, json_type_int);

	return value ? json_plain_number(reader, value, key) : 0;
}

unsigned int json_small_number(struct json_reader *reader, struct json_object *object,
			       const char *key, unsigned int below)
{
	uint64_t value = json_number(reader, object, key);

	if (value < below)
		return (unsigned int)value;
	json_complain(reader, key, "is too large");
	return 0;
}

const char *json_text(struct json_reader *reader, struct json_object *object, const char *key)
{
	struct json_object *value = json_member(reader, object, key, json_type_string);

	return value ? json_object_get_string(value) : "";
}

void *json_elements(struct json_reader *reader, struct json_object *list, size_t size, size_t most)
{
	size_t count = json_object_array_length(list);
	void *made;

	if (count > most) {
		json_complain(reader, "", "has too many elements");
		return NULL;
	}
	made = count ? calloc(count, size) : NULL;
	if (count && !made && !reader->error)
		reader->error = problem_set(reader->problem, -ENOMEM, "out of memory");
	return made;
}

bool json_has(struct json_object *object, const char *key)
{
	return json_object_object_get_ex(object, key, NULL);
}

bool json_expect_schema(struct json_reader *reader, struct json_object *document,
			const char *schema, unsigned int version, const char *kind)
{
	char what[160];

	if (strcmp(json_text(reader, document, "schema"), schema) != 0) {
		snprintf(what, sizeof(what), "is not \"%s\": not %s", schema, kind);
		json_complain(reader, "schema", what);
	}
	if (reader->error)
		return false;
	snprintf(what, sizeof(what), "is not %u, which is what this wq-demo reads", version);
	if (json_number(reader, document, "version") != version)
		json_complain(reader, "version", what);
	return !reader->error;
}
