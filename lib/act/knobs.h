/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernel settings that the daemon changes and must restore: each is written to the state file
 * before it is changed, so that a stop, --restore or ExecStopPost after a crash can undo it. */
#pragma once

#include <stddef.h>

#include "base/root.h"

#define KNOB_STATE_PATH "/run/numaplaced/knobs"
#define KNOBS_MAX       64
#define KNOB_VALUE_MAX  256

/* Saves the current value of `path` (below root) in the state file (atomically: temp file, fsync,
 * rename) and then writes `value`. A knob that is saved already keeps its first saved value.
 * Nothing is written when the current value is `value` already. 0, -ENOSPC (KNOBS_MAX are held),
 * -EINVAL (a tab or newline in a path or value) or -errno; on failure the kernel's setting is
 * untouched. */
int knob_set(const struct root *root, const char *path, const char *value);

/* Called once per knob in the state file. `result` 0: restored; 1: somebody else changed it
 * meanwhile, left alone and forgotten (now holds `current`); -errno: could not be restored and
 * stays in the file; -EBADMSG with the state file's own path: a garbled line, dropped. */
typedef void (*knob_report_t)(void *userdata, const char *path, const char *saved,
			      const char *current, int result);

/* Restores every knob of the state file that still has the value we wrote, and removes the file
 * when none is left. A missing state file is 0. Returns how many were restored, or -errno of the
 * first failure. */
int knobs_restore(const struct root *root, knob_report_t report, void *userdata);

/* The same for one knob: 0, 1 (somebody changed it, left alone), -errno; -ENOENT when it is not
 * saved. */
int knob_restore(const struct root *root, const char *path);
