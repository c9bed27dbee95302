# SPDX-License-Identifier: LGPL-2.1-or-later
"""The terminal: what it can do, and pictures that are redrawn in place."""

import os
import shutil
import sys

from chart import Style


def is_live(stream=sys.stdout) -> bool:
    return stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def style_of(stream=sys.stdout) -> Style:
    encoding = (getattr(stream, "encoding", None) or "ascii").lower()
    width = shutil.get_terminal_size((80, 24)).columns
    return Style(
        # the last column stays free: some terminals wrap there
        width=min(max(40, width), 120) - 1,
        color=is_live(stream) and not os.environ.get("NO_COLOR"),
        unicode="utf" in encoding,
    )


def height_of() -> int:
    # room for the line of the cursor and for the prompt that follows
    return min(max(18, shutil.get_terminal_size((80, 24)).lines - 2), 30)


class Picture:
    """Draws a frame over the one before it; where nothing can be redrawn, only the last one is printed."""

    def __init__(self, stream=sys.stdout):
        self._stream = stream
        self._live = is_live(stream)
        self._lines: list[str] = []

    def draw(self, lines: list[str]) -> None:
        if not self._live:
            self._lines = lines
            return
        up = f"\x1b[{len(self._lines)}A\r" if self._lines else ""
        text = "".join(f"{line}\x1b[K\n" for line in lines)
        self._stream.write(f"{up}{text}\x1b[J")
        self._stream.flush()
        self._lines = lines

    def finish(self) -> None:
        """Leaves the last frame where it is."""
        if not self._live and self._lines:
            self._stream.write("\n".join(self._lines) + "\n")
        self._stream.write("\n")
        self._stream.flush()
        self._lines = []
