/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The workload program's nouns: what is to run, on which nodes, on which memory, and what its
 * workers count. */
#pragma once

#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "stalls.h"

#define BLOCK_BYTES   (2UL << 20)
#define PAGE_BYTES    4096UL
#define MAX_NODES     64u
#define MAX_WORKERS   128u
#define MAX_MEGABYTES 65536u
#define MAX_SECONDS   3600.0

/* A node that has CPUs and memory. */
struct node {
	unsigned id;
	cpu_set_t cpus;
};

struct nodes {
	unsigned count;
	struct node node[MAX_NODES];
};

enum where {
	ON_AWAY,          /* all workers on the second node */
	ON_EACH,          /* one worker per node, in turn */
	ON_HOME_AND_AWAY, /* processes alternate between the first and the second node */
};

enum part {
	OWN_PART, /* each worker of a process has its share of the blocks */
	WHOLE,    /* all workers of a process use all blocks */
	HOT_PART, /* a tenth of the blocks, shared out between the workers */
};

enum pattern { SWEEP, RANDOM, CHASE };

enum memory { BASE_PAGES, HUGE_PAGES, MEMFD, POSIX_SHM };

struct spec {
	const char *name;
	const char *summary;
	unsigned min_nodes;
	unsigned processes;
	unsigned workers; /* per process; 0: as many as there are nodes */
	enum where where;
	enum part part;
	enum pattern pattern;
	enum memory memory;
	bool touched_by_user;       /* placed by its user from the start, not by the first node */
	bool swaps;                 /* half way, each worker goes to the next node */
	bool pauses;                /* works only in the first half of each second */
	unsigned process_megabytes; /* where the size is per process and fixed; 0: --megabytes */
};

struct options {
	const struct spec *spec;
	double seconds;
	double settle_seconds;
	double tick_seconds;
	double hold_seconds; /* of 99 % before --until-local ends a phase */
	unsigned megabytes;
	unsigned processes;
	unsigned samples;
	bool until_local;
	bool unpinned;
	bool main_works;
};

/* Written by one worker, read by the monitor; lies in memory shared by all processes. */
struct tally {
	_Atomic(uint64_t) chunks_on[MAX_NODES]; /* by node id */
	struct stalls stalls;
	_Atomic(pid_t) tid;
};

struct control {
	_Atomic(unsigned) workers_ready;
	_Atomic(uint64_t) start_nsec; /* 0: not yet */
	_Atomic(bool) stop;
	_Atomic(uintptr_t) base[MAX_WORKERS]; /* of each process's memory */
	struct tally tally[MAX_WORKERS];
};

/* Blocks and the workers that use them. */
struct group {
	unsigned process;
	unsigned first_worker, n_workers;
	const uint32_t *blocks;
	size_t n_blocks;
};

struct plan {
	const struct options *options;
	const struct spec *spec;
	const struct nodes *nodes;
	struct control *control;
	unsigned n_processes, n_workers, n_groups;
	unsigned workers_per_process;
	size_t process_blocks;
	uint32_t *blocks; /* those in use, the same in every process */
	size_t n_blocks;
	int shared_fd; /* -1: each process has its own memory */
	struct group group[MAX_WORKERS];
	unsigned worker_node[MAX_WORKERS]; /* index into nodes */
	unsigned worker_group[MAX_WORKERS];
	pid_t pid[MAX_WORKERS]; /* of each process */
};

/* catalog.c */
const struct spec *catalog_find(const char *name);
void catalog_print(void);

/* options.c: 0; -EINVAL after a message about bad usage; 1 after --help. */
int options_parse(int argc, char **argv, struct options *ret_options);

/* nodes.c */
int nodes_read(struct nodes *ret_nodes);
int nodes_pin(const struct nodes *nodes, unsigned index, pid_t tid);

/* plan.c */
int plan_make(const struct options *options, const struct nodes *nodes, struct plan *ret_plan);
void plan_done(struct plan *plan);
uint64_t random_next(uint64_t *state);

/* memory.c */
int memory_make_shared(enum memory memory, size_t bytes, int *ret_fd);
int memory_map(const struct plan *plan, unsigned process);
int memory_touch(const struct plan *plan, unsigned process);

/* worker.c: the life of one worker process; does not return. */
_Noreturn void worker_process(const struct plan *plan, unsigned process);

/* pattern.c */
struct cursor {
	enum pattern pattern;
	uintptr_t base;
	const struct group *group;
	size_t block;      /* SWEEP: index of the block in the group */
	size_t offset;     /* SWEEP: within the block */
	uint64_t random;   /* RANDOM: state */
	uintptr_t pointer; /* CHASE: where the last load led */
};
void pattern_build_chase(uintptr_t base, const struct group *group);
void pattern_start(struct cursor *cursor, enum pattern pattern, uintptr_t base,
		   const struct group *group, unsigned nth, unsigned of);
void pattern_chunk(struct cursor *cursor);

/* monitor.c: runs the clock of the work phase and prints. */
int monitor_run(struct plan *plan);

/* clock */
uint64_t now_nsec(void);
void sleep_nsec(uint64_t nsec);
