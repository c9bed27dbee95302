/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/extent-map.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_MASK ((uint64_t)EXTENT_CHUNK_EXTENTS - 1)

void extent_map_init(struct extent_map *map, size_t element_bytes)
{
	*map = (struct extent_map){ .element_bytes = element_bytes };
}

void extent_map_done(struct extent_map *map)
{
	for (size_t i = 0; i < map->n_chunks; i++)
		free(map->chunk[i]);
	free(map->chunk);
	free(map->first);
	*map = (struct extent_map){ .element_bytes = map->element_bytes };
}

static size_t chunk_bytes(const struct extent_map *map)
{
	return sizeof(struct extent_chunk) + map->element_bytes * EXTENT_CHUNK_EXTENTS;
}

size_t extent_map_lower_bound(const struct extent_map *map, uint64_t extent)
{
	uint64_t first = extent & ~CHUNK_MASK;
	size_t low = 0, high = map->n_chunks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->first[middle] < first)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct extent_chunk *find_chunk(struct extent_map *map, uint64_t first)
{
	if (map->recent < map->n_chunks && map->first[map->recent] == first)
		return map->chunk[map->recent];

	size_t position = extent_map_lower_bound(map, first);

	if (position == map->n_chunks || map->first[position] != first)
		return NULL;
	map->recent = position;
	return map->chunk[position];
}

static int grow(struct extent_map *map)
{
	size_t capacity = map->capacity ? map->capacity * 2 : 4;
	struct extent_chunk **chunk =
		reallocarray(map->chunk, capacity, sizeof(struct extent_chunk *));

	if (!chunk)
		return -1;
	map->chunk = chunk;

	uint64_t *first = reallocarray(map->first, capacity, sizeof(*first));

	if (!first)
		return -1;
	map->first = first;
	map->capacity = capacity;
	return 0;
}

static struct extent_chunk *add_chunk(struct extent_map *map, uint64_t first)
{
	if (map->n_chunks == map->capacity && grow(map) < 0)
		return NULL;

	struct extent_chunk *chunk = calloc(1, chunk_bytes(map));

	if (!chunk)
		return NULL;
	chunk->first = first;

	size_t position = extent_map_lower_bound(map, first);

	memmove(map->chunk + position + 1, map->chunk + position,
		(map->n_chunks - position) * sizeof(struct extent_chunk *));
	memmove(map->first + position + 1, map->first + position,
		(map->n_chunks - position) * sizeof(*map->first));
	map->chunk[position] = chunk;
	map->first[position] = first;
	map->n_chunks++;
	map->recent = position;
	return chunk;
}

struct extent_chunk *extent_map_put_chunk(struct extent_map *map, uint64_t extent)
{
	uint64_t first = extent & ~CHUNK_MASK;
	struct extent_chunk *chunk = find_chunk(map, first);

	return chunk ? chunk : add_chunk(map, first);
}

void *extent_map_get(struct extent_map *map, uint64_t extent)
{
	struct extent_chunk *chunk = find_chunk(map, extent & ~CHUNK_MASK);
	unsigned i = (unsigned)(extent & CHUNK_MASK);

	if (!chunk || !(chunk->present >> i & 1))
		return NULL;
	return extent_chunk_at(map, chunk, i);
}

void *extent_map_put(struct extent_map *map, uint64_t extent)
{
	struct extent_chunk *chunk = extent_map_put_chunk(map, extent);
	unsigned i = (unsigned)(extent & CHUNK_MASK);

	if (!chunk)
		return NULL;
	chunk->present |= 1ULL << i;
	return extent_chunk_at(map, chunk, i);
}

void extent_map_drop_chunk(struct extent_map *map, size_t position)
{
	free(map->chunk[position]);
	map->n_chunks--;
	memmove(map->chunk + position, map->chunk + position + 1,
		(map->n_chunks - position) * sizeof(struct extent_chunk *));
	memmove(map->first + position, map->first + position + 1,
		(map->n_chunks - position) * sizeof(*map->first));
}

size_t extent_map_bytes(const struct extent_map *map)
{
	return map->capacity * (sizeof(struct extent_chunk *) + sizeof(*map->first)) +
	       map->n_chunks * chunk_bytes(map);
}
