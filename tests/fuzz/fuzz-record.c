/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* perf rings: the input is a layout (8 bytes of sample type, 1 of registers), then what the kernel
 * wrote. */
#include <errno.h>

#include "sampling/record.h"
#include "sampling/ring.h"
#include "tests/fuzz/text.h"

#define PAGE_BYTES 4096
#define DATA_BYTES 8192

static void decode_all(struct ring *ring, const struct record_layout *layout)
{
	const struct perf_event_header *header;
	uint64_t malformed = 0;

	while ((header = ring_next(ring, &malformed))) {
		/* A copy that ends where its memory ends. */
		struct perf_event_header *copy = malloc(header->size);
		struct record record = { .kind = RECORD_OTHER };

		MUST(copy);
		memcpy(copy, header, header->size);

		int r = record_decode(layout, copy, &record);

		MUST(r == 0 || r == -EBADMSG || r == -EOPNOTSUPP);
		MUST(record.kind <= RECORD_OTHER);
		free(copy);
	}
	MUST(malformed <= 1);
	ring_release(ring);
	MUST(ring->control->data_tail == ring->control->data_head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_layout layout = { 0 };
	struct perf_event_mmap_page *control;
	struct ring ring;
	uint8_t *memory;

	if (size < 11)
		return 0;
	memory = calloc(1, PAGE_BYTES + DATA_BYTES);
	MUST(memory);
	control = (void *)memory;
	memcpy(&layout.sample_type, data, 8);
	layout.n_regs = data[8];
	/* Where in the ring it begins: so that records wrap. */
	control->data_tail = ((uint64_t)data[9] << 8 | data[10]) * 8;
	data += 11;
	size -= 11;
	if (size > DATA_BYTES)
		size = DATA_BYTES;
	for (size_t i = 0; i < size; i++)
		memory[PAGE_BYTES + (control->data_tail + i) % DATA_BYTES] = data[i];
	control->data_head = control->data_tail + size;
	ring_wrap(&ring, memory, PAGE_BYTES, DATA_BYTES);
	decode_all(&ring, &layout);
	ring_unmap(&ring);
	free(memory);
	return 0;
}
