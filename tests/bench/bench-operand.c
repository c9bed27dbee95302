/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a prediction costs: registers of running code, recorded at random times, are predicted from
 * again and again. Warm: code and instructions in the cache. Cold: nothing is, as after an exec.
 *
 *   bench-operand [PROGRAM ARGUMENT...]      adds a row for a program of your own */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/syscalls.h"
#include "sampling/operand.h"

#define SAMPLES       1000
#define WARM_ROUNDS   200
#define TABLE_ENTRIES (1U << 20)
#define CACHE_BYTES   (8UL << 20)

struct recording {
	pid_t pid;
	unsigned count;
	uint64_t regs[SAMPLES][OPERAND_REGS_COUNT];
};

/* CPU time: what other programs take meanwhile is not our cost. */
static uint64_t nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

static uint64_t *new_table(void)
{
	uint64_t *table = calloc(TABLE_ENTRIES, sizeof(*table));

	if (!table)
		_exit(1);
	/* Its contents are used, as far as the compiler can tell. */
	__asm__ volatile("" : "+r"(table) : : "memory");
	return table;
}

static void work_stream(void)
{
	uint64_t *table = new_table();

	for (;;) {
		for (uint32_t i = 0; i < TABLE_ENTRIES; i++)
			table[i] += i;
		__asm__ volatile("" : : "r"(table) : "memory");
	}
}

static void work_chase(void)
{
	uint64_t *table = new_table();

	for (uint64_t i = 0; i < TABLE_ENTRIES; i++)
		table[i] = (i * 2654435761U + 12345) % TABLE_ENTRIES;
	for (volatile uint64_t at = 0;;)
		for (unsigned i = 0; i < 1000; i++)
			at = table[at];
}

static void work_hash(void)
{
	uint64_t *table = new_table(), key = 1;

	for (;;) {
		uint64_t at;

		key ^= key << 13;
		key ^= key >> 7;
		key ^= key << 17;
		at = key % TABLE_ENTRIES;
		for (unsigned probes = 0; table[at] && table[at] != key && probes < 16; probes++)
			at = (at + 1) % TABLE_ENTRIES;
		table[at] = key;
		__asm__ volatile("" : : "r"(table) : "memory");
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void work_sort(void)
{
	uint64_t *table = new_table();

	for (uint64_t key = 1;;) {
		for (uint32_t i = 0; i < TABLE_ENTRIES; i++)
			table[i] = key = key * 6364136223846793005ULL + 1442695040888963407ULL;
		qsort(table, TABLE_ENTRIES, sizeof(*table), compare);
	}
}

static void work_format(void)
{
	char text[100];

	for (unsigned i = 0;; i++)
		snprintf(text, sizeof(text), "%u of %s: %g", i, "numbers", i * 0.5);
}

static void record_registers(struct recording *recording)
{
	struct user_regs_struct r;
	uint64_t *regs = recording->regs[recording->count];

	if (ptrace(PTRACE_GETREGS, recording->pid, NULL, &r) < 0)
		return;
	memcpy(regs,
	       (uint64_t[OPERAND_REGS_COUNT]){ r.rax, r.rbx, r.rcx, r.rdx, r.rsi, r.rdi, r.rbp,
					       r.rsp, r.rip, r.eflags, r.r8, r.r9, r.r10, r.r11,
					       r.r12, r.r13, r.r14, r.r15 },
	       sizeof(recording->regs[0]));
	recording->count++;
}

/* Stops the child again and again; it stays stopped at the end, so that its code can be read. */
static void record(struct recording *recording)
{
	int status;

	recording->count = 0;
	if (ptrace(PTRACE_SEIZE, recording->pid, NULL, PTRACE_O_EXITKILL) < 0)
		return;
	clock_sleep_usec(100 * USEC_PER_MSEC);
	while (recording->count < SAMPLES) {
		ptrace(PTRACE_INTERRUPT, recording->pid, NULL, 0);
		if (waitpid(recording->pid, &status, 0) < 0 || !WIFSTOPPED(status))
			return;
		record_registers(recording);
		if (recording->count == SAMPLES)
			return;
		ptrace(PTRACE_CONT, recording->pid, NULL, 0);
		clock_sleep_usec(100 + (recording->count * 37U) % 300);
	}
}

static ssize_t read_code(void *userdata, pid_t pid, uint64_t address, void *buffer, size_t length)
{
	(void)userdata;
	return sys_process_vm_read(pid, address, buffer, length);
}

struct result {
	double ns, predictions, instructions, reads;
	unsigned with_data;
};

/* A new generation for each sample leaves nothing of the cache usable. */
static struct result measure(const struct recording *recording, unsigned rounds, bool is_cold)
{
	_cleanup_(operand_decoder_freep) struct operand_decoder *decoder =
		operand_decoder_new(CACHE_BYTES, read_code, NULL);
	struct operand_space space = { recording->pid, 1 };
	struct operand_statistics before, after;
	struct result result = { 0 };
	uint64_t start = 0, walks = (uint64_t)rounds * recording->count;

	if (!decoder || !walks)
		return result;
	operand_decoder_statistics(decoder, &before);
	for (unsigned round = 0; round <= rounds; round++) {
		/* The first round warms up. */
		if (round == 1) {
			operand_decoder_statistics(decoder, &before);
			start = nanoseconds();
		}
		for (unsigned i = 0; i < recording->count; i++) {
			struct operand_access accesses[OPERAND_ACCESSES_MAX];
			bool has_data = false;
			int n;

			space.generation += is_cold;
			n = operand_predict(decoder, &space, recording->regs[i], 1, accesses);
			for (int k = 0; k < n; k++)
				has_data |= !accesses[k].is_stack;
			result.with_data += has_data && round == 0;
		}
	}
	result.ns = (double)(nanoseconds() - start) / (double)walks;
	operand_decoder_statistics(decoder, &after);
	result.predictions = (double)(after.predictions - before.predictions) / (double)walks;
	result.instructions = (double)(after.instructions - before.instructions) / (double)walks;
	result.reads = (double)(after.code_reads - before.code_reads) / (double)walks;
	return result;
}

static void print_row(const char *name, const struct recording *recording)
{
	struct result warm = measure(recording, WARM_ROUNDS, false);
	struct result cold = measure(recording, 1, true);

	if (!recording->count) {
		printf("%-10s no samples\n", name);
		return;
	}
	printf("%-10s %8u %9.0f %9.0f %9.1f %12.1f %11.1f %9.1f%%\n", name, recording->count,
	       warm.ns, cold.ns, warm.predictions, warm.instructions, cold.reads,
	       100.0 * warm.with_data / recording->count);
}

static void bench(const char *name, void (*work)(void), char **command)
{
	static struct recording recording;

	recording.pid = fork();
	if (recording.pid == 0) {
		if (work)
			work();
		else if (freopen("/dev/null", "w", stdout))
			execvp(command[0], command);
		_exit(127);
	}
	record(&recording);
	print_row(name, &recording);
	if (recording.pid > 0) {
		kill(recording.pid, SIGKILL);
		waitpid(recording.pid, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*work)(void);
	} works[] = {
		{ "stream", work_stream }, { "chase", work_chase },   { "hash", work_hash },
		{ "sort", work_sort },     { "format", work_format },
	};

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("%-10s %8s %9s %9s %9s %12s %11s %10s\n", "code", "samples", "warm ns", "cold ns",
	       "accesses", "instructions", "cold reads", "with data");
	for (size_t i = 0; i < ELEMENTSOF(works); i++)
		bench(works[i].name, works[i].work, NULL);
	if (argc > 1)
		bench(argv[1], NULL, argv + 1);
	return 0;
}
