# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tables as text."""

import unittest

from summary import NEVER, summarize
from table import align, bar_table, main_table
from test_summary import record

MODES = ("nothing", "kernel", "numaplaced")


class Tables(unittest.TestCase):
    def test_columns_are_aligned(self):
        self.assertEqual(align([["a", "bb", "1"], ["ccc", "d", "22"]]), ["a    bb   1", "ccc  d   22"])

    def test_each_workload_has_a_line_per_mode_and_one_of_ratios(self):
        summary = summarize([record("split", mode, t99=t) for mode, t in zip(MODES, (-1, 8.0, 4.0))])
        lines = main_table(summary, ["split"], MODES).splitlines()[2:]
        self.assertEqual([line.split()[0] for line in lines], ["split", "kernel", "numaplaced", "/"])
        self.assertIn("never", lines[0])
        self.assertIn("0.50", lines[3])

    def test_a_time_against_never_has_no_ratio(self):
        summary = summarize([record("split", "kernel", t99=-1), record("split", "numaplaced", t99=4.0)])
        self.assertEqual(summary[("split", "kernel")]["t99"], NEVER)
        self.assertIn("< kernel", main_table(summary, ["split"], MODES))

    def test_the_second_half_of_a_swap_has_its_own_lines(self):
        summary = summarize([record("swap", "kernel", t90=1.0, t90b=2.0, t99b=3.0)])
        last = main_table(summary, ["swap"], MODES).splitlines()[-1]
        self.assertEqual(last.split(), ["after", "swap", "kernel", "2.00", "3.00"])

    def test_bars_say_reached_or_not(self):
        summary = summarize([record("split", "kernel", t99=10.0), record("split", "numaplaced", t99=9.0)])
        self.assertIn("NOT reached", bar_table(summary).splitlines()[1])

    def test_without_the_daemon_there_are_no_bars(self):
        self.assertEqual(bar_table(summarize([record("split", "kernel")])), "")


if __name__ == "__main__":
    unittest.main()
