// SPDX-License-Identifier: GPL-2.0-only
/*
 * Engines: worker threads that take descriptors from the queues of their group,
 * hold each for its service time, and execute it.
 *
 * An engine has up to DSA_ENGINE_DEPTH descriptors in progress, so that service
 * times overlap as they do on silicon. Descriptors of one queue on one engine
 * execute in the order of submission (the specification demands it where a
 * group has a single engine): none is due before its predecessor.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "device_private.h"

/* ---- Arbitration and dispatch -------------------------------------------- */

static bool in_group(const struct dsa_wq *wq, const struct dsa_engine *engine)
{
	return engine->group != DSA_NO_GROUP && wq->group == engine->group;
}

/* The next queue of the group with work, by weighted round robin. */
static struct dsa_wq *arbitrate(struct dsa_engine *engine)
{
	struct dsa_device *dev = engine->dev;
	struct dsa_wq *waiting = NULL;
	unsigned int i;

	for (i = 0; i < DSA_SPR_WQS; i++) {
		struct dsa_wq *wq = &dev->wqs[i];

		if (!in_group(wq, engine) || !wq->occupancy)
			continue;
		waiting = wq;
		if (wq->credit) {
			wq->credit--;
			return wq;
		}
	}
	if (!waiting)
		return NULL;

	for (i = 0; i < DSA_SPR_WQS; i++)
		if (in_group(&dev->wqs[i], engine))
			dev->wqs[i].credit = FIELD_GET(DSA_WQCFG2_PRIORITY,
						       dev->wqs[i].cfg[DSA_WQCFG_MODE]);
	if (waiting->credit)
		waiting->credit--;
	return waiting;
}

/* An engine takes more only while no other of its group has less to do. */
static bool takes_more(const struct dsa_engine *engine)
{
	const struct dsa_device *dev = engine->dev;
	unsigned int i;

	if (engine->load >= DSA_ENGINE_DEPTH)
		return false;
	for (i = 0; i < DSA_SPR_ENGINES; i++)
		if (dev->engines[i].group == engine->group &&
		    dev->engines[i].load < engine->load)
			return false;
	return true;
}

static uint64_t service_time(struct dsa_device *dev, struct dsa_wq *wq)
{
	uint64_t span = dev->service.max_ns - dev->service.min_ns;

	if (!span)
		return dev->service.min_ns;
	return dev->service.min_ns + (uint64_t)(erand48(wq->random) * (span + 1.0));
}

/* A descriptor is not due before those of its queue that came to the engine earlier. */
static uint64_t due_after_predecessors(struct dsa_engine *engine, struct dsa_work *work,
				       uint64_t due_ns)
{
	struct dsa_work *w;

	TAILQ_FOREACH_REVERSE(w, &engine->in_progress, dsa_work_list, link)
		if (w->wq == work->wq && !w->overtake)
			return w->due_ns > due_ns ? w->due_ns : due_ns;
	return due_ns;
}

/* Into the list by due time, behind those with the same. */
static void insert_by_due(struct dsa_engine *engine, struct dsa_work *work)
{
	struct dsa_work *w = TAILQ_LAST(&engine->in_progress, dsa_work_list);

	while (w && w->due_ns > work->due_ns)
		w = TAILQ_PREV(w, dsa_work_list, link);
	if (w)
		TAILQ_INSERT_AFTER(&engine->in_progress, w, work, link);
	else
		TAILQ_INSERT_HEAD(&engine->in_progress, work, link);
}

static void dispatch_one(struct dsa_engine *engine, struct dsa_wq *wq)
{
	struct dsa_work *work = TAILQ_FIRST(&wq->queue);
	uint32_t limits = wq->cfg[DSA_WQCFG_LIMITS];
	uint64_t service = service_time(engine->dev, wq);
	uint64_t due_ns;

	TAILQ_REMOVE(&wq->queue, work, link);
	wq->occupancy--;
	work->engine = engine;
	work->max_xfer = 1ULL << FIELD_GET(DSA_WQCFG3_MAX_XFER_SHIFT, limits);
	work->max_batch = 1U << FIELD_GET(DSA_WQCFG3_MAX_BATCH_SHIFT, limits);
	/* Covered by a drain: as soon as possible, and so are those it must not overtake. */
	due_ns = service ? dsa_clock_ns(engine->dev) + service : 0;
	work->due_ns = work->covered ? 0 : due_after_predecessors(engine, work, due_ns);
	dsa_fault_dispatched(engine, work);
	insert_by_due(engine, work);
	engine->load++;
	dsa_wq_check_occupancy(engine->dev, wq);
}

static bool dispatch(struct dsa_engine *engine)
{
	struct dsa_wq *wq;
	bool took = false;

	while (takes_more(engine) && (wq = arbitrate(engine))) {
		dispatch_one(engine, wq);
		took = true;
	}
	/* It may be another's turn now. (Only then: idle engines must not wake each other.) */
	if (took)
		dsa_engine_wake_group(engine->dev, engine->group);
	return took;
}

static void ring(struct dsa_engine *engine)
{
	atomic_fetch_add_explicit(&engine->doorbell, 1, memory_order_relaxed);
	pthread_cond_signal(&engine->wake);
}

void dsa_engine_wake_group(struct dsa_device *dev, int group)
{
	unsigned int i;

	for (i = 0; i < DSA_SPR_ENGINES; i++)
		if (dev->engines[i].group == group)
			ring(&dev->engines[i]);
}

/* ---- Ending work early --------------------------------------------------- */

/* What was to be overtaken by @work has been. */
static void let_overtaken_go(struct dsa_work *work)
{
	struct dsa_work *w = TAILQ_PREV(work, dsa_work_list, outstanding);

	if (!w || !w->overtake || !w->engine || w->executing)
		return;
	TAILQ_REMOVE(&w->engine->in_progress, w, link);
	w->overtake = false;
	w->due_ns = 0;
	TAILQ_INSERT_HEAD(&w->engine->in_progress, w, link);
}

/* The descriptor has ended, one way or the other. */
static void retire(struct dsa_device *dev, struct dsa_work *work)
{
	struct dsa_wq *wq = work->wq;

	let_overtaken_go(work);

	TAILQ_REMOVE(&wq->outstanding, work, outstanding);
	if (work->covered)
		dev->covered--;
	TAILQ_INSERT_HEAD(&dev->free, work, link);
}

/* Descriptors of that group have ended: whoever waited for that can go on. */
static void announce_retired(struct dsa_device *dev, int group)
{
	/* A Drain descriptor may wait on another engine. */
	dsa_engine_wake_group(dev, group);
	pthread_cond_broadcast(&dev->idle);
}

/* The command that is starting waits for this one. */
static void cover(struct dsa_device *dev, struct dsa_work *work)
{
	if (!work->covered)
		dev->covered++;
	work->covered = true;
}

static bool is_of(const struct dsa_work *work, uint32_t pasid)
{
	return pasid == DSA_ANY_PASID || (work->has_pasid && work->pasid == pasid);
}

void dsa_wq_hurry(struct dsa_device *dev, struct dsa_wq *wq, uint32_t pasid)
{
	struct dsa_work *work;

	dsa_assert_locked(dev);
	for (work = TAILQ_FIRST(&wq->outstanding); work; work = TAILQ_NEXT(work, outstanding)) {
		struct dsa_engine *engine = work->engine;

		if (!is_of(work, pasid))
			continue;
		cover(dev, work);
		if (!engine || work->executing)
			continue;
		TAILQ_REMOVE(&engine->in_progress, work, link);
		work->due_ns = 0;
		insert_by_due(engine, work);
	}
	dsa_engine_wake_group(dev, wq->group);
}

void dsa_wq_abandon(struct dsa_device *dev, struct dsa_wq *wq, uint32_t pasid)
{
	struct dsa_work *work, *next;

	dsa_assert_locked(dev);
	for (work = TAILQ_FIRST(&wq->outstanding); work; work = next) {
		next = TAILQ_NEXT(work, outstanding);
		if (!is_of(work, pasid))
			continue;
		if (work->executing) {
			cover(dev, work);
			atomic_store_explicit(&work->cancel, true, memory_order_relaxed);
			pthread_cond_signal(&work->engine->wake);
			continue;
		}
		if (work->engine) {
			TAILQ_REMOVE(&work->engine->in_progress, work, link);
			work->engine->load--;
		} else {
			TAILQ_REMOVE(&wq->queue, work, link);
			wq->occupancy--;
		}
		wq->stats.abandoned++;
		retire(dev, work);
	}
	announce_retired(dev, wq->group);
}

/* ---- Threads ------------------------------------------------------------- */

/*
 * Does a descriptor wait that was accepted before @work, in its queue and, in a
 * shared one, of its PASID?
 */
static bool is_oldest(const struct dsa_work *work)
{
	const struct dsa_work *w;

	for (w = TAILQ_FIRST(&work->wq->outstanding); w != work; w = TAILQ_NEXT(w, outstanding))
		if (!work->shared || w->pasid == work->pasid)
			return false;
	return true;
}

/* A Drain descriptor waits for others; one that is stuck, for a test. */
static bool ready(const struct dsa_work *work)
{
	if (work->stuck_by)
		return false;
	return work->desc.opcode != DSA_OPCODE_DRAIN || is_oldest(work);
}

/* The first descriptor that may execute now, or when one will. */
static struct dsa_work *next_due(struct dsa_engine *engine, uint64_t *when)
{
	struct dsa_work *work;

	*when = DSA_NO_DEADLINE;
	for (work = TAILQ_FIRST(&engine->in_progress); work; work = TAILQ_NEXT(work, link)) {
		if (!ready(work))
			continue;
		if (!work->due_ns || work->due_ns <= dsa_clock_ns(engine->dev))
			return work;
		*when = work->due_ns;
		break;
	}
	return NULL;
}

/* Largest transfer of a descriptor that takes no time to speak of. */
#define SHORT_XFER 4096

static bool is_short(const struct dsa_work *work)
{
	return work->desc.opcode != DSA_OPCODE_BATCH && work->desc.opcode != DSA_OPCODE_DRAIN &&
	       work->desc.xfer_size <= SHORT_XFER;
}

/*
 * Take what may execute now: one descriptor, or short ones in a row, so that the
 * lock is not taken for each. Returns how many; with none, when there will be one.
 */
static unsigned int take_run(struct dsa_engine *engine, struct dsa_work **run, uint64_t *when)
{
	/* Faults are about single descriptors. */
	bool one = atomic_load_explicit(&engine->dev->faults.active, memory_order_relaxed);
	struct dsa_work *work;
	unsigned int count = 0;

	while (count < DSA_RUN_MAX && (work = next_due(engine, when))) {
		if (count && !is_short(work))
			break;
		TAILQ_REMOVE(&engine->in_progress, work, link);
		work->executing = true;
		run[count++] = work;
		if (one || !is_short(work))
			break;
	}
	return count;
}

static bool execute(struct dsa_engine *engine, struct dsa_work *work)
{
	struct dsa_execution x = {
		.dev = engine->dev,
		.engine = engine,
		.work = work,
		.desc = &work->desc,
		.batch_index = -1,
	};

	return dsa_execute(&x);
}

static void execute_run(struct dsa_engine *engine, struct dsa_work **run, unsigned int count)
{
	struct dsa_device *dev = engine->dev;
	/* While it runs, the queues it works for cannot change their group. */
	const int group = run[0]->wq->group;
	bool completed[DSA_RUN_MAX];
	unsigned int i;

	engine->running = true;
	dsa_fault_executing(engine, run[0]);
	pthread_mutex_unlock(&dev->lock);
	for (i = 0; i < count; i++)
		completed[i] = execute(engine, run[i]);
	pthread_mutex_lock(&dev->lock);
	engine->running = false;
	engine->load -= count;

	for (i = 0; i < count; i++) {
		struct dsa_wq_stats *stats = &run[i]->wq->stats;

		run[i]->executing = false;
		if (completed[i])
			stats->completed++;
		else
			stats->abandoned++;
		retire(dev, run[i]);
	}
	announce_retired(dev, group);
	dsa_command_progress(dev);
}

/* How often an engine without work looks at its doorbell before it sleeps: some microseconds. */
#define LINGER 400

/* Sleeping and being woken costs more than many descriptors: look for more for a moment. */
static void linger(struct dsa_engine *engine)
{
	struct dsa_device *dev = engine->dev;
	unsigned int seen = atomic_load_explicit(&engine->doorbell, memory_order_relaxed);
	unsigned int i;

	pthread_mutex_unlock(&dev->lock);
	for (i = 0; i < LINGER; i++) {
		if (atomic_load_explicit(&engine->doorbell, memory_order_relaxed) != seen)
			break;
#ifdef __x86_64__
		__builtin_ia32_pause();
#endif
	}
	pthread_mutex_lock(&dev->lock);
}

static void *engine_main(void *arg)
{
	struct dsa_engine *engine = arg;
	struct dsa_device *dev = engine->dev;
	struct dsa_work *run[DSA_RUN_MAX];
	bool lingered = true;
	unsigned int count;
	uint64_t when;

	/* Not dsa_lock(): a reset waits for engines, not engines for a reset. */
	pthread_mutex_lock(&dev->lock);
	while (!dev->stopping) {
		dispatch(engine);
		count = take_run(engine, run, &when);
		if (count) {
			execute_run(engine, run, count);
			lingered = false;
		} else if (!lingered && when == DSA_NO_DEADLINE) {
			linger(engine);
			lingered = true;
		} else {
			dsa_wait(dev, &engine->wake, when);
		}
	}
	pthread_mutex_unlock(&dev->lock);
	return NULL;
}

/* ---- Without threads ------------------------------------------------------ */

static void dispatch_all(struct dsa_device *dev)
{
	unsigned int i;
	bool took;

	do {
		took = false;
		for (i = 0; i < DSA_SPR_ENGINES; i++)
			took |= dispatch(&dev->engines[i]);
	} while (took);
}

/* The engine whose first descriptor that may execute is due first; NULL: none is due. */
static struct dsa_engine *first_due(struct dsa_device *dev, uint64_t *when)
{
	struct dsa_engine *first = NULL;
	uint64_t first_ns = DSA_NO_DEADLINE;
	unsigned int i;

	dispatch_all(dev);
	*when = DSA_NO_DEADLINE;
	for (i = 0; i < DSA_SPR_ENGINES; i++) {
		uint64_t later;
		struct dsa_work *work = next_due(&dev->engines[i], &later);

		if (work && work->due_ns < first_ns) {
			first = &dev->engines[i];
			first_ns = work->due_ns;
		}
		if (later < *when)
			*when = later;
	}
	return first;
}

uint64_t dsa_engines_step(struct dsa_device *dev)
{
	struct dsa_engine *engine;
	uint64_t when;

	dsa_assert_locked(dev);
	while ((engine = first_due(dev, &when))) {
		struct dsa_work *work = next_due(engine, &when);

		TAILQ_REMOVE(&engine->in_progress, work, link);
		work->executing = true;
		execute_run(engine, &work, 1);
	}
	return when;
}

static void free_buffers(struct dsa_engine *engine)
{
	free(engine->buffer[0]);
	free(engine->buffer[1]);
	free(engine->list);
}

int dsa_engine_init(struct dsa_device *dev, unsigned int index)
{
	struct dsa_engine *engine = &dev->engines[index];
	size_t max_batch = 1U << FIELD_GET(DSA_GENCAP_MAX_BATCH_SHIFT, dev->profile->gencap);
	pthread_condattr_t attr;
	int ret = ENOMEM;

	engine->dev = dev;
	engine->index = index;
	engine->group = DSA_NO_GROUP;
	TAILQ_INIT(&engine->in_progress);

	engine->buffer[0] = malloc(DSA_CHUNK);
	engine->buffer[1] = malloc(DSA_CHUNK);
	engine->list = calloc(max_batch, sizeof(*engine->list));
	if (!engine->buffer[0] || !engine->buffer[1] || !engine->list)
		goto err_buffers;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	ret = pthread_cond_init(&engine->wake, &attr);
	pthread_condattr_destroy(&attr);
	if (ret)
		goto err_buffers;
	return 0;

err_buffers:
	free_buffers(engine);
	return -ret;
}

int dsa_engine_start(struct dsa_engine *engine)
{
	int ret = pthread_create(&engine->thread, NULL, engine_main, engine);

	engine->started = !ret;
	return -ret;
}

void dsa_engine_stop(struct dsa_engine *engine)
{
	struct dsa_device *dev = engine->dev;

	if (!engine->started)
		return;
	dsa_lock(dev);
	dev->stopping = true;
	pthread_cond_signal(&engine->wake);
	dsa_unlock(dev);
	pthread_join(engine->thread, NULL);
	engine->started = false;
}

void dsa_engine_destroy(struct dsa_engine *engine)
{
	pthread_cond_destroy(&engine->wake);
	free_buffers(engine);
}
