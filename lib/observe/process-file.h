/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names and errors of the files below /proc/PID. */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <sys/types.h>

#define PROCESS_PATH_MAX 64

/* Fills `path` with "/proc/PID/file" and returns it. */
static inline const char *process_path(char path[static PROCESS_PATH_MAX], pid_t pid,
				       const char *file)
{
	snprintf(path, PROCESS_PATH_MAX, "/proc/%d/%s", (int)pid, file);
	return path;
}

/* A process that is gone shows as ENOENT (no directory) or as ESRCH (a file that was open): one
 * answer for both. */
static inline int process_error(int error)
{
	return error == -ENOENT ? -ESRCH : error;
}
