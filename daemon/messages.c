/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/messages.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

const struct message_row message_table[_MESSAGE_MAX] = {
	[MESSAGE_STARTED] = { "started", "3216e9347c354669a828549950ee5ca6", LOG_INFO },
	[MESSAGE_STOPPED] = { "stopped", "815d6e181d74437cae812b0df4b8b1bd", LOG_INFO },
	[MESSAGE_SOURCE] = { "source", "c4a81e27a7f04100a5ccb40b94841d52", LOG_INFO },
	[MESSAGE_ONE_NODE] = { "one-node", "05e486f9cfdf4744a9c83c53920eb4d5", LOG_NOTICE },
	[MESSAGE_NO_SOURCE] = { "no-source", "06b9347cfaf3406aa1ded1c5a245bccb", LOG_WARNING },
	[MESSAGE_CONFIG_BAD] = { "config-bad", "644b89f890234b73a7e1379e9828b771", LOG_ERR },
	[MESSAGE_CONFIG_LOADED] = { "config-loaded", "f257d776e86d4538a5fd312f7f0ebcec", LOG_INFO },
	[MESSAGE_MOVED] = { "moved", "8d5032da84fc4f8caa996d01bc01129f", LOG_INFO },
	[MESSAGE_REFUSED] = { "refused", "514c6555254b44b7a5f60dd833db44dd", LOG_NOTICE },
	[MESSAGE_WOULD_MOVE] = { "would-move", "bb8efa8bdc864258afccfccb387da93b", LOG_INFO },
	[MESSAGE_VERIFIED] = { "verified", "07f16e73b69f43fcafa5d4081ef3988e", LOG_INFO },
	[MESSAGE_DID_NOT_HELP] = { "did-not-help", "86344f612cd94b82a53ef6d55437b94c", LOG_NOTICE },
	[MESSAGE_NO_ROOM] = { "no-room", "d8ca91597e36490fabd5e1e4ed284067", LOG_NOTICE },
	[MESSAGE_KNOB] = { "knob", "94ad347fbb77478aa45eeac8f30dcde3", LOG_INFO },
	[MESSAGE_FAILURE] = { "failure", "e5bd95fea67d4d64a8c3d034c6f709ab", LOG_WARNING },
	[MESSAGE_SUPPRESSED] = { "suppressed", "28622524e1d343d0a962b9172adbcc6e", LOG_NOTICE },
};

void message_field(struct message_fields *fields, const char *name, const char *format, ...)
{
	va_list arguments;

	if (fields->n == MESSAGE_FIELDS_MAX)
		return;

	char *field = fields->field[fields->n++];
	size_t size = sizeof(fields->field[0]);
	int length = snprintf(field, size, "NUMAPLACE_%s=", name);

	if (length < 0 || (size_t)length >= size)
		return;
	va_start(arguments, format);
	vsnprintf(field + length, size - (size_t)length, format, arguments);
	va_end(arguments);
}

/* JOURNAL_STREAM is inherited by whatever a service starts: only if our stderr is that very stream
 * do people look for our lines in the journal. */
static bool is_under_systemd(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat status;

	if (!stream || fstat(STDERR_FILENO, &status) < 0)
		return false;
	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
	return strcmp(stream, ours) == 0;
}

static void write_line(enum message message, const struct message_fields *fields, const char *text)
{
	char line[1024], id[64], priority[16];
	struct iovec iov[MESSAGE_FIELDS_MAX + 4];
	int n = 0;

	if (!is_under_systemd()) {
		fprintf(stderr, "numaplaced: %s\n", text);
		return;
	}
	snprintf(line, sizeof(line), "MESSAGE=%s", text);
	snprintf(id, sizeof(id), "MESSAGE_ID=%s", message_table[message].id);
	snprintf(priority, sizeof(priority), "PRIORITY=%d", message_table[message].priority);
	iov[n++] = (struct iovec){ line, strlen(line) };
	iov[n++] = (struct iovec){ id, strlen(id) };
	iov[n++] = (struct iovec){ priority, strlen(priority) };
	for (size_t i = 0; fields && i < fields->n; i++)
		iov[n++] = (struct iovec){ (char *)(uintptr_t)fields->field[i],
					   strlen(fields->field[i]) };
	/* A journal that is down is no reason to fail; stderr would go to the same place. */
	(void)sd_journal_sendv(iov, n);
}

static bool may_pass(struct messenger *messenger, uint64_t now_usec, int priority)
{
	if (now_usec >= messenger->minute_started_usec + 60 * USEC_PER_SEC) {
		unsigned suppressed = messenger->suppressed;

		*messenger = (struct messenger){ .minute_started_usec = now_usec };
		if (suppressed) {
			char text[64];

			messenger->in_this_minute++;
			snprintf(text, sizeof(text), "%u lines of the last minute were left out",
				 suppressed);
			write_line(MESSAGE_SUPPRESSED, NULL, text);
		}
	}
	/* A third is kept for warnings, so that moves cannot crowd them out. */
	unsigned limit =
		priority <= LOG_WARNING ? MESSAGES_PER_MINUTE : MESSAGES_PER_MINUTE * 2 / 3;

	if (messenger->in_this_minute >= limit) {
		messenger->suppressed++;
		return false;
	}
	messenger->in_this_minute++;
	return true;
}

void message_send(struct messenger *messenger, uint64_t now_usec, enum message message,
		  const struct message_fields *fields, const char *format, ...)
{
	char text[900];
	va_list arguments;

	if (!may_pass(messenger, now_usec, message_table[message].priority))
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	write_line(message, fields, text);
}
