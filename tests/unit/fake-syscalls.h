/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An expectation queue in place of lib/base/syscalls: the test says which calls come next, what
 * their key arguments are, and what the kernel answers. A call that nobody expected, or an
 * expectation that nobody used, fails the test: end each test with CHECK(fake_syscalls_finish()); a
 * program that forgets it exits 1. Safe to call from threads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct perf_event_attr;

enum fake_call {
	FAKE_PERF_EVENT_OPEN,
	FAKE_MOVE_PAGES,
	FAKE_MIGRATE_PAGES,
	FAKE_PIDFD_OPEN,
	FAKE_PROCESS_VM_READ,
	FAKE_SCHED_GETAFFINITY,
	FAKE_SET_THREAD_NICE, /* answers 0 where nothing is expected and there is no handler */
	FAKE_GETTID,          /* answers the real id then */
	_FAKE_CALL_MAX,
};

enum fake_nodes {
	FAKE_NODES_ANY,   /* not checked */
	FAKE_NODES_QUERY, /* move_pages with nodes == NULL */
	FAKE_NODES_TO,    /* move_pages with every nodes[i] == to_node */
};

/* Fields left 0 (or NULL) are not checked. */
struct fake_expectation {
	enum fake_call call;
	pid_t pid;        /* pid or tid */
	size_t count;     /* move_pages: pages; process_vm_read: length */
	uint64_t address; /* process_vm_read: address; move_pages: pages[0] */
	enum fake_nodes nodes;
	int to_node;
	bool check_flags;
	int flags;          /* move_pages */
	uint64_t from, to;  /* migrate_pages: first words of the masks */
	uint32_t perf_type; /* perf_event_open, checked with perf_config when check_perf */
	uint64_t perf_config;
	bool check_perf;
	int check_cpu_plus_one; /* perf_event_open: cpu + 1; 0: not checked */
	long result;            /* what the call returns: >= 0 or -errno */
	const void *data; /* copied out: int status[] of move_pages, bytes of process_vm_read, mask
			     of sched_getaffinity; must stay valid until used */
	size_t data_bytes;
};

/* Appends to the queue. */
void fake_expect(const struct fake_expectation *expectation);
#define FAKE_EXPECT(...) fake_expect(&(const struct fake_expectation){ __VA_ARGS__ })

/* Forgets expectations, handlers, page tables, counters and failures. */
void fake_syscalls_reset(void);

/* True when every expectation was used and nothing unexpected was called (says on stdout what was
 * wrong); resets. */
bool fake_syscalls_finish(void);

/* How often the call was made since the last reset. */
unsigned fake_calls(enum fake_call call);

/* While a handler is set it answers its call instead of the queue. Called without a lock, so it may
 * block; set them while no thread is in a call. */
extern long (*fake_move_pages_handler)(pid_t pid, size_t count, void *const *pages,
				       const int *nodes, int *status, int flags);
extern long (*fake_migrate_pages_handler)(pid_t pid, unsigned long max_node,
					  const unsigned long *from, const unsigned long *to);
extern int (*fake_pidfd_open_handler)(pid_t pid);
extern ssize_t (*fake_process_vm_read_handler)(pid_t pid, uint64_t address, void *buffer,
					       size_t length);
extern int (*fake_sched_getaffinity_handler)(pid_t tid, size_t size, void *mask);
extern int (*fake_perf_event_open_handler)(struct perf_event_attr *attr, pid_t pid, int cpu,
					   int group_fd, unsigned long flags);
extern int (*fake_set_thread_nice_handler)(int nice);

/* A simulated page table for move_pages. fake_pages_map() adds pages of 4096 bytes and makes
 * fake_pages_move() the handler. An address outside answers status -ENOENT; an unknown pid -ESRCH.
 */
#define FAKE_PAGE_BYTES 4096
#define FAKE_HUGE_PAGES 512
void fake_pages_map(pid_t pid, uint64_t start, size_t n_pages, int node);
/* The same as huge pages: any address of a block moves all its 512 pages; a second address of one
 * block in the same call is -EBUSY if the block moved. `start` is aligned to a huge page and
 * n_pages a multiple of 512. */
void fake_pages_map_huge(pid_t pid, uint64_t start, size_t n_pages, int node);
/* Moving this page (or its huge page) is answered with `error` (-EBUSY, -EACCES); a query still
 * tells its node. 0 heals it. */
void fake_pages_refuse(pid_t pid, uint64_t address, size_t n_pages, int error);
/* From now on no page fits on `node` beyond `n_pages` more: the rest is left unmoved, statuses
 * unwritten, and counted in the positive result, as the kernel does. */
void fake_pages_room(int node, size_t n_pages);
/* The node of a page, or -ENOENT. */
int fake_pages_node(pid_t pid, uint64_t address);
/* How many of the pages are on the node. */
size_t fake_pages_count(pid_t pid, uint64_t start, size_t n_pages, int node);
/* Makes the process vanish: -ESRCH. */
void fake_pages_exit(pid_t pid);
long fake_pages_move(pid_t pid, size_t count, void *const *pages, const int *nodes, int *status,
		     int flags);
