/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/source-operand.h"

#include <stdbool.h>

#include "sampling/source-residency.h"

__attribute__((unused)) static void setup(struct perf_event_attr *attr, uint64_t period_nsec)
{
	source_setup_cpu_clock(attr, period_nsec);
	attr->sample_type |= PERF_SAMPLE_REGS_USER;
	attr->sample_regs_user = OPERAND_REGS_MASK;
	/* A tick in the kernel has the registers of the system call's entry, not of running user
	 * code. */
	attr->exclude_kernel = 1;
}

/* Two accesses to one page within a few instructions are one piece of evidence. */
static bool is_new_page(const struct sample *samples, int n, uint64_t address)
{
	for (int i = 0; i < n; i++)
		if (samples[i].address >> 12 == address >> 12)
			return false;
	return true;
}

static int resolve(const struct source_context *context, const struct record *record,
		   struct sample ret_samples[static SOURCE_SAMPLES_MAX])
{
	struct operand_space space = { .pid = record->pid, .generation = context->generation };
	struct operand_access access[OPERAND_ACCESSES_MAX];
	int n = 0;

	if (!record->has_regs)
		return 0;

	int found =
		operand_predict(context->decoder, &space, record->reg, context->now_usec, access);

	if (found < 0)
		return found;
	for (int i = 0; i < found; i++) {
		/* The stack is the thread's own and small: it says nothing that its place would
		 * change. */
		if (access[i].is_stack || !is_new_page(ret_samples, n, access[i].address))
			continue;
		ret_samples[n++] = (struct sample){
			.time_nsec = record->time_nsec,
			.address = access[i].address,
			.pid = record->pid,
			.tid = record->tid,
			.cpu = record->cpu,
			.weight = 1,
			.source = SOURCE_OPERAND,
			.is_write = access[i].is_write,
		};
	}
	return n;
}

const struct source source_operand = {
	.id = SOURCE_OPERAND,
	.name = "operand",
	.tells = "addresses of the next accesses after a timer tick",
/* The registers' order and the decoder are those of x86-64. */
#ifdef __x86_64__
	.setup = setup,
#endif
	.resolve = resolve,
};
