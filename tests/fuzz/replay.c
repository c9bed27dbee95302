/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A main for a fuzz target: gives it every file named, or in the directories named; none at all
 * fails. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/root.h"

#define INPUT_MAX (16 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	ssize_t length = fd < 0 ? -errno : fd_read_all(fd, INPUT_MAX, &text);

	if (length < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror((int)-length));
		return false;
	}
	LLVMFuzzerTestOneInput((const uint8_t *)text, (size_t)length);
	return true;
}

int main(int argc, char **argv)
{
	FTS *tree = argc > 1 ? fts_open(argv + 1, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
	unsigned n = 0, failures = 0;

	for (FTSENT *entry; tree && (entry = fts_read(tree));) {
		if (entry->fts_info == FTS_F) {
			failures += !replay(entry->fts_accpath);
			n++;
		}
		failures += entry->fts_info == FTS_NS || entry->fts_info == FTS_DNR;
	}
	if (tree)
		fts_close(tree);
	printf("%u inputs replayed, %u failures\n", n, failures);
	return n > 0 && failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
