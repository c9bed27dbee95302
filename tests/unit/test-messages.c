/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/messages.h"

#include <sys/uio.h>
#include <syslog.h>

#include "base/clock.h"
#include "tests/tap.h"

/* What was written to the journal. */
static struct {
	unsigned entries, fields;
	char field[32][1100];
} journal;

/* In place of libsystemd's. */
int sd_journal_sendv(const struct iovec *iov, int n);
int sd_journal_sendv(const struct iovec *iov, int n)
{
	journal.entries++;
	journal.fields = 0;
	for (int i = 0; i < n && journal.fields < 32; i++) {
		char *field = journal.field[journal.fields];

		snprintf(field, sizeof(journal.field[0]), "%.*s", (int)iov[i].iov_len,
			 (const char *)iov[i].iov_base);
		/* The library adds where in the source the call is. */
		journal.fields += strncmp(field, "CODE_", 5) != 0;
	}
	return 0;
}

static void journal_start(void)
{
	memset(&journal, 0, sizeof(journal));
	setenv("JOURNAL_STREAM", "8:12345", 1);
}

static bool has_field(const char *text)
{
	for (unsigned i = 0; i < journal.fields; i++)
		if (strcmp(journal.field[i], text) == 0)
			return true;
	return false;
}

TEST(table, "every message has a name, an id of 32 hexadecimal digits of its own, and a level")
{
	for (int i = 0; i < _MESSAGE_MAX; i++) {
		CHECK(message_table[i].name && strlen(message_table[i].id) == 32);
		CHECK_INT(strspn(message_table[i].id, "0123456789abcdef"), 32);
		CHECK(message_table[i].priority >= LOG_ERR &&
		      message_table[i].priority <= LOG_INFO);
		for (int j = 0; j < i; j++)
			CHECK(strcmp(message_table[i].id, message_table[j].id) != 0 &&
			      strcmp(message_table[i].name, message_table[j].name) != 0);
	}
}

TEST(entry, "a message is one entry with its text, id, level and fields")
{
	struct messenger messenger = { 0 };
	struct message_fields fields = { .n = 0 };

	journal_start();
	message_field(&fields, "CGROUP", "%s", "/a.slice");
	message_field(&fields, "PAGES", "%d", 512);
	message_send(&messenger, USEC_PER_SEC, MESSAGE_MOVED, &fields, "moved %d", 512);
	CHECK_INT(journal.entries, 1);
	CHECK_INT(journal.fields, 5);
	CHECK(has_field("MESSAGE=moved 512"));
	CHECK(has_field("MESSAGE_ID=8d5032da84fc4f8caa996d01bc01129f"));
	CHECK(has_field("PRIORITY=6"));
	CHECK(has_field("NUMAPLACE_CGROUP=/a.slice"));
	CHECK(has_field("NUMAPLACE_PAGES=512"));
}

TEST(newline, "a newline in a value stays in its field and makes no other")
{
	struct messenger messenger = { 0 };
	struct message_fields fields = { .n = 0 };

	journal_start();
	message_field(&fields, "CGROUP", "%s",
		      "/a\nPRIORITY=0\nMESSAGE_ID=ffffffffffffffffffffffffffffffff");
	message_send(&messenger, USEC_PER_SEC, MESSAGE_MOVED, &fields, "%s", "x\nPRIORITY=0");
	/* One iovec is one field for the journal, whatever it holds: only their number counts. */
	CHECK_INT(journal.fields, 4);
	CHECK(has_field("PRIORITY=6"));
	CHECK(!has_field("PRIORITY=0"));
	for (unsigned i = 0; i < journal.fields; i++)
		CHECK(strchr(journal.field[i], '=') &&
		      (!strchr(journal.field[i], '\n') ||
		       strchr(journal.field[i], '=') < strchr(journal.field[i], '\n')));
}

TEST(bounds, "long values are cut, and more fields than there is room for are left out")
{
	struct messenger messenger = { 0 };
	struct message_fields fields = { .n = 0 };
	static char text[5000];

	journal_start();
	memset(text, 'x', sizeof(text) - 1);
	for (unsigned i = 0; i < MESSAGE_FIELDS_MAX + 5; i++)
		message_field(&fields, "CGROUP", "%s", text);
	CHECK_INT(fields.n, MESSAGE_FIELDS_MAX);
	for (unsigned i = 0; i < MESSAGE_FIELDS_MAX; i++)
		CHECK_INT(strlen(fields.field[i]), sizeof(fields.field[i]) - 1);
	message_send(&messenger, USEC_PER_SEC, MESSAGE_MOVED, &fields, "%s", text);
	CHECK_INT(journal.entries, 1);
	CHECK_INT(journal.fields, MESSAGE_FIELDS_MAX + 3);
	CHECK(strlen(journal.field[0]) < 1024);
}

TEST(no_fields, "a message needs no fields")
{
	struct messenger messenger = { 0 };

	journal_start();
	message_send(&messenger, USEC_PER_SEC, MESSAGE_STOPPED, NULL, "stopped");
	CHECK_INT(journal.fields, 3);
}

TEST(rate, "a minute has its bound of lines; a third of them is kept for warnings")
{
	struct messenger messenger = { 0 };
	uint64_t now = 1000 * USEC_PER_SEC;

	journal_start();
	for (unsigned i = 0; i < 500; i++)
		message_send(&messenger, now + i, MESSAGE_MOVED, NULL, "moved");
	CHECK_INT(journal.entries, MESSAGES_PER_MINUTE * 2 / 3);
	for (unsigned i = 0; i < 500; i++)
		message_send(&messenger, now + i, MESSAGE_FAILURE, NULL, "failure");
	CHECK_INT(journal.entries, MESSAGES_PER_MINUTE);
}

TEST(suppressed, "how many lines were left out is told with the first of the next minute, once")
{
	struct messenger messenger = { 0 };
	uint64_t now = 1000 * USEC_PER_SEC;

	journal_start();
	for (unsigned i = 0; i < 100; i++)
		message_send(&messenger, now, MESSAGE_MOVED, NULL, "moved");
	journal.entries = 0;
	message_send(&messenger, now + 59 * USEC_PER_SEC, MESSAGE_MOVED, NULL, "moved");
	CHECK_INT(journal.entries, 0);
	message_send(&messenger, now + 60 * USEC_PER_SEC, MESSAGE_MOVED, NULL, "moved");
	CHECK_INT(journal.entries, 2);
	message_send(&messenger, now + 200 * USEC_PER_SEC, MESSAGE_MOVED, NULL, "moved");
	CHECK_INT(journal.entries, 3);
}

TEST_MAIN()
