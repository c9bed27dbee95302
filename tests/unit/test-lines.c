/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/lines.h"

#include "tests/tap.h"
#include "tests/unit/tree.h"

static int read_one(struct lines *lines, const char *want)
{
	const char *line = NULL;
	int r = lines_next(lines, &line);

	if (r > 0)
		CHECK_STR(line, want);
	return r;
}

TEST(reads_lines, "each line comes without its newline, empty ones and an unfinished last one too")
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_lines_ struct lines lines;

	tree_put(&tree, "/f", "one\n\nthree\nlast");
	REQUIRE(lines_open(&lines, &tree.root, "/f") == 0);
	CHECK_INT(read_one(&lines, "one"), 1);
	CHECK_INT(read_one(&lines, ""), 1);
	CHECK_INT(read_one(&lines, "three"), 1);
	CHECK_INT(read_one(&lines, "last"), 1);
	CHECK_INT(read_one(&lines, NULL), 0);
	CHECK_INT(read_one(&lines, NULL), 0);
}

TEST(reads_nothing, "an empty file has no lines")
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_lines_ struct lines lines;

	tree_put(&tree, "/f", "");
	REQUIRE(lines_open(&lines, &tree.root, "/f") == 0);
	CHECK_INT(read_one(&lines, NULL), 0);
}

TEST(reports_errors, "a missing file and a directory are errors")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct lines missing;
	_cleanup_lines_ struct lines directory;
	const char *line;

	tree_put_dir(&tree, "/dir");
	CHECK_INT(lines_open(&missing, &tree.root, "/none"), -ENOENT);
	lines_close(&missing);
	REQUIRE(lines_open(&directory, &tree.root, "/dir") == 0);
	CHECK_INT(lines_next(&directory, &line), -EISDIR);
}

/* One line of `length` bytes between two short ones. */
static void check_long_line(size_t length)
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_lines_ struct lines lines;
	_cleanup_free_ char *text = malloc(length + 16);
	size_t want = length < LINES_BUFFER_BYTES - 1 ? length : LINES_BUFFER_BYTES - 1;
	const char *line;

	REQUIRE(text);
	memcpy(text, "a\n", 2);
	memset(text + 2, 'x', length);
	memcpy(text + 2 + length, "\nb\n", 4);
	tree_put(&tree, "/f", text);
	REQUIRE(lines_open(&lines, &tree.root, "/f") == 0);
	CHECK_INT(read_one(&lines, "a"), 1);
	REQUIRE(lines_next(&lines, &line) == 1);
	CHECK_INT(strlen(line), want);
	CHECK_INT(strspn(line, "x"), want);
	CHECK_INT(read_one(&lines, "b"), 1);
	CHECK_INT(read_one(&lines, NULL), 0);
}

TEST(cuts_long_lines, "a line beyond the buffer is cut and the next one is whole")
{
	for (size_t around = LINES_BUFFER_BYTES - 4; around < LINES_BUFFER_BYTES + 4; around++)
		check_long_line(around);
	check_long_line((size_t)2 * LINES_BUFFER_BYTES);
	check_long_line((size_t)3 * LINES_BUFFER_BYTES - 3);
	check_long_line(1000000);
}

TEST(cuts_endless_line, "a file that is one endless line is one cut line")
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_lines_ struct lines lines;
	_cleanup_free_ char *text = malloc(300001);
	const char *line;

	REQUIRE(text);
	memset(text, 'y', 300000);
	text[300000] = '\0';
	tree_put(&tree, "/f", text);
	REQUIRE(lines_open(&lines, &tree.root, "/f") == 0);
	REQUIRE(lines_next(&lines, &line) == 1);
	CHECK_INT(strlen(line), LINES_BUFFER_BYTES - 1);
	CHECK_INT(lines_next(&lines, &line), 0);
}

TEST(crosses_buffers, "lines that straddle buffer ends stay whole")
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_lines_ struct lines lines;
	const unsigned n = 20000;
	_cleanup_free_ char *text = malloc((size_t)n * 16);
	char *end = text;
	unsigned wrong = 0;

	REQUIRE(text);
	for (unsigned i = 0; i < n; i++)
		end += sprintf(end, "%0*u\n", (int)(1 + i % 11), i);
	tree_put(&tree, "/f", text);
	REQUIRE(lines_open(&lines, &tree.root, "/f") == 0);
	for (unsigned i = 0; i < n; i++) {
		const char *line = "";

		wrong += lines_next(&lines, &line) != 1 || strtoul(line, NULL, 10) != i;
	}
	CHECK_INT(wrong, 0);
	CHECK_INT(read_one(&lines, NULL), 0);
}

TEST_MAIN()
