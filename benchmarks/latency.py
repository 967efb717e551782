#!/usr/bin/env python3
"""Measures how long a native thread waits to attach behind busy Python threads.

By the number of busy threads and by `interpreter_config::switch_interval`, and for an urgent attach;
beside it, what the busy threads still do in that time. Prints a table, and draws a picture if it is told where. Each round
measures all cases once; a line has the waits of all rounds. Needs a compiler, and a Python with a GIL:
on a free-threaded build nobody waits.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path(__file__).resolve().parent / "programs" / "latency.cpp"
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks")]

from holdfast_bench.latency import Latency, table  # noqa: E402 - the checkout's own package
from holdfast_bench.latency_plot import draw_latency  # noqa: E402
from holdfast_bench.machine import describe  # noqa: E402
from pyholdfast.find_python import find_python  # noqa: E402
from pyholdfast.toolchain.cache import cached_probe  # noqa: E402
from pyholdfast.toolchain.compile import cached_host, find_compiler  # noqa: E402

BUSY = (1, 4, 16)
INTERVALS_US = (50, 200, 1000, 5000)
DEFAULT_US = 5000
LIMIT_S = 60  # for a program to end, beyond its time: the last attach waits, too


def main() -> int:
    """Measure, print the table, and draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", help="default: the one that holdfast finds")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--seconds", type=float, default=4, help="of each case in a round; default 4"
    )
    parser.add_argument("--plot", type=Path, metavar="OUT.svg")
    args = parser.parse_args()
    build = cached_probe(find_python(args.python).path)
    if build.free_threaded:
        parser.error(
            f"{build.executable} is free-threaded, so no thread waits: name a Python with a GIL"
        )
    compiler = find_compiler()
    host = cached_host(SOURCE, build, compiler)

    cases = [(busy, interval, False) for busy in BUSY for interval in INTERVALS_US]
    cases += [(busy, DEFAULT_US, True) for busy in BUSY]
    waits: dict[tuple[int, int, bool], list[float]] = {case: [] for case in cases}
    speeds: dict[tuple[int, int, bool], list[float]] = {case: [] for case in cases}
    for number in range(args.rounds):
        undisturbed, _ = _measure(host, 1, DEFAULT_US, args.seconds, "never")
        turn = number * len(cases) // args.rounds
        for case in cases[turn:] + cases[:turn]:
            busy, interval, urgent = case
            how = "urgent" if urgent else "ordinary"
            done, taken = _measure(host, busy, interval, args.seconds, how)
            waits[case] += taken
            speeds[case].append(done / undisturbed)
    measured = [
        Latency(
            busy, interval, tuple(sorted(taken)), median(speeds[busy, interval, urgent]), urgent
        )
        for (busy, interval, urgent), taken in waits.items()
    ]

    version = ".".join(str(part) for part in build.version)
    foot = f"CPython {version}, {args.rounds} rounds of {args.seconds:g} s; {describe(compiler)}"
    print("\n".join([*table(measured), "", foot]))
    if args.plot is not None:
        args.plot.write_text(draw_latency(measured, foot), encoding="utf-8")
    return 0


def _measure(
    host: Path, busy: int, interval_us: int, seconds: float, does: str
) -> tuple[float, list[float]]:
    """Iterations of the busy threads per second, and the microseconds that each attach took."""
    command = [str(host), str(busy), str(interval_us), str(seconds), does]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=seconds + LIMIT_S
    )
    found = json.loads(done.stdout)
    return found["per_second"], found["waits"]


if __name__ == "__main__":
    sys.exit(main())
