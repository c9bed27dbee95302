/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/page-kind.h"

#include "tests/tap.h"
#include "tests/unit/frames.h"

#define PID        7
#define HERE       (4ULL << 20)
#define HUGE_BYTES (FRAME_HUGE * FRAME_PAGE)

static enum page_kind kind_at(const struct tree *tree, uint64_t address)
{
	_cleanup_page_kinds_ struct page_kinds kinds;

	page_kinds_open(&kinds, &tree->root, PID, FRAME_PAGE, FRAME_HUGE);
	return page_kind_at(&kinds, address);
}

TEST(test_thp, "a transparent huge page that is mapped whole is one huge page")
{
	_cleanup_tree_ struct tree tree = tree_make();

	frames_map_thp(&tree, PID, HERE, 2048);
	CHECK_INT(kind_at(&tree, HERE), PAGE_KIND_HUGE);
}

TEST(test_base, "pages of no compound page are base pages")
{
	_cleanup_tree_ struct tree tree = tree_make();

	frames_map_base(&tree, PID, HERE, 3000, FRAME_HUGE);
	CHECK_INT(kind_at(&tree, HERE), PAGE_KIND_BASE);
}

TEST(test_small_folios,
     "large folios smaller than a huge page are not huge pages, even back to back")
{
	_cleanup_tree_ struct tree tree = tree_make();

	for (uint64_t i = 0; i < FRAME_HUGE; i += 256)
		frames_make_compound(&tree, 2048 + i, 256, FRAME_THP);
	frames_map_run(&tree, PID, HERE, 2048, FRAME_HUGE);
	CHECK_INT(kind_at(&tree, HERE), PAGE_KIND_BASE);
}

TEST(test_askew,
     "a huge page that is mapped at an unaligned place, or with parts of it gone, is partial")
{
	_cleanup_tree_ struct tree tree = tree_make();

	frames_make_compound(&tree, 2048, FRAME_HUGE, FRAME_THP);
	frames_map_run(&tree, PID, HERE, 2048 + 16, FRAME_HUGE - 16);
	CHECK_INT(kind_at(&tree, HERE), PAGE_KIND_PARTIAL);

	frames_map_thp(&tree, PID, HERE + HUGE_BYTES, 4096);
	frames_map(&tree, PID, HERE + 2 * HUGE_BYTES - FRAME_PAGE, 9000);
	CHECK_INT(kind_at(&tree, HERE + HUGE_BYTES), PAGE_KIND_PARTIAL);
}

TEST(test_astride, "consecutive frames of two huge pages, mapped as if they were one, are partial")
{
	_cleanup_tree_ struct tree tree = tree_make();

	frames_make_compound(&tree, 2048, FRAME_HUGE, FRAME_THP);
	frames_make_compound(&tree, 2048 + FRAME_HUGE, FRAME_HUGE, FRAME_THP);
	frames_map_run(&tree, PID, HERE, 2048 + 16, FRAME_HUGE);
	CHECK_INT(kind_at(&tree, HERE), PAGE_KIND_PARTIAL);
}

TEST(test_hugetlb,
     "a hugetlbfs page of the huge size is one huge page, a larger one is giant everywhere")
{
	_cleanup_tree_ struct tree tree = tree_make();

	frames_make_compound(&tree, 2048, FRAME_HUGE, FRAME_HUGETLB);
	frames_set_flags(&tree, 2048 + FRAME_HUGE, 0);
	frames_map_run(&tree, PID, HERE, 2048, FRAME_HUGE);
	CHECK_INT(kind_at(&tree, HERE), PAGE_KIND_HUGE);

	frames_make_compound(&tree, 8192, 4 * FRAME_HUGE, FRAME_HUGETLB);
	frames_map_run(&tree, PID, HERE + HUGE_BYTES, 8192, 2 * FRAME_HUGE);
	CHECK_INT(kind_at(&tree, HERE + HUGE_BYTES), PAGE_KIND_GIANT);
	CHECK_INT(kind_at(&tree, HERE + 2 * HUGE_BYTES), PAGE_KIND_GIANT);
}

TEST(test_no_frames, "frame numbers that the kernel hides leave it unknown")
{
	_cleanup_tree_ struct tree tree = tree_make();

	frames_map_run(&tree, PID, HERE, 0, 1);
	frames_set_flags(&tree, 0, FRAME_THP | FRAME_HEAD);
	CHECK_INT(kind_at(&tree, HERE), PAGE_KIND_UNKNOWN);
}

TEST(test_unreadable, "missing, short and absent entries leave it unknown")
{
	_cleanup_tree_ struct tree tree = tree_make();

	CHECK_INT(kind_at(&tree, HERE), PAGE_KIND_UNKNOWN);
	frames_map(&tree, PID, HERE, 2048);
	CHECK_INT(kind_at(&tree, HERE), PAGE_KIND_UNKNOWN);
	frames_set_flags(&tree, 100, 0);
	CHECK_INT(kind_at(&tree, HERE), PAGE_KIND_UNKNOWN); /* beyond the end of kpageflags */
	CHECK_INT(kind_at(&tree, HERE * 4), PAGE_KIND_UNKNOWN);
	frames_map(&tree, PID, HERE * 4, 0);
	CHECK_INT(kind_at(&tree, HERE * 2), PAGE_KIND_UNKNOWN); /* a hole: not present */
}

TEST(test_no_huge_size, "a machine without huge pages knows no kinds")
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_page_kinds_ struct page_kinds kinds;

	frames_map_base(&tree, PID, HERE, 3000, 1);
	page_kinds_open(&kinds, &tree.root, PID, FRAME_PAGE, 1);
	CHECK_INT(page_kind_at(&kinds, HERE), PAGE_KIND_UNKNOWN);
}

TEST_MAIN()
