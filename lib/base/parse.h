/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strict text -> number: the whole text must be the value; nothing is guessed, nothing wraps. All
 * return 0, -EINVAL (not such a value) or -ERANGE (too large). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Decimal without sign. */
int parse_u64(const char *text, uint64_t *ret_value);

/* yes/no, true/false, on/off, 1/0. */
int parse_bool(const char *text, bool *ret_value);

/* Bytes: a whole number with an optional K, M, G, T (powers of 1024; "B", "iB" may follow). */
int parse_size(const char *text, uint64_t *ret_bytes);

/* A duration with a unit: us, ms, s, min, h; a fraction is allowed ("1.5s"). A bare number is
 * refused. */
int parse_duration(const char *text, uint64_t *ret_usec);

/* "2%", "0.5%": hundredths of a percent. The % is required. */
int parse_percent(const char *text, unsigned *ret_permyriad);
