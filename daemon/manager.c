/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/manager.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "sampling/code-reader.h"

#define TOPOLOGY_USEC       5000000ULL
#define LOOK_PAUSE_MAX_USEC 5000000ULL
#define ONCE_WINDOW_USEC    3000000ULL
#define HUGE_PAGE_BYTES     EXTENT_BYTES
#define CODE_CACHE_SHARE    4 /* a quarter of max_memory for code and decoded instructions */

/* From 6.3 on the kernel unmaps up to 512 pages before it copies them; before, one by one. */
static unsigned pages_unmapped_at_a_time(void)
{
	struct utsname name;
	char *rest;

	if (uname(&name) < 0)
		return 512;

	unsigned long major = strtoul(name.release, &rest, 10);
	unsigned long minor = *rest == '.' ? strtoul(rest + 1, NULL, 10) : 0;

	return major > 6 || (major == 6 && minor >= 3) ? 512 : 1;
}

struct manager *manager_free(struct manager *manager)
{
	if (!manager)
		return NULL;
	mover_free(manager->mover);
	sampler_free(manager->sampler);
	operand_decoder_free(manager->decoder);
	tracker_free(manager->tracker);
	config_free(manager->config);
	sd_event_source_unref(manager->timer);
	sd_event_unref(manager->event);
	root_close(&manager->root);
	free(manager->samples);
	free(manager);
	return NULL;
}

static int open_parts(struct manager *manager)
{
	int r = root_open(&manager->root, manager->options->root);

	if (r < 0)
		return r;
	r = machine_read_topology(&manager->root, &manager->topology);
	if (r < 0)
		return r;
	r = mover_new(&manager->mover, &manager->root, manager->topology.page_bytes,
		      HUGE_PAGE_BYTES, pages_unmapped_at_a_time());
	if (r < 0)
		return r;
	manager->tracker = tracker_new(&manager->root, &manager->topology);
	manager->decoder = operand_decoder_new(manager->config->max_memory_bytes / CODE_CACHE_SHARE,
					       code_read, &manager->topology.page_bytes);
	manager->samples = calloc(MANAGER_SAMPLES_MAX, sizeof(*manager->samples));
	if (!manager->tracker || !manager->decoder || !manager->samples)
		return -ENOMEM;
	tracker_set_rules(manager->tracker, manager->config, manager->options->observe);
	return 0;
}

int manager_new(struct manager **ret_manager, const struct options *options, struct config *config)
{
	struct manager *manager = calloc(1, sizeof(*manager));

	if (!manager) {
		config_free(config);
		return -ENOMEM;
	}
	manager->options = options;
	manager->config = config;
	manager->root.fd = -1;
	rate_init(&manager->rate);

	int r = open_parts(manager);

	if (r < 0) {
		manager_free(manager);
		return r;
	}
	*ret_manager = manager;
	return 0;
}

static bool has_something_to_place(const struct manager *manager)
{
	return topology_count_memory_nodes(&manager->topology) >= 2;
}

int manager_start_sampling(struct manager *manager)
{
	int error = -EOPNOTSUPP;

	manager->sampler = sampler_free(manager->sampler);
	for (int i = 0; i < _SOURCE_MAX; i++) {
		if (manager->config->source >= 0 && manager->config->source != i)
			continue;

		int r = sampler_new(&manager->sampler, sources[i], &manager->topology,
				    manager->rate.period_nsec);

		if (r >= 0)
			return 0;
		if (r != -EOPNOTSUPP)
			error = r;
	}
	return error;
}

static void start_sampling(struct manager *manager)
{
	if (!has_something_to_place(manager))
		return;
	(void)manager_start_sampling(manager);
	report_source(manager);
	apply_kernel_balancing(manager);
	manager->rate_window_usec = clock_now_usec();
	manager->rate_cpu_usec = clock_thread_cpu_usec();
}

/* CPUs and memory come and go: when the topology is another one, everything learned by node index
 * is void. */
static void watch_topology(struct manager *manager, uint64_t now_usec)
{
	struct topology topology;

	if (now_usec < manager->topology_usec + TOPOLOGY_USEC)
		return;
	manager->topology_usec = now_usec;
	memset(&topology, 0, sizeof(topology));
	if (machine_read_topology(&manager->root, &topology) < 0 ||
	    topology_equals(&topology, &manager->topology))
		return;
	mover_clear(manager->mover, true);
	tracker_clear(manager->tracker);
	manager->topology = topology;
	manager->sampler = sampler_free(manager->sampler);
	start_sampling(manager);
}

static void tick(struct manager *manager, uint64_t now_usec)
{
	struct plan plan = { 0 };

	watch_topology(manager, now_usec);
	watch_samples(manager, now_usec);
	watch_machine(manager, now_usec);
	apply_outcomes(manager, now_usec);
	if (manager->sampler && decide_moves(manager, now_usec, &plan) >= 0) {
		apply_plan(manager, &plan, now_usec);
		report_no_room(manager, &plan);
	}
	plan_done(&plan);
	report_moves(manager, now_usec);
	report_verdicts(manager, now_usec);
	report_status(manager, now_usec);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct manager *manager = userdata;

	(void)usec;
	uint64_t cpu_usec = clock_thread_cpu_usec();

	tick(manager, clock_now_usec());

	uint64_t now_usec = clock_now_usec();
	uint64_t wait_usec = manager->config->interval_usec / MANAGER_LOOKS_PER_INTERVAL;
	/* A look that was dear is followed by a pause that keeps the cap. */
	uint64_t least_usec =
		(clock_thread_cpu_usec() - cpu_usec) * 10000 / manager->config->max_cpu_permyriad;

	if (wait_usec < least_usec)
		wait_usec = least_usec < LOOK_PAUSE_MAX_USEC ? least_usec : LOOK_PAUSE_MAX_USEC;
	int r = sd_event_source_set_time(source, now_usec + wait_usec);

	return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* The new configuration is parsed aside and takes over only when it is good. */
static int on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
	struct manager *manager = userdata;
	char message[CONFIG_MESSAGE_MAX] = "";
	struct config *config = NULL;
	uint64_t now_usec = clock_now_usec();

	(void)source;
	(void)info;
	sd_notify(0, "RELOADING=1");

	int r = config_load(&manager->root, manager->options->config, !manager->options->has_config,
			    &config, message);

	if (r < 0)
		message_send(&manager->messenger, now_usec, MESSAGE_CONFIG_BAD, NULL,
			     "%s (the configuration in force stays)", message);
	else {
		struct config *old = manager->config;

		manager->config = config;
		mover_clear(manager->mover, true);
		tracker_set_rules(manager->tracker, config, manager->options->observe);
		message_send(&manager->messenger, now_usec, MESSAGE_CONFIG_LOADED, NULL,
			     "Configuration loaded: %zu rules.", config->n_rules);
		if (old->source != config->source)
			start_sampling(manager);
		else if (manager->sampler)
			apply_kernel_balancing(manager);
		config_free(old);
	}
	sd_notify(0, "READY=1");
	return 0;
}

static int on_outcomes(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	(void)events;
	apply_outcomes(userdata, clock_now_usec());
	return 0;
}

static int add_sources(struct manager *manager)
{
	sigset_t mask;
	int r;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
		return -errno;
	r = sd_event_default(&manager->event);
	if (r < 0)
		return r;
	r = sd_event_add_signal(manager->event, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(manager->event, NULL, SIGINT, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(manager->event, NULL, SIGHUP, on_reload, manager);
	if (r >= 0)
		r = sd_event_add_io(manager->event, NULL, mover_fd(manager->mover), EPOLLIN,
				    on_outcomes, manager);
	if (r >= 0)
		r = sd_event_add_time(manager->event, &manager->timer, CLOCK_MONOTONIC, 0, 10000,
				      on_timer, manager);
	if (r >= 0)
		r = sd_event_source_set_exit_on_failure(manager->timer, true);
	if (r >= 0)
		r = sd_event_set_watchdog(manager->event, true);
	return r;
}

int manager_run(struct manager *manager)
{
	int r = add_sources(manager);

	if (r < 0) {
		message_send(&manager->messenger, clock_now_usec(), MESSAGE_FAILURE, NULL,
			     "Cannot set up the event loop: %s.", strerror(-r));
		return EXIT_CANNOT;
	}
	report_started(manager);
	start_sampling(manager);
	sd_notify(0, "READY=1");
	r = sd_event_loop(manager->event);
	sd_notify(0, "STOPPING=1");
	mover_clear(manager->mover, true);
	apply_restore(manager);
	report_stopped(manager);
	return r < 0 ? EXIT_CANNOT : EXIT_DONE;
}

int manager_once(struct manager *manager)
{
	struct plan plan = { 0 };

	if (!has_something_to_place(manager)) {
		printf("This machine has one NUMA node with memory: there is nothing to place.\n");
		return EXIT_DONE;
	}

	int r = manager_start_sampling(manager);

	if (r < 0) {
		report_source(manager);
		return EXIT_CANNOT;
	}
	manager->rate_window_usec = clock_now_usec();
	manager->rate_cpu_usec = clock_thread_cpu_usec();
	for (uint64_t end_usec = clock_now_usec() + ONCE_WINDOW_USEC;
	     clock_now_usec() < end_usec;) {
		clock_sleep_usec(100000);
		/* Evidence is all that this run is for. */
		manager->is_hunting = true;
		watch_samples(manager, clock_now_usec());
	}
	watch_machine(manager, clock_now_usec());
	r = decide_moves(manager, clock_now_usec(), &plan);
	if (r >= 0)
		report_plan(manager, &plan, stdout);
	plan_done(&plan);
	return r < 0 ? EXIT_CANNOT : EXIT_DONE;
}
