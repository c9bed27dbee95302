/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On which node pages lie. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/topology.h"

/* Asks move_pages(2), without moving anything, where the pages of `addresses` are: node index, or
 * NODE_NONE for a page that is not there now, is on the move, or is the zero page ("ask again
 * later", not "gone"). Returns how many are known, or -errno of the whole call (-ESRCH: it
 * vanished; -EPERM). */
ssize_t residency_query(const struct topology *topology, pid_t pid, const uint64_t *addresses,
			size_t n, int8_t *ret_nodes);
