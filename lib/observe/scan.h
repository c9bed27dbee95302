/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads numbers and words off a NUL-terminated line without copying. Each function moves *p past
 * what it read and returns true, or leaves *p alone. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool scan_hex(const char **p, uint64_t *ret_value)
{
	const char *c = *p;
	uint64_t value = 0;

	for (;; c++) {
		unsigned digit;

		if (*c >= '0' && *c <= '9')
			digit = (unsigned)(*c - '0');
		else if (*c >= 'a' && *c <= 'f')
			digit = (unsigned)(*c - 'a' + 10);
		else
			break;
		if (value >> 60)
			return false;
		value = value << 4 | digit;
	}
	if (c == *p)
		return false;
	*p = c;
	*ret_value = value;
	return true;
}

static inline bool scan_decimal(const char **p, uint64_t *ret_value)
{
	const char *c = *p;
	uint64_t value = 0;

	for (; *c >= '0' && *c <= '9'; c++)
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*c - '0'), &value))
			return false;
	if (c == *p)
		return false;
	*p = c;
	*ret_value = value;
	return true;
}

static inline bool scan_char(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static inline bool scan_text(const char **p, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(*p, text, length) != 0)
		return false;
	*p += length;
	return true;
}

/* Any number of blanks, none included. */
static inline void scan_blanks(const char **p)
{
	while (**p == ' ' || **p == '\t')
		(*p)++;
}

/* A whole word: `text` followed by a blank or the end. */
static inline bool scan_word(const char **p, const char *text)
{
	const char *c = *p;

	if (!scan_text(&c, text) || (*c != ' ' && *c != '\t' && *c != '\0'))
		return false;
	*p = c;
	return true;
}
