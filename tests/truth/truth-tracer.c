/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Proves predicted addresses against a real program: lets it run, stops it at random times,
 * single-steps a stretch and predicts at every step of it; each prediction must be an access of the
 * very instruction that ran so many steps later, with the registers that it then really had.
 *
 *   truth-tracer [-v] [-n PREDICTIONS] [-s SEED] LABEL PROGRAM [ARGUMENT...]
 *
 * Prints: label, predictions, correct, wrong, rate, samples, share of samples with a non-stack
 * prediction. Exit status 1 below REQUIRED_RATE. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/syscalls.h"
#include "sampling/operand.h"
#include "tests/truth/truth-access.h"

#define STRETCH_STEPS    3000
#define RUN_USEC_MAX     6000
#define REPEAT_STEPS_MAX 4096
#define RUNS_MAX         20
#define WRONG_SHOWN      20
#define CACHE_BYTES      (16UL << 20)
#define REQUIRED_RATE    0.999

struct sample {
	int count;
	struct operand_access accesses[OPERAND_ACCESSES_MAX];
};

struct tracer {
	struct operand_decoder *decoder;
	const char *label;
	char **command;
	uint64_t wanted, random;
	bool is_verbose;
	pid_t pid;
	uint64_t generation;
	unsigned length; /* of the stretch */
	struct user_regs_struct trace[STRETCH_STEPS + 1];
	struct sample samples[STRETCH_STEPS + 1];
	uint64_t predictions, correct, wrong, sampled, with_data, with_any;
};

static ssize_t read_code(void *userdata, pid_t pid, uint64_t address, void *buffer, size_t length)
{
	(void)userdata;
	return sys_process_vm_read(pid, address, buffer, length);
}

static uint64_t next_random(struct tracer *tracer)
{
	tracer->random ^= tracer->random << 13;
	tracer->random ^= tracer->random >> 7;
	tracer->random ^= tracer->random << 17;
	return tracer->random;
}

/* On one CPU a step is two plain context switches, with no wait for a wake-up on another one. */
static void share_one_cpu(void)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Another program's code may lie at the same addresses. */
static void new_code(struct tracer *tracer)
{
	tracer->generation++;
	truth_forget();
}

/* Starts the program, stopped at its first instruction. 0 or -errno. */
static int start(struct tracer *tracer)
{
	int gate[2], status;

	if (pipe(gate) < 0)
		return -errno;
	tracer->pid = fork();
	if (tracer->pid == 0) {
		char byte;

		close(gate[1]);
		if (freopen("/dev/null", "r", stdin) && freopen("/dev/null", "w", stdout) &&
		    read(gate[0], &byte, 1) == 1)
			execvp(tracer->command[0], tracer->command);
		_exit(127);
	}
	close(gate[0]);
	if (tracer->pid < 0 ||
	    ptrace(PTRACE_SEIZE, tracer->pid, NULL, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) < 0) {
		close(gate[1]);
		return -errno;
	}
	if (write(gate[1], "", 1) != 1 || waitpid(tracer->pid, &status, 0) < 0) {
		close(gate[1]);
		return -errno;
	}
	close(gate[1]);
	new_code(tracer);
	return WIFSTOPPED(status) ? 0 : -ENOEXEC;
}

/* Lets it run for a while. False: it ended. Signals of its own are handed on. */
static bool run_freely(struct tracer *tracer)
{
	int status;

	if (ptrace(PTRACE_CONT, tracer->pid, NULL, 0) < 0)
		return false;
	clock_sleep_usec(next_random(tracer) % RUN_USEC_MAX);
	ptrace(PTRACE_INTERRUPT, tracer->pid, NULL, 0);
	for (;;) {
		if (waitpid(tracer->pid, &status, 0) < 0 || !WIFSTOPPED(status))
			return false;
		if (status >> 16 == PTRACE_EVENT_STOP)
			return true;
		if (status >> 16 == PTRACE_EVENT_EXEC)
			new_code(tracer);
		ptrace(PTRACE_CONT, tracer->pid, NULL, status >> 16 ? 0 : WSTOPSIG(status));
	}
}

enum step {
	STEP_DONE,
	STEP_CUT, /* a signal or an event came between */
	STEP_ENDED,
};

static enum step single_step(struct tracer *tracer, struct user_regs_struct *ret_regs)
{
	int status;

	if (ptrace(PTRACE_SINGLESTEP, tracer->pid, NULL, 0) < 0 ||
	    waitpid(tracer->pid, &status, 0) < 0 || !WIFSTOPPED(status))
		return STEP_ENDED;
	if (status >> 16 || WSTOPSIG(status) != SIGTRAP) {
		int signal_number = status >> 16 ? 0 : WSTOPSIG(status);

		if (status >> 16 == PTRACE_EVENT_EXEC)
			new_code(tracer);
		/* Deliver it: the next step starts in the handler. */
		if (ptrace(PTRACE_SINGLESTEP, tracer->pid, NULL, signal_number) < 0 ||
		    waitpid(tracer->pid, &status, 0) < 0 || !WIFSTOPPED(status))
			return STEP_ENDED;
		return STEP_CUT;
	}
	return ptrace(PTRACE_GETREGS, tracer->pid, NULL, ret_regs) < 0 ? STEP_ENDED : STEP_DONE;
}

static void sample_here(struct tracer *tracer)
{
	const struct user_regs_struct *r = &tracer->trace[tracer->length];
	const struct operand_space space = { tracer->pid, tracer->generation };
	const uint64_t regs[OPERAND_REGS_COUNT] = {
		r->rax,    r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp, r->rsp, r->rip,
		r->eflags, r->r8,  r->r9,  r->r10, r->r11, r->r12, r->r13, r->r14, r->r15,
	};
	struct sample *sample = &tracer->samples[tracer->length];

	sample->count =
		operand_predict(tracer->decoder, &space, regs, clock_now_usec(), sample->accesses);
}

/* One instruction: a repeated string operation takes a step for each element, and is cut if those
 * are too many to wait for. */
static enum step step_instruction(struct tracer *tracer, struct user_regs_struct *ret_regs)
{
	uint64_t ip = tracer->trace[tracer->length].rip;

	for (unsigned rounds = 0; rounds < REPEAT_STEPS_MAX; rounds++) {
		enum step step = single_step(tracer, ret_regs);

		if (step != STEP_DONE || ret_regs->rip != ip || !truth_is_repeated(tracer->pid, ip))
			return step;
	}
	return STEP_CUT;
}

/* Steps through a stretch and predicts on the way. False: the program ended. */
static bool step_stretch(struct tracer *tracer)
{
	struct user_regs_struct regs;
	enum step step;

	tracer->length = 0;
	/* One step without looking: a stop may lie in a system call that is to be restarted. */
	step = single_step(tracer, &regs);
	while (step == STEP_DONE && tracer->length < STRETCH_STEPS) {
		tracer->trace[tracer->length] = regs;
		sample_here(tracer);
		step = step_instruction(tracer, &regs);
		tracer->length++;
	}
	if (step == STEP_DONE)
		tracer->trace[tracer->length] = regs;
	else if (tracer->length)
		tracer->length--; /* what it did is not known */
	return step != STEP_ENDED;
}

static void show_wrong(const struct tracer *tracer, unsigned from,
		       const struct operand_access *access)
{
	const struct user_regs_struct *regs = &tracer->trace[from + access->steps];
	struct truth_access truth[TRUTH_ACCESSES_MAX];
	int count = truth_accesses(tracer->pid, regs, regs + 1, truth);

	if (!tracer->is_verbose || tracer->wrong > WRONG_SHOWN)
		return;
	fprintf(stderr,
		"%s: sample at %#llx: %s of %u bytes at %#" PRIx64 " by %#" PRIx64
		" in %u steps; ran %#llx:",
		tracer->label, tracer->trace[from].rip, access->is_write ? "write" : "read",
		access->size, access->address, access->ip, access->steps, regs->rip);
	for (int i = 0; i < count; i++)
		fprintf(stderr, " %s %u at %#" PRIx64, truth[i].is_write ? "write" : "read",
			truth[i].size, truth[i].address);
	fputc('\n', stderr);
}

static bool is_right(const struct tracer *tracer, unsigned from,
		     const struct operand_access *access)
{
	const struct user_regs_struct *regs = &tracer->trace[from + access->steps];
	struct truth_access truth[TRUTH_ACCESSES_MAX];
	int count;

	if (regs->rip != access->ip)
		return false;
	count = truth_accesses(tracer->pid, regs, regs + 1, truth);
	for (int i = 0; i < count; i++)
		if (truth[i].address == access->address && truth[i].size == access->size &&
		    truth[i].is_write == access->is_write)
			return true;
	return false;
}

static void check_sample(struct tracer *tracer, unsigned from)
{
	const struct sample *sample = &tracer->samples[from];
	bool has_data = false;

	for (int i = 0; i < sample->count; i++) {
		const struct operand_access *access = &sample->accesses[i];

		has_data |= !access->is_stack;
		if (from + access->steps >= tracer->length)
			continue;
		tracer->predictions++;
		if (is_right(tracer, from, access)) {
			tracer->correct++;
		} else {
			tracer->wrong++;
			show_wrong(tracer, from, access);
		}
	}
	tracer->sampled++;
	tracer->with_data += has_data;
	tracer->with_any += sample->count > 0;
}

/* One run of the program, until it ends or enough was seen. 0 or -errno. */
static int trace_once(struct tracer *tracer)
{
	bool alive = true;
	int r = start(tracer);

	if (r < 0)
		return r;
	while (alive && tracer->predictions < tracer->wanted) {
		alive = run_freely(tracer) && step_stretch(tracer);
		/* What ended mid-stretch cannot be read any more; its stretch is dropped. */
		if (alive)
			for (unsigned i = 0; i < tracer->length; i++)
				check_sample(tracer, i);
	}
	if (alive) {
		kill(tracer->pid, SIGKILL);
		waitpid(tracer->pid, NULL, 0);
	}
	operand_decoder_forget(tracer->decoder, tracer->pid);
	return 0;
}

static int report(const struct tracer *tracer)
{
	double rate =
		tracer->predictions ? (double)tracer->correct / (double)tracer->predictions : 0;
	double samples = tracer->sampled ? (double)tracer->sampled : 1;

	printf("%-14s %10" PRIu64 " %10" PRIu64 " %6" PRIu64 " %9.5f%% %10" PRIu64
	       " %6.1f%% %6.1f%%\n",
	       tracer->label, tracer->predictions, tracer->correct, tracer->wrong, 100 * rate,
	       tracer->sampled, 100 * (double)tracer->with_data / samples,
	       100 * (double)tracer->with_any / samples);
	return rate >= REQUIRED_RATE && tracer->predictions >= tracer->wanted ? EXIT_SUCCESS
									      : EXIT_FAILURE;
}

static int usage(void)
{
	fputs("usage: truth-tracer [-v] [-n PREDICTIONS] [-s SEED] LABEL PROGRAM [ARGUMENT...]\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static struct tracer tracer = { .wanted = 150000, .random = 88172645463325252ULL };
	int option, r = 0;

	while ((option = getopt(argc, argv, "+vn:s:")) != -1) {
		if (option == 'v')
			tracer.is_verbose = true;
		else if (option == 'n')
			tracer.wanted = strtoull(optarg, NULL, 10);
		else if (option == 's')
			tracer.random ^= strtoull(optarg, NULL, 10) << 1;
		else
			return usage();
	}
	if (argc - optind < 2)
		return usage();
	tracer.label = argv[optind];
	tracer.command = argv + optind + 1;
	tracer.decoder = operand_decoder_new(CACHE_BYTES, read_code, NULL);
	if (!tracer.decoder)
		return 2;
	share_one_cpu();
	for (unsigned i = 0; i < RUNS_MAX && tracer.predictions < tracer.wanted && !r; i++)
		r = trace_once(&tracer);
	if (r)
		fprintf(stderr, "%s: %s\n", tracer.label, strerror(-r));
	operand_decoder_free(tracer.decoder);
	return r ? 2 : report(&tracer);
}
