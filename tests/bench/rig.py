# SPDX-License-Identifier: LGPL-2.1-or-later
"""Stages what the guest needs, boots it with a plan of runs, and hands on what it prints line by line."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
MODES = ("nothing", "kernel", "numaplaced")

# The emulated guest is some fifty times slower than a real machine; see DESIGN.md, section 11.
SETTINGS = {"sampling": {"max_cpu": "25%"}, "migration": {"max_stall": "20ms"}}


@dataclass(frozen=True)
class Run:
    """One run of a workload in one mode."""

    workload: str
    mode: str
    round: int
    options: tuple[str, ...] = ()
    journal: str = "none"

    def line(self) -> str:
        return " ".join([self.mode, str(self.round), self.journal, self.workload, *self.options])


def build_folder() -> Path:
    return Path(os.environ.get("O", "build")).resolve()


def settings_text() -> str:
    lines = ["# for a guest under software emulation"]
    for section, keys in SETTINGS.items():
        lines.append(f"[{section}]")
        lines += [f"{key} = {value}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"


def describe_settings() -> str:
    return ", ".join(f"{key} = {value}" for keys in SETTINGS.values() for key, value in keys.items())


def plain_make_environment() -> dict[str, str]:
    """The environment without what an outer make left for its own sub-makes."""
    return {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


def stage(build: Path, runs: list[Run], folder: Path) -> None:
    """Fills folder with what goes over the guest's root: the installed daemon, the workload, the plan."""
    bench = folder / "opt/bench"
    bench.mkdir(parents=True)
    if any(run.mode == "numaplaced" for run in runs):
        subprocess.run(
            ["make", "-s", "install", f"O={build}", f"DESTDIR={folder}"],
            cwd=REPOSITORY,
            env=plain_make_environment(),
            stdout=subprocess.DEVNULL,
            check=True,
        )
        drop_ins = folder / "etc/numaplaced.conf.d"
        drop_ins.mkdir(parents=True, exist_ok=True)
        (drop_ins / "emulated-guest.conf").write_text(settings_text())
    shutil.copy2(build / "tests/workloads/workload", bench)
    shutil.copy2(REPOSITORY / "tests/bench/guest-bench", bench)
    (bench / "plan").write_text("".join(run.line() + "\n" for run in runs))


def guest_command(folder: Path, out: Path, timeout: int, kernel: str = "6.12") -> list[str]:
    guest = os.environ.get("GUEST", str(REPOSITORY / "tests/vm/guest"))
    return [
        guest,
        *("--kernel", kernel, "--nodes", "2", "--cpus", "4", "--mem", "4096"),
        *("--timeout", str(timeout), "--share", str(folder), "--out", str(out)),
        *("--", "/opt/bench/guest-bench", "/opt/bench/plan"),
    ]


class StageError(Exception):
    """What the guest needs is not there."""


class Guest:
    """The guest while it does the plan: iterate over its lines, then ask for its exit status."""

    def __init__(self, build: Path, name: str, runs: list[Run], timeout: int, kernel: str = "6.12"):
        self._build = build
        self._runs = runs
        self._out = build / name / "out"
        self._timeout = timeout
        self._kernel = kernel
        self._environment = dict(os.environ, O=str(build))
        self._folder = None
        self._process = None

    def __enter__(self) -> "Guest":
        # not in the build folder: an installed tree has directories whose names make would take for its own files
        self._folder = tempfile.TemporaryDirectory(prefix="numaplaced-guest.")
        root = Path(self._folder.name)
        try:
            stage(self._build, self._runs, root)
        except (OSError, subprocess.CalledProcessError) as error:
            self._folder.cleanup()
            raise StageError(f"cannot prepare the guest's files: {error}") from error
        self._process = subprocess.Popen(
            guest_command(root, self._out, self._timeout, self._kernel),
            env=self._environment,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        return self

    def __exit__(self, *_) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait()
        self._folder.cleanup()

    def __iter__(self):
        for line in self._process.stdout:
            yield line.rstrip("\r\n")

    def status(self) -> int:
        return self._process.wait()
