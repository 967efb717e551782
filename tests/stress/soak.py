#!/usr/bin/env python3
"""Runs many threads for a long time, while Python starts and ends: is a call lost, does memory grow?

tests/stress/soak.py --python 3.12 --minutes 30
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(CHECKOUT / "tests"), str(CHECKOUT / "src")]

from harness import Outcome, environment_for, run_command  # noqa: E402
from matrix import MatrixPython, python_asked_for, usable  # noqa: E402
from pyholdfast.toolchain.compile import cached_host, find_compiler  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Soak", "soak"]

THREADS = 64
LIVES = 4  # three restarts
GRACE_S = 120


@dataclass(frozen=True, slots=True)
class Soak:
    """What a run came to.

    Attributes:
        outcome: how the process ended.
        moments: what the host printed, in order.
    """

    outcome: Outcome
    moments: list[dict[str, Any]]

    def text(self) -> str:
        """The important figures."""
        ended = [moment for moment in self.moments if moment["at"] == "ended"]
        last = ended[-1]
        memory = ", ".join(f"{moment['memory_kib'] / 1024:.0f}" for moment in ended)
        return (
            f"{last['calls']:,} calls by {last['threads']:,} threads, {last['lost']} lost,"
            f" {last['wrong']} wrong, longest wait to attach {last['longest_wait_ms']:.0f} ms,"
            f" memory after each of {len(ended)} lives {memory} MiB"
        )


def soak(python: MatrixPython, seconds: int, threads: int = THREADS, lives: int = LIVES) -> Soak:
    """Run the host."""
    host = cached_host(Path(__file__).with_name("soak.cpp"), python.build, find_compiler())
    outcome = run_command(
        [str(host), str(seconds), str(threads), str(lives)],
        environ=environment_for(python),
        deadline_s=seconds + GRACE_S,
        promise=f"{threads} threads for {seconds} s on {python.name}",
    )
    return Soak(outcome, [json.loads(line) for line in outcome.out.splitlines()])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="soak.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", default=usable()[-1].name, help="a name, like 3.12 or 3.13t")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--threads", type=int, default=THREADS)
    asked = parser.parse_args(argv)
    python = python_asked_for(parser, asked.python)
    run = soak(python, int(asked.minutes * 60), asked.threads)
    if run.outcome.code != 0:
        print(run.outcome.explain(), file=sys.stderr)
        return 1
    for moment in run.moments:
        print(json.dumps(moment))
    print(run.text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
