/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/ledger.h"

#include <errno.h>

#include "base/cleanup.h"

#define USEC_PER_MSEC 1000ULL

void ledger_init(struct ledger *ledger)
{
	*ledger = (struct ledger){ 0 };
	extent_map_init(&ledger->moved, sizeof(struct ledger_entry));
}

void ledger_done(struct ledger *ledger)
{
	extent_map_done(&ledger->moved);
}

static uint64_t cooling_usec(const struct ledger_entry *entry)
{
	return entry->cooling_msec * USEC_PER_MSEC;
}

bool ledger_allows(struct ledger *ledger, uint64_t extent, uint64_t now_usec)
{
	const struct ledger_entry *entry = extent_map_get(&ledger->moved, extent);

	return !entry || now_usec >= entry->moved_usec + cooling_usec(entry);
}

bool ledger_is_backed_off(const struct ledger *ledger, uint64_t now_usec)
{
	return now_usec < ledger->back_off_until_usec;
}

static void double_cooling(struct ledger_entry *entry, uint64_t max_usec)
{
	uint64_t msec = entry->cooling_msec * 2ULL;

	entry->cooling_msec = (uint32_t)CLAMP(msec, LEDGER_COOLING_USEC / USEC_PER_MSEC,
					      max_usec / USEC_PER_MSEC);
}

static void book_entry(struct ledger_entry *entry, unsigned from, unsigned to, bool is_partial,
		       uint64_t now_usec)
{
	uint64_t least_usec = is_partial ? LEDGER_PARTIAL_USEC : LEDGER_COOLING_USEC;
	bool is_new = entry->cooling_msec == 0;
	bool is_return = !is_new && entry->from == to && entry->to == from;
	bool is_soon = now_usec < entry->moved_usec + LEDGER_RETURN_FACTOR * cooling_usec(entry);

	if (is_return && is_soon)
		double_cooling(entry, LEDGER_COOLING_MAX_USEC);
	else if (is_new || !is_soon)
		entry->cooling_msec = (uint32_t)(least_usec / USEC_PER_MSEC);
	else if (is_partial)
		entry->cooling_msec =
			(uint32_t)CLAMP(entry->cooling_msec * 2ULL, least_usec / USEC_PER_MSEC,
					LEDGER_COOLING_MAX_USEC / USEC_PER_MSEC);
	entry->from = (uint8_t)from;
	entry->to = (uint8_t)to;
	entry->moved_usec = now_usec;
}

static void end_judgement(struct ledger *ledger)
{
	ledger->pages_moved = 0;
	ledger->before_local = ledger->before_all = 0;
	ledger->after_local = ledger->after_all = 0;
}

int ledger_book_move(struct ledger *ledger, const struct ledger_move *move, uint64_t now_usec)
{
	for (uint64_t extent = move->first; extent < move->end; extent++) {
		struct ledger_entry *entry = extent_map_put(&ledger->moved, extent);

		if (!entry)
			return -ENOMEM;
		book_entry(entry, move->from, move->to, move->is_partial, now_usec);
	}
	if (!ledger->pages_moved || ledger->phase != move->phase) {
		end_judgement(ledger);
		ledger->since_usec = now_usec;
		ledger->phase = move->phase;
		ledger->judged_at_usec = now_usec + LEDGER_VERIFY_USEC;
	}
	ledger->pages_moved += move->pages;
	ledger->before_local += move->local;
	ledger->before_all += move->all;
	return 0;
}

int ledger_book_refusal(struct ledger *ledger, uint64_t first, uint64_t end, uint64_t now_usec)
{
	for (uint64_t extent = first; extent < end; extent++) {
		struct ledger_entry *entry = extent_map_put(&ledger->moved, extent);

		if (!entry)
			return -ENOMEM;
		double_cooling(entry, LEDGER_REFUSAL_MAX_USEC);
		entry->moved_usec = now_usec;
	}
	return 0;
}

static void back_off(struct ledger *ledger, uint64_t now_usec)
{
	uint64_t usec = ledger->back_off_usec * 2;

	ledger->back_off_usec = CLAMP(usec, LEDGER_BACK_OFF_USEC, LEDGER_BACK_OFF_MAX_USEC);
	ledger->back_off_until_usec = now_usec + ledger->back_off_usec;
}

void ledger_observe(struct ledger *ledger, uint64_t extent, bool is_local, double weight)
{
	if (!ledger->pages_moved)
		return;

	const struct ledger_entry *entry = extent_map_get(&ledger->moved, extent);

	if (!entry || entry->moved_usec < ledger->since_usec)
		return;
	ledger->after_all += weight;
	if (is_local)
		ledger->after_local += weight;
}

/* Lets the extents under judgement cool for eight times as long. */
static void cool_judged(struct ledger *ledger)
{
	for (size_t i = 0; i < ledger->moved.n_chunks; i++) {
		struct extent_chunk *chunk = ledger->moved.chunk[i];

		for (unsigned j = 0; j < EXTENT_CHUNK_EXTENTS; j++) {
			struct ledger_entry *entry = extent_chunk_at(&ledger->moved, chunk, j);

			if (!(chunk->present >> j & 1) || entry->moved_usec < ledger->since_usec)
				continue;
			for (int doublings = 0; doublings < 3; doublings++)
				double_cooling(entry, LEDGER_COOLING_MAX_USEC);
		}
	}
}

enum ledger_verdict ledger_judge(struct ledger *ledger, uint32_t phase, uint64_t now_usec,
				 struct ledger_judgement *ret_judgement)
{
	/* What the threads do now is not what the moves were made for. */
	if (ledger->phase != phase)
		end_judgement(ledger);
	if (!ledger->pages_moved || now_usec < ledger->judged_at_usec ||
	    ledger->after_all < LEDGER_VERIFY_SAMPLES)
		return LEDGER_NOTHING;

	struct ledger_judgement judgement = {
		.before = ledger->before_all > 0 ? ledger->before_local / ledger->before_all : 0,
		.after = ledger->after_local / ledger->after_all,
		.pages = ledger->pages_moved,
	};
	bool has_helped =
		judgement.after >= judgement.before + LEDGER_HELPED_SHARE * (1 - judgement.before);

	if (!has_helped && judgement.pages < LEDGER_FEW_PAGES) {
		cool_judged(ledger);
		end_judgement(ledger);
		return LEDGER_NOTHING;
	}
	*ret_judgement = judgement;
	end_judgement(ledger);
	if (has_helped) {
		ledger->back_off_usec = 0;
		return LEDGER_HELPED;
	}
	back_off(ledger, now_usec);
	return LEDGER_DID_NOT_HELP;
}

static bool is_chunk_over(const struct ledger *ledger, struct extent_chunk *chunk,
			  uint64_t now_usec)
{
	for (unsigned i = 0; i < EXTENT_CHUNK_EXTENTS; i++) {
		const struct ledger_entry *entry = extent_chunk_at(&ledger->moved, chunk, i);

		if (chunk->present >> i & 1 &&
		    now_usec < entry->moved_usec + LEDGER_RETURN_FACTOR * cooling_usec(entry))
			return false;
	}
	return true;
}

void ledger_settle(struct ledger *ledger, uint64_t now_usec)
{
	for (size_t i = ledger->moved.n_chunks; i-- > 0;)
		if (is_chunk_over(ledger, ledger->moved.chunk[i], now_usec))
			extent_map_drop_chunk(&ledger->moved, i);
}
