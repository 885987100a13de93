// SPDX-License-Identifier: GPL-2.0-only
#include "bring_up_job.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

int bring_up_job_init(struct bring_up_job *job, const struct backend *backend,
		      struct backend_device *device)
{
	*job = (struct bring_up_job){ .backend = backend, .device = device };
	if (sched_getaffinity(0, sizeof(job->cpus), &job->cpus) < 0)
		return -errno;
	job->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return job->done_fd < 0 ? -errno : 0;
}

void bring_up_job_destroy(struct bring_up_job *job)
{
	assert(!job->running);
	close(job->done_fd);
}

static void call(struct bring_up_job *job)
{
	if (job->down)
		job->backend->queue_down(job->queue);
	else
		job->error = job->backend->queue_up(job->device, &job->up, &job->queue,
						    &job->problem);
}

static void *bring_up_thread(void *argument)
{
	struct bring_up_job *job = argument;
	eventfd_t one = 1;

	call(job);
	/* Cannot fail: one is far from the counter's limit, and finish() joins in any case. */
	(void)!write(job->done_fd, &one, sizeof(one));
	return NULL;
}

int bring_up_job_start(struct bring_up_job *job, const struct dsa_sample_queue_up *up,
		       struct backend_queue *queue)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error;

	assert(!job->running);
	job->down = !up;
	if (up)
		job->up = *up;
	job->queue = queue;
	job->error = 0;
	job->problem.text[0] = '\0';
	job->threaded = !job->backend->now;
	if (!job->threaded) {
		call(job);
		job->running = true;
		return 0;
	}

	error = pthread_attr_init(&attributes);
	if (error)
		return -error;
	/* Only who submits is bound to CPUs. */
	error = pthread_attr_setaffinity_np(&attributes, sizeof(job->cpus), &job->cpus);
	/* Signals are for the thread that runs the loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (!error)
		error = pthread_create(&job->thread, &attributes, bring_up_thread, job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	job->running = error == 0;
	return -error;
}

void bring_up_job_finish(struct bring_up_job *job)
{
	eventfd_t count;

	assert(job->running);
	job->running = false;
	if (!job->threaded)
		return;
	pthread_join(job->thread, NULL);
	eventfd_read(job->done_fd, &count);
}
