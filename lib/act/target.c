/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/target.h"

#include <errno.h>
#include <poll.h>

#include "base/cleanup.h"
#include "base/identity.h"
#include "base/syscalls.h"

int target_open(const struct root *root, pid_t pid, uint64_t start_time_ticks)
{
	uint64_t ticks;
	/* The pidfd first: if the start time is right after it was opened, it is this process's. */
	_cleanup_close_ int fd = sys_pidfd_open(pid);

	/* -EINVAL: the pid is a mere thread's now. */
	if (fd < 0)
		return fd == -EINVAL ? -ESRCH : fd;

	int r = identity_read_start_time(root, pid, &ticks);

	if (r < 0)
		return r;
	return ticks == start_time_ticks ? TAKE_FD(fd) : -ESRCH;
}

bool target_lives(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	/* It becomes readable when the process exits. */
	return poll(&p, 1, 0) == 0;
}
