/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/syscalls.h"

#include <errno.h>
#include <numaif.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int sys_perf_event_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd,
			unsigned long flags)
{
	long fd = syscall(SYS_perf_event_open, attr, pid, cpu, group_fd,
			  flags | PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : (int)fd;
}

long sys_move_pages(pid_t pid, size_t count, void *const *pages, const int *nodes, int *status,
		    int flags)
{
	/* The wrapper's prototype lacks a const; neither it nor the kernel writes there. */
	long r = move_pages(pid, count, (void **)(uintptr_t)pages, nodes, status, flags);

	return r < 0 ? -errno : r;
}

long sys_migrate_pages(pid_t pid, unsigned long max_node, const unsigned long *from,
		       const unsigned long *to)
{
	/* The kernel decrements max_node before it counts bits. */
	long r = migrate_pages(pid, max_node + 1, from, to);

	return r < 0 ? -errno : r;
}

int sys_pidfd_open(pid_t pid)
{
	long fd = syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : (int)fd;
}

ssize_t sys_process_vm_read(pid_t pid, uint64_t address, void *buffer, size_t length)
{
	struct iovec local = { .iov_base = buffer, .iov_len = length };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)address, .iov_len = length };
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	return n < 0 ? -errno : n;
}

int sys_sched_getaffinity(pid_t tid, size_t size, void *mask)
{
	long n = syscall(SYS_sched_getaffinity, tid, size, mask);

	return n < 0 ? -errno : (int)n;
}

int sys_set_thread_nice(int nice)
{
	/* On Linux who = 0 is the calling thread, not the whole process. */
	return setpriority(PRIO_PROCESS, 0, nice) < 0 ? -errno : 0;
}

pid_t sys_gettid(void)
{
	return (pid_t)syscall(SYS_gettid);
}
