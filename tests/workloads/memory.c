/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process's memory: mapped, and placed by first touch, never by a memory policy (one would be
 * respected). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/cleanup.h"
#include "workload.h"

int memory_make_shared(enum memory memory, size_t bytes, int *ret_fd)
{
	_cleanup_close_ int fd = -1;
	char name[40];

	snprintf(name, sizeof(name), "/workload-%d", (int)getpid());
	if (memory == MEMFD) {
		fd = memfd_create(name, MFD_CLOEXEC);
	} else {
		fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd >= 0)
			shm_unlink(name);
	}
	if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Mapped with a block to spare, as blocks are aligned to their size. */
int memory_map(const struct plan *plan, unsigned process)
{
	size_t bytes = plan->process_blocks * BLOCK_BYTES;
	int flags = plan->shared_fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
	uintptr_t base;
	void *map;

	map = mmap(NULL, bytes + BLOCK_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return -errno;
	base = ((uintptr_t)map + BLOCK_BYTES - 1) & ~(BLOCK_BYTES - 1);
	map = mmap((void *)base, bytes, PROT_READ | PROT_WRITE, flags | MAP_FIXED, plan->shared_fd,
		   0);
	if (map == MAP_FAILED)
		return -errno;
	if (madvise(map, bytes,
		    plan->spec->memory == HUGE_PAGES ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) < 0 &&
	    errno != EINVAL)
		return -errno;
	atomic_store(&plan->control->base[process], base);
	return 0;
}

static void touch(uintptr_t base, const uint32_t *blocks, size_t n_blocks)
{
	for (size_t i = 0; i < n_blocks; i++)
		for (size_t offset = 0; offset < BLOCK_BYTES; offset += PAGE_BYTES)
			*(volatile uint64_t *)(base + blocks[i] * BLOCK_BYTES + offset) = 1;
}

static void touch_everything(uintptr_t base, size_t n_blocks)
{
	for (uint32_t block = 0; block < n_blocks; block++)
		touch(base, &block, 1);
}

/* Leaves the caller pinned to some node. */
int memory_touch(const struct plan *plan, unsigned process)
{
	uintptr_t base = atomic_load(&plan->control->base[process]);
	int r = nodes_pin(plan->nodes, 0, 0);

	if (r < 0)
		return r;
	if (!plan->spec->touched_by_user)
		touch_everything(base, plan->process_blocks);
	for (unsigned i = 0; i < plan->n_groups; i++) {
		const struct group *group = &plan->group[i];

		if (group->process != process)
			continue;
		if (plan->spec->touched_by_user) {
			r = nodes_pin(plan->nodes, plan->worker_node[group->first_worker], 0);
			if (r < 0)
				return r;
			touch(base, group->blocks, group->n_blocks);
		}
		if (plan->spec->pattern == CHASE)
			pattern_build_chase(base, group);
	}
	return 0;
}
