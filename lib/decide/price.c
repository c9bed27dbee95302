/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/price.h"

#include <math.h>

#define PAGES_MIN 64

void price_book(struct price *price, uint64_t pages, uint64_t usec, uint64_t now_usec)
{
	if (pages < PAGES_MIN)
		return;
	price->recent_usec[price->n++ % PRICE_RECENT] = (double)usec / (double)pages;
	price->booked_usec = now_usec;
}

double price_page_usec(const struct price *price, uint64_t now_usec)
{
	unsigned n = price->n < PRICE_RECENT ? price->n : PRICE_RECENT;
	double least = HUGE_VAL;

	for (unsigned i = 0; i < n; i++)
		least = fmin(least, price->recent_usec[i]);
	if (n == 0)
		return PRICE_GUESS_USEC;

	double idle_usec =
		now_usec > price->booked_usec ? (double)(now_usec - price->booked_usec) : 0;

	least = fmin(least, PRICE_MOST_USEC) * exp2(-idle_usec / PRICE_HALF_LIFE_USEC);
	return fmax(least, PRICE_GUESS_USEC);
}
