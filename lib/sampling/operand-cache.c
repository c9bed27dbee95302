/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Code bytes and decoded instructions by address space. */
#include <errno.h>
#include <string.h>

#include "sampling/operand-cache.h"

#define WAYS 4

/* Kept apart from the lines, so that looking for one touches little memory. */
struct tag {
	uint64_t address;
	uint64_t generation;
	uint64_t read_usec;
	pid_t pid; /* 0: empty */
	uint32_t used;
};

struct operand_cache {
	operand_read_code_t read_code;
	void *userdata;
	struct operand_statistics *statistics;
	size_t sets;
	uint32_t uses; /* clock of the replacement */
	struct tag *tags;
	struct operand_line *lines;
};

struct operand_cache *operand_cache_new(size_t max_bytes, operand_read_code_t read_code,
					void *userdata, struct operand_statistics *statistics)
{
	size_t sets = max_bytes / (WAYS * (sizeof(struct tag) + sizeof(struct operand_line)));
	struct operand_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return NULL;
	cache->sets = CLAMP(sets, (size_t)1, (size_t)UINT32_MAX);
	cache->read_code = read_code;
	cache->userdata = userdata;
	cache->statistics = statistics;
	cache->tags = calloc(cache->sets * WAYS, sizeof(*cache->tags));
	cache->lines = calloc(cache->sets * WAYS, sizeof(*cache->lines));
	if (!cache->tags || !cache->lines)
		return operand_cache_free(cache);
	return cache;
}

struct operand_cache *operand_cache_free(struct operand_cache *cache)
{
	if (cache) {
		free(cache->tags);
		free(cache->lines);
		free(cache);
	}
	return NULL;
}

static size_t set_of(const struct operand_cache *cache, const struct operand_space *space,
		     uint64_t address)
{
	uint64_t key = address / OPERAND_LINE_BYTES ^ (uint64_t)space->pid << 40;
	uint32_t hash = (uint32_t)((key * 0x9e3779b97f4a7c15ULL) >> 32);

	return (size_t)(((uint64_t)hash * cache->sets) >> 32);
}

static bool tag_matches(const struct tag *tag, const struct operand_space *space, uint64_t address)
{
	return tag->address == address && tag->pid == space->pid &&
	       tag->generation == space->generation;
}

static void line_forget_instructions(struct operand_line *line)
{
	memset(line->slot_of, 0, sizeof(line->slot_of));
	line->instructions_count = 0;
}

/* Reads the line's code; what was decoded of other bytes goes. */
static int line_read(struct operand_cache *cache, struct tag *tag, struct operand_line *line,
		     uint64_t now_usec)
{
	uint8_t code[sizeof(line->code)];
	ssize_t n;

	cache->statistics->code_reads++;
	n = cache->read_code(cache->userdata, tag->pid, tag->address, code, sizeof(code));
	if (n <= 0) {
		cache->statistics->read_failures++;
		*tag = (struct tag){ 0 };
		return n < 0 ? (int)n : -EFAULT;
	}
	if ((size_t)n != line->code_length || memcmp(code, line->code, (size_t)n) != 0) {
		line_forget_instructions(line);
		memcpy(line->code, code, (size_t)n);
		line->code_length = (uint8_t)n;
	}
	tag->read_usec = now_usec;
	return 0;
}

static struct tag *oldest_of(struct operand_cache *cache, struct tag *ways)
{
	struct tag *oldest = &ways[0];

	for (unsigned i = 0; i < WAYS; i++) {
		if (!ways[i].pid)
			return &ways[i];
		if (cache->uses - ways[i].used > cache->uses - oldest->used)
			oldest = &ways[i];
	}
	cache->statistics->evicted++;
	return oldest;
}

static int line_fill(struct operand_cache *cache, const struct operand_space *space,
		     uint64_t address, uint64_t now_usec, struct tag *ways,
		     struct operand_line **ret_line)
{
	struct tag *tag = oldest_of(cache, ways);
	struct operand_line *line = &cache->lines[tag - cache->tags];
	int r;

	*tag = (struct tag){
		.address = address,
		.generation = space->generation,
		.pid = space->pid,
		.used = cache->uses,
	};
	line->code_length = 0;
	r = line_read(cache, tag, line, now_usec);
	if (r < 0)
		return r;
	*ret_line = line;
	return 0;
}

int operand_cache_line(struct operand_cache *cache, const struct operand_space *space,
		       uint64_t address, uint64_t now_usec, struct operand_line **ret_line)
{
	struct tag *ways = &cache->tags[WAYS * set_of(cache, space, operand_line_address(address))];
	int r;

	cache->uses++;
	address = operand_line_address(address);
	for (struct tag *tag = ways; tag < ways + WAYS; tag++) {
		struct operand_line *line;

		if (!tag_matches(tag, space, address))
			continue;
		line = &cache->lines[tag - cache->tags];
		tag->used = cache->uses;
		if (now_usec - tag->read_usec >= OPERAND_CODE_AGE_USEC) {
			r = line_read(cache, tag, line, now_usec);
			if (r < 0)
				return r;
		}
		*ret_line = line;
		return 0;
	}
	return line_fill(cache, space, address, now_usec, ways, ret_line);
}

const struct operand_instruction *operand_line_decode(struct operand_line *line, uint64_t address)
{
	size_t offset = address & (OPERAND_LINE_BYTES - 1);
	struct operand_instruction *instruction;

	if (offset >= line->code_length)
		return NULL;
	if (line->instructions_count == OPERAND_LINE_INSTRUCTIONS)
		line_forget_instructions(line);
	instruction = &line->instructions[line->instructions_count];
	if (operand_instruction_decode(line->code + offset, line->code_length - offset, address,
				       instruction) < 0)
		return NULL;
	line->slot_of[offset] = ++line->instructions_count;
	return instruction;
}

void operand_cache_forget(struct operand_cache *cache, pid_t pid)
{
	for (size_t i = 0; i < cache->sets * WAYS; i++)
		if (cache->tags[i].pid == pid)
			cache->tags[i] = (struct tag){ 0 };
}
