/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

int root_open(struct root *ret_root, const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ret_root->fd = fd;
	return 0;
}

void root_close(struct root *root)
{
	if (root->fd >= 0)
		close(root->fd);
	root->fd = -1;
}

static const char *relative(const char *path)
{
	while (*path == '/')
		path++;
	return *path ? path : ".";
}

int root_open_file(const struct root *root, const char *path, int flags)
{
	int fd = openat(root->fd, relative(path), flags | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

DIR *root_open_dir(const struct root *root, const char *path)
{
	_cleanup_close_ int fd = root_open_file(root, path, O_RDONLY | O_DIRECTORY);

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}

	DIR *dir = fdopendir(fd);

	if (dir)
		TAKE_FD(fd);
	return dir;
}

/* Reads until end of file or until `size` bytes are in. Returns the count or -errno. */
static ssize_t read_fully(int fd, char *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = read(fd, buffer + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t root_read(const struct root *root, const char *path, char *buffer, size_t size)
{
	_cleanup_close_ int fd = root_open_file(root, path, O_RDONLY | O_NONBLOCK);

	if (fd < 0)
		return fd;

	ssize_t n = read_fully(fd, buffer, size);

	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -E2BIG;
	buffer[n] = '\0';
	return n;
}

ssize_t fd_read_all(int fd, size_t max_bytes, char **ret_text)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0, done = 0;

	for (;;) {
		if (done + 1 >= size) {
			size = size ? size * 2 : 4096;
			if (size > max_bytes + 2)
				size = max_bytes + 2;

			char *larger = realloc(text, size);

			if (!larger)
				return -ENOMEM;
			text = larger;
		}

		ssize_t n = read_fully(fd, text + done, size - 1 - done);

		if (n < 0)
			return n;
		done += (size_t)n;
		if (done > max_bytes)
			return -E2BIG;
		if (done < size - 1)
			break;
	}
	text[done] = '\0';
	*ret_text = TAKE_PTR(text);
	return (ssize_t)done;
}

ssize_t root_read_all(const struct root *root, const char *path, size_t max_bytes, char **ret_text)
{
	/* A FIFO in the place of a file must not make us wait. */
	_cleanup_close_ int fd = root_open_file(root, path, O_RDONLY | O_NONBLOCK);

	return fd < 0 ? fd : fd_read_all(fd, max_bytes, ret_text);
}

int root_write(const struct root *root, const char *path, const char *text)
{
	_cleanup_close_ int fd = root_open_file(root, path, O_WRONLY);
	size_t length = strlen(text);

	if (fd < 0)
		return fd;

	ssize_t n = write(fd, text, length);

	if (n < 0)
		return -errno;
	return (size_t)n == length ? 0 : -EIO;
}

bool root_exists(const struct root *root, const char *path)
{
	return faccessat(root->fd, relative(path), F_OK, 0) == 0;
}
