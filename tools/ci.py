#!/usr/bin/env python3
"""Runs what must pass before a change lands; .ci/run calls it. To add a part, add a row to PARTS.

The first part acts as a new user: it runs the README's commands in a copy of the checkout, with an
empty HOME and cache, few variables, and only the machine's own Pythons. The later parts add what `make
pythons` and `make test-tools` provide: they run what takes too long for `make test`, the programs on
all Pythons, and every test that the first part skipped. The last ones run a sample of the programs on
other systems, and bundles.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from ci_parts.part import Part, Report, command_runner, run_part
from ci_parts.surroundings import bare, copy_of, whole
from ci_parts.verdicts import closing_line, merged

__all__ = ["PARTS", "main"]

CHECKOUT = Path(__file__).resolve().parent.parent
PARTS = (
    Part(
        "from nothing",
        13,
        (("make", "demo"), ("make", "test"), ("python3", "tools/ci_parts/untouched.py")),
        bare=True,
    ),
    Part("Pythons and tools", 10, (("make", "pythons"), ("make", "test-tools")), provides=True),
    Part("longer tests", 9, (("make", "test-ci"),), may_be_cut=True),
    Part("all Pythons", 20, (("make", "test-pythons"),), again=True, may_be_cut=True),
    Part(
        "other systems",
        5,
        (("make", "platforms", "ONLY=zig libc++ aarch64"),),
        provides=True,
    ),
    Part("platforms", 12, (("make", "test-platforms", "ONLY=sample"),), may_be_cut=True),
    Part("ship", 5, (("make", "test-ship"),), may_be_cut=True),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the parts; return 1 if any is red."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--only", action="append", metavar="PART", choices=[part.name for part in PARTS],
        help="run this part, and not the others",
    )  # fmt: skip
    chosen = parser.parse_args(argv).only
    # However it is stopped, its processes are ended and the copy is removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    begun_s = time.monotonic()
    reports: list[Report] = []
    # Removing the copy takes a while, so the summary is printed first.
    with tempfile.TemporaryDirectory(prefix="holdfast-ci-", ignore_cleanup_errors=True) as place:
        interrupted = False
        try:
            _run_all([p for p in PARTS if not chosen or p.name in chosen], Path(place), reports)
        except KeyboardInterrupt:
            interrupted = True
        _conclude(reports, time.monotonic() - begun_s, interrupted=interrupted)
    if interrupted:
        return 130
    return 1 if any(report.is_red for report in reports) else 0


def _conclude(reports: Sequence[Report], seconds: float, *, interrupted: bool) -> None:
    """Print the result of each part, and the closing line."""
    lines = [line for report in reports for line in report.lines()]
    print("\n" + "\n".join([*lines, "interrupted"] if interrupted else lines))
    whole_run = merged(report.verdicts for report in reports)
    errors = sum(len(report.errors) for report in reports)
    print(closing_line(whole_run.outcomes, errors, seconds), flush=True)


def _run_all(parts: Sequence[Part], place: Path, reports: list[Report]) -> None:
    """Run the parts one after the other; add the report of each as soon as it is done."""
    folder = place / "holdfast"
    copy_of(CHECKOUT, folder)
    python = _own_python()
    runner = command_runner(folder)
    earlier = place / "earlier.jsonl"
    earlier.touch()
    for number, part in enumerate(parts):
        print(f"\n===== {part.name}: at most {part.minutes:g} minutes", flush=True)
        outcomes = place / f"{number}.jsonl"
        variables = bare(os.environ, python, place) if part.bare else whole(os.environ)
        variables["HOLDFAST_BESIDES"] = str(earlier)
        reports.append(Report(part))  # first, so that an interrupted run says what it found
        run_part(reports[-1], folder, variables, outcomes, runner)
        if outcomes.exists():
            with earlier.open("a", encoding="utf-8") as file:
                file.write(outcomes.read_text(encoding="utf-8"))


def _own_python() -> Path:
    """The interpreter that runs this, without an environment or a shim."""
    return Path(getattr(sys, "_base_executable", sys.executable))


if __name__ == "__main__":
    sys.exit(main())
