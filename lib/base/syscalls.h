/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The raw system calls that act on other processes and on perf, as 0 or -errno. This object is the
 * seam for tests: they link a fake of the whole file in its place. libnuma is used here only. */
#pragma once

#include <linux/perf_event.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

/* perf_event_open(2). Returns the descriptor (close-on-exec) or -errno. */
int sys_perf_event_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd,
			unsigned long flags);

/* move_pages(2). `nodes` NULL: only asks where the pages are. Returns the kernel's result: 0, the
 * number of pages that were not moved (> 0, those never attempted included), or -errno. */
long sys_move_pages(pid_t pid, size_t count, void *const *pages, const int *nodes, int *status,
		    int flags);

/* migrate_pages(2), masks of `max_node` bits. Pages not moved (>= 0) or -errno. */
long sys_migrate_pages(pid_t pid, unsigned long max_node, const unsigned long *from,
		       const unsigned long *to);

/* pidfd_open(2). Descriptor or -errno. */
int sys_pidfd_open(pid_t pid);

/* Reads `length` bytes at `address` of a process. Bytes read (may be short) or -errno. */
ssize_t sys_process_vm_read(pid_t pid, uint64_t address, void *buffer, size_t length);

/* sched_getaffinity(2) of any thread; `mask` has `size` bytes. Bytes filled in or -errno. */
int sys_sched_getaffinity(pid_t tid, size_t size, void *mask);

/* setpriority(2) of the calling thread only. 0 or -errno. */
int sys_set_thread_nice(int nice);

/* The id of the calling thread. */
pid_t sys_gettid(void);
