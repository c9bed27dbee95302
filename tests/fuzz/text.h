/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fuzz input as text: NUL-terminated copies that end where their memory ends, so that a sanitizer
 * sees every read beyond. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the parser that the input broke. */
#define MUST(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

static inline char *copy_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	MUST(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

static inline void for_each_line(const uint8_t *data, size_t size,
				 void (*line)(const char *text, void *userdata), void *userdata)
{
	while (size) {
		const uint8_t *newline = memchr(data, '\n', size);
		size_t length = newline ? (size_t)(newline - data) : size;
		char *text = copy_text(data, length);

		line(text, userdata);
		free(text);
		length += newline != NULL;
		data += length;
		size -= length;
	}
}
