/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the processor calculates, on values of which some are not known. */
#include "sampling/operand-arithmetic.h"

static const struct operand_value unknown = { 0, false };

static uint16_t result_flags(uint64_t bits, unsigned size)
{
	uint16_t flags = 0;

	if (!bits)
		flags |= FLAG_ZERO;
	if (bits >> (8 * size - 1) & 1)
		flags |= FLAG_SIGN;
	if (!__builtin_parity((unsigned)bits & 0xff))
		flags |= FLAG_PARITY;
	return flags;
}

static void set_flags(struct operand_flags *flags, uint16_t which, uint16_t value)
{
	flags->value = (uint16_t)((flags->value & ~which) | (value & which));
	flags->known |= which;
}

static void forget_flags(struct operand_flags *flags, uint16_t which)
{
	flags->known &= (uint16_t)~which;
}

static struct operand_value with_flags(struct operand_flags *flags, unsigned size, uint64_t bits,
				       bool carry, bool overflow)
{
	uint16_t value = result_flags(bits, size);

	value |= (uint16_t)((carry ? FLAG_CARRY : 0) | (overflow ? FLAG_OVERFLOW : 0));
	set_flags(flags, FLAGS_STATUS, value);
	return (struct operand_value){ bits, true };
}

static bool sign_of(uint64_t bits, unsigned size)
{
	return bits >> (8 * size - 1) & 1;
}

static struct operand_value add(struct operand_flags *flags, unsigned size, uint64_t a, uint64_t b,
				bool carry)
{
	uint64_t sum = (a + b + carry) & operand_size_mask(size);

	return with_flags(flags, size, sum, sum < a || (carry && sum == a),
			  sign_of((a ^ sum) & (b ^ sum), size));
}

static struct operand_value subtract(struct operand_flags *flags, unsigned size, uint64_t a,
				     uint64_t b, bool borrow)
{
	uint64_t difference = (a - b - borrow) & operand_size_mask(size);

	return with_flags(flags, size, difference, a < b || (borrow && a == b),
			  sign_of((a ^ b) & (a ^ difference), size));
}

static struct operand_value with_carry(enum operand_operation operation, unsigned size,
				       struct operand_value a, struct operand_value b,
				       struct operand_flags *flags)
{
	bool carry = flags->value & FLAG_CARRY;

	if (!(flags->known & FLAG_CARRY)) {
		forget_flags(flags, FLAGS_STATUS);
		return unknown;
	}
	return operation == OPERATION_ADD_CARRY ? add(flags, size, a.bits, b.bits, carry)
						: subtract(flags, size, a.bits, b.bits, carry);
}

static struct operand_value bitwise(enum operand_operation operation, unsigned size, uint64_t a,
				    uint64_t b, struct operand_flags *flags)
{
	uint64_t bits = operation == OPERATION_OR    ? a | b
			: operation == OPERATION_XOR ? a ^ b
						     : a & b;

	return with_flags(flags, size, bits, false, false);
}

/* Increment and decrement leave the carry alone. */
static struct operand_value step(enum operand_operation operation, unsigned size, uint64_t a,
				 struct operand_flags *flags)
{
	struct operand_flags before = *flags;
	struct operand_value result = operation == OPERATION_INCREMENT
					      ? add(flags, size, a, 1, false)
					      : subtract(flags, size, a, 1, false);

	flags->value = (uint16_t)((flags->value & ~FLAG_CARRY) | (before.value & FLAG_CARRY));
	flags->known = (uint16_t)((flags->known & ~FLAG_CARRY) | (before.known & FLAG_CARRY));
	return result;
}

static uint64_t shifted(enum operand_operation operation, unsigned size, uint64_t a, unsigned count)
{
	uint64_t sign_extended = operand_sign_extend(a, size);

	switch (operation) {
	case OPERATION_SHIFT_LEFT:
		return (a << count) & operand_size_mask(size);
	case OPERATION_SHIFT_RIGHT:
		return a >> count;
	default:
		return (uint64_t)((int64_t)sign_extended >> count) & operand_size_mask(size);
	}
}

static struct operand_value shift(enum operand_operation operation, unsigned size, uint64_t a,
				  uint64_t b, struct operand_flags *flags)
{
	unsigned bits = 8 * size, count = (unsigned)b & (size == 8 ? 63 : 31);
	bool carry;

	if (!count)
		return (struct operand_value){ a, true };
	carry = operation == OPERATION_SHIFT_LEFT
			? count <= bits && (a >> (bits - count) & 1)
			: (operand_sign_extend(a, size) >> (count - 1) & 1);

	struct operand_value result =
		with_flags(flags, size, shifted(operation, size, a, count), carry, false);
	/* The overflow flag is defined for a shift by one only, the carry up to the operand's
	 * width. */
	forget_flags(flags, FLAG_OVERFLOW);
	if (count >= bits)
		forget_flags(flags, FLAG_CARRY);
	return result;
}

static struct operand_value rotate(enum operand_operation operation, unsigned size, uint64_t a,
				   uint64_t b, struct operand_flags *flags)
{
	unsigned bits = 8 * size, masked = (unsigned)b & (size == 8 ? 63 : 31),
		 left = masked % bits;

	if (operation == OPERATION_ROTATE_RIGHT)
		left = (bits - left) % bits;
	if (masked)
		forget_flags(flags, FLAG_CARRY | FLAG_OVERFLOW);
	if (left)
		a = (a << left | a >> (bits - left)) & operand_size_mask(size);
	return (struct operand_value){ a, true };
}

static struct operand_value swap_bytes(unsigned size, uint64_t a)
{
	if (size == 8)
		return (struct operand_value){ __builtin_bswap64(a), true };
	if (size == 4)
		return (struct operand_value){ __builtin_bswap32((uint32_t)a), true };
	return unknown;
}

static struct operand_value calculate_known(enum operand_operation operation, unsigned size,
					    struct operand_value a, struct operand_value b,
					    struct operand_flags *flags)
{
	switch (operation) {
	case OPERATION_ADD:
		return add(flags, size, a.bits, b.bits, false);
	case OPERATION_SUBTRACT:
	case OPERATION_COMPARE:
		return subtract(flags, size, a.bits, b.bits, false);
	case OPERATION_ADD_CARRY:
	case OPERATION_SUBTRACT_BORROW:
		return with_carry(operation, size, a, b, flags);
	case OPERATION_AND:
	case OPERATION_TEST:
	case OPERATION_OR:
	case OPERATION_XOR:
		return bitwise(operation, size, a.bits, b.bits, flags);
	case OPERATION_INCREMENT:
	case OPERATION_DECREMENT:
		return step(operation, size, a.bits, flags);
	case OPERATION_NEGATE:
		return subtract(flags, size, 0, a.bits, false);
	case OPERATION_SHIFT_LEFT:
	case OPERATION_SHIFT_RIGHT:
	case OPERATION_SHIFT_RIGHT_SIGNED:
		return shift(operation, size, a.bits, b.bits, flags);
	case OPERATION_ROTATE_LEFT:
	case OPERATION_ROTATE_RIGHT:
		return rotate(operation, size, a.bits, b.bits, flags);
	case OPERATION_MULTIPLY:
	case OPERATION_MULTIPLY_IMMEDIATE:
		forget_flags(flags, FLAGS_STATUS);
		return (struct operand_value){ (a.bits * b.bits) & operand_size_mask(size), true };
	default:
		forget_flags(flags, FLAGS_STATUS);
		return unknown;
	}
}

static void forget_by_unknown(enum operand_operation operation, struct operand_flags *flags)
{
	switch (operation) {
	case OPERATION_AND:
	case OPERATION_TEST:
	case OPERATION_OR:
	case OPERATION_XOR:
		forget_flags(flags, FLAGS_STATUS);
		set_flags(flags, FLAG_CARRY | FLAG_OVERFLOW, 0);
		break;
	case OPERATION_INCREMENT:
	case OPERATION_DECREMENT:
		forget_flags(flags, FLAGS_STATUS & ~FLAG_CARRY);
		break;
	case OPERATION_ROTATE_LEFT:
	case OPERATION_ROTATE_RIGHT:
		forget_flags(flags, FLAG_CARRY | FLAG_OVERFLOW);
		break;
	default:
		forget_flags(flags, FLAGS_STATUS);
		break;
	}
}

struct operand_value operand_calculate(enum operand_operation operation, unsigned size,
				       struct operand_value a, struct operand_value b,
				       struct operand_flags *flags)
{
	if (operation == OPERATION_NOT)
		return (struct operand_value){ ~a.bits & operand_size_mask(size), a.known };
	if (operation == OPERATION_SWAP_BYTES)
		return a.known ? swap_bytes(size, a.bits) : unknown;
	if (a.known && b.known)
		return calculate_known(operation, size, a, b, flags);
	forget_by_unknown(operation, flags);
	return unknown;
}

struct operand_value operand_condition(unsigned condition, const struct operand_flags *flags)
{
	static const uint16_t needed[8] = {
		FLAG_OVERFLOW,
		FLAG_CARRY,
		FLAG_ZERO,
		FLAG_CARRY | FLAG_ZERO,
		FLAG_SIGN,
		FLAG_PARITY,
		FLAG_SIGN | FLAG_OVERFLOW,
		FLAG_ZERO | FLAG_SIGN | FLAG_OVERFLOW,
	};
	unsigned pair = condition >> 1 & 7;
	bool less = !(flags->value & FLAG_SIGN) != !(flags->value & FLAG_OVERFLOW), holds;

	if ((flags->known & needed[pair]) != needed[pair])
		return unknown;
	if (pair == 6)
		holds = less;
	else if (pair == 7)
		holds = less || (flags->value & FLAG_ZERO);
	else
		holds = flags->value & needed[pair];
	return (struct operand_value){ holds != (condition & 1), true };
}
