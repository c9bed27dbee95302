/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/extent-map.h"

#include "base/cleanup.h"
#include "tests/tap.h"

#define _cleanup_map_ _cleanup_(extent_map_done)

static struct extent_map new_map(size_t element_bytes)
{
	struct extent_map map;

	extent_map_init(&map, element_bytes);
	return map;
}

TEST(absent, "what was not put is not there, its neighbours in the chunk included")
{
	_cleanup_map_ struct extent_map map = new_map(4);

	CHECK(!extent_map_get(&map, 0));
	CHECK(extent_map_put(&map, 70));
	CHECK(!extent_map_get(&map, 69));
	CHECK(!extent_map_get(&map, 71));
	CHECK(!extent_map_get(&map, 6));
	CHECK(!extent_map_get(&map, UINT64_MAX));
}

TEST(zero, "a new element is zero, and keeps what is written to it")
{
	_cleanup_map_ struct extent_map map = new_map(sizeof(uint64_t));
	uint64_t *element = extent_map_put(&map, 12345);

	REQUIRE(element);
	CHECK_INT(*element, 0);
	*element = 42;
	CHECK(extent_map_put(&map, 12345) == element);
	CHECK(extent_map_get(&map, 12345) == element);
	CHECK_INT(*element, 42);
}

TEST(ordered,
     "chunks put in any order stand in ascending order, and each value stays with its extent")
{
	_cleanup_map_ struct extent_map map = new_map(sizeof(uint64_t));
	unsigned wrong = 0;

	for (uint64_t i = 0; i < 5000; i++) {
		uint64_t extent = i * 7919 % 5000 * 33;
		uint64_t *element = extent_map_put(&map, extent);

		REQUIRE(element);
		*element = extent + 1;
	}
	for (size_t i = 1; i < map.n_chunks; i++)
		wrong += map.chunk[i - 1]->first >= map.chunk[i]->first;
	for (uint64_t i = 0; i < 5000; i++) {
		uint64_t *element = extent_map_get(&map, i * 33);

		wrong += !element || *element != i * 33 + 1;
	}
	CHECK_INT(wrong, 0);
}

TEST(ends, "the first and the last extent there can be are ordinary ones")
{
	_cleanup_map_ struct extent_map map = new_map(1);

	CHECK(extent_map_put(&map, 0));
	CHECK(extent_map_put(&map, UINT64_MAX));
	CHECK(extent_map_get(&map, 0));
	CHECK(extent_map_get(&map, UINT64_MAX));
	CHECK_INT(map.n_chunks, 2);
}

TEST(lower_bound, "the lower bound is the first chunk that ends after the extent")
{
	_cleanup_map_ struct extent_map map = new_map(1);

	CHECK_INT(extent_map_lower_bound(&map, 5), 0);
	REQUIRE(extent_map_put(&map, 64) && extent_map_put(&map, 256));
	CHECK_INT(extent_map_lower_bound(&map, 0), 0);
	CHECK_INT(extent_map_lower_bound(&map, 127), 0);
	CHECK_INT(extent_map_lower_bound(&map, 128), 1);
	CHECK_INT(extent_map_lower_bound(&map, 319), 1);
	CHECK_INT(extent_map_lower_bound(&map, 320), 2);
}

TEST(drops, "a dropped chunk is gone, the others are found, the one looked up last too")
{
	_cleanup_map_ struct extent_map map = new_map(4);

	for (uint64_t i = 0; i < 10; i++)
		REQUIRE(extent_map_put(&map, i * 64));
	REQUIRE(extent_map_get(&map, 9 * 64));
	extent_map_drop_chunk(&map, 9);
	CHECK(!extent_map_get(&map, 9 * 64));
	REQUIRE(extent_map_get(&map, 3 * 64));
	extent_map_drop_chunk(&map, 3);
	CHECK(!extent_map_get(&map, 3 * 64));
	CHECK(extent_map_get(&map, 4 * 64));
	while (map.n_chunks)
		extent_map_drop_chunk(&map, 0);
	CHECK(!extent_map_get(&map, 0));
}

TEST(bytes, "the memory told grows with the chunks and shrinks when they go")
{
	_cleanup_map_ struct extent_map map = new_map(100);

	CHECK_INT(extent_map_bytes(&map), 0);
	for (uint64_t i = 0; i < 100; i++)
		REQUIRE(extent_map_put(&map, i * 64));
	CHECK(extent_map_bytes(&map) >= 100 * 6400);
	CHECK(extent_map_bytes(&map) < 110 * 6400);
	while (map.n_chunks)
		extent_map_drop_chunk(&map, map.n_chunks - 1);
	CHECK(extent_map_bytes(&map) < 6400);
}

TEST_MAIN()
