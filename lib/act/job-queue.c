/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/job-queue.h"

#include <stdlib.h>

void job_queue_push(struct job_queue *queue, struct job *job)
{
	job->next = NULL;
	if (queue->last)
		queue->last->next = job;
	else
		queue->first = job;
	queue->last = job;
	queue->n++;
}

struct job *job_queue_pop(struct job_queue *queue)
{
	struct job *job = queue->first;

	if (!job)
		return NULL;
	queue->first = job->next;
	if (!queue->first)
		queue->last = NULL;
	queue->n--;
	return job;
}

void job_queue_drop(struct job_queue *queue)
{
	struct job *job;

	while ((job = job_queue_pop(queue)))
		free(job);
}
