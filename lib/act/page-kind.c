/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/page-kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#define PAGEMAP_PRESENT  (1ULL << 63)
#define PAGEMAP_PFN_MASK ((1ULL << 55) - 1)

/* Bits of /proc/kpageflags (linux/kernel-page-flags.h). */
#define FLAG_COMPOUND_HEAD (1ULL << 15)
#define FLAG_COMPOUND_TAIL (1ULL << 16)
#define FLAG_HUGETLB       (1ULL << 17)
#define FLAG_NO_PAGE       (1ULL << 20)
#define FLAG_THP           (1ULL << 22)

void page_kinds_open(struct page_kinds *ret_kinds, const struct root *root, pid_t pid,
		     uint32_t page_bytes, unsigned pages_per_huge)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);

	int pagemap_fd = root_open_file(root, path, O_RDONLY);
	int kpageflags_fd = root_open_file(root, "/proc/kpageflags", O_RDONLY);

	*ret_kinds = (struct page_kinds){
		.pagemap_fd = pagemap_fd < 0 ? -1 : pagemap_fd,
		.kpageflags_fd = kpageflags_fd < 0 ? -1 : kpageflags_fd,
		.page_bytes = page_bytes,
		.pages_per_huge = pages_per_huge,
	};
}

void page_kinds_close(struct page_kinds *kinds)
{
	if (kinds->pagemap_fd >= 0)
		close(kinds->pagemap_fd);
	if (kinds->kpageflags_fd >= 0)
		close(kinds->kpageflags_fd);
	kinds->pagemap_fd = kinds->kpageflags_fd = -1;
}

static bool read_entry(int fd, uint64_t index, uint64_t *ret_entry)
{
	uint64_t entry;

	if (pread(fd, &entry, sizeof(entry), (off_t)(index * sizeof(entry))) !=
	    (ssize_t)sizeof(entry))
		return false;
	*ret_entry = entry;
	return true;
}

/* The page frame at an address; 0: not readable (without CAP_SYS_ADMIN the kernel shows 0) or not
 * present. */
static uint64_t frame_at(const struct page_kinds *kinds, uint64_t address)
{
	uint64_t entry;

	if (!read_entry(kinds->pagemap_fd, address / kinds->page_bytes, &entry) ||
	    !(entry & PAGEMAP_PRESENT))
		return 0;
	return entry & PAGEMAP_PFN_MASK;
}

static uint64_t flags_of(const struct page_kinds *kinds, uint64_t frame)
{
	uint64_t flags;

	return read_entry(kinds->kpageflags_fd, frame, &flags) ? flags : FLAG_NO_PAGE;
}

/* Compound pages are aligned to their size: the frame in the middle of a huge-page-sized, aligned
 * run of frames is a tail only in a compound page of at least that size; smaller ones would start
 * there. */
static bool is_huge_compound(const struct page_kinds *kinds, uint64_t frame)
{
	unsigned n = kinds->pages_per_huge;

	return flags_of(kinds, frame - frame % n + n / 2) & FLAG_COMPOUND_TAIL;
}

static bool is_mapped_whole(const struct page_kinds *kinds, uint64_t address, uint64_t frame)
{
	unsigned n = kinds->pages_per_huge;

	return frame % n == 0 &&
	       frame_at(kinds, address + (uint64_t)(n / 2) * kinds->page_bytes) == frame + n / 2 &&
	       frame_at(kinds, address + (uint64_t)(n - 1) * kinds->page_bytes) == frame + n - 1;
}

static enum page_kind kind_of_hugetlb(const struct page_kinds *kinds, uint64_t address,
				      uint64_t frame, uint64_t flags)
{
	if (!is_huge_compound(kinds, frame))
		return PAGE_KIND_PARTIAL; /* smaller hugetlbfs pages exist on some machines */
	if (!(flags & FLAG_COMPOUND_HEAD) ||
	    (flags_of(kinds, frame + kinds->pages_per_huge) & FLAG_COMPOUND_TAIL))
		return PAGE_KIND_GIANT;
	return is_mapped_whole(kinds, address, frame) ? PAGE_KIND_HUGE : PAGE_KIND_PARTIAL;
}

enum page_kind page_kind_at(const struct page_kinds *kinds, uint64_t address)
{
	if (kinds->pagemap_fd < 0 || kinds->kpageflags_fd < 0 || kinds->pages_per_huge < 2)
		return PAGE_KIND_UNKNOWN;

	uint64_t frame = frame_at(kinds, address);
	uint64_t flags = frame ? flags_of(kinds, frame) : FLAG_NO_PAGE;

	if (flags & FLAG_NO_PAGE)
		return PAGE_KIND_UNKNOWN;
	if (flags & FLAG_HUGETLB)
		return kind_of_hugetlb(kinds, address, frame, flags);
	/* Compound pages smaller than a huge page move by themselves, each with its first address.
	 */
	if (!(flags & FLAG_THP) || !is_huge_compound(kinds, frame))
		return PAGE_KIND_BASE;
	return is_mapped_whole(kinds, address, frame) ? PAGE_KIND_HUGE : PAGE_KIND_PARTIAL;
}
