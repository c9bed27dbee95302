/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread's registers as far as they are certain, brought forward one instruction at a time. */
#include <string.h>

#include "sampling/operand-emulate.h"

static const struct operand_value unknown = { 0, false };
static const struct operand_value zero = { 0, true };

static struct operand_value read_place(const struct operand_machine *machine,
				       const struct operand_instruction *in, unsigned place,
				       unsigned size, struct operand_value address)
{
	struct operand_value value;

	switch (place) {
	case PLACE_IMMEDIATE:
		return (struct operand_value){ (uint64_t)in->immediate & operand_size_mask(size),
					       true };
	case PLACE_MEMORY:
		return operand_stored_value(machine, address, size);
	case PLACE_UNKNOWN:
		return unknown;
	default:
		value = operand_gpr_read(machine, place & (GPR_COUNT - 1));
		if (place >= PLACE_HIGH_BYTE)
			value.bits >>= 8;
		value.bits &= operand_size_mask(size);
		return value;
	}
}

static void write_place(struct operand_machine *machine, const struct operand_instruction *in,
			struct operand_value address, struct operand_value value)
{
	if (in->destination == PLACE_MEMORY)
		operand_memory_write(machine, in, address, value);
	else if (in->destination != PLACE_UNKNOWN)
		operand_gpr_write(machine, in->destination, in->size, value);
}

static void pop(struct operand_machine *machine, const struct operand_instruction *in)
{
	struct operand_value value = operand_stack_pop(machine, in->size), address = unknown;

	/* The address of a popped-to operand is formed after the stack pointer moved. */
	if (in->has_memory)
		address = operand_touch_memory(machine, in);
	write_place(machine, in, address, value);
}

static void leave(struct operand_machine *machine)
{
	operand_gpr_write(machine, GPR_SP, 8, operand_gpr_read(machine, GPR_BP));
	operand_gpr_write(machine, GPR_BP, 8, operand_stack_pop(machine, 8));
}

static bool jump(struct operand_machine *machine, struct operand_value target)
{
	machine->ip = target.bits;
	return target.known;
}

static bool call(struct operand_machine *machine, const struct operand_instruction *in,
		 struct operand_value target)
{
	struct operand_value next = { machine->ip + in->length, true };

	operand_stack_push(machine, 8, next, true);
	return jump(machine, target);
}

static bool return_to(struct operand_machine *machine, const struct operand_instruction *in)
{
	struct operand_value target = operand_stack_pop(machine, 8);

	machine->gpr[GPR_SP] += (uint64_t)in->immediate;
	return jump(machine, target);
}

static bool jump_if(struct operand_machine *machine, const struct operand_instruction *in)
{
	struct operand_value taken = operand_condition(in->condition, &machine->flags);

	machine->ip = taken.bits ? (uint64_t)in->immediate : machine->ip + in->length;
	return taken.known;
}

static void exchange(struct operand_machine *machine, const struct operand_instruction *in)
{
	struct operand_value first = read_place(machine, in, in->destination, in->size, unknown);
	struct operand_value second = read_place(machine, in, in->source, in->size, unknown);

	operand_gpr_write(machine, in->destination, in->size, second);
	operand_gpr_write(machine, in->source, in->size, first);
}

static void extend_a(struct operand_machine *machine, const struct operand_instruction *in)
{
	struct operand_value value = operand_gpr_read(machine, GPR_AX);

	value.bits = operand_sign_extend(value.bits, in->size / 2) & operand_size_mask(in->size);
	operand_gpr_write(machine, GPR_AX, in->size, value);
}

static void sign_a_to_d(struct operand_machine *machine, const struct operand_instruction *in)
{
	struct operand_value value = operand_gpr_read(machine, GPR_AX);

	value.bits = (uint64_t)((int64_t)operand_sign_extend(value.bits, in->size) >> 63) &
		     operand_size_mask(in->size);
	operand_gpr_write(machine, GPR_DX, in->size, value);
}

static void move_if(struct operand_machine *machine, const struct operand_instruction *in,
		    struct operand_value address)
{
	struct operand_value taken = operand_condition(in->condition, &machine->flags);
	unsigned place = taken.bits ? in->source : in->destination;

	/* Not taken, a 32-bit one still clears the upper half. */
	write_place(machine, in, address,
		    taken.known ? read_place(machine, in, place, in->size, address) : unknown);
}

static void calculate(struct operand_machine *machine, const struct operand_instruction *in,
		      struct operand_value address)
{
	enum operand_operation operation = in->operation;
	struct operand_value a, b = zero, result;

	if (operation == OPERATION_MULTIPLY_IMMEDIATE) {
		a = read_place(machine, in, in->source, in->size, address);
		b = read_place(machine, in, PLACE_IMMEDIATE, in->size, address);
	} else {
		a = read_place(machine, in, in->destination, in->size, address);
		if (operation < OPERATION_INCREMENT)
			b = read_place(machine, in, in->source, in->source_size, address);
	}
	/* "xor eax, eax" is 0 whatever it was; "sbb eax, eax" is the carry. */
	if (in->source == in->destination &&
	    (operation == OPERATION_XOR || operation == OPERATION_SUBTRACT ||
	     operation == OPERATION_SUBTRACT_BORROW || operation == OPERATION_COMPARE))
		a = b = zero;
	result = operand_calculate(operation, in->size, a, b, &machine->flags);
	if (operation != OPERATION_COMPARE && operation != OPERATION_TEST)
		write_place(machine, in, address, result);
}

static void move(struct operand_machine *machine, const struct operand_instruction *in,
		 struct operand_value address)
{
	struct operand_value value = read_place(machine, in, in->source, in->source_size, address);

	if (in->operation == OPERATION_MOVE_SIGNED)
		value.bits = operand_sign_extend(value.bits, in->source_size) &
			     operand_size_mask(in->size);
	write_place(machine, in, address, value);
}

static void load_address(struct operand_machine *machine, const struct operand_instruction *in)
{
	struct operand_value address;

	/* No access, so no segment either. */
	address = operand_effective_address(machine, in);
	address.bits &= operand_size_mask(in->size);
	write_place(machine, in, unknown, address);
}

static void set_flag(struct operand_machine *machine, uint16_t flag, bool value)
{
	machine->flags.known |= flag;
	machine->flags.value = (uint16_t)((machine->flags.value & ~flag) | (value ? flag : 0));
}

static void opaque(struct operand_machine *machine, const struct operand_instruction *in,
		   struct operand_value address)
{
	machine->gpr_known &= (uint16_t)~in->gpr_clobbered;
	machine->flags.known &= (uint16_t)~in->flags_clobbered;
	if (in->is_memory_write)
		operand_memory_write(machine, in, address, unknown);
}

void operand_machine_start(struct operand_machine *machine,
			   const uint64_t regs[static OPERAND_REGS_COUNT],
			   struct operand_access accesses[static OPERAND_ACCESSES_MAX])
{
	machine->gpr[GPR_AX] = regs[OPERAND_AX];
	machine->gpr[GPR_CX] = regs[OPERAND_CX];
	machine->gpr[GPR_DX] = regs[OPERAND_DX];
	machine->gpr[GPR_BX] = regs[OPERAND_BX];
	machine->gpr[GPR_SP] = regs[OPERAND_SP];
	machine->gpr[GPR_BP] = regs[OPERAND_BP];
	machine->gpr[GPR_SI] = regs[OPERAND_SI];
	machine->gpr[GPR_DI] = regs[OPERAND_DI];
	memcpy(&machine->gpr[8], &regs[OPERAND_R8], 8 * sizeof(regs[0]));
	machine->ip = regs[OPERAND_IP];
	machine->sampled_sp = regs[OPERAND_SP];
	machine->gpr_known = 0xffff;
	machine->flags = (struct operand_flags){ (uint16_t)regs[OPERAND_FLAGS], FLAGS_FOLLOWED };
	machine->steps = 0;
	machine->accesses_count = 0;
	machine->stores_count = 0;
	machine->accesses = accesses;
}

/* Executes all but the change of the instruction pointer. */
static void execute(struct operand_machine *machine, const struct operand_instruction *in,
		    struct operand_value address)
{
	switch ((enum operand_operation)in->operation) {
	case OPERATION_OPAQUE:
		return opaque(machine, in, address);
	case OPERATION_MOVE:
	case OPERATION_MOVE_SIGNED:
		return move(machine, in, address);
	case OPERATION_ADDRESS:
		return load_address(machine, in);
	case OPERATION_EXTEND_A:
		return extend_a(machine, in);
	case OPERATION_SIGN_A_TO_D:
		return sign_a_to_d(machine, in);
	case OPERATION_MOVE_IF:
		return move_if(machine, in, address);
	case OPERATION_SET_IF:
		return write_place(machine, in, address,
				   operand_condition(in->condition, &machine->flags));
	case OPERATION_EXCHANGE:
		return exchange(machine, in);
	case OPERATION_CARRY_CLEAR:
	case OPERATION_CARRY_SET:
		return set_flag(machine, FLAG_CARRY, in->operation == OPERATION_CARRY_SET);
	case OPERATION_DIRECTION_CLEAR:
	case OPERATION_DIRECTION_SET:
		return set_flag(machine, FLAG_DIRECTION, in->operation == OPERATION_DIRECTION_SET);
	case OPERATION_PUSH:
		operand_stack_push(machine, in->size,
				   read_place(machine, in, in->source, in->source_size, address),
				   false);
		return;
	case OPERATION_POP:
		return pop(machine, in);
	case OPERATION_LEAVE:
		return leave(machine);
	default:
		return calculate(machine, in, address);
	}
}

bool operand_machine_step(struct operand_machine *machine, const struct operand_instruction *in)
{
	struct operand_value address = unknown;
	bool goes_on = true;

	if (in->operation == OPERATION_STOP)
		return false;
	if (in->has_memory && in->operation != OPERATION_POP)
		address = operand_touch_memory(machine, in);
	switch ((enum operand_operation)in->operation) {
	case OPERATION_CALL:
		goes_on = call(machine, in, read_place(machine, in, in->source, 8, address));
		break;
	case OPERATION_RETURN:
		goes_on = return_to(machine, in);
		break;
	case OPERATION_JUMP:
		goes_on = jump(machine, read_place(machine, in, in->source, 8, address));
		break;
	case OPERATION_JUMP_IF:
		goes_on = jump_if(machine, in);
		break;
	case OPERATION_STRING_MOVE:
	case OPERATION_STRING_STORE:
	case OPERATION_STRING_LOAD:
	case OPERATION_STRING_COMPARE:
	case OPERATION_STRING_SCAN:
		goes_on = operand_string(machine, in);
		machine->ip += in->length;
		break;
	default:
		execute(machine, in, address);
		machine->ip += in->length;
		break;
	}
	machine->steps++;
	return goes_on;
}
