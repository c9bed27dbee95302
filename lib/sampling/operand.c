/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Operand sampling: the walk from a sample through the code ahead of it. */
#include <errno.h>

#include "sampling/operand-cache.h"
#include "sampling/operand-emulate.h"
#include "sampling/operand.h"

struct operand_decoder {
	struct operand_cache *cache;
	struct operand_statistics statistics;
};

struct operand_decoder *operand_decoder_new(size_t max_bytes, operand_read_code_t read_code,
					    void *userdata)
{
	struct operand_decoder *decoder = calloc(1, sizeof(*decoder));

	if (!decoder)
		return NULL;
	decoder->cache = operand_cache_new(max_bytes, read_code, userdata, &decoder->statistics);
	if (!decoder->cache)
		return operand_decoder_free(decoder);
	return decoder;
}

struct operand_decoder *operand_decoder_free(struct operand_decoder *decoder)
{
	if (decoder) {
		operand_cache_free(decoder->cache);
		free(decoder);
	}
	return NULL;
}

/* Where the walk stands in the cache: the line of the last instruction. */
struct position {
	uint64_t address;
	struct operand_line *line;
};

/* The instruction at `ip`. 0, or -errno: -EILSEQ where there is none, else as the reader says. */
static int fetch(struct operand_decoder *decoder, const struct operand_space *space, uint64_t ip,
		 uint64_t now_usec, struct position *position,
		 const struct operand_instruction **ret_instruction)
{
	const struct operand_instruction *instruction;
	int r;

	if (!position->line || position->address != operand_line_address(ip)) {
		r = operand_cache_line(decoder->cache, space, ip, now_usec, &position->line);
		if (r < 0)
			return r;
		position->address = operand_line_address(ip);
	}
	instruction = operand_line_find(position->line, ip);
	if (instruction) {
		decoder->statistics.cache_hits++;
	} else {
		instruction = operand_line_decode(position->line, ip);
		if (!instruction) {
			decoder->statistics.undecodable++;
			return -EILSEQ;
		}
	}
	*ret_instruction = instruction;
	return 0;
}

int operand_predict(struct operand_decoder *decoder, const struct operand_space *space,
		    const uint64_t regs[static OPERAND_REGS_COUNT], uint64_t now_usec,
		    struct operand_access ret_accesses[static OPERAND_ACCESSES_MAX])
{
	struct position position = { 0 };
	struct operand_machine machine;
	int r = 0;

	operand_machine_start(&machine, regs, ret_accesses);
	while (machine.steps < OPERAND_WALK_MAX && machine.accesses_count < OPERAND_ACCESSES_MAX) {
		const struct operand_instruction *instruction;

		r = fetch(decoder, space, machine.ip, now_usec, &position, &instruction);
		if (r < 0 || !operand_machine_step(&machine, instruction))
			break;
	}
	decoder->statistics.walks++;
	decoder->statistics.instructions += machine.steps;
	decoder->statistics.predictions += machine.accesses_count;
	/* Code that cannot be read is the caller's business only where the thread stands. */
	if (r < 0 && r != -EILSEQ && !machine.steps)
		return r;
	return machine.accesses_count;
}

void operand_decoder_forget(struct operand_decoder *decoder, pid_t pid)
{
	operand_cache_forget(decoder->cache, pid);
}

void operand_decoder_statistics(const struct operand_decoder *decoder,
				struct operand_statistics *ret)
{
	*ret = decoder->statistics;
}
