// SPDX-License-Identifier: GPL-2.0-only
/* The rules of vfio-user requests, command by command, without a socket; and VERSION's text. */
#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "negotiate.h"
#include "protocol.h"
#include "unit.h"

#define VECTORS 9U

static const struct vfu_shape shape = {
	.region_size = { [0] = 0x10000, [2] = 0x20000, [7] = 4096 },
	.irq_count = { [VFIO_PCI_MSIX_IRQ_INDEX] = VECTORS },
};

static union {
	uint8_t bytes[VFU_MAX_PAYLOAD + 64];
	uint64_t align;
} payload;

/* Judge a request with @len bytes of payload and @nfds descriptors. */
static int judge(uint16_t command, size_t len, unsigned int nfds)
{
	struct vfu_header header = { .id = 7, .command = command, .size = 16 + len };
	const char *why = "unset";
	int ret = vfu_check_request(&header, payload.bytes, nfds, &shape, &why);

	ck_assert_int_le(ret, 0);
	/* Whoever is refused is told why. */
	ck_assert((ret == 0) == (why == NULL));
	return ret;
}

#define PUT(type, ...) \
	do { \
		type value = { __VA_ARGS__ }; \
		memset(payload.bytes, 0, 4096); \
		memcpy(payload.bytes, &value, sizeof(value)); \
	} while (0)

/* ---- Header ----------------------------------------------------------------- */

START_TEST(headers)
{
	static const struct {
		uint32_t size, flags;
		int ret;
	} cases[] = {
		{ 16, 0, 0 },
		{ 0, 0, -EPROTO },
		{ 15, 0, -EPROTO },
		{ 16 + VFU_MAX_PAYLOAD, 0, 0 },
		{ 16 + VFU_MAX_PAYLOAD + 1, 0, -EPROTO },
		{ UINT32_MAX, 0, -EPROTO },
		{ 16, VFU_TYPE_REPLY, -EPROTO },
		{ 16, 2, -EPROTO },
		{ 16, 15, -EPROTO },
		{ 16, VFU_FLAG_NO_REPLY, 0 },
		{ 16, 0x80000000, 0 }, /* refused later, the stream is sound */
	};
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct vfu_header header = { .command = VFU_DEVICE_RESET,
					     .size = cases[i].size,
					     .flags = cases[i].flags };

		ck_assert_int_eq(vfu_check_header(&header, &why), cases[i].ret);
		ck_assert((why == NULL) == (cases[i].ret == 0));
	}
}
END_TEST

START_TEST(header_of_a_command_says_nothing_of_errors)
{
	struct vfu_header header = { .command = VFU_DEVICE_RESET, .size = 16 };
	static const uint32_t bad[] = { VFU_FLAG_ERROR, 0x40, 0x80000000 };
	const char *why;
	size_t i;

	ck_assert_int_eq(vfu_check_request(&header, NULL, 0, &shape, &why), 0);
	for (i = 0; i < 3; i++) {
		header.flags = bad[i];
		ck_assert_int_eq(vfu_check_request(&header, NULL, 0, &shape, &why), -EINVAL);
	}
	header.flags = VFU_FLAG_NO_REPLY;
	ck_assert_int_eq(vfu_check_request(&header, NULL, 0, &shape, &why), 0);
	header.error = 5;
	ck_assert_int_eq(vfu_check_request(&header, NULL, 0, &shape, &why), -EINVAL);
}
END_TEST

/* Every length a command can have, and every number of descriptors. */
START_TEST(lengths_and_descriptors)
{
	static const struct {
		uint16_t command;
		size_t len;
		unsigned int fds;
	} fixed[] = {
		{ VFU_DMA_MAP, 32, 1 },
		{ VFU_DMA_UNMAP, 24, 0 },
		{ VFU_DEVICE_GET_INFO, 16, 0 },
		{ VFU_DEVICE_GET_REGION_INFO, 32, 0 },
		{ VFU_DEVICE_GET_IRQ_INFO, 16, 0 },
		{ VFU_REGION_READ, 16, 0 },
		{ VFU_DEVICE_RESET, 0, 0 },
	};
	size_t i, len;
	unsigned int fds;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		switch (fixed[i].command) {
		case VFU_DMA_MAP:
			PUT(struct vfu_dma_map, .argsz = 32, .flags = 3, .size = 4096);
			break;
		case VFU_REGION_READ:
			PUT(struct vfu_region_access, .region = 7, .count = 1);
			break;
		case VFU_DMA_UNMAP:
			PUT(struct vfu_dma_unmap, .argsz = 24, .size = 4096);
			break;
		default:
			PUT(struct vfu_device_info, .argsz = 32);
			break;
		}
		for (len = 0; len <= 64; len++)
			ck_assert_msg((judge(fixed[i].command, len, 0) == 0) ==
					      (len == fixed[i].len),
				      "command %d with %zu bytes", fixed[i].command, len);
		for (fds = 0; fds <= 32; fds++)
			ck_assert_msg((judge(fixed[i].command, fixed[i].len, fds) == 0) ==
					      (fds <= fixed[i].fds),
				      "command %d with %u descriptors", fixed[i].command, fds);
	}
}
END_TEST

START_TEST(commands_not_served)
{
	static const struct {
		uint16_t command;
		int ret;
	} cases[] = {
		{ 0, -EOPNOTSUPP },
		{ VFU_DEVICE_GET_REGION_IO_FDS, -EOPNOTSUPP },
		{ VFU_DMA_READ, -EINVAL },
		{ VFU_DMA_WRITE, -EINVAL },
		{ VFU_DIRTY_PAGES, -EOPNOTSUPP },
		{ VFU_DEVICE_FEATURE, -EINVAL },
		{ VFU_MIG_DATA_READ, -EOPNOTSUPP },
		{ VFU_MIG_DATA_WRITE, -EOPNOTSUPP },
		{ VFU_COMMANDS, -EOPNOTSUPP },
		{ 0xffff, -EOPNOTSUPP },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(judge(cases[i].command, 0, 0), cases[i].ret);
		ck_assert_int_eq(judge(cases[i].command, 100, 3), cases[i].ret);
	}
	ck_assert_str_eq(vfu_command_name(VFU_DMA_MAP), "DMA_MAP");
	ck_assert_str_eq(vfu_command_name(999), "unknown command");
}
END_TEST

/* ---- DMA -------------------------------------------------------------------- */

START_TEST(dma_map_rules)
{
	static const struct {
		struct vfu_dma_map map;
		unsigned int fds;
		int ret;
	} cases[] = {
		{ { 32, 3, 0, 0x1000, 0x1000 }, 1, 0 },
		{ { 32, 1, 0, 0x1000, 0x1000 }, 0, 0 },
		{ { 64, 2, 0, 0x1000, 0x1000 }, 0, 0 },
		{ { 31, 3, 0, 0x1000, 0x1000 }, 0, -EINVAL },
		{ { 0, 3, 0, 0x1000, 0x1000 }, 0, -EINVAL },
		{ { 32, 0, 0, 0x1000, 0x1000 }, 0, -EINVAL },
		{ { 32, 4, 0, 0x1000, 0x1000 }, 0, -EINVAL },
		{ { 32, 7, 0, 0x1000, 0x1000 }, 0, -EINVAL },
		{ { 32, 3, 0, 0x1000, 0 }, 0, -EINVAL },
		{ { 32, 3, 0, 0x1001, 0x1000 }, 0, -EINVAL },
		{ { 32, 3, 0, 0x1000, 0x1001 }, 0, -EINVAL },
		/* The end may be 2^64, not more. */
		{ { 32, 3, 0, -0x1000ULL, 0x1000 }, 0, 0 },
		{ { 32, 3, 0, -0x1000ULL, 0x2000 }, 0, -EINVAL },
		{ { 32, 3, 0, 0x1000, -0x1000ULL }, 0, 0 },
		{ { 32, 3, 0, 0x2000, -0x1000ULL }, 0, -EINVAL },
		/* The offset matters where there is a file. */
		{ { 32, 3, 0x1234, 0x1000, 0x1000 }, 0, 0 },
		{ { 32, 3, 0x1234, 0x1000, 0x1000 }, 1, -EINVAL },
		{ { 32, 3, -0x1000ULL, 0x1000, 0x1000 }, 1, -EINVAL },
		{ { 32, 3, -0x1000ULL, 0x1000, 0x2000 }, 1, -EINVAL },
		{ { 32, 3, INT64_MAX - 0xfff, 0x1000, 0x1000 }, 1, -EINVAL },
		{ { 32, 3, 0, 0x1000, 0x1000 }, 2, -EINVAL },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(payload.bytes, &cases[i].map, 32);
		ck_assert_msg(judge(VFU_DMA_MAP, 32, cases[i].fds) == cases[i].ret, "case %zu", i);
	}
}
END_TEST

START_TEST(dma_unmap_rules)
{
	static const struct {
		struct vfu_dma_unmap unmap;
		size_t len;
		int ret;
	} cases[] = {
		{ { 24, 0, 0x1000, 0x1000 }, 24, 0 },
		{ { 23, 0, 0x1000, 0x1000 }, 24, -EINVAL },
		{ { 24, 0, 0x1000, 0 }, 24, -EINVAL },
		{ { 24, 0, 0xfef00000, 0xffffffff01100000ULL }, 24, 0 },
		{ { 24, 0, 1ULL << 63, 1ULL << 63 }, 24, 0 },
		{ { 24, 0, 0xfef00000, 0xffffffff01100001ULL }, 24, -EINVAL },
		{ { 24, 2, 0, 0 }, 24, 0 },
		{ { 24, 2, 0x1000, 0 }, 24, -EINVAL },
		{ { 24, 2, 0, 0x1000 }, 24, -EINVAL },
		{ { 24, 1, 0x1000, 0x1000 }, 24, -EOPNOTSUPP },
		{ { 40, 1, 0x1000, 0x1000 }, 40, -EOPNOTSUPP },
		{ { 24, 3, 0, 0 }, 24, -EINVAL },
		{ { 24, 4, 0x1000, 0x1000 }, 24, -EINVAL },
		{ { 40, 0, 0x1000, 0x1000 }, 40, -EINVAL },
		{ { 24, 0, 0x1000, 0x1000 }, 41, -EINVAL },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(payload.bytes, 0, 64);
		memcpy(payload.bytes, &cases[i].unmap, 24);
		ck_assert_msg(judge(VFU_DMA_UNMAP, cases[i].len, 0) == cases[i].ret, "case %zu", i);
	}
}
END_TEST

/* ---- Information --------------------------------------------------------------- */

START_TEST(info_rules)
{
	PUT(struct vfu_device_info, .argsz = 15);
	ck_assert_int_eq(judge(VFU_DEVICE_GET_INFO, 16, 0), -EINVAL);
	PUT(struct vfu_device_info, .argsz = UINT32_MAX);
	ck_assert_int_eq(judge(VFU_DEVICE_GET_INFO, 16, 0), 0);

	PUT(struct vfu_region_info, .argsz = 31);
	ck_assert_int_eq(judge(VFU_DEVICE_GET_REGION_INFO, 32, 0), -EINVAL);
	PUT(struct vfu_region_info, .argsz = UINT32_MAX, .index = 8);
	ck_assert_int_eq(judge(VFU_DEVICE_GET_REGION_INFO, 32, 0), 0);
	PUT(struct vfu_region_info, .argsz = 32, .index = 9);
	ck_assert_int_eq(judge(VFU_DEVICE_GET_REGION_INFO, 32, 0), -EINVAL);

	PUT(struct vfu_irq_info, .argsz = 15);
	ck_assert_int_eq(judge(VFU_DEVICE_GET_IRQ_INFO, 16, 0), -EINVAL);
	PUT(struct vfu_irq_info, .argsz = 16, .index = 4);
	ck_assert_int_eq(judge(VFU_DEVICE_GET_IRQ_INFO, 16, 0), 0);
	PUT(struct vfu_irq_info, .argsz = 16, .index = 5);
	ck_assert_int_eq(judge(VFU_DEVICE_GET_IRQ_INFO, 16, 0), -EINVAL);
}
END_TEST

/* ---- SET_IRQS ------------------------------------------------------------------- */

#define NONE VFIO_IRQ_SET_DATA_NONE
#define BOOL VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD VFIO_IRQ_SET_DATA_EVENTFD
#define MASK VFIO_IRQ_SET_ACTION_MASK
#define UNMASK VFIO_IRQ_SET_ACTION_UNMASK
#define TRIGGER VFIO_IRQ_SET_ACTION_TRIGGER
#define MSIX VFIO_PCI_MSIX_IRQ_INDEX

START_TEST(set_irqs_rules)
{
	static const struct {
		struct {
			uint32_t argsz, flags, index, start, count;
		} set;
		size_t data;
		unsigned int fds;
		int ret;
	} cases[] = {
		/* What QEMU sends. */
		{ { 20, EVENTFD | TRIGGER, MSIX, 0, 1 }, 0, 0, 0 },
		{ { 20, EVENTFD | TRIGGER, MSIX, 6, 1 }, 0, 1, 0 },
		{ { 20, EVENTFD | TRIGGER, MSIX, 0, 9 }, 0, 9, 0 },
		{ { 20, NONE | TRIGGER, MSIX, 0, 0 }, 0, 0, 0 },
		/* Sizes. */
		{ { 19, EVENTFD | TRIGGER, MSIX, 0, 1 }, 0, 1, -EINVAL },
		{ { 0, NONE | TRIGGER, MSIX, 0, 0 }, 0, 0, -EINVAL },
		{ { 24, EVENTFD | TRIGGER, MSIX, 0, 1 }, 4, 1, -EINVAL },
		{ { 24, NONE | TRIGGER, MSIX, 0, 1 }, 4, 0, -EINVAL },
		/* Exactly one kind of data, exactly one action. */
		{ { 20, TRIGGER, MSIX, 0, 1 }, 0, 0, -EINVAL },
		{ { 20, NONE, MSIX, 0, 1 }, 0, 0, -EINVAL },
		{ { 20, 0, MSIX, 0, 0 }, 0, 0, -EINVAL },
		{ { 20, NONE | BOOL | TRIGGER, MSIX, 0, 1 }, 1, 0, -EINVAL },
		{ { 20, NONE | EVENTFD | TRIGGER, MSIX, 0, 1 }, 0, 0, -EINVAL },
		{ { 20, NONE | TRIGGER | MASK, MSIX, 0, 1 }, 0, 0, -EINVAL },
		{ { 20, NONE | TRIGGER | 64, MSIX, 0, 1 }, 0, 0, -EINVAL },
		{ { 20, 0xffffffff, MSIX, 0, 1 }, 0, 0, -EINVAL },
		/* Ranges. */
		{ { 20, EVENTFD | TRIGGER, MSIX, 0, 10 }, 0, 10, -EINVAL },
		{ { 20, EVENTFD | TRIGGER, MSIX, 9, 1 }, 0, 1, -EINVAL },
		{ { 20, EVENTFD | TRIGGER, MSIX, 8, 2 }, 0, 2, -EINVAL },
		{ { 20, EVENTFD | TRIGGER, MSIX, UINT32_MAX, 1 }, 0, 1, -EINVAL },
		{ { 20, EVENTFD | TRIGGER, MSIX, 1, UINT32_MAX }, 0, 0, -EINVAL },
		{ { 20, NONE | TRIGGER, MSIX, UINT32_MAX, 2 }, 0, 0, -EINVAL },
		{ { 20, EVENTFD | TRIGGER, MSIX, 8, 1 }, 0, 0, 0 },
		/* Count 0: only to disable. */
		{ { 20, NONE | TRIGGER, MSIX, 1, 0 }, 0, 0, -EINVAL },
		{ { 20, EVENTFD | TRIGGER, MSIX, 0, 0 }, 0, 0, -EINVAL },
		{ { 20, BOOL | TRIGGER, MSIX, 0, 0 }, 0, 0, -EINVAL },
		{ { 20, NONE | MASK, MSIX, 0, 0 }, 0, 0, -EINVAL },
		/* Descriptors: none or as many as vectors, and only with EVENTFD. */
		{ { 20, EVENTFD | TRIGGER, MSIX, 0, 3 }, 0, 2, -EINVAL },
		{ { 20, EVENTFD | TRIGGER, MSIX, 0, 3 }, 0, 4, -EINVAL },
		{ { 20, EVENTFD | TRIGGER, MSIX, 0, 17 }, 0, 17, -EINVAL },
		{ { 20, NONE | TRIGGER, MSIX, 0, 1 }, 0, 1, -EINVAL },
		{ { 20, NONE | TRIGGER, MSIX, 0, 0 }, 0, 1, -EINVAL },
		{ { 21, BOOL | TRIGGER, MSIX, 0, 1 }, 1, 1, -EINVAL },
		/* BOOL: as many bytes as vectors. */
		{ { 22, BOOL | TRIGGER, MSIX, 3, 2 }, 2, 0, 0 },
		{ { 21, BOOL | TRIGGER, MSIX, 3, 2 }, 2, 0, -EINVAL },
		{ { 22, BOOL | TRIGGER, MSIX, 3, 2 }, 1, 0, -EINVAL },
		{ { 22, BOOL | TRIGGER, MSIX, 3, 2 }, 3, 0, -EINVAL },
		{ { 20, BOOL | TRIGGER, MSIX, 3, UINT32_MAX }, 0, 0, -EINVAL },
		/* Loopback. */
		{ { 20, NONE | TRIGGER, MSIX, 2, 3 }, 0, 0, 0 },
		/* No masking here. */
		{ { 20, NONE | MASK, MSIX, 0, 1 }, 0, 0, -EINVAL },
		{ { 20, NONE | UNMASK, MSIX, 0, 1 }, 0, 0, -EINVAL },
		{ { 20, EVENTFD | UNMASK, MSIX, 0, 1 }, 0, 1, -EINVAL },
		/* Indexes without vectors can only be disabled. */
		{ { 20, NONE | TRIGGER, 0, 0, 0 }, 0, 0, 0 },
		{ { 20, NONE | TRIGGER, 4, 0, 0 }, 0, 0, 0 },
		{ { 20, EVENTFD | TRIGGER, 0, 0, 1 }, 0, 1, -EINVAL },
		{ { 20, EVENTFD | TRIGGER, 3, 0, 1 }, 0, 1, -EINVAL },
		{ { 20, NONE | TRIGGER, 5, 0, 0 }, 0, 0, -EINVAL },
		{ { 20, NONE | TRIGGER, UINT32_MAX, 0, 0 }, 0, 0, -EINVAL },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(payload.bytes, 1, 64);
		memcpy(payload.bytes, &cases[i].set, 20);
		ck_assert_msg(judge(VFU_DEVICE_SET_IRQS, 20 + cases[i].data, cases[i].fds) ==
				      cases[i].ret,
			      "case %zu", i);
	}
	for (i = 0; i < 20; i++)
		ck_assert_int_eq(judge(VFU_DEVICE_SET_IRQS, i, 0), -EINVAL);
}
END_TEST

/* ---- Regions -------------------------------------------------------------------- */

START_TEST(region_access_rules)
{
	static const struct {
		struct {
			uint64_t offset;
			uint32_t region, count;
		} a;
		int ret;
	} cases[] = {
		{ { 0, 7, 4096 }, 0 },
		{ { 0, 7, 4097 }, -EINVAL },
		{ { 1, 7, 4096 }, -EINVAL },
		{ { 4095, 7, 1 }, 0 },
		{ { 4096, 7, 1 }, -EINVAL },
		{ { 0, 7, 0 }, -EINVAL },
		{ { 0xfff8, 0, 8 }, 0 },
		{ { 0xfffc, 0, 8 }, -EINVAL },
		{ { UINT64_MAX, 0, 1 }, -EINVAL },
		{ { UINT64_MAX - 3, 0, 8 }, -EINVAL },
		{ { UINT64_MAX - 0xffff, 0, 0x10000 }, -EINVAL },
		{ { 0, 1, 4 }, -EINVAL },
		{ { 0, 6, 4 }, -EINVAL },
		{ { 0, 8, 1 }, -EINVAL },
		{ { 0, 9, 4 }, -EINVAL },
		{ { 0, UINT32_MAX, 4 }, -EINVAL },
		{ { 0, 2, UINT32_MAX }, -EINVAL },
		{ { 0, 2, VFU_MAX_DATA + 1 }, -EINVAL },
		{ { 0, 2, 64 }, 0 },
	};
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t count = cases[i].a.count;

		memcpy(payload.bytes, &cases[i].a, 16);
		ck_assert_msg(judge(VFU_REGION_READ, 16, 0) == cases[i].ret, "case %zu", i);
		ck_assert_int_eq(
			vfu_check_access(cases[i].a.region, cases[i].a.offset, count, &shape, &why),
			cases[i].ret);
		if (count > VFU_MAX_DATA)
			continue;
		ck_assert_msg(judge(VFU_REGION_WRITE, 16 + count, 0) == cases[i].ret, "case %zu",
			      i);
		ck_assert_int_eq(judge(VFU_REGION_WRITE, 16 + count + 1, 0), -EINVAL);
		if (count)
			ck_assert_int_eq(judge(VFU_REGION_WRITE, 16 + count - 1, 0), -EINVAL);
	}
	/* A count that is right only in 32 bits. */
	PUT(struct vfu_region_access, .region = 7, .count = 0xfffffff0);
	ck_assert_int_eq(judge(VFU_REGION_WRITE, 0, 0), -EINVAL);
}
END_TEST

static void put_multi(uint64_t count, size_t entries, uint32_t bytes)
{
	struct vfu_write_multi *multi = (void *)payload.bytes;
	size_t i;

	multi->count = count;
	for (i = 0; i < entries; i++)
		multi->entries[i] = (struct vfu_write_multi_entry){ .count = bytes };
}

START_TEST(write_multi_rules)
{
	size_t n;

	for (n = 1; n <= VFU_MAX_WRITE_MULTI; n++) {
		put_multi(n, n, 8);
		ck_assert_int_eq(judge(VFU_REGION_WRITE_MULTI, 8 + 24 * n, 0), 0);
		ck_assert_int_eq(judge(VFU_REGION_WRITE_MULTI, 8 + 24 * n - 1, 0), -EINVAL);
		ck_assert_int_eq(judge(VFU_REGION_WRITE_MULTI, 8 + 24 * n + 24, 0), -EINVAL);
	}
	put_multi(0, 0, 8);
	ck_assert_int_eq(judge(VFU_REGION_WRITE_MULTI, 8, 0), -EINVAL);
	put_multi(VFU_MAX_WRITE_MULTI + 1, VFU_MAX_WRITE_MULTI + 1, 8);
	ck_assert_int_eq(judge(VFU_REGION_WRITE_MULTI, 8 + 24 * (VFU_MAX_WRITE_MULTI + 1), 0),
			 -EINVAL);
	/* 2^64 / 24, so that the product wraps to something small. */
	put_multi(0x0aaaaaaaaaaaaaabULL, 1, 8);
	ck_assert_int_eq(judge(VFU_REGION_WRITE_MULTI, 8 + 24, 0), -EINVAL);
	put_multi(2, 2, 8);
	((struct vfu_write_multi *)payload.bytes)->entries[1].count = 9;
	ck_assert_int_eq(judge(VFU_REGION_WRITE_MULTI, 8 + 48, 0), -EINVAL);
	((struct vfu_write_multi *)payload.bytes)->entries[1].count = 0;
	ck_assert_int_eq(judge(VFU_REGION_WRITE_MULTI, 8 + 48, 0), -EINVAL);
	/* A bad place is that write's own affair. */
	((struct vfu_write_multi *)payload.bytes)->entries[1].count = 8;
	((struct vfu_write_multi *)payload.bytes)->entries[1].region = 99;
	ck_assert_int_eq(judge(VFU_REGION_WRITE_MULTI, 8 + 48, 0), 0);
	for (n = 0; n < 8; n++)
		ck_assert_int_eq(judge(VFU_REGION_WRITE_MULTI, n, 0), -EINVAL);
}
END_TEST

/* ---- VERSION ---------------------------------------------------------------------- */

static size_t put_version(uint16_t major, uint16_t minor, const char *text, size_t len)
{
	struct vfu_version *version = (void *)payload.bytes;

	version->major = major;
	version->minor = minor;
	memcpy(version->text, text, len);
	return sizeof(*version) + len;
}

static int parse(const char *text, struct vfu_capabilities *caps)
{
	size_t len = put_version(0, 0, text, strlen(text) + 1);
	const char *why = "unset";
	int ret = vfu_version_parse(payload.bytes, len, caps, &why);

	ck_assert((ret == 0) == (why == NULL));
	return ret;
}

START_TEST(version_of_qemu)
{
	struct vfu_capabilities caps;

	ck_assert_int_eq(parse("{\"capabilities\": {\"pgsizes\": 4096, \"max_msg_fds\": 16, "
			       "\"max_dma_maps\": 65535, \"max_data_xfer_size\": 1048576, "
			       "\"migration\": {\"max_bitmap_size\": 268435456, \"pgsize\": 4096}, "
			       "\"write_multiple\": true}}",
			       &caps),
			 0);
	ck_assert_uint_eq(caps.max_msg_fds, 16);
	ck_assert_uint_eq(caps.max_dma_maps, 65535);
	ck_assert_uint_eq(caps.max_data_xfer_size, 1048576);
	ck_assert_uint_eq(caps.pgsizes, 4096);
	ck_assert(caps.write_multiple);
}
END_TEST

START_TEST(version_defaults)
{
	static const char *const texts[] = { NULL, "{}", "{\"capabilities\":{}}",
					     "{\"x\":[1,{}]}" };
	struct vfu_capabilities caps;
	const char *why;
	size_t i;

	for (i = 0; i < 4; i++) {
		memset(&caps, 0xff, sizeof(caps));
		if (texts[i])
			ck_assert_int_eq(parse(texts[i], &caps), 0);
		else
			ck_assert_int_eq(vfu_version_parse(payload.bytes, put_version(0, 0, "", 0),
							   &caps, &why),
					 0);
		ck_assert_uint_eq(caps.max_msg_fds, 1);
		ck_assert_uint_eq(caps.max_data_xfer_size, 1 << 20);
		ck_assert_uint_eq(caps.max_dma_maps, 65535);
		ck_assert_uint_eq(caps.pgsizes, 4096);
		ck_assert(!caps.write_multiple);
	}
	/* A later minor version speaks ours too. */
	ck_assert_int_eq(vfu_version_parse(payload.bytes, put_version(0, 9, "{}", 3), &caps, &why),
			 0);
}
END_TEST

START_TEST(version_nonsense)
{
	static const char *const texts[] = {
		"",
		" ",
		"{",
		"}",
		"[]",
		"1",
		"null",
		"true",
		"\"text\"",
		"{}{}",
		"{} x",
		"{\"a\"}",
		"{\"capabilities\":[]}",
		"{\"capabilities\":null}",
		"{\"capabilities\":{\"max_msg_fds\":\"16\"}}",
		"{\"capabilities\":{\"max_msg_fds\":1.5}}",
		"{\"capabilities\":{\"max_msg_fds\":-1}}",
		"{\"capabilities\":{\"max_data_xfer_size\":true}}",
		"{\"capabilities\":{\"max_data_xfer_size\":0}}",
		"{\"capabilities\":{\"max_dma_maps\":{}}}",
		"{\"capabilities\":{\"pgsizes\":null}}",
		"{\"capabilities\":{\"pgsizes\":8192}}",
		"{\"capabilities\":{\"write_multiple\":1}}",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
		"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}",
		"{\"a\":\"\xff\xfe\"}",
	};
	struct vfu_capabilities caps;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(parse(texts[i], &caps) == -EINVAL, "accepted: %s", texts[i]);
	/* The NUL: at the end, and only there. */
	ck_assert_int_eq(vfu_version_parse(payload.bytes, put_version(0, 0, "{}", 2), &caps, &why),
			 -EINVAL);
	ck_assert_int_eq(
		vfu_version_parse(payload.bytes, put_version(0, 0, "{}\0", 4), &caps, &why),
		-EINVAL);
	ck_assert_int_eq(
		vfu_version_parse(payload.bytes, put_version(0, 0, "{\0}", 4), &caps, &why),
		-EINVAL);
	ck_assert_int_eq(vfu_version_parse(payload.bytes, put_version(0, 0, "{}", 3), &caps, &why),
			 0);
	ck_assert_int_eq(vfu_version_parse(payload.bytes, put_version(1, 0, "{}", 3), &caps, &why),
			 -EOPNOTSUPP);
}
END_TEST

START_TEST(version_length_is_bounded)
{
	memset(payload.bytes, ' ', sizeof(payload.bytes));
	ck_assert_int_eq(judge(VFU_VERSION, 4 + VFU_MAX_VERSION_TEXT, 0), 0);
	ck_assert_int_eq(judge(VFU_VERSION, 4 + VFU_MAX_VERSION_TEXT + 1, 0), -EINVAL);
	ck_assert_int_eq(judge(VFU_VERSION, 3, 0), -EINVAL);
	ck_assert_int_eq(judge(VFU_VERSION, 4, 0), 0);
	ck_assert_int_eq(judge(VFU_VERSION, 4, 1), -EINVAL);
}
END_TEST

START_TEST(version_reply_fits_the_request)
{
	const struct vfu_version *version = (void *)payload.bytes;
	struct vfu_capabilities caps;
	long full, len;
	const char *why;
	size_t room;

	full = vfu_version_reply(payload.bytes, 214 - 16);
	ck_assert_int_gt(full, 4);
	ck_assert_int_eq(payload.bytes[full - 1], 0);
	ck_assert_uint_eq(strlen(version->text) + 1, full - 4);
	/* It reads back as what this server takes. */
	ck_assert_int_eq(vfu_version_parse(payload.bytes, full, &caps, &why), 0);
	ck_assert_uint_eq(caps.max_msg_fds, VFU_MAX_MSG_FDS);
	ck_assert_uint_eq(caps.max_data_xfer_size, VFU_MAX_DATA);
	ck_assert(caps.write_multiple);
	for (room = 4; room < 300; room++) {
		len = vfu_version_reply(payload.bytes, room);
		ck_assert_int_eq(len, room < (size_t)full ? 4 : full);
		ck_assert_uint_eq(version->major, 0);
		ck_assert_uint_eq(version->minor, 0);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("protocol");
	TCase *tcase = tcase_create("rules");

	tcase_add_test(tcase, headers);
	tcase_add_test(tcase, header_of_a_command_says_nothing_of_errors);
	tcase_add_test(tcase, lengths_and_descriptors);
	tcase_add_test(tcase, commands_not_served);
	tcase_add_test(tcase, dma_map_rules);
	tcase_add_test(tcase, dma_unmap_rules);
	tcase_add_test(tcase, info_rules);
	tcase_add_test(tcase, set_irqs_rules);
	tcase_add_test(tcase, region_access_rules);
	tcase_add_test(tcase, write_multi_rules);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("version");
	tcase_add_test(tcase, version_of_qemu);
	tcase_add_test(tcase, version_defaults);
	tcase_add_test(tcase, version_nonsense);
	tcase_add_test(tcase, version_length_is_bounded);
	tcase_add_test(tcase, version_reply_fits_the_request);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
