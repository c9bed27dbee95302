/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operand sampling: from the registers of an interrupted thread and the code ahead of it to the
 * addresses that it touches next. x86-64. A wrong address is worse than none: what is not known for
 * certain is not told. (The interrupted pointer may stand before or after the access
 * that stalled; walking forward finds the same stream's next one.) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"

/* The registers in PERF_SAMPLE_REGS_USER's bit order for OPERAND_REGS_MASK (uapi asm/perf_regs.h):
 * AX BX CX DX SI DI BP SP IP FLAGS R8..R15. */
#define OPERAND_REGS_MASK  0xff03ffULL
#define OPERAND_REGS_COUNT 18

enum operand_reg {
	OPERAND_AX,
	OPERAND_BX,
	OPERAND_CX,
	OPERAND_DX,
	OPERAND_SI,
	OPERAND_DI,
	OPERAND_BP,
	OPERAND_SP,
	OPERAND_IP,
	OPERAND_FLAGS,
	OPERAND_R8,
	OPERAND_R9,
	OPERAND_R10,
	OPERAND_R11,
	OPERAND_R12,
	OPERAND_R13,
	OPERAND_R14,
	OPERAND_R15,
};

#define OPERAND_ACCESSES_MAX 8  /* predictions kept of one sample */
#define OPERAND_WALK_MAX     48 /* instructions walked ahead */

struct operand_access {
	uint64_t address; /* first byte */
	uint64_t ip;      /* of the instruction that makes the access */
	uint16_t size;    /* bytes */
	uint8_t steps; /* instructions between the sample and the access, 0 = the next one executed
			*/
	bool is_write;
	bool is_stack; /* the address was formed from SP or BP-as-frame (thread-local by nature) */
};

/* Identity of an address space for the code cache: changes on exec and pid reuse. */
struct operand_space {
	pid_t pid;
	uint64_t generation;
};

/* Reads code bytes: as pread from the target's memory; returns bytes read or -errno. */
typedef ssize_t (*operand_read_code_t)(void *userdata, pid_t pid, uint64_t address, void *buffer,
				       size_t length);

struct operand_decoder;

/* `max_bytes` bounds the memory of the caches of code and decoded instructions. NULL: no memory. */
struct operand_decoder *operand_decoder_new(size_t max_bytes, operand_read_code_t read_code,
					    void *userdata);
struct operand_decoder *operand_decoder_free(struct operand_decoder *decoder);
DEFINE_CLEANUP(struct operand_decoder, operand_decoder_free)

/* Predicts the data accesses that the thread makes next, in program order, stack ones included and
 * marked. `now_usec` ages the caches (code may change under us). Returns how many (0: nothing known
 * for certain) or -errno (the code could not be read: the process vanished, or the page is not
 * there). */
int operand_predict(struct operand_decoder *decoder, const struct operand_space *space,
		    const uint64_t regs[static OPERAND_REGS_COUNT], uint64_t now_usec,
		    struct operand_access ret_accesses[static OPERAND_ACCESSES_MAX]);

/* Forgets a process. */
void operand_decoder_forget(struct operand_decoder *decoder, pid_t pid);

struct operand_statistics {
	uint64_t predictions, walks, instructions, cache_hits, code_reads, read_failures,
		undecodable, evicted;
};
void operand_decoder_statistics(const struct operand_decoder *decoder,
				struct operand_statistics *ret);
