#!/usr/bin/env python3
"""Runs random programs of threads against random moments of finalize, for a given time.

Each seed is one process of the stress host, with some twenty lives of Python; every second one is
built with pauses. The first seed is printed, and each next one is one more. A failure ends the run
and names its seed:

    tests/stress/drive.py --python 3.13t --seconds 600
    tests/stress/drive.py --python 3.13t --seed 4711 --paused
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "tests"), str(CHECKOUT / "src")]

from harness import Outcome, environment_for, run_command  # noqa: E402
from matrix import MatrixPython, usable  # noqa: E402
from stress.build import build_host  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Run", "run_seed", "run_seeds"]

LIVES = 20  # restarts in one process; CPython 3.12.1 and 3.13t lose memory at each
CHUNK_S = 8
# What a process may need beyond its time: the life that is under way, with finalize's own limits.
GRACE_S = 60
COUNT = re.compile(r"(\d+) (\w+)")


@dataclass(slots=True)
class Run:
    """What a number of seeds came to.

    Attributes:
        seeds: how many were run.
        counts: lives, operations, threads and so on, summed.
        failure: how the first that failed ended, with its seed; None if all went well.
    """

    seeds: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    failure: str | None = None

    def text(self) -> str:
        """One line of figures."""
        counts = ", ".join(f"{count} {what}" for what, count in self.counts.items())
        return f"{self.seeds} seeds: {counts}"


def run_seed(python: MatrixPython, seed: int, *, paused: bool, seconds: float) -> Outcome:
    """Run one process of the host."""
    binary = build_host("host.cpp", python, paused=paused)
    return run_command(
        [str(binary), str(int(seconds * 1000)), str(LIVES)],
        environ={**environment_for(python), "HOLDFAST_SEED": str(seed)},
        deadline_s=seconds + GRACE_S,
        promise=f"HOLDFAST_SEED={seed} on {python.name}, {'with' if paused else 'without'} pauses",
    )


def run_seeds(python: MatrixPython, first: int, *, seconds: float) -> Run:
    """Run seed after seed until the time is over, or one fails."""
    for paused in (True, False) if seconds > 2 * CHUNK_S else (True,):
        build_host("host.cpp", python, paused=paused)
    end = time.monotonic() + seconds
    run = Run()
    while (left := end - time.monotonic()) > 0:
        seed = first + run.seeds
        paused = run.seeds % 2 == 0 or seconds <= 2 * CHUNK_S
        outcome = run_seed(python, seed, paused=paused, seconds=min(left, CHUNK_S))
        run.seeds += 1
        if outcome.code != 0:
            run.failure = outcome.explain()
            return run
        for count, what in COUNT.findall(outcome.out.splitlines()[-1]):
            run.counts[what] = run.counts.get(what, 0) + int(count)
    return run


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [python.name for python in usable()]
    parser.add_argument("--python", choices=names, help="on this one only, not on all")
    parser.add_argument("--seconds", type=float, default=600, help="per Python (600)")
    parser.add_argument(
        "--seed", type=int, help="the first; alone with --paused or --plain: only it"
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--paused", action="store_true", help="this one seed, with pauses")
    kind.add_argument("--plain", action="store_true", help="this one seed, without pauses")
    asked = parser.parse_args(argv)
    first = asked.seed
    if first is None:
        given = os.environ.get("HOLDFAST_SEED")
        first = int(given) if given else random.SystemRandom().randrange(2**31)
    failed = 0
    for python in usable():
        if asked.python not in (None, python.name):
            continue
        print(f"{python.name}: HOLDFAST_SEED={first}", flush=True)
        if asked.paused or asked.plain:
            outcome = run_seed(python, first, paused=asked.paused, seconds=CHUNK_S)
            run = Run(1, failure=None if outcome.code == 0 else outcome.explain())
        else:
            run = run_seeds(python, first, seconds=asked.seconds)
        print(f"{python.name}: {run.text()}", flush=True)
        if run.failure is not None:
            failed = 1
            print(run.failure, flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
