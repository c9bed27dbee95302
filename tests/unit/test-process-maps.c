/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/process.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "tests/tap.h"
#include "tests/unit/tree.h"

static int read_maps(const char *text, size_t max, struct mappings *ret_mappings)
{
	_cleanup_tree_ struct tree tree = tree_make();

	tree_put(&tree, "/proc/42/maps", text);
	return process_read_mappings(&tree.root, 42, max, ret_mappings);
}

static const char ordinary[] =
	"55c1d951a000-55c1d951c000 r--p 00000000 fe:00 12345                      /usr/bin/cat\n"
	"55c1d951c000-55c1d9521000 r-xp 00002000 fe:00 12345                      /usr/bin/cat\n"
	"55c1da000000-55c1da021000 rw-p 00000000 00:00 0                          [heap]\n"
	"7f0000000000-7f0000200000 rw-s 00000000 00:01 2055                       /dev/zero "
	"(deleted)\n"
	"7f1000000000-7f1000200000 rw-s 00100000 00:01 1099511627776              /memfd:a b "
	"(deleted)\n"
	"7f2000000000-7f2000200000 rw-p 00000000 00:00 0 \n"
	"7f3000000000-7f3000200000 ---p 00000000 00:00 0\n"
	"7f4000000000-7f4000200000 rw-p 00000000 00:00 0                          [anon:jemalloc]\n"
	"7ffc0a000000-7ffc0a021000 rw-p 00000000 00:00 0                          [stack]\n"
	"7ffc0a1fc000-7ffc0a200000 r--p 00000000 00:00 0                          [vvar]\n"
	"7ffc0a200000-7ffc0a202000 r-xp 00000000 00:00 0                          [vdso]\n"
	"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n";

TEST(reads_ordinary, "each field of an ordinary process is read")
{
	_cleanup_mappings_ struct mappings m = { 0 };

	REQUIRE(read_maps(ordinary, 100, &m) == 0);
	REQUIRE(m.n == 12);
	CHECK_INT(m.n_skipped, 0);
	CHECK(!m.truncated);
	CHECK_INT(m.map[0].start, 0x55c1d951a000);
	CHECK_INT(m.map[0].end, 0x55c1d951c000);
	CHECK(m.map[0].is_readable && !m.map[0].is_writable && !m.map[0].is_executable);
	CHECK(m.map[1].is_executable);
	CHECK_INT(m.map[1].file_offset, 0x2000);
	CHECK_INT(m.map[1].inode, 12345);
	CHECK_INT(m.map[1].device, 0xfe << 20);
	CHECK(!m.map[1].is_shared);
	CHECK(m.map[2].is_writable && m.map[2].inode == 0);
	CHECK(!m.map[6].is_readable);
}

TEST(reads_shared, "shared anonymous memory and memfds are shared mappings with an inode")
{
	_cleanup_mappings_ struct mappings m = { 0 };

	REQUIRE(read_maps(ordinary, 100, &m) == 0);
	CHECK(m.map[3].is_shared && m.map[3].inode == 2055 && m.map[3].device == 1);
	CHECK(m.map[4].is_shared && m.map[4].inode == 1099511627776);
	CHECK_INT(m.map[4].file_offset, 0x100000);
	CHECK(!m.map[3].is_hugetlb && !m.map[4].is_hugetlb);
}

TEST(knows_special, "stack and the kernel's own mappings are told apart")
{
	_cleanup_mappings_ struct mappings m = { 0 };

	REQUIRE(read_maps(ordinary, 100, &m) == 0);
	for (size_t i = 0; i < m.n; i++) {
		CHECK_INT(m.map[i].is_stack, i == 8);
		CHECK_INT(m.map[i].is_special, i >= 9);
	}
	CHECK(m.map[11].start == 0xffffffffff600000);
}

TEST(knows_hugetlb, "hugetlbfs is known by its names, and only as a whole name or directory")
{
	_cleanup_mappings_ struct mappings m = { 0 };

	REQUIRE(read_maps("200000-400000 rw-p 00000000 00:0e 5 /anon_hugepage (deleted)\n"
			  "400000-600000 rw-s 00000000 00:0e 5 /dev/hugepages/qemu\n"
			  "600000-800000 rw-s 00000000 00:0e 5 /dev/hugepages2/x\n"
			  "800000-a00000 rw-p 00000000 00:0e 5 /anon_hugepages\n"
			  "a00000-c00000 rw-p 00000000 00:0e 5 /mnt/dev/hugepages/x\n",
			  100, &m) == 0);
	REQUIRE(m.n == 5);
	CHECK(m.map[0].is_hugetlb);
	CHECK(m.map[1].is_hugetlb);
	CHECK(!m.map[2].is_hugetlb);
	CHECK(!m.map[3].is_hugetlb);
	CHECK(!m.map[4].is_hugetlb);
}

TEST(bears_odd_names, "file names cannot pretend to be anything else")
{
	_cleanup_mappings_ struct mappings m = { 0 };

	REQUIRE(read_maps("1000-2000 r--p 00000000 fe:00 1 /tmp/a b  c\n"
			  "2000-3000 r--p 00000000 fe:00 1 /tmp/x\\0129000-a000 rw-p 0 00:00 0\n"
			  "3000-4000 r--p 00000000 fe:00 1 /tmp/[stack]\n"
			  "4000-5000 r--p 00000000 fe:00 1 /tmp/gone (deleted)\n"
			  "5000-6000 rw-p 00000000 00:00 0 [anon:[stack]]\n"
			  "6000-7000 rw-p 00000000 00:00 0 [stack:77]\n"
			  "7000-8000 rw-p 00000000 00:00 0 [vvar_vclock]\n",
			  100, &m) == 0);
	REQUIRE(m.n == 7);
	CHECK_INT(m.n_skipped, 0);
	for (size_t i = 0; i < m.n; i++) {
		CHECK(!m.map[i].is_stack);
		CHECK_INT(m.map[i].is_special, i == 6);
	}
}

TEST(counts_malformed, "malformed lines are skipped and counted, the rest is read")
{
	static const char *const bad[] = {
		"",
		"x",
		"1000-2000",
		"1000-2000 rw-p 00000000 00:00",
		"1000-2000 rw-p 00000000 00:00 ",
		"1000-2000 rw-p 00000000 00:00 0x",
		"1000-2000 rw-z 00000000 00:00 0",
		"1000-2000 rw 00000000 00:00 0",
		"1000-2000 rw-p 00000000 1000:00 0",
		"1000-2000 rw-p 00000000 00:100000 0",
		"1000-2000 rw-p 00000000 00.00 0",
		"2000-1000 rw-p 00000000 00:00 0",
		"1000-1000 rw-p 00000000 00:00 0",
		"1001-2000 rw-p 00000000 00:00 0",
		"1000-2fff rw-p 00000000 00:00 0",
		"-2000 rw-p 00000000 00:00 0",
		"10000000000001000-10000000000002000 rw-p 00000000 00:00 0",
		"1000-2000 rw-p 00000000 00:00 99999999999999999999",
	};

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		_cleanup_mappings_ struct mappings m = { 0 };
		char text[512];

		snprintf(text, sizeof(text),
			 "%s\n5000-6000 rw-p 00000000 00:00 0\n%s\n7000-8000 rw-p 00000000 00:00 "
			 "0\n",
			 bad[i], bad[i]);
		REQUIRE(read_maps(text, 100, &m) == 0);
		CHECK_INT(m.n, 2);
		CHECK_INT(m.n_skipped, 2);
	}
}

TEST(keeps_order, "a line that overlaps or precedes the one before is skipped")
{
	_cleanup_mappings_ struct mappings m = { 0 };

	REQUIRE(read_maps("4000-6000 rw-p 00000000 00:00 0\n5000-7000 rw-p 00000000 00:00 0\n"
			  "1000-2000 rw-p 00000000 00:00 0\n6000-7000 rw-p 00000000 00:00 0\n",
			  100, &m) == 0);
	CHECK_INT(m.n, 2);
	CHECK_INT(m.n_skipped, 2);
	CHECK_INT(m.map[1].start, 0x6000);
}

TEST(bounded, "what is beyond the bound is left out and said so")
{
	const char *three = "1000-2000 rw-p 00000000 00:00 0\n2000-3000 rw-p 00000000 00:00 0\n"
			    "3000-4000 rw-p 00000000 00:00 0\n";

	for (size_t max = 0; max < 5; max++) {
		_cleanup_mappings_ struct mappings m = { 0 };

		REQUIRE(read_maps(three, max, &m) == 0);
		CHECK_INT(m.n, max < 3 ? max : 3);
		CHECK_INT(m.truncated, max < 3);
	}
}

TEST(empty, "a zombie or kernel thread has no mappings")
{
	_cleanup_mappings_ struct mappings m = { 0 };

	CHECK_INT(read_maps("", 100, &m), 0);
	CHECK_INT(m.n, 0);
	CHECK(!mappings_find(&m, 0));
	mappings_done(&m);
}

TEST(finds, "an address is found in the mapping that holds it, the end excluded")
{
	_cleanup_mappings_ struct mappings m = { 0 };

	REQUIRE(read_maps(ordinary, 100, &m) == 0);
	for (size_t i = 0; i < m.n; i++) {
		CHECK(mappings_find(&m, m.map[i].start) == &m.map[i]);
		CHECK(mappings_find(&m, m.map[i].end - 1) == &m.map[i]);
		if (i + 1 == m.n || m.map[i + 1].start != m.map[i].end)
			CHECK(!mappings_find(&m, m.map[i].end));
	}
	CHECK(!mappings_find(&m, 0));
	CHECK(!mappings_find(&m, UINT64_MAX));
}

TEST(vanished, "a process that is gone is -ESRCH and leaves the result alone, a denied one -EACCES")
{
	_cleanup_tree_ struct tree tree = tree_make();
	struct mappings m = { .n = 77 };

	CHECK_INT(process_read_mappings(&tree.root, 42, 100, &m), -ESRCH);
	tree_put(&tree, "/proc/42/maps", ordinary);
	tree_set_mode(&tree, "/proc/42/maps", 0);
	become_nobody();
	CHECK_INT(process_read_mappings(&tree.root, 42, 100, &m), -EACCES);
	become_self();
	CHECK_INT(m.n, 77);
}

TEST(reads_many, "hundreds of thousands of mappings are read in time that grows with their number")
{
	_cleanup_tree_ struct tree tree = tree_make();
	_cleanup_mappings_ struct mappings m = { 0 };
	const unsigned n = 300000;
	_cleanup_free_ char *text = malloc((size_t)n * 96);
	char *end = text;
	uint64_t before;

	REQUIRE(text);
	for (unsigned i = 0; i < n; i++)
		end += sprintf(
			end,
			"%llx-%llx rw-p 00000000 fe:00 1234567                    /usr/lib/x.so\n",
			0x7f0000000000ULL + i * 0x2000ULL,
			0x7f0000000000ULL + i * 0x2000ULL + 0x1000);
	tree_put(&tree, "/proc/42/maps", text);
	before = clock_thread_cpu_usec();
	REQUIRE(process_read_mappings(&tree.root, 42, n, &m) == 0);
	printf("# %u mappings in %llu us\n", n,
	       (unsigned long long)(clock_thread_cpu_usec() - before));
	/* Quadratic reading would take minutes; the bound leaves room for sanitizers and slow
	 * machines. */
	CHECK(clock_thread_cpu_usec() - before < 3 * USEC_PER_SEC);
	CHECK_INT(m.n, n);
	CHECK(!m.truncated);
	CHECK(mappings_find(&m, 0x7f0000000000 + 299999 * 0x2000ULL + 0xfff) == &m.map[n - 1]);
}

TEST(reads_itself, "this process finds its own memory, with the right permissions")
{
	_cleanup_mappings_ struct mappings m = { 0 };
	struct root root;
	int on_stack;
	const struct mapping *found;
	char *shared = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(shared != MAP_FAILED);
	REQUIRE(root_open(&root, "/") == 0);
	CHECK_INT(process_read_mappings(&root, getpid(), 100000, &m), 0);
	root_close(&root);
	CHECK_INT(m.n_skipped, 0);
	found = mappings_find(&m, (uintptr_t)&on_stack);
	REQUIRE(found);
	CHECK(found->is_writable);
	found = mappings_find(&m, (uintptr_t)shared);
	REQUIRE(found);
	CHECK(found->is_shared && found->is_writable && found->inode);
	found = mappings_find(&m, (uintptr_t)&reads_itself);
	REQUIRE(found);
	CHECK(found->is_executable && !found->is_writable && found->inode);
	munmap(shared, 65536);
}

TEST_MAIN()
