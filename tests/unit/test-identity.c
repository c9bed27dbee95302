/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/identity.h"

#include <errno.h>

#include "tests/tap.h"
#include "tests/unit/tree.h"

static int read_stat(const char *stat, uint64_t *ret_ticks)
{
	_cleanup_tree_ struct tree tree = tree_make();

	tree_put(&tree, "/proc/42/stat", stat);
	return identity_read_start_time(&tree.root, 42, ret_ticks);
}

#define AFTER_NAME " S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 "

TEST(test_ordinary, "the start time is field 22")
{
	uint64_t ticks = 0;

	CHECK_INT(read_stat("42 (cat)" AFTER_NAME "8765432 1000 200\n", &ticks), 0);
	CHECK_INT(ticks, 8765432);
}

TEST(test_names, "spaces, parentheses and numbers in the name confuse nobody")
{
	uint64_t ticks = 0;

	CHECK_INT(read_stat("42 (a) S 1 (b 9 9)" AFTER_NAME "77 1000\n", &ticks), 0);
	CHECK_INT(ticks, 77);
	CHECK_INT(read_stat("42 (\n) (\n)" AFTER_NAME "78\n", &ticks), 0);
	CHECK_INT(ticks, 78);
}

TEST(test_vanished, "a process that is not there is -ESRCH")
{
	_cleanup_tree_ struct tree tree = tree_make();
	uint64_t ticks = 5;

	CHECK_INT(identity_read_start_time(&tree.root, 42, &ticks), -ESRCH);
	CHECK_INT(ticks, 5);
}

TEST(test_malformed, "text that is no stat line is refused and changes nothing")
{
	uint64_t ticks = 5;

	CHECK_INT(read_stat("", &ticks), -EBADMSG);
	CHECK_INT(read_stat("42 cat S 1 2 3\n", &ticks), -EBADMSG);
	CHECK_INT(read_stat("42 (cat)", &ticks), -EBADMSG);
	CHECK_INT(read_stat("42 (cat) S 1 1 1\n", &ticks), -EBADMSG);
	CHECK_INT(read_stat("42 (cat)" AFTER_NAME "-1 1000\n", &ticks), -EBADMSG);
	CHECK_INT(read_stat("42 (cat)" AFTER_NAME "12x 1000\n", &ticks), -EBADMSG);
	CHECK_INT(read_stat("42 (cat)" AFTER_NAME "99999999999999999999 1\n", &ticks), -EBADMSG);
	CHECK_INT(ticks, 5);
}

TEST_MAIN()
