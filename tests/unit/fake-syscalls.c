/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/fake-syscalls.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/syscalls.h"

#define QUEUE_MAX 1024

static const char *const call_name[_FAKE_CALL_MAX] = {
	[FAKE_PERF_EVENT_OPEN] = "perf_event_open", [FAKE_MOVE_PAGES] = "move_pages",
	[FAKE_MIGRATE_PAGES] = "migrate_pages",     [FAKE_PIDFD_OPEN] = "pidfd_open",
	[FAKE_PROCESS_VM_READ] = "process_vm_read", [FAKE_SCHED_GETAFFINITY] = "sched_getaffinity",
	[FAKE_SET_THREAD_NICE] = "set_thread_nice", [FAKE_GETTID] = "gettid",
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fake_expectation queue[QUEUE_MAX];
static size_t queue_first, queue_last;
static unsigned calls[_FAKE_CALL_MAX];
static unsigned failures;

long (*fake_move_pages_handler)(pid_t, size_t, void *const *, const int *, int *, int);
long (*fake_migrate_pages_handler)(pid_t, unsigned long, const unsigned long *,
				   const unsigned long *);
int (*fake_pidfd_open_handler)(pid_t);
ssize_t (*fake_process_vm_read_handler)(pid_t, uint64_t, void *, size_t);
int (*fake_sched_getaffinity_handler)(pid_t, size_t, void *);
int (*fake_perf_event_open_handler)(struct perf_event_attr *, pid_t, int, int, unsigned long);
int (*fake_set_thread_nice_handler)(int);

struct region {
	pid_t pid;
	uint64_t start;
	size_t n_pages;
	bool is_huge;
	int *node;
	int *refusal;
	struct region *next;
};

static struct region *regions;
static size_t room[64];
static bool has_room_limit[64];

static void lock_release(pthread_mutex_t **mutex)
{
	pthread_mutex_unlock(*mutex);
}

#define LOCKED()                                                                                   \
	_cleanup_(lock_release) __attribute__((unused)) pthread_mutex_t *held = &lock;             \
	pthread_mutex_lock(held)

static void fail(const char *name, const char *what, long long got, long long want)
{
	failures++;
	printf("# fake %s: %s: got %lld, want %lld\n", name, what, got, want);
}

static void check(enum fake_call call, const char *what, uint64_t got, uint64_t want)
{
	if (want && got != want)
		fail(call_name[call], what, (long long)got, (long long)want);
}

/* Takes the next expectation if it is for this call. */
static bool take(enum fake_call call, struct fake_expectation *ret_expectation)
{
	if (queue_first == queue_last) {
		failures++;
		printf("# fake %s: nothing was expected any more\n", call_name[call]);
		return false;
	}
	if (queue[queue_first].call != call) {
		failures++;
		printf("# fake %s: the next expected call is %s\n", call_name[call],
		       call_name[queue[queue_first].call]);
		return false;
	}
	*ret_expectation = queue[queue_first++];
	return true;
}

static void count(enum fake_call call)
{
	LOCKED();
	calls[call]++;
}

static void copy_out(const struct fake_expectation *expected, void *to, size_t size)
{
	if (expected->data && to)
		memcpy(to, expected->data,
		       expected->data_bytes < size ? expected->data_bytes : size);
}

void fake_expect(const struct fake_expectation *expectation)
{
	LOCKED();
	if (queue_last == QUEUE_MAX) {
		failures++;
		printf("# fake: more than %d expectations\n", QUEUE_MAX);
		return;
	}
	queue[queue_last++] = *expectation;
}

unsigned fake_calls(enum fake_call call)
{
	LOCKED();
	return calls[call];
}

static void regions_free(void)
{
	while (regions) {
		struct region *next = regions->next;

		free(regions->node);
		free(regions->refusal);
		free(regions);
		regions = next;
	}
}

void fake_syscalls_reset(void)
{
	LOCKED();
	queue_first = queue_last = 0;
	failures = 0;
	memset(calls, 0, sizeof(calls));
	memset(has_room_limit, 0, sizeof(has_room_limit));
	regions_free();
	fake_move_pages_handler = NULL;
	fake_migrate_pages_handler = NULL;
	fake_pidfd_open_handler = NULL;
	fake_process_vm_read_handler = NULL;
	fake_sched_getaffinity_handler = NULL;
	fake_perf_event_open_handler = NULL;
	fake_set_thread_nice_handler = NULL;
}

static bool is_clean(void)
{
	LOCKED();
	for (size_t i = queue_first; i < queue_last; i++)
		printf("# fake %s: expected, but never called\n", call_name[queue[i].call]);
	return !failures && queue_first == queue_last;
}

bool fake_syscalls_finish(void)
{
	bool clean = is_clean();

	fake_syscalls_reset();
	return clean;
}

__attribute__((destructor)) static void check_at_exit(void)
{
	if (!is_clean()) {
		printf("Bail out! the fake system calls were not used as expected\n");
		fflush(stdout);
		_exit(EXIT_FAILURE);
	}
	fake_syscalls_reset();
}

int sys_perf_event_open(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd,
			unsigned long flags)
{
	struct fake_expectation expected;

	count(FAKE_PERF_EVENT_OPEN);
	if (fake_perf_event_open_handler)
		return fake_perf_event_open_handler(attr, pid, cpu, group_fd, flags);

	LOCKED();
	if (!take(FAKE_PERF_EVENT_OPEN, &expected))
		return -ENOSYS;
	check(FAKE_PERF_EVENT_OPEN, "pid", (uint64_t)pid, (uint64_t)expected.pid);
	if (expected.check_cpu_plus_one && cpu + 1 != expected.check_cpu_plus_one)
		fail("perf_event_open", "cpu", cpu, expected.check_cpu_plus_one - 1);
	if (expected.check_perf &&
	    (attr->type != expected.perf_type || attr->config != expected.perf_config))
		fail("perf_event_open", "type or config", (long long)attr->config,
		     (long long)expected.perf_config);
	return (int)expected.result;
}

static void check_nodes(const struct fake_expectation *expected, size_t n, const int *nodes)
{
	if (expected->nodes == FAKE_NODES_QUERY && nodes)
		fail("move_pages", "a query was expected, not a move to", nodes[0], -1);
	if (expected->nodes != FAKE_NODES_TO)
		return;
	if (!nodes) {
		fail("move_pages", "a query, expected a move to", -1, expected->to_node);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (nodes[i] != expected->to_node) {
			fail("move_pages", "target node", nodes[i], expected->to_node);
			return;
		}
}

long sys_move_pages(pid_t pid, size_t n, void *const *pages, const int *nodes, int *status,
		    int flags)
{
	struct fake_expectation expected;

	count(FAKE_MOVE_PAGES);
	if (fake_move_pages_handler)
		return fake_move_pages_handler(pid, n, pages, nodes, status, flags);

	LOCKED();
	if (!take(FAKE_MOVE_PAGES, &expected))
		return -ENOSYS;
	check(FAKE_MOVE_PAGES, "pid", (uint64_t)pid, (uint64_t)expected.pid);
	check(FAKE_MOVE_PAGES, "count", n, expected.count);
	if (n)
		check(FAKE_MOVE_PAGES, "first page", (uintptr_t)pages[0], expected.address);
	check_nodes(&expected, n, nodes);
	if (expected.check_flags && flags != expected.flags)
		fail("move_pages", "flags", flags, expected.flags);
	copy_out(&expected, status, n * sizeof(*status));
	return expected.result;
}

long sys_migrate_pages(pid_t pid, unsigned long max_node, const unsigned long *from,
		       const unsigned long *to)
{
	struct fake_expectation expected;

	count(FAKE_MIGRATE_PAGES);
	if (fake_migrate_pages_handler)
		return fake_migrate_pages_handler(pid, max_node, from, to);

	LOCKED();
	if (!take(FAKE_MIGRATE_PAGES, &expected))
		return -ENOSYS;
	check(FAKE_MIGRATE_PAGES, "pid", (uint64_t)pid, (uint64_t)expected.pid);
	check(FAKE_MIGRATE_PAGES, "from", from[0], expected.from);
	check(FAKE_MIGRATE_PAGES, "to", to[0], expected.to);
	return expected.result;
}

int sys_pidfd_open(pid_t pid)
{
	struct fake_expectation expected;

	count(FAKE_PIDFD_OPEN);
	if (fake_pidfd_open_handler)
		return fake_pidfd_open_handler(pid);

	LOCKED();
	if (!take(FAKE_PIDFD_OPEN, &expected))
		return -ENOSYS;
	check(FAKE_PIDFD_OPEN, "pid", (uint64_t)pid, (uint64_t)expected.pid);
	return (int)expected.result;
}

ssize_t sys_process_vm_read(pid_t pid, uint64_t address, void *buffer, size_t length)
{
	struct fake_expectation expected;

	count(FAKE_PROCESS_VM_READ);
	if (fake_process_vm_read_handler)
		return fake_process_vm_read_handler(pid, address, buffer, length);

	LOCKED();
	if (!take(FAKE_PROCESS_VM_READ, &expected))
		return -ENOSYS;
	check(FAKE_PROCESS_VM_READ, "pid", (uint64_t)pid, (uint64_t)expected.pid);
	check(FAKE_PROCESS_VM_READ, "address", address, expected.address);
	check(FAKE_PROCESS_VM_READ, "length", length, expected.count);
	copy_out(&expected, buffer, length);
	return expected.result;
}

int sys_sched_getaffinity(pid_t tid, size_t size, void *mask)
{
	struct fake_expectation expected;

	count(FAKE_SCHED_GETAFFINITY);
	if (fake_sched_getaffinity_handler)
		return fake_sched_getaffinity_handler(tid, size, mask);

	LOCKED();
	if (!take(FAKE_SCHED_GETAFFINITY, &expected))
		return -ENOSYS;
	check(FAKE_SCHED_GETAFFINITY, "tid", (uint64_t)tid, (uint64_t)expected.pid);
	copy_out(&expected, mask, size);
	return (int)expected.result;
}

static bool is_next(enum fake_call call)
{
	return queue_first < queue_last && queue[queue_first].call == call;
}

int sys_set_thread_nice(int nice)
{
	struct fake_expectation expected;

	count(FAKE_SET_THREAD_NICE);
	if (fake_set_thread_nice_handler)
		return fake_set_thread_nice_handler(nice);

	LOCKED();
	if (!is_next(FAKE_SET_THREAD_NICE) || !take(FAKE_SET_THREAD_NICE, &expected))
		return 0;
	return (int)expected.result;
}

pid_t sys_gettid(void)
{
	struct fake_expectation expected;

	count(FAKE_GETTID);
	LOCKED();
	if (!is_next(FAKE_GETTID) || !take(FAKE_GETTID, &expected))
		return (pid_t)syscall(SYS_gettid);
	return (pid_t)expected.result;
}

static struct region *region_find(pid_t pid, uint64_t address, size_t *ret_index)
{
	for (struct region *r = regions; r; r = r->next) {
		uint64_t offset = address - r->start;

		if (r->pid == pid && address >= r->start && offset / FAKE_PAGE_BYTES < r->n_pages) {
			*ret_index = (size_t)(offset / FAKE_PAGE_BYTES);
			return r;
		}
	}
	return NULL;
}

static void map(pid_t pid, uint64_t start, size_t n_pages, int node, bool is_huge)
{
	struct region *r = calloc(1, sizeof(*r));
	int *nodes = calloc(n_pages, sizeof(*nodes));
	int *refusal = calloc(n_pages, sizeof(*refusal));

	if (!r || !nodes || !refusal)
		abort();
	for (size_t i = 0; i < n_pages; i++)
		nodes[i] = node;
	*r = (struct region){ pid, start, n_pages, is_huge, nodes, refusal, NULL };

	LOCKED();
	r->next = regions;
	regions = r;
	fake_move_pages_handler = fake_pages_move;
}

void fake_pages_map(pid_t pid, uint64_t start, size_t n_pages, int node)
{
	map(pid, start, n_pages, node, false);
}

void fake_pages_map_huge(pid_t pid, uint64_t start, size_t n_pages, int node)
{
	map(pid, start, n_pages, node, true);
}

void fake_pages_refuse(pid_t pid, uint64_t address, size_t n_pages, int error)
{
	LOCKED();
	for (size_t i = 0; i < n_pages; i++) {
		size_t index;
		struct region *r = region_find(pid, address + i * FAKE_PAGE_BYTES, &index);

		if (r)
			r->refusal[index] = error;
	}
}

void fake_pages_room(int node, size_t n_pages)
{
	LOCKED();
	room[node] = n_pages;
	has_room_limit[node] = true;
}

int fake_pages_node(pid_t pid, uint64_t address)
{
	LOCKED();
	size_t index;
	const struct region *r = region_find(pid, address, &index);

	return r ? r->node[index] : -ENOENT;
}

size_t fake_pages_count(pid_t pid, uint64_t start, size_t n_pages, int node)
{
	size_t n = 0;

	for (size_t i = 0; i < n_pages; i++)
		n += fake_pages_node(pid, start + i * FAKE_PAGE_BYTES) == node;
	return n;
}

void fake_pages_exit(pid_t pid)
{
	LOCKED();
	for (struct region *r = regions; r; r = r->next)
		if (r->pid == pid)
			r->pid = -1;
}

static bool pid_is_known(pid_t pid)
{
	for (const struct region *r = regions; r; r = r->next)
		if (r->pid == pid)
			return true;
	return false;
}

/* Moves the page, or the huge page around it. Returns true when the kernel would write a status. */
static bool move_one(struct region *r, size_t index, int node, int *status)
{
	size_t n = r->is_huge ? FAKE_HUGE_PAGES : 1, first = index / n * n;

	if (r->node[first] == node) {
		*status = node;
		return true;
	}
	for (size_t i = first; i < first + n; i++)
		if (r->refusal[i]) {
			*status = r->refusal[i];
			return true;
		}
	if (has_room_limit[node]) {
		if (room[node] < n)
			return false;
		room[node] -= n;
	}
	for (size_t i = first; i < first + n; i++)
		r->node[i] = node;
	*status = node;
	return true;
}

/* A second address of a huge page that is already isolated by this call cannot be isolated again.
 */
static bool is_listed_before(const struct region *r, void *const *pages, size_t i)
{
	const uint64_t huge = (uint64_t)FAKE_HUGE_PAGES * FAKE_PAGE_BYTES;
	uint64_t block = (uintptr_t)pages[i] / huge;

	return r->is_huge && i > 0 && (uintptr_t)pages[i - 1] / huge == block;
}

long fake_pages_move(pid_t pid, size_t n, void *const *pages, const int *nodes, int *status,
		     int flags)
{
	(void)flags;
	LOCKED();
	if (!pid_is_known(pid))
		return -ESRCH;
	for (size_t i = 0; i < n; i++) {
		size_t index;
		struct region *r = region_find(pid, (uintptr_t)pages[i], &index);

		if (!r) {
			status[i] = -ENOENT;
			continue;
		}
		if (!nodes) {
			status[i] = r->node[index];
			continue;
		}
		if (nodes[i] < 0 || nodes[i] >= (int)ELEMENTSOF(room))
			return -ENODEV;
		if (is_listed_before(r, pages, i) && status[i - 1] == nodes[i])
			status[i] = -EBUSY;
		else if (!move_one(r, index, nodes[i], &status[i]))
			return (long)(n - i);
	}
	return 0;
}
