/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ledger of one memory object: what was moved when, what it brought, what is cooling down. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/extent-map.h"

/* After a move an extent stays for this long: time to see samples of its new place. */
#define LEDGER_COOLING_USEC 3000000ULL
/* What was moved in part is tried again sooner, then as after a refusal. */
#define LEDGER_PARTIAL_USEC     500000ULL
#define LEDGER_COOLING_MAX_USEC 600000000ULL
/* A return within this many cooling times of the last move is a back-and-forth and doubles the
 * cooling. */
#define LEDGER_RETURN_FACTOR 8
/* Asking again costs little, and what was refused (busy, shared for now) may go another time. */
#define LEDGER_REFUSAL_MAX_USEC 24000000ULL
/* Moves of an object are judged by the samples of the moved extents that come afterwards: this many
 * of them, and not before this time has gone by. */
#define LEDGER_VERIFY_USEC       2000000ULL
#define LEDGER_VERIFY_SAMPLES    30
#define LEDGER_BACK_OFF_USEC     10000000ULL
#define LEDGER_BACK_OFF_MAX_USEC 1800000000ULL
/* Of what could be gained there, at least this part must have been gained. */
#define LEDGER_HELPED_SHARE 0.25

/* Of so few pages (a corner of an extent whose other pages cannot go) only the extents are left
 * alone for longer, not the whole object. */
#define LEDGER_FEW_PAGES 256

enum ledger_verdict {
	LEDGER_NOTHING, /* nothing to judge now */
	LEDGER_HELPED,
	LEDGER_DID_NOT_HELP, /* the object is backed off */
};

struct ledger {
	struct extent_map moved; /* element: struct ledger_entry */
	uint64_t back_off_until_usec;
	uint64_t back_off_usec; /* length of the last one */
	/* The moves under judgement; pages_moved is 0 when there are none. */
	uint64_t pages_moved;
	uint64_t since_usec, judged_at_usec;
	uint32_t phase; /* of the object's heat when they began: a new phase ends the judgement */
	double before_local, before_all; /* weight of accesses to their extents before */
	double after_local, after_all;   /* and since */
};

struct ledger_entry {
	uint64_t moved_usec;
	uint32_t cooling_msec;
	uint8_t from, to;
};

void ledger_init(struct ledger *ledger);
void ledger_done(struct ledger *ledger);

/* May this extent be moved to `to` now? */
bool ledger_allows(struct ledger *ledger, uint64_t extent, uint64_t now_usec);

/* Is the whole object backed off? */
bool ledger_is_backed_off(const struct ledger *ledger, uint64_t now_usec);

/* What was moved together. */
struct ledger_move {
	uint32_t phase;      /* heat.n_phases of the object */
	uint64_t first, end; /* extents [first, end) */
	bool is_partial;     /* some of its pages did not go */
	unsigned from, to;   /* node indexes */
	uint64_t pages;
	double local, all; /* weight of the local and of all located accesses to them before */
};

/* Books a move that was made. 0 or -ENOMEM. */
int ledger_book_move(struct ledger *ledger, const struct ledger_move *move, uint64_t now_usec);

/* Books that the kernel refused [first, end): they cool as if they had gone back and forth. */
int ledger_book_refusal(struct ledger *ledger, uint64_t first, uint64_t end, uint64_t now_usec);

/* Books an access to an extent after the fact; those of extents that are not under judgement do not
 * count. */
void ledger_observe(struct ledger *ledger, uint64_t extent, bool is_local, double weight);

/* What a judgement saw: locality of the moved extents in [0, 1], and how much was moved. */
struct ledger_judgement {
	double before, after;
	uint64_t pages;
};

/* Judges the moves that are due; `phase` as in struct ledger_move. Fills ret_judgement when the
 * result is not LEDGER_NOTHING. */
enum ledger_verdict ledger_judge(struct ledger *ledger, uint32_t phase, uint64_t now_usec,
				 struct ledger_judgement *ret_judgement);

/* Forgets moves whose cooling is long over. */
void ledger_settle(struct ledger *ledger, uint64_t now_usec);
