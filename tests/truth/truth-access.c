/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which memory an instruction touches, from the registers that it really ran with. */
#include <Zydis/Zydis.h>
#include <string.h>

#include "base/syscalls.h"
#include "tests/truth/truth-access.h"

#define REMEMBERED 4096

struct decoded {
	pid_t pid;
	uint64_t ip;
	bool valid;
	ZydisDecodedInstruction instruction;
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

/* A test program: its one decoder may live in the file. The code of what it traces does not change.
 */
static struct decoded remembered[REMEMBERED];

static const struct decoded *decode(pid_t pid, uint64_t ip)
{
	struct decoded *decoded = &remembered[(ip ^ ip >> 12) % REMEMBERED];
	ZydisDecoder decoder;
	uint8_t code[ZYDIS_MAX_INSTRUCTION_LENGTH];
	ssize_t n;

	if (decoded->pid == pid && decoded->ip == ip)
		return decoded;
	n = sys_process_vm_read(pid, ip, code, sizeof(code));
	decoded->pid = pid;
	decoded->ip = ip;
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	decoded->valid = n > 0 && ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, (size_t)n,
								      &decoded->instruction,
								      decoded->operands));
	return decoded;
}

static ZydisRegisterContext registers_of(const struct user_regs_struct *regs)
{
	ZydisRegisterContext context = { 0 };
	const unsigned long long wide[16] = {
		regs->rax, regs->rcx, regs->rdx, regs->rbx, regs->rsp, regs->rbp,
		regs->rsi, regs->rdi, regs->r8,  regs->r9,  regs->r10, regs->r11,
		regs->r12, regs->r13, regs->r14, regs->r15,
	};

	for (unsigned i = 0; i < 16; i++) {
		context.values[ZYDIS_REGISTER_RAX + i] = wide[i];
		context.values[ZYDIS_REGISTER_EAX + i] = (uint32_t)wide[i];
	}
	return context;
}

/* The implicit operand of push, pop, call and return. */
static bool is_stack_operand(const ZydisDecodedOperand *operand)
{
	return operand->visibility == ZYDIS_OPERAND_VISIBILITY_HIDDEN &&
	       operand->mem.base == ZYDIS_REGISTER_RSP;
}

static bool is_repeated(const struct decoded *decoded)
{
	return decoded->valid && decoded->instruction.meta.category == ZYDIS_CATEGORY_STRINGOP &&
	       (decoded->instruction.attributes &
		(ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE | ZYDIS_ATTRIB_HAS_REPNE));
}

static uint64_t address_of(const struct decoded *decoded, const ZydisDecodedOperand *operand,
			   const struct user_regs_struct *before,
			   const struct user_regs_struct *after)
{
	ZydisRegisterContext context = registers_of(before);
	ZyanU64 address = 0;

	/* What a push wrote is where the stack pointer really stands after it. */
	if (is_stack_operand(operand))
		return operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE ? after->rsp
									  : before->rsp;
	if (decoded->instruction.mnemonic == ZYDIS_MNEMONIC_POP)
		context.values[ZYDIS_REGISTER_RSP] = after->rsp;
	ZydisCalcAbsoluteAddressEx(&decoded->instruction, operand, before->rip, &context, &address);
	return address;
}

int truth_accesses(pid_t pid, const struct user_regs_struct *before,
		   const struct user_regs_struct *after,
		   struct truth_access ret_accesses[static TRUTH_ACCESSES_MAX])
{
	const struct decoded *decoded = decode(pid, before->rip);
	int count = 0;

	if (!decoded->valid)
		return -1;
	if (is_repeated(decoded) && !before->rcx)
		return 0;
	for (unsigned i = 0; i < decoded->instruction.operand_count; i++) {
		const ZydisDecodedOperand *operand = &decoded->operands[i];

		if (operand->type != ZYDIS_OPERAND_TYPE_MEMORY ||
		    operand->mem.type != ZYDIS_MEMOP_TYPE_MEM || count == TRUTH_ACCESSES_MAX)
			continue;
		ret_accesses[count++] = (struct truth_access){
			.address = address_of(decoded, operand, before, after),
			.size = operand->size / 8,
			.is_write = operand->actions & ZYDIS_OPERAND_ACTION_MASK_WRITE,
		};
	}
	return count;
}

void truth_forget(void)
{
	memset(remembered, 0, sizeof(remembered));
}

bool truth_is_repeated(pid_t pid, uint64_t ip)
{
	return is_repeated(decode(pid, ip));
}
