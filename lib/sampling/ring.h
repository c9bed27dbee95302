/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One perf ring: the memory that the kernel writes records to and we read them from. Ordering as
 * documented in the kernel's kernel/events/ring_buffer.c: data_head is read with acquire, data_tail
 * written with release. */
#pragma once

#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>

/* 128 data pages and the control page: what perf_event_mlock_kb's default (516 KiB a CPU) allows
 * unprivileged. */
#define RING_DATA_PAGES 128

struct ring {
	struct perf_event_mmap_page *control;
	unsigned char *data;
	size_t data_bytes; /* a power of two */
	size_t mapped_bytes;
	uint64_t tail;          /* read so far, not yet given back */
	unsigned char *wrapped; /* a record that wraps is put together here; 64 KiB, made at need */
};

/* Maps the ring of a perf descriptor. 0 or -errno. */
int ring_map(struct ring *ret_ring, int perf_fd, size_t page_bytes, size_t data_pages);

/* A ring over memory of the caller's: one control page, then data_bytes of data. For tests and
 * replay. */
void ring_wrap(struct ring *ret_ring, void *memory, size_t page_bytes, size_t data_bytes);

/* Unmaps it; safe on a zeroed ring, and twice. */
void ring_unmap(struct ring *ring);

/* The next record or NULL when there is none. Valid until the next call of any ring_ function. A
 * record whose size makes no sense ends the ring: everything written so far is skipped, and
 * *ret_malformed counts one. */
const struct perf_event_header *ring_next(struct ring *ring, uint64_t *ret_malformed);

/* Gives the space of all records that ring_next returned back to the kernel. */
void ring_release(struct ring *ring);
