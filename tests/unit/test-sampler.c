/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fakes: syscalls */
#include "sampling/sampler.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sampling/ring.h"
#include "tests/tap.h"
#include "tests/unit/fake-syscalls.h"
#include "tests/unit/record-bytes.h"

#define PAGE_BYTES 4096
#define RING_BYTES ((1 + RING_DATA_PAGES) * (size_t)PAGE_BYTES)
#define CPUS_MAX   4

/* A perf descriptor is a piece of memory here, and this is the kernel's side of it. */
static struct perf {
	int fd[CPUS_MAX];
	unsigned char *memory[CPUS_MAX];
	unsigned n_enabled, n_periods;
	uint64_t period_nsec;
	int refuse_cpu, error; /* opening on that CPU */
	bool refuse_lost;      /* PERF_FORMAT_LOST */
	int period_error;
} perf;

static int open_event(struct perf_event_attr *attr, pid_t pid, int cpu, int group_fd,
		      unsigned long flags)
{
	(void)pid;
	(void)group_fd;
	(void)flags;
	if (cpu == perf.refuse_cpu)
		return perf.error;
	if (perf.refuse_lost && attr->read_format & PERF_FORMAT_LOST)
		return -EINVAL;
	perf.fd[cpu] = memfd_create("perf", MFD_CLOEXEC);
	if (perf.fd[cpu] < 0 || ftruncate(perf.fd[cpu], (off_t)RING_BYTES) < 0)
		abort();
	perf.memory[cpu] =
		mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, perf.fd[cpu], 0);
	if (perf.memory[cpu] == MAP_FAILED)
		abort();
	return perf.fd[cpu];
}

/* In place of libc's. */
int ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;

	(void)fd;
	va_start(arguments, request);
	if (request == PERF_EVENT_IOC_ENABLE)
		perf.n_enabled++;
	if (request == PERF_EVENT_IOC_PERIOD) {
		perf.period_nsec = *va_arg(arguments, uint64_t *);
		perf.n_periods++;
	}
	va_end(arguments);
	if (request == PERF_EVENT_IOC_PERIOD && perf.period_error) {
		errno = perf.period_error;
		return -1;
	}
	return 0;
}

static void perf_start(void)
{
	perf = (struct perf){ .refuse_cpu = -1 };
	fake_perf_event_open_handler = open_event;
}

static void perf_done(void)
{
	for (unsigned cpu = 0; cpu < CPUS_MAX; cpu++)
		if (perf.memory[cpu])
			munmap(perf.memory[cpu], RING_BYTES);
	CHECK(fake_syscalls_finish());
}

static void kernel_puts(unsigned cpu, const struct perf_event_header *header)
{
	struct perf_event_mmap_page *control = (void *)perf.memory[cpu];

	memcpy(perf.memory[cpu] + PAGE_BYTES + control->data_head, header, header->size);
	control->data_head += header->size;
}

static void kernel_puts_sample(unsigned cpu, uint32_t pid)
{
	struct record_bytes bytes;

	record_begin(&bytes, PERF_RECORD_SAMPLE, 0);
	record_put_u32(&bytes, pid);
	record_put_u32(&bytes, pid);
	record_put_u64(&bytes, 99);
	record_put_u32(&bytes, cpu);
	record_put_u32(&bytes, 0);
	kernel_puts(cpu, record_end(&bytes));
}

static struct topology *three_of_four_cpus(void)
{
	static struct topology topology;

	topology = (struct topology){ .n_nodes = 1, .n_cpus = 4, .page_bytes = PAGE_BYTES };
	topology.cpu_node[2] = NODE_NONE; /* offline */
	return &topology;
}

struct seen {
	unsigned n, exits;
	pid_t pid[64];
};

static void see(void *userdata, const struct record *record)
{
	struct seen *seen = userdata;

	seen->exits += record->kind == RECORD_EXIT;
	seen->pid[seen->n++ % 64] = record->pid;
}

TEST(opens, "an event is opened and started on each CPU that is online, and all is closed again")
{
	_cleanup_(sampler_freep) struct sampler *sampler = NULL;

	perf_start();
	REQUIRE(sampler_new(&sampler, sources[SOURCE_RESIDENCY], three_of_four_cpus(), 1000003) ==
		0);
	CHECK(sampler_source(sampler) == sources[SOURCE_RESIDENCY]);
	CHECK_INT(perf.n_enabled, 3);
	CHECK(!perf.memory[2]);
	sampler = sampler_free(sampler);
	CHECK_INT(close(perf.fd[0]), -1);
	CHECK_INT(close(perf.fd[3]), -1);
	CHECK(!sampler_free(NULL));
	perf_done();
}

TEST(vanished_cpu,
     "a CPU that went offline meanwhile is passed over; when all did there is no device")
{
	_cleanup_(sampler_freep) struct sampler *sampler = NULL;
	struct topology *topology = three_of_four_cpus();

	perf_start();
	perf.refuse_cpu = 1;
	perf.error = -ENODEV;
	CHECK_INT(sampler_new(&sampler, sources[SOURCE_RESIDENCY], topology, 1000003), 0);
	CHECK_INT(perf.n_enabled, 2);
	sampler = sampler_free(sampler);
	topology->n_cpus = 1;
	perf.refuse_cpu = 0;
	CHECK_INT(sampler_new(&sampler, sources[SOURCE_RESIDENCY], topology, 1000003), -ENODEV);
	CHECK(!sampler);
	perf_done();
}

TEST(refused, "an error of one CPU is told, and what was opened is closed")
{
	struct sampler *sampler = NULL;

	perf_start();
	perf.refuse_cpu = 3;
	perf.error = -EACCES;
	CHECK_INT(sampler_new(&sampler, sources[SOURCE_RESIDENCY], three_of_four_cpus(), 1000003),
		  -EACCES);
	CHECK(!sampler);
	CHECK_INT(close(perf.fd[0]), -1);
	CHECK_INT(sampler_new(&sampler, sources[SOURCE_PEBS], three_of_four_cpus(), 1000003),
		  -EOPNOTSUPP);
	perf_done();
}

TEST(old_kernel, "a kernel that does not count lost records is asked without that")
{
	_cleanup_(sampler_freep) struct sampler *sampler = NULL;

	perf_start();
	perf.refuse_lost = true;
	CHECK_INT(sampler_new(&sampler, sources[SOURCE_RESIDENCY], three_of_four_cpus(), 1000003),
		  0);
	CHECK_INT(perf.n_enabled, 3);
	perf_done();
}

TEST(drains, "waiting records of all CPUs are handed over once, and counted by kind")
{
	_cleanup_(sampler_freep) struct sampler *sampler = NULL;
	struct sampler_statistics statistics;
	struct record_bytes bytes;
	struct seen seen = { 0 };

	perf_start();
	REQUIRE(sampler_new(&sampler, sources[SOURCE_RESIDENCY], three_of_four_cpus(), 1000003) ==
		0);
	CHECK_INT(sampler_drain(sampler, 100, see, &seen), 0);
	kernel_puts_sample(0, 10);
	kernel_puts_sample(0, 11);
	kernel_puts_sample(3, 12);
	record_begin(&bytes, PERF_RECORD_EXIT, 0);
	for (unsigned i = 0; i < 4; i++)
		record_put_u32(&bytes, 13);
	record_put_u64(&bytes, 0);
	kernel_puts(1, record_end(&bytes));
	record_begin(&bytes, PERF_RECORD_THROTTLE, 0);
	kernel_puts(1, record_end(&bytes));
	/* A sample that is too short for its layout. */
	record_begin(&bytes, PERF_RECORD_SAMPLE, 0);
	kernel_puts(1, record_end(&bytes));
	CHECK_INT(sampler_drain(sampler, 100, see, &seen), 5);
	CHECK_INT(seen.n, 5);
	CHECK_INT(seen.exits, 1);
	CHECK_INT(sampler_drain(sampler, 100, see, &seen), 0);
	sampler_read_statistics(sampler, &statistics);
	CHECK_INT(statistics.records, 5);
	CHECK_INT(statistics.samples, 3);
	CHECK_INT(statistics.throttled, 1);
	CHECK_INT(statistics.malformed, 1);
	perf_done();
}

TEST(fair, "a bound on the records does not starve the last CPUs")
{
	_cleanup_(sampler_freep) struct sampler *sampler = NULL;
	struct seen seen = { 0 };
	unsigned of_last = 0;

	perf_start();
	REQUIRE(sampler_new(&sampler, sources[SOURCE_RESIDENCY], three_of_four_cpus(), 1000003) ==
		0);
	for (unsigned round = 0; round < 10; round++) {
		for (unsigned i = 0; i < 10; i++) {
			kernel_puts_sample(0, 1);
			kernel_puts_sample(1, 1);
			kernel_puts_sample(3, 3);
		}
		seen.n = 0;
		CHECK_INT(sampler_drain(sampler, 10, see, &seen), 10);
		for (unsigned i = 0; i < seen.n; i++)
			of_last += seen.pid[i] == 3;
	}
	CHECK(of_last >= 20);
	perf_done();
}

TEST(period, "a new period is set on every CPU; an error is told, and the others are set")
{
	_cleanup_(sampler_freep) struct sampler *sampler = NULL;

	perf_start();
	REQUIRE(sampler_new(&sampler, sources[SOURCE_RESIDENCY], three_of_four_cpus(), 1000003) ==
		0);
	CHECK_INT(sampler_set_period(sampler, 5000011), 0);
	CHECK_INT(perf.period_nsec, 5000011);
	CHECK_INT(perf.n_periods, 3);
	perf.period_error = EINVAL;
	CHECK_INT(sampler_set_period(sampler, 7), -EINVAL);
	CHECK_INT(perf.n_periods, 6);
	perf_done();
}

TEST_MAIN()
