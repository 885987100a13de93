// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the sample driver and the simulated guest have in common: capabilities, usual
 * and unusual configurations, work items as descriptors, and errors in words.
 */
#include <string.h>

#include <dsa/profile.h>
#include <dsa/sample.h>
#include <dsa/text.h>

#include "unit.h"

#define BAR0 0x10000
#define BAR2 0x20000
#define BUFFER 0x4000

static struct dsa_cap_registers registers;
static struct dsa_caps caps;

static void setup(void)
{
	registers = (struct dsa_cap_registers){
		.version = 0x100,
		.gencap = DSA_SPR_GENCAP,
		.wqcap = DSA_SPR_WQCAP,
		.grpcap = DSA_SPR_GRPCAP,
		.engcap = DSA_SPR_ENGCAP,
		.opcap = DSA_SPR_OPCAP0,
		.offsets = DSA_SPR_OFFSETS0,
	};
	dsa_caps_decode(&registers, &caps);
}

START_TEST(spr)
{
	ck_assert_uint_eq(caps.wqs, 8);
	ck_assert_uint_eq(caps.groups, 4);
	ck_assert_uint_eq(caps.engines, 4);
	ck_assert_uint_eq(caps.total_entries, 128);
	ck_assert_uint_eq(caps.read_buffers, 96);
	ck_assert_uint_eq(caps.wqcfg_stride, 32);
	ck_assert_uint_eq(caps.grpcfg, DSA_SPR_GRPCFG);
	ck_assert_uint_eq(caps.wqcfg, DSA_SPR_WQCFG);
	ck_assert(caps.configurable && caps.dedicated && caps.priority && !caps.handles);
	ck_assert_ptr_null(dsa_caps_lack(&caps, 9, BAR0, BAR2));
	ck_assert_uint_eq(dsa_sample_usual_entries(&caps), 16);
}
END_TEST

START_TEST(handles)
{
	registers.cmdcap = BIT(DSA_COMMAND_REQUEST_INT_HANDLE);
	dsa_caps_decode(&registers, &caps);
	ck_assert(caps.handles);
}
END_TEST

static const struct {
	__u64 gencap, wqcap, grpcap, engcap, offsets; /* bits to be taken away */
	__u64 bar0, bar2;
	const char *words;
} lacks[] = {
	{ .gencap = DSA_GENCAP_CONFIG, .words = "its configuration is fixed" },
	{ .wqcap = DSA_WQCAP_DEDICATED, .words = "no dedicated work queues" },
	{ .grpcap = DSA_GRPCAP_NUM_GROUPS, .words = "no groups or no engines" },
	{ .engcap = DSA_ENGCAP_NUM_ENGINES, .words = "no groups or no engines" },
	{ .wqcap = DSA_WQCAP_NUM_WQS, .words = "fewer queue entries than work queues" },
	{ .wqcap = DSA_WQCAP_TOTAL_SIZE, .words = "fewer queue entries than work queues" },
	{ .offsets = DSA_OFFSETS_GRPCFG, .words = "outside of BAR0" },
	{ .offsets = DSA_OFFSETS_WQCFG, .words = "outside of BAR0" },
	{ .offsets = DSA_OFFSETS_MSIXPERM, .words = "outside of BAR0" },
	{ .bar0 = DSA_SPR_WQCFG + 8 * 32 - 1, .words = "outside of BAR0" },
	{ .bar2 = 8 * DSA_PORTAL_STRIDE - 1, .words = "BAR2 has no room" },
};

START_TEST(too_little)
{
	const char *words;

	registers.gencap &= ~lacks[_i].gencap;
	registers.wqcap &= ~lacks[_i].wqcap;
	registers.grpcap &= ~lacks[_i].grpcap;
	registers.engcap &= ~lacks[_i].engcap;
	registers.offsets &= ~lacks[_i].offsets;
	dsa_caps_decode(&registers, &caps);
	words = dsa_caps_lack(&caps, 9, lacks[_i].bar0 ?: BAR0, lacks[_i].bar2 ?: BAR2);
	ck_assert_ptr_nonnull(words);
	ck_assert_msg(strstr(words, lacks[_i].words), "%s", words);
}
END_TEST

/* All ones is what a device answers that is not there. */
START_TEST(all_ones)
{
	memset(&registers, 0xff, sizeof(registers));
	dsa_caps_decode(&registers, &caps);
	ck_assert_ptr_nonnull(dsa_caps_lack(&caps, 9, BAR0, BAR2));
}
END_TEST

START_TEST(usual)
{
	struct dsa_sample_configure config, made, zeros = { 0 };

	dsa_sample_usual_config(&caps, &config);
	ck_assert(dsa_sample_config_make(&caps, &config, &made));
	ck_assert(!memcmp(&config, &made, sizeof(made)));
	ck_assert(dsa_sample_config_make(&caps, &zeros, &made));
	ck_assert(!memcmp(&config, &made, sizeof(made)));
	for (unsigned int i = 0; i < DSA_SAMPLE_GROUPS; i++) {
		ck_assert_uint_eq(config.groups[i].queues, i < 4 ? 0x11ULL << i : 0);
		ck_assert_uint_eq(config.groups[i].engines, i < 4 ? 1ULL << i : 0);
		ck_assert_uint_eq(config.groups[i].flags, i < 4 ? 96 << 20 : 0);
	}
	for (unsigned int i = 0; i < DSA_SAMPLE_QUEUES; i++) {
		ck_assert_uint_eq(config.queues[i].size, i < 8 ? 16 : 0);
		ck_assert_uint_eq(config.queues[i].max_transfer_shift, i < 8 ? 31 : 0);
		ck_assert_uint_eq(config.queues[i].max_batch_shift, i < 8 ? 4 : 0);
	}
}
END_TEST

static const struct {
	struct dsa_sample_queue_config queue;
	unsigned int number;
	bool valid;
} settings[] = {
	{ { .size = 512, .priority = 1 }, 0, true },
	{ { .size = 513, .priority = 1 }, 0, false },
	{ { .size = 1, .priority = 1 }, 8, false },
	{ { .priority = 0 }, 8, true },
	{ { .size = 1, .priority = 0 }, 0, false },
	{ { .size = 1, .priority = 15 }, 0, true },
	{ { .size = 1, .priority = 16 }, 0, false },
	{ { .size = 1, .priority = 1, .max_transfer_shift = 32 }, 0, false },
	{ { .size = 1, .priority = 1, .max_batch_shift = 11 }, 0, false },
	{ { .size = 1, .priority = 1, .reserved = 1 }, 0, false },
	{ { .size = 1, .priority = 1, .reserved2 = 1 }, 0, false },
};

START_TEST(config_valid)
{
	struct dsa_sample_configure config, made;

	dsa_sample_usual_config(&caps, &config);
	config.queues[settings[_i].number] = settings[_i].queue;
	ck_assert_int_eq(dsa_sample_config_make(&caps, &config, &made), settings[_i].valid);
	config.flags = 1;
	ck_assert(!dsa_sample_config_make(&caps, &config, &made));
	dsa_sample_usual_config(&caps, &config);
	config.groups[4].flags = 1;
	ck_assert(!dsa_sample_config_make(&caps, &config, &made));
}
END_TEST

static const struct {
	__u32 buffer_size, confirm_ms, timeout_ms;
	bool valid;
} bring_ups[] = {
	{ 4096, 0, 0, true },
	{ 8192, 10, 10, true },
	{ 65536, 60000, 600000, true },
	{ 0, 0, 0, false },
	{ 4097, 0, 0, false },
	{ 65536 + 4096, 0, 0, false },
	{ 4096, 9, 0, false },
	{ 4096, 60001, 0, false },
	{ 4096, 0, 9, false },
	{ 4096, 0, 600001, false },
};

START_TEST(bring_up)
{
	struct dsa_sample_queue_up up = {
		.buffer_size = bring_ups[_i].buffer_size,
		.confirm_ms = bring_ups[_i].confirm_ms,
		.timeout_ms = bring_ups[_i].timeout_ms,
	};

	ck_assert_int_eq(dsa_sample_queue_up_valid(&up, 4096, 65536), bring_ups[_i].valid);
	ck_assert_uint_eq(up.confirm_ms, bring_ups[_i].confirm_ms ? : 5000);
	ck_assert_uint_eq(up.timeout_ms, bring_ups[_i].timeout_ms ? : 30000);
}
END_TEST

/* A fault is reported where it was in the buffer, or as outside of it. */
START_TEST(records)
{
	static const struct {
		struct dsa_completion_record record;
		__u64 fault;
	} cases[] = {
		{ { .status = DSA_COMP_SUCCESS, .fault_addr = 0x10010 }, 0 },
		{ { .status = DSA_COMP_PAGE_FAULT_NOBOF, .fault_addr = 0x10010 }, 0x10 },
		{ { .status = DSA_COMP_PAGE_FAULT_NOBOF | DSA_COMP_STATUS_WRITE,
		    .fault_addr = 0x10fff }, 0xfff },
		{ { .status = DSA_COMP_PAGE_FAULT_NOBOF, .fault_addr = 0x11000 }, ~0ULL },
		{ { .status = DSA_COMP_PAGE_FAULT_NOBOF, .fault_addr = 0xffff }, ~0ULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dsa_completion_record record = cases[i].record;
		struct dsa_sample_event event = { .tag = 1 };

		record.result = 3;
		record.bytes_completed = 77;
		dsa_sample_event_record(&event, &record, 0x10000, 0x1000);
		ck_assert_uint_eq(event.tag, 1);
		ck_assert_uint_eq(event.status, record.status & DSA_COMP_STATUS_MASK);
		ck_assert_uint_eq(event.result, 3);
		ck_assert_uint_eq(event.bytes_completed, 77);
		ck_assert_uint_eq(event.fault_address, cases[i].fault);
	}
}
END_TEST

static const struct {
	struct dsa_sample_work work;
	int error;
} items[] = {
	{ { .opcode = DSA_OPCODE_NOOP }, 0 },
	{ { .opcode = DSA_OPCODE_NOOP, .size = 1 }, -EINVAL },
	{ { .opcode = DSA_OPCODE_NOOP, .flags = 2 }, -EINVAL },
	{ { .opcode = DSA_OPCODE_NOOP, .reserved = 1 }, -EINVAL },
	{ { .opcode = DSA_OPCODE_CRCGEN, .size = 1 }, -EINVAL },
	{ { .opcode = ~0U }, -EINVAL },
	{ { .opcode = DSA_OPCODE_BATCH, .size = 0 }, -EINVAL },
	{ { .opcode = DSA_OPCODE_BATCH, .size = 1 }, -EINVAL },
	{ { .opcode = DSA_OPCODE_BATCH, .size = 2 }, 0 },
	{ { .opcode = DSA_OPCODE_BATCH, .size = 16 }, 0 },
	{ { .opcode = DSA_OPCODE_BATCH, .size = 17 }, -EINVAL },
	{ { .opcode = DSA_OPCODE_MEMMOVE, .size = 0 }, -EINVAL },
	{ { .opcode = DSA_OPCODE_MEMMOVE, .size = BUFFER }, 0 },
	{ { .opcode = DSA_OPCODE_MEMMOVE, .size = BUFFER + 1 }, -ERANGE },
	{ { .opcode = DSA_OPCODE_MEMMOVE, .size = 1, .src = BUFFER }, -ERANGE },
	{ { .opcode = DSA_OPCODE_MEMMOVE, .size = 1, .dst = ~0ULL }, -ERANGE },
	{ { .opcode = DSA_OPCODE_MEMFILL, .size = 1, .src = ~0ULL, .pattern = 7 }, 0 },
	{ { .opcode = DSA_OPCODE_MEMFILL, .size = 2, .dst = BUFFER - 1 }, -ERANGE },
	{ { .opcode = DSA_OPCODE_COMPARE, .size = 1, .src = BUFFER }, -ERANGE },
};

START_TEST(work)
{
	ck_assert_int_eq(dsa_sample_work_check(&caps, &items[_i].work, BUFFER, 16), items[_i].error);
}
END_TEST

START_TEST(work_the_device_cannot_do)
{
	caps.opcap &= ~BIT_ULL(DSA_OPCODE_COMPARE);
	ck_assert_int_eq(dsa_sample_work_check(&caps,
					       &(struct dsa_sample_work){
						       .opcode = DSA_OPCODE_COMPARE, .size = 1 },
					       BUFFER, 0),
			 -EINVAL);
	caps.max_xfer_shift = 4;
	ck_assert_int_eq(dsa_sample_work_check(&caps,
					       &(struct dsa_sample_work){
						       .opcode = DSA_OPCODE_MEMMOVE, .size = 17 },
					       BUFFER, 0),
			 -ERANGE);
}
END_TEST

START_TEST(descriptors)
{
	struct dsa_sample_work move = { .opcode = DSA_OPCODE_MEMMOVE,
					.flags = DSA_SAMPLE_WORK_INTERRUPT,
					.src = 0x10,
					.dst = 0x20,
					.size = 3 };
	struct dsa_sample_work fill = { .opcode = DSA_OPCODE_MEMFILL,
					.src = 0x10,
					.dst = 0x20,
					.pattern = 0x5a,
					.size = 3 };
	struct dsa_hw_desc desc;

	dsa_sample_descriptor(&desc, &move, 0x1000, 0x2000, 9);
	ck_assert_uint_eq(desc.opcode, DSA_OPCODE_MEMMOVE);
	ck_assert_uint_eq(desc.flags, IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR | IDXD_OP_FLAG_RCI);
	ck_assert_uint_eq(desc.completion_addr, 0x2000);
	ck_assert_uint_eq(desc.int_handle, 9);
	ck_assert_uint_eq(desc.src_addr, 0x1010);
	ck_assert_uint_eq(desc.dst_addr, 0x1020);
	ck_assert_uint_eq(desc.xfer_size, 3);

	dsa_sample_descriptor(&desc, &fill, 0x1000, 0x2000, 9);
	ck_assert_uint_eq(desc.flags, IDXD_OP_FLAG_CRAV | IDXD_OP_FLAG_RCR);
	ck_assert_uint_eq(desc.int_handle, 0);
	ck_assert_uint_eq(desc.pattern, 0x5a);
}
END_TEST

START_TEST(batches)
{
	struct dsa_sample_queue_config config = { .size = 16, .max_batch_shift = 0 };

	ck_assert_uint_eq(dsa_sample_batch(&config), 0);
	config.max_batch_shift = 3;
	ck_assert_uint_eq(dsa_sample_batch(&config), 8);
	config.max_batch_shift = 10;
	ck_assert_uint_eq(dsa_sample_batch(&config), 15);
	config.size = 64;
	ck_assert_uint_eq(dsa_sample_batch(&config), DSA_SAMPLE_BATCH_MAX);
}
END_TEST

START_TEST(software_error)
{
	__u64 word[DSA_SWERROR_WORDS] = {
		DSA_SWERROR0_VALID | DSA_SWERROR0_OVERFLOW | DSA_SWERROR0_DESC_VALID |
			DSA_SWERROR0_WQ_VALID | DSA_SWERROR0_WRITE | DSA_SWERROR0_BATCH |
			FIELD_PREP(DSA_SWERROR0_CODE, DSA_COMP_HW_ERR_DRB) |
			FIELD_PREP(DSA_SWERROR0_WQ, 255) |
			FIELD_PREP(DSA_SWERROR0_OPCODE, 255),
		~0ULL, ~0ULL };
	char text[DSA_SWERROR_TEXT];

	dsa_swerror_text(word, text);
	ck_assert_msg(strstr(text, "hardware error on a write (0x"), "%s", text);
	ck_assert_msg(strstr(text, ", queue 255, operation 0xff of a batch, write address "
				   "0xffffffffffffffff, word 1 0xffffffffffffffff, and further"),
		      "%s", text);
	word[0] = DSA_SWERROR0_VALID | FIELD_PREP(DSA_SWERROR0_CODE, 0xfe);
	dsa_swerror_text(word, text);
	ck_assert_msg(strstr(text, "undocumented error (0xfe), read address"), "%s", text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sample");
	TCase *tcase = tcase_create("sample");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, spr);
	tcase_add_test(tcase, handles);
	tcase_add_loop_test(tcase, too_little, 0, sizeof(lacks) / sizeof(lacks[0]));
	tcase_add_test(tcase, all_ones);
	tcase_add_test(tcase, usual);
	tcase_add_loop_test(tcase, config_valid, 0, sizeof(settings) / sizeof(settings[0]));
	tcase_add_loop_test(tcase, bring_up, 0, sizeof(bring_ups) / sizeof(bring_ups[0]));
	tcase_add_test(tcase, records);
	tcase_add_loop_test(tcase, work, 0, sizeof(items) / sizeof(items[0]));
	tcase_add_test(tcase, work_the_device_cannot_do);
	tcase_add_test(tcase, descriptors);
	tcase_add_test(tcase, batches);
	tcase_add_test(tcase, software_error);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
