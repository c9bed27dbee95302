/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* /proc/PID/stat and statm. */
#include "observe/process.h"
#include "tests/fuzz/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = copy_text(data, size);
	struct process_status status;
	uint64_t pages;

	if (process_parse_stat(text, &status) == 0)
		for (size_t i = 0; i < strnlen(status.name, sizeof(status.name)); i++)
			MUST((unsigned char)status.name[i] >= ' ' && status.name[i] != 127);
	process_parse_statm(text, &pages);
	free(text);
	return 0;
}
