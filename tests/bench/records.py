# SPDX-License-Identifier: LGPL-2.1-or-later
"""From the guest's lines to one record per run."""

from dataclasses import asdict, dataclass, field


def number(text: str):
    """A number where the text is one, else the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def parse_line(line: str) -> tuple[str, dict]:
    """A line WORD KEY=VALUE...; the word is empty where the line begins with a KEY=VALUE."""
    words = line.split()
    if not words:
        return "", {}
    head = "" if "=" in words[0] else words.pop(0)
    pairs = (word.partition("=") for word in words)
    return head, {key: number(value) for key, equals, value in pairs if equals}


@dataclass
class Record:
    """What is known of one run."""

    workload: str
    mode: str
    round: int
    status: int | None = None
    result: dict = field(default_factory=dict)
    counters: dict = field(default_factory=dict)
    daemon: dict = field(default_factory=dict)
    series: list = field(default_factory=list)  # (seconds, share local, work)
    swapped: float | None = None  # seconds
    journal: list = field(default_factory=list)
    other: list = field(default_factory=list)  # lines of no known form

    def complete(self) -> bool:
        return self.status == 0 and bool(self.result) and self.daemon.get("same_pid", 1) == 1

    def as_json(self) -> dict:
        return asdict(self)


class Reader:
    """Takes lines; feed() returns the record that a line belongs to and whether it ended it."""

    def __init__(self):
        self.current: Record | None = None

    def feed(self, line: str) -> tuple[Record | None, bool]:
        head, values = parse_line(line)
        if head == "run":
            self.current = Record(str(values["workload"]), str(values["mode"]), int(values["round"]))
            return self.current, False
        record = self.current
        if record is None:
            return None, False
        if head == "end":
            record.status = values.get("status")
            self.current = None
            return record, True
        if head == "journal":
            record.journal.append(line.removeprefix("journal "))
        elif head in ("result", "counters", "daemon"):
            getattr(record, head).update(values)
        elif head == "swapped":
            record.swapped = values["t"]
        elif head == "" and "t" in values and "local" in values:
            record.series.append((values["t"], values["local"], values.get("work", 0)))
        else:
            record.other.append(line)
        return record, False
