/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/process.h"

#include <numaif.h>
#include <sys/mman.h>

#include "tests/tap.h"
#include "tests/unit/tree.h"

/* Up to eight mappings of 0x1000 at 0x10000, 0x20000, … */
#define MAPPINGS_MAX 8
static struct mappings make_mappings(size_t n)
{
	struct mappings m = { .map = calloc(MAPPINGS_MAX, sizeof(struct mapping)), .n = n };

	TREE_CHECK(m.map);
	for (size_t i = 0; i < MAPPINGS_MAX; i++) {
		m.map[i].start = (i + 1) * 0x10000;
		m.map[i].end = m.map[i].start + 0x1000;
	}
	return m;
}

/* Reads the text and returns, as a bitmap, which mappings have their own policy. */
static unsigned read_policies(const char *text, struct mappings *mappings)
{
	_cleanup_tree_ struct tree tree = tree_make();
	unsigned own = 0;

	tree_put(&tree, "/proc/42/numa_maps", text);
	CHECK_INT(process_read_policies(&tree.root, 42, mappings), 0);
	for (size_t i = 0; i < mappings->n; i++)
		own |= (unsigned)mappings->map[i].has_own_policy << i;
	return own;
}

/* A line that says "default" for every mapping. */
#define ALL_DEFAULT                                                                                \
	"00010000 default\n00020000 default\n00030000 default\n00040000 default\n"                 \
	"00050000 default\n00060000 default\n00070000 default\n00080000 default\n"

/* Each policy is an explicit one: its line leaves a mapping marked that starts there, and marks one
 * that was cleared before and holds it. */
static void check_explicit(const char *const *policy, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_mappings_ struct mappings m = make_mappings(3);
		struct policy_line parsed = { 0 };
		char text[512];

		m.map[1].end = 0x22000;
		snprintf(text, sizeof(text),
			 "00010000 %s\n00020000 default anon=1\n00021000 %s\n00030000 default\n",
			 policy[i], policy[i]);
		CHECK_INT(read_policies(text, &m), 3);
		snprintf(text, sizeof(text), "00010000 %s", policy[i]);
		CHECK_INT(policy_parse_line(text, &parsed), 0);
		CHECK(parsed.is_explicit && parsed.address == 0x10000);
	}
}

TEST(default_and_local, "default and local are no policy of one's own")
{
	_cleanup_mappings_ struct mappings m = make_mappings(6);

	CHECK_INT(read_policies(
			  "00010000 default file=/usr/bin/cat mapped=2 mapmax=2 N0=2 "
			  "kernelpagesize_kB=4\n"
			  "00020000 local anon=1 dirty=1 N0=1 kernelpagesize_kB=4\n"
			  "00030000 default\n"
			  "00040000 default heap anon=3 dirty=3 active=0 N1=3 kernelpagesize_kB=4\n"
			  "00050000 default stack anon=3 dirty=3 N1=3 kernelpagesize_kB=4\n"
			  "00060000 local\n",
			  &m),
		  0);
}

TEST(explicit_policies, "every other policy is one")
{
	static const char *const policy[] = {
		"bind:0-1 anon=1 N0=1 kernelpagesize_kB=4",
		"prefer:1 anon=1",
		"prefer (many):0-1 anon=1",
		"interleave:0,2 anon=1",
		"weighted interleave:0-1 anon=1",
		"bind=static:0 anon=1",
		"interleave=relative:0-1",
		"bind=static|balancing:0-1",
	};
	_cleanup_mappings_ struct mappings m = make_mappings(8);

	check_explicit(policy, sizeof(policy) / sizeof(policy[0]));
	CHECK_INT(read_policies("00010000 bind:0-1 anon=1 N0=1 kernelpagesize_kB=4\n"
				"00020000 prefer:1 anon=1\n"
				"00030000 default anon=1\n"
				"00040000 interleave:0,2 anon=1\n"
				"00050000 local anon=1\n"
				"00060000 bind=static:0 anon=1\n"
				"00070000 default\n"
				"00080000 bind=static|balancing:0-1\n",
				&m),
		  0xab);
}

TEST(unknown_policy, "a policy that is not known yet is explicit too")
{
	static const char *const policy[] = { "defaults", "localish:1", "local=static:0" };

	check_explicit(policy, sizeof(policy) / sizeof(policy[0]));
}

TEST(own_line, "without a line of its own a mapping stays marked")
{
	_cleanup_mappings_ struct mappings m = make_mappings(8);

	CHECK_INT(read_policies("", &m), 0xff);
	CHECK_INT(read_policies("00020000 default\n00050000 local\n", &m), 0xff & ~0x12);
	CHECK_INT(read_policies(ALL_DEFAULT, &m), 0);
}

TEST(merged, "a mapping that was merged downwards stays marked, what it was merged into is cleared")
{
	_cleanup_mappings_ struct mappings m = make_mappings(4);

	/* The first three lie side by side. */
	m.map[0].end = 0x20000;
	m.map[1].end = 0x30000;
	CHECK_INT(read_policies("00010000 default anon=3\n00040000 default\n", &m), 6);
	/* It grew downwards over what was no mapping. */
	CHECK_INT(read_policies("00010000 default\n00020000 default\n00030000 default\n"
				"0003f000 default anon=2\n",
				&m),
		  8);
}

TEST(starts_inside, "a line that starts inside a mapping does not clear it")
{
	_cleanup_mappings_ struct mappings m = make_mappings(3);

	for (size_t i = 0; i < 3; i++)
		m.map[i].end = m.map[i].start + 0x4000;
	/* One was unmapped in part from below, another's first line is missing but for its rest. */
	CHECK_INT(read_policies("00011000 default anon=1\n00020000 default\n00022000 local\n"
				"00031000 local\n00032000 default\n00033000 default\n",
				&m),
		  5);
}

TEST(hugetlb, "the word huge marks hugetlb memory, a file of that name does not")
{
	_cleanup_mappings_ struct mappings m = make_mappings(6);

	CHECK_INT(read_policies("00010000 default file=/anon_hugepage\\040(deleted) huge anon=4 "
				"dirty=4 N0=4 kernelpagesize_kB=2048\n"
				"00020000 default file=/tmp/a\\040huge\\040b mapped=1 N0=1 "
				"kernelpagesize_kB=4\n"
				"00030000 bind:0 huge anon=1\n"
				"00040000 default huge\n"
				"00050000 default file=/tmp/huge anon=1\n"
				"00060000 default hugepages=1 anon=1\n",
				&m),
		  4);
	CHECK(m.map[0].is_hugetlb);
	CHECK(!m.map[1].is_hugetlb);
	CHECK(m.map[2].is_hugetlb);
	CHECK(m.map[3].is_hugetlb);
	CHECK(!m.map[4].is_hugetlb);
	CHECK(!m.map[5].is_hugetlb);
}

TEST(escaped_names, "escaped names cannot pretend to be a policy or a line")
{
	_cleanup_mappings_ struct mappings m = make_mappings(3);

	CHECK_INT(
		read_policies("00010000 default file=/tmp/x\\01200020000\\040bind:0 mapped=1 N0=1\n"
			      "00020000 default file=/tmp/bind\\0750 mapped=1 N0=1\n"
			      "00030000 bind:0 file=/tmp/x\\01200030000\\040default mapped=1\n",
			      &m),
		4);
}

TEST(malformed, "malformed lines and addresses that are not mapped are passed over")
{
	_cleanup_mappings_ struct mappings m = make_mappings(8);

	/* They mark nothing … */
	CHECK_INT(read_policies(ALL_DEFAULT
				"\nx\n00010000\n00010000 \n00010000 :0\n00010000  bind:0\nbind:0\n"
				"00999000 bind:0\n10000000000010000 bind:0\n00080000 bind:0\n",
				&m),
		  0x80);
	/* … and clear nothing. */
	CHECK_INT(read_policies("\nx\n00010000\n00010000 \n 00010000 default\n00010000  default\n"
				"default\n00010000default\n00010000 Default\n00999000 default\n"
				"10000000000010000 default\n00080000 default\n",
				&m),
		  0x7f);
}

TEST(parts, "a policy for a part of a mapping marks all of it")
{
	_cleanup_mappings_ struct mappings m = make_mappings(3);

	m.map[1].end = 0x28000;
	CHECK_INT(read_policies("00010000 default\n00020000 default anon=1\n"
				"00024000 bind:1 anon=1\n00026000 default\n00030000 default\n",
				&m),
		  2);
	/* Its first part. */
	CHECK_INT(read_policies("00010000 default\n00020000 bind:1 anon=1\n"
				"00024000 default anon=1\n00026000 local\n00030000 default\n",
				&m),
		  2);
}

TEST(marks_before, "marks of before count for nothing, but hugetlb stays hugetlb")
{
	_cleanup_mappings_ struct mappings m = make_mappings(3);

	m.map[0].has_own_policy = m.map[0].is_hugetlb = true;
	m.map[1].has_own_policy = true;
	CHECK_INT(read_policies("00010000 default anon=1\n00020000 bind:0 anon=1\n", &m), 6);
	CHECK(m.map[0].is_hugetlb);
	CHECK(!m.map[1].is_hugetlb && !m.map[2].is_hugetlb);
}

TEST(vanished, "a process that is gone is -ESRCH, a denied one -EACCES")
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_mappings_ struct mappings m = make_mappings(8);

	m.map[1].has_own_policy = true;
	CHECK_INT(process_read_policies(&tree.root, 42, &m), -ESRCH);
	CHECK(m.map[1].has_own_policy);
	tree_put(&tree, "/proc/42/numa_maps", "00010000 bind:0\n00020000 default\n");
	tree_set_mode(&tree, "/proc/42/numa_maps", 0);
	become_nobody();
	CHECK_INT(process_read_policies(&tree.root, 42, &m), -EACCES);
	become_self();
	CHECK(!m.map[0].has_own_policy);
	CHECK(m.map[1].has_own_policy);
}

TEST(reads_itself, "memory that this process binds itself is found, its neighbour is not")
{
	const size_t size = 1 << 20;
	_cleanup_mappings_ struct mappings m = { 0 };
	unsigned long node0 = 1;
	struct root root;
	const struct mapping *found;
	char *memory =
		mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(memory != MAP_FAILED);
	if (access("/proc/self/numa_maps", R_OK) < 0 ||
	    mbind(memory, size, MPOL_BIND, &node0, 64, 0) < 0)
		SKIP("this kernel or its sandbox lets nobody bind memory to node 0");
	REQUIRE(root_open(&root, "/") == 0);
	CHECK_INT(process_read_mappings(&root, getpid(), 100000, &m), 0);
	CHECK_INT(process_read_policies(&root, getpid(), &m), 0);
	root_close(&root);
	found = mappings_find(&m, (uintptr_t)memory);
	REQUIRE(found);
	CHECK(found->has_own_policy);
	found = mappings_find(&m, (uintptr_t)memory + size);
	REQUIRE(found);
	CHECK(!found->has_own_policy);
	munmap(memory, 2 * size);
}

TEST_MAIN()
