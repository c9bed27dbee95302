/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holding on to one process, so that a reused pid is never taken for it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/root.h"

/* Opens the process that has this pid and start time. Returns a pidfd or -errno (-ESRCH: gone, or
 * another process now). */
int target_open(const struct root *root, pid_t pid, uint64_t start_time_ticks);

/* True until it exits; its pid is its own for so long. */
bool target_lives(int pidfd);
