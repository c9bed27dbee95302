/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/booking.h"

#include <errno.h>

void booking_add_result(struct move_outcome *outcome, int result, uint64_t n_pages)
{
	if (result == outcome->to_node_id)
		outcome->pages_moved += n_pages;
	else if (result == -EBUSY)
		outcome->pages_busy += n_pages;
	else if (result == -EACCES)
		outcome->pages_shared += n_pages;
	else if (result == -ENOENT || result == -EFAULT)
		outcome->pages_absent += n_pages;
	else if (result == -ENOMEM)
		outcome->pages_no_room += n_pages;
	else
		outcome->pages_failed += n_pages;
}

void booking_add_residency(struct move_outcome *outcome, const int *status, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (status[i] < 0) {
			outcome->pages_absent++;
			continue;
		}
		outcome->pages_present++;
		if (status[i] == outcome->to_node_id)
			outcome->pages_already++;
	}
}

void booking_add_call(struct move_outcome *outcome, uint64_t usec, uint64_t run_usec)
{
	outcome->n_calls++;
	outcome->busy_usec += usec;
	if (usec > outcome->longest_call_usec)
		outcome->longest_call_usec = usec;
	if (run_usec > outcome->longest_run_usec)
		outcome->longest_run_usec = run_usec;
}
