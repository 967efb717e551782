"""The options of `holdfast bench`, and the steps of a run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast_bench import headers
from holdfast_bench.contenders import Effort
from holdfast_bench.machine import describe
from holdfast_bench.one_python import measure_python, rows_named
from holdfast_bench.plot import draw
from holdfast_bench.results import Report, load, save
from holdfast_bench.rows import ROWS
from holdfast_bench.scaling import draw_scaling
from holdfast_bench.table import render
from pyholdfast import paths
from pyholdfast.commands.values import whole_number
from pyholdfast.errors import UsageError
from pyholdfast.find_python import find_python
from pyholdfast.outputs import demand_apart, put_output
from pyholdfast.toolchain.cache import cached_probe
from pyholdfast.toolchain.compile import find_compiler
from pyholdfast.visible import visible

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

__all__ = ["add_arguments", "run"]

THOROUGH = Effort(sample_ms=20.0, samples=5, crowd=20_000)
QUICK = Effort(sample_ms=2.0, samples=2, crowd=1_000)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--python",
        action="append",
        metavar="PATH",
        help="an interpreter to measure on; may be given several times",
    )
    parser.add_argument(
        "--rounds", type=whole_number(1), metavar="N", help="default 5; 1 with --quick"
    )
    parser.add_argument(
        "--rows",
        metavar="ROW,...",
        help=f"measure only these: {','.join(row.key for row in ROWS)}",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="only check that everything works, in a few minutes; do not quote the figures",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results to FILE")
    parser.add_argument("--plot", type=Path, metavar="OUT.svg", help="draw the ratios")
    parser.add_argument(
        "--scaling",
        type=Path,
        metavar="OUT.svg",
        help="draw the speed of busy Python code by the number of threads: the rows cores_1, cores_2,"
        " cores_4",
    )
    parser.add_argument(
        "--from",
        dest="earlier",
        type=Path,
        action="append",
        metavar="FILE",
        help="measure nothing; show the results that --json wrote; may be given several times",
    )


def run(args: argparse.Namespace) -> int:
    """Measure, or load; then print, save and draw."""
    outputs = [path for path in (args.json, args.plot, args.scaling) if path is not None]
    demand_apart(outputs, args.earlier or ())
    reports = _loaded(args) if args.earlier else [_measured(args)]
    for report in reports:
        print(render(report))
    if args.json is not None:
        save(reports[0], args.json)
    if args.plot is not None:
        put_output(args.plot, draw(reports).encode())
    if args.scaling is not None:
        put_output(args.scaling, draw_scaling(reports).encode())
    return 1 if any(report.failed for report in reports) else 0


def _loaded(args: argparse.Namespace) -> Sequence[Report]:
    for option, given in (("--python", args.python), ("--rows", args.rows), ("--json", args.json)):
        if given is not None:
            raise UsageError(
                "HF116", f"{option} makes no sense with --from", "leave out one of the two"
            )
    return [load(path) for path in args.earlier]


def _measured(args: argparse.Namespace) -> Report:
    rows = rows_named(None if args.rows is None else args.rows.split(","))
    compiler = find_compiler()
    builds = [cached_probe(find_python(name).path) for name in args.python or [None]]
    rounds = args.rounds or (1 if args.quick else 5)
    pythons = []
    for build in builds:
        with _Progress(f"Python {build.version_text}") as say:
            pythons.append(
                measure_python(
                    build,
                    compiler,
                    rows,
                    rounds=rounds,
                    effort=QUICK if args.quick else THOROUGH,
                    say=say,
                )
            )
    return Report(
        paths.version(), describe(compiler), rounds, args.quick, tuple(pythons), headers.digest()
    )


class _Progress:
    """Shows the current step on stderr: on a terminal in one changing line, elsewhere line by line."""

    def __init__(self, heading: str) -> None:
        self._heading = heading
        self._live = sys.stderr.isatty()
        self._said = ""

    def __enter__(self) -> Callable[[str], None]:
        return self._say

    def __exit__(self, *_: object) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[K")

    def _say(self, what: str) -> None:
        if self._live:
            sys.stderr.write(f"\r\x1b[K{self._heading}: {visible(what)}")
        elif (part := what.partition(": ")[0]) != self._said:  # once per round
            self._said = part
            sys.stderr.write(f"{self._heading}: {part}\n")
        sys.stderr.flush()
