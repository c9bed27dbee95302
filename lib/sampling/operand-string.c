/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* String operations, repeated or not. */
#include "sampling/operand-machine.h"

static const struct operand_value unknown = { 0, false };
static const struct operand_value zero = { 0, true };

/* Moves the registers of a string operation past `count` elements. */
static void string_advance(struct operand_machine *machine, const struct operand_instruction *in,
			   unsigned number, struct operand_value count)
{
	uint64_t bytes = count.bits * in->size, value = machine->gpr[number];

	if (!count.known || !operand_gpr_is_known(machine, number)) {
		operand_gpr_forget(machine, number);
		return;
	}
	value += machine->flags.value & FLAG_DIRECTION ? 0 - bytes : bytes;
	machine->gpr[number] = in->is_address_32bit ? (uint32_t)value : value;
}

static void string_touch(struct operand_machine *machine, const struct operand_instruction *in,
			 unsigned number, bool is_write)
{
	uint64_t address = machine->gpr[number];

	/* The destination has no segment override: %fs moves the source alone. */
	if (!operand_gpr_is_known(machine, number) || (number == GPR_SI && in->is_address_opaque))
		return;
	operand_note_access(machine, in->is_address_32bit ? (uint32_t)address : address, in->size,
			    is_write, false);
}

/* How many elements it handles; unknown where the data or an unknown counter decide. */
static struct operand_value string_count(const struct operand_machine *machine,
					 const struct operand_instruction *in)
{
	struct operand_value count = operand_gpr_read(machine, GPR_CX);

	if (!in->is_repeated)
		return (struct operand_value){ 1, true };
	if (in->is_address_32bit)
		count.bits = (uint32_t)count.bits;
	return count;
}

static void string_results(struct operand_machine *machine, const struct operand_instruction *in,
			   bool uses_si, bool uses_di, struct operand_value count)
{
	bool compares =
		in->operation == OPERATION_STRING_COMPARE || in->operation == OPERATION_STRING_SCAN;
	bool by_data = compares && in->is_repeated;

	if (by_data)
		count = unknown;
	if (uses_si)
		string_advance(machine, in, GPR_SI, count);
	if (uses_di)
		string_advance(machine, in, GPR_DI, count);
	if (in->is_repeated)
		operand_gpr_write(machine, GPR_CX, 8, by_data ? unknown : zero);
	if (compares)
		machine->flags.known &= (uint16_t)~FLAGS_STATUS;
	if (in->operation == OPERATION_STRING_LOAD)
		operand_gpr_forget(machine, GPR_AX);
	if (in->operation == OPERATION_STRING_MOVE || in->operation == OPERATION_STRING_STORE)
		machine->stores_count = 0;
}

bool operand_string(struct operand_machine *machine, const struct operand_instruction *in)
{
	struct operand_value count = string_count(machine, in);
	bool uses_si =
		in->operation != OPERATION_STRING_STORE && in->operation != OPERATION_STRING_SCAN;
	bool uses_di = in->operation != OPERATION_STRING_LOAD;
	bool writes_di =
		in->operation == OPERATION_STRING_MOVE || in->operation == OPERATION_STRING_STORE;

	if (!(machine->flags.known & FLAG_DIRECTION) || (in->is_repeated && in->is_address_32bit))
		return false;
	if (count.known && !count.bits)
		return true;
	if (count.known && uses_si)
		string_touch(machine, in, GPR_SI, false);
	if (count.known && uses_di)
		string_touch(machine, in, GPR_DI, writes_di);
	string_results(machine, in, uses_si, uses_di, count);
	return true;
}
