/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Examples for the operand tests: machine code, the registers it starts with, the accesses expected
 * of it. */
#pragma once

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "sampling/operand.h"
#include "tests/tap.h"

/* What the registers hold unless an example says otherwise. */
#define AX 0x10000ULL
#define BX 0x20000ULL
#define CX 0x3ULL
#define DX 0x40000ULL
#define SI 0x50000ULL
#define DI 0x60000ULL
#define BP 0x7ffe00002040ULL
#define SP 0x7ffe00002000ULL
#define IP 0x400000ULL
#define R8 0x80000ULL
#define R9 0x90000ULL

struct example {
	const char *text; /* the assembly of the code */
	const char *code;
	size_t length;
	struct {
		enum operand_reg reg;
		uint64_t value;
	} set[3]; /* up to the first whose value is 0 */
	struct {
		uint64_t address;
		uint16_t size;
		uint8_t steps;
		const char *kind;             /* "r", "w"; "rs", "ws": of the stack */
	} expected[OPERAND_ACCESSES_MAX + 1]; /* up to the first without a kind */
};

#define CODE(bytes) (bytes), sizeof(bytes) - 1

static inline ssize_t example_read(void *userdata, pid_t pid, uint64_t address, void *buffer,
				   size_t length)
{
	const struct example *example = userdata;
	uint8_t *bytes = buffer;

	(void)pid;
	/* Behind the code there is nothing but hlt, which ends every walk. */
	for (size_t i = 0; i < length; i++) {
		uint64_t offset = address + i - IP;

		bytes[i] = offset < example->length ? (uint8_t)example->code[offset] : 0xf4;
	}
	return (ssize_t)length;
}

static inline void example_registers(const struct example *example,
				     uint64_t ret_regs[static OPERAND_REGS_COUNT])
{
	const uint64_t regs[OPERAND_REGS_COUNT] = {
		AX,    BX, CX, DX,      SI,      DI,      BP,      SP,      IP,
		0x202, R8, R9, 0xa0000, 0xb0000, 0xc0000, 0xd0000, 0xe0000, 0xf0000,
	};

	memcpy(ret_regs, regs, sizeof(regs));
	for (size_t i = 0; i < ELEMENTSOF(example->set) && example->set[i].value; i++)
		ret_regs[example->set[i].reg] = example->set[i].value;
}

static inline void example_check(const struct example *example)
{
	_cleanup_(operand_decoder_freep) struct operand_decoder *decoder =
		operand_decoder_new(1 << 16, example_read, (void *)(uintptr_t)example);
	const struct operand_space space = { .pid = 42, .generation = 1 };
	struct operand_access got[OPERAND_ACCESSES_MAX];
	uint64_t regs[OPERAND_REGS_COUNT];
	unsigned before = tap_failures;
	int count, wanted = 0;

	REQUIRE(decoder);
	example_registers(example, regs);
	count = operand_predict(decoder, &space, regs, 1, got);
	while (example->expected[wanted].kind)
		wanted++;
	CHECK_INT(count, wanted);
	for (int i = 0; i < count && i < wanted; i++) {
		CHECK_INT(got[i].address, example->expected[i].address);
		CHECK_INT(got[i].size, example->expected[i].size);
		CHECK_INT(got[i].steps, example->expected[i].steps);
		CHECK_INT(got[i].is_write, example->expected[i].kind[0] == 'w');
		CHECK_INT(got[i].is_stack, example->expected[i].kind[1] == 's');
	}
	if (tap_failures != before)
		printf("#   in \"%s\"\n", example->text);
}

#define CHECK_EXAMPLES(...)                                                                        \
	do {                                                                                       \
		static const struct example examples[] = { __VA_ARGS__ };                          \
		for (size_t i_ = 0; i_ < ELEMENTSOF(examples); i_++)                               \
			example_check(&examples[i_]);                                              \
	} while (0)
