// SPDX-License-Identifier: GPL-2.0-only
/*
 * Administrative commands: the transition table, and what carries it out.
 *
 * A command starts, deals with the descriptors of its queues, and ends when
 * these are gone; the engine that finishes the last one ends it. The write to
 * CMD waits for that, so that drivers which poll only briefly see a final
 * CMDSTATUS - but not for ever: a descriptor may copy for hours.
 */
#include "device_private.h"

/* How long a write to CMD waits for its command, nanoseconds. */
#define COMMAND_WAIT_NS 1000000000ULL

/* ---- Effects ------------------------------------------------------------- */

static void disable_wqs(struct dsa_device *dev, uint32_t wqs)
{
	unsigned int i;

	for (i = 0; i < DSA_SPR_WQS; i++)
		if (wqs & BIT(i))
			dev->wqs[i].state = DSA_WQ_STATE_DISABLED;
}

static void enable_device(struct dsa_device *dev, uint32_t wqs)
{
	unsigned int g, i;

	(void)wqs;
	for (g = 0; g < DSA_SPR_GROUPS; g++) {
		for (i = 0; i < DSA_SPR_WQS; i++)
			if (dev->groups[g].wqs[0] & BIT(i))
				dev->wqs[i].group = g;
		for (i = 0; i < DSA_SPR_ENGINES; i++)
			if (dev->groups[g].engines & BIT(i))
				dev->engines[i].group = g;
	}
}

static void disable_device(struct dsa_device *dev, uint32_t wqs)
{
	unsigned int i;

	disable_wqs(dev, wqs);
	for (i = 0; i < DSA_SPR_WQS; i++)
		dev->wqs[i].group = DSA_NO_GROUP;
	for (i = 0; i < DSA_SPR_ENGINES; i++)
		dev->engines[i].group = DSA_NO_GROUP;
}

static void reset_device(struct dsa_device *dev, uint32_t wqs)
{
	(void)wqs;
	dsa_registers_reset_by_command(dev);
}

static void enable_wq(struct dsa_device *dev, uint32_t wqs)
{
	unsigned int i;

	for (i = 0; i < DSA_SPR_WQS; i++) {
		if (!(wqs & BIT(i)))
			continue;
		dsa_portal_reset(&dev->wqs[i]);
		dev->wqs[i].state = DSA_WQ_STATE_ENABLED;
		dev->wqs[i].credit = 0;
		dsa_wq_check_occupancy(dev, &dev->wqs[i]);
	}
}

static void reset_wqs(struct dsa_device *dev, uint32_t wqs)
{
	unsigned int i;

	disable_wqs(dev, wqs);
	for (i = 0; i < DSA_SPR_WQS; i++)
		if (wqs & BIT(i))
			dsa_wqcfg_reset(&dev->wqs[i], true);
}

/* ---- Transition table ---------------------------------------------------- */

/* By device state: Disabled, Enabled, Draining (never consulted), Halt. */
#define WHEN(disabled, enabled, halt) \
	{ [DSA_STATE_DISABLED] = (disabled), [DSA_STATE_ENABLED] = (enabled), \
	  [DSA_STATE_DRAINING] = DSA_CMDERR_HARDWARE, [DSA_STATE_HALT] = (halt) }

#define OK DSA_CMDERR_SUCCESS
#define HALTED DSA_CMDERR_HALTED

static const struct dsa_command_rule rules[] = {
	[DSA_COMMAND_ENABLE_DEVICE] = {
		.name = "Enable Device",
		.error = WHEN(OK, DSA_CMDERR_DEV_NOT_DISABLED, HALTED),
		.check = dsa_check_device,
		.effect = enable_device,
		.changes_state = true,
		.next = DSA_STATE_ENABLED,
	},
	[DSA_COMMAND_DISABLE_DEVICE] = {
		.name = "Disable Device",
		.error = WHEN(DSA_CMDERR_DEV_IS_DISABLED, OK, HALTED),
		.operand = DSA_OPERAND_ALL_WQS,
		.work = DSA_WORK_FINISH,
		.stops = true,
		.effect = disable_device,
		.changes_state = true,
		.next = DSA_STATE_DISABLED,
	},
	[DSA_COMMAND_DRAIN_ALL] = {
		.name = "Drain All",
		.error = WHEN(OK, OK, HALTED),
		.operand = DSA_OPERAND_ALL_WQS,
		.work = DSA_WORK_FINISH,
	},
	[DSA_COMMAND_ABORT_ALL] = {
		.name = "Abort All",
		.error = WHEN(OK, OK, HALTED),
		.operand = DSA_OPERAND_ALL_WQS,
		.work = DSA_WORK_ABANDON,
	},
	[DSA_COMMAND_RESET_DEVICE] = {
		.name = "Reset Device",
		.error = WHEN(OK, OK, OK),
		.operand = DSA_OPERAND_ALL_WQS,
		.work = DSA_WORK_ABANDON,
		.stops = true,
		.effect = reset_device,
		.changes_state = true,
		.next = DSA_STATE_DISABLED,
	},
	[DSA_COMMAND_ENABLE_WQ] = {
		.name = "Enable WQ",
		.error = WHEN(DSA_CMDERR_DEV_NOT_ENABLED, OK, HALTED),
		.operand = DSA_OPERAND_WQ_INDEX,
		.check = dsa_check_wq,
		.effect = enable_wq,
	},
	[DSA_COMMAND_DISABLE_WQ] = {
		.name = "Disable WQ",
		.error = WHEN(OK, OK, HALTED),
		.operand = DSA_OPERAND_WQ_BITMAP,
		.check = dsa_check_wqs_enabled,
		.work = DSA_WORK_FINISH,
		.stops = true,
		.effect = disable_wqs,
	},
	[DSA_COMMAND_DRAIN_WQ] = {
		.name = "Drain WQ",
		.error = WHEN(OK, OK, HALTED),
		.operand = DSA_OPERAND_WQ_BITMAP,
		.check = dsa_check_wqs_enabled,
		.work = DSA_WORK_FINISH,
	},
	[DSA_COMMAND_ABORT_WQ] = {
		.name = "Abort WQ",
		.error = WHEN(OK, OK, HALTED),
		.operand = DSA_OPERAND_WQ_BITMAP,
		.check = dsa_check_wqs_enabled,
		.work = DSA_WORK_ABANDON,
	},
	[DSA_COMMAND_RESET_WQ] = {
		.name = "Reset WQ",
		.error = WHEN(OK, OK, HALTED),
		.operand = DSA_OPERAND_WQ_BITMAP,
		.work = DSA_WORK_ABANDON,
		.stops = true,
		.effect = reset_wqs,
	},
	/* No queue can carry a PASID here, so no descriptor ever has the one named. */
	[DSA_COMMAND_DRAIN_PASID] = {
		.name = "Drain PASID",
		.error = WHEN(OK, OK, HALTED),
	},
	[DSA_COMMAND_ABORT_PASID] = {
		.name = "Abort PASID",
		.error = WHEN(OK, OK, HALTED),
	},
};

const struct dsa_command_rule *dsa_command_rule(unsigned int code)
{
	if (code >= sizeof(rules) / sizeof(rules[0]) || !rules[code].name)
		return NULL;
	return &rules[code];
}

/* ---- Carrying out -------------------------------------------------------- */

/* CMDSTATUS is final before the message: who reads it then must not see Active. */
static void complete(struct dsa_device *dev, uint8_t error, bool interrupt)
{
	dev->cmdstatus = FIELD_PREP(DSA_CMDSTATUS_ERROR, error);
	if (interrupt)
		dsa_misc_interrupt(dev, DSA_INTCAUSE_COMMAND);
}

static void end_active(struct dsa_device *dev)
{
	dev->command.rule = NULL;
	pthread_cond_broadcast(&dev->idle);
}

void dsa_command_cancel(struct dsa_device *dev, uint8_t error, bool silent)
{
	dsa_assert_locked(dev);
	if (!dev->command.rule)
		return;
	end_active(dev);
	if (!silent)
		complete(dev, error, dev->command.interrupt);
}

void dsa_command_progress(struct dsa_device *dev)
{
	const struct dsa_active_command *c = &dev->command;
	const struct dsa_command_rule *rule = c->rule;
	unsigned int i;

	dsa_assert_locked(dev);
	if (!rule)
		return;
	for (i = 0; rule->work != DSA_WORK_UNTOUCHED && i < DSA_SPR_WQS; i++)
		if ((c->wqs & BIT(i)) && !dsa_wq_quiet(&dev->wqs[i]))
			return;

	if (rule->effect)
		rule->effect(dev, c->wqs);
	if (rule->changes_state)
		dev->state = rule->next;
	end_active(dev);
	complete(dev, DSA_CMDERR_SUCCESS, c->interrupt);
}

/* The queues that @operand names; an error if it names one that does not exist. */
static uint8_t parse_operand(enum dsa_command_operand kind, uint32_t operand, uint32_t *wqs)
{
	uint32_t index = operand & 0xff;

	*wqs = 0;
	switch (kind) {
	case DSA_OPERAND_NONE:
		break;
	case DSA_OPERAND_ALL_WQS:
		*wqs = DSA_ALL_WQS;
		break;
	case DSA_OPERAND_WQ_INDEX:
		if (index >= DSA_SPR_WQS)
			return DSA_CMDERR_WQ_INDEX;
		*wqs = BIT(index);
		break;
	case DSA_OPERAND_WQ_BITMAP:
		*wqs = operand & DSA_CMD_WQ_BITMAP;
		if (FIELD_GET(DSA_CMD_WQ_BITMAP_GROUP, operand) || (*wqs & ~DSA_ALL_WQS))
			return DSA_CMDERR_WQ_INDEX;
		break;
	}
	return DSA_CMDERR_SUCCESS;
}

/* Why the command may not start, and which queues it is about. */
static uint8_t admit(struct dsa_device *dev, const struct dsa_command_rule *rule,
		     uint32_t operand, uint32_t *wqs)
{
	uint8_t error;

	if (!rule)
		return DSA_CMDERR_UNDEFINED;
	if (rule->error[dev->state])
		return rule->error[dev->state];
	error = parse_operand(rule->operand, operand, wqs);
	if (!error && rule->check)
		error = rule->check(dev, *wqs);
	return error;
}

static void stop_wqs(struct dsa_device *dev, uint32_t wqs)
{
	unsigned int i;

	for (i = 0; i < DSA_SPR_WQS; i++) {
		if (!(wqs & BIT(i)))
			continue;
		dsa_portal_reset(&dev->wqs[i]);
		if (dev->wqs[i].state == DSA_WQ_STATE_ENABLED)
			dev->wqs[i].state = DSA_WQ_STATE_DRAINING;
	}
}

static void start(struct dsa_device *dev, const struct dsa_command_rule *rule, uint32_t wqs)
{
	unsigned int i;

	if (rule->stops) {
		stop_wqs(dev, wqs);
		if (rule->changes_state)
			dev->state = DSA_STATE_DRAINING;
	}
	for (i = 0; i < DSA_SPR_WQS; i++) {
		if (!(wqs & BIT(i)))
			continue;
		if (rule->work == DSA_WORK_FINISH)
			dsa_wq_hurry(dev, &dev->wqs[i]);
		else if (rule->work == DSA_WORK_ABANDON)
			dsa_wq_abandon(dev, &dev->wqs[i]);
	}
}

void dsa_command_write(struct dsa_device *dev, uint32_t value)
{
	const struct dsa_command_rule *rule = dsa_command_rule(FIELD_GET(DSA_CMD_CODE, value));
	struct dsa_active_command *c = &dev->command;
	bool interrupt = value & DSA_CMD_INT_REQ;
	uint64_t serial, deadline;
	uint32_t wqs = 0;
	uint8_t error;

	dsa_assert_locked(dev);
	if (c->rule) {
		dsa_swerror(dev, &(struct dsa_error){
			.code = DSA_SWERR_CMD_WHILE_ACTIVE, .wq = -1, .batch_index = -1 });
		return;
	}

	error = admit(dev, rule, FIELD_GET(DSA_CMD_OPERAND, value), &wqs);
	if (error) {
		complete(dev, error, interrupt);
		return;
	}

	dev->cmdstatus = DSA_CMDSTATUS_ACTIVE;
	start(dev, rule, wqs);
	c->rule = rule;
	c->wqs = wqs;
	c->interrupt = interrupt;
	serial = ++c->serial;
	dsa_command_progress(dev);

	deadline = dsa_now_ns() + COMMAND_WAIT_NS;
	while (c->rule && c->serial == serial && dsa_now_ns() < deadline)
		dsa_wait(dev, &dev->idle, deadline);
}
