/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The cache of code and decoded instructions. */
#include <errno.h>
#include <string.h>

#include "sampling/operand-cache.h"
#include "tests/tap.h"

#define TEXT_BYTES 4096
#define TEXT       0x400000ULL

/* A process of one page of code, which a test may change or take away. */
struct text {
	uint8_t bytes[TEXT_BYTES];
	size_t length;
	int error;
	unsigned reads;
};

static ssize_t text_read(void *userdata, pid_t pid, uint64_t address, void *buffer, size_t length)
{
	struct text *text = userdata;
	uint64_t offset = address - TEXT;

	(void)pid;
	text->reads++;
	if (text->error)
		return text->error;
	if (offset >= text->length)
		return -EFAULT;
	if (length > text->length - offset)
		length = text->length - offset;
	memcpy(buffer, text->bytes + offset, length);
	return (ssize_t)length;
}

static struct text nops(void)
{
	struct text text = { .length = TEXT_BYTES };

	memset(text.bytes, 0x90, sizeof(text.bytes));
	return text;
}

static const struct operand_space space = { .pid = 7, .generation = 1 };

TEST(keeps, "a line is read once, an instruction decoded once")
{
	struct operand_statistics statistics = { 0 };
	struct text text = nops();
	struct operand_line *line = NULL, *again = NULL;
	_cleanup_(operand_cache_freep) struct operand_cache *cache =
		operand_cache_new(1 << 20, text_read, &text, &statistics);

	CHECK_INT(operand_cache_line(cache, &space, TEXT + 5, 1, &line), 0);
	CHECK(!operand_line_find(line, TEXT + 5));
	CHECK(operand_line_decode(line, TEXT + 5) != NULL);
	CHECK_INT(operand_cache_line(cache, &space, TEXT + OPERAND_LINE_BYTES - 1, 2, &again), 0);
	CHECK(line == again);
	CHECK(operand_line_find(line, TEXT + 5) != NULL);
	CHECK_INT(text.reads, 1);
	CHECK_INT(statistics.code_reads, 1);
	CHECK_INT(operand_cache_line(cache, &space, TEXT + OPERAND_LINE_BYTES, 2, &again), 0);
	CHECK(line != again);
	CHECK_INT(text.reads, 2);
}

TEST(crosses, "an instruction may reach over the end of its line")
{
	struct operand_statistics statistics = { 0 };
	struct text text = nops();
	const struct operand_instruction *instruction;
	struct operand_line *line = NULL;
	_cleanup_(operand_cache_freep) struct operand_cache *cache =
		operand_cache_new(1 << 20, text_read, &text, &statistics);

	/* mov rax, 0x1122334455667788: ten bytes, nine of them in the next line */
	memcpy(text.bytes + OPERAND_LINE_BYTES - 1, "\x48\xb8\x88\x77\x66\x55\x44\x33\x22\x11", 10);
	CHECK_INT(operand_cache_line(cache, &space, TEXT, 1, &line), 0);
	instruction = operand_line_decode(line, TEXT + OPERAND_LINE_BYTES - 1);
	REQUIRE(instruction);
	CHECK_INT(instruction->length, 10);
	CHECK_INT(instruction->immediate, 0x1122334455667788);
}

TEST(unread, "bytes that could not be read hold no instruction")
{
	struct operand_statistics statistics = { 0 };
	struct text text = nops();
	struct operand_line *line = NULL;
	_cleanup_(operand_cache_freep) struct operand_cache *cache =
		operand_cache_new(1 << 20, text_read, &text, &statistics);

	text.length = 10;
	text.bytes[9] = 0xe8;
	CHECK_INT(operand_cache_line(cache, &space, TEXT, 1, &line), 0);
	CHECK(operand_line_decode(line, TEXT + 8) != NULL);
	CHECK(!operand_line_decode(line, TEXT + 9));
	CHECK(!operand_line_decode(line, TEXT + 10));
	CHECK(!operand_line_decode(line, TEXT + 100));
}

TEST(ages, "old code is read again: the same keeps its instructions, other code loses them")
{
	struct operand_statistics statistics = { 0 };
	struct text text = nops();
	const struct operand_instruction *instruction;
	struct operand_line *line = NULL;
	_cleanup_(operand_cache_freep) struct operand_cache *cache =
		operand_cache_new(1 << 20, text_read, &text, &statistics);

	operand_cache_line(cache, &space, TEXT, 1, &line);
	operand_line_decode(line, TEXT);
	text.bytes[0] = 0xc3;
	operand_cache_line(cache, &space, TEXT, OPERAND_CODE_AGE_USEC, &line);
	instruction = operand_line_find(line, TEXT);
	REQUIRE(instruction);
	CHECK_INT(instruction->operation, OPERATION_OPAQUE);
	operand_cache_line(cache, &space, TEXT, OPERAND_CODE_AGE_USEC + 1, &line);
	CHECK(!operand_line_find(line, TEXT));
	CHECK_INT(text.reads, 2);
	instruction = operand_line_decode(line, TEXT);
	REQUIRE(instruction);
	CHECK_INT(instruction->operation, OPERATION_RETURN);
	operand_cache_line(cache, &space, TEXT, 2 * OPERAND_CODE_AGE_USEC + 1, &line);
	CHECK_INT(text.reads, 3);
	CHECK(operand_line_find(line, TEXT) == instruction);
}

TEST(vanishes, "a line whose code cannot be read any more is dropped, with the reader's error")
{
	struct operand_statistics statistics = { 0 };
	struct text text = nops();
	struct operand_line *line = NULL;
	_cleanup_(operand_cache_freep) struct operand_cache *cache =
		operand_cache_new(1 << 20, text_read, &text, &statistics);

	operand_cache_line(cache, &space, TEXT, 1, &line);
	text.error = -ESRCH;
	CHECK_INT(operand_cache_line(cache, &space, TEXT, 1 + OPERAND_CODE_AGE_USEC, &line),
		  -ESRCH);
	CHECK_INT(operand_cache_line(cache, &space, TEXT, 2 + OPERAND_CODE_AGE_USEC, &line),
		  -ESRCH);
	CHECK_INT(statistics.read_failures, 2);
	text.error = 0;
	text.length = 0;
	CHECK_INT(operand_cache_line(cache, &space, TEXT, 3 + OPERAND_CODE_AGE_USEC, &line),
		  -EFAULT);
}

TEST(spaces, "neither another process nor the same pid after an exec shares a line; forgotten ones "
	     "are read anew")
{
	struct operand_statistics statistics = { 0 };
	struct text text = nops();
	const struct operand_space other = { 8, 1 }, later = { 7, 2 };
	struct operand_line *line = NULL, *other_line = NULL, *later_line = NULL;
	_cleanup_(operand_cache_freep) struct operand_cache *cache =
		operand_cache_new(1 << 20, text_read, &text, &statistics);

	operand_cache_line(cache, &space, TEXT, 1, &line);
	operand_cache_line(cache, &other, TEXT, 1, &other_line);
	operand_cache_line(cache, &later, TEXT, 1, &later_line);
	CHECK(line != other_line && line != later_line && other_line != later_line);
	CHECK_INT(text.reads, 3);
	operand_cache_forget(cache, 7);
	operand_cache_line(cache, &other, TEXT, 1, &line);
	CHECK_INT(text.reads, 3);
	operand_cache_line(cache, &space, TEXT, 1, &line);
	operand_cache_line(cache, &later, TEXT, 1, &line);
	CHECK_INT(text.reads, 5);
}

TEST(bounded, "a full cache gives up the line unused for longest")
{
	struct operand_statistics statistics = { 0 };
	struct text text = nops();
	struct operand_line *line = NULL;
	/* One set: four lines. */
	_cleanup_(operand_cache_freep) struct operand_cache *cache =
		operand_cache_new(0, text_read, &text, &statistics);

	for (unsigned i = 0; i < 4; i++)
		operand_cache_line(cache, &space, TEXT + i * OPERAND_LINE_BYTES, 1, &line);
	CHECK_INT(statistics.evicted, 0);
	operand_cache_line(cache, &space, TEXT, 1, &line);
	operand_cache_line(cache, &space, TEXT + 4 * OPERAND_LINE_BYTES, 1, &line);
	CHECK_INT(statistics.evicted, 1);
	CHECK_INT(text.reads, 5);
	operand_cache_line(cache, &space, TEXT, 1, &line);
	CHECK_INT(text.reads, 5);
	operand_cache_line(cache, &space, TEXT + OPERAND_LINE_BYTES, 1, &line);
	CHECK_INT(text.reads, 6);
}

TEST(reused_line, "a line given to other code does not keep the instructions of the code before")
{
	struct operand_statistics statistics = { 0 };
	struct text text = nops();
	struct operand_line *line = NULL;
	_cleanup_(operand_cache_freep) struct operand_cache *cache =
		operand_cache_new(0, text_read, &text, &statistics);

	text.bytes[0] = 0xc3;
	for (unsigned i = 0; i < 30; i++) {
		const struct operand_instruction *instruction;
		uint64_t address = TEXT + i % 10 * OPERAND_LINE_BYTES;

		operand_cache_line(cache, &space, address, 1, &line);
		instruction = operand_line_find(line, address);
		if (!instruction)
			instruction = operand_line_decode(line, address);
		REQUIRE(instruction);
		CHECK_INT(instruction->operation, i % 10 ? OPERATION_OPAQUE : OPERATION_RETURN);
	}
}

TEST(crowded, "a line of more instructions than fit starts over")
{
	struct operand_statistics statistics = { 0 };
	struct text text = nops();
	struct operand_line *line = NULL;
	_cleanup_(operand_cache_freep) struct operand_cache *cache =
		operand_cache_new(1 << 20, text_read, &text, &statistics);

	operand_cache_line(cache, &space, TEXT, 1, &line);
	for (unsigned i = 0; i < OPERAND_LINE_BYTES; i++)
		CHECK(operand_line_decode(line, TEXT + i) != NULL);
	CHECK(!operand_line_find(line, TEXT));
	CHECK(operand_line_find(line, TEXT + OPERAND_LINE_BYTES - 1) != NULL);
	CHECK(line->instructions_count <= OPERAND_LINE_INSTRUCTIONS);
}

TEST_MAIN()
