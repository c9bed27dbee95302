/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A set of NUMA node ids, sparse ones included. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODESET_MAX   1024 /* MAX_NUMNODES of the largest distribution kernels (NODES_SHIFT=10) */
#define NODESET_WORDS (NODESET_MAX / 64)

struct nodeset {
	uint64_t word[NODESET_WORDS];
};

void nodeset_clear(struct nodeset *set);
void nodeset_add(struct nodeset *set, int id); /* ids outside [0, NODESET_MAX) are ignored */
void nodeset_remove(struct nodeset *set, int id);
bool nodeset_has(const struct nodeset *set, int id);
bool nodeset_is_empty(const struct nodeset *set);
bool nodeset_equals(const struct nodeset *a, const struct nodeset *b);
bool nodeset_contains(const struct nodeset *outer, const struct nodeset *inner);
unsigned nodeset_count(const struct nodeset *set);

/* The smallest id above `id`, or -1; start with -1. */
int nodeset_next(const struct nodeset *set, int id);

#define NODESET_FOREACH(id, set)                                                                   \
	for (int id = nodeset_next(set, -1); id >= 0; id = nodeset_next(set, id))

/* Parses the kernel's list format, "0-3,8"; empty text is the empty set. A trailing newline is
 * fine. 0, -EINVAL (malformed, descending) or -ERANGE (id too large). */
int nodeset_parse_list(const char *text, struct nodeset *ret_set);

/* Writes the list format. Returns the length that was needed, as snprintf(3). */
size_t nodeset_format(const struct nodeset *set, char *buffer, size_t size);
