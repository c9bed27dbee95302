/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Move requests in the order they came, each with the place for its outcome. */
#pragma once

#include <stddef.h>

#include "act/mover.h"

struct job {
	struct job *next;
	struct move_request request;
	struct move_outcome outcome;
};

/* { 0 } is an empty queue. It owns its jobs, which are from malloc(3). */
struct job_queue {
	struct job *first, *last;
	size_t n;
};

void job_queue_push(struct job_queue *queue, struct job *job);

/* The oldest job, the caller's now; NULL when there is none. */
struct job *job_queue_pop(struct job_queue *queue);

/* Frees all jobs. */
void job_queue_drop(struct job_queue *queue);
