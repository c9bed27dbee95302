/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/job-queue.h"

#include "tests/tap.h"

static void push(struct job_queue *queue, uint64_t ticket)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		abort();
	job->request.ticket = ticket;
	job_queue_push(queue, job);
}

static uint64_t pop(struct job_queue *queue)
{
	struct job *job = job_queue_pop(queue);
	uint64_t ticket = job ? job->request.ticket : 0;

	free(job);
	return ticket;
}

TEST(test_order, "jobs come out in the order they went in, and are counted")
{
	struct job_queue queue = { 0 };

	CHECK_INT(pop(&queue), 0);
	push(&queue, 1);
	push(&queue, 2);
	CHECK_INT(queue.n, 2);
	CHECK_INT(pop(&queue), 1);
	push(&queue, 3);
	CHECK_INT(pop(&queue), 2);
	CHECK_INT(pop(&queue), 3);
	CHECK_INT(pop(&queue), 0);
	push(&queue, 4);
	CHECK_INT(pop(&queue), 4);
	CHECK_INT(queue.n, 0);
}

TEST(test_drop, "dropping leaves an empty queue that works")
{
	struct job_queue queue = { 0 };

	push(&queue, 1);
	push(&queue, 2);
	job_queue_drop(&queue);
	CHECK_INT(queue.n, 0);
	push(&queue, 3);
	CHECK_INT(pop(&queue), 3);
}

TEST_MAIN()
