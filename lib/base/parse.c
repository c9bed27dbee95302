/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/parse.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/cleanup.h"

/* 10^9 times the longest unit still fits in 64 bits. */
#define FRACTION_DIGITS_MAX 9

struct unit {
	const char *name;
	uint64_t factor;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads the digits at *text and moves it behind them. */
static int take_digits(const char **text, uint64_t *ret_value)
{
	const char *p = *text;
	uint64_t value = 0;

	if (!is_digit(*p))
		return -EINVAL;
	for (; is_digit(*p); p++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
			return -ERANGE;
	*text = p;
	*ret_value = value;
	return 0;
}

/* Reads ".5" at *text, or nothing, as 5 / 10. Zeros at the end do not count. */
static int take_fraction(const char **text, uint64_t *ret_numerator, uint64_t *ret_denominator)
{
	const char *p = *text, *end;

	*ret_numerator = 0;
	*ret_denominator = 1;
	if (*p != '.')
		return 0;
	if (!is_digit(*++p))
		return -EINVAL;
	for (end = p; is_digit(*end); end++)
		;
	*text = end;
	while (end > p && end[-1] == '0')
		end--;
	if (end - p > FRACTION_DIGITS_MAX)
		return -EINVAL;
	for (; p < end; p++) {
		*ret_numerator = *ret_numerator * 10 + (uint64_t)(*p - '0');
		*ret_denominator *= 10;
	}
	return 0;
}

/* whole.fraction times `factor`, which must come out even. */
static int scale(uint64_t whole, uint64_t numerator, uint64_t denominator, uint64_t factor,
		 uint64_t *ret_value)
{
	uint64_t value;

	if (numerator * factor % denominator != 0)
		return -EINVAL;
	if (__builtin_mul_overflow(whole, factor, &value) ||
	    __builtin_add_overflow(value, numerator * factor / denominator, &value))
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int parse_u64(const char *text, uint64_t *ret_value)
{
	uint64_t value;
	int r = take_digits(&text, &value);

	if (r < 0)
		return r;
	if (*text)
		return -EINVAL;
	*ret_value = value;
	return 0;
}

int parse_bool(const char *text, bool *ret_value)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < ELEMENTSOF(yes); i++)
		if (strcmp(text, yes[i]) == 0) {
			*ret_value = true;
			return 0;
		}
	for (size_t i = 0; i < ELEMENTSOF(no); i++)
		if (strcmp(text, no[i]) == 0) {
			*ret_value = false;
			return 0;
		}
	return -EINVAL;
}

int parse_size(const char *text, uint64_t *ret_bytes)
{
	static const char prefixes[] = "KMGT";
	const char *prefix;
	uint64_t value;
	int shift = 0;
	int r = take_digits(&text, &value);

	if (r < 0)
		return r;
	if (*text && (prefix = strchr(prefixes, *text))) {
		shift = 10 * (int)(prefix - prefixes + 1);
		text++;
	}
	if (shift && strcmp(text, "iB") == 0)
		text += 2;
	else if (strcmp(text, "B") == 0)
		text++;
	if (*text)
		return -EINVAL;
	if (value > UINT64_MAX >> shift)
		return -ERANGE;
	*ret_bytes = value << shift;
	return 0;
}

int parse_duration(const char *text, uint64_t *ret_usec)
{
	static const struct unit units[] = { { "us", 1 },
					     { "ms", USEC_PER_MSEC },
					     { "s", USEC_PER_SEC },
					     { "min", 60 * USEC_PER_SEC },
					     { "h", 3600 * USEC_PER_SEC } };
	uint64_t whole = 0, numerator = 0, denominator = 1;
	int r = take_digits(&text, &whole);

	if (r == 0)
		r = take_fraction(&text, &numerator, &denominator);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ELEMENTSOF(units); i++)
		if (strcmp(text, units[i].name) == 0)
			return scale(whole, numerator, denominator, units[i].factor, ret_usec);
	return -EINVAL;
}

int parse_percent(const char *text, unsigned *ret_permyriad)
{
	uint64_t whole = 0, numerator = 0, denominator = 1, value = 0;
	int r = take_digits(&text, &whole);

	if (r == 0)
		r = take_fraction(&text, &numerator, &denominator);
	if (r < 0)
		return r;
	if (strcmp(text, "%") != 0)
		return -EINVAL;
	r = scale(whole, numerator, denominator, 100, &value);
	if (r < 0)
		return r;
	if (value > UINT_MAX)
		return -ERANGE;
	*ret_permyriad = (unsigned)value;
	return 0;
}
