/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text in INI form -> sections and keys, each with its exact line. The only user of inih, whose
 * silent habits (cut lines and section names, merged sections, continuation lines) become errors
 * here. */
#pragma once

#include <stddef.h>

#include "config/config-problem.h"

#define INI_SOURCE_LINE_MAX    197 /* bytes; inih's buffer less its line end */
#define INI_SOURCE_SECTION_MAX 48  /* bytes between [ and ]; inih's buffer less its NUL */

/* Both return 0 to go on, or a negative errno, with the problem set, to stop. */
struct ini_source_events {
	int (*section)(void *user, unsigned line, const char *section,
		       struct config_problem *problem);
	int (*key)(void *user, unsigned line, const char *key, const char *value,
		   struct config_problem *problem);
};

/* Reads the whole text; the events come in its order, and a key never before a section. 0 or -errno
 * with the problem's line and sentence set. */
int ini_source_read(const char *text, size_t length, const struct ini_source_events *events,
		    void *user, struct config_problem *problem);
