/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Small files under a root prefix: every path of /proc, /sys and /etc is opened relative to one
 * directory, so that a test (or --root) can put a tree of its own in its place. */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct root {
	int fd; /* O_PATH directory that stands for "/" */
};

/* Opens `path` as the root. 0 or -errno. */
int root_open(struct root *ret_root, const char *path);

/* Closes it; a root that was never opened ({ .fd = -1 }) is fine. */
void root_close(struct root *root);

/* Opens a file below the root (leading slashes of `path` are dropped). Returns the descriptor,
 * close-on-exec, or -errno. `flags` as for open(2). */
int root_open_file(const struct root *root, const char *path, int flags);

/* Opens a directory below the root for reading. NULL with errno set on failure. */
DIR *root_open_dir(const struct root *root, const char *path);

/* Reads a whole file into `buffer` and terminates it with a NUL. Returns the length without the
 * NUL, or -errno; -E2BIG when the file does not fit in size - 1 bytes. */
ssize_t root_read(const struct root *root, const char *path, char *buffer, size_t size);

/* Reads a whole file of at most `max_bytes` into memory that the caller frees; NUL-terminated.
 * Returns the length or -errno (-E2BIG above the bound); *ret_text untouched on failure. */
ssize_t root_read_all(const struct root *root, const char *path, size_t max_bytes, char **ret_text);

/* The same from an open descriptor, from its current offset on. */
ssize_t fd_read_all(int fd, size_t max_bytes, char **ret_text);

/* Writes `text` in one write(2), as the kernel's files want it. 0 or -errno. */
int root_write(const struct root *root, const char *path, const char *text);

/* True when the path exists below the root. */
bool root_exists(const struct root *root, const char *path);
