/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* tests/conf: whole files. Each of good/ loads and prints to what loads again; each of bad/ fails
 * with the message in its FILE.expect, "LINE: KEY: SENTENCE" without the file's name. Run from the
 * top of the source. */
#include <errno.h>
#include <glob.h>

#include "base/root.h"
#include "config/config.h"
#include "tests/tap.h"

static ssize_t read_whole(const char *path, char **ret_text)
{
	struct root here;
	ssize_t length;

	CHECK_INT(root_open(&here, "."), 0);
	length = root_read_all(&here, path, 2 * CONFIG_FILE_MAX, ret_text);
	if (!CHECK(length >= 0))
		printf("# %s\n", path);
	root_close(&here);
	return length;
}

static char *print(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	CHECK(f);
	config_print(config, f);
	fclose(f);
	return text;
}

static void check_good(const char *path)
{
	_cleanup_config_ struct config *config = NULL, *again = NULL;
	_cleanup_free_ char *text = NULL, *printed = NULL;
	char message[CONFIG_MESSAGE_MAX] = "";
	ssize_t length = read_whole(path, &text);

	REQUIRE(length >= 0);
	CHECK_INT(config_parse_text(path, text, (size_t)length, &config, message), 0);
	CHECK_STR(message, "");
	REQUIRE(config);
	printed = print(config);
	CHECK_INT(config_parse_text(path, printed, strlen(printed), &again, message), 0);
	CHECK_STR(message, "");
}

static void check_bad(const char *path)
{
	_cleanup_config_ struct config *config = NULL;
	_cleanup_free_ char *text = NULL, *expected = NULL;
	char message[CONFIG_MESSAGE_MAX] = "", want[CONFIG_MESSAGE_MAX], expect_path[512];
	ssize_t length = read_whole(path, &text);

	snprintf(expect_path, sizeof(expect_path), "%s.expect", path);
	REQUIRE(length >= 0 && read_whole(expect_path, &expected) > 0);
	expected[strcspn(expected, "\n")] = '\0';
	snprintf(want, sizeof(want), "%s:%s", path, expected);
	CHECK_INT(config_parse_text(path, text, (size_t)length, &config, message), -EINVAL);
	CHECK_STR(message, want);
	CHECK(!config);
}

static size_t for_each_file(const char *pattern, void (*check)(const char *path))
{
	glob_t found = { 0 };
	size_t n = 0;

	CHECK_INT(glob(pattern, 0, NULL, &found), 0);
	for (; n < found.gl_pathc; n++)
		check(found.gl_pathv[n]);
	globfree(&found);
	return n;
}

TEST(good, "good files load, and so does what is printed of them")
{
	CHECK(for_each_file("tests/conf/good/*.conf", check_good) >= 5);
}

TEST(bad, "bad files fail with the exact message")
{
	CHECK(for_each_file("tests/conf/bad/*.conf", check_bad) >= 20);
}

TEST_MAIN()
