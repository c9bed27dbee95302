/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line: one table gives parsing, usage text and the manual's list. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum verb {
	VERB_RUN,
	VERB_CHECK_CONFIG,
	VERB_ONCE,
	VERB_PROBE,
	VERB_RESTORE,
	VERB_VERSION,
	VERB_HELP,
};

/* Exit codes, for people and scripts. */
enum exit_code {
	EXIT_DONE = 0,
	EXIT_BAD_CONFIG = 1,
	EXIT_BAD_USAGE = 2,
	EXIT_CANNOT = 3, /* the machine cannot do it */
};

struct options {
	enum verb verb;
	bool observe;       /* forbid every action */
	const char *config; /* path below root */
	bool has_config;    /* --config was given */
	const char *root;   /* "/" */
};

struct option_row {
	const char *name;     /* without the dashes */
	const char *argument; /* NULL: takes none */
	const char *help;
};

extern const struct option_row option_table[];
extern const size_t n_options;

/* Parses argv. 0, or -EINVAL after a sentence on stderr. */
int options_parse(int argc, char **argv, struct options *ret_options);

void options_print_help(FILE *f);
