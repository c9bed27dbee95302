/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls */
#include "act/target.h"

#include <errno.h>

#include "tests/tap.h"
#include "tests/unit/fake-syscalls.h"
#include "tests/unit/frames.h"

TEST(test_lives, "a process with the right start time is held until it exits")
{
	_cleanup_tree_ struct tree tree = tree_make();
	int ends[2];

	TREE_CHECK(pipe(ends) == 0);
	frames_put_process(&tree, 7, 100);
	FAKE_EXPECT(.call = FAKE_PIDFD_OPEN, .pid = 7, .result = ends[0]);

	_cleanup_close_ int pidfd = target_open(&tree.root, 7, 100);

	CHECK_INT(pidfd, ends[0]);
	CHECK(target_lives(pidfd));
	close(ends[1]);
	CHECK(!target_lives(pidfd));
	CHECK(fake_syscalls_finish());
}

TEST(test_reused, "another start time is another process, and the descriptor is closed")
{
	_cleanup_tree_ struct tree tree = tree_make();
	int ends[2];

	TREE_CHECK(pipe(ends) == 0);
	frames_put_process(&tree, 7, 100);
	FAKE_EXPECT(.call = FAKE_PIDFD_OPEN, .pid = 7, .result = ends[0]);
	CHECK_INT(target_open(&tree.root, 7, 101), -ESRCH);
	CHECK_INT(fcntl(ends[0], F_GETFD), -1);
	close(ends[1]);
	CHECK(fake_syscalls_finish());
}

TEST(test_gone, "a pid that is nobody's, a mere thread's, or vanishes at once is -ESRCH")
{
	_cleanup_tree_ struct tree tree = tree_make();
	int ends[2];

	FAKE_EXPECT(.call = FAKE_PIDFD_OPEN, .pid = 7, .result = -ESRCH);
	CHECK_INT(target_open(&tree.root, 7, 100), -ESRCH);
	FAKE_EXPECT(.call = FAKE_PIDFD_OPEN, .pid = 7, .result = -EINVAL);
	CHECK_INT(target_open(&tree.root, 7, 100), -ESRCH);
	TREE_CHECK(pipe(ends) == 0);
	FAKE_EXPECT(.call = FAKE_PIDFD_OPEN, .pid = 7, .result = ends[0]);
	CHECK_INT(target_open(&tree.root, 7, 100), -ESRCH);
	close(ends[1]);
	CHECK(fake_syscalls_finish());
}

TEST(test_no_descriptors, "other errors are passed on")
{
	_cleanup_tree_ struct tree tree = tree_make();

	FAKE_EXPECT(.call = FAKE_PIDFD_OPEN, .pid = 7, .result = -EMFILE);
	CHECK_INT(target_open(&tree.root, 7, 100), -EMFILE);
	CHECK(fake_syscalls_finish());
}

TEST_MAIN()
