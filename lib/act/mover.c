/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "act/mover.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "act/job-queue.h"
#include "act/slice.h"
#include "base/clock.h"
#include "base/syscalls.h"
#include "decide/pace.h"

/* Who touches a page on the move waits until the worker has mapped it again, so on a busy machine
 * the worker must not wait for a CPU itself. */
#define WORKER_NICE        (-10)
#define WORKER_STACK_BYTES (512U * 1024)

/* A thread copies at most about 1 GB/s of 4 KiB pages, and its queries and calls leave it waiting
 * in between: two share a node's requests, each with its own half of the addresses, so that they
 * never meet in one extent. */
#define LANES      2
#define LANE_SHIFT 25 /* 32 MiB */
#define NODES_MAX  64

struct node_bucket {
	int node_id;
	struct pace_bucket bucket; /* under the mover's lock */
};

struct worker {
	struct worker *next;
	struct mover *mover;
	int node_id;
	unsigned lane;
	pthread_t thread;
	pthread_cond_t changed; /* of everything below and of mover->stopping */
	struct job_queue waiting;
	struct job *running;
	size_t n_uncollected;
	bool cancel_running;
	struct pace pace;           /* the thread's own */
	struct node_bucket *bucket; /* the node's */
};

struct mover {
	pthread_mutex_t lock; /* of everything that is not the threads' own or constant */
	struct root root;
	struct slice_machine machine;
	struct pace pace; /* what the workers measured last; new ones start from it */
	int event_fd;
	bool stopping;
	struct worker *workers;
	struct node_bucket buckets[NODES_MAX];
	unsigned n_buckets;
	struct job_queue done;
};

static void wait_until(struct worker *worker, uint64_t usec)
{
	struct timespec until = {
		.tv_sec = (time_t)(usec / USEC_PER_SEC),
		.tv_nsec = (long)(usec % USEC_PER_SEC * NSEC_PER_USEC),
	};

	pthread_cond_timedwait(&worker->changed, &worker->mover->lock, &until);
}

/* The governor of slice_run(): holds the bandwidth, and wakes at once when the request is to end.
 */
static int before_call(void *userdata, uint64_t bytes)
{
	struct worker *worker = userdata;
	struct mover *mover = worker->mover;
	uint64_t rate = worker->running->request.bandwidth_bytes_per_sec;
	int r = 0;

	pthread_mutex_lock(&mover->lock);
	for (;;) {
		if (mover->stopping || worker->cancel_running) {
			r = -ECANCELED;
			break;
		}

		uint64_t now_usec = clock_now_usec();
		uint64_t wait_usec =
			pace_bucket_wait_usec(&worker->bucket->bucket, rate, bytes, now_usec);

		if (!wait_usec)
			break;
		wait_until(worker, now_usec + wait_usec);
	}
	pthread_mutex_unlock(&mover->lock);
	return r;
}

static void after_call(void *userdata, uint64_t moved_bytes)
{
	struct worker *worker = userdata;

	pthread_mutex_lock(&worker->mover->lock);
	pace_bucket_take(&worker->bucket->bucket, moved_bytes);
	worker->mover->pace = worker->pace;
	pthread_mutex_unlock(&worker->mover->lock);
}

/* The next job, or NULL when the mover stops. */
static struct job *take_job(struct worker *worker)
{
	struct mover *mover = worker->mover;

	pthread_mutex_lock(&mover->lock);
	while (!mover->stopping && !worker->waiting.n)
		pthread_cond_wait(&worker->changed, &mover->lock);
	worker->cancel_running = false;
	worker->running = mover->stopping ? NULL : job_queue_pop(&worker->waiting);

	struct job *job = worker->running;

	pthread_mutex_unlock(&mover->lock);
	return job;
}

static void finish_job(struct worker *worker, struct job *job)
{
	struct mover *mover = worker->mover;
	uint64_t one = 1;

	pthread_mutex_lock(&mover->lock);
	worker->running = NULL;
	worker->n_uncollected++;
	job_queue_push(&mover->done, job);
	/* It cannot fail: the counter is far from full, and mover_collect() empties it. */
	if (write(mover->event_fd, &one, sizeof(one)) < 0)
		one = 0;
	pthread_mutex_unlock(&mover->lock);
}

static void *work(void *userdata)
{
	struct worker *worker = userdata;
	const struct slice_governor governor = { before_call, after_call, worker };
	struct job *job;

	sys_set_thread_nice(WORKER_NICE);
	while ((job = take_job(worker))) {
		slice_run(&worker->mover->machine, &governor, &worker->pace, &job->request,
			  &job->outcome);
		finish_job(worker, job);
	}
	return NULL;
}

static int start_thread(struct worker *worker)
{
	pthread_attr_t attr;
	sigset_t all, before;
	int r = pthread_attr_init(&attr);

	if (r)
		return -r;
	pthread_attr_setstacksize(&attr, WORKER_STACK_BYTES);
	/* Signals belong to the owner's loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&worker->thread, &attr, work, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (r)
		return r == EAGAIN || r == ENOMEM ? -r : -EAGAIN;

	char name[16];

	snprintf(name, sizeof(name), "mover-node%d", worker->node_id);
	pthread_setname_np(worker->thread, name);
	return 0;
}

static int init_condition(pthread_cond_t *condition)
{
	pthread_condattr_t attr;
	int r = pthread_condattr_init(&attr);

	if (r)
		return -r;
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	r = pthread_cond_init(condition, &attr);
	pthread_condattr_destroy(&attr);
	return -r;
}

static struct node_bucket *bucket_get(struct mover *mover, int node_id)
{
	for (unsigned i = 0; i < mover->n_buckets; i++)
		if (mover->buckets[i].node_id == node_id)
			return &mover->buckets[i];
	if (mover->n_buckets == NODES_MAX)
		return NULL;
	mover->buckets[mover->n_buckets] = (struct node_bucket){ .node_id = node_id };
	return &mover->buckets[mover->n_buckets++];
}

static unsigned lane_of(const struct move_request *request)
{
	return (unsigned)(request->start >> LANE_SHIFT) % LANES;
}

static struct worker *worker_find(struct mover *mover, const struct move_request *request)
{
	for (struct worker *w = mover->workers; w; w = w->next)
		if (w->node_id == request->to_node_id && w->lane == lane_of(request))
			return w;
	return NULL;
}

/* Starts the worker for a request. The lock is held. */
static int worker_new(struct mover *mover, const struct move_request *request,
		      struct worker **ret_worker)
{
	_cleanup_free_ struct worker *worker = calloc(1, sizeof(*worker));

	if (!worker)
		return -ENOMEM;
	worker->mover = mover;
	worker->node_id = request->to_node_id;
	worker->lane = lane_of(request);
	worker->pace = mover->pace;
	worker->bucket = bucket_get(mover, request->to_node_id);
	if (!worker->bucket)
		return -ENOBUFS;

	int r = init_condition(&worker->changed);

	if (r < 0)
		return r;
	r = start_thread(worker);
	if (r < 0) {
		pthread_cond_destroy(&worker->changed);
		return r;
	}
	worker->next = mover->workers;
	mover->workers = worker;
	*ret_worker = TAKE_PTR(worker);
	return 0;
}

static struct worker *worker_free(struct worker *worker)
{
	pthread_join(worker->thread, NULL);
	pthread_cond_destroy(&worker->changed);
	job_queue_drop(&worker->waiting);
	free(worker);
	return NULL;
}

int mover_new(struct mover **ret_mover, const struct root *root, uint32_t page_bytes,
	      uint64_t huge_page_bytes, unsigned run_pages_max)
{
	_cleanup_(mover_freep) struct mover *mover = NULL;

	if (!page_bytes || huge_page_bytes % page_bytes)
		return -EINVAL;
	mover = calloc(1, sizeof(*mover));
	if (!mover)
		return -ENOMEM;
	pthread_mutex_init(&mover->lock, NULL);
	mover->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	mover->root.fd = fcntl(root->fd, F_DUPFD_CLOEXEC, 3);
	if (mover->event_fd < 0 || mover->root.fd < 0)
		return -errno;
	mover->machine = (struct slice_machine){
		.root = &mover->root,
		.page_bytes = page_bytes,
		.pages_per_huge = huge_page_bytes ? (unsigned)(huge_page_bytes / page_bytes) : 1,
	};
	pace_init(&mover->pace, run_pages_max, page_bytes, huge_page_bytes);
	*ret_mover = TAKE_PTR(mover);
	return 0;
}

static void stop(struct mover *mover)
{
	pthread_mutex_lock(&mover->lock);
	mover->stopping = true;
	for (struct worker *w = mover->workers; w; w = w->next)
		pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&mover->lock);
}

struct mover *mover_free(struct mover *mover)
{
	if (!mover)
		return NULL;
	stop(mover);
	while (mover->workers) {
		struct worker *next = mover->workers->next;

		worker_free(mover->workers);
		mover->workers = next;
	}
	job_queue_drop(&mover->done);
	if (mover->event_fd >= 0)
		close(mover->event_fd);
	root_close(&mover->root);
	pthread_mutex_destroy(&mover->lock);
	free(mover);
	return NULL;
}

int mover_fd(const struct mover *mover)
{
	return mover->event_fd;
}

static bool request_is_valid(const struct mover *mover, const struct move_request *request)
{
	return request->pid > 0 && request->to_node_id >= 0 && request->start < request->end &&
	       request->start % mover->machine.page_bytes == 0 &&
	       request->end % mover->machine.page_bytes == 0;
}

static int submit(struct mover *mover, struct job *job)
{
	struct worker *worker = worker_find(mover, &job->request);
	int r = worker ? 0 : worker_new(mover, &job->request, &worker);

	if (r < 0)
		return r;
	if (worker->waiting.n + worker->n_uncollected >= MOVER_QUEUE_MAX)
		return -ENOBUFS;
	job_queue_push(&worker->waiting, job);
	pthread_cond_signal(&worker->changed);
	return 0;
}

int mover_submit(struct mover *mover, const struct move_request *request)
{
	_cleanup_free_ struct job *job = NULL;

	if (!request_is_valid(mover, request))
		return -EINVAL;
	job = malloc(sizeof(*job));
	if (!job)
		return -ENOMEM;
	*job = (struct job){ .request = *request };

	pthread_mutex_lock(&mover->lock);
	int r = submit(mover, job);

	if (r == 0)
		TAKE_PTR(job);
	pthread_mutex_unlock(&mover->lock);
	return r;
}

void mover_clear(struct mover *mover, bool cancel_running)
{
	pthread_mutex_lock(&mover->lock);
	for (struct worker *w = mover->workers; w; w = w->next) {
		job_queue_drop(&w->waiting);
		if (!cancel_running || !w->running)
			continue;
		w->cancel_running = true;
		pthread_cond_signal(&w->changed);
	}
	pthread_mutex_unlock(&mover->lock);
}

size_t mover_pending(struct mover *mover)
{
	size_t n = 0;

	pthread_mutex_lock(&mover->lock);
	for (const struct worker *w = mover->workers; w; w = w->next)
		n += w->waiting.n + (w->running ? 1 : 0);
	pthread_mutex_unlock(&mover->lock);
	return n;
}

static bool overlaps(const struct job *job, pid_t pid, uint64_t start, uint64_t end)
{
	return job->request.pid == pid && job->request.start < end && start < job->request.end;
}

bool mover_is_working_on(struct mover *mover, pid_t pid, uint64_t start, uint64_t end)
{
	bool is_working = false;

	pthread_mutex_lock(&mover->lock);
	for (const struct worker *w = mover->workers; w && !is_working; w = w->next)
		is_working = w->running && overlaps(w->running, pid, start, end);
	for (const struct job *job = mover->done.first; job && !is_working; job = job->next)
		is_working = overlaps(job, pid, start, end);
	pthread_mutex_unlock(&mover->lock);
	return is_working;
}

static void note_collected(struct mover *mover, const struct move_request *request)
{
	struct worker *worker = worker_find(mover, request);

	if (worker)
		worker->n_uncollected--;
}

size_t mover_collect(struct mover *mover, struct move_outcome *ret_outcomes, size_t max)
{
	struct job *job;
	uint64_t count;
	size_t n = 0;

	pthread_mutex_lock(&mover->lock);
	while (n < max && (job = job_queue_pop(&mover->done))) {
		ret_outcomes[n++] = job->outcome;
		note_collected(mover, &job->request);
		free(job);
	}
	/* The descriptor stays readable while outcomes are left. */
	if (!mover->done.n && read(mover->event_fd, &count, sizeof(count)) < 0)
		count = 0;
	pthread_mutex_unlock(&mover->lock);
	return n;
}

static double cost_usec(struct mover *mover, enum pace_kind kind)
{
	pthread_mutex_lock(&mover->lock);
	double cost = pace_cost_usec(&mover->pace, kind);

	pthread_mutex_unlock(&mover->lock);
	return cost;
}

double mover_page_cost_usec(struct mover *mover)
{
	return cost_usec(mover, PACE_BASE);
}

double mover_huge_cost_usec(struct mover *mover)
{
	return cost_usec(mover, PACE_HUGE);
}
