/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/source-operand.h"

#include <errno.h>

#include "tests/tap.h"

/* What the program's code is at 0x401000. */
struct code {
	const unsigned char *byte;
	size_t n;
	int error;
};

static ssize_t read_code(void *userdata, pid_t pid, uint64_t address, void *buffer, size_t length)
{
	const struct code *code = userdata;
	size_t n = 0;

	(void)pid;
	if (code->error)
		return code->error;
	for (; n < length; n++) {
		uint64_t offset = address + n - 0x401000;

		((unsigned char *)buffer)[n] = offset < code->n ? code->byte[offset] : 0xcc;
	}
	return (ssize_t)n;
}

static struct record new_record(void)
{
	struct record record = { .kind = RECORD_SAMPLE,
				 .pid = 5,
				 .tid = 6,
				 .cpu = 7,
				 .time_nsec = 8,
				 .has_regs = true };

	record.reg[OPERAND_IP] = 0x401000;
	record.reg[OPERAND_AX] = 0x7f0000001000;
	record.reg[OPERAND_BX] = 0x7f0000002000;
	record.reg[OPERAND_SP] = 0x7ffc00000000;
	return record;
}

static int resolve(const struct code *code, const struct record *record, struct sample *ret_samples)
{
	_cleanup_(operand_decoder_freep) struct operand_decoder *decoder =
		operand_decoder_new(1 << 20, read_code, (void *)(uintptr_t)code);
	struct source_context context = { .decoder = decoder, .generation = 1, .now_usec = 1 };

	if (!decoder)
		return -ENOMEM;
	return source_operand.resolve(&context, record, ret_samples);
}

TEST(resolves, "accesses ahead become samples; a second one to the same page and the stack do not")
{
	static const unsigned char bytes[] = {
		0x48, 0x8b, 0x08,       /* mov (%rax),%rcx */
		0x48, 0x8b, 0x50, 0x08, /* mov 8(%rax),%rdx: the same page */
		0x48, 0x89, 0x0c, 0x24, /* mov %rcx,(%rsp) */
		0x48, 0x89, 0x13,       /* mov %rdx,(%rbx) */
		0xcc,
	};
	struct code code = { bytes, sizeof(bytes), 0 };
	struct record record = new_record();
	struct sample samples[SOURCE_SAMPLES_MAX];

	REQUIRE(resolve(&code, &record, samples) == 2);
	CHECK_INT(samples[0].address, 0x7f0000001000);
	CHECK(!samples[0].is_write);
	CHECK_INT(samples[1].address, 0x7f0000002000);
	CHECK(samples[1].is_write);
	CHECK_INT(samples[0].pid, 5);
	CHECK_INT(samples[0].tid, 6);
	CHECK_INT(samples[0].cpu, 7);
	CHECK_INT(samples[0].time_nsec, 8);
	CHECK_INT(samples[0].weight, 1);
	CHECK_INT(samples[0].source, SOURCE_OPERAND);
}

TEST(no_regs, "a record without registers of a 64-bit program tells nothing")
{
	struct code code = { 0 };
	struct record record = new_record();
	struct sample samples[SOURCE_SAMPLES_MAX];

	record.has_regs = false;
	CHECK_INT(resolve(&code, &record, samples), 0);
}

TEST(unreadable, "code that cannot be read is an error, and code without an access is none")
{
	static const unsigned char nothing[] = { 0x90, 0x90, 0xc3 };
	struct code gone = { .error = -ESRCH }, plain = { nothing, sizeof(nothing), 0 };
	struct record record = new_record();
	struct sample samples[SOURCE_SAMPLES_MAX];

	CHECK(resolve(&gone, &record, samples) < 0);
	CHECK_INT(resolve(&plain, &record, samples), 0);
}

TEST(event, "its event has the registers that the decoder wants, of user mode only")
{
	struct perf_event_attr attr = { .size = sizeof(attr) };

	source_operand.setup(&attr, 999983);
	CHECK_INT(attr.sample_regs_user, OPERAND_REGS_MASK);
	CHECK_INT(__builtin_popcountll(attr.sample_regs_user), OPERAND_REGS_COUNT);
	CHECK(attr.sample_type & PERF_SAMPLE_REGS_USER);
	CHECK(attr.exclude_kernel);
}

TEST_MAIN()
