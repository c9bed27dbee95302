/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decide/price.h"

#include <math.h>

#include "tests/tap.h"

#define SEC 1000000ULL

static bool is_near(double a, double b)
{
	return fabs(a - b) < 1e-6;
}

TEST(guess, "before the first outcome the price is the guess")
{
	struct price price = { 0 };

	CHECK(is_near(price_page_usec(&price, 0), PRICE_GUESS_USEC));
	CHECK(is_near(price_page_usec(&price, UINT64_MAX), PRICE_GUESS_USEC));
}

TEST(least, "the price is the least of the last outcomes: one dear call does not raise it")
{
	struct price price = { 0 };

	price_book(&price, 1000, 8000, SEC);
	price_book(&price, 1000, 800000, SEC);
	CHECK(is_near(price_page_usec(&price, SEC), 8));
	for (unsigned i = 0; i < PRICE_RECENT; i++)
		price_book(&price, 1000, 12000, SEC);
	CHECK(is_near(price_page_usec(&price, SEC), 12));
}

TEST(bounds, "no price is above what a machine can take, or below the guess")
{
	struct price price = { 0 };

	price_book(&price, 1000, 1000000000, SEC);
	CHECK(is_near(price_page_usec(&price, SEC), PRICE_MOST_USEC));
	price_book(&price, 1000, 0, SEC);
	CHECK(is_near(price_page_usec(&price, SEC), PRICE_GUESS_USEC));
}

TEST(few, "a handful of pages tells nothing")
{
	struct price price = { 0 };

	price_book(&price, 63, 63 * 15, SEC);
	price_book(&price, 0, 100, SEC);
	CHECK(is_near(price_page_usec(&price, SEC), PRICE_GUESS_USEC));
}

TEST(idle,
     "while nothing is moved a high price is believed less and less, time going back does no harm")
{
	struct price price = { 0 };

	price_book(&price, 1000, 16000, 10 * SEC);
	CHECK(is_near(price_page_usec(&price, 10 * SEC), 16));
	CHECK(is_near(price_page_usec(&price, 12 * SEC), 8));
	CHECK(is_near(price_page_usec(&price, 5 * SEC), 16));
	CHECK(is_near(price_page_usec(&price, 1000 * SEC), PRICE_GUESS_USEC));
}

TEST_MAIN()
