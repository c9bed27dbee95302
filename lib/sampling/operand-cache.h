/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Code bytes and decoded instructions by address space, in lines of code: a set-associative cache.
 * Bytes are read again after OPERAND_CODE_AGE_USEC: what was decoded stays if they are the same. */
#pragma once

#include "sampling/operand-instruction.h"
#include "sampling/operand.h"

#define OPERAND_LINE_BYTES        128
#define OPERAND_LINE_INSTRUCTIONS 40 /* decoded ones kept of a line */
#define OPERAND_CODE_AGE_USEC     2000000ULL

struct operand_line {
	uint8_t slot_of[OPERAND_LINE_BYTES]; /* by offset: 1 + index of the instruction that starts
						here, 0: none */
	uint8_t instructions_count;
	uint8_t code_length; /* bytes that could be read, the last instruction's tail included */
	uint8_t code[OPERAND_LINE_BYTES + OPERAND_INSTRUCTION_BYTES_MAX - 1];
	struct operand_instruction instructions[OPERAND_LINE_INSTRUCTIONS];
};

struct operand_cache;

/* `statistics` is counted in. At least one set of lines is made, however small max_bytes is. */
struct operand_cache *operand_cache_new(size_t max_bytes, operand_read_code_t read_code,
					void *userdata, struct operand_statistics *statistics);
struct operand_cache *operand_cache_free(struct operand_cache *cache);
DEFINE_CLEANUP(struct operand_cache, operand_cache_free)

/* The line that holds `address`, valid until the next call. 0 or -errno as the reader says. */
int operand_cache_line(struct operand_cache *cache, const struct operand_space *space,
		       uint64_t address, uint64_t now_usec, struct operand_line **ret_line);

/* Decodes the instruction at `address` of its line. NULL: it is none, or its bytes are not there.
 */
const struct operand_instruction *operand_line_decode(struct operand_line *line, uint64_t address);

void operand_cache_forget(struct operand_cache *cache, pid_t pid);

static inline uint64_t operand_line_address(uint64_t address)
{
	return address & ~(uint64_t)(OPERAND_LINE_BYTES - 1);
}

/* The instruction at `address` where it has been decoded before, else NULL. */
static inline const struct operand_instruction *operand_line_find(const struct operand_line *line,
								  uint64_t address)
{
	uint8_t slot = line->slot_of[address & (OPERAND_LINE_BYTES - 1)];

	return slot ? &line->instructions[slot - 1] : NULL;
}
