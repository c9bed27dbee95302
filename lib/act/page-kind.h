/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a process's memory at an address is one huge page: /proc/PID/pagemap tells the frame,
 * /proc/kpageflags what the frame is part of. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/root.h"

enum page_kind {
	PAGE_KIND_UNKNOWN, /* the files cannot be read, or changed between two reads */
	PAGE_KIND_BASE,    /* no huge page here */
	PAGE_KIND_PARTIAL, /* a part of a huge page, or one mapped askew: moving it moves or splits
			      the whole */
	PAGE_KIND_HUGE,    /* one huge page (transparent or hugetlbfs), mapped whole and aligned */
	PAGE_KIND_GIANT,   /* a part of a larger hugetlbfs page */
};

struct page_kinds {
	int pagemap_fd, kpageflags_fd; /* -1: not to be had */
	uint32_t page_bytes;
	unsigned pages_per_huge;
};

/* Never fails: what cannot be opened makes every answer PAGE_KIND_UNKNOWN. */
void page_kinds_open(struct page_kinds *ret_kinds, const struct root *root, pid_t pid,
		     uint32_t page_bytes, unsigned pages_per_huge);
void page_kinds_close(struct page_kinds *kinds);
#define _cleanup_page_kinds_ __attribute__((cleanup(page_kinds_close)))

/* What the extent of one huge page's size at `address` (aligned to it) is. */
enum page_kind page_kind_at(const struct page_kinds *kinds, uint64_t address);
