// SPDX-License-Identifier: GPL-2.0-only
/*
 * An interrupt that a processor has accepted, but not served because it has its
 * interrupts off, while the vector gets another eventfd from another processor.
 *
 * A host that does so with free_irq() and request_irq() gives the processor's vector
 * back, with the interrupt still requested in the local APIC. When interrupts are
 * on again, it is served by whatever that vector belongs to by then.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hold/irq_hold.h"
#include "lab.h"

/* The vector that is re-pointed, one that is given back before, the witness. */
#define TARGET 1
#define GIVEN_BACK 0
#define HELD_CPU 1
#define OTHER_CPU 0
/* The interrupt has long been sent by the device; it only has to get there. */
#define ACCEPT_NS 300000000ULL
#define HELD_NS 5000000000ULL
/* The witness tells that the machine is alive: no need to wait for long. */
#define CONFIRM_NS 200000000ULL

/**
 * struct holder - the thread that a processor is held with
 * @fd: of the module's device
 * @page: shared with the module
 * @begin: hold now, or end if @stop
 * @ended: the hold is over
 * @result: of the write, negative errno
 */
struct holder {
	int fd;
	volatile struct irq_hold_page *page;
	pthread_t thread;
	sem_t begin;
	sem_t ended;
	bool stop;
	int result;
};

static int run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

static void *holder_main(void *arg)
{
	struct holder *h = arg;

	h->result = run_on(HELD_CPU);
	for (;;) {
		sem_wait(&h->begin);
		if (h->stop)
			return NULL;
		if (!h->result)
			h->result = write(h->fd, "", 1) < 0 ? -errno : 0;
		sem_post(&h->ended);
	}
}

static int holder_start(struct holder *h, const char *path)
{
	int ret;

	memset(h, 0, sizeof(*h));
	h->fd = open(path, O_RDWR | O_CLOEXEC);
	if (h->fd < 0) {
		fprintf(stderr, "irq-lab: %s: %s; is irq_hold loaded?\n", path, strerror(errno));
		return -errno;
	}
	h->page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, h->fd, 0);
	if (h->page == MAP_FAILED) {
		ret = -errno;
		close(h->fd);
		return ret;
	}
	sem_init(&h->begin, 0, 0);
	sem_init(&h->ended, 0, 0);
	ret = -pthread_create(&h->thread, NULL, holder_main, h);
	if (ret) {
		munmap((void *)h->page, 4096);
		close(h->fd);
	}
	return ret;
}

static void holder_stop(struct holder *h)
{
	h->stop = true;
	sem_post(&h->begin);
	pthread_join(h->thread, NULL);
	sem_destroy(&h->ended);
	sem_destroy(&h->begin);
	munmap((void *)h->page, 4096);
	close(h->fd);
}

/* Until @flag is set, for @ns at most. */
static bool wait_for(volatile uint32_t *flag, uint64_t ns)
{
	uint64_t end = fire_now_ns() + ns;

	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE)) {
		if (fire_now_ns() > end)
			return false;
		sched_yield();
	}
	return true;
}

static void release(struct holder *h)
{
	__atomic_store_n(&h->page->release, 1, __ATOMIC_RELEASE);
	sem_wait(&h->ended);
}

/* ---- Where interrupts go ----------------------------------------------------- */

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* All that may move, but for those that are the device's. */
static void clear_held_cpu(void)
{
	char mask[16];
	glob_t found;
	size_t i;

	snprintf(mask, sizeof(mask), "%x", 1 << OTHER_CPU);
	if (glob("/proc/irq/[0-9]*/smp_affinity", 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++)
		(void)write_text(found.gl_pathv[i], mask);
	globfree(&found);
}

/* The Linux irq of @vector, by the name of its action; or a negative errno. */
static int find_irq(const struct lab *lab, unsigned int vector)
{
	char name[64], *line = NULL;
	size_t size = 0;
	int irq = -ENOENT;
	FILE *file = fopen("/proc/interrupts", "r");

	if (!file)
		return -errno;
	snprintf(name, sizeof(name), "vfio-msix[%u](%s)", vector, lab->vfio.bdf);
	while (irq < 0 && getline(&line, &size, file) > 0)
		if (strstr(line, name))
			irq = atoi(line);
	free(line);
	fclose(file);
	return irq;
}

/* @vector's interrupts go to @cpu, and one has been there. */
static int steer(struct lab *lab, unsigned int vector, int cpu)
{
	int irq = find_irq(lab, vector), ret;
	char path[64], mask[16];

	if (irq < 0)
		return irq;
	snprintf(path, sizeof(path), "/proc/irq/%d/smp_affinity", irq);
	snprintf(mask, sizeof(mask), "%x", 1 << cpu);
	ret = write_text(path, mask);
	if (ret)
		return ret;
	fire_raise(lab->fire, vector, 1, 1);
	return fire_settle(lab->fire, vector, 1);
}

/* ---- Trials ------------------------------------------------------------------ */

struct tally {
	unsigned int trials;
	unsigned int accepted;
	unsigned int to_old;
	unsigned int to_new;
};

static int hold_and_repoint(struct lab *lab, struct holder *h, struct tally *t)
{
	int before = lab->bound[TARGET], ret = 0;
	bool accepted;

	h->page->release = 0;
	h->page->held = 0;
	h->page->accepted = 0;
	fire_forget_last(lab->fire, TARGET, 1);
	sem_post(&h->begin);
	if (!wait_for(&h->page->held, HELD_NS)) {
		release(h);
		return h->result ? h->result : -ETIMEDOUT;
	}
	fire_raise(lab->fire, TARGET, 1, 1);
	accepted = wait_for(&h->page->accepted, ACCEPT_NS);
	if (accepted)
		ret = lab_bind_one(lab, TARGET, before ^ 1, LAB_TIMED);
	release(h);
	/* It held too long: what was meant to happen inside may have happened after. */
	if (h->result == -ETIME) {
		accepted = false;
		h->result = 0;
	}
	if (!ret)
		ret = h->result;
	if (!ret)
		ret = fire_settle(lab->fire, TARGET, 1);
	t->trials++;
	t->accepted += accepted;
	if (accepted) {
		t->to_old += fire_last(lab->fire, TARGET) == before;
		t->to_new += fire_last(lab->fire, TARGET) == (before ^ 1);
	}
	return ret;
}

/*
 * TARGET on HELD_CPU. With @given_back, a lower vector of that processor is free:
 * what is given back and requested anew does not get its own one again.
 */
static int arrange(struct lab *lab, bool given_back)
{
	int ret = fire_settle(lab->fire, TARGET, 1);

	if (!ret)
		ret = lab_bind_one(lab, TARGET, FIRE_UNBOUND, LAB_UNTIMED);
	if (!ret && given_back) {
		ret = lab_bind_one(lab, GIVEN_BACK, 0, LAB_UNTIMED);
		if (!ret)
			ret = steer(lab, GIVEN_BACK, HELD_CPU);
	}
	if (!ret)
		ret = lab_bind_one(lab, TARGET, 0, LAB_UNTIMED);
	if (!ret)
		ret = steer(lab, TARGET, HELD_CPU);
	if (!ret && given_back)
		ret = lab_bind_one(lab, GIVEN_BACK, FIRE_UNBOUND, LAB_UNTIMED);
	return ret;
}

static int trials(struct lab *lab, struct holder *h, const char *name, bool given_back)
{
	struct tally t = { 0 };
	unsigned int i;
	int ret = lab_fresh(lab, LAB_USED);

	clear_held_cpu();
	fire_raise(lab->fire, LAB_WITNESS, 1, FIRE_ENDLESS);
	for (i = 0; !ret && i < lab->settings->repoints && !lab_late(lab); i++) {
		if (i == 0 || given_back)
			ret = arrange(lab, given_back);
		if (!ret)
			ret = hold_and_repoint(lab, h, &t);
		if (i % 50 == 49)
			lab_progress(lab, name, i + 1, lab->settings->repoints);
	}
	if (!ret)
		ret = lab_check(lab, TARGET, 1);
	if (!ret)
		ret = fire_settle(lab->fire, LAB_WITNESS, 1);
	lab->figures.accepted = t.accepted;
	lab_note(lab, "%u of %u were accepted and then re-pointed; %u came to the old eventfd, %u "
		 "to the new one, %u nowhere", t.accepted, t.trials, t.to_old, t.to_new,
		 t.accepted - t.to_old - t.to_new);
	return ret;
}

static int reopen(struct lab *lab, uint64_t confirm_ns)
{
	struct settings settings = *lab->settings;
	const struct settings *usual = lab->settings;
	int ret;

	lab_close(lab, LAB_UNTIMED);
	settings.confirm_ns = confirm_ns;
	lab->settings = &settings;
	ret = lab_open(lab);
	lab->settings = usual;
	return ret;
}

/* All of this process on one processor, and the other one held. */
static int repoint(struct lab *lab, const char *name, bool given_back)
{
	struct holder holder;
	cpu_set_t usual;
	int ret;

	if (!lab->settings->hold || !lab->settings->repoints) {
		lab_note(lab, "not run: no irq_hold device was named");
		return 0;
	}
	if (sched_getaffinity(0, sizeof(usual), &usual))
		return -errno;
	ret = run_on(OTHER_CPU);
	if (!ret)
		ret = reopen(lab, CONFIRM_NS);
	if (!ret)
		ret = holder_start(&holder, lab->settings->hold);
	if (!ret) {
		ret = trials(lab, &holder, name, given_back);
		holder_stop(&holder);
	}
	if (!ret)
		lab_fold(lab);
	sched_setaffinity(0, sizeof(usual), &usual);
	return ret ? ret : reopen(lab, lab->settings->confirm_ns);
}

static int same_vector_free(struct lab *lab)
{
	return repoint(lab, "repoint-accepted-plain", false);
}

static int lower_vector_free(struct lab *lab)
{
	return repoint(lab, "repoint-accepted", true);
}

const struct operation repoint_operations[] = {
	{ "repoint-accepted-plain", "accepted, then another eventfd", same_vector_free },
	{ "repoint-accepted", "the same, a lower vector is free", lower_vector_free },
	{ NULL, NULL, NULL },
};
