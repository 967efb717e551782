"""Record what a host's threads do, or read a recorded trace, and show it.

With a program after --, runs and records it. With a FILE, reads a trace that HOLDFAST_TRACE made.
Writes a picture (one HTML file that needs no network) and a file for ui.perfetto.dev beside it, and
prints a summary. If the host crashes or is killed, the trace ends at most a tenth of a second
before that. No file is overwritten: without -o, the next free name is used (trace-2.html). The exit
status is 1 if the host failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pyholdfast.commands.values import duration, duration_text
from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.outputs import demand_apart
from pyholdfast.process_end import end_of
from pyholdfast.trace.building import build
from pyholdfast.trace.exporters import SUFFIXES, Wish, demand_free, free_outputs, outputs, write
from pyholdfast.trace.file_layout import read_trace
from pyholdfast.trace.summary import summary
from pyholdfast.visible import visible

__all__ = ["add_arguments", "run"]

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
        help="the format, can be repeated: a page, a still picture, a file for ui.perfetto.dev, or"
        " the waits for speedscope.app; default: by the name of OUT, else html and perfetto",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="the output file; other formats are written beside it; default: trace.html, or"
        " trace-2.html if that exists",
    )
    parser.add_argument("--title", metavar="TEXT", help="the title; default: the command")
    parser.add_argument(
        "--from",
        dest="first",
        type=duration,
        metavar="TIME",
        help="start of the still picture, e.g. 1.2s",
    )
    parser.add_argument(
        "--to", dest="last", type=duration, metavar="TIME", help="end of it, e.g. 1500ms"
    )
    parser.add_argument("--keep", type=Path, metavar="FILE", help="save the trace itself as FILE")
    parser.add_argument(
        "--watchdog",
        type=duration_text,
        metavar="TIME",
        help="report attaches that wait longer, e.g. 2s",
    )
    parser.add_argument(
        "--no-picture", action="store_true", help="print only the summary, write no file"
    )


def run(args: argparse.Namespace) -> int:
    """Record or read a trace; then write the files and print the summary."""
    given: Path | None = args.file
    host: list[str] = args.program_arguments
    if (given is None) == (not host):
        raise UsageError(
            "HF116", "trace wants either a FILE or -- HOST", "see holdfast trace --help"
        )
    if args.output is not None and args.output.is_dir():
        demand_free([args.output])
    files = {} if args.no_picture else outputs(args.format, args.output)
    span = args.first, args.last
    if any(time is not None for time in span) and "svg" not in files:
        raise UsageError(
            "HF116",
            "--from and --to are for a still picture",
            "add --format svg; a page can be zoomed",
        )
    kept: Path | None = args.keep
    # If the user gave no name, a free one is chosen only when it is needed.
    named = [*(files.values() if args.output is not None else ()), *([kept] if kept else [])]
    demand_apart(named, [given] if given else [])
    demand_free(named)
    if given is not None:
        _show(args, given)
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
        _show(args, recorded)
    if status != 0:
        sys.stderr.write(f"holdfast trace: the host {end_of(status)}\n")
    return 1 if status else 0


def _record(host: list[str], recorded: Path, watchdog: str | None) -> int:
    environ = {**os.environ, "HOLDFAST_TRACE": str(recorded.absolute())}
    if watchdog:
        environ["HOLDFAST_WATCHDOG"] = watchdog
    try:
        return subprocess.run(host, env=environ, check=False).returncode
    except OSError as error:
        raise UsageError(
            "HF806",
            f"cannot start '{host[0]}': {error.strerror or error}",
            "name a program that can be run",
        ) from error


def _show(args: argparse.Namespace, recorded: Path) -> None:
    trace = build(read_trace(recorded))
    first, last = args.first or 0, trace.duration if args.last is None else args.last
    if (args.first, args.last) != (None, None) and not first < min(last, trace.duration):
        raise UsageError(
            "HF116",
            f"nothing lies between {first / 1e9:g} s and {last / 1e9:g} s:"
            f" the trace lasts {trace.duration / 1e9:.3g} s",
            "give --from and --to times within it, the earlier first",
        )
    # Not earlier: a default name must be free when a long recording ends.
    files = {} if args.no_picture else free_outputs(args.format, args.output)
    write(
        trace,
        files,
        Wish(args.title, (first, min(last, trace.duration))),
    )
    sys.stdout.write(summary(trace))
    for name, file in files.items():
        sys.stdout.write(f"{WORDS[name]}: {visible(str(file))}\n")
