# SPDX-License-Identifier: LGPL-2.1-or-later
"""Lines of the guest become records."""

import unittest

from records import Reader, parse_line

RUN = """\
run workload=swap mode=numaplaced round=2
t=0.00 local=0.5000 work=136
t=0.25 local=1.0000 work=4820
swapped t=0.25
journal moved 512 pages=yes
sysctl: something else
result name=swap seconds=0.50 t90=0.25 t99=-1.00 work=4820
counters pgmigrate_success=512 pswpout=0
daemon state=active same_pid=1 cpu_seconds=0.25 seconds=3.5 peak_kb=3188
end status=0
"""


class Lines(unittest.TestCase):
    def test_a_line_is_a_word_and_numbers_or_texts_by_key(self):
        self.assertEqual(parse_line("result name=a t=1.5 n=3"), ("result", {"name": "a", "t": 1.5, "n": 3}))

    def test_a_line_without_a_word_has_an_empty_one(self):
        self.assertEqual(parse_line("t=1 local=0.5"), ("", {"t": 1, "local": 0.5}))

    def test_an_empty_line_has_nothing(self):
        self.assertEqual(parse_line("  "), ("", {}))


class Runs(unittest.TestCase):
    def read(self, text):
        reader = Reader()
        return [reader.feed(line) for line in text.splitlines()]

    def test_a_run_is_read_from_its_first_to_its_last_line(self):
        answers = self.read(RUN)
        record, ended = answers[-1]
        self.assertTrue(ended)
        self.assertFalse(any(ended for _, ended in answers[:-1]))
        self.assertEqual((record.workload, record.mode, record.round), ("swap", "numaplaced", 2))
        self.assertEqual(record.series, [(0.0, 0.5, 136), (0.25, 1.0, 4820)])
        self.assertEqual(record.swapped, 0.25)
        self.assertEqual(record.journal, ["moved 512 pages=yes"])
        self.assertEqual(record.other, ["sysctl: something else"])
        self.assertEqual(record.counters["pgmigrate_success"], 512)
        self.assertTrue(record.complete())

    def test_lines_outside_of_a_run_belong_to_none(self):
        self.assertEqual(self.read("hello\n"), [(None, False)])

    def test_a_run_whose_daemon_was_started_anew_is_not_complete(self):
        record, _ = self.read(RUN.replace("same_pid=1", "same_pid=0"))[-1]
        self.assertFalse(record.complete())

    def test_a_run_that_failed_is_not_complete(self):
        record, _ = self.read(RUN.replace("end status=0", "end status=1"))[-1]
        self.assertFalse(record.complete())


if __name__ == "__main__":
    unittest.main()
