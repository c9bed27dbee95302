/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calculations and conditions, compared with what this processor makes of the same values. */
#include "base/cleanup.h"
#include "sampling/operand-arithmetic.h"
#include "tests/tap.h"

static struct operand_value known(uint64_t bits)
{
	return (struct operand_value){ bits, true };
}

static const struct operand_value unknown = { 0, false };

#ifdef __x86_64__

struct native {
	uint64_t bits;
	uint16_t flags;
};

/* Runs one instruction with the carry as given; `text` works on %[a] and %[b]. */
#define NATIVE(name, type, text)                                                                   \
	static struct native name(uint64_t left, uint64_t right, bool carry)                       \
	{                                                                                          \
		type a = (type)left, b = (type)right;                                              \
		uint8_t c, z, s, o, p;                                                             \
                                                                                                   \
		__asm__("btl $0, %k[carry]\n\t" text                                               \
			"\n\tsetc %[c]\n\tsetz %[z]\n\tsets %[s]\n\tseto %[o]\n\tsetp %[p]"        \
			: [a] "+r"(a), [c] "=&q"(c), [z] "=&q"(z), [s] "=&q"(s), [o] "=&q"(o),     \
			  [p] "=&q"(p)                                                             \
			: [b] "c"(b), [carry] "r"((unsigned)carry)                                 \
			: "cc");                                                                   \
		return (struct native){ a, (uint16_t)(c * FLAG_CARRY | z * FLAG_ZERO |             \
						      s * FLAG_SIGN | o * FLAG_OVERFLOW |          \
						      p * FLAG_PARITY) };                          \
	}

#define NATIVE_TWO(name)                                                                           \
	NATIVE(native_##name##_1, uint8_t, #name "b %b[b], %b[a]")                                 \
	NATIVE(native_##name##_2, uint16_t, #name "w %w[b], %w[a]")                                \
	NATIVE(native_##name##_4, uint32_t, #name "l %k[b], %k[a]")                                \
	NATIVE(native_##name##_8, uint64_t, #name "q %q[b], %q[a]")
#define NATIVE_SHIFT(name)                                                                         \
	NATIVE(native_##name##_1, uint8_t, #name "b %%cl, %b[a]")                                  \
	NATIVE(native_##name##_2, uint16_t, #name "w %%cl, %w[a]")                                 \
	NATIVE(native_##name##_4, uint32_t, #name "l %%cl, %k[a]")                                 \
	NATIVE(native_##name##_8, uint64_t, #name "q %%cl, %q[a]")
#define NATIVE_ONE(name)                                                                           \
	NATIVE(native_##name##_1, uint8_t, #name "b %b[a]")                                        \
	NATIVE(native_##name##_2, uint16_t, #name "w %w[a]")                                       \
	NATIVE(native_##name##_4, uint32_t, #name "l %k[a]")                                       \
	NATIVE(native_##name##_8, uint64_t, #name "q %q[a]")

NATIVE_TWO(add)
NATIVE_TWO(adc)
NATIVE_TWO(sub)
NATIVE_TWO(sbb)
NATIVE_TWO(and)
NATIVE_TWO(or)
NATIVE_TWO(xor)
NATIVE_TWO(cmp)
NATIVE_TWO(test)
NATIVE_SHIFT(shl)
NATIVE_SHIFT(shr)
NATIVE_SHIFT(sar)
NATIVE_SHIFT(rol)
NATIVE_SHIFT(ror)
NATIVE_ONE(inc)
NATIVE_ONE(dec)
NATIVE_ONE(neg)
NATIVE_ONE(not )
NATIVE(native_imul_2, uint16_t, "imulw %w[b], %w[a]")
NATIVE(native_imul_4, uint32_t, "imull %k[b], %k[a]")
NATIVE(native_imul_8, uint64_t, "imulq %q[b], %q[a]")
NATIVE(native_bswap_4, uint32_t, "bswapl %k[a]")
NATIVE(native_bswap_8, uint64_t, "bswapq %q[a]")

#define SIZES(operation, name)                                                                     \
	{ operation, 1, native_##name##_1, #name "b" },                                            \
		{ operation, 2, native_##name##_2, #name "w" },                                    \
		{ operation, 4, native_##name##_4, #name "l" },                                    \
	{                                                                                          \
		operation, 8, native_##name##_8, #name "q"                                         \
	}

static const struct {
	enum operand_operation operation;
	unsigned size;
	struct native (*run)(uint64_t left, uint64_t right, bool carry);
	const char *name;
} calculations[] = {
	SIZES(OPERATION_ADD, add),
	SIZES(OPERATION_ADD_CARRY, adc),
	SIZES(OPERATION_SUBTRACT, sub),
	SIZES(OPERATION_SUBTRACT_BORROW, sbb),
	SIZES(OPERATION_AND, and),
	SIZES(OPERATION_OR, or),
	SIZES(OPERATION_XOR, xor),
	SIZES(OPERATION_COMPARE, cmp),
	SIZES(OPERATION_TEST, test),
	SIZES(OPERATION_SHIFT_LEFT, shl),
	SIZES(OPERATION_SHIFT_RIGHT, shr),
	SIZES(OPERATION_SHIFT_RIGHT_SIGNED, sar),
	SIZES(OPERATION_ROTATE_LEFT, rol),
	SIZES(OPERATION_ROTATE_RIGHT, ror),
	SIZES(OPERATION_INCREMENT, inc),
	SIZES(OPERATION_DECREMENT, dec),
	SIZES(OPERATION_NEGATE, neg),
	SIZES(OPERATION_NOT, not ),
	{ OPERATION_MULTIPLY, 2, native_imul_2, "imulw" },
	{ OPERATION_MULTIPLY, 4, native_imul_4, "imull" },
	{ OPERATION_MULTIPLY, 8, native_imul_8, "imulq" },
	{ OPERATION_SWAP_BYTES, 4, native_bswap_4, "bswapl" },
	{ OPERATION_SWAP_BYTES, 8, native_bswap_8, "bswapq" },
};

/* Values at the edges of all sizes, and shift counts, turn up often. */
static uint64_t pick(uint64_t *random)
{
	static const uint64_t edges[] = {
		0,          1,          0x7f,       0x80,       0xff,       0x7fff,
		0x8000,     0xffff,     0x7fffffff, 0x80000000, 0xffffffff, INT64_MAX,
		1ULL << 63, UINT64_MAX, 2,          31,         32,         63,
	};

	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random % 3 ? *random : edges[(*random >> 32) % ELEMENTSOF(edges)];
}

static bool agrees(size_t i, uint64_t left, uint64_t right, bool carry)
{
	unsigned size = calculations[i].size;
	uint64_t mask = operand_size_mask(size);
	struct operand_flags flags = { carry ? FLAG_CARRY : 0, FLAG_CARRY };
	struct native native = calculations[i].run(left, right, carry);
	struct operand_value value = operand_calculate(
		calculations[i].operation, size, known(left & mask), known(right & mask), &flags);
	bool has_result = calculations[i].operation != OPERATION_COMPARE &&
			  calculations[i].operation != OPERATION_TEST;

	if (value.known && (!has_result || value.bits == native.bits) &&
	    ((flags.value ^ native.flags) & flags.known & FLAGS_STATUS) == 0)
		return true;
	printf("# %s %#llx, %#llx, carry %d: got %#llx flags %#x (known %#x), want %#llx flags "
	       "%#x\n",
	       calculations[i].name, (unsigned long long)left, (unsigned long long)right, carry,
	       (unsigned long long)value.bits, flags.value, flags.known,
	       (unsigned long long)native.bits, native.flags);
	return false;
}

TEST(calculates, "every calculation gives the processor's result and flags, in all sizes")
{
	uint64_t random = 88172645463325252ULL;

	for (size_t i = 0; i < ELEMENTSOF(calculations); i++) {
		unsigned wrong = 0;

		for (unsigned n = 0; n < 20000 && wrong < 3; n++)
			wrong += !agrees(i, pick(&random), pick(&random), pick(&random) & 1);
		CHECK_INT(wrong, 0);
	}
}

#define CONDITION(number, name)                                                                    \
	static bool holds_##number(uint64_t flags)                                                 \
	{                                                                                          \
		bool result;                                                                       \
                                                                                                   \
		__asm__ volatile("leaq -128(%%rsp), %%rsp\n\tpushq %1\n\tpopfq\n\tset" name        \
				 " %0\n\tleaq 128(%%rsp), %%rsp"                                   \
				 : "=q"(result)                                                    \
				 : "r"(flags)                                                      \
				 : "cc", "memory");                                                \
		return result;                                                                     \
	}

CONDITION(0, "o")
CONDITION(1, "no")
CONDITION(2, "b")
CONDITION(3, "ae")
CONDITION(4, "e")
CONDITION(5, "ne")
CONDITION(6, "be")
CONDITION(7, "a")
CONDITION(8, "s")
CONDITION(9, "ns")
CONDITION(10, "p")
CONDITION(11, "np")
CONDITION(12, "l")
CONDITION(13, "ge")
CONDITION(14, "le")
CONDITION(15, "g")

TEST(conditions, "every condition holds for the flags for which the processor says so")
{
	static bool (*const holds[16])(uint64_t flags) = {
		holds_0, holds_1, holds_2,  holds_3,  holds_4,  holds_5,  holds_6,  holds_7,
		holds_8, holds_9, holds_10, holds_11, holds_12, holds_13, holds_14, holds_15,
	};

	for (unsigned condition = 0; condition < 16; condition++)
		for (unsigned i = 0; i <= FLAGS_STATUS; i++) {
			struct operand_flags flags = { (uint16_t)i, FLAGS_STATUS };
			struct operand_value got;

			if (i & ~(unsigned)FLAGS_STATUS)
				continue;
			got = operand_condition(condition, &flags);
			CHECK(got.known);
			CHECK_INT(got.bits, holds[condition](i | 0x202));
		}
}

#endif

TEST(needed_flags, "a condition is unknown where a flag that it needs is")
{
	struct operand_flags flags = { 0, FLAG_CARRY | FLAG_OVERFLOW };

	CHECK(operand_condition(2, &flags).known);
	CHECK(operand_condition(1, &flags).known);
	CHECK(!operand_condition(4, &flags).known);
	CHECK(!operand_condition(6, &flags).known);
	CHECK(!operand_condition(12, &flags).known);
	CHECK(!operand_condition(15, &flags).known);
	flags.known |= FLAG_SIGN;
	CHECK(operand_condition(13, &flags).known);
	CHECK(!operand_condition(14, &flags).known);
}

TEST(unknown_operand, "of an unknown operand only certain flags remain")
{
	struct operand_flags flags = { FLAG_CARRY | FLAG_OVERFLOW, FLAGS_FOLLOWED };

	CHECK(!operand_calculate(OPERATION_AND, 4, unknown, known(1), &flags).known);
	CHECK_INT(flags.known, FLAG_CARRY | FLAG_OVERFLOW | FLAG_DIRECTION);
	CHECK_INT(flags.value & (FLAG_CARRY | FLAG_OVERFLOW), 0);

	flags = (struct operand_flags){ FLAG_CARRY, FLAGS_FOLLOWED };
	CHECK(!operand_calculate(OPERATION_INCREMENT, 4, unknown, known(0), &flags).known);
	CHECK_INT(flags.known, FLAG_CARRY | FLAG_DIRECTION);
	CHECK_INT(flags.value & FLAG_CARRY, FLAG_CARRY);

	flags = (struct operand_flags){ 0, FLAGS_FOLLOWED };
	CHECK(!operand_calculate(OPERATION_ADD, 8, known(1), unknown, &flags).known);
	CHECK_INT(flags.known, FLAG_DIRECTION);

	flags = (struct operand_flags){ 0, FLAGS_FOLLOWED };
	CHECK(!operand_calculate(OPERATION_SHIFT_LEFT, 8, known(1), unknown, &flags).known);
	CHECK_INT(flags.known, FLAG_DIRECTION);
}

TEST(unknown_carry, "with an unknown carry the sum with carry is unknown")
{
	struct operand_flags flags = { 0, FLAGS_FOLLOWED & ~FLAG_CARRY };

	CHECK(!operand_calculate(OPERATION_ADD_CARRY, 8, known(1), known(1), &flags).known);
	CHECK_INT(flags.known, FLAG_DIRECTION);
}

TEST(not_keeps_flags, "not, byte swaps and a shift by none leave the flags alone")
{
	struct operand_flags flags = { FLAG_ZERO, FLAG_ZERO };

	CHECK(operand_calculate(OPERATION_NOT, 4, known(1), known(0), &flags).known);
	CHECK(!operand_calculate(OPERATION_SWAP_BYTES, 2, known(1), known(0), &flags).known);
	CHECK_INT(operand_calculate(OPERATION_SHIFT_LEFT, 4, known(5), known(32), &flags).bits, 5);
	CHECK_INT(flags.value, FLAG_ZERO);
	CHECK_INT(flags.known, FLAG_ZERO);
}

TEST_MAIN()
