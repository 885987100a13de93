/* SPDX-License-Identifier: GPL-2.0-only */
/* From what is asked for (wq_config.h) to what the sample driver is told (dsa_sample.h). */
#ifndef WQ_DEMO_QUEUE_LAYOUT_H
#define WQ_DEMO_QUEUE_LAYOUT_H

#include <dsa_sample.h>

#include "problem.h"
#include "wq_config.h"

/* What can be asked for of the sample driver, and of the simulation, which keeps its rules. */
extern const struct wq_config_support queue_layout_support_sample;
extern const struct wq_config_support queue_layout_support_sim;

/**
 * queue_layout_make() - lay groups and queues out
 * @config: what is asked for
 * @queues: how many queues to bring up; 0: all of the file, or of the device
 * @info: of the device. On success, what is true of every queue that is to come up:
 *	queue_entries and max_transfer are those of the smallest
 * @layout: out
 *
 * What is not asked for is as the driver has it by itself. A queue that is not to come up
 * is not used. Engines are the file's; without any in it they take turns among the groups
 * that have queues.
 *
 * Returns 0; -ENOSPC the device is smaller; -EOPNOTSUPP the driver cannot be told.
 */
int queue_layout_make(const struct wq_config *config, unsigned int queues,
		      struct dsa_sample_info *info, struct dsa_sample_configure *layout,
		      struct problem *problem);

#endif /* WQ_DEMO_QUEUE_LAYOUT_H */
