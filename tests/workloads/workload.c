/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A workload with known NUMA behaviour: starts its processes, waits until their memory is placed,
 * has them watched. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workload.h"

#define EXIT_USAGE   2
#define EXIT_MACHINE 3

static int start_processes(struct plan *plan)
{
	for (unsigned process = 0; process < plan->n_processes; process++) {
		pid_t pid = fork();

		if (pid < 0)
			return -errno;
		if (pid == 0)
			worker_process(plan, process);
		plan->pid[process] = pid;
	}
	return 0;
}

static int wait_until_placed(const struct plan *plan)
{
	while (atomic_load(&plan->control->workers_ready) < plan->n_workers) {
		if (waitpid(-1, NULL, WNOHANG) != 0)
			return -ECHILD;
		sleep_nsec(5000000);
	}
	sleep_nsec((uint64_t)(plan->options->settle_seconds * 1e9));
	return 0;
}

static void end_processes(const struct plan *plan, bool in_peace)
{
	for (unsigned i = 0; i < plan->n_processes && plan->pid[i] > 0; i++) {
		if (!in_peace)
			kill(plan->pid[i], SIGKILL);
		waitpid(plan->pid[i], NULL, 0);
	}
}

static int run(struct plan *plan)
{
	/* the monitor stays away from the workers' node */
	int r = nodes_pin(plan->nodes, 0, 0);

	if (r == 0)
		r = start_processes(plan);
	if (r == 0)
		r = wait_until_placed(plan);
	if (r == 0)
		r = monitor_run(plan);
	end_processes(plan, r == 0);
	return r;
}

static bool machine_suits(const struct spec *spec, const struct nodes *nodes)
{
	if (nodes->count >= spec->min_nodes)
		return true;
	fprintf(stderr, "workload: %s needs %u nodes with CPUs and memory, this machine has %u\n",
		spec->name, spec->min_nodes, nodes->count);
	return false;
}

int main(int argc, char **argv)
{
	static struct nodes nodes;
	static struct plan plan;
	struct options options;
	int r = options_parse(argc, argv, &options);

	if (r != 0)
		return r > 0 ? 0 : EXIT_USAGE;
	if (nodes_read(&nodes) < 0)
		nodes.count = 0;
	if (!machine_suits(options.spec, &nodes))
		return EXIT_MACHINE;
	r = plan_make(&options, &nodes, &plan);
	if (r == 0)
		r = run(&plan);
	plan_done(&plan);
	if (r == -ECHILD)
		fputs("workload: a worker process ended early\n", stderr);
	else if (r < 0)
		fprintf(stderr, "workload: %s\n", strerror(-r));
	return r < 0 ? 1 : 0;
}
