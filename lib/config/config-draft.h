/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A configuration while its files are read: values, where each was given, and at the end what the
 * rules inherit and whether it all fits together. */
#pragma once

#include <stddef.h>

#include "base/cleanup.h"
#include "config/config-problem.h"
#include "model/rule.h"

#define CONFIG_FILES_MAX 256 /* the main file and its drop-ins */

struct config_draft;

/* With the built-in defaults. NULL when out of memory. */
struct config_draft *config_draft_new(void);
struct config_draft *config_draft_free(struct config_draft *draft);
DEFINE_CLEANUP(struct config_draft, config_draft_free)
#define _cleanup_config_draft_ _cleanup_(config_draft_freep)

/* Takes in one file; a later one wins. 0 or -errno with the problem set; the draft is then spoilt.
 */
int config_draft_read(struct config_draft *draft, const char *file, const char *text, size_t length,
		      struct config_problem *problem);

/* Resolves and checks the whole and hands the configuration over. 0 or -errno with the problem set,
 * whose `file` lives as long as the draft. */
int config_draft_finish(struct config_draft *draft, struct config **ret_config,
			struct config_problem *problem);
