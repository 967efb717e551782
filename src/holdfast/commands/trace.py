"""Record what a host's threads do, or read what one has recorded, and show it.

With a program after --, runs it and records; with a FILE, reads a trace that HOLDFAST_TRACE made.
Writes a picture, one HTML file that needs no network, and beside it a file for ui.perfetto.dev, and
prints a summary. A host that crashes or is killed is shown up to then. The exit status is 1 if the
host failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.errors import HoldfastError, UsageError
from holdfast.trace.format import read_trace
from holdfast.trace.formats import SUFFIXES, Wish, demand_free, outputs, write
from holdfast.trace.model import build
from holdfast.trace.summary import summary

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["add_arguments", "run"]

UNITS = (("ms", 1e6), ("us", 1e3), ("s", 1e9), ("", 1e9))
LONGEST_S = 1e9
WORDS = {
    "html": "the picture",
    "svg": "the picture",
    "perfetto": "for ui.perfetto.dev",
    "speedscope": "for speedscope.app",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.usage = "holdfast trace [OPTIONS] [FILE | -- HOST ARGS]"
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a trace to read")
    parser.add_argument(
        "--format",
        action="append",
        choices=tuple(SUFFIXES),
        default=[],
        help="what to write, also several: a page, a still picture, a file for ui.perfetto.dev, or the"
        " waits for speedscope.app; default: by the name of OUT, else html and perfetto",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="the file; further formats lie beside it; default: trace.html",
    )
    parser.add_argument("--title", metavar="TEXT", help="the first line; default: the command")
    parser.add_argument(
        "--from",
        dest="first",
        type=_time,
        metavar="TIME",
        help="where the still picture begins, e.g. 1.2s",
    )
    parser.add_argument(
        "--to", dest="last", type=_time, metavar="TIME", help="where it ends, e.g. 1500ms"
    )
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep the trace itself there")
    parser.add_argument(
        "--watchdog", metavar="TIME", help="report attaches that wait longer, e.g. 2s"
    )
    parser.add_argument(
        "--no-picture", action="store_true", help="print the summary, and write nothing"
    )


def run(args: argparse.Namespace) -> int:
    """Record or read; then write and print."""
    given: Path | None = args.file
    host: list[str] = args.program_arguments
    if (given is None) == (not host):
        raise UsageError(
            "HF116", "trace wants either a FILE or -- HOST", "see holdfast trace --help"
        )
    files = {} if args.no_picture else outputs(args.format, args.output)
    span = args.first, args.last
    if any(time is not None for time in span) and "svg" not in files:
        raise UsageError(
            "HF116",
            "--from and --to are for a still picture",
            "add --format svg; a page can be zoomed",
        )
    kept: Path | None = args.keep
    demand_free((*files.values(), *([kept] if kept else [])))
    if given is not None:
        _show(given, files, args.title, span)
        return 0
    with tempfile.TemporaryDirectory(prefix="holdfast-trace-") as folder:
        recorded = kept or Path(folder, "host.trace")
        status = _record(host, recorded, args.watchdog)
        if not recorded.exists():
            raise HoldfastError(
                "HF808",
                f"'{host[0]}' recorded nothing",
                "trace a program that attaches by holdfast",
            )
        _show(recorded, files, args.title, span)
    if status != 0:
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        sys.stderr.write(f"holdfast trace: the host {how}\n")
    return 1 if status else 0


def _record(host: list[str], recorded: Path, watchdog: str | None) -> int:
    environ = {**os.environ, "HOLDFAST_TRACE": str(recorded.absolute())}
    if watchdog:
        environ["HOLDFAST_WATCHDOG"] = watchdog
    try:
        return subprocess.run(host, env=environ, check=False).returncode
    except OSError as error:
        raise HoldfastError(
            "HF806",
            f"cannot start '{host[0]}': {error.strerror or error}",
            "name a program that can be run",
        ) from error


def _show(
    recorded: Path,
    files: Mapping[str, Path],
    title: str | None,
    span: tuple[int | None, int | None],
) -> None:
    trace = build(read_trace(recorded))
    first, last = span[0] or 0, trace.duration if span[1] is None else span[1]
    if span != (None, None) and not first < min(last, trace.duration):
        raise UsageError(
            "HF116",
            f"nothing lies between {first / 1e9:g} s and {last / 1e9:g} s:"
            f" the trace lasts {trace.duration / 1e9:.3g} s",
            "give --from and --to times within it, the earlier first",
        )
    write(trace, files, Wish(title, (first, min(last, trace.duration))))
    sys.stdout.write(summary(trace))
    for name, file in files.items():
        sys.stdout.write(f"{WORDS[name]}: {file}\n")


def _time(text: str) -> int:
    """Nanoseconds of a duration: ``1.5s``, ``200ms``."""
    unit, factor = next(pair for pair in UNITS if text.endswith(pair[0]))
    value = float(text.removesuffix(unit))
    if not 0 <= value < LONGEST_S:
        message = f"{text} is no time"
        raise argparse.ArgumentTypeError(message)
    return round(value * factor)
