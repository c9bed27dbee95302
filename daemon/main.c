/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program: options, then one verb. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "act/knobs.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "config/config.h"
#include "daemon/manager.h"
#include "daemon/options.h"

static int load_config(const struct options *options, struct config **ret_config)
{
	char message[CONFIG_MESSAGE_MAX] = "";
	struct root root = { .fd = -1 };
	int r = root_open(&root, options->root);

	if (r < 0)
		snprintf(message, sizeof(message), "%s: %s", options->root, strerror(-r));
	else
		r = config_load(&root, options->config, !options->has_config, ret_config, message);
	root_close(&root);
	if (r < 0) {
		struct messenger messenger = { 0 };

		message_send(&messenger, clock_now_usec(), MESSAGE_CONFIG_BAD, NULL, "%s", message);
	}
	return r;
}

static int check_config(const struct options *options)
{
	_cleanup_config_ struct config *config = NULL;

	if (load_config(options, &config) < 0)
		return EXIT_BAD_CONFIG;
	config_print(config, stdout);
	return EXIT_DONE;
}

static void print_knob(void *userdata, const char *path, const char *saved, const char *current,
		       int result)
{
	(void)userdata;
	if (result == 0)
		printf("restored %s to %s\n", path, saved);
	else if (result > 0)
		printf("left %s at %s: somebody else changed it since (was %s)\n", path, current,
		       saved);
	else
		fprintf(stderr, "numaplaced: cannot restore %s to %s: %s\n", path, saved,
			strerror(-result));
}

static int restore(const struct options *options)
{
	struct root root = { .fd = -1 };
	int r = root_open(&root, options->root);

	if (r >= 0)
		r = knobs_restore(&root, print_knob, NULL);
	root_close(&root);
	if (r < 0)
		fprintf(stderr, "numaplaced: not everything could be restored from %s: %s\n",
			KNOB_STATE_PATH, strerror(-r));
	return r < 0 ? EXIT_CANNOT : EXIT_DONE;
}

static int run(const struct options *options)
{
	_cleanup_(manager_freep) struct manager *manager = NULL;
	struct config *config = NULL;

	if (load_config(options, &config) < 0)
		return EXIT_BAD_CONFIG;

	int r = manager_new(&manager, options, config);

	if (r < 0) {
		fprintf(stderr, "numaplaced: cannot start: %s\n", strerror(-r));
		return EXIT_CANNOT;
	}
	return options->verb == VERB_ONCE ? manager_once(manager) : manager_run(manager);
}

int main(int argc, char **argv)
{
	struct options options;

	if (options_parse(argc, argv, &options) < 0)
		return EXIT_BAD_USAGE;
	switch (options.verb) {
	case VERB_VERSION:
		printf("numaplaced %s\n", NUMAPLACED_VERSION);
		return EXIT_DONE;
	case VERB_HELP:
		options_print_help(stdout);
		return EXIT_DONE;
	case VERB_CHECK_CONFIG:
		return check_config(&options);
	case VERB_PROBE:
		return probe_run(&options);
	case VERB_RESTORE:
		return restore(&options);
	default:
		return run(&options);
	}
}
