/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/process.h"

#include <numaif.h>
#include <sys/mman.h>

#include "tests/tap.h"
#include "tests/unit/tree.h"

/* Eight mappings of 0x1000 at 0x10000, 0x20000, … */
static struct mappings make_mappings(void)
{
	struct mappings m = { .map = calloc(8, sizeof(struct mapping)), .n = 8 };

	TREE_CHECK(m.map);
	for (size_t i = 0; i < 8; i++) {
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

TEST(default_and_local, "default and local are no policy of one's own")
{
	_cleanup_mappings_ struct mappings m = make_mappings();

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
	_cleanup_mappings_ struct mappings m = make_mappings();

	CHECK_INT(read_policies("00010000 bind:0-1 anon=1 N0=1 kernelpagesize_kB=4\n"
				"00020000 prefer:1 anon=1\n"
				"00030000 prefer (many):0-1 anon=1\n"
				"00040000 interleave:0,2 anon=1\n"
				"00050000 weighted interleave:0-1 anon=1\n"
				"00060000 bind=static:0 anon=1\n"
				"00070000 interleave=relative:0-1\n"
				"00080000 bind=static|balancing:0-1\n",
				&m),
		  0xff);
}

TEST(unknown_policy, "a policy that is not known yet is explicit too")
{
	_cleanup_mappings_ struct mappings m = make_mappings();

	CHECK_INT(read_policies("00010000 defaults\n00020000 localish:1\n00030000 local=static:0\n",
				&m),
		  7);
}

TEST(hugetlb, "the word huge marks hugetlb memory, a file of that name does not")
{
	_cleanup_mappings_ struct mappings m = make_mappings();

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
	_cleanup_mappings_ struct mappings m = make_mappings();

	CHECK_INT(
		read_policies("00010000 default file=/tmp/x\\01200020000\\040bind:0 mapped=1 N0=1\n"
			      "00020000 default file=/tmp/bind\\0750 mapped=1 N0=1\n",
			      &m),
		0);
}

TEST(malformed, "malformed lines and addresses that are not mapped are passed over")
{
	_cleanup_mappings_ struct mappings m = make_mappings();

	CHECK_INT(read_policies("\nx\n00010000\n00010000 \n00010000 :0\n00010000  bind:0\nbind:0\n"
				"00999000 bind:0\n10000000000010000 bind:0\n00080000 bind:0\n",
				&m),
		  0x80);
}

TEST(parts, "a policy for a part of a mapping marks all of it")
{
	_cleanup_mappings_ struct mappings m = make_mappings();

	m.map[1].end = 0x28000;
	CHECK_INT(
		read_policies("00020000 default anon=1\n00024000 bind:1 anon=1\n00026000 default\n",
			      &m),
		2);
}

TEST(keeps_marks, "what was marked stays marked")
{
	_cleanup_mappings_ struct mappings m = make_mappings();

	m.map[0].has_own_policy = m.map[0].is_hugetlb = true;
	CHECK_INT(read_policies("00010000 default anon=1\n", &m), 1);
	CHECK(m.map[0].is_hugetlb);
}

TEST(vanished, "a process that is gone is -ESRCH, a denied one -EACCES")
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_mappings_ struct mappings m = make_mappings();

	CHECK_INT(process_read_policies(&tree.root, 42, &m), -ESRCH);
	tree_put(&tree, "/proc/42/numa_maps", "00010000 bind:0\n");
	tree_set_mode(&tree, "/proc/42/numa_maps", 0);
	become_nobody();
	CHECK_INT(process_read_policies(&tree.root, 42, &m), -EACCES);
	become_self();
	CHECK(!m.map[0].has_own_policy);
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
