/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line of the workload program. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "workload.h"

enum {
	OPTION_TICK = 256,
	OPTION_HOLD,
	OPTION_MAIN,
	OPTION_PROCESSES,
	OPTION_SAMPLES,
	OPTION_UNPINNED
};

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "hold", required_argument, NULL, OPTION_HOLD },
	{ "main-works", no_argument, NULL, OPTION_MAIN },
	{ "megabytes", required_argument, NULL, 'm' },
	{ "processes", required_argument, NULL, OPTION_PROCESSES },
	{ "samples", required_argument, NULL, OPTION_SAMPLES },
	{ "seconds", required_argument, NULL, 's' },
	{ "settle", required_argument, NULL, 'w' },
	{ "tick", required_argument, NULL, OPTION_TICK },
	{ "unpinned", no_argument, NULL, OPTION_UNPINNED },
	{ "until-local", no_argument, NULL, 'u' },
	{ NULL, 0, NULL, 0 },
};

static void print_help(void)
{
	puts("Usage: workload [OPTION...] NAME\n"
	     "Uses memory from NUMA nodes in a known way, and prints the share of it that is "
	     "local.\n\n"
	     "  -s, --seconds S    length of the work phase (20)\n"
	     "  -m, --megabytes M  size of the working set (400)\n"
	     "  -w, --settle S     pause between placing the memory and the work phase (1)\n"
	     "  -u, --until-local  end (or swap) early, once 99 % were local for --hold S (4)\n"
	     "      --tick S       time between two checks (0.25)\n"
	     "      --samples N    pages looked at in each check (2048)\n"
	     "      --processes N  number of processes, where a workload has several\n"
	     "      --main-works   the thread that placed the memory works too: the kernel's "
	     "balancer\n"
	     "                     waits for some CPU time of a new thread, not for this one\n"
	     "      --unpinned     threads start on their node, but may leave it\n"
	     "\nNAME is one of");
	catalog_print();
	puts("\nA line per check: t= seconds, local= share, work= chunks done. Last line: result "
	     "...\n"
	     "Exit status: 0 done, 1 error, 2 bad usage, 3 the machine has too few nodes.");
}

static int parse_number(const char *name, const char *text, double low, double high, double *ret)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !isfinite(value) || value < low || value > high) {
		fprintf(stderr, "workload: %s: \"%s\" is not a number from %g to %g\n", name, text,
			low, high);
		return -EINVAL;
	}
	*ret = value;
	return 0;
}

static int parse_count(const char *name, const char *text, unsigned high, unsigned *ret)
{
	double value;
	int r = parse_number(name, text, 1, high, &value);

	if (r == 0)
		*ret = (unsigned)value;
	return r;
}

static int parse_option(int option, struct options *options)
{
	switch (option) {
	case 's':
		return parse_number("--seconds", optarg, 0.5, MAX_SECONDS, &options->seconds);
	case 'm':
		return parse_count("--megabytes", optarg, MAX_MEGABYTES, &options->megabytes);
	case 'w':
		return parse_number("--settle", optarg, 0, MAX_SECONDS, &options->settle_seconds);
	case OPTION_TICK:
		return parse_number("--tick", optarg, 0.05, 10, &options->tick_seconds);
	case OPTION_HOLD:
		return parse_number("--hold", optarg, 0, MAX_SECONDS, &options->hold_seconds);
	case OPTION_PROCESSES:
		return parse_count("--processes", optarg, MAX_WORKERS, &options->processes);
	case OPTION_SAMPLES:
		return parse_count("--samples", optarg, 1u << 20, &options->samples);
	case OPTION_UNPINNED:
		options->unpinned = true;
		return 0;
	case OPTION_MAIN:
		options->main_works = true;
		return 0;
	case 'u':
		options->until_local = true;
		return 0;
	case 'h':
		print_help();
		return 1;
	default:
		return -EINVAL;
	}
}

/* The name may stand anywhere. */
static int find_spec(int argc, char **argv, struct options *options)
{
	if (optind != argc - 1) {
		fputs("workload: give the name of one workload (--help lists them)\n", stderr);
		return -EINVAL;
	}
	options->spec = catalog_find(argv[optind]);
	if (!options->spec) {
		fprintf(stderr, "workload: there is no \"%s\" (--help lists them)\n", argv[optind]);
		return -EINVAL;
	}
	if (options->processes > 0 && options->spec->processes == 1) {
		fprintf(stderr, "workload: %s is one process\n", options->spec->name);
		return -EINVAL;
	}
	return 0;
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
	struct options options = { .seconds = 20,
				   .settle_seconds = 1,
				   .tick_seconds = 0.25,
				   .hold_seconds = 4,
				   .megabytes = 400,
				   .samples = 2048 };
	int option, r;

	while ((option = getopt_long(argc, argv, "hm:s:uw:", long_options, NULL)) != -1) {
		r = parse_option(option, &options);
		if (r != 0)
			return r;
	}
	r = find_spec(argc, argv, &options);
	if (r < 0)
		return r;
	*ret_options = options;
	return 0;
}
