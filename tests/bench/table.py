# SPDX-License-Identifier: LGPL-2.1-or-later
"""Renders a summary as text."""

from summary import AFTER_SWAP, NEVER, bars, ratio, show

COLUMNS = (
    # measure, heading, unit
    ("t90", "90 %", "s"),
    ("t99", "99 %", "s"),
    ("area", "remote area", "s"),
    ("moved", "moved", "pages"),
    ("moved_back", "moved back", "pages"),
    ("worst", "worst stall", "ms"),
    ("p999", "99.9 % stall", "ms"),
    ("rate", "work", "/s"),
    ("cpu", "daemon CPU", "%"),
    ("memory", "memory", "MiB"),
)
WHOLE_NUMBERS = ("moved", "moved_back", "rate")
RATIOS = ("t90", "t99", "area", "moved", "worst", "p999", "rate")


def align(rows: list[list[str]], left: int = 2) -> list[str]:
    """Columns as wide as their widest cell; the first ones to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width) for i, (cell, width) in enumerate(zip(row, widths))
        ).rstrip()
        for row in rows
    ]


def after_swap(row: dict) -> dict | None:
    """The row of the second half, where there is one."""
    if row.get("t99b") is None:
        return None
    return {"t90": row["t90b"], "t99": row["t99b"]}


def cell(name: str, value) -> str:
    if value is None:
        return ""
    return f"{value:.0f}" if name in WHOLE_NUMBERS else show(value)


def cells(row: dict) -> list[str]:
    return [cell(name, row.get(name)) for name, *_ in COLUMNS]


def ratio_cells(ours: dict, base: dict) -> list[str]:
    out = []
    for name, *_ in COLUMNS:
        value = ratio(ours.get(name), base.get(name)) if name in RATIOS else None
        if value is not None and base.get(name) == NEVER:
            out.append("< kernel")
        else:
            out.append("" if value is None else "never" if value == NEVER else f"{value:.2f}")
    return out


def workload_rows(summary: dict, workload: str, modes) -> list[list[str]]:
    rows = []
    known = [(mode, summary[(workload, mode)]) for mode in modes if (workload, mode) in summary]
    for index, (mode, row) in enumerate(known):
        rows.append([workload if index == 0 else "", mode, *cells(row)])
    by_mode = dict(known)
    if "numaplaced" in by_mode and "kernel" in by_mode:
        rows.append(["", "  / kernel", *ratio_cells(by_mode["numaplaced"], by_mode["kernel"])])
    for mode, row in known:
        after = after_swap(row)
        if after:
            rows.append([f"  {AFTER_SWAP}", mode, *cells(after)])
    return rows


def main_table(summary: dict, workloads, modes) -> str:
    rows = [["workload", "mode", *(heading for _, heading, _ in COLUMNS)], ["", "", *(unit for *_, unit in COLUMNS)]]
    for workload in workloads:
        rows += workload_rows(summary, workload, modes)
    return "\n".join(align(rows))


def bar_table(summary: dict) -> str:
    """Each bar: reached or not, with the figures."""
    rows = [["", "to reach", "bar", "measured", "from"]]
    for bar in bars(summary):
        reached = bar.reached()
        word = "not measured" if reached is None else "reached" if reached else "NOT reached"
        sign = ">=" if bar.at_least else "<="
        rows.append([word, bar.what, f"{sign} {bar.limit:g}", show(bar.figure), bar.text])
    return "\n".join(align(rows)) if len(rows) > 1 else ""
