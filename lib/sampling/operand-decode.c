/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From code bytes to the compact form. This and its tables are all that knows Zydis. */
#include <errno.h>

#include "sampling/operand-decode-tables.h"

struct decoded {
	ZydisDecodedInstruction instruction;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	uint64_t next; /* address of the instruction behind it */
};

static uint8_t gpr_number(ZydisRegister reg)
{
	ZydisRegister widest = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);

	if (widest < ZYDIS_REGISTER_RAX || widest > ZYDIS_REGISTER_R15)
		return GPR_NONE;
	return (uint8_t)(widest - ZYDIS_REGISTER_RAX);
}

static uint8_t register_place(ZydisRegister reg)
{
	uint8_t number = gpr_number(reg);

	if (number == GPR_NONE)
		return PLACE_UNKNOWN;
	if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH)
		return (uint8_t)(PLACE_HIGH_BYTE + number);
	return number;
}

static uint8_t operand_place(const ZydisDecodedOperand *operand, struct operand_instruction *out)
{
	switch (operand->type) {
	case ZYDIS_OPERAND_TYPE_REGISTER:
		return register_place(operand->reg.value);
	case ZYDIS_OPERAND_TYPE_MEMORY:
		return PLACE_MEMORY;
	case ZYDIS_OPERAND_TYPE_IMMEDIATE:
		out->immediate = operand->imm.value.s;
		return PLACE_IMMEDIATE;
	default:
		return PLACE_UNKNOWN;
	}
}

/* Is it a register that an address can be made of and that is followed? Vector indexes are not. */
static bool is_address_register(ZydisRegister reg)
{
	ZydisRegisterClass kind = ZydisRegisterGetClass(reg);

	return kind == ZYDIS_REGCLASS_GPR64 || kind == ZYDIS_REGCLASS_GPR32;
}

static void fill_address(const struct decoded *in, const ZydisDecodedOperand *operand,
			 struct operand_instruction *out)
{
	const ZydisDecodedOperandMem *mem = &operand->mem;

	out->base = out->index = GPR_NONE;
	out->is_address_32bit = in->instruction.address_width == 32;
	out->displacement = mem->disp.value;
	if (mem->segment == ZYDIS_REGISTER_FS || mem->segment == ZYDIS_REGISTER_GS)
		out->is_address_opaque = true;
	if (mem->base == ZYDIS_REGISTER_RIP || mem->base == ZYDIS_REGISTER_EIP)
		out->displacement += (int64_t)in->next;
	else if (is_address_register(mem->base))
		out->base = gpr_number(mem->base);
	else if (mem->base != ZYDIS_REGISTER_NONE)
		out->is_address_opaque = true;
	/* "[rax + rax * 1]" is how a lone register may be encoded: an index of scale 0 does not
	 * exist. */
	if (is_address_register(mem->index)) {
		out->index = gpr_number(mem->index);
		out->scale_shift = (unsigned)__builtin_ctz(mem->scale | 8U) & 3;
	} else if (mem->index != ZYDIS_REGISTER_NONE) {
		out->is_address_opaque = true;
	}
}

/* The bit offset in a register moves the address of the access. */
static bool is_bit_string(const struct decoded *in)
{
	switch (in->instruction.mnemonic) {
	case ZYDIS_MNEMONIC_BT:
	case ZYDIS_MNEMONIC_BTC:
	case ZYDIS_MNEMONIC_BTR:
	case ZYDIS_MNEMONIC_BTS:
		return in->operands[1].type == ZYDIS_OPERAND_TYPE_REGISTER;
	default:
		return false;
	}
}

/* An explicit memory operand of an instruction whose address is formed in the ordinary way. */
static void fill_memory(const struct decoded *in, const ZydisDecodedOperand *operand,
			struct operand_instruction *out)
{
	const ZydisOperandActions conditional =
		ZYDIS_OPERAND_ACTION_CONDREAD | ZYDIS_OPERAND_ACTION_CONDWRITE;

	fill_address(in, operand, out);
	out->has_memory = true;
	out->memory_size = operand->size / 8;
	out->is_memory_write = (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
	/* Above a vector's size it is a state save area, of which the hardware may touch any part.
	 */
	if (operand->mem.type != ZYDIS_MEMOP_TYPE_MEM || !out->memory_size ||
	    out->memory_size > 64 || !(operand->actions & ~conditional) ||
	    operand_decode_is_masked(&in->instruction) || is_bit_string(in))
		out->is_address_opaque = true;
}

/* The memory operands of an instruction whose effects are taken from Zydis' tables. Two at once:
 * only string and stack operations have them, and those are followed by hand. */
static void fill_memory_operands(const struct decoded *in, struct operand_instruction *out)
{
	if (operand_decode_has_no_access(&in->instruction))
		return;
	for (unsigned i = 0; i < in->instruction.operand_count; i++) {
		const ZydisDecodedOperand *operand = &in->operands[i];

		if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY ||
		    operand->mem.type == ZYDIS_MEMOP_TYPE_AGEN)
			continue;
		if (!out->has_memory) {
			fill_memory(in, operand, out);
			continue;
		}
		out->is_address_opaque = true;
		if (operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
			out->is_memory_write = true;
	}
}

static void fill_clobbered(const struct decoded *in, struct operand_instruction *out)
{
	const ZydisAccessedFlags *flags = in->instruction.cpu_flags;

	for (unsigned i = 0; i < in->instruction.operand_count; i++) {
		const ZydisDecodedOperand *operand = &in->operands[i];
		uint8_t number;

		if (operand->type != ZYDIS_OPERAND_TYPE_REGISTER ||
		    !(operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
			continue;
		number = gpr_number(operand->reg.value);
		if (number != GPR_NONE)
			out->gpr_clobbered |= (uint16_t)(1U << number);
		if (operand->reg.value == ZYDIS_REGISTER_RFLAGS && !flags)
			out->flags_clobbered = FLAGS_FOLLOWED;
	}
	if (flags)
		out->flags_clobbered = (uint16_t)((flags->modified | flags->set_0 | flags->set_1 |
						   flags->undefined) &
						  FLAGS_FOLLOWED);
}

static void fill_opaque(const struct decoded *in, struct operand_instruction *out)
{
	if (!operand_decode_is_opaque_allowed(&in->instruction))
		return;
	out->operation = OPERATION_OPAQUE;
	fill_memory_operands(in, out);
	fill_clobbered(in, out);
}

static void fill_ordinary(const struct decoded *in, enum operand_operation operation,
			  struct operand_instruction *out)
{
	unsigned visible = in->instruction.operand_count_visible;

	fill_memory_operands(in, out);
	out->operation = (uint8_t)operation;
	out->size = out->source_size = (uint8_t)(in->operands[0].size / 8);
	out->destination = operand_place(&in->operands[0], out);
	if (visible > 1) {
		out->source = operand_place(&in->operands[1], out);
		if (out->source != PLACE_IMMEDIATE)
			out->source_size = (uint8_t)(in->operands[1].size / 8);
	}
}

static bool is_gpr_operand(const ZydisDecodedOperand *operand)
{
	return operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
	       register_place(operand->reg.value) != PLACE_UNKNOWN;
}

/* "mov" to and from segment registers has sizes of its own; loading one may change what %fs means.
 */
static bool is_plain_move(const struct decoded *in)
{
	for (unsigned i = 0; i < 2; i++)
		if (in->operands[i].type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    !is_gpr_operand(&in->operands[i]))
			return false;
	return true;
}

static void fill_multiply(const struct decoded *in, struct operand_instruction *out)
{
	unsigned visible = in->instruction.operand_count_visible;

	if (visible < 2) {
		fill_opaque(in, out);
	} else if (visible == 2) {
		fill_ordinary(in, OPERATION_MULTIPLY, out);
	} else {
		fill_ordinary(in, OPERATION_MULTIPLY_IMMEDIATE, out);
		out->immediate = in->operands[2].imm.value.s;
	}
}

static void fill_string(const struct decoded *in, struct operand_instruction *out)
{
	out->operation = (uint8_t)operand_decode_string(in->instruction.mnemonic);
	out->size = (uint8_t)(in->instruction.operand_width / 8);
	out->is_address_32bit = in->instruction.address_width == 32;
	for (unsigned i = 0; i < in->instruction.raw.prefix_count; i++) {
		uint8_t prefix = in->instruction.raw.prefixes[i].value;

		if (prefix == 0xf2 || prefix == 0xf3)
			out->is_repeated = true;
		if (prefix == 0x64 || prefix == 0x65)
			out->is_address_opaque = true;
	}
}

/* Intel ignores an operand size prefix on near branches in 64-bit mode, AMD cuts the target to 16
 * bits. */
static bool is_branch_plain(const ZydisDecodedInstruction *instruction)
{
	bool is_near = instruction->meta.branch_type == ZYDIS_BRANCH_TYPE_SHORT ||
		       instruction->meta.branch_type == ZYDIS_BRANCH_TYPE_NEAR;
	bool has_size_prefix = instruction->attributes & ZYDIS_ATTRIB_HAS_OPERANDSIZE;

	return is_near && (!has_size_prefix || instruction->raw.rex.W);
}

static void fill_branch(const struct decoded *in, enum operand_operation operation,
			struct operand_instruction *out)
{
	const ZydisDecodedOperand *target = &in->operands[0];

	if (!is_branch_plain(&in->instruction))
		return;
	out->operation = (uint8_t)operation;
	out->size = 8;
	if (operation == OPERATION_RETURN) {
		if (in->instruction.operand_count_visible)
			out->immediate = (int64_t)target->imm.value.u;
		return;
	}
	out->source = operand_place(target, out);
	out->source_size = 8;
	if (out->source == PLACE_IMMEDIATE)
		out->immediate += (int64_t)in->next;
	if (out->source == PLACE_MEMORY)
		fill_memory(in, target, out);
}

/* jcc rel8 and rel32; the others of the category (loop, jrcxz, xbegin) are not followed. */
static void fill_conditional_branch(const struct decoded *in, struct operand_instruction *out)
{
	uint8_t opcode = in->instruction.opcode;
	bool is_short = in->instruction.opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && opcode >> 4 == 7;
	bool is_near = in->instruction.opcode_map == ZYDIS_OPCODE_MAP_0F && opcode >> 4 == 8;

	if (!is_short && !is_near)
		return;
	out->condition = opcode & 15;
	fill_branch(in, OPERATION_JUMP_IF, out);
}

static void fill_push(const struct decoded *in, struct operand_instruction *out)
{
	const ZydisDecodedOperand *value = &in->operands[0];

	out->size = out->source_size = (uint8_t)(in->instruction.operand_width / 8);
	if (in->instruction.mnemonic == ZYDIS_MNEMONIC_PUSHFQ) {
		out->operation = OPERATION_PUSH;
		return;
	}
	if (in->instruction.mnemonic != ZYDIS_MNEMONIC_PUSH)
		return;
	out->source = operand_place(value, out);
	/* Pushing a segment register may write two bytes only. */
	if (out->source == PLACE_UNKNOWN)
		return;
	out->operation = OPERATION_PUSH;
	if (out->source == PLACE_MEMORY)
		fill_memory(in, value, out);
}

static void fill_pop(const struct decoded *in, struct operand_instruction *out)
{
	const ZydisDecodedOperand *target = &in->operands[0];

	if (in->instruction.mnemonic != ZYDIS_MNEMONIC_POP)
		return;
	out->destination = operand_place(target, out);
	if (out->destination == PLACE_UNKNOWN)
		return;
	out->operation = OPERATION_POP;
	out->size = (uint8_t)(in->instruction.operand_width / 8);
	if (out->destination == PLACE_MEMORY)
		fill_memory(in, target, out);
}

static void fill_implicit(enum operand_operation operation, unsigned size,
			  struct operand_instruction *out)
{
	out->operation = (uint8_t)operation;
	out->size = (uint8_t)size;
}

static void fill_exchange(const struct decoded *in, struct operand_instruction *out)
{
	if (is_gpr_operand(&in->operands[0]) && is_gpr_operand(&in->operands[1]))
		fill_ordinary(in, OPERATION_EXCHANGE, out);
	else
		fill_opaque(in, out);
}

static void fill_by_mnemonic(const struct decoded *in, struct operand_instruction *out)
{
	ZydisMnemonic mnemonic = in->instruction.mnemonic;
	enum operand_operation ordinary = operand_decode_ordinary(mnemonic);
	unsigned width = in->instruction.operand_width / 8;

	switch (mnemonic) {
	case ZYDIS_MNEMONIC_IMUL:
		return fill_multiply(in, out);
	case ZYDIS_MNEMONIC_XCHG:
		return fill_exchange(in, out);
	case ZYDIS_MNEMONIC_CBW:
	case ZYDIS_MNEMONIC_CWDE:
	case ZYDIS_MNEMONIC_CDQE:
		return fill_implicit(OPERATION_EXTEND_A, width, out);
	case ZYDIS_MNEMONIC_CWD:
	case ZYDIS_MNEMONIC_CDQ:
	case ZYDIS_MNEMONIC_CQO:
		return fill_implicit(OPERATION_SIGN_A_TO_D, width, out);
	case ZYDIS_MNEMONIC_CLC:
		return fill_implicit(OPERATION_CARRY_CLEAR, 1, out);
	case ZYDIS_MNEMONIC_STC:
		return fill_implicit(OPERATION_CARRY_SET, 1, out);
	case ZYDIS_MNEMONIC_CLD:
		return fill_implicit(OPERATION_DIRECTION_CLEAR, 1, out);
	case ZYDIS_MNEMONIC_STD:
		return fill_implicit(OPERATION_DIRECTION_SET, 1, out);
	case ZYDIS_MNEMONIC_LEAVE:
		if (width == 8)
			fill_implicit(OPERATION_LEAVE, width, out);
		return;
	default:
		break;
	}
	if (ordinary == OPERATION_STOP || (ordinary == OPERATION_MOVE && !is_plain_move(in)))
		return fill_opaque(in, out);
	fill_ordinary(in, ordinary, out);
	if (ordinary == OPERATION_ADDRESS)
		fill_address(in, &in->operands[1], out);
}

static void fill(const struct decoded *in, struct operand_instruction *out)
{
	switch (in->instruction.meta.category) {
	case ZYDIS_CATEGORY_STRINGOP:
		return fill_string(in, out);
	case ZYDIS_CATEGORY_CALL:
		return fill_branch(in, OPERATION_CALL, out);
	case ZYDIS_CATEGORY_RET:
		return fill_branch(in, OPERATION_RETURN, out);
	case ZYDIS_CATEGORY_UNCOND_BR:
		return fill_branch(in, OPERATION_JUMP, out);
	case ZYDIS_CATEGORY_COND_BR:
		return fill_conditional_branch(in, out);
	case ZYDIS_CATEGORY_PUSH:
		return fill_push(in, out);
	case ZYDIS_CATEGORY_POP:
		return fill_pop(in, out);
	case ZYDIS_CATEGORY_CMOV:
		out->condition = in->instruction.opcode & 15;
		return fill_ordinary(in, OPERATION_MOVE_IF, out);
	case ZYDIS_CATEGORY_SETCC:
		out->condition = in->instruction.opcode & 15;
		return fill_ordinary(in, OPERATION_SET_IF, out);
	default:
		return fill_by_mnemonic(in, out);
	}
}

int operand_instruction_decode(const uint8_t *code, size_t length, uint64_t address,
			       struct operand_instruction *ret_instruction)
{
	ZydisDecoder decoder;
	struct decoded in;
	struct operand_instruction out = {
		.operation = OPERATION_STOP,
		.destination = PLACE_UNKNOWN,
		.source = PLACE_UNKNOWN,
		.base = GPR_NONE,
		.index = GPR_NONE,
	};

	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	if (ZYAN_FAILED(
		    ZydisDecoderDecodeFull(&decoder, code, length, &in.instruction, in.operands)))
		return -EILSEQ;
	in.next = address + in.instruction.length;
	out.length = in.instruction.length;
	fill(&in, &out);
	*ret_instruction = out;
	return out.length;
}
