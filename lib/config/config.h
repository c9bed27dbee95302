/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text -> struct config: defaults, the main file, drop-ins, validation. All or nothing. */
#pragma once

#include <stdio.h>

#include "base/cleanup.h"
#include "base/root.h"
#include "model/rule.h"

#ifndef CONFIG_PATH
#define CONFIG_PATH "/etc/numaplaced.conf"
#endif
#define CONFIG_FILE_MAX    (1024 * 1024) /* bytes of one file */
#define CONFIG_MESSAGE_MAX 1024

/* A configuration with every default, as conf/numaplaced.conf shows them. NULL when out of memory.
 */
struct config *config_new_default(void);
struct config *config_free(struct config *config);
DEFINE_CLEANUP(struct config, config_free)
#define _cleanup_config_ _cleanup_(config_freep)

/* Loads `path` (below root) and then PATH.d/[name].conf in byte order of their names. A missing
 * main file is -ENOENT unless `may_be_missing`, when the defaults hold. On failure ret_message
 * holds the finished "file:line: key: sentence" (never empty), nothing else is touched, and the
 * result is -errno (-EINVAL for bad content). */
int config_load(const struct root *root, const char *path, bool may_be_missing,
		struct config **ret_config, char ret_message[static CONFIG_MESSAGE_MAX]);

/* Parses one text as if it were the main file called `name`. For tests and fuzzing. */
int config_parse_text(const char *name, const char *text, size_t length, struct config **ret_config,
		      char ret_message[static CONFIG_MESSAGE_MAX]);

/* Prints the effective configuration in the file's own syntax (it parses back to the same values),
 * each rule with its origin as a comment. */
void config_print(const struct config *config, FILE *f);
