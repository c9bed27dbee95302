/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/residency.h"

#include "base/syscalls.h"

#define BATCH 512

static ssize_t query_batch(const struct topology *topology, pid_t pid, const uint64_t *addresses,
			   size_t n, int8_t *ret_nodes)
{
	void *pages[BATCH];
	int status[BATCH];
	ssize_t known = 0;

	for (size_t i = 0; i < n; i++) {
		pages[i] =
			(void *)(uintptr_t)(addresses[i] & ~((uint64_t)topology->page_bytes - 1));
		status[i] = NODE_NONE;
	}

	long r = sys_move_pages(pid, n, pages, NULL, status, 0);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		ret_nodes[i] = (int8_t)(status[i] < 0 ? NODE_NONE
						      : topology_index_of(topology, status[i]));
		known += ret_nodes[i] != NODE_NONE;
	}
	return known;
}

ssize_t residency_query(const struct topology *topology, pid_t pid, const uint64_t *addresses,
			size_t n, int8_t *ret_nodes)
{
	ssize_t known = 0;

	for (size_t at = 0; at < n; at += BATCH) {
		size_t batch = n - at < BATCH ? n - at : BATCH;
		ssize_t r = query_batch(topology, pid, addresses + at, batch, ret_nodes + at);

		if (r < 0)
			return r;
		known += r;
	}
	return known;
}
