/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/base/parse.c: strict text -> number. */
#include <errno.h>
#include <limits.h>

#include "base/parse.h"
#include "base/cleanup.h"
#include "tests/tap.h"

#define UNTOUCHED 4711

typedef int (*parse_function)(const char *text, uint64_t *ret_value);

static int permyriad(const char *text, uint64_t *ret_value)
{
	unsigned value;
	int r = parse_percent(text, &value);

	if (r == 0)
		*ret_value = value;
	return r;
}

static void check_value(parse_function parse, const char *text, uint64_t want)
{
	uint64_t got = UNTOUCHED;

	if (!CHECK_INT(parse(text, &got), 0) || !CHECK(got == want))
		printf("# for \"%s\"\n", text);
}

static void check_error(parse_function parse, const char *text, int error)
{
	uint64_t got = UNTOUCHED;

	if (!CHECK_INT(parse(text, &got), error) || !CHECK_INT(got, UNTOUCHED))
		printf("# for \"%s\"\n", text);
}

TEST(numbers, "a decimal number is the whole text or nothing")
{
	static const char *const bad[] = { "",    "-1", "+1",  " 1",  "1 ", "1\n",
					   "0x1", "1a", "1.0", "1e3", ".",  "a" };

	check_value(parse_u64, "0", 0);
	check_value(parse_u64, "007", 7);
	check_value(parse_u64, "18446744073709551615", UINT64_MAX);
	check_error(parse_u64, "18446744073709551616", -ERANGE);
	check_error(parse_u64, "99999999999999999999999", -ERANGE);
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		check_error(parse_u64, bad[i], -EINVAL);
}

TEST(booleans, "a boolean is one of eight words")
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };
	static const char *const bad[] = { "", "y", "Yes", "yes ", "2", "nope", "of" };
	bool value;

	for (size_t i = 0; i < ELEMENTSOF(yes); i++) {
		value = false;
		CHECK(parse_bool(yes[i], &value) == 0 && value);
		value = true;
		CHECK(parse_bool(no[i], &value) == 0 && !value);
	}
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		CHECK_INT(parse_bool(bad[i], &value), -EINVAL);
}

TEST(sizes, "a size counts in powers of 1024")
{
	static const char *const bad[] = { "",    "K",    "1k",  "1.5M", "1 M",   "1MM", "1Bi",
					   "-1M", "1KB ", "1iB", "1E",   "1MiBs", "1Mi", "B" };

	check_value(parse_size, "0", 0);
	check_value(parse_size, "4096", 4096);
	check_value(parse_size, "4096B", 4096);
	check_value(parse_size, "4K", 4096);
	check_value(parse_size, "64M", 64ULL << 20);
	check_value(parse_size, "64MB", 64ULL << 20);
	check_value(parse_size, "64MiB", 64ULL << 20);
	check_value(parse_size, "1G", 1ULL << 30);
	check_value(parse_size, "16777215T", 16777215ULL << 40);
	check_error(parse_size, "16777216T", -ERANGE);
	check_error(parse_size, "18446744073709551616", -ERANGE);
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		check_error(parse_size, bad[i], -EINVAL);
}

TEST(durations, "a duration needs a unit and may have a fraction")
{
	static const char *const bad[] = { "",     "1",  "s",   "1 s",   "1.s", ".5s",    "-1s",
					   "1sec", "1m", "1s ", "1s1ms", "1S",  "1.5.5s", "1,5s" };

	check_value(parse_duration, "0s", 0);
	check_value(parse_duration, "100us", 100);
	check_value(parse_duration, "5ms", 5000);
	check_value(parse_duration, "1.5s", 1500000);
	check_value(parse_duration, "1.50000000000000000000s", 1500000);
	check_value(parse_duration, "0.000001s", 1);
	check_value(parse_duration, "1min", 60000000);
	check_value(parse_duration, "0.5h", 1800000000);
	check_value(parse_duration, "18446744073709551615us", UINT64_MAX);
	check_error(parse_duration, "18446744073709551616us", -ERANGE);
	check_error(parse_duration, "18446744073709551615ms", -ERANGE);
	check_error(parse_duration, "0.5us", -EINVAL);
	check_error(parse_duration, "0.0000001s", -EINVAL);
	check_error(parse_duration, "0.0000000000000001h", -EINVAL);
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		check_error(parse_duration, bad[i], -EINVAL);
}

TEST(duration_edge, "the fraction's part does not wrap the sum")
{
	check_value(parse_duration, "5124095576.03h", 5124095576ULL * 3600000000ULL + 108000000ULL);
	check_error(parse_duration, "5124095576.04h", -ERANGE);
}

TEST(percents, "a percentage needs its sign and is exact to a hundredth")
{
	static const char *const bad[] = { "",    "2",   "%",      "2 %", "2%%",
					   "-2%", ".5%", "0.005%", "2.%", "2% " };

	check_value(permyriad, "0%", 0);
	check_value(permyriad, "2%", 200);
	check_value(permyriad, "0.5%", 50);
	check_value(permyriad, "0.10%", 10);
	check_value(permyriad, "12.340%", 1234);
	check_value(permyriad, "150%", 15000);
	check_value(permyriad, "42949672.95%", UINT_MAX);
	check_error(permyriad, "42949672.96%", -ERANGE);
	check_error(permyriad, "99999999999999999999%", -ERANGE);
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		check_error(permyriad, bad[i], -EINVAL);
}

TEST_MAIN()
