/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/PID/maps. */
#include "observe/process.h"
#include "tests/fuzz/text.h"

static void parse(const char *line, void *userdata)
{
	struct mapping mapping;

	(void)userdata;
	if (mapping_parse_line(line, &mapping) < 0)
		return;
	MUST(mapping.start < mapping.end);
	MUST(mapping.start % 4096 == 0 && mapping.end % 4096 == 0);
	MUST(!(mapping.is_stack && mapping.is_special));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for_each_line(data, size, parse, NULL);
	return 0;
}
