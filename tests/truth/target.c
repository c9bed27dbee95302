/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ordinary compiled code for the truth test to look at: one kernel after the other, for ever. The
 * test builds it at several optimisation levels. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES 4096
#define SIDE    64

struct node {
	struct node *left, *right;
	uint32_t key;
	char name[20];
};

static volatile uint64_t sink;

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void hash_table(uint64_t *random)
{
	static struct {
		uint64_t key;
		uint32_t count;
		uint8_t used;
	} table[ENTRIES];

	for (unsigned i = 0; i < ENTRIES; i++) {
		uint64_t key = next_random(random) % 3001;
		size_t at = (key * 0x9e3779b97f4a7c15ULL >> 40) % ENTRIES;

		while (table[at].used && table[at].key != key)
			at = (at + 1) % ENTRIES;
		table[at].used = 1;
		table[at].key = key;
		table[at].count++;
	}
	sink += table[*random % ENTRIES].count;
}

static struct node *tree_insert(struct node *root, struct node *fresh)
{
	if (!root)
		return fresh;
	if (fresh->key < root->key)
		root->left = tree_insert(root->left, fresh);
	else
		root->right = tree_insert(root->right, fresh);
	return root;
}

static uint64_t tree_sum(const struct node *root)
{
	return root ? root->key + strlen(root->name) + tree_sum(root->left) + tree_sum(root->right)
		    : 0;
}

static void tree(uint64_t *random)
{
	static struct node nodes[ENTRIES];
	struct node *root = NULL;

	for (unsigned i = 0; i < ENTRIES; i++) {
		memset(&nodes[i], 0, sizeof(nodes[i]));
		nodes[i].key = (uint32_t)next_random(random);
		snprintf(nodes[i].name, sizeof(nodes[i].name), "n%x", nodes[i].key);
		root = tree_insert(root, &nodes[i]);
	}
	sink += tree_sum(root);
}

static void matrix(uint64_t *random)
{
	static double a[SIDE][SIDE], b[SIDE][SIDE], c[SIDE][SIDE];

	for (unsigned i = 0; i < SIDE; i++)
		for (unsigned j = 0; j < SIDE; j++) {
			a[i][j] = (double)(next_random(random) % 100);
			c[i][j] = 0;
		}
	for (unsigned i = 0; i < SIDE; i++)
		for (unsigned k = 0; k < SIDE; k++)
			for (unsigned j = 0; j < SIDE; j++)
				c[i][j] += a[i][k] * b[k][j] + 1;
	memcpy(b, c, sizeof(b));
	sink += (uint64_t)c[3][5];
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void sort(uint64_t *random)
{
	static uint32_t values[ENTRIES];
	uint16_t counts[256] = { 0 };

	for (unsigned i = 0; i < ENTRIES; i++)
		values[i] = (uint32_t)next_random(random);
	qsort(values, ENTRIES, sizeof(values[0]), compare);
	for (unsigned i = 0; i < ENTRIES; i++)
		counts[values[i] & 0xff]++;
	sink += counts[7];
}

static void text(uint64_t *random)
{
	static char line[ENTRIES], copy[ENTRIES];
	unsigned words = 0;

	for (unsigned i = 0; i < ENTRIES - 1; i++)
		line[i] = (char)(next_random(random) % 7 ? 'a' + (char)(i % 26) : ' ');
	memmove(copy, line, sizeof(copy));
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words += (unsigned)strlen(word) + (strchr(word, 'x') != NULL);
	memset(copy, (int)words, sizeof(copy));
	sink += words + (unsigned)memcmp(copy, line, sizeof(copy));
}

static void bits(uint64_t *random)
{
	static int16_t samples[ENTRIES];
	static uint8_t image[ENTRIES];
	uint32_t crc = ~0U;

	for (unsigned i = 0; i < ENTRIES; i++) {
		samples[i] = (int16_t)next_random(random);
		image[i] = (uint8_t)(samples[i] > 0 ? samples[i] >> 7 : -samples[i] % 251);
		crc ^= image[i];
		for (unsigned k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
	}
	sink += crc;
}

int main(void)
{
	static void (*const kernels[])(uint64_t * random) = { hash_table, tree, matrix,
							      sort,       text, bits };
	uint64_t random = 88172645463325252ULL;

	for (unsigned i = 0;; i = (i + 1) % (sizeof(kernels) / sizeof(kernels[0])))
		kernels[i](&random);
}
