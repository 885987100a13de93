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
	if (dsa_event_log_chosen(dev))
		dsa_event_log_start(dev);
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

/* The command does not lead out of every Halt. */
static uint8_t check_reset(struct dsa_device *dev, uint32_t wqs)
{
	(void)wqs;
	return dev->state == DSA_STATE_HALT && dev->reset_type != DSA_RESET_COMMAND ?
	       DSA_CMDERR_HALTED : DSA_CMDERR_SUCCESS;
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
		.check = check_reset,
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
	[DSA_COMMAND_DRAIN_PASID] = {
		.name = "Drain PASID",
		.error = WHEN(OK, OK, HALTED),
		.operand = DSA_OPERAND_PASID,
		.work = DSA_WORK_FINISH,
	},
	[DSA_COMMAND_ABORT_PASID] = {
		.name = "Abort PASID",
		.error = WHEN(OK, OK, HALTED),
		.operand = DSA_OPERAND_PASID,
		.work = DSA_WORK_ABANDON,
	},
	[DSA_COMMAND_REQUEST_INT_HANDLE] = {
		.name = "Request Interrupt Handle",
		.error = WHEN(OK, OK, HALTED),
		.operand = DSA_OPERAND_HANDLE,
		.check = dsa_check_request_handle,
		.effect = dsa_request_handle,
	},
	[DSA_COMMAND_RELEASE_INT_HANDLE] = {
		.name = "Release Interrupt Handle",
		.error = WHEN(OK, OK, HALTED),
		.operand = DSA_OPERAND_HANDLE,
		.check = dsa_check_release_handle,
		.effect = dsa_release_handle,
	},
};

/* Commands of a device without the register that names them: all up to Abort PASID. */
#define COMMANDS_WITHOUT_CMDCAP GENMASK_ULL(DSA_COMMAND_ABORT_PASID, DSA_COMMAND_ENABLE_DEVICE)

const struct dsa_command_rule *dsa_command_rule(const struct dsa_device *dev, unsigned int code)
{
	uint64_t known = dev->profile->gencap & DSA_GENCAP_CMDCAP ? dev->profile->cmdcap :
								     COMMANDS_WITHOUT_CMDCAP;

	if (code >= sizeof(rules) / sizeof(rules[0]) || !(known & BIT_ULL(code)))
		return NULL;
	return &rules[code];
}

/* ---- Carrying out -------------------------------------------------------- */

/* CMDSTATUS is final before the message: who reads it then must not see Active. */
static void complete(struct dsa_device *dev, uint8_t error, uint16_t result, bool interrupt)
{
	dev->cmdstatus = FIELD_PREP(DSA_CMDSTATUS_ERROR, error) |
			 FIELD_PREP(DSA_CMDSTATUS_RESULT, result);
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
		complete(dev, error, 0, dev->command.interrupt);
}

void dsa_command_progress(struct dsa_device *dev)
{
	const struct dsa_active_command *c = &dev->command;
	const struct dsa_command_rule *rule = c->rule;

	dsa_assert_locked(dev);
	if (!rule || (rule->work != DSA_WORK_UNTOUCHED && (dev->covered || dev->log.busy)))
		return;

	if (rule->effect)
		rule->effect(dev, c->wqs);
	if (rule->changes_state)
		dev->state = rule->next;
	end_active(dev);
	complete(dev, DSA_CMDERR_SUCCESS, c->result, c->interrupt);
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
	case DSA_OPERAND_PASID:
		*wqs = DSA_ALL_WQS;
		break;
	case DSA_OPERAND_HANDLE:
		*wqs = operand;
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

static void start(struct dsa_device *dev, const struct dsa_command_rule *rule, uint32_t operand,
		  uint32_t wqs)
{
	uint32_t pasid = rule->operand == DSA_OPERAND_PASID ? operand : DSA_ANY_PASID;
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
			dsa_wq_hurry(dev, &dev->wqs[i], pasid);
		else if (rule->work == DSA_WORK_ABANDON)
			dsa_wq_abandon(dev, &dev->wqs[i], pasid);
	}
}

void dsa_command_write(struct dsa_device *dev, uint32_t value)
{
	const struct dsa_command_rule *rule = dsa_command_rule(dev, FIELD_GET(DSA_CMD_CODE, value));
	struct dsa_active_command *c = &dev->command;
	uint32_t operand = FIELD_GET(DSA_CMD_OPERAND, value);
	bool interrupt = value & DSA_CMD_INT_REQ;
	uint64_t serial, deadline;
	uint32_t wqs = 0;
	uint8_t error;

	dsa_assert_locked(dev);
	if (c->rule) {
		dsa_report(dev, &(struct dsa_error){
			.code = DSA_SWERR_CMD_WHILE_ACTIVE, .wq = -1, .batch_index = -1 });
		return;
	}

	error = admit(dev, rule, operand, &wqs);
	if (error) {
		complete(dev, error, 0, interrupt);
		return;
	}

	dev->cmdstatus = DSA_CMDSTATUS_ACTIVE;
	start(dev, rule, operand, wqs);
	c->rule = rule;
	c->wqs = wqs;
	c->result = 0;
	c->interrupt = interrupt;
	serial = ++c->serial;
	dsa_command_progress(dev);

	/* Nothing would happen meanwhile. */
	if (dev->stepped)
		return;
	deadline = dsa_now_ns() + COMMAND_WAIT_NS;
	while (c->rule && c->serial == serial && dsa_now_ns() < deadline)
		dsa_wait(dev, &dev->idle, deadline);
}
