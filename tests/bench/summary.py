# SPDX-License-Identifier: LGPL-2.1-or-later
"""Medians over the rounds, and the comparison with the bars. Pure: records in, values out."""

import math
import statistics
from dataclasses import dataclass

NEVER = math.inf
AFTER_SWAP = "after swap"  # the second half of a workload that swaps, shown as a row of its own


def seconds_of(record, key: str) -> float | None:
    """A time of the result line: NEVER where it was not reached."""
    value = record.result.get(key)
    if value is None:
        return None
    return NEVER if value < 0 else float(value)


MEASURES = {
    "t90": lambda r: seconds_of(r, "t90"),
    "t99": lambda r: seconds_of(r, "t99"),
    "t90b": lambda r: seconds_of(r, "t90b"),
    "t99b": lambda r: seconds_of(r, "t99b"),
    "area": lambda r: r.result.get("remote_area"),
    "moved": lambda r: r.counters.get("pgmigrate_success"),
    "moved_back": lambda r: r.result.get("moved_back"),
    "used": lambda r: r.result.get("used_pages"),
    "worst": lambda r: r.result.get("worst_stall_ms"),
    "p999": lambda r: r.result.get("p999_stall_ms"),
    "rate": lambda r: r.result["work"] / r.result["seconds"] if r.result.get("seconds") else None,
    "late": lambda r: r.result.get("work_late"),
    "cpu": lambda r: 100 * r.daemon["cpu_seconds"] / r.daemon["seconds"] if r.daemon.get("seconds") else None,
    "memory": lambda r: r.daemon["peak_kb"] / 1024 if r.daemon else None,
    "reclaim": lambda r: sum(r.counters.get(k, 0) for k in ("pswpout", "allocstall", "oom_kill", "pgscan")),
}


def median(values):
    """The median of the values that are known; None without any. NEVER is larger than any time."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    middle = len(known) // 2
    if len(known) % 2 or known[middle] == NEVER:
        # with an even number and one of the two never reached, the median was not reached
        return known[middle]
    return statistics.median(known)


def summarize(records) -> dict:
    """{(workload, mode): {measure: median}} over the complete runs."""
    groups: dict = {}
    for record in records:
        if record.complete():
            groups.setdefault((record.workload, record.mode), []).append(record)
    return {
        key: {name: median(measure(run) for run in runs) for name, measure in MEASURES.items()}
        for key, runs in groups.items()
    }


def ratio(value, base):
    """value / base; None where either is unknown or the base is no measure."""
    if value is None or base is None or base == NEVER or base <= 0:
        return 0.0 if value is not None and base == NEVER and value != NEVER else None
    return value / base


@dataclass(frozen=True)
class Bar:
    """One thing to reach: figure against limit; figure None where it was not measured."""

    what: str
    figure: float | None
    limit: float
    text: str  # the figures behind it
    at_least: bool = False

    def reached(self) -> bool | None:
        if self.figure is None:
            return None
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


def show(value, unit: str = "") -> str:
    if value is None:
        return "?"
    if value == NEVER:
        return "never"
    digits = 0 if abs(value) >= 1000 or isinstance(value, int) else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f}{unit}"


def time_bar(summary, workload: str, key: str, limit: float) -> Bar:
    ours = summary.get((workload, "numaplaced"), {}).get(key)
    kernel = summary.get((workload, "kernel"), {}).get(key)
    after = ", after the swap" if key.endswith("b") else ""
    figure = None if ours is None or kernel is None else NEVER if ours == NEVER else ratio(ours, kernel)
    return Bar(
        f"{workload}{after}: time to 99 %, of the kernel's",
        figure,
        limit,
        f"{show(ours, ' s')} / {show(kernel, ' s')}",
    )


def stall_bars(summary, workload: str) -> list[Bar]:
    ours = summary[(workload, "numaplaced")]["worst"]
    bars = []
    for mode, limit, owner in (("kernel", 1.0, "the kernel's"), ("nothing", 3.0, "the undisturbed run's")):
        base = summary.get((workload, mode), {}).get("worst")
        text = f"{show(ours, ' ms')} / {show(base, ' ms')}"
        bars.append(Bar(f"{workload}: worst stall, of {owner}", ratio(ours, base), limit, text))
    return bars


def moved_bar(summary, workload: str, what: str, limit: float) -> Bar:
    row = summary.get((workload, "numaplaced"), {})
    text = f"{show(row.get('moved'))} / {show(row.get('used'))} pages"
    return Bar(f"{workload}: pages moved, of {what}", ratio(row.get("moved"), row.get("used")), limit, text)


def steady_bars(summary) -> list[Bar]:
    ours = summary.get(("local", "numaplaced"), {})
    base = summary.get(("local", "nothing"), {})
    return [
        Bar("local: pages moved", ours.get("moved"), 0, f"{show(ours.get('moved'))} pages"),
        Bar(
            "local: work done, of the undisturbed run",
            ratio(ours.get("rate"), base.get("rate")),
            0.98,
            f"{show(ours.get('rate'))} / {show(base.get('rate'))} a second",
            at_least=True,
        ),
    ]


def bars(summary) -> list[Bar]:
    """The bars whose workloads were run."""
    present = {workload for workload, mode in summary if mode == "numaplaced"}
    out = []
    for workload, key, limit in (
        ("split", "t99", 0.6),
        ("hot-tenth", "t99", 0.6),
        ("chase", "t99", 0.6),
        ("stranded", "t99", 0.8),
        ("swap", "t99", 0.8),
        ("swap", "t99b", 0.8),
    ):
        if workload in present:
            out.append(time_bar(summary, workload, key, limit))
    if "shared" in present:
        out.append(moved_bar(summary, "shared", "the working set", 0.02))
    if "hot-tenth" in present:
        out.append(moved_bar(summary, "hot-tenth", "the hot pages", 1.3))
    for workload in sorted(present):
        out += stall_bars(summary, workload)
    if "local" in present:
        out += steady_bars(summary)
    for workload in sorted(present):
        reclaim = summary[(workload, "numaplaced")]["reclaim"]
        if reclaim:
            out.append(Bar(f"{workload}: swap, reclaim, OOM", reclaim, 0, show(reclaim)))
    return out
