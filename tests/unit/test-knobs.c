/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/knobs.h"

#include "tests/tap.h"
#include "tests/unit/tree.h"

#define KNOB  "/proc/sys/kernel/numa_balancing"
#define OTHER "/proc/sys/vm/compaction_proactiveness"

static struct tree make(void)
{
	struct tree tree = tree_make();

	tree_put_dir(&tree, "/run");
	tree_put(&tree, KNOB, "1\n");
	tree_put(&tree, OTHER, "20\n");
	return tree;
}

static const char *text_of(const struct tree *tree, const char *path)
{
	static char text[4096];

	if (root_read(&tree->root, path, text, sizeof(text)) < 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

struct reports {
	unsigned n;
	char path[64], saved[KNOB_VALUE_MAX], current[KNOB_VALUE_MAX];
	int result;
};

static void record(void *userdata, const char *path, const char *saved, const char *current,
		   int result)
{
	struct reports *reports = userdata;

	reports->n++;
	snprintf(reports->path, sizeof(reports->path), "%s", path);
	snprintf(reports->saved, sizeof(reports->saved), "%s", saved);
	snprintf(reports->current, sizeof(reports->current), "%s", current);
	reports->result = result;
}

TEST(test_round_trip, "a knob is saved, set, and restored; then nothing is left behind")
{
	_cleanup_tree_ struct tree tree = make();
	struct reports reports = { 0 };

	CHECK_INT(knob_set(&tree.root, KNOB, "0"), 0);
	CHECK_STR(text_of(&tree, KNOB), "0");
	CHECK_STR(text_of(&tree, KNOB_STATE_PATH), KNOB "\t1\t0\t1");

	CHECK_INT(knobs_restore(&tree.root, record, &reports), 1);
	CHECK_STR(text_of(&tree, KNOB), "1");
	CHECK(!root_exists(&tree.root, KNOB_STATE_PATH));
	CHECK(!root_exists(&tree.root, KNOB_STATE_PATH ".new"));
	CHECK_INT(reports.n, 1);
	CHECK_INT(reports.result, 0);
	CHECK_STR(reports.path, KNOB);
	CHECK_STR(reports.saved, "1");
}

TEST(test_nothing_to_do, "a knob that has the value already is neither saved nor written")
{
	_cleanup_tree_ struct tree tree = make();

	tree_set_mode(&tree, KNOB, 0444);
	CHECK_INT(knob_set(&tree.root, KNOB, "1"), 0);
	CHECK(!root_exists(&tree.root, KNOB_STATE_PATH));
}

TEST(test_no_state, "without a state file there is nothing to restore")
{
	_cleanup_tree_ struct tree tree = make();

	CHECK_INT(knobs_restore(&tree.root, NULL, NULL), 0);
	CHECK_INT(knob_restore(&tree.root, KNOB), -ENOENT);
}

TEST(test_changed_meanwhile,
     "a knob that somebody else changed meanwhile is left alone and reported")
{
	_cleanup_tree_ struct tree tree = make();
	struct reports reports = { 0 };

	knob_set(&tree.root, KNOB, "0");
	tree_put(&tree, KNOB, "2\n");
	CHECK_INT(knobs_restore(&tree.root, record, &reports), 0);
	CHECK_STR(text_of(&tree, KNOB), "2");
	CHECK_INT(reports.result, 1);
	CHECK_STR(reports.current, "2");
	CHECK(!root_exists(&tree.root, KNOB_STATE_PATH));
}

TEST(test_crash_before_write, "a knob that was saved but not written yet is just forgotten")
{
	_cleanup_tree_ struct tree tree = make();

	knob_set(&tree.root, KNOB, "0");
	tree_put(&tree, KNOB, "1\n"); /* as if the daemon had died before the write */
	tree_set_mode(&tree, KNOB, 0444);
	CHECK_INT(knobs_restore(&tree.root, NULL, NULL), 1);
	CHECK_STR(text_of(&tree, KNOB), "1");
	CHECK(!root_exists(&tree.root, KNOB_STATE_PATH));
}

TEST(test_set_twice, "a knob that is set twice keeps its first saved value")
{
	_cleanup_tree_ struct tree tree = make();

	CHECK_INT(knob_set(&tree.root, KNOB, "0"), 0);
	CHECK_INT(knob_set(&tree.root, KNOB, "3"), 0);
	CHECK_STR(text_of(&tree, KNOB), "3");
	CHECK_INT(knobs_restore(&tree.root, NULL, NULL), 1);
	CHECK_STR(text_of(&tree, KNOB), "1");
}

TEST(test_crash_before_second_write,
     "a crash before the second write does not take our first value for somebody's")
{
	_cleanup_tree_ struct tree tree = make();

	knob_set(&tree.root, KNOB, "0");
	knob_set(&tree.root, KNOB, "3");
	tree_put(&tree, KNOB, "0\n");
	CHECK_INT(knobs_restore(&tree.root, NULL, NULL), 1);
	CHECK_STR(text_of(&tree, KNOB), "1");
}

TEST(test_one_of_two, "one knob is restored by itself, the other stays saved")
{
	_cleanup_tree_ struct tree tree = make();

	knob_set(&tree.root, KNOB, "0");
	knob_set(&tree.root, OTHER, "00");
	CHECK_INT(knob_restore(&tree.root, KNOB), 0);
	CHECK_STR(text_of(&tree, KNOB), "1");
	CHECK_STR(text_of(&tree, OTHER), "00");
	CHECK_INT(knob_restore(&tree.root, KNOB), -ENOENT);
	tree_put(&tree, OTHER, "55\n");
	CHECK_INT(knob_restore(&tree.root, OTHER), 1);
	CHECK_STR(text_of(&tree, OTHER), "55");
	CHECK(!root_exists(&tree.root, KNOB_STATE_PATH));
}

TEST(test_missing, "a knob that this kernel does not have is -ENOENT")
{
	_cleanup_tree_ struct tree tree = make();

	CHECK_INT(knob_set(&tree.root, "/proc/sys/vm/none", "0"), -ENOENT);
	CHECK(!root_exists(&tree.root, KNOB_STATE_PATH));
}

TEST(test_vanished, "a knob that vanished stays in the file, and the others are restored")
{
	_cleanup_tree_ struct tree tree = make();
	struct reports reports = { 0 };

	knob_set(&tree.root, KNOB, "0");
	knob_set(&tree.root, OTHER, "00");
	unlinkat(tree.root.fd, &KNOB[1], 0);
	CHECK_INT(knobs_restore(&tree.root, record, &reports), -ENOENT);
	CHECK_INT(reports.n, 2);
	CHECK_STR(text_of(&tree, OTHER), "20");
	CHECK_STR(text_of(&tree, KNOB_STATE_PATH), KNOB "\t1\t0\t1");
}

TEST(test_refused_write, "when the kernel refuses the value, the state file is as it was before")
{
	_cleanup_tree_ struct tree tree = make();

	if (getuid() != 0)
		SKIP("needs to change the user");
	/* The state directory is nobody's, the knob is not. */
	tree_put_dir(&tree, "/run/numaplaced");
	tree_set_mode(&tree, "/run/numaplaced", 0777);
	become_nobody();
	CHECK_INT(knob_set(&tree.root, KNOB, "0"), -EACCES);
	become_self();
	CHECK_STR(text_of(&tree, KNOB), "1");
	CHECK(!root_exists(&tree.root, KNOB_STATE_PATH));

	knob_set(&tree.root, OTHER, "00");
	become_nobody();
	CHECK(knob_set(&tree.root, KNOB, "0") < 0);
	become_self();
	CHECK_STR(text_of(&tree, KNOB_STATE_PATH), OTHER "\t20\t00\t20");
}

TEST(test_unwritable_state, "when the state cannot be saved, the kernel's setting is untouched")
{
	_cleanup_tree_ struct tree tree = make();

	if (getuid() != 0)
		SKIP("needs to change the user");
	tree_set_mode(&tree, KNOB, 0666);
	become_nobody();
	CHECK_INT(knob_set(&tree.root, KNOB, "0"), -EACCES);
	become_self();
	CHECK_STR(text_of(&tree, KNOB), "1");

	/* A file in the directory's place. */
	tree_put(&tree, "/run/numaplaced", "");
	CHECK_INT(knob_set(&tree.root, KNOB, "0"), -ENOTDIR);
	CHECK_STR(text_of(&tree, KNOB), "1");
}

TEST(test_restore_refused, "a knob that cannot be written back stays in the file")
{
	_cleanup_tree_ struct tree tree = make();
	struct reports reports = { 0 };

	if (getuid() != 0)
		SKIP("needs to change the user");
	knob_set(&tree.root, KNOB, "0");
	tree_set_mode(&tree, "/run/numaplaced", 0777);
	tree_set_mode(&tree, KNOB_STATE_PATH, 0644);
	become_nobody();
	CHECK_INT(knobs_restore(&tree.root, record, &reports), -EACCES);
	become_self();
	CHECK_INT(reports.result, -EACCES);
	CHECK_STR(reports.current, "0");
	CHECK_STR(text_of(&tree, KNOB_STATE_PATH), KNOB "\t1\t0\t1");
}

TEST(test_garbled, "garbled lines are reported and dropped, the others are restored")
{
	_cleanup_tree_ struct tree tree = make();
	struct reports reports = { 0 };

	tree_put(&tree, KNOB_STATE_PATH,
		 "rubbish\n"
		 "relative/path\t1\t0\t1\n"
		 "\n" KNOB "\t3\t1\t3\n" KNOB "\t9\t1\t9\n"
		 "/a\tb\tc\td\te\n" OTHER "\t1"); /* cut short */
	CHECK_INT(knobs_restore(&tree.root, record, &reports), -EBADMSG);
	CHECK_STR(text_of(&tree, KNOB), "3");
	CHECK_STR(text_of(&tree, OTHER), "20");
	CHECK_INT(reports.n, 7);
	CHECK_STR(reports.path, KNOB_STATE_PATH);
	CHECK_INT(reports.result, -EBADMSG);
	CHECK_INT(knobs_restore(&tree.root, NULL, NULL), 0);
}

TEST(test_binary, "a state file of zero bytes, or one far too large, is refused and replaced")
{
	_cleanup_tree_ struct tree tree = make();
	_cleanup_free_ char *large = calloc(1, 1 << 20);

	tree_put_bytes(&tree, KNOB_STATE_PATH, "a\0b", 3);
	CHECK_INT(knobs_restore(&tree.root, NULL, NULL), -EBADMSG);
	REQUIRE(large);
	memset(large, 'x', 1 << 20);
	tree_put_bytes(&tree, KNOB_STATE_PATH, large, 1 << 20);
	CHECK_INT(knob_set(&tree.root, KNOB, "0"), 0);
	CHECK_INT(knobs_restore(&tree.root, NULL, NULL), 1);
	CHECK_STR(text_of(&tree, KNOB), "1");
}

TEST(test_odd_text, "paths and values that would break the file's lines are refused")
{
	_cleanup_tree_ struct tree tree = make();
	char wide[KNOB_VALUE_MAX + 1];

	memset(wide, '1', sizeof(wide));
	wide[sizeof(wide) - 1] = '\0';
	CHECK_INT(knob_set(&tree.root, KNOB, "0\n1"), -EINVAL);
	CHECK_INT(knob_set(&tree.root, KNOB, "0\t1"), -EINVAL);
	CHECK_INT(knob_set(&tree.root, KNOB, wide), -EINVAL);
	CHECK_INT(knob_set(&tree.root, "proc/x", "0"), -EINVAL);
	CHECK_INT(knob_set(&tree.root, "/proc/a\nb", "0"), -EINVAL);
	tree_put(&tree, KNOB, "1\t2\n");
	CHECK_INT(knob_set(&tree.root, KNOB, "0"), -EINVAL);
	CHECK(!root_exists(&tree.root, KNOB_STATE_PATH));
}

TEST(test_bound, "no more than KNOBS_MAX knobs are held")
{
	_cleanup_tree_ struct tree tree = make();
	char path[64];

	for (unsigned i = 0; i <= KNOBS_MAX; i++) {
		snprintf(path, sizeof(path), "/proc/sys/knob%u", i);
		tree_put(&tree, path, "1\n");
		CHECK_INT(knob_set(&tree.root, path, "0"), i < KNOBS_MAX ? 0 : -ENOSPC);
	}
	CHECK_STR(text_of(&tree, path), "1");
	CHECK_INT(knobs_restore(&tree.root, NULL, NULL), KNOBS_MAX);
}

TEST_MAIN()
