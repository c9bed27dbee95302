/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/nodeset.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void nodeset_clear(struct nodeset *set)
{
	memset(set, 0, sizeof(*set));
}

static bool id_is_valid(int id)
{
	return id >= 0 && id < NODESET_MAX;
}

void nodeset_add(struct nodeset *set, int id)
{
	if (id_is_valid(id))
		set->word[id / 64] |= UINT64_C(1) << (id % 64);
}

void nodeset_remove(struct nodeset *set, int id)
{
	if (id_is_valid(id))
		set->word[id / 64] &= ~(UINT64_C(1) << (id % 64));
}

bool nodeset_has(const struct nodeset *set, int id)
{
	return id_is_valid(id) && (set->word[id / 64] >> (id % 64) & 1);
}

bool nodeset_is_empty(const struct nodeset *set)
{
	return nodeset_next(set, -1) < 0;
}

bool nodeset_equals(const struct nodeset *a, const struct nodeset *b)
{
	return memcmp(a->word, b->word, sizeof(a->word)) == 0;
}

bool nodeset_contains(const struct nodeset *outer, const struct nodeset *inner)
{
	for (size_t i = 0; i < NODESET_WORDS; i++)
		if (inner->word[i] & ~outer->word[i])
			return false;
	return true;
}

unsigned nodeset_count(const struct nodeset *set)
{
	unsigned count = 0;

	for (size_t i = 0; i < NODESET_WORDS; i++)
		count += (unsigned)__builtin_popcountll(set->word[i]);
	return count;
}

int nodeset_next(const struct nodeset *set, int id)
{
	int next = id < 0 ? 0 : id < NODESET_MAX ? id + 1 : NODESET_MAX;

	while (next < NODESET_MAX) {
		uint64_t rest = set->word[next / 64] >> (next % 64);

		if (rest)
			return next + __builtin_ctzll(rest);
		next = (next / 64 + 1) * 64;
	}
	return -1;
}

static int take_id(const char **text, int *ret_id)
{
	const char *p = *text;
	int id = 0;

	if (*p < '0' || *p > '9')
		return -EINVAL;
	for (; *p >= '0' && *p <= '9'; p++)
		if (id < NODESET_MAX)
			id = id * 10 + (*p - '0');
	*text = p;
	*ret_id = id;
	return id < NODESET_MAX ? 0 : -ERANGE;
}

/* Reads "3" or "0-3" at *text. */
static int take_range(const char **text, int *ret_first, int *ret_last)
{
	int r = take_id(text, ret_first);

	if (r < 0)
		return r;
	*ret_last = *ret_first;
	if (**text != '-')
		return 0;
	(*text)++;
	r = take_id(text, ret_last);
	if (r < 0)
		return r;
	return *ret_last < *ret_first ? -EINVAL : 0;
}

static bool at_end(const char *text)
{
	return *text == '\0' || strcmp(text, "\n") == 0;
}

int nodeset_parse_list(const char *text, struct nodeset *ret_set)
{
	struct nodeset set = { 0 };

	while (!at_end(text)) {
		int first, last, r;

		r = take_range(&text, &first, &last);
		if (r < 0)
			return r;
		for (int id = first; id <= last; id++)
			nodeset_add(&set, id);
		if (at_end(text))
			break;
		if (*text++ != ',' || at_end(text))
			return -EINVAL;
	}
	*ret_set = set;
	return 0;
}

static int last_of_run(const struct nodeset *set, int first)
{
	int last = first;

	while (nodeset_has(set, last + 1))
		last++;
	return last;
}

size_t nodeset_format(const struct nodeset *set, char *buffer, size_t size)
{
	size_t length = 0;

	if (size > 0)
		buffer[0] = '\0';
	for (int first = nodeset_next(set, -1), last; first >= 0; first = nodeset_next(set, last)) {
		char text[32];
		int n;

		last = last_of_run(set, first);
		n = first == last ? snprintf(text, sizeof(text), "%s%d", length ? "," : "", first)
				  : snprintf(text, sizeof(text), "%s%d-%d", length ? "," : "",
					     first, last);
		if (length < size)
			snprintf(buffer + length, size - length, "%s", text);
		length += (size_t)n;
	}
	return length;
}
