/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the processor calculates, on values of which some are not known. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sampling/operand-instruction.h"

struct operand_value {
	uint64_t bits; /* zero above the operand's size */
	bool known;
};

struct operand_flags {
	uint16_t value;
	uint16_t known; /* the bits of `value` that are certain */
};

/* All bits of a value of `size` (1, 2, 4, 8) bytes. */
static inline uint64_t operand_size_mask(unsigned size)
{
	return ~0ULL >> (64 - 8 * size);
}

/* The value's sign carried into all 64 bits. */
static inline uint64_t operand_sign_extend(uint64_t bits, unsigned size)
{
	unsigned shift = 64 - 8 * size;

	return (uint64_t)((int64_t)(bits << shift) >> shift);
}

/* The result of a calculation of `size` bytes (ADD..NOT, SWAP_BYTES; for COMPARE and TEST of their
 * subtract and and); brings the flags up to date. Operations with one operand use `a`. */
struct operand_value operand_calculate(enum operand_operation operation, unsigned size,
				       struct operand_value a, struct operand_value b,
				       struct operand_flags *flags);

/* Whether a condition (as encoded in jcc) holds; not known: flags that it needs are not. bits is 0
 * or 1. */
struct operand_value operand_condition(unsigned condition, const struct operand_flags *flags);
