/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tree of files in a temporary directory that stands for "/": what the readers of /proc and /sys
 * are tested on. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/root.h"

struct tree {
	struct root root;
	char path[64];
};

#define TREE_CHECK(condition)                                                                      \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			printf("Bail out! %s: %s\n", #condition, strerror(errno));                 \
			exit(EXIT_FAILURE);                                                        \
		}                                                                                  \
	} while (0)

static inline struct tree tree_make(void)
{
	struct tree tree = { .path = "/tmp/numaplaced-test-XXXXXX" };

	TREE_CHECK(mkdtemp(tree.path));
	TREE_CHECK(chmod(tree.path, 0755) == 0);
	TREE_CHECK(root_open(&tree.root, tree.path) == 0);
	return tree;
}

/* Makes the directories above the last slash of `path`. */
static inline void tree_make_parents(const struct tree *tree, const char *path)
{
	char part[512];

	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%s%.*s", tree->path, (int)(slash - path), path);
		TREE_CHECK(mkdir(part, 0755) == 0 || errno == EEXIST);
	}
}

static inline void tree_put_bytes(const struct tree *tree, const char *path, const void *bytes,
				  size_t size)
{
	char full[512];

	tree_make_parents(tree, path);
	snprintf(full, sizeof(full), "%s%s", tree->path, path);

	FILE *file = fopen(full, "we");

	TREE_CHECK(file);
	TREE_CHECK(fwrite(bytes, 1, size, file) == size);
	TREE_CHECK(fclose(file) == 0);
}

/* Writes a file (absolute path in the tree), with the directories above it. */
static inline void tree_put(const struct tree *tree, const char *path, const char *text)
{
	tree_put_bytes(tree, path, text, strlen(text));
}

static inline void tree_put_dir(const struct tree *tree, const char *path)
{
	char with_slash[512];

	snprintf(with_slash, sizeof(with_slash), "%s/", path);
	tree_make_parents(tree, with_slash);
}

static inline void tree_set_mode(const struct tree *tree, const char *path, mode_t mode)
{
	char full[512];

	snprintf(full, sizeof(full), "%s%s", tree->path, path);
	TREE_CHECK(chmod(full, mode) == 0);
}

static inline int tree_remove_one(const char *path, const struct stat *st, int type,
				  struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline void tree_done(struct tree *tree)
{
	root_close(&tree->root);
	nftw(tree->path, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define _cleanup_tree_ _cleanup_(tree_done)

/* root reads everything: be nobody for a moment, so that permissions count. */
static inline void become_nobody(void)
{
	if (getuid() == 0)
		TREE_CHECK(seteuid(65534) == 0);
}

static inline void become_self(void)
{
	TREE_CHECK(seteuid(getuid()) == 0);
}
