// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two threads that count without a lock: the negative control of a build with the thread
 * sanitizer. With an argument they have one. Exit status 77: it is not that build.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#define ROUNDS 10000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool locked;
static unsigned int count;

static void *count_up(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		if (locked)
			pthread_mutex_lock(&lock);
		count++;
		if (locked)
			pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];
	unsigned int i;

	(void)argv;
#ifndef __SANITIZE_THREAD__
	puts("built without the thread sanitizer");
	return 77;
#endif
	locked = argc > 1;
	for (i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, count_up, NULL))
			return 2;
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	printf("%u\n", count);
	return 0;
}
