# SPDX-License-Identifier: LGPL-2.1-or-later
"""Medians, ratios and bars."""

import unittest

from records import Record
from summary import NEVER, bars, median, ratio, show, summarize


def record(workload, mode, number=1, *, moved=0, reclaim=0, daemon=True, **result):
    result = {"seconds": 10.0, "work": 1000, "worst_stall_ms": 10.0, "used_pages": 100, "t99": 1.0, **result}
    counters = {"pgmigrate_success": moved, "pgscan": reclaim}
    about_daemon = {"cpu_seconds": 1.0, "seconds": 10.0, "peak_kb": 2048, "same_pid": 1}
    return Record(workload, mode, number, 0, result, counters, about_daemon if daemon and mode == "numaplaced" else {})


def bar(records, what):
    found = [bar for bar in bars(summarize(records)) if bar.what.startswith(what)]
    assert len(found) == 1, found
    return found[0]


class Median(unittest.TestCase):
    def test_is_the_middle_one(self):
        self.assertEqual(median([3, 1, 2]), 2)

    def test_is_between_the_two_in_the_middle(self):
        self.assertEqual(median([4, 1, 2, 3]), 2.5)

    def test_leaves_out_what_is_unknown(self):
        self.assertEqual(median([None, 5, None]), 5)
        self.assertIsNone(median([None]))

    def test_counts_never_as_longer_than_any_time(self):
        self.assertEqual(median([NEVER, 1, 2]), 2)
        self.assertEqual(median([NEVER, NEVER, 2]), NEVER)
        self.assertEqual(median([1, NEVER]), NEVER)


class Ratio(unittest.TestCase):
    def test_divides(self):
        self.assertEqual(ratio(3, 6), 0.5)

    def test_of_a_time_to_never_is_below_any_bar(self):
        self.assertEqual(ratio(3, NEVER), 0.0)

    def test_is_unknown_where_nothing_can_be_said(self):
        self.assertIsNone(ratio(None, 6))
        self.assertIsNone(ratio(6, 0))
        self.assertIsNone(ratio(NEVER, NEVER))


class Summary(unittest.TestCase):
    def test_takes_medians_over_the_complete_rounds(self):
        broken = record("split", "kernel", 4, t99=100.0)
        broken.status = 1
        rounds = [record("split", "kernel", n, t99=t) for n, t in ((1, 5.0), (2, -1.0), (3, 7.0))]
        self.assertEqual(summarize([*rounds, broken])[("split", "kernel")]["t99"], 7.0)

    def test_knows_what_the_daemon_cost(self):
        row = summarize([record("split", "numaplaced")])[("split", "numaplaced")]
        self.assertEqual((row["cpu"], row["memory"]), (10.0, 2.0))


class Bars(unittest.TestCase):
    def test_compare_times_with_the_kernel(self):
        records = [record("split", "kernel", t99=10.0), record("split", "numaplaced", t99=5.0)]
        self.assertTrue(bar(records, "split: time").reached())
        records[1].result["t99"] = 6.5
        self.assertFalse(bar(records, "split: time").reached())

    def test_are_not_reached_by_a_run_that_never_became_local(self):
        records = [record("split", "kernel", t99=-1), record("split", "numaplaced", t99=-1)]
        self.assertIs(bar(records, "split: time").reached(), False)

    def test_are_not_measured_without_the_kernel(self):
        self.assertIsNone(bar([record("split", "numaplaced")], "split: time").reached())

    def test_look_at_both_halves_of_a_swap(self):
        records = [record("swap", "kernel", t99=5.0, t99b=10.0), record("swap", "numaplaced", t99=4.0, t99b=9.0)]
        self.assertTrue(bar(records, "swap: time").reached())
        self.assertFalse(bar(records, "swap, after the swap: time").reached())

    def test_limit_the_pages_that_are_moved_for_nothing(self):
        self.assertTrue(bar([record("shared", "numaplaced", moved=2)], "shared: pages").reached())
        self.assertFalse(bar([record("shared", "numaplaced", moved=3)], "shared: pages").reached())
        self.assertFalse(bar([record("local", "numaplaced", moved=1)], "local: pages").reached())

    def test_compare_stalls_with_both_other_modes(self):
        records = [
            record("split", "nothing", worst_stall_ms=2.0),
            record("split", "kernel", worst_stall_ms=20.0),
            record("split", "numaplaced", worst_stall_ms=7.0),
        ]
        self.assertTrue(bar(records, "split: worst stall, of the kernel's").reached())
        self.assertFalse(bar(records, "split: worst stall, of the undisturbed").reached())

    def test_want_nearly_all_work_done_in_the_steady_state(self):
        records = [record("local", "nothing", work=1000), record("local", "numaplaced", work=985)]
        self.assertTrue(bar(records, "local: work").reached())
        records[1].result["work"] = 970
        self.assertFalse(bar(records, "local: work").reached())

    def test_tell_of_reclaim_only_when_there_was_some(self):
        self.assertFalse([b for b in bars(summarize([record("split", "numaplaced")])) if "reclaim" in b.what])
        self.assertIs(bar([record("split", "numaplaced", reclaim=1)], "split: swap, reclaim").reached(), False)


class Show(unittest.TestCase):
    def test_shows_as_many_digits_as_tell_something(self):
        self.assertEqual([show(v) for v in (0.123, 12.34, 1234.5, 7, None, NEVER)], "0.12 12.3 1234 7 ? never".split())


if __name__ == "__main__":
    unittest.main()
