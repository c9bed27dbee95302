/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The journal messages: one table of stable ids; systemd/numaplaced.catalog explains each. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

enum message {
	MESSAGE_STARTED,
	MESSAGE_STOPPED,
	MESSAGE_SOURCE,
	MESSAGE_ONE_NODE,
	MESSAGE_NO_SOURCE,
	MESSAGE_CONFIG_BAD,
	MESSAGE_CONFIG_LOADED,
	MESSAGE_MOVED,
	MESSAGE_REFUSED,
	MESSAGE_WOULD_MOVE,
	MESSAGE_VERIFIED,
	MESSAGE_DID_NOT_HELP,
	MESSAGE_NO_ROOM,
	MESSAGE_KNOB,
	MESSAGE_FAILURE,
	MESSAGE_SUPPRESSED,
	_MESSAGE_MAX,
};

struct message_row {
	const char *name; /* as in the catalog's comment */
	const char *id;   /* 128 bits, lower-case hex */
	int priority;     /* syslog level */
};

extern const struct message_row message_table[_MESSAGE_MAX];

#define MESSAGES_PER_MINUTE 60

/* Who writes, and how often it did. */
struct messenger {
	uint64_t minute_started_usec;
	unsigned in_this_minute;
	unsigned suppressed;
};

/* One "NAME=value" field of a journal entry. */
#define MESSAGE_FIELDS_MAX 16
struct message_fields {
	char field[MESSAGE_FIELDS_MAX][256];
	size_t n;
};

/* Adds NUMAPLACE_<name>=... */
void message_field(struct message_fields *fields, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Writes the text and its fields (may be NULL) to the journal, or to stderr where there is none.
 * Lines beyond MESSAGES_PER_MINUTE are counted and told in one line later; a third of them is kept
 * for warnings. */
void message_send(struct messenger *messenger, uint64_t now_usec, enum message message,
		  const struct message_fields *fields, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
