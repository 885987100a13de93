// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the exhaustive tests for every kernel, one after the other, and adds up
 * what they leave in exhaustive.json, beside this program.
 */
#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <json-c/json.h>

static const char *const kernels[] = { "6.1", "6.12", "7" };

#define KERNELS (sizeof(kernels) / sizeof(kernels[0]))

static bool run(const char *dir, const char *kernel, const char *json)
{
	char *program = NULL;
	int status = -1;
	pid_t pid;

	if (asprintf(&program, "%s/exhaustive_%s", dir, kernel) < 0)
		return false;
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		execl(program, program, "--json", json, (char *)NULL);
		fprintf(stderr, "%s: %s\n", program, strerror(errno));
		_exit(127);
	}
	if (pid > 0 && waitpid(pid, &status, 0) != pid)
		status = -1;
	if (status)
		fprintf(stderr, "%s: failed (status %#x)\n", program, status);
	free(program);
	return !status;
}

/* Add up numbers; of the rest the first is kept. */
static void add(struct json_object *sum, struct json_object *more)
{
	json_object_object_foreach(more, key, value) {
		struct json_object *have = NULL;

		if (!json_object_object_get_ex(sum, key, &have))
			json_object_object_add(sum, key,
					       json_object_is_type(value, json_type_int) ?
					       json_object_new_int64(json_object_get_int64(value)) :
					       json_object_get(value));
		else if (json_object_is_type(value, json_type_int))
			json_object_set_int64(have, json_object_get_int64(have) +
						    json_object_get_int64(value));
	}
}

static struct json_object *child(struct json_object *parent, const char *key)
{
	struct json_object *object = NULL;

	if (!json_object_object_get_ex(parent, key, &object)) {
		object = json_object_new_object();
		json_object_object_add(parent, key, object);
	}
	return object;
}

static bool merge(struct json_object *root, const char *path, const char *kernel)
{
	struct json_object *one = json_object_from_file(path);
	struct json_object *ours, *policies;

	if (!one || !json_object_object_get_ex(one, "ours", &ours) ||
	    !json_object_object_get_ex(one, "policies", &policies)) {
		fprintf(stderr, "%s: no result\n", path);
		json_object_put(one);
		return false;
	}
	add(child(root, "ours"), ours);
	json_object_object_foreach(policies, name, policy)
		add(child(child(root, "policies"), name), policy);
	json_object_object_add(child(root, "kernels"), kernel, one);
	return true;
}

static bool run_all(const char *dir, struct json_object *root)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < KERNELS; i++) {
		char *json = NULL;

		if (asprintf(&json, "%s/exhaustive-%s.json", dir, kernels[i]) < 0)
			return false;
		unlink(json);
		good &= run(dir, kernels[i], json);
		good &= merge(root, json, kernels[i]);
		unlink(json);
		free(json);
	}
	return good;
}

int main(int argc, char **argv)
{
	struct json_object *root = json_object_new_object();
	char *dir = dirname(argv[0]);
	char *path = NULL;
	bool good;

	(void)argc;
	good = run_all(dir, root);
	if (asprintf(&path, "%s/exhaustive.json", dir) < 0)
		return EXIT_FAILURE;
	if (json_object_to_file_ext(path, root, JSON_C_TO_STRING_PRETTY)) {
		fprintf(stderr, "%s: %s\n", path, json_util_get_last_err());
		good = false;
	}
	free(path);
	json_object_put(root);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
