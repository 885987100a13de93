// SPDX-License-Identifier: GPL-2.0-only
#include "verify.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <linux/idxd.h>

#include "random.h"

/* Guard bytes before, between and after the operands: a transfer must not touch them. */
#define GUARD_BYTES 64
#define GUARD_VALUE 0xa5

/* What a descriptor's random numbers are for; each is a stream of its own. */
enum stream {
	STREAM_OPCODE,
	STREAM_SOURCE,
	STREAM_PATTERN,
	STREAM_DIFFERS,
	STREAM_OFFSET,
	STREAM_SIZE,
};

struct layout {
	size_t source;
	size_t destination;
	size_t end;
};

static uint64_t key_of(const struct verify *verify, uint64_t tag, enum stream stream)
{
	return random_mix(random_mix(verify->seed + RANDOM_STEP * (stream + 1)) ^ random_mix(tag));
}

static uint64_t stream_word(uint64_t key, size_t word)
{
	return random_mix(key + RANDOM_STEP * word);
}

const char *verify_opcode_name(uint32_t opcode)
{
	switch (opcode) {
	case DSA_OPCODE_NOOP:
		return "noop";
	case DSA_OPCODE_DRAIN:
		return "drain";
	case DSA_OPCODE_MEMMOVE:
		return "memmove";
	case DSA_OPCODE_MEMFILL:
		return "memfill";
	case DSA_OPCODE_COMPARE:
		return "compare";
	default:
		return "unknown opcode";
	}
}

static struct layout layout_of(const struct verify *verify)
{
	size_t operand = ((size_t)verify->size + GUARD_BYTES - 1) / GUARD_BYTES * GUARD_BYTES;
	struct layout layout;

	layout.source = GUARD_BYTES;
	layout.destination = layout.source + operand + GUARD_BYTES;
	layout.end = layout.destination + operand + GUARD_BYTES;
	return layout;
}

size_t verify_slot_bytes(const struct verify *verify)
{
	return layout_of(verify).end;
}

static uint32_t size_of(const struct verify *verify, uint64_t tag)
{
	if (!verify->min_size || verify->min_size >= verify->size)
		return verify->size;
	return verify->min_size + (uint32_t)(key_of(verify, tag, STREAM_SIZE) %
					     (verify->size - verify->min_size + 1));
}

static uint32_t opcode_of(const struct verify *verify, uint64_t tag)
{
	unsigned int count = (unsigned int)__builtin_popcount(verify->opcodes);
	uint32_t rest = verify->opcodes;
	unsigned int chosen;

	assert(count > 0);
	chosen = (unsigned int)(key_of(verify, tag, STREAM_OPCODE) % count);
	while (chosen--)
		rest &= rest - 1;
	return (uint32_t)__builtin_ctz(rest);
}

/* A compare descriptor finds a difference half of the time, anywhere in the operand. */
static bool difference_of(const struct verify *verify, uint64_t tag, uint32_t *offset)
{
	*offset = (uint32_t)(key_of(verify, tag, STREAM_OFFSET) % size_of(verify, tag));
	return key_of(verify, tag, STREAM_DIFFERS) & 1;
}

static uint8_t difference_bit(uint32_t offset)
{
	return (uint8_t)(1U << (offset & 7));
}

static void stream_write(uint8_t *to, size_t size, uint64_t key, uint64_t invert)
{
	for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
		uint64_t word = stream_word(key, at / sizeof(uint64_t)) ^ invert;

		memcpy(to + at, &word, size - at < sizeof(word) ? size - at : sizeof(word));
	}
}

static void pattern_write(uint8_t *to, size_t size, uint64_t pattern)
{
	for (size_t at = 0; at < size; at += sizeof(pattern))
		memcpy(to + at, &pattern,
		       size - at < sizeof(pattern) ? size - at : sizeof(pattern));
}

void verify_prepare(const struct verify *verify, uint8_t *buffer, size_t offset, uint64_t tag,
		    struct dsa_sample_work *work)
{
	const struct layout layout = layout_of(verify);
	uint8_t *source = buffer + offset + layout.source;
	uint8_t *destination = buffer + offset + layout.destination;
	uint64_t data = key_of(verify, tag, STREAM_SOURCE);
	const uint32_t size = size_of(verify, tag);
	uint32_t differs_at;

	*work = (struct dsa_sample_work){ .tag = tag, .opcode = opcode_of(verify, tag) };
	memset(buffer + offset, GUARD_VALUE, layout.end);
	switch (work->opcode) {
	case DSA_OPCODE_MEMMOVE:
		stream_write(source, size, data, 0);
		/* No byte of the destination is right before the transfer. */
		stream_write(destination, size, data, UINT64_MAX);
		break;
	case DSA_OPCODE_MEMFILL:
		work->pattern = key_of(verify, tag, STREAM_PATTERN);
		pattern_write(destination, size, ~work->pattern);
		break;
	case DSA_OPCODE_COMPARE:
		stream_write(source, size, data, 0);
		stream_write(destination, size, data, 0);
		if (difference_of(verify, tag, &differs_at))
			destination[differs_at] ^= difference_bit(differs_at);
		break;
	default:
		return;
	}
	work->src = work->opcode == DSA_OPCODE_MEMFILL ? 0 : offset + layout.source;
	work->dst = offset + layout.destination;
	work->size = size;
}

/* First byte of [from, to) that is not of the stream, or @to. */
static size_t stream_check(const uint8_t *data, size_t from, size_t to, uint64_t key)
{
	for (size_t at = from; at < to;) {
		uint64_t word = stream_word(key, at / sizeof(uint64_t));
		const uint8_t *bytes = (const uint8_t *)&word;
		size_t skip = at % sizeof(word);
		size_t length = sizeof(word) - skip < to - at ? sizeof(word) - skip : to - at;

		if (memcmp(data + at, bytes + skip, length) != 0) {
			while (data[at] == bytes[skip]) {
				at++;
				skip++;
			}
			return at;
		}
		at += length;
	}
	return to;
}

static size_t pattern_check(const uint8_t *data, size_t size, uint64_t pattern)
{
	const uint8_t *bytes = (const uint8_t *)&pattern;

	for (size_t at = 0; at < size; at++)
		if (data[at] != bytes[at % sizeof(pattern)])
			return at;
	return size;
}

/* First byte of [from, to) that is not a guard byte, or @to. */
static size_t guard_check(const uint8_t *slot, size_t from, size_t to)
{
	while (from < to && slot[from] == GUARD_VALUE)
		from++;
	return from;
}

/* First wrong byte of the second operand of a compare, which it must not have written. */
static size_t compared_check(const struct verify *verify, const uint8_t *data, uint64_t tag,
			     uint64_t key)
{
	const uint32_t size = size_of(verify, tag);
	uint32_t differs_at;
	uint64_t word;
	size_t wrong;

	if (!difference_of(verify, tag, &differs_at))
		return stream_check(data, 0, size, key);
	wrong = stream_check(data, 0, differs_at, key);
	if (wrong < differs_at)
		return wrong;
	word = stream_word(key, differs_at / sizeof(word));
	if (data[differs_at] !=
	    (((const uint8_t *)&word)[differs_at % sizeof(word)] ^ difference_bit(differs_at)))
		return differs_at;
	return stream_check(data, (size_t)differs_at + 1, size, key);
}

static int bad_data(struct problem *problem, const struct dsa_sample_event *event, uint32_t opcode,
		    const char *what, size_t at)
{
	return problem_set(problem, -EBADMSG, "tag %#" PRIx64 ": %s: %s wrong at byte %zu",
			   (uint64_t)event->tag, verify_opcode_name(opcode), what, at);
}

static const char *status_name(unsigned int status)
{
	switch (status & DSA_COMP_STATUS_MASK) {
	case DSA_COMP_SUCCESS_PRED:
		return "success with a false predicate";
	case DSA_COMP_PAGE_FAULT_NOBOF:
		return "page fault";
	case DSA_COMP_BAD_OPCODE:
		return "unsupported opcode";
	case DSA_COMP_INVALID_FLAGS:
		return "invalid flags";
	case DSA_COMP_NOZERO_RESERVE:
		return "non-zero reserved field";
	case DSA_COMP_XFER_ERANGE:
		return "transfer size out of range";
	case DSA_COMP_OVERLAP_BUFFERS:
		return "overlapping buffers";
	case DSA_COMP_INT_HANDLE_INVAL:
		return "invalid interrupt handle";
	case DSA_COMP_CRA_XLAT:
		return "completion record address not translated";
	case DSA_COMP_CRA_ALIGN:
		return "completion record misaligned";
	case DSA_COMP_ADDR_ALIGN:
		return "address misaligned";
	case DSA_COMP_PRIV_BAD:
		return "privilege error";
	case DSA_COMP_HW_ERR1:
	case DSA_COMP_HW_ERR_DRB:
		return "hardware error";
	case DSA_COMP_TRANSLATION_FAIL:
		return "address translation failed";
	default:
		return "see enum dsa_completion_status in <linux/idxd.h>";
	}
}

static int check_status(const struct verify *verify, const struct dsa_sample_event *event,
			uint32_t opcode, struct problem *problem)
{
	uint32_t differs_at;
	bool differs;

	if (event->status != DSA_COMP_SUCCESS)
		return problem_set(problem, -EREMOTEIO,
				   "tag %#" PRIx64
				   ": %s failed with status %#x (%s), fault address %#" PRIx64
				   ", %u bytes completed",
				   (uint64_t)event->tag, verify_opcode_name(opcode), event->status,
				   status_name(event->status), (uint64_t)event->fault_address,
				   event->bytes_completed);
	if (opcode != DSA_OPCODE_COMPARE)
		return 0;
	differs = difference_of(verify, event->tag, &differs_at);
	if ((event->result & 1) != differs)
		return problem_set(problem, -EREMOTEIO,
				   "tag %#" PRIx64 ": compare says %s, but the operands %s",
				   (uint64_t)event->tag, event->result & 1 ? "different" : "equal",
				   differs ? "differ" : "are equal");
	if (differs && event->bytes_completed != differs_at)
		return problem_set(problem, -EREMOTEIO,
				   "tag %#" PRIx64
				   ": compare found a difference at byte %u, but it is at %u",
				   (uint64_t)event->tag, event->bytes_completed, differs_at);
	return 0;
}

int verify_completion(const struct verify *verify, const uint8_t *buffer, size_t offset,
		      const struct dsa_sample_event *event, struct problem *problem)
{
	const struct layout layout = layout_of(verify);
	const uint8_t *slot = buffer + offset;
	const uint8_t *destination = slot + layout.destination;
	uint64_t data = key_of(verify, event->tag, STREAM_SOURCE);
	uint32_t opcode = opcode_of(verify, event->tag);
	const uint32_t size = size_of(verify, event->tag);
	/* Ends of the operands; a slot without one is guard there. */
	size_t source_end = layout.source, destination_end = layout.destination + size;
	size_t wrong = size;
	int error;

	error = check_status(verify, event, opcode, problem);
	if (error)
		return error;

	switch (opcode) {
	case DSA_OPCODE_MEMMOVE:
		source_end += size;
		wrong = stream_check(destination, 0, size, data);
		break;
	case DSA_OPCODE_MEMFILL:
		wrong = pattern_check(destination, size,
				      key_of(verify, event->tag, STREAM_PATTERN));
		break;
	case DSA_OPCODE_COMPARE:
		source_end += size;
		wrong = compared_check(verify, destination, event->tag, data);
		break;
	default:
		destination_end = layout.destination;
		break;
	}
	if (wrong < size)
		return bad_data(problem, event, opcode, "destination", wrong);
	wrong = stream_check(slot + layout.source, 0, source_end - layout.source, data);
	if (wrong < source_end - layout.source)
		return bad_data(problem, event, opcode, "source", wrong);

	wrong = guard_check(slot, 0, layout.source);
	if (wrong == layout.source)
		wrong = guard_check(slot, source_end, layout.destination);
	if (wrong == layout.destination)
		wrong = guard_check(slot, destination_end, layout.end);
	if (wrong < layout.end)
		return bad_data(problem, event, opcode, "memory outside the operands", wrong);
	return 0;
}
