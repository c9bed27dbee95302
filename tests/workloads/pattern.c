/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ways to use memory, in constant chunks of work. */
#include "workload.h"

#define LINE_BYTES      64u
#define LINK_BYTES      256u
#define LINKS_PER_BLOCK (BLOCK_BYTES / LINK_BYTES)

/* Accesses in a chunk: some 50 to 200 microseconds each in an emulated guest. */
#define SWEEP_ACCESSES  8192u
#define RANDOM_ACCESSES 1024u
#define CHASE_ACCESSES  1024u

static uintptr_t *link_at(uintptr_t base, const struct group *group, size_t i)
{
	return (uintptr_t *)(base + group->blocks[i / LINKS_PER_BLOCK] * BLOCK_BYTES +
			     i % LINKS_PER_BLOCK * LINK_BYTES);
}

/* One cycle through all links in random order (Sattolo's shuffle, in place). */
void pattern_build_chase(uintptr_t base, const struct group *group)
{
	size_t n = group->n_blocks * LINKS_PER_BLOCK;
	uint64_t state = 88172645463325252u;

	for (size_t i = 0; i < n; i++)
		*link_at(base, group, i) = (uintptr_t)link_at(base, group, i);
	for (size_t i = n - 1; i > 0; i--) {
		uintptr_t *one = link_at(base, group, i);
		uintptr_t *other = link_at(base, group, random_next(&state) % i);
		uintptr_t kept = *one;

		*one = *other;
		*other = kept;
	}
}

/* Workers that share their blocks start at different places: the nth of so many. */
void pattern_start(struct cursor *cursor, enum pattern pattern, uintptr_t base,
		   const struct group *group, unsigned nth, unsigned of)
{
	*cursor = (struct cursor){
		.pattern = pattern,
		.base = base,
		.group = group,
		.block = group->n_blocks * nth / of,
		.random = 0x9e3779b97f4a7c15u + nth,
	};
	if (pattern == CHASE)
		cursor->pointer = (uintptr_t)link_at(base, group, 0);
}

static uintptr_t block_address(const struct cursor *cursor, size_t block)
{
	return cursor->base + cursor->group->blocks[block] * BLOCK_BYTES;
}

/* Line by line; a write for every three reads. The position is in registers, as in any optimised
 * loop. */
static void sweep(struct cursor *cursor)
{
	uint64_t sum = 0;
	size_t block = cursor->block;
	uintptr_t start = block_address(cursor, block), line = start + cursor->offset;

	for (unsigned done = 0; done < SWEEP_ACCESSES; done += 4) {
		volatile uint64_t *at = (volatile uint64_t *)line;

		sum += at[0] + at[LINE_BYTES / 8] + at[2 * LINE_BYTES / 8];
		at[3 * LINE_BYTES / 8] = sum;
		line += 4 * LINE_BYTES;
		if (line == start + BLOCK_BYTES) {
			block = block + 1 == cursor->group->n_blocks ? 0 : block + 1;
			line = start = block_address(cursor, block);
		}
	}
	cursor->block = block;
	cursor->offset = line - start;
}

/* Anywhere; a write for every three reads. The blocks follow each other, so that the address is
 * arithmetic, as in a hash table. */
static void use_at_random(struct cursor *cursor)
{
	uint64_t sum = 0, random = cursor->random;
	uintptr_t start = block_address(cursor, 0);
	uint64_t n_lines = cursor->group->n_blocks * (BLOCK_BYTES / LINE_BYTES);

	for (unsigned done = 0; done < RANDOM_ACCESSES; done++) {
		uint64_t x = random_next(&random);
		volatile uint64_t *at =
			(volatile uint64_t *)(start + ((x >> 32) * n_lines >> 32) * LINE_BYTES);

		if (done % 4 == 3)
			*at = sum;
		else
			sum += *at;
	}
	cursor->random = random;
}

static void chase(struct cursor *cursor)
{
	uintptr_t pointer = cursor->pointer;

	for (unsigned done = 0; done < CHASE_ACCESSES; done++)
		pointer = *(volatile uintptr_t *)pointer;
	cursor->pointer = pointer;
}

void pattern_chunk(struct cursor *cursor)
{
	switch (cursor->pattern) {
	case SWEEP:
		sweep(cursor);
		break;
	case RANDOM:
		use_at_random(cursor);
		break;
	case CHASE:
		chase(cursor);
		break;
	}
}
