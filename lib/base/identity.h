/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What makes a pid one process and no other: its start time. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/root.h"

/* Field 22 of /proc/PID/stat. 0, -ESRCH (vanished), -EBADMSG (not such a file), or another -errno.
 */
int identity_read_start_time(const struct root *root, pid_t pid, uint64_t *ret_ticks);
