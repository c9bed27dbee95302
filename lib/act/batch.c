/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/batch.h"

#include <errno.h>

#include "base/clock.h"
#include "base/syscalls.h"

static void *as_pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

/* A process that is exiting has no memory any more; the kernel calls that -EINVAL, and our
 * arguments are valid. */
static int error_of_call(long r)
{
	return r == -EINVAL ? -ESRCH : (int)r;
}

int batch_query(struct batch *batch, pid_t pid, uint64_t start, size_t n_pages, uint32_t page_bytes,
		int *ret_status)
{
	for (size_t done = 0; done < n_pages;) {
		size_t n = n_pages - done < BATCH_MAX ? n_pages - done : BATCH_MAX;

		for (size_t i = 0; i < n; i++)
			batch->address[i] = as_pointer(start + (done + i) * page_bytes);

		long r = sys_move_pages(pid, n, batch->address, NULL, ret_status + done, 0);

		if (r < 0)
			return error_of_call(r);
		done += n;
	}
	return 0;
}

/* -EBUSY is also the answer to a second address of a huge page that this call moves. */
static int needs_a_look(int status)
{
	return status == UNIT_PENDING || status == -EBUSY;
}

/* Asks where the pages are whose status leaves it open. */
static void look_again(struct batch *batch, pid_t pid, struct move_unit *units, size_t n,
		       int to_node_id)
{
	size_t n_open = 0;

	for (size_t i = 0; i < n; i++)
		if (needs_a_look(units[i].result))
			batch->address[n_open++] = as_pointer(units[i].address);
	if (!n_open || sys_move_pages(pid, n_open, batch->address, NULL, batch->where, 0) < 0)
		return;
	for (size_t i = 0, open = 0; i < n; i++) {
		if (!needs_a_look(units[i].result))
			continue;

		int where = batch->where[open++];

		if (where == to_node_id || (where < 0 && units[i].result == UNIT_PENDING))
			units[i].result = where;
	}
}

int batch_move(struct batch *batch, pid_t pid, struct move_unit *units, size_t n, int to_node_id,
	       int flags, uint64_t *ret_usec)
{
	if (n > BATCH_MAX)
		return -E2BIG;
	for (size_t i = 0; i < n; i++) {
		batch->address[i] = as_pointer(units[i].address);
		batch->node[i] = to_node_id;
		batch->status[i] = UNIT_PENDING;
	}

	uint64_t start_usec = clock_now_usec(), start_cpu_usec = clock_thread_cpu_usec();
	long r = sys_move_pages(pid, n, batch->address, batch->node, batch->status, flags);

	*ret_usec = clock_now_usec() - start_usec;
	batch->cpu_usec = clock_thread_cpu_usec() - start_cpu_usec;
	for (size_t i = 0; i < n; i++)
		units[i].result = batch->status[i];
	if (r != -ESRCH)
		look_again(batch, pid, units, n, to_node_id);
	if (r != -ENOMEM)
		return r < 0 ? error_of_call(r) : 0;
	for (size_t i = 0; i < n; i++)
		if (units[i].result == UNIT_PENDING)
			units[i].result = -ENOMEM;
	return -ENOMEM;
}
