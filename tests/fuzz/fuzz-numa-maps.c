/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/PID/numa_maps and /proc/PID/cgroup. */
#include "observe/process.h"
#include "tests/fuzz/text.h"

static void parse(const char *line, void *userdata)
{
	struct policy_line policy;
	char *path = userdata;

	if (policy_parse_line(line, &policy) == 0)
		MUST(policy.is_explicit || strstr(line, " default") || strstr(line, " local"));
	if (cgroup_parse_line(line, path) == 1)
		MUST(path[0] == '/' && strlen(path) < CGROUP_PATH_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *path = malloc(CGROUP_PATH_MAX);

	MUST(path);
	for_each_line(data, size, parse, path);
	free(path);
	return 0;
}
