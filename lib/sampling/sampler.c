/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampling/sampler.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/syscalls.h"
#include "sampling/ring.h"

struct channel {
	int fd;
	struct ring ring;
	uint64_t lost_in_band;
};

struct sampler {
	const struct source *source;
	struct record_layout layout;
	struct channel *channel;
	size_t n_channels;
	size_t next; /* channel to begin the next drain with, so that a bound does not starve the
			last ones */
	struct sampler_statistics statistics;
};

struct sampler *sampler_free(struct sampler *sampler)
{
	if (!sampler)
		return NULL;
	for (size_t i = 0; i < sampler->n_channels; i++) {
		ring_unmap(&sampler->channel[i].ring);
		close(sampler->channel[i].fd);
	}
	free(sampler->channel);
	free(sampler);
	return NULL;
}

static int open_channel(struct channel *ret_channel, struct perf_event_attr *attr, unsigned cpu,
			size_t page_bytes)
{
	struct channel channel = { 0 };
	_cleanup_close_ int fd = sys_perf_event_open(attr, -1, (int)cpu, -1, 0);

	/* Kernels before 6.0 do not know PERF_FORMAT_LOST. */
	if (fd == -EINVAL && attr->read_format & PERF_FORMAT_LOST) {
		attr->read_format &= ~(uint64_t)PERF_FORMAT_LOST;
		fd = sys_perf_event_open(attr, -1, (int)cpu, -1, 0);
	}
	if (fd < 0)
		return fd;

	int r = ring_map(&channel.ring, fd, page_bytes, RING_DATA_PAGES);

	if (r < 0)
		return r;
	channel.fd = TAKE_FD(fd);
	*ret_channel = channel;
	return 0;
}

static int open_channels(struct sampler *sampler, struct perf_event_attr *attr,
			 const struct topology *topology)
{
	int first_error = 0;

	for (unsigned cpu = 0; cpu < topology->n_cpus; cpu++) {
		if (topology_node_of_cpu(topology, cpu) == NODE_NONE)
			continue;

		int r = open_channel(&sampler->channel[sampler->n_channels], attr, cpu,
				     topology->page_bytes);

		if (r >= 0)
			sampler->n_channels++;
		else if (r != -ENODEV && !first_error)
			first_error = r;
	}
	if (first_error)
		return first_error;
	return sampler->n_channels ? 0 : -ENODEV;
}

static int enable_channels(struct sampler *sampler)
{
	for (size_t i = 0; i < sampler->n_channels; i++)
		if (ioctl(sampler->channel[i].fd, PERF_EVENT_IOC_ENABLE, 0) < 0)
			return -errno;
	return 0;
}

int sampler_new(struct sampler **ret_sampler, const struct source *source,
		const struct topology *topology, uint64_t period_nsec)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .disabled = 1 };

	if (!source->setup)
		return -EOPNOTSUPP;
	source->setup(&attr, period_nsec);

	_cleanup_(sampler_freep) struct sampler *sampler = calloc(1, sizeof(*sampler));

	if (!sampler)
		return -ENOMEM;
	sampler->source = source;
	sampler->layout = (struct record_layout){
		.sample_type = attr.sample_type,
		.n_regs = (unsigned)__builtin_popcountll(attr.sample_regs_user),
	};
	sampler->channel = calloc(topology->n_cpus, sizeof(*sampler->channel));
	if (!sampler->channel)
		return -ENOMEM;

	int r = open_channels(sampler, &attr, topology);

	if (r >= 0)
		r = enable_channels(sampler);
	if (r < 0)
		return r;
	*ret_sampler = TAKE_PTR(sampler);
	return 0;
}

const struct source *sampler_source(const struct sampler *sampler)
{
	return sampler->source;
}

int sampler_set_period(struct sampler *sampler, uint64_t period_nsec)
{
	int error = 0;

	for (size_t i = 0; i < sampler->n_channels; i++)
		if (ioctl(sampler->channel[i].fd, PERF_EVENT_IOC_PERIOD, &period_nsec) < 0)
			error = -errno;
	return error;
}

static void count(struct sampler *sampler, struct channel *channel, const struct record *record)
{
	sampler->statistics.records++;
	if (record->kind == RECORD_SAMPLE)
		sampler->statistics.samples++;
	else if (record->kind == RECORD_LOST)
		channel->lost_in_band += record->lost;
	else if (record->kind == RECORD_THROTTLE)
		sampler->statistics.throttled++;
}

static size_t drain_channel(struct sampler *sampler, struct channel *channel, size_t max_records,
			    sampler_record_t handler, void *userdata)
{
	const struct perf_event_header *header;
	size_t n = 0;

	while (n < max_records &&
	       (header = ring_next(&channel->ring, &sampler->statistics.malformed))) {
		struct record record;

		if (record_decode(&sampler->layout, header, &record) < 0) {
			sampler->statistics.malformed++;
			continue;
		}
		count(sampler, channel, &record);
		handler(userdata, &record);
		n++;
	}
	ring_release(&channel->ring);
	return n;
}

size_t sampler_drain(struct sampler *sampler, size_t max_records, sampler_record_t handler,
		     void *userdata)
{
	size_t n = 0, start = sampler->next;

	for (size_t i = 0; i < sampler->n_channels && n < max_records; i++) {
		size_t at = (start + i) % sampler->n_channels;

		n += drain_channel(sampler, &sampler->channel[at], max_records - n, handler,
				   userdata);
		sampler->next = (at + 1) % sampler->n_channels;
	}
	return n;
}

uint64_t sampler_throttled(const struct sampler *sampler)
{
	return sampler->statistics.throttled;
}

void sampler_read_statistics(struct sampler *sampler, struct sampler_statistics *ret_statistics)
{
	*ret_statistics = sampler->statistics;
	ret_statistics->lost = 0;
	for (size_t i = 0; i < sampler->n_channels; i++) {
		struct channel *channel = &sampler->channel[i];
		uint64_t values[2]; /* value, lost */

		if (read(channel->fd, values, sizeof(values)) == (ssize_t)sizeof(values))
			ret_statistics->lost += values[1];
		else
			ret_statistics->lost += channel->lost_in_band;
	}
}
