# SPDX-License-Identifier: LGPL-2.1-or-later
"""A chart of locality over time for a terminal. Pure: curves and a size in, lines of text out."""

import math
import textwrap
from dataclasses import dataclass, field

RESET = "\x1b[0m"
BOLD = "\x1b[1m"
DIM = "\x1b[2m"
MINIMUM_ROWS = 5
LABEL_WIDTH = 6  # "100 % " and the axis


@dataclass
class Curve:
    """One mode's locality: points are (seconds, share)."""

    name: str
    glyph: str
    color: str = ""
    points: list = field(default_factory=list)
    running: bool = False
    ended: bool = False

    def reached(self, share: float) -> float | None:
        """Seconds until the share was reached for good; None: not (yet)."""
        since = None
        for seconds, local in self.points:
            if local < share:
                since = None
            elif since is None:
                since = seconds
        return since


@dataclass(frozen=True)
class Style:
    """What the terminal can do."""

    width: int = 80
    color: bool = False
    unicode: bool = True

    def paint(self, text: str, *codes: str) -> str:
        codes = "".join(codes)
        return f"{codes}{text}{RESET}" if self.color and codes else text

    @property
    def vertical(self) -> str:
        return "┤" if self.unicode else "|"

    @property
    def horizontal(self) -> str:
        return "─" if self.unicode else "-"

    @property
    def corner(self) -> str:
        return "└" if self.unicode else "+"

    @property
    def tick(self) -> str:
        return "┬" if self.unicode else "+"


def time_span(curves) -> float:
    """The end of the time axis: a multiple of 5 s with room for all points."""
    last = max((curve.points[-1][0] for curve in curves if curve.points), default=0)
    return max(10, 5 * math.ceil(last / 5 - 0.05))


def tick_step(span: float, columns: int) -> int:
    """Seconds between the labels of the time axis: as many as have room."""
    for step in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600):
        if span / step <= columns / 7:
            return step
    return 1800


def by_column(points, span: float, columns: int) -> list:
    """The share in each column, between the points by straight lines; None beyond the ends."""
    out: list = [None] * columns
    if not points:
        return out
    index = 0
    for column in range(columns):
        seconds = column * span / max(1, columns - 1)
        while index + 1 < len(points) and points[index + 1][0] <= seconds:
            index += 1
        if seconds > points[-1][0] + span / columns:
            break
        if index + 1 < len(points) and seconds > points[index][0]:
            (t0, v0), (t1, v1) = points[index], points[index + 1]
            out[column] = v0 + (v1 - v0) * (seconds - t0) / (t1 - t0)
        else:
            out[column] = points[index][1]
    return out


def row_of(share: float, rows: int) -> int:
    """The row of a share, counted from the top."""
    return round((1 - min(1, max(0, share))) * (rows - 1))


def draw_curve(grid, curve: Curve, span: float) -> None:
    rows, columns = len(grid), len(grid[0])
    before = None
    for column, share in enumerate(by_column(curve.points, span, columns)):
        if share is None:
            before = None
            continue
        row = row_of(share, rows)
        # steep parts stay connected
        start = row if before is None or before == row else before + (1 if row > before else -1)
        for part in range(min(start, row), max(start, row) + 1):
            grid[part][column] = curve
        before = row


def axis_label(row: int, rows: int) -> str:
    for percent in (100, 75, 50, 25, 0):
        if row_of(percent / 100, rows) == row:
            return f"{percent:3} %"
    return "     "


def plot(curves, rows: int, style: Style) -> list[str]:
    """The plot with both axes: rows + 2 lines."""
    rows = max(MINIMUM_ROWS, rows)
    columns = max(20, style.width - LABEL_WIDTH - 4)
    span = time_span(curves)
    grid: list = [[None] * columns for _ in range(rows)]
    for curve in curves:
        draw_curve(grid, curve, span)
    lines = []
    for row, content in enumerate(grid):
        label = axis_label(row, rows)
        cells = "".join(" " if curve is None else style.paint(curve.glyph, curve.color) for curve in content)
        lines.append(f"{label}{style.vertical}{cells}".rstrip())
    return lines + time_axis(span, columns, style)


def time_axis(span: float, columns: int, style: Style) -> list[str]:
    step = tick_step(span, columns)
    line = [style.horizontal] * columns
    labels = [" "] * (columns + LABEL_WIDTH + 4)
    for seconds in range(0, int(span) + 1, step):
        column = round(seconds * (columns - 1) / span)
        line[column] = style.tick
        text = f"{seconds} s" if seconds + step > span else str(seconds)
        for offset, character in enumerate(text):
            labels[LABEL_WIDTH + column + offset] = character
    return ["     " + style.corner + "".join(line), "".join(labels).rstrip()]


def time_text(curve: Curve, share: float) -> str:
    seconds = curve.reached(share)
    if seconds is not None:
        return f"{seconds:.1f} s"
    if curve.ended:
        return "never"
    return "..." if curve.running else ""


def state_text(curve: Curve, style: Style) -> str:
    if curve.running:
        return "running" + ("…" if style.unicode else "...")
    if not curve.points:
        return "to come"
    return f"{100 * curve.points[-1][1]:.0f} %"


def legend(curves, style: Style) -> list[str]:
    """One line per curve with the seconds to 90 % and 99 %, under a heading."""
    width = max(len(curve.name) for curve in curves)
    room = max(10, min(width, style.width - 42))
    lines = [style.paint(f"    {'':{room}}  90 % local  99 % local     at last", DIM)]
    for curve in curves:
        times = f"{time_text(curve, 0.90):>10}  {time_text(curve, 0.99):>10}  {state_text(curve, style):>10}"
        mark = style.paint(curve.glyph * 2, curve.color)
        name = f"{curve.name[:room]:{room}}"
        lines.append(f" {mark} {style.paint(name, BOLD if curve.running else '')}  {times}")
    return lines


def clip(text: str, width: int, style: Style) -> str:
    if len(text) <= width:
        return text
    return text[: width - 1] + ("…" if style.unicode else ">")


def wrap_title(title: str, width: int) -> list[str]:
    """At most two lines."""
    words, lines = title.split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines[:2]


def journal_lines(journal, rows: int, style: Style) -> list[str]:
    """The last entries, wrapped, as many as have room; the newest is never left out."""
    lines: list[str] = []
    for entry in reversed(journal):
        wrapped = textwrap.wrap(entry, style.width, initial_indent="  ", subsequent_indent="    ") or [""]
        if lines and len(lines) + len(wrapped) > rows:
            break
        lines = wrapped + lines
    if len(lines) > rows:
        lines = lines[: rows - 1] + [clip(lines[rows - 1] + " " * style.width, style.width, style)]
    return lines or ["  -"]


def frame(title: str, curves, journal, height: int, style: Style) -> list[str]:
    """The whole picture in at most height lines: title, plot, times, the journal's last lines."""
    head = [style.paint(line, BOLD) for line in wrap_title(title, style.width)]
    subtitle = "share of memory accesses that stay on their own node, over time"
    head.append(style.paint(clip(subtitle, style.width, style), DIM))
    times = legend(curves, style)
    kept = 4 if height >= 26 else 3 if height >= 22 else 2
    foot = [style.paint("journal of numaplaced:", DIM), *journal_lines(journal, kept, style)]
    rows = height - len(head) - len(times) - (1 + kept) - 2
    return head + plot(curves, min(rows, 16), style) + times + foot
