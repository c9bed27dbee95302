/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/machine.h"

#include "tests/tap.h"
#include "tests/unit/tree.h"

static int read_pressure(const char *text, unsigned *ret_permyriad)
{
	_cleanup_tree_ struct tree tree = tree_make();

	tree_put(&tree, "/proc/pressure/memory", text);
	return machine_read_memory_pressure(&tree.root, ret_permyriad);
}

TEST(reads_pressure, "the 10 s average of the some line is read in hundredths of a percent")
{
	unsigned permyriad = 77;

	CHECK_INT(read_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
				"full avg10=9.99 avg60=0.00 avg300=0.00 total=0\n",
				&permyriad),
		  0);
	CHECK_INT(permyriad, 0);
	CHECK_INT(read_pressure("some avg10=12.05 avg60=3.00 avg300=0.00 total=99\n", &permyriad),
		  0);
	CHECK_INT(permyriad, 1205);
	CHECK_INT(read_pressure("some avg10=100.00 avg60=3.00 avg300=0.00 total=99\n", &permyriad),
		  0);
	CHECK_INT(permyriad, 10000);
}

TEST(refuses_odd_pressure, "a file without a readable some line has no data")
{
	unsigned permyriad = 77;

	CHECK_INT(read_pressure("", &permyriad), -ENODATA);
	CHECK_INT(read_pressure("full avg10=1.00 avg60=0.00\n", &permyriad), -ENODATA);
	CHECK_INT(read_pressure("some avg10=x\n", &permyriad), -ENODATA);
	CHECK_INT(read_pressure("some avg10=1\n", &permyriad), -ENODATA);
	CHECK_INT(read_pressure("some avg10=1.5 avg60=0.00\n", &permyriad), -ENODATA);
	CHECK_INT(read_pressure("some avg10=99999999999999999999.00\n", &permyriad), -ENODATA);
	CHECK_INT(permyriad, 77);
}

TEST(misses_pressure, "a kernel without pressure information is told by its error")
{
	_cleanup_tree_ struct tree tree = tree_make();
	unsigned permyriad;

	CHECK_INT(machine_read_memory_pressure(&tree.root, &permyriad), -ENOENT);
}

TEST(reads_vmstat, "counters are read by their whole name")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct vmstat v;

	tree_put(
		&tree, "/proc/vmstat",
		"nr_free_pages 984134\npswpin 1\npswpout 2\nallocstall_dma 3\nallocstall_dma32 4\n"
		"allocstall_normal 5\nallocstall_movable 6\nallocstall_device 0\npgscan_kswapd 7\n"
		"pgscan_direct 8\npgscan_direct_throttle 1000\npgscan_khugepaged 1000\noom_kill 9\n"
		"numa_hint_faults 1000\nnuma_pages_migrated 10\npgmigrate_success 11\n"
		"pgmigrate_fail 18446744073709551615\nthp_migration_success 1000\n");
	REQUIRE(machine_read_vmstat(&tree.root, &v) == 0);
	CHECK_INT(v.pswpin, 1);
	CHECK_INT(v.pswpout, 2);
	CHECK_INT(v.allocstall, 3 + 4 + 5 + 6);
	CHECK_INT(v.pgscan_kswapd, 7);
	CHECK_INT(v.pgscan_direct, 8);
	CHECK_INT(v.oom_kill, 9);
	CHECK_INT(v.numa_pages_migrated, 10);
	CHECK_INT(v.pgmigrate_success, 11);
	CHECK(v.pgmigrate_fail == UINT64_MAX);
}

TEST(misses_counters, "missing and malformed counters are 0, a missing file is an error")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct vmstat v = { .pswpin = 77 };

	CHECK_INT(machine_read_vmstat(&tree.root, &v), -ENOENT);
	CHECK_INT(v.pswpin, 77);
	tree_put(&tree, "/proc/vmstat",
		 "pswpin x\nallocstall 6\nallocstall_\npswpout\n\n oom_kill 1\n");
	REQUIRE(machine_read_vmstat(&tree.root, &v) == 0);
	CHECK_INT(v.pswpin, 0);
	CHECK_INT(v.pswpout, 0);
	CHECK_INT(v.oom_kill, 0);
	CHECK_INT(v.allocstall, 6);
}

TEST_MAIN()
