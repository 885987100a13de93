// SPDX-License-Identifier: GPL-2.0-only
/* Histogram: where values go, how wrong percentiles can be; and the units they are printed in. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "histogram.h"
#include "unit.h"
#include "units.h"

static struct histogram first, second, both;

static void setup(void)
{
	memset(&first, 0, sizeof(first));
	memset(&second, 0, sizeof(second));
	memset(&both, 0, sizeof(both));
}

static uint64_t state = 1;

static uint64_t next_random(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return state;
}

START_TEST(buckets_touch_and_do_not_overlap)
{
	ck_assert_uint_eq(histogram_low(0), 0);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t low = histogram_low(i), high = histogram_high(i);

		ck_assert_uint_le(low, high);
		ck_assert_uint_eq(histogram_index(low), i);
		ck_assert_uint_eq(histogram_index(high), i);
		if (i + 1 < HISTOGRAM_BUCKETS)
			ck_assert_uint_eq(high + 1, histogram_low(i + 1));
		/* The promise: width at most 1/64 of the value. */
		ck_assert_uint_le(high - low, low / 64);
	}
	ck_assert_uint_eq(histogram_high(HISTOGRAM_BUCKETS - 1), UINT64_MAX);
	ck_assert_uint_eq(histogram_index(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}
END_TEST

static int by_value(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

START_TEST(percentiles_against_sorting)
{
	static const unsigned int wanted[] = { 1, 100, 2500, 5000, 9000, 9900, 9990, 9999, 10000 };
	static uint64_t values[5000];
	const size_t count = sizeof(values) / sizeof(values[0]);

	for (size_t i = 0; i < count; i++) {
		values[i] = next_random() >> (next_random() >> 58);
		histogram_add(&first, values[i]);
	}
	qsort(values, count, sizeof(values[0]), by_value);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		uint64_t exact = values[(count * wanted[i] + 9999) / 10000 - 1];
		uint64_t got = histogram_percentile(&first, wanted[i]);

		ck_assert_uint_ge(got, exact);
		ck_assert_uint_le(got - exact, exact / 64);
	}
	ck_assert_uint_eq(first.min, values[0]);
	ck_assert_uint_eq(first.max, values[count - 1]);
	ck_assert_uint_eq(histogram_percentile(&first, 10000), values[count - 1]);
}
END_TEST

START_TEST(merging_is_adding_all)
{
	for (int i = 0; i < 1000; i++) {
		uint64_t value = next_random() >> 30;

		histogram_add(i % 3 ? &first : &second, value);
		histogram_add(&both, value);
	}
	histogram_merge(&first, &second);
	ck_assert_mem_eq(&first, &both, sizeof(both));
}
END_TEST

START_TEST(merging_with_an_empty_one)
{
	histogram_add(&first, 7);
	both = first;
	histogram_merge(&first, &second);
	ck_assert_mem_eq(&first, &both, sizeof(both));
	/* An empty one's smallest value is not zero, it has none. */
	histogram_merge(&second, &first);
	ck_assert_mem_eq(&second, &both, sizeof(both));
}
END_TEST

START_TEST(empty_and_single)
{
	ck_assert_uint_eq(histogram_percentile(&first, 9900), 0);
	ck_assert_uint_eq(histogram_mean(&first), 0);
	histogram_add(&first, 1234567);
	ck_assert_uint_eq(histogram_percentile(&first, 0), 1234567);
	ck_assert_uint_eq(histogram_percentile(&first, 5000), 1234567);
	ck_assert_uint_eq(histogram_mean(&first), 1234567);
}
END_TEST

static const struct {
	const char *text;
	int error;
	uint64_t value;
} durations[] = {
	{ "0", 0, 0 },
	{ "0s", 0, 0 },
	{ "1ns", 0, 1 },
	{ "20us", 0, 20000 },
	{ "250ms", 0, 250000000 },
	{ "1s", 0, 1000000000 },
	{ "0.5s", 0, 500000000 },
	{ "1.25ms", 0, 1250000 },
	{ "0.0001h", 0, 360000000 },
	{ "0.333333333333333333333333s", 0, 333333333 },
	{ "2m", 0, 120000000000 },
	{ "3h", 0, 10800000000000 },
	{ "", -EINVAL, 0 },
	{ "10", -EINVAL, 0 },
	{ "0.0", -EINVAL, 0 },
	{ ".5s", -EINVAL, 0 },
	{ "1.s", -EINVAL, 0 },
	{ "1.2.3s", -EINVAL, 0 },
	{ "-1s", -EINVAL, 0 },
	{ "+1s", -EINVAL, 0 },
	{ " 1s", -EINVAL, 0 },
	{ "1 s", -EINVAL, 0 },
	{ "1s ", -EINVAL, 0 },
	{ "1S", -EINVAL, 0 },
	{ "1e3s", -EINVAL, 0 },
	{ "s", -EINVAL, 0 },
	{ "18446744073709551615ns", 0, UINT64_MAX },
	{ "18446744073709551616ns", -ERANGE, 0 },
	{ "18446744074s", -ERANGE, 0 },
	{ "99999999999999999999999s", -ERANGE, 0 },
};

START_TEST(duration)
{
	uint64_t value = 0;

	ck_assert_int_eq(units_parse_duration(durations[_i].text, &value), durations[_i].error);
	if (!durations[_i].error)
		ck_assert_uint_eq(value, durations[_i].value);
}
END_TEST

START_TEST(sizes_and_numbers)
{
	uint64_t value;

	ck_assert_int_eq(units_parse_size("4k", &value), 0);
	ck_assert_uint_eq(value, 4096);
	ck_assert_int_eq(units_parse_size("3M", &value), 0);
	ck_assert_uint_eq(value, 3 << 20);
	ck_assert_int_eq(units_parse_size("17", &value), 0);
	ck_assert_uint_eq(value, 17);
	ck_assert_int_eq(units_parse_size("4kB", &value), -EINVAL);
	ck_assert_int_eq(units_parse_size("k", &value), -EINVAL);
	ck_assert_int_eq(units_parse_size("18446744073709551615k", &value), -ERANGE);
	ck_assert_int_eq(units_parse_number("0x1f", &value), 0);
	ck_assert_uint_eq(value, 31);
	ck_assert_int_eq(units_parse_number("007", &value), 0);
	ck_assert_uint_eq(value, 7);
	ck_assert_int_eq(units_parse_number("0x", &value), -EINVAL);
	ck_assert_int_eq(units_parse_number("1f", &value), -EINVAL);
	ck_assert_int_eq(units_parse_number("0xffffffffffffffff", &value), 0);
	ck_assert_int_eq(units_parse_number("0x10000000000000000", &value), -ERANGE);
}
END_TEST

static const struct {
	uint64_t ns;
	const char *text;
} formats[] = {
	{ 0, "0ns" },
	{ 999, "999ns" },
	{ 1000, "1.00us" },
	{ 9996, "10.0us" },
	{ 12345, "12.3us" },
	{ 999600, "1.00ms" },
	{ 61200000, "61.2ms" },
	{ 250000000, "250ms" },
	{ 1500000000, "1.50s" },
	{ 3600000000000, "3600s" },
};

START_TEST(format)
{
	char text[UNITS_TEXT];

	ck_assert_str_eq(units_format_ns(text, formats[_i].ns), formats[_i].text);
	ck_assert_uint_lt(strlen(units_format_ns(text, UINT64_MAX)), UNITS_TEXT);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("histogram");
	TCase *tcase = tcase_create("histogram");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, buckets_touch_and_do_not_overlap);
	tcase_add_test(tcase, percentiles_against_sorting);
	tcase_add_test(tcase, merging_is_adding_all);
	tcase_add_test(tcase, merging_with_an_empty_one);
	tcase_add_test(tcase, empty_and_single);
	tcase_add_loop_test(tcase, duration, 0, sizeof(durations) / sizeof(durations[0]));
	tcase_add_test(tcase, sizes_and_numbers);
	tcase_add_loop_test(tcase, format, 0, sizeof(formats) / sizeof(formats[0]));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
