/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/process.h"

#include <sys/wait.h>

#include "observe/process-file.h"

#include "tests/tap.h"
#include "tests/unit/tree.h"

/* What the kernel prints behind the name; flags, threads and start time are the fields we read. */
#define BEHIND(flags, threads, start)                                                              \
	" S 1 42 42 0 -1 " flags " 126 0 3 0 11 7 0 0 20 0 " threads " 0 " start                   \
	" 8921088 1024 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 "  \
	"0 0 0\n"
#define ORDINARY BEHIND("4194560", "3", "123456789")

static void put(const struct tree *tree, const char *stat, const char *statm)
{
	tree_put(tree, "/proc/42/stat", stat);
	tree_put(tree, "/proc/42/statm", statm);
}

static int read_stat(const char *stat, struct process_status *ret_status)
{
	_cleanup_tree_ struct tree tree = tree_make();

	put(&tree, stat, "2178 256 200 5 0 110 0\n");
	return process_read_status(&tree.root, 42, ret_status);
}

TEST(reads_status, "name, start time, threads, kernel flag and resident pages are read")
{
	struct process_status s;

	REQUIRE(read_stat("42 (postgres)" ORDINARY, &s) == 0);
	CHECK_STR(s.name, "postgres");
	CHECK_INT(s.start_time_ticks, 123456789);
	CHECK_INT(s.n_threads, 3);
	CHECK(!s.is_kernel_thread);
	CHECK_INT(s.resident_pages, 256);
}

TEST(knows_kernel_threads, "a kernel thread is known by its flag, not by its name")
{
	struct process_status s;

	REQUIRE(read_stat("42 (kworker/0:1-events)" BEHIND("69238880", "1", "55"), &s) == 0);
	CHECK(s.is_kernel_thread);
	REQUIRE(read_stat("42 ([kthreadd])" ORDINARY, &s) == 0);
	CHECK(!s.is_kernel_thread);
}

TEST(bears_odd_names, "parentheses, blanks and newlines in a name do not shift the fields")
{
	struct process_status s;

	REQUIRE(read_stat("42 (a) R (b)" ORDINARY, &s) == 0);
	CHECK_STR(s.name, "a) R (b");
	CHECK_INT(s.start_time_ticks, 123456789);
	REQUIRE(read_stat("42 (x) S 1 2 3\n4 (y))" ORDINARY, &s) == 0);
	CHECK_STR(s.name, "x) S 1 2 3?4 (y)");
	CHECK_INT(s.start_time_ticks, 123456789);
	REQUIRE(read_stat("42 ()" ORDINARY, &s) == 0);
	CHECK_STR(s.name, "");
	REQUIRE(read_stat("42 (\033[31m\t\177)" ORDINARY, &s) == 0);
	CHECK_STR(s.name, "?[31m??");
}

TEST(cuts_long_names, "a name longer than its room is cut")
{
	char stat[512];
	struct process_status s;

	snprintf(stat, sizeof(stat), "42 (%0200d)" ORDINARY, 0);
	REQUIRE(read_stat(stat, &s) == 0);
	CHECK_INT(strlen(s.name), PROCESS_NAME_MAX - 1);
	CHECK_INT(s.start_time_ticks, 123456789);
}

TEST(refuses_malformed, "text that is not a stat line is refused and the result left alone")
{
	static const char *const bad[] = {
		"",
		"42",
		"42 (x",
		"42 x)",
		"42 )x(",
		"42 (x)",
		"42 (x) S 1 42 42 0 -1 4194560 126 0 3 0 11 7 0 0 20 0 3 0\n",
		"42 (x) S 1 42 42 0 -1 4194560 126 0 3 0 11 7 0 0 20 0 3 0 -5 1\n",
		"42 (x) S 1 42 42 0 -1 flags 126 0 3 0 11 7 0 0 20 0 3 0 5 1\n",
		"42 (x) S 1 42 42 0 -1 4194560 126 0 3 0 11 7 0 0 20 0 x 0 5 1\n",
	};
	struct process_status s = { .n_threads = 77 };

	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		CHECK_INT(read_stat(bad[i], &s), -EBADMSG);
	CHECK_INT(s.n_threads, 77);
}

TEST(accepts_short_tail, "start time may be the last field")
{
	struct process_status s;

	REQUIRE(read_stat("42 (x) S 1 42 42 0 -1 64 1 0 3 0 11 7 0 0 20 0 3 0 5\n", &s) == 0);
	CHECK_INT(s.start_time_ticks, 5);
}

TEST(refuses_malformed_statm, "a malformed statm is refused")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct process_status s;

	put(&tree, "42 (x)" ORDINARY, "2178\n");
	CHECK_INT(process_read_status(&tree.root, 42, &s), -EBADMSG);
	put(&tree, "42 (x)" ORDINARY, "0 0 0 0 0 0 0\n");
	REQUIRE(process_read_status(&tree.root, 42, &s) == 0);
	CHECK_INT(s.resident_pages, 0);
}

TEST(vanished, "a process that is gone, wholly or between two files, is -ESRCH")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct process_status s;
	struct nodeset nodes;

	CHECK_INT(process_read_status(&tree.root, 42, &s), -ESRCH);
	CHECK_INT(process_read_mems_allowed(&tree.root, 42, &nodes), -ESRCH);
	tree_put(&tree, "/proc/42/stat", "42 (x)" ORDINARY);
	CHECK_INT(process_read_status(&tree.root, 42, &s), -ESRCH);
}

TEST(one_answer, "no such file and no such process are the same answer, other errors stay")
{
	CHECK_INT(process_error(-ENOENT), -ESRCH);
	CHECK_INT(process_error(-ESRCH), -ESRCH);
	CHECK_INT(process_error(-EACCES), -EACCES);
	CHECK_INT(process_error(0), 0);
}

TEST(denied, "a file that may not be read is -EACCES")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct process_status s;

	put(&tree, "42 (x)" ORDINARY, "1 1 1 1 1 1 1\n");
	tree_set_mode(&tree, "/proc/42/stat", 0);
	become_nobody();
	CHECK_INT(process_read_status(&tree.root, 42, &s), -EACCES);
	become_self();
}

TEST(reads_mems_allowed, "the allowed memory nodes are read as a list, not as the mask")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct nodeset nodes;

	tree_put(&tree, "/proc/42/status",
		 "Name:\tMems_allowed_list:\nMems_allowed:\t00000000,00000105\n"
		 "Mems_allowed_list:\t0,2,8\nvoluntary_ctxt_switches:\t1\n");
	REQUIRE(process_read_mems_allowed(&tree.root, 42, &nodes) == 0);
	CHECK_INT(nodeset_count(&nodes), 3);
	CHECK(nodeset_has(&nodes, 0) && nodeset_has(&nodes, 2) && nodeset_has(&nodes, 8));
}

TEST(misses_mems_allowed, "a status without the list has no data, a garbled list is an error")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct nodeset nodes;

	tree_put(&tree, "/proc/42/status", "Name:\tx\n");
	CHECK_INT(process_read_mems_allowed(&tree.root, 42, &nodes), -ENODATA);
	tree_put(&tree, "/proc/42/status", "Mems_allowed_list:\tx\n");
	CHECK(process_read_mems_allowed(&tree.root, 42, &nodes) < 0);
}

TEST(reads_real_processes, "this process can be read; a child that was waited for has vanished")
{
	struct root root;
	struct process_status s;
	struct nodeset nodes;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	REQUIRE(child > 0);
	REQUIRE(waitpid(child, NULL, 0) == child);
	REQUIRE(root_open(&root, "/") == 0);
	CHECK_INT(process_read_status(&root, getpid(), &s), 0);
	CHECK(s.resident_pages > 0 && s.n_threads >= 1 && !s.is_kernel_thread);
	CHECK(strncmp(s.name, "test-process-st", 15) == 0);
	CHECK_INT(process_read_status(&root, child, &s), -ESRCH);
	CHECK_INT(process_read_mems_allowed(&root, getpid(), &nodes), 0);
	CHECK(nodeset_count(&nodes) >= 1);
	root_close(&root);
}

TEST_MAIN()
