/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The walk from a sample through the code ahead of it: where it ends and what it reports. */
#include "tests/unit/operand-example.h"

struct memory {
	const uint8_t *code;
	size_t length;
	int error; /* of reads outside the code */
};

static ssize_t memory_read(void *userdata, pid_t pid, uint64_t address, void *buffer, size_t length)
{
	const struct memory *memory = userdata;

	(void)pid;
	if (address < IP || address - IP >= memory->length)
		return memory->error;
	if (length > memory->length - (address - IP))
		length = memory->length - (address - IP);
	memcpy(buffer, memory->code + (address - IP), length);
	return (ssize_t)length;
}

static const struct operand_space space = { .pid = 42, .generation = 1 };

static int predict(struct operand_decoder *decoder, uint64_t ip,
		   struct operand_access ret_accesses[static OPERAND_ACCESSES_MAX])
{
	const struct example example = { .set = { { OPERAND_IP, ip } } };
	uint64_t regs[OPERAND_REGS_COUNT];

	example_registers(&example, regs);
	return operand_predict(decoder, &space, regs, 1, ret_accesses);
}

TEST(registers, "every register is taken from its place in the sample")
{
	CHECK_EXAMPLES(
		{ "mov cl, [each register]",
		  CODE("\x8a\x08\x8a\x0b\x8a\x0a\x8a\x0e\x8a\x0f"),
		  { { 0 } },
		  { { AX, 1, 0, "r" },
		    { BX, 1, 1, "r" },
		    { DX, 1, 2, "r" },
		    { SI, 1, 3, "r" },
		    { DI, 1, 4, "r" } } },
		{ "mov cl, [rcx]; mov cl, [rbp]; mov cl, [rsp]; mov cl, [r8 to r12]",
		  CODE("\x8a\x09\x8a\x4d\x00\x8a\x0c\x24\x41\x8a\x08\x41\x8a\x09\x41\x8a\x0a"
		       "\x41\x8a\x0b\x41\x8a\x0c\x24"),
		  { { 0 } },
		  { { CX, 1, 0, "r" },
		    { BP, 1, 1, "rs" },
		    { SP, 1, 2, "rs" },
		    { R8, 1, 3, "r" },
		    { R9, 1, 4, "r" },
		    { 0xa0000, 1, 5, "r" },
		    { 0xb0000, 1, 6, "r" },
		    { 0xc0000, 1, 7, "r" } } },
		{ "mov cl, [r13]; mov cl, [r14]; mov cl, [r15]",
		  CODE("\x41\x8a\x4d\x00\x41\x8a\x0e\x41\x8a\x0f"),
		  { { 0 } },
		  { { 0xd0000, 1, 0, "r" }, { 0xe0000, 1, 1, "r" }, { 0xf0000, 1, 2, "r" } } });
}

TEST(reports_ip, "an access carries the address of the instruction that makes it")
{
	/* nop; mov al, [rbx]; jmp to the next; mov al, [rsi] */
	struct memory memory = { (const uint8_t *)"\x90\x8a\x03\xeb\x00\x8a\x06\xf4", 8, -EFAULT };
	_cleanup_(operand_decoder_freep) struct operand_decoder *decoder =
		operand_decoder_new(1 << 16, memory_read, &memory);
	struct operand_access got[OPERAND_ACCESSES_MAX];

	CHECK_INT(predict(decoder, IP, got), 2);
	CHECK_INT(got[0].ip, IP + 1);
	CHECK_INT(got[1].ip, IP + 5);
	CHECK_INT(got[1].steps, 3);
}

TEST(most, "no more accesses are kept than there is room for")
{
	/* 1: mov rax, [rbx]; add rbx, 8; jmp 1b */
	struct memory memory = { (const uint8_t *)"\x48\x8b\x03\x48\x83\xc3\x08\xeb\xf7", 9,
				 -EFAULT };
	_cleanup_(operand_decoder_freep) struct operand_decoder *decoder =
		operand_decoder_new(1 << 16, memory_read, &memory);
	struct operand_access got[OPERAND_ACCESSES_MAX];

	CHECK_INT(predict(decoder, IP, got), OPERAND_ACCESSES_MAX);
	CHECK_INT(got[OPERAND_ACCESSES_MAX - 1].address, BX + 8 * (OPERAND_ACCESSES_MAX - 1));
}

TEST(farthest, "the walk ends after so many instructions, in an endless loop too")
{
	struct operand_statistics statistics;
	struct memory memory = { (const uint8_t *)"\xeb\xfe", 2, -EFAULT };
	_cleanup_(operand_decoder_freep) struct operand_decoder *decoder =
		operand_decoder_new(1 << 16, memory_read, &memory);
	struct operand_access got[OPERAND_ACCESSES_MAX];

	CHECK_INT(predict(decoder, IP, got), 0);
	operand_decoder_statistics(decoder, &statistics);
	CHECK_INT(statistics.walks, 1);
	CHECK_INT(statistics.instructions, OPERAND_WALK_MAX);
	CHECK_INT(statistics.cache_hits, OPERAND_WALK_MAX - 1);
	CHECK_INT(statistics.code_reads, 1);
}

TEST(unreadable, "code that cannot be read is an error only where the thread stands")
{
	/* mov al, [rbx]; jmp +0x1000 */
	struct memory memory = { (const uint8_t *)"\x8a\x03\xe9\x00\x10\x00\x00", 7, -EFAULT };
	_cleanup_(operand_decoder_freep) struct operand_decoder *decoder =
		operand_decoder_new(1 << 16, memory_read, &memory);
	struct operand_access got[OPERAND_ACCESSES_MAX];
	struct operand_statistics statistics;

	CHECK_INT(predict(decoder, IP, got), 1);
	CHECK_INT(predict(decoder, IP + 0x10000, got), -EFAULT);
	memory.error = -ESRCH;
	CHECK_INT(predict(decoder, IP + 0x10000, got), -ESRCH);
	operand_decoder_statistics(decoder, &statistics);
	CHECK_INT(statistics.read_failures, 3);
	CHECK_INT(statistics.predictions, 1);
}

TEST(undecodable, "what is no instruction, or is cut off, ends the walk without an error")
{
	/* mov al, [rbx]; an opcode that does not exist | mov al, [rbx]; half of a mov */
	struct memory memory = { (const uint8_t *)"\x8a\x03\x06\x8a\x03\x48\xb8\x00", 8, -EFAULT };
	_cleanup_(operand_decoder_freep) struct operand_decoder *decoder =
		operand_decoder_new(1 << 16, memory_read, &memory);
	struct operand_access got[OPERAND_ACCESSES_MAX];
	struct operand_statistics statistics;

	CHECK_INT(predict(decoder, IP, got), 1);
	CHECK_INT(predict(decoder, IP + 2, got), 0);
	CHECK_INT(predict(decoder, IP + 3, got), 1);
	operand_decoder_statistics(decoder, &statistics);
	CHECK_INT(statistics.undecodable, 3);
}

TEST(forgets, "a forgotten process is read anew")
{
	struct memory memory = { (const uint8_t *)"\x8a\x03\xf4", 3, -EFAULT };
	_cleanup_(operand_decoder_freep) struct operand_decoder *decoder =
		operand_decoder_new(1 << 16, memory_read, &memory);
	struct operand_access got[OPERAND_ACCESSES_MAX];

	CHECK_INT(predict(decoder, IP, got), 1);
	memory.code = (const uint8_t *)"\x90\xf4\xf4";
	CHECK_INT(predict(decoder, IP, got), 1);
	operand_decoder_forget(decoder, space.pid);
	CHECK_INT(predict(decoder, IP, got), 0);
}

TEST(owns_nothing, "no decoder is a decoder that can be freed")
{
	CHECK(!operand_decoder_free(NULL));
}

TEST_MAIN()
