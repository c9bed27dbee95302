/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The manager owns all state and runs the loop. Its tick reads: observe, decide, act, report; each
 * of these is one file of this folder (watch.c, decide.c, apply.c, report.c). */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "act/mover.h"
#include "base/root.h"
#include "config/config.h"
#include "daemon/messages.h"
#include "daemon/options.h"
#include "daemon/tracker.h"
#include "decide/price.h"
#include "decide/rate.h"
#include "model/plan.h"
#include "model/topology.h"
#include "observe/machine.h"
#include "sampling/sampler.h"

/* We look this many times in an `interval`; evidence of remote memory is acted upon at the next
 * look. */
#define MANAGER_LOOKS_PER_INTERVAL 5
/* Samples kept of one look; more are dropped and counted. */
#define MANAGER_SAMPLES_MAX 32768
/* Machine-wide memory pressure (PSI "some" of 10 s) above which nothing is moved. */
#define MANAGER_PRESSURE_MAX_PERMYRIAD 1000

struct counters {
	uint64_t samples, samples_dropped, samples_unplaced, samples_located;
	uint64_t pages_moved, pages_refused, pages_vanished, moves_submitted, calls;
	uint64_t plans, plan_usec;
};

struct located_sample {
	struct sample sample;
	double usec;  /* CPU time it stands for */
	float weight; /* the accesses of one tick are one piece of evidence together */
};

struct manager {
	const struct options *options;
	struct root root;
	struct config *config;
	struct topology topology;
	struct node_room room[TOPOLOGY_MAX_NODES];
	uint64_t topology_usec, settled_usec;
	bool is_pressed; /* memory pressure: move nothing */
	struct tracker *tracker;
	struct operand_decoder *decoder;
	struct sampler *sampler; /* NULL: nothing to place, or no source works */
	struct rate rate;
	uint64_t rate_window_usec,
		rate_cpu_usec; /* start of the window: time, CPU time of this thread */
	uint64_t look_usec;    /* time of the look in progress */
	uint64_t sampling_cpu_usec, sampling_records, throttled_before; /* in the window */
	struct mover *mover;
	struct located_sample *samples;
	size_t n_samples;
	bool rate_was_hunting; /* at the last change of the rate */
	bool is_hunting;       /* something is remote that evidence may help to place */
	size_t n_hunted;      /* objects with remote accesses that may be moved, at the last look */
	uint64_t useful_usec; /* when there last was a move to make, or something new to hunt */
	struct price price;
	struct messenger messenger;
	struct counters counters;
	uint64_t status_usec, no_room_usec;
	sd_event *event;
	sd_event_source *timer;
	bool has_knobs;
	int exit_code;
};

/* Makes a manager for options and a configuration that it takes over. 0 or -errno. */
int manager_new(struct manager **ret_manager, const struct options *options, struct config *config);
struct manager *manager_free(struct manager *manager);
DEFINE_CLEANUP(struct manager, manager_free)

/* Opens the best source of samples that works, or the configured one. 0, or -errno when none does;
 * what was tried is told by report_source(). */
int manager_start_sampling(struct manager *manager);

/* Runs the service until SIGTERM or SIGINT. Returns the exit code. */
int manager_run(struct manager *manager);

/* Observes one window and prints the plan. Returns the exit code. */
int manager_once(struct manager *manager);

/* observe: reads the rings into heat. */
void watch_samples(struct manager *manager, uint64_t now_usec);
void watch_machine(struct manager *manager, uint64_t now_usec);
void watch_room(struct manager *manager);

/* decide: heat, room and rules -> plan. 0 or -errno. */
int decide_moves(struct manager *manager, uint64_t now_usec, struct plan *ret_plan);

/* act: hands the plan to the mover; books what came back. */
void apply_plan(struct manager *manager, const struct plan *plan, uint64_t now_usec);
void apply_outcomes(struct manager *manager, uint64_t now_usec);
void apply_kernel_balancing(struct manager *manager);
void apply_restore(struct manager *manager);

/* report */
void report_started(struct manager *manager);
void report_stopped(struct manager *manager);
void report_source(struct manager *manager);
void report_moves(struct manager *manager, uint64_t now_usec);
void report_verdicts(struct manager *manager, uint64_t now_usec);
void report_no_room(struct manager *manager, const struct plan *plan);
void report_status(struct manager *manager, uint64_t now_usec);
void report_would_move(struct manager *manager, struct object *object, const struct move *move,
		       uint64_t now_usec);
void report_plan(struct manager *manager, const struct plan *plan, FILE *f);
double report_locality(struct manager *manager); /* of everything placed; < 0: unknown */

/* "process 123 (name)" or "shared object 8:1:4711" */
void report_object_name(struct manager *manager, const struct object *object, char *buffer,
			size_t size);

/* --probe. Returns the exit code. */
int probe_run(const struct options *options);
