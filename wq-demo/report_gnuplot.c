// SPDX-License-Identifier: GPL-2.0-only
/* gnuplot(1) as a filter: a script in, a picture out, nothing left behind. */
#include "report_plot.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Files without a name: no pipe that could fill up while nobody reads. */
struct gnuplot {
	FILE *script;
	FILE *picture;
	FILE *messages;
};

static void close_files(struct gnuplot *gnuplot)
{
	FILE *const files[] = { gnuplot->script, gnuplot->picture, gnuplot->messages };

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i])
			fclose(files[i]);
}

static int open_files(struct gnuplot *gnuplot)
{
	gnuplot->script = tmpfile();
	gnuplot->picture = tmpfile();
	gnuplot->messages = tmpfile();
	return gnuplot->script && gnuplot->picture && gnuplot->messages ? 0 : -errno;
}

/* Returns its wait status; a negative errno. */
static int run_gnuplot(const struct gnuplot *gnuplot)
{
	/* -d: not the user's ~/.gnuplot, which may set anything. */
	char *const arguments[] = { (char *)"gnuplot", (char *)"-d", (char *)"-", NULL };
	posix_spawn_file_actions_t actions;
	int error, status;
	pid_t pid;

	error = posix_spawn_file_actions_init(&actions);
	if (error)
		return -error;
	error = posix_spawn_file_actions_adddup2(&actions, fileno(gnuplot->script), STDIN_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, fileno(gnuplot->picture),
							 STDOUT_FILENO);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, fileno(gnuplot->messages),
							 STDERR_FILENO);
	if (!error)
		error = posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error)
		return -error;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

static int read_back(FILE *stream, char **data, size_t *length)
{
	long size;

	if (fseek(stream, 0, SEEK_END) || (size = ftell(stream)) < 0)
		return -errno;
	rewind(stream);
	*data = malloc((size_t)size + 1);
	if (!*data)
		return -ENOMEM;
	*length = fread(*data, 1, (size_t)size, stream);
	(*data)[*length] = '\0';
	return 0;
}

/* The last line gnuplot said that is more than a pointer to a place. */
static void last_words(FILE *messages, char *text, size_t size)
{
	char line[200];

	snprintf(text, size, "it says nothing");
	rewind(messages);
	while (fgets(line, sizeof(line), messages)) {
		line[strcspn(line, "\n")] = '\0';
		if (strspn(line, " \t^") != strlen(line))
			snprintf(text, size, "%s", line + strspn(line, " \t"));
	}
}

int report_plot(const struct report *reports, unsigned int count, enum report_picture picture,
		char **data, size_t *length, struct problem *problem)
{
	struct gnuplot gnuplot = { 0 };
	char said[200];
	int error, status;

	*data = NULL;
	error = open_files(&gnuplot);
	if (error) {
		problem_set(problem, error, "cannot make a temporary file: %s", strerror(-error));
		goto close;
	}
	report_plot_script(gnuplot.script, reports, count, picture);
	if (fflush(gnuplot.script) || ferror(gnuplot.script)) {
		error = problem_set(problem, -EIO, "cannot write to a temporary file: %s",
				    strerror(errno));
		goto close;
	}
	rewind(gnuplot.script);
	status = run_gnuplot(&gnuplot);
	if (status < 0) {
		error = problem_set(problem, status,
				    status == -ENOENT
					    ? "there is no gnuplot: install the package gnuplot-nox"
					    : "cannot run gnuplot: %s",
				    strerror(-status));
		goto close;
	}
	error = read_back(gnuplot.picture, data, length);
	if (!error && (status || !*length)) {
		last_words(gnuplot.messages, said, sizeof(said));
		if (WIFSIGNALED(status))
			snprintf(said, sizeof(said), "it crashed: %s", strsignal(WTERMSIG(status)));
		error = problem_set(problem, -EIO, "gnuplot did not draw the picture: %s", said);
	} else if (error) {
		problem_set(problem, error, "cannot read the picture: %s", strerror(-error));
	}
	if (error) {
		free(*data);
		*data = NULL;
	}
close:
	close_files(&gnuplot);
	return error;
}
