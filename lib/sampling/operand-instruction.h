/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The compact form of a decoded instruction: what the emulator needs to follow it, in 40 bytes. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define OPERAND_INSTRUCTION_BYTES_MAX 15

/* General registers by their number in the instruction set. */
enum operand_gpr {
	GPR_AX,
	GPR_CX,
	GPR_DX,
	GPR_BX,
	GPR_SP,
	GPR_BP,
	GPR_SI,
	GPR_DI,
	GPR_COUNT = 16,
	GPR_NONE = 0xff,
};

/* Where a value comes from or goes to: 0..15 a general register, 16..19 the second byte of AX..BX.
 */
enum operand_place {
	PLACE_HIGH_BYTE = 16,
	PLACE_IMMEDIATE = 32,
	PLACE_MEMORY,
	PLACE_UNKNOWN, /* a value that is not followed: a vector or segment register, the flags */
};

/* The bits of RFLAGS that are followed. */
enum operand_flag {
	FLAG_CARRY = 1 << 0,
	FLAG_PARITY = 1 << 2,
	FLAG_ZERO = 1 << 6,
	FLAG_SIGN = 1 << 7,
	FLAG_DIRECTION = 1 << 10,
	FLAG_OVERFLOW = 1 << 11,
	FLAGS_STATUS = FLAG_CARRY | FLAG_PARITY | FLAG_ZERO | FLAG_SIGN | FLAG_OVERFLOW,
	FLAGS_FOLLOWED = FLAGS_STATUS | FLAG_DIRECTION,
};

enum operand_operation {
	OPERATION_STOP,   /* what comes after it cannot be told */
	OPERATION_OPAQUE, /* its memory operand is known, its results are not */
	OPERATION_MOVE,
	OPERATION_MOVE_SIGNED,
	OPERATION_ADDRESS, /* lea */
	/* destination = calculate(destination, source) */
	OPERATION_ADD,
	OPERATION_ADD_CARRY,
	OPERATION_SUBTRACT,
	OPERATION_SUBTRACT_BORROW,
	OPERATION_AND,
	OPERATION_OR,
	OPERATION_XOR,
	OPERATION_SHIFT_LEFT,
	OPERATION_SHIFT_RIGHT,
	OPERATION_SHIFT_RIGHT_SIGNED,
	OPERATION_ROTATE_LEFT,
	OPERATION_ROTATE_RIGHT,
	OPERATION_MULTIPLY,
	/* the same without the result */
	OPERATION_COMPARE,
	OPERATION_TEST,
	/* destination = calculate(destination) */
	OPERATION_INCREMENT,
	OPERATION_DECREMENT,
	OPERATION_NEGATE,
	OPERATION_NOT,
	OPERATION_SWAP_BYTES,
	/* destination = source * immediate */
	OPERATION_MULTIPLY_IMMEDIATE,
	OPERATION_EXTEND_A,    /* cbw, cwde, cdqe */
	OPERATION_SIGN_A_TO_D, /* cwd, cdq, cqo */
	OPERATION_MOVE_IF,
	OPERATION_SET_IF,
	OPERATION_EXCHANGE,
	OPERATION_CARRY_CLEAR,
	OPERATION_CARRY_SET,
	OPERATION_DIRECTION_CLEAR,
	OPERATION_DIRECTION_SET,
	OPERATION_PUSH,
	OPERATION_POP,
	OPERATION_LEAVE,
	OPERATION_CALL,
	OPERATION_RETURN,
	OPERATION_JUMP,
	OPERATION_JUMP_IF,
	OPERATION_STRING_MOVE,
	OPERATION_STRING_STORE,
	OPERATION_STRING_LOAD,
	OPERATION_STRING_COMPARE,
	OPERATION_STRING_SCAN,
};

struct operand_instruction {
	int64_t displacement; /* with the instruction pointer already added where it is the base */
	int64_t immediate;    /* of a direct branch: the target; of a return: bytes to drop */
	uint16_t memory_size; /* bytes */
	uint16_t gpr_clobbered; /* OPAQUE: a bit for each register whose value is lost */
	uint16_t flags_clobbered;
	uint8_t length;
	uint8_t operation;
	uint8_t condition; /* as encoded in jcc, setcc and cmovcc */
	uint8_t size;      /* of the destination, bytes */
	uint8_t source_size;
	uint8_t destination;
	uint8_t source;
	uint8_t base;
	uint8_t index;
	uint8_t scale_shift : 2;
	uint8_t has_memory : 1; /* an explicit operand that is accessed */
	uint8_t is_memory_write : 1;
	uint8_t is_address_opaque : 1; /* where, or whether at all, cannot be told from the
					  registers */
	uint8_t is_address_32bit : 1;
	uint8_t is_repeated : 1; /* string operations */
};

/* Decodes the instruction at `address`. Its length, or -EILSEQ: not an instruction within `length`
 * bytes. */
int operand_instruction_decode(const uint8_t *code, size_t length, uint64_t address,
			       struct operand_instruction *ret_instruction);
