/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/identity.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAT_MAX 4096
#define FIELDS_AFTER_NAME                                                                          \
	19 /* state is the first field after the name, the start time the 20th                     \
	    */

static int parse_start_time(const char *stat, uint64_t *ret_ticks)
{
	/* The name may hold parentheses and spaces; no field after it does. */
	const char *at = strrchr(stat, ')');
	char *end;

	if (!at || at[1] != ' ')
		return -EBADMSG;
	at += 2;
	for (unsigned i = 0; i < FIELDS_AFTER_NAME; i++) {
		at = strchr(at, ' ');
		if (!at)
			return -EBADMSG;
		at++;
	}
	if (!isdigit((unsigned char)*at))
		return -EBADMSG;
	errno = 0;

	unsigned long long ticks = strtoull(at, &end, 10);

	if (errno || (*end != ' ' && *end != '\n' && *end != '\0'))
		return -EBADMSG;
	*ret_ticks = ticks;
	return 0;
}

int identity_read_start_time(const struct root *root, pid_t pid, uint64_t *ret_ticks)
{
	char path[64], stat[STAT_MAX];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);

	ssize_t n = root_read(root, path, stat, sizeof(stat));

	if (n == -ENOENT || n == -ESRCH)
		return -ESRCH;
	if (n == -E2BIG)
		return -EBADMSG;
	return n < 0 ? (int)n : parse_start_time(stat, ret_ticks);
}
