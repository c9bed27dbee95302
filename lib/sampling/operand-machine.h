/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread as the walk knows it: registers as far as they are certain, what it put on its stack,
 * the accesses noted so far. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sampling/operand-arithmetic.h"
#include "sampling/operand-instruction.h"
#include "sampling/operand.h"

#define OPERAND_STORES_MAX 8

/* A value that the walk itself put on the stack. */
struct operand_store {
	uint64_t address;
	uint64_t value;
	uint8_t size;
	bool is_return_address;
};

struct operand_machine {
	uint64_t gpr[GPR_COUNT];
	uint64_t ip;
	uint64_t sampled_sp;
	uint16_t gpr_known;
	struct operand_flags flags;
	uint8_t steps; /* instructions behind us */
	uint8_t accesses_count;
	uint8_t stores_count;
	struct operand_access *accesses; /* of OPERAND_ACCESSES_MAX */
	struct operand_store stores[OPERAND_STORES_MAX];
};

static inline bool operand_gpr_is_known(const struct operand_machine *machine, unsigned number)
{
	return machine->gpr_known >> number & 1;
}

static inline void operand_gpr_forget(struct operand_machine *machine, unsigned number)
{
	machine->gpr_known &= (uint16_t) ~(1U << number);
}

static inline struct operand_value operand_gpr_read(const struct operand_machine *machine,
						    unsigned number)
{
	return (struct operand_value){ machine->gpr[number],
				       operand_gpr_is_known(machine, number) };
}

/* 8 and 16 bits are merged into the register, 32 clear its upper half. */
static inline void operand_gpr_write(struct operand_machine *machine, unsigned place, unsigned size,
				     struct operand_value value)
{
	unsigned number = place & (GPR_COUNT - 1), shift = place >= PLACE_HIGH_BYTE ? 8 : 0;

	if (!value.known) {
		operand_gpr_forget(machine, number);
	} else if (size >= 4) {
		machine->gpr[number] = value.bits & operand_size_mask(size);
		machine->gpr_known |= (uint16_t)(1U << number);
	} else {
		uint64_t mask = operand_size_mask(size) << shift;

		/* An unknown register stays so: the rest of it is. */
		machine->gpr[number] =
			(machine->gpr[number] & ~mask) | (value.bits << shift & mask);
	}
}

/* Notes an access of the instruction at machine->ip, while there is room. */
void operand_note_access(struct operand_machine *machine, uint64_t address, unsigned size,
			 bool is_write, bool is_stack);

/* The address of the explicit memory operand; of lea, the value. */
struct operand_value operand_effective_address(const struct operand_machine *machine,
					       const struct operand_instruction *instruction);

/* The same, and notes the access where it is known. */
struct operand_value operand_touch_memory(struct operand_machine *machine,
					  const struct operand_instruction *instruction);

/* What a load of `size` bytes at `address` gives; known only if the walk stored it. */
struct operand_value operand_stored_value(const struct operand_machine *machine,
					  struct operand_value address, unsigned size);

/* Stores to the explicit memory operand. */
void operand_memory_write(struct operand_machine *machine,
			  const struct operand_instruction *instruction,
			  struct operand_value address, struct operand_value value);

/* Moves the stack pointer and notes the access; nothing where the stack pointer is not known. */
void operand_stack_push(struct operand_machine *machine, unsigned size, struct operand_value value,
			bool is_return_address);
struct operand_value operand_stack_pop(struct operand_machine *machine, unsigned size);

/* Executes a string operation but for the instruction pointer. False: what comes next is not
 * certain. */
bool operand_string(struct operand_machine *machine, const struct operand_instruction *instruction);
