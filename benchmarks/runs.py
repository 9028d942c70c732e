"""What the benchmarks of both targets share: a whole run in a process of its own, a clock, and what is printed."""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MACHINE = f"{platform.machine()}, Python {platform.python_version()}"


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run of `migrator` on a source of one table."""

    table: str
    """Where the rows are, as the report names it: schema and table."""
    phases: dict[str, float]
    """Seconds of each phase, and of all of them."""
    process: float
    """Seconds of the process: with the start of Python and its imports."""
    megabytes: float
    """Peak of resident memory."""


def run_migrator(folder: Path, source: Path, url: str) -> Run:
    """Run `migrator run` in a process of its own."""
    probe = (
        "import resource, sys\n"
        "from migrator.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)\n"
    )
    command = [
        sys.executable,
        "-c",
        probe,
        "run",
        str(source),
        "--target",
        url,
        "--json",
        "--work",
        str(folder / "w"),
    ]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    if done.returncode:
        raise SystemExit(f"the run failed ({done.returncode}):\n{done.stdout}\n{done.stderr}")
    report = json.loads(done.stdout)
    # ru_maxrss is in kilobytes on Linux, in bytes on macOS: getrusage(2).
    unit = 1 if platform.system() == "Darwin" else 1024
    peak = int(done.stderr.split()[-1]) * unit / 1e6
    return Run(report["tables"][0]["target"], report["seconds"], seconds, peak)


def timed(work: Callable[[], object]) -> float:
    """Seconds that the work takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


def add_arguments(parser: argparse.ArgumentParser, *, rows: int) -> None:
    """The arguments that both benchmarks take; `rows` is the default."""
    parser.add_argument("--rows", type=int, default=rows)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def report(rows: int, ways: dict[str, float], run: Run, *, as_json: bool) -> None:
    """Print the seconds of each other way and of each phase, and their speed as a share of the first way's."""
    if as_json:
        figures = {"rows": rows, "machine": MACHINE, "seconds": ways, "run": dataclasses.asdict(run)}
        print(json.dumps(figures, indent=2))
        return
    first, limit = next(iter(ways.items()))
    phases = {f"run: {name}": seconds for name, seconds in run.phases.items()}
    print(f"{rows:,} rows of twelve columns, {MACHINE}")
    for name, seconds in {**ways, **phases, "run: whole process": run.process}.items():
        if seconds:
            speed = f"{rows / seconds:>12,.0f} rows/s {limit / seconds:6.2f} of {first}"
            print(f"{name:<28} {seconds:8.2f} s {speed}")
    print(f"peak memory of the run       {run.megabytes:8.0f} MB")
