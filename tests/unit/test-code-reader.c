/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls */
#include "sampling/code-reader.h"

#include <errno.h>

#include "base/syscalls.h"
#include "tests/tap.h"
#include "tests/unit/fake-syscalls.h"

#define PID  7
#define PAGE 4096ULL
#define CODE 0x400000ULL

static uint32_t page_bytes = PAGE;
static uint64_t read_address;
static size_t read_length;
static unsigned n_reads;

static ssize_t note_read(pid_t pid, uint64_t address, void *buffer, size_t length)
{
	(void)pid;
	memset(buffer, 0x90, length);
	read_address = address;
	read_length = length;
	n_reads++;
	return (ssize_t)length;
}

static void start(void)
{
	fake_syscalls_reset();
	fake_move_pages_handler = fake_pages_move;
	fake_process_vm_read_handler = note_read;
	n_reads = 0;
}

TEST(test_there, "code in memory is read")
{
	unsigned char buffer[128];

	start();
	fake_pages_map(PID, CODE, 2, 0);
	CHECK_INT(code_read(&page_bytes, PID, CODE + PAGE - 64, buffer, 128), 128);
	CHECK_INT(read_address, CODE + PAGE - 64);
	CHECK_INT(read_length, 128);
	CHECK(fake_syscalls_finish());
}

TEST(test_next_missing, "what would fault is not read: the bytes up to that page are")
{
	unsigned char buffer[128];

	start();
	fake_pages_map(PID, CODE, 1, 0);
	CHECK_INT(code_read(&page_bytes, PID, CODE + PAGE - 64, buffer, 128), 64);
	CHECK_INT(read_length, 64);
	CHECK(fake_syscalls_finish());
}

TEST(test_missing, "a page that is not there is not touched at all")
{
	unsigned char buffer[128];

	start();
	fake_pages_map(PID, CODE + PAGE, 1, 0);
	CHECK_INT(code_read(&page_bytes, PID, CODE, buffer, 128), -EFAULT);
	CHECK_INT(n_reads, 0);
	CHECK(fake_syscalls_finish());
}

TEST(test_bounds, "no bytes, and more pages than code ever takes, are refused")
{
	unsigned char buffer[8];

	start();
	CHECK_INT(code_read(&page_bytes, PID, CODE, buffer, 0), -EINVAL);
	CHECK_INT(code_read(&page_bytes, PID, CODE, buffer, 5 * PAGE), -EINVAL);
	CHECK_INT(n_reads, 0);
	CHECK(fake_syscalls_finish());
}

TEST_MAIN()
