/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/units.h"

#include <errno.h>

#include "tests/tap.h"
#include "tests/unit/frames.h"

#define PID        7
#define HERE       (64ULL << 20)
#define HUGE_BYTES (FRAME_HUGE * FRAME_PAGE)

struct world {
	struct tree tree;
	struct page_kinds kinds;
	struct units units;
	int status[4 * FRAME_HUGE];
};

static void start(struct world *world)
{
	*world = (struct world){
		.tree = tree_make(),
		.units = { .to_node_id = 1, .page_bytes = 4096, .pages_per_huge = 512 },
	};
	TREE_CHECK(units_allocate(&world->units, 4 * FRAME_HUGE) == 0);
}

static size_t sort(struct world *world, uint64_t at, size_t n)
{
	page_kinds_open(&world->kinds, &world->tree.root, PID, 4096, 512);

	size_t n_giant = units_sort(&world->units, &world->kinds, at, world->status, n);

	page_kinds_close(&world->kinds);
	return n_giant;
}

static void finish(struct world *world)
{
	units_done(&world->units);
	tree_done(&world->tree);
}

TEST(test_kinds, "each extent goes its own way: huge, base, to be probed, there already")
{
	static struct world w;

	start(&w);
	frames_map_thp(&w.tree, PID, HERE, 8192);
	frames_map_base(&w.tree, PID, HERE + HUGE_BYTES, 20000, FRAME_HUGE);
	for (size_t i = 3 * FRAME_HUGE; i < 4 * FRAME_HUGE; i++)
		w.status[i] = 1;
	CHECK_INT(sort(&w, HERE, 4 * FRAME_HUGE), 0);
	CHECK_INT(w.units.list[UNIT_HUGE].n, 1);
	CHECK_INT(w.units.list[UNIT_HUGE].unit[0].address, HERE);
	CHECK_INT(w.units.list[UNIT_HUGE].unit[0].n_pages, FRAME_HUGE);
	CHECK_INT(w.units.list[UNIT_BASE].n, FRAME_HUGE);
	CHECK_INT(w.units.list[UNIT_BASE].unit[1].address, HERE + HUGE_BYTES + 4096);
	CHECK_INT(w.units.list[UNIT_PROBE].n, 1);
	CHECK_INT(w.units.list[UNIT_PROBE].unit[0].address, HERE + 2 * HUGE_BYTES);

	/* Sorting again starts afresh. */
	sort(&w, HERE, FRAME_HUGE);
	CHECK_INT(w.units.list[UNIT_BASE].n + w.units.list[UNIT_PROBE].n, 0);
	CHECK_INT(w.units.list[UNIT_HUGE].n, 1);
	finish(&w);
}

TEST(test_split_extent,
     "an extent with holes or on two nodes is base pages, without those there already")
{
	static struct world w;

	start(&w);
	w.status[3] = -ENOENT;
	w.status[5] = 1;
	w.status[6] = 2;
	sort(&w, HERE, 10);
	CHECK_INT(w.units.list[UNIT_BASE].n, 8);
	CHECK_INT(w.units.list[UNIT_BASE].unit[3].address, HERE + 4 * 4096);
	finish(&w);
}

TEST(test_absent, "an extent of which nothing is present is left out")
{
	static struct world w;

	start(&w);
	for (size_t i = 0; i < FRAME_HUGE; i++)
		w.status[i] = -ENOENT;
	sort(&w, HERE, FRAME_HUGE);
	CHECK_INT(w.units.list[UNIT_BASE].n, 0);
	CHECK_INT(w.units.list[UNIT_PROBE].n, 0);
	finish(&w);
}

TEST(test_ends, "a range that starts inside a huge page gives its head, and counts its own pages")
{
	static struct world w;

	start(&w);
	frames_map_thp(&w.tree, PID, HERE, 8192);
	sort(&w, HERE + 500 * 4096, 12 + 20);
	CHECK_INT(w.units.list[UNIT_HUGE].unit[0].address, HERE);
	CHECK_INT(w.units.list[UNIT_HUGE].unit[0].first, HERE + 500 * 4096);
	CHECK_INT(w.units.list[UNIT_HUGE].unit[0].n_pages, 12);
	CHECK_INT(w.units.list[UNIT_PROBE].unit[0].n_pages, 20);
	finish(&w);
}

TEST(test_giant, "giant pages are left out and counted")
{
	static struct world w;

	start(&w);
	frames_make_compound(&w.tree, 8192, 4 * FRAME_HUGE, FRAME_HUGETLB);
	frames_map_run(&w.tree, PID, HERE, 8192, 4 * FRAME_HUGE);
	CHECK_INT(sort(&w, HERE, 3 * FRAME_HUGE + 5), 3 * FRAME_HUGE + 5);
	for (unsigned kind = 0; kind < _UNIT_KIND_MAX; kind++)
		CHECK_INT(w.units.list[kind].n, 0);
	finish(&w);
}

TEST(test_no_huge, "without huge pages everything is base pages")
{
	static struct world w;

	start(&w);
	w.units.pages_per_huge = 1;
	sort(&w, HERE, 2000);
	CHECK_INT(w.units.list[UNIT_BASE].n, 2000);
	finish(&w);
}

TEST_MAIN()
