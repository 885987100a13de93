// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the exhaustive tests of every kernel and adds up what they leave, in
 * exhaustive.json beside this program.
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

/**
 * struct run - one kernel's program, at work
 * @pid: -1 if it could not be started
 * @output: what it prints, shown when it has ended
 * @program: its path
 * @json: what it leaves, removed when it has been read
 */
struct run {
	pid_t pid;
	FILE *output;
	char *program;
	char *json;
};

static void run_start(struct run *run, const char *dir, const char *kernel)
{
	run->pid = -1;
	run->output = tmpfile();
	if (!run->output ||
	    asprintf(&run->program, "%s/exhaustive_%s", dir, kernel) < 0 ||
	    asprintf(&run->json, "%s/exhaustive-%s.json", dir, kernel) < 0) {
		perror(kernel);
		exit(EXIT_FAILURE);
	}
	unlink(run->json);
	run->pid = fork();
	if (run->pid == 0) {
		dup2(fileno(run->output), STDOUT_FILENO);
		dup2(fileno(run->output), STDERR_FILENO);
		execl(run->program, run->program, "--json", run->json, (char *)NULL);
		fprintf(stderr, "%s: %s\n", run->program, strerror(errno));
		_exit(127);
	}
}

/* Waits for it and shows what it has printed. */
static bool run_end(struct run *run)
{
	int status = -1, c;

	if (run->pid > 0 && waitpid(run->pid, &status, 0) != run->pid)
		status = -1;
	rewind(run->output);
	while ((c = getc(run->output)) != EOF)
		putchar(c);
	fclose(run->output);
	if (status)
		fprintf(stderr, "%s: failed (status %#x)\n", run->program, status);
	free(run->program);
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

/* All at once: each keeps one processor busy for a minute. */
static bool run_all(const char *dir, struct json_object *root)
{
	struct run runs[KERNELS];
	bool good = true;
	unsigned int i;

	for (i = 0; i < KERNELS; i++)
		run_start(&runs[i], dir, kernels[i]);
	for (i = 0; i < KERNELS; i++) {
		good &= run_end(&runs[i]);
		good &= merge(root, runs[i].json, kernels[i]);
		unlink(runs[i].json);
		free(runs[i].json);
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
