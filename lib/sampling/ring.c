/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RECORD_BYTES_MAX 65536 /* perf_event_header.size has 16 bits */

void ring_wrap(struct ring *ret_ring, void *memory, size_t page_bytes, size_t data_bytes)
{
	*ret_ring = (struct ring){
		.control = memory,
		.data = (unsigned char *)memory + page_bytes,
		.data_bytes = data_bytes,
	};
	ret_ring->tail = ret_ring->control->data_tail;
}

int ring_map(struct ring *ret_ring, int perf_fd, size_t page_bytes, size_t data_pages)
{
	size_t bytes = (1 + data_pages) * page_bytes;
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, perf_fd, 0);

	if (memory == MAP_FAILED)
		return -errno;
	ring_wrap(ret_ring, memory, page_bytes, data_pages * page_bytes);
	ret_ring->mapped_bytes = bytes;
	return 0;
}

void ring_unmap(struct ring *ring)
{
	if (ring->mapped_bytes)
		munmap(ring->control, ring->mapped_bytes);
	free(ring->wrapped);
	*ring = (struct ring){ 0 };
}

static void copy_out(const struct ring *ring, uint64_t position, void *to, size_t length)
{
	size_t offset = (size_t)(position & (ring->data_bytes - 1));
	size_t first = ring->data_bytes - offset < length ? ring->data_bytes - offset : length;

	memcpy(to, ring->data + offset, first);
	memcpy((unsigned char *)to + first, ring->data, length - first);
}

static const struct perf_event_header *whole_record(struct ring *ring, size_t size)
{
	size_t offset = (size_t)(ring->tail & (ring->data_bytes - 1));

	if (offset + size <= ring->data_bytes)
		return (const void *)(ring->data + offset);
	if (!ring->wrapped)
		ring->wrapped = malloc(RECORD_BYTES_MAX);
	if (!ring->wrapped)
		return NULL;
	copy_out(ring, ring->tail, ring->wrapped, size);
	return (const void *)ring->wrapped;
}

const struct perf_event_header *ring_next(struct ring *ring, uint64_t *ret_malformed)
{
	uint64_t head = __atomic_load_n(&ring->control->data_head, __ATOMIC_ACQUIRE);
	uint64_t available = head - ring->tail;
	struct perf_event_header header;

	if (available == 0)
		return NULL;
	if (available >= sizeof(header) && available <= ring->data_bytes)
		copy_out(ring, ring->tail, &header, sizeof(header));
	if (available < sizeof(header) || available > ring->data_bytes ||
	    header.size < sizeof(header) || header.size % sizeof(uint64_t) ||
	    header.size > available) {
		ring->tail = head;
		(*ret_malformed)++;
		return NULL;
	}

	const struct perf_event_header *record = whole_record(ring, header.size);

	ring->tail += header.size;
	return record;
}

void ring_release(struct ring *ring)
{
	__atomic_store_n(&ring->control->data_tail, ring->tail, __ATOMIC_RELEASE);
}
