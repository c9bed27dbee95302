/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process in a tree, as the mover sees it: its start time, and its page frames in pagemap and
 * kpageflags. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "tests/unit/tree.h"

#define FRAME_PAGE    4096ULL
#define FRAME_HUGE    512ULL
#define FRAME_PRESENT (1ULL << 63)
#define FRAME_HEAD    (1ULL << 15)
#define FRAME_TAIL    (1ULL << 16)
#define FRAME_HUGETLB (1ULL << 17)
#define FRAME_THP     (1ULL << 22)

static inline void frames_write(const struct tree *tree, const char *path, uint64_t index,
				uint64_t entry)
{
	tree_make_parents(tree, path);

	_cleanup_close_ int fd =
		openat(tree->root.fd, path + 1, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	TREE_CHECK(fd >= 0);
	TREE_CHECK(pwrite(fd, &entry, sizeof(entry), (off_t)(index * sizeof(entry))) ==
		   sizeof(entry));
}

/* /proc/PID/stat with that start time. */
static inline void frames_put_process(const struct tree *tree, pid_t pid, uint64_t start_time_ticks)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	snprintf(text, sizeof(text),
		 "%d (a (b) c) S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 %llu 1000 200 "
		 "18446744073709551615\n",
		 (int)pid, (unsigned long long)start_time_ticks);
	tree_put(tree, path, text);
}

/* Maps `frame` at an address. */
static inline void frames_map(const struct tree *tree, pid_t pid, uint64_t address, uint64_t frame)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	frames_write(tree, path, address / FRAME_PAGE, FRAME_PRESENT | frame);
}

static inline void frames_set_flags(const struct tree *tree, uint64_t frame, uint64_t flags)
{
	frames_write(tree, "/proc/kpageflags", frame, flags);
}

/* A compound page of n frames. */
static inline void frames_make_compound(const struct tree *tree, uint64_t frame, uint64_t n,
					uint64_t flags)
{
	frames_set_flags(tree, frame, flags | FRAME_HEAD);
	for (uint64_t i = 1; i < n; i++)
		frames_set_flags(tree, frame + i, flags | FRAME_TAIL);
}

/* n consecutive frames at consecutive addresses. */
static inline void frames_map_run(const struct tree *tree, pid_t pid, uint64_t address,
				  uint64_t frame, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		frames_map(tree, pid, address + i * FRAME_PAGE, frame + i);
}

/* One transparent huge page. */
static inline void frames_map_thp(const struct tree *tree, pid_t pid, uint64_t address,
				  uint64_t frame)
{
	frames_make_compound(tree, frame, FRAME_HUGE, FRAME_THP);
	frames_map_run(tree, pid, address, frame, FRAME_HUGE);
}

/* Base pages that are in no compound page. */
static inline void frames_map_base(const struct tree *tree, pid_t pid, uint64_t address,
				   uint64_t frame, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		frames_set_flags(tree, frame + i, 0);
	frames_map_run(tree, pid, address, frame, n);
}
