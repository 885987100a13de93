// SPDX-License-Identifier: GPL-2.0-only
#include "custody.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static const struct {
	const char *name;
	const char *text;
} hops[CUSTODY_HOPS] = {
	[HOP_DEVICE_OFF] = { "device-msix-off", "dropped by the device because MSI-X was off" },
	[HOP_DEVICE] = { "device", "dropped by the device" },
	[HOP_PENDING] = { "device-pending", "raised by the device, but not sent yet" },
	[HOP_HOST] = { "host", "sent by the device, but not signalled by the host's vfio-pci" },
	[HOP_GUEST] = { "guest",
			"signalled by the host's vfio-pci, but no handler ran in the guest" },
	[HOP_ABOVE_DEVICE] = { "above-device",
			       "sent by the device, but no handler ran in the guest" },
	[HOP_BELOW_HOST] = { "below-host", "not signalled by the host's vfio-pci" },
	[HOP_UNKNOWN] = { "unknown", "lost where these counts do not say" },
	[HOP_COMPLETION] = { "completion",
			     "never due: the device did not complete the descriptor" },
};

const char *custody_hop_name(enum custody_hop hop)
{
	return hops[hop].name;
}

const char *custody_hop_text(enum custody_hop hop)
{
	return hops[hop].text;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What @more has beyond @less; 0 if nothing. */
static uint64_t beyond(uint64_t more, uint64_t less)
{
	return more > less ? more - less : 0;
}

/* Put up to @most of what is unexplained on one hop. */
static void blame(struct custody_vector *vector, enum custody_hop hop, uint64_t most,
		  uint64_t *unexplained)
{
	const uint64_t part = smaller(most, *unexplained);

	vector->lost[hop] += part;
	*unexplained -= part;
}

/*
 * Hosts send an interrupt again when its CPU changes, so that there may be a few signals
 * more than messages. Documents of different runs differ by more.
 */
static uint64_t signals_most(uint64_t delivered)
{
	return delivered + delivered / 16 + 16;
}

/* dmatest cannot tell which of the two it was, but the device can. */
static void settle_timed_out(const struct custody *custody, struct custody_vector *vector)
{
	struct custody_guest *guest = &vector->guest;
	uint64_t missing = 0;

	if (custody->has_device)
		missing = smaller(guest->timed_out,
				  beyond(guest->interrupted + guest->stranded + guest->timed_out,
					 vector->device.raised));
	guest->missing += missing;
	guest->stranded += guest->timed_out - missing;
	guest->timed_out = 0;
}

static int check_together(const struct custody *custody, const struct custody_vector *vector,
			  struct problem *problem)
{
	const struct custody_device *device = &vector->device;
	const struct custody_guest *guest = &vector->guest;
	const uint64_t due = guest->interrupted + guest->stranded;

	if (custody->has_device && guest->known && due > device->raised)
		return problem_set(problem, -EPROTO,
				   "vector %u: the guest had %" PRIu64
				   " completions with an interrupt, the device raised %" PRIu64
				   " messages: these documents are not of the same run",
				   vector->vector, due, device->raised);
	if (custody->has_device && vector->has_signals &&
	    vector->signals > signals_most(device->delivered))
		return problem_set(problem, -EPROTO,
				   "vector %u: the host counted %" PRIu64
				   " signals, the device sent %" PRIu64
				   " messages: these documents are not of the same run",
				   vector->vector, vector->signals, device->delivered);
	return 0;
}

static void judge_vector(const struct custody *custody, struct custody_vector *vector)
{
	const struct custody_device *device = &vector->device;
	const struct custody_guest *guest = &vector->guest;
	/* A run that found nothing was nobody's interrupt. */
	const uint64_t handled = guest->handler_runs - guest->spurious;
	uint64_t unexplained = guest->stranded, dropped;

	vector->lost[HOP_COMPLETION] = guest->missing;
	blame(vector, HOP_DEVICE_OFF, device->dropped_off, &unexplained);
	blame(vector, HOP_DEVICE, device->dropped - device->dropped_off, &unexplained);
	blame(vector, HOP_PENDING, device->pending, &unexplained);
	dropped = vector->lost[HOP_DEVICE_OFF] + vector->lost[HOP_DEVICE];
	vector->harmless = guest->known ? device->dropped - dropped : 0;

	vector->bypassed =
		vector->has_signals && guest->has_handler_runs && handled > vector->signals;
	if (vector->has_signals && !vector->bypassed) {
		if (custody->has_device && custody->host_exact)
			blame(vector, HOP_HOST, beyond(device->delivered, vector->signals),
			      &unexplained);
		if (guest->has_handler_runs)
			blame(vector, HOP_GUEST, beyond(vector->signals, handled), &unexplained);
		if (!custody->has_device && custody->host_exact)
			blame(vector, HOP_BELOW_HOST, unexplained, &unexplained);
	}
	if (custody->has_device && guest->has_handler_runs)
		blame(vector, HOP_ABOVE_DEVICE, beyond(device->delivered, handled), &unexplained);
	blame(vector, HOP_UNKNOWN, unexplained, &unexplained);
}

static void add_up(struct custody_vector *total, const struct custody_vector *vector)
{
	total->device.known |= vector->device.known;
	total->device.raised += vector->device.raised;
	total->device.delivered += vector->device.delivered;
	total->device.dropped += vector->device.dropped;
	total->device.dropped_off += vector->device.dropped_off;
	total->device.merged += vector->device.merged;
	total->device.pending += vector->device.pending;
	total->has_signals |= vector->has_signals;
	total->signals += vector->signals;
	total->bypassed |= vector->bypassed;
	total->guest.known = true;
	total->guest.has_handler_runs |= vector->guest.has_handler_runs;
	total->guest.handler_runs += vector->guest.handler_runs;
	total->guest.spurious += vector->guest.spurious;
	total->guest.descriptors += vector->guest.descriptors;
	total->guest.interrupted += vector->guest.interrupted;
	total->guest.polled += vector->guest.polled;
	total->guest.stranded += vector->guest.stranded;
	total->guest.missing += vector->guest.missing;
	total->guest.unresolved += vector->guest.unresolved;
	for (unsigned int i = 0; i < CUSTODY_HOPS; i++)
		total->lost[i] += vector->lost[i];
	total->harmless += vector->harmless;
}

int custody_judge(struct custody *custody, struct problem *problem)
{
	custody->total = (struct custody_vector){ 0 };
	for (unsigned int i = 0; i < custody->count; i++) {
		struct custody_vector *vector = &custody->vectors[i];
		int error;

		settle_timed_out(custody, vector);
		error = check_together(custody, vector, problem);
		if (error)
			return error;
		if (!vector->guest.known)
			continue;
		judge_vector(custody, vector);
		add_up(&custody->total, vector);
	}
	return 0;
}

uint64_t custody_lost(const struct custody *custody)
{
	return custody->total.guest.stranded + custody->total.guest.missing;
}

enum custody_verdict custody_verdict(const struct custody *custody)
{
	return custody_lost(custody) || custody->total.harmless ? CUSTODY_LOST : CUSTODY_ACCOUNTED;
}

void custody_destroy(struct custody *custody)
{
	free(custody->vectors);
	*custody = (struct custody){ 0 };
}
