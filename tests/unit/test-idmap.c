/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/idmap.h"

#include "base/cleanup.h"
#include "tests/tap.h"

#define _cleanup_idmap_ _cleanup_(idmap_done)

static struct idmap_key key(uint64_t a, uint64_t b)
{
	return (struct idmap_key){ a, b };
}

TEST(empty, "an empty map has nothing, and nothing can be removed from it")
{
	_cleanup_idmap_ struct idmap map = { 0 };

	CHECK(!idmap_get(&map, key(1, 2)));
	CHECK(!idmap_remove(&map, key(1, 2)));
}

TEST(both_numbers, "both numbers of a key count, in their order")
{
	_cleanup_idmap_ struct idmap map = { 0 };
	int x, y;

	CHECK_INT(idmap_put(&map, key(1, 2), &x), 0);
	CHECK_INT(idmap_put(&map, key(2, 1), &y), 0);
	CHECK(idmap_get(&map, key(1, 2)) == &x);
	CHECK(idmap_get(&map, key(2, 1)) == &y);
	CHECK(!idmap_get(&map, key(1, 1)));
	CHECK(!idmap_get(&map, key(0, UINT64_MAX)));
}

TEST(replaces, "a key that is put again has the new pointer, and one removal takes it away")
{
	_cleanup_idmap_ struct idmap map = { 0 };
	int x, y;

	CHECK_INT(idmap_put(&map, key(7, 0), &x), 0);
	CHECK_INT(idmap_put(&map, key(7, 0), &y), 0);
	CHECK(idmap_remove(&map, key(7, 0)) == &y);
	CHECK(!idmap_get(&map, key(7, 0)));
	CHECK(!idmap_remove(&map, key(7, 0)));
}

TEST(many, "fifty thousand keys are kept apart while others come and go")
{
	_cleanup_idmap_ struct idmap map = { 0 };
	static char values[50000];
	unsigned wrong = 0;

	for (uint64_t i = 0; i < 50000; i++)
		wrong += idmap_put(&map, key(i << 32, ~i), &values[i]) != 0;
	for (uint64_t i = 0; i < 50000; i += 2)
		wrong += idmap_remove(&map, key(i << 32, ~i)) != &values[i];
	for (uint64_t i = 0; i < 50000; i++)
		wrong += idmap_get(&map, key(i << 32, ~i)) != (i % 2 ? &values[i] : NULL);
	CHECK_INT(wrong, 0);
}

TEST(done_twice, "a map can be emptied twice and used again")
{
	_cleanup_idmap_ struct idmap map = { 0 };
	int x;

	CHECK_INT(idmap_put(&map, key(1, 1), &x), 0);
	idmap_done(&map);
	idmap_done(&map);
	CHECK(!idmap_get(&map, key(1, 1)));
	CHECK_INT(idmap_put(&map, key(1, 1), &x), 0);
	CHECK(idmap_get(&map, key(1, 1)) == &x);
}

TEST_MAIN()
