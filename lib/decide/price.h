/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What moving a page costs, for weighing moves against their gain. A busy machine makes single
 * calls look many times as dear as they are, and a price that is too high would stop the moves that
 * alone can correct it: so the price is the least of the last few outcomes, and is believed less
 * and less while nothing is moved. */
#pragma once

#include <stdint.h>

#define PRICE_RECENT 8
#define PRICE_GUESS_USEC                                                                           \
	4.0 /* of a 4 KiB page between two sockets; also the least that is believed */
/* No machine takes longer for a page: what is above is other work that got in between. */
#define PRICE_MOST_USEC      20.0
#define PRICE_HALF_LIFE_USEC 2000000.0

struct price {
	double recent_usec[PRICE_RECENT];
	unsigned n; /* outcomes booked so far */
	uint64_t booked_usec;
};

/* Books an outcome: so many base pages moved in so much time. Few pages tell nothing and are left
 * out. */
void price_book(struct price *price, uint64_t pages, uint64_t usec, uint64_t now_usec);

/* CPU time of moving one base page. */
double price_page_usec(const struct price *price, uint64_t now_usec);
