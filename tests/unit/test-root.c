/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/root.h"

#include "tests/tap.h"
#include "tests/unit/tree.h"

TEST(opens_only_directories, "a root is an existing directory")
{
	struct root root;
	_cleanup_tree_ struct tree tree = tree_make();
	char path[128];

	tree_put(&tree, "/file", "x");
	snprintf(path, sizeof(path), "%s/file", tree.path);
	CHECK_INT(root_open(&root, path), -ENOTDIR);
	CHECK_INT(root_open(&root, "/does/not/exist"), -ENOENT);
}

TEST(closes_unopened, "closing a root that was never opened does nothing")
{
	struct root root = { .fd = -1 };

	root_close(&root);
	CHECK_INT(root.fd, -1);
}

TEST(is_relative, "absolute paths, with any number of slashes, are meant below the root")
{
	_cleanup_tree_ struct tree tree = tree_make();
	char text[16];

	tree_put(&tree, "/proc/x", "inside\n");
	CHECK_INT(root_read(&tree.root, "/proc/x", text, sizeof(text)), 7);
	CHECK_STR(text, "inside\n");
	CHECK_INT(root_read(&tree.root, "//proc/x", text, sizeof(text)), 7);
	CHECK_INT(root_read(&tree.root, "proc/x", text, sizeof(text)), 7);
	CHECK(root_exists(&tree.root, "/"));
	CHECK(root_exists(&tree.root, "/proc/x"));
	CHECK(!root_exists(&tree.root, "/proc/y"));
}

TEST(reads_short, "a short and an empty file are read whole")
{
	_cleanup_tree_ struct tree tree = tree_make();
	char text[16] = "old";

	tree_put(&tree, "/a", "1");
	tree_put(&tree, "/empty", "");
	CHECK_INT(root_read(&tree.root, "/a", text, sizeof(text)), 1);
	CHECK_STR(text, "1");
	CHECK_INT(root_read(&tree.root, "/empty", text, sizeof(text)), 0);
	CHECK_STR(text, "");
}

TEST(read_bound, "a file that leaves no room for the NUL is too big")
{
	_cleanup_tree_ struct tree tree = tree_make();
	char text[8];

	tree_put(&tree, "/seven", "1234567");
	tree_put(&tree, "/eight", "12345678");
	tree_put(&tree, "/nine", "123456789");
	CHECK_INT(root_read(&tree.root, "/seven", text, sizeof(text)), 7);
	CHECK_STR(text, "1234567");
	CHECK_INT(root_read(&tree.root, "/eight", text, sizeof(text)), -E2BIG);
	CHECK_INT(root_read(&tree.root, "/nine", text, sizeof(text)), -E2BIG);
}

TEST(read_errors, "a missing file and a directory are told apart")
{
	_cleanup_tree_ struct tree tree = tree_make();
	char text[8], *all = text;

	tree_put_dir(&tree, "/dir");
	CHECK_INT(root_read(&tree.root, "/none", text, sizeof(text)), -ENOENT);
	CHECK_INT(root_read(&tree.root, "/dir", text, sizeof(text)), -EISDIR);
	CHECK_INT(root_read_all(&tree.root, "/none", 10, &all), -ENOENT);
	CHECK_INT(root_read_all(&tree.root, "/dir", 10, &all), -EISDIR);
	CHECK(all == text);
	CHECK_INT(root_write(&tree.root, "/none", "x"), -ENOENT);
	CHECK(!root_exists(&tree.root, "/none"));
}

TEST(read_denied, "a file that may not be read is -EACCES")
{
	_cleanup_tree_ struct tree tree = tree_make();
	char text[8];

	tree_put(&tree, "/secret", "x");
	tree_set_mode(&tree, "/secret", 0);
	become_nobody();
	CHECK_INT(root_read(&tree.root, "/secret", text, sizeof(text)), -EACCES);
	become_self();
}

static void check_read_all(const struct tree *tree, size_t size, size_t max_bytes)
{
	_cleanup_free_ char *bytes = calloc(1, size + 1), *text = NULL;
	ssize_t n;

	REQUIRE(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)('a' + i % 23);
	tree_put_bytes(tree, "/all", bytes, size);
	n = root_read_all(&tree->root, "/all", max_bytes, &text);
	if (size > max_bytes) {
		CHECK_INT(n, -E2BIG);
		CHECK(!text);
		return;
	}
	CHECK_INT(n, size);
	REQUIRE(text);
	CHECK(memcmp(text, bytes, size) == 0);
	CHECK_INT(text[size], '\0');
}

TEST(read_all_bounds, "a whole file is read up to and including the bound, and not beyond")
{
	static const size_t sizes[] = { 0, 1, 4094, 4095, 4096, 4097, 8191, 8192, 8193, 100000 };
	_cleanup_tree_ struct tree tree = tree_make();

	for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
		check_read_all(&tree, sizes[i], 1 << 20);
		check_read_all(&tree, sizes[i], sizes[i]);
		if (sizes[i])
			check_read_all(&tree, sizes[i], sizes[i] - 1);
	}
}

TEST(reads_from_offset, "reading a descriptor goes on from its offset")
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *text = NULL;

	tree_put(&tree, "/f", "0123456789");
	fd = root_open_file(&tree.root, "/f", O_RDONLY);
	REQUIRE(fd >= 0);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK_INT(lseek(fd, 4, SEEK_SET), 4);
	CHECK_INT(fd_read_all(fd, 100, &text), 6);
	CHECK_STR(text, "456789");
}

TEST(reads_slow_pipe, "a descriptor that gives little at a time is read to its end")
{
	_cleanup_free_ char *text = NULL;
	int ends[2];

	REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
	CHECK_INT(write(ends[1], "ab", 2), 2);
	CHECK_INT(write(ends[1], "cd", 2), 2);
	close(ends[1]);
	CHECK_INT(fd_read_all(ends[0], 100, &text), 4);
	CHECK_STR(text, "abcd");
	close(ends[0]);
}

TEST(writes_once, "a write does not create and does not truncate")
{
	_cleanup_tree_ struct tree tree = tree_make();
	char text[16];

	tree_put(&tree, "/knob", "0000\n");
	CHECK_INT(root_write(&tree.root, "/knob", "12"), 0);
	CHECK_INT(root_read(&tree.root, "/knob", text, sizeof(text)), 5);
	CHECK_STR(text, "1200\n");
}

TEST(lists_directory, "a directory below the root can be listed, a file cannot")
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	unsigned n = 0;

	tree_put(&tree, "/d/one", "");
	tree_put(&tree, "/d/two", "");
	dir = root_open_dir(&tree.root, "/d");
	REQUIRE(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.';
	CHECK_INT(n, 2);
	errno = 0;
	CHECK(!root_open_dir(&tree.root, "/d/one"));
	CHECK_INT(errno, ENOTDIR);
	CHECK(!root_open_dir(&tree.root, "/none"));
	CHECK_INT(errno, ENOENT);
}

TEST_MAIN()
