/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/options.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config.h"

enum option_index {
	OPTION_CONFIG,
	OPTION_CHECK_CONFIG,
	OPTION_OBSERVE,
	OPTION_ONCE,
	OPTION_PROBE,
	OPTION_RESTORE,
	OPTION_ROOT,
	OPTION_VERSION,
	OPTION_HELP,
};

const struct option_row option_table[] = {
	[OPTION_CONFIG] = { "config", "FILE",
			    "read FILE and FILE.d/*.conf instead of " CONFIG_PATH },
	[OPTION_CHECK_CONFIG] = { "check-config", NULL,
				  "parse the configuration, print the effective rules, exit" },
	[OPTION_OBSERVE] = { "observe", NULL,
			     "plan and log, change nothing, whatever the rules say" },
	[OPTION_ONCE] = { "once", NULL,
			  "observe one window, print the plan with its reasons, exit" },
	[OPTION_PROBE] = { "probe", NULL,
			   "print the nodes, and which sources of samples work here and why" },
	[OPTION_RESTORE] = { "restore", NULL,
			     "put back the kernel settings that a killed daemon left changed" },
	[OPTION_ROOT] = { "root", "DIR", "look for /proc, /sys, /run and /etc below DIR" },
	[OPTION_VERSION] = { "version", NULL, "print the version" },
	[OPTION_HELP] = { "help", NULL, "print this" },
};

const size_t n_options = ELEMENTSOF(option_table);

void options_print_help(FILE *f)
{
	fprintf(f, "numaplaced moves memory to the NUMA node whose CPUs use it.\n\nusage: "
		   "numaplaced [OPTION]...\n\n");
	for (size_t i = 0; i < n_options; i++) {
		const struct option_row *row = &option_table[i];
		char name[64];

		snprintf(name, sizeof(name), "--%s%s%s", row->name, row->argument ? " " : "",
			 row->argument ? row->argument : "");
		fprintf(f, "  %-16s %s\n", name, row->help);
	}
	fprintf(f,
		"\nexit: 0 done, 1 bad configuration, 2 bad usage, 3 the machine cannot do it\n");
}

static void apply(struct options *options, size_t option, const char *argument)
{
	static const enum verb verbs[] = {
		[OPTION_CHECK_CONFIG] = VERB_CHECK_CONFIG,
		[OPTION_ONCE] = VERB_ONCE,
		[OPTION_PROBE] = VERB_PROBE,
		[OPTION_RESTORE] = VERB_RESTORE,
		[OPTION_VERSION] = VERB_VERSION,
		[OPTION_HELP] = VERB_HELP,
	};

	switch (option) {
	case OPTION_CONFIG:
		options->config = argument;
		options->has_config = true;
		break;
	case OPTION_ROOT:
		options->root = argument;
		break;
	case OPTION_OBSERVE:
		options->observe = true;
		break;
	default:
		options->verb = verbs[option];
	}
}

/* Row of "--name" or "--name=value", or n_options. */
static size_t find_option(const char *text, const char **ret_value)
{
	size_t length = strcspn(text, "=");

	*ret_value = text[length] ? text + length + 1 : NULL;
	for (size_t i = 0; i < n_options; i++)
		if (strlen(option_table[i].name) == length &&
		    strncmp(option_table[i].name, text, length) == 0)
			return i;
	return n_options;
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options options = { .config = CONFIG_PATH, .root = "/" };

	for (int i = 1; i < argc; i++) {
		const char *value = NULL;
		size_t option = n_options;

		if (strncmp(argv[i], "--", 2) == 0)
			option = find_option(argv[i] + 2, &value);
		else if (strcmp(argv[i], "-h") == 0)
			option = OPTION_HELP;
		if (option == n_options) {
			fprintf(stderr, "numaplaced: unknown argument \"%s\"; try --help\n",
				argv[i]);
			return -EINVAL;
		}

		bool wants = option_table[option].argument != NULL;

		if (wants && !value && i + 1 < argc)
			value = argv[++i];
		if (wants != (value != NULL)) {
			fprintf(stderr, "numaplaced: --%s takes %s\n", option_table[option].name,
				wants ? "an argument" : "no argument");
			return -EINVAL;
		}
		enum verb before = options.verb;

		apply(&options, option, value);
		if (before != VERB_RUN && options.verb != before) {
			fprintf(stderr,
				"numaplaced: only one of the verbs can be given; try --help\n");
			return -EINVAL;
		}
	}
	if (!options.config || options.config[0] != '/') {
		fprintf(stderr, "numaplaced: --config wants an absolute path (it is looked for "
				"below --root)\n");
		return -EINVAL;
	}
	*ret_options = options;
	return 0;
}
