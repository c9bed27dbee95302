/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/units.h"

#include <errno.h>
#include <stdlib.h>

int units_allocate(struct units *units, size_t max_pages)
{
	for (unsigned kind = 0; kind < _UNIT_KIND_MAX; kind++) {
		size_t n = kind == UNIT_BASE ? max_pages : max_pages / units->pages_per_huge;

		units->list[kind] =
			(struct unit_list){ .unit = calloc(n, sizeof(struct move_unit)) };
	}
	for (unsigned kind = 0; kind < _UNIT_KIND_MAX; kind++)
		if (!units->list[kind].unit)
			return -ENOMEM;
	return 0;
}

void units_done(struct units *units)
{
	for (unsigned kind = 0; kind < _UNIT_KIND_MAX; kind++) {
		free(units->list[kind].unit);
		units->list[kind] = (struct unit_list){ 0 };
	}
}

static void add(struct units *units, enum unit_kind kind, uint64_t address, uint64_t first,
		size_t n_pages)
{
	struct unit_list *list = &units->list[kind];

	list->unit[list->n++] = (struct move_unit){
		.address = address,
		.first = first,
		.n_pages = (uint32_t)n_pages,
		.result = UNIT_PENDING,
	};
}

void units_add_base(struct units *units, uint64_t start, const int *status, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t address = start + i * units->page_bytes;

		if (status[i] >= 0 && status[i] != units->to_node_id)
			add(units, UNIT_BASE, address, address, 1);
	}
}

bool units_are_together(const int *status, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (status[i] < 0 || status[i] != status[0])
			return false;
	return true;
}

/* Decides how the pages of one extent (or its part in the range) go to the kernel. Returns how many
 * are giant. */
static size_t sort_extent(struct units *units, const struct page_kinds *kinds, uint64_t start,
			  const int *status, size_t n)
{
	uint64_t head = start - start % ((uint64_t)units->page_bytes * units->pages_per_huge);

	if (units->pages_per_huge < 2 || !units_are_together(status, n)) {
		units_add_base(units, start, status, n);
		return 0;
	}
	if (status[0] == units->to_node_id)
		return 0;
	switch (page_kind_at(kinds, head)) {
	case PAGE_KIND_BASE:
		units_add_base(units, start, status, n);
		break;
	case PAGE_KIND_HUGE:
		add(units, UNIT_HUGE, head, start, n);
		break;
	case PAGE_KIND_GIANT:
		return n;
	case PAGE_KIND_UNKNOWN:
	case PAGE_KIND_PARTIAL:
		add(units, UNIT_PROBE, start, start, n);
		break;
	}
	return 0;
}

size_t units_sort(struct units *units, const struct page_kinds *kinds, uint64_t start,
		  const int *status, size_t n_pages)
{
	size_t n_giant = 0;

	for (unsigned kind = 0; kind < _UNIT_KIND_MAX; kind++)
		units->list[kind].n = 0;
	for (size_t done = 0; done < n_pages;) {
		uint64_t at = start + done * units->page_bytes;
		size_t n = units->pages_per_huge -
			   (size_t)(at / units->page_bytes % units->pages_per_huge);

		if (n > n_pages - done)
			n = n_pages - done;
		n_giant += sort_extent(units, kinds, at, status + done, n);
		done += n;
	}
	return n_giant;
}
