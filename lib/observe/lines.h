/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a file line by line in bounded memory, whatever its size. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/root.h"

#define LINES_BUFFER_BYTES 32768 /* a /proc line with a fully escaped PATH_MAX name fits */

struct lines {
	int fd;
	size_t start, end; /* unread part of the buffer */
	bool at_end;
	bool is_cut; /* the rest of the last line is still to be dropped */
	char buffer[LINES_BUFFER_BYTES];
};

/* 0 or -errno. */
int lines_open(struct lines *lines, const struct root *root, const char *path);

/* The next line, NUL-terminated and without its newline; it stays valid until the next call. A line
 * longer than the buffer is cut, its rest is dropped. Returns 1, 0 at the end of the file, or
 * -errno. */
int lines_next(struct lines *lines, const char **ret_line);

void lines_close(struct lines *lines);
#define _cleanup_lines_ _cleanup_(lines_close)
