/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether values that are fine each for itself fit together. */
#pragma once

#include "config/config-keys.h"
#include "config/config-problem.h"
#include "model/rule.h"

/* Where something was given; file NULL: nowhere. */
struct config_place {
	const char *file; /* borrowed; equal pointers are the same file */
	unsigned line;
};

struct config_places {
	struct config_place header;
	struct config_place key[CONFIG_KEYS_MAX]; /* as config_keys */
};

/* Checks a resolved configuration; `sections` has the places of everything outside [rule NAME] with
 * [default]'s header, `rules` those of each rule. 0 or -EINVAL with the problem and its place set.
 */
int config_check(const struct config *config, const struct config_places *sections,
		 const struct config_places *rules, struct config_problem *problem);
