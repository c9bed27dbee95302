/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong with a configuration, and where; its parts are joined into "file:line: key:
 * sentence". */
#pragma once

#define CONFIG_SENTENCE_MAX 512

struct config_problem {
	const char *file; /* borrowed; NULL: the file being read */
	unsigned line;    /* 0: the file as a whole */
	char key[64];     /* "": no key */
	char sentence[CONFIG_SENTENCE_MAX];
};

/* Sets the sentence, returns -EINVAL. */
int config_problem_set(struct config_problem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Sets the sentence for a failed call, returns `error` (a negative errno). */
int config_problem_errno(struct config_problem *problem, int error);
