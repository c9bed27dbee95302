# SPDX-License-Identifier: LGPL-2.1-or-later
"""The chart as text."""

import unittest

from chart import Curve, Style, by_column, frame, journal_lines, plot, row_of, tick_step, time_span

PLAIN = Style(width=79, color=False, unicode=False)
RISING = [(0.0, 0.0), (2.0, 0.0), (4.0, 1.0), (8.0, 1.0)]


def curve(points=RISING, **more):
    return Curve("with numaplaced", "#", "\x1b[32m", list(points), **more)


class Curves(unittest.TestCase):
    def test_a_share_is_reached_only_for_good(self):
        points = [(0, 0.0), (1, 0.95), (2, 0.5), (3, 0.92), (4, 1.0)]
        self.assertEqual(curve(points).reached(0.9), 3)
        self.assertEqual(curve(points).reached(0.99), 4)
        self.assertIsNone(curve(points[:3]).reached(0.9))

    def test_columns_between_two_points_lie_on_their_line(self):
        self.assertEqual(by_column([(0, 0.0), (4, 1.0)], 4, 5), [0, 0.25, 0.5, 0.75, 1])

    def test_nothing_is_drawn_behind_the_last_point(self):
        self.assertEqual(by_column([(0, 1.0), (2, 1.0)], 10, 11)[4:], [None] * 7)

    def test_a_curve_without_points_is_empty(self):
        self.assertEqual(by_column([], 10, 3), [None] * 3)


class Axes(unittest.TestCase):
    def test_everything_local_is_the_top_row(self):
        self.assertEqual([row_of(share, 11) for share in (1, 0.5, 0, 1.2, -1)], [0, 5, 10, 0, 10])

    def test_time_has_room_for_all_points(self):
        self.assertEqual(time_span([curve([(0, 0), (3, 1)])]), 10)
        self.assertEqual(time_span([curve([(0, 0), (12, 1)])]), 15)
        self.assertEqual(time_span([curve([])]), 10)

    def test_labels_of_the_time_axis_do_not_touch(self):
        for span in (10, 15, 20, 60, 600):
            self.assertLessEqual(span / tick_step(span, 69), 10)


class Plot(unittest.TestCase):
    def test_a_rising_curve_goes_from_the_bottom_left_to_the_top(self):
        lines = plot([curve()], 11, PLAIN)
        self.assertEqual(len(lines), 13)
        self.assertTrue(lines[0].startswith("100 %|"))
        self.assertTrue(lines[10].startswith("  0 %|#"))
        self.assertIn("#", lines[0])
        self.assertEqual(lines[0].find("#") > lines[10].rfind("#") - 3, True)

    def test_steep_parts_are_connected(self):
        lines = plot([curve([(0, 0.0), (5, 0.0), (5.01, 1.0), (9, 1.0)])], 11, PLAIN)
        self.assertTrue(all("#" in line for line in lines[:11]))


class Frame(unittest.TestCase):
    def curves(self):
        return [
            Curve("without: the kernel's own balancing", "o", "\x1b[33m", [(0.0, 0.0), (8.0, 1.0)], ended=True),
            curve(running=True),
        ]

    def test_fits_into_narrow_and_low_terminals(self):
        for width, height in ((79, 23), (59, 20), (119, 30)):
            lines = frame("stranded: all memory lies on node 0", self.curves(), ["x" * 300] * 9, height, Style(width))
            self.assertLessEqual(len(lines), height)
            self.assertLessEqual(max(map(len, lines)), width, lines)

    def test_keeps_its_place_whatever_is_known(self):
        known = frame("split", self.curves(), ["one", "two", "three", "four"], 23, PLAIN)
        unknown = frame("split", [curve([]), curve([])], [], 23, PLAIN)
        self.assertEqual(known.index("journal of numaplaced:"), unknown.index("journal of numaplaced:"))

    def test_tells_the_seconds_of_each_curve(self):
        text = "\n".join(frame("split", self.curves(), [], 23, PLAIN))
        self.assertRegex(text, r"oo without: the kernel's own balancing +8\.0 s +8\.0 s +100 %")
        self.assertRegex(text, r"## with numaplaced +4\.0 s +4\.0 s +running")

    def test_without_color_there_are_no_escapes(self):
        self.assertNotIn("\x1b", "".join(frame("split", self.curves(), ["line"], 23, PLAIN)))

    def test_with_color_each_curve_has_its_own(self):
        text = "".join(frame("split", self.curves(), [], 23, Style(79, color=True)))
        self.assertIn("\x1b[32m", text)
        self.assertIn("\x1b[33m", text)

    def test_shows_the_journals_last_lines(self):
        text = "\n".join(frame("split", self.curves(), ["one", "two", "three", "four"], 23, PLAIN))
        self.assertIn("four", text)
        self.assertNotIn("one\n", text)

    def test_wraps_long_journal_lines_and_leaves_out_what_has_no_room(self):
        lines = journal_lines(["old " * 30, "new " * 30], 3, PLAIN)
        self.assertEqual(len(lines), 2)
        self.assertTrue(all("new" in line for line in lines))
        self.assertEqual(len(journal_lines(["long " * 100], 3, PLAIN)), 3)

    def test_without_unicode_it_is_ascii(self):
        "\n".join(frame("split", self.curves(), ["x" * 100], 23, PLAIN)).encode("ascii")


if __name__ == "__main__":
    unittest.main()
