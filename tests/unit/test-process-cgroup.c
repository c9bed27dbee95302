/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/process.h"

#include "tests/tap.h"
#include "tests/unit/tree.h"

static int read_cgroup(const char *text, char ret_path[static CGROUP_PATH_MAX])
{
	_cleanup_tree_ struct tree tree = tree_make();

	tree_put(&tree, "/proc/42/cgroup", text);
	return process_read_cgroup(&tree.root, 42, ret_path);
}

TEST(reads_v2, "the unified line names the cgroup")
{
	char path[CGROUP_PATH_MAX];

	CHECK_INT(read_cgroup("0::/system.slice/postgresql@15-main.service\n", path), 0);
	CHECK_STR(path, "/system.slice/postgresql@15-main.service");
	CHECK_INT(read_cgroup("0::/\n", path), 0);
	CHECK_STR(path, "/");
}

TEST(reads_hybrid, "on a hybrid hierarchy the v1 lines are passed over")
{
	char path[CGROUP_PATH_MAX];

	CHECK_INT(read_cgroup(
			  "12:net_cls,net_prio:/a\n4:memory:/process/5e88\n1:name=systemd:/0::/x\n"
			  "0::/user.slice/user-1000.slice\n",
			  path),
		  0);
	CHECK_STR(path, "/user.slice/user-1000.slice");
}

TEST(misses_v2, "a pure v1 hierarchy, an empty file or an odd path has no data")
{
	char path[CGROUP_PATH_MAX] = "old";

	CHECK_INT(read_cgroup("4:memory:/x\n1:name=systemd:/y\n", path), -ENODATA);
	CHECK_INT(read_cgroup("", path), -ENODATA);
	CHECK_INT(read_cgroup("0::relative\n", path), -ENODATA);
	CHECK_INT(read_cgroup("10::/ten\n", path), -ENODATA);
	CHECK_STR(path, "old");
}

TEST(drops_deleted, "the mark of a removed cgroup is dropped")
{
	char path[CGROUP_PATH_MAX];

	CHECK_INT(read_cgroup("0::/system.slice/run-r1.scope (deleted)\n", path), 0);
	CHECK_STR(path, "/system.slice/run-r1.scope");
	CHECK_INT(read_cgroup("0::/a (deleted)b\n", path), 0);
	CHECK_STR(path, "/a (deleted)b");
}

TEST(keeps_odd_names, "blanks, colons and backslashes are part of the path")
{
	char path[CGROUP_PATH_MAX];

	CHECK_INT(read_cgroup("0::/a b/c:d/dev-\\x2fvda.swap\n", path), 0);
	CHECK_STR(path, "/a b/c:d/dev-\\x2fvda.swap");
	CHECK_INT(read_cgroup("0::/../outside\n", path), 0);
	CHECK_STR(path, "/../outside");
}

TEST(bounds_path, "the longest path that fits is read, a longer one is -E2BIG")
{
	char text[CGROUP_PATH_MAX + 64], path[CGROUP_PATH_MAX] = "old";

	snprintf(text, sizeof(text), "0::/%0*d\n", CGROUP_PATH_MAX - 1, 0);
	CHECK_INT(read_cgroup(text, path), -E2BIG);
	CHECK_STR(path, "old");
	snprintf(text, sizeof(text), "0::/%0*d (deleted)\n", CGROUP_PATH_MAX - 2, 0);
	CHECK_INT(read_cgroup(text, path), 0);
	CHECK_INT(strlen(path), CGROUP_PATH_MAX - 1);
}

TEST(vanished, "a process that is gone is -ESRCH, a denied one -EACCES")
{
	_cleanup_tree_ struct tree tree = tree_make();
	char path[CGROUP_PATH_MAX];

	CHECK_INT(process_read_cgroup(&tree.root, 42, path), -ESRCH);
	tree_put(&tree, "/proc/42/cgroup", "0::/\n");
	tree_set_mode(&tree, "/proc/42/cgroup", 0);
	become_nobody();
	CHECK_INT(process_read_cgroup(&tree.root, 42, path), -EACCES);
	become_self();
}

TEST_MAIN()
