/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text is refused or is a set that is written and read back as itself. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/nodeset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	struct nodeset set, again;
	char list[8 * NODESET_MAX];
	unsigned count = 0;

	if (!text)
		abort();
	if (nodeset_parse_list(text, &set) < 0)
		return 0;
	NODESET_FOREACH (id, &set)
		count += nodeset_has(&set, id);
	if (count != nodeset_count(&set))
		abort();
	if (nodeset_format(&set, list, sizeof(list)) != strlen(list))
		abort();
	if (nodeset_parse_list(list, &again) < 0 || !nodeset_equals(&set, &again))
		abort();
	return 0;
}
