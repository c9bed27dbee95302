/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* lib/model/nodeset.c: sets of sparse node ids. */
#include <errno.h>

#include "base/cleanup.h"
#include "model/nodeset.h"
#include "tests/tap.h"

static struct nodeset set_of(const char *list)
{
	struct nodeset set;

	nodeset_clear(&set);
	CHECK_INT(nodeset_parse_list(list, &set), 0);
	return set;
}

static void check_format(const char *list, const char *want)
{
	struct nodeset set = set_of(list);
	char text[8192];

	CHECK_INT(nodeset_format(&set, text, sizeof(text)), strlen(want));
	CHECK_STR(text, want);
}

TEST(members, "ids are added, removed and found, those out of range ignored")
{
	struct nodeset set;

	nodeset_clear(&set);
	CHECK(nodeset_is_empty(&set));
	nodeset_add(&set, 0);
	nodeset_add(&set, 63);
	nodeset_add(&set, 64);
	nodeset_add(&set, NODESET_MAX - 1);
	nodeset_add(&set, -1);
	nodeset_add(&set, NODESET_MAX);
	CHECK_INT(nodeset_count(&set), 4);
	CHECK(nodeset_has(&set, 0) && nodeset_has(&set, 63) && nodeset_has(&set, 64));
	CHECK(nodeset_has(&set, NODESET_MAX - 1));
	CHECK(!nodeset_has(&set, 1) && !nodeset_has(&set, -1) && !nodeset_has(&set, NODESET_MAX));
	nodeset_remove(&set, 63);
	nodeset_remove(&set, -1);
	nodeset_remove(&set, NODESET_MAX);
	CHECK(!nodeset_has(&set, 63));
	CHECK_INT(nodeset_count(&set), 3);
	CHECK(!nodeset_is_empty(&set));
}

TEST(walking, "walking visits every id in order, across words")
{
	static const int want[] = { 0, 5, 63, 64, 200, 1023 };
	struct nodeset set = set_of("1023,200,64,63,5,0");
	size_t n = 0;

	NODESET_FOREACH (id, &set) {
		REQUIRE(n < ELEMENTSOF(want));
		CHECK_INT(id, want[n++]);
	}
	CHECK_INT(n, ELEMENTSOF(want));
	CHECK_INT(nodeset_next(&set, 1023), -1);
	CHECK_INT(nodeset_next(&set, 5000), -1);
	CHECK_INT(nodeset_next(&set, -7), 0);
}

TEST(comparing, "sets are compared by their members")
{
	struct nodeset a = set_of("0-3,8"), b = set_of("8,3,2,1,0"), c = set_of("0-2,8");

	CHECK(nodeset_equals(&a, &b));
	CHECK(!nodeset_equals(&a, &c));
	CHECK(nodeset_contains(&a, &c) && nodeset_contains(&a, &b));
	CHECK(!nodeset_contains(&c, &a));
}

TEST(reading, "the kernel's lists are read, with or without a newline")
{
	struct nodeset set = set_of("0-3,8\n");

	CHECK_INT(nodeset_count(&set), 5);
	set = set_of("");
	CHECK(nodeset_is_empty(&set));
	set = set_of("\n");
	CHECK(nodeset_is_empty(&set));
	set = set_of("0-1023");
	CHECK_INT(nodeset_count(&set), NODESET_MAX);
}

TEST(refusing, "anything else is refused and leaves the set alone")
{
	static const char *const bad[] = { ",",    "0,",   ",0",    "0,,1",    "0-",
					   "-1",   "3-0",  "0-1-2", "0 1",     "a",
					   "0x1",  "0,\n", "0\n\n", "0-3:2/4", " 0",
					   "0, 1", "\n0",  "!1",    "(null)" };
	static const char *const large[] = { "1024", "0-1024", "99999999999999999999" };
	struct nodeset set = set_of("7"), before = set;

	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		if (!CHECK_INT(nodeset_parse_list(bad[i], &set), -EINVAL))
			printf("# for \"%s\"\n", bad[i]);
	for (size_t i = 0; i < ELEMENTSOF(large); i++)
		CHECK_INT(nodeset_parse_list(large[i], &set), -ERANGE);
	CHECK(nodeset_equals(&set, &before));
}

TEST(writing, "a set is written as the shortest list")
{
	check_format("", "");
	check_format("5", "5");
	check_format("0,1", "0-1");
	check_format("8,0,1,2,3", "0-3,8");
	check_format("0-1023", "0-1023");
	check_format("62,63,64,65,1023", "62-65,1023");
}

TEST(writing_short, "a short buffer is ended, and the length that was needed returned")
{
	struct nodeset set = set_of("0-3,8,10");
	char text[6];

	CHECK_INT(nodeset_format(&set, text, sizeof(text)), 8);
	CHECK_STR(text, "0-3,8");
	CHECK_INT(nodeset_format(&set, NULL, 0), 8);
	CHECK_INT(nodeset_format(&set, text, 1), 8);
	CHECK_STR(text, "");
}

TEST_MAIN()
