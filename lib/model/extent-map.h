/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A sparse, ordered map from extent index to a fixed-size, zero-initialised element. Elements live
 * in chunks of 64 neighbours, so walking a million of them in order is a walk over arrays. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define EXTENT_CHUNK_SHIFT   6
#define EXTENT_CHUNK_EXTENTS (1U << EXTENT_CHUNK_SHIFT)

struct extent_chunk {
	uint64_t first;   /* index of the first extent, a multiple of EXTENT_CHUNK_EXTENTS */
	uint64_t present; /* bit i: extent first + i was put */
	uint64_t stamp;   /* the owner's, 0 at first */
	_Alignas(8) unsigned char element[];
};

struct extent_map {
	size_t element_bytes;
	struct extent_chunk **chunk; /* by first */
	uint64_t *first;             /* of each chunk: a search stays within one array */
	size_t n_chunks, capacity;
	size_t recent; /* chunk found last: neighbours tend to be asked for together */
};

void extent_map_init(struct extent_map *map, size_t element_bytes);
void extent_map_done(struct extent_map *map);

/* The element of an extent that was put, or NULL. */
void *extent_map_get(struct extent_map *map, uint64_t extent);

/* The element of an extent, made (all zero) if it was not there. NULL: no memory. */
void *extent_map_put(struct extent_map *map, uint64_t extent);

/* The chunk that holds the extent, made if it was not there; marks nothing present. NULL: no
 * memory. */
struct extent_chunk *extent_map_put_chunk(struct extent_map *map, uint64_t extent);

/* Position of the first chunk that ends after `extent` (n_chunks if none). */
size_t extent_map_lower_bound(const struct extent_map *map, uint64_t extent);

/* Drops the chunk at a position. */
void extent_map_drop_chunk(struct extent_map *map, size_t position);

/* Memory held, in bytes. */
size_t extent_map_bytes(const struct extent_map *map);

static inline void *extent_chunk_at(const struct extent_map *map, struct extent_chunk *chunk,
				    unsigned i)
{
	return chunk->element + (size_t)i * map->element_bytes;
}
