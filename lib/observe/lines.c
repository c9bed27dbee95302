/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "observe/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int lines_open(struct lines *lines, const struct root *root, const char *path)
{
	lines->fd = root_open_file(root, path, O_RDONLY);
	lines->start = lines->end = 0;
	lines->at_end = lines->is_cut = false;
	return lines->fd < 0 ? lines->fd : 0;
}

void lines_close(struct lines *lines)
{
	if (lines->fd >= 0)
		close(lines->fd);
	lines->fd = -1;
}

/* Moves the unread part to the front and reads more behind it. One byte stays free for the NUL. */
static int fill(struct lines *lines)
{
	size_t kept = lines->end - lines->start;
	ssize_t n;

	memmove(lines->buffer, lines->buffer + lines->start, kept);
	lines->start = 0;
	lines->end = kept;
	do
		n = read(lines->fd, lines->buffer + kept, LINES_BUFFER_BYTES - 1 - kept);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	lines->at_end = n == 0;
	lines->end += (size_t)n;
	return 0;
}

static int drop_rest_of_line(struct lines *lines)
{
	const char *newline = NULL;

	while (!newline && !lines->at_end) {
		int r;

		lines->start = lines->end;
		r = fill(lines);
		if (r < 0)
			return r;
		newline = memchr(lines->buffer, '\n', lines->end);
	}
	lines->start = newline ? (size_t)(newline - lines->buffer) + 1 : lines->end;
	lines->is_cut = false;
	return 0;
}

/* Hands out the unread part up to `length`; the separator behind it is used up. */
static int hand_out(struct lines *lines, size_t length, size_t separator, const char **ret_line)
{
	char *line = lines->buffer + lines->start;

	line[length] = '\0';
	lines->start += length + separator;
	*ret_line = line;
	return 1;
}

int lines_next(struct lines *lines, const char **ret_line)
{
	size_t searched = 0;
	int r;

	if (lines->is_cut) {
		r = drop_rest_of_line(lines);
		if (r < 0)
			return r;
	}
	for (;;) {
		size_t unread = lines->end - lines->start;
		const char *from = lines->buffer + lines->start;
		const char *newline = memchr(from + searched, '\n', unread - searched);

		if (newline)
			return hand_out(lines, (size_t)(newline - from), 1, ret_line);
		if (lines->at_end)
			return unread ? hand_out(lines, unread, 0, ret_line) : 0;
		if (unread == LINES_BUFFER_BYTES - 1) {
			lines->is_cut = true;
			return hand_out(lines, unread, 0, ret_line);
		}
		searched = unread;
		r = fill(lines);
		if (r < 0)
			return r;
	}
}
