"""Record what a host's threads do, or read what one has recorded, and show it.

With a program after --, runs it and records; with a FILE, reads a trace that HOLDFAST_TRACE made.
Writes a picture, one HTML file that needs no network, and prints a summary. A host that crashes or
is killed is shown up to then. The exit status is 1 if the host failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.errors import HoldfastError, UsageError
from holdfast.trace.format import read_trace
from holdfast.trace.html import page
from holdfast.trace.model import build
from holdfast.trace.summary import summary

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.usage = "holdfast trace [OPTIONS] [FILE | -- HOST ARGS]"
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a trace to read")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT", help="the picture; default: trace.html"
    )
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep the trace itself there")
    parser.add_argument(
        "--watchdog", metavar="TIME", help="report attaches that wait longer, e.g. 2s"
    )
    parser.add_argument(
        "--no-picture", action="store_true", help="print the summary, and write no picture"
    )


def run(args: argparse.Namespace) -> int:
    """Record or read; then write and print."""
    given: Path | None = args.file
    host: list[str] = args.program_arguments
    if (given is None) == (not host):
        raise UsageError(
            "HF116", "trace wants either a FILE or -- HOST", "see holdfast trace --help"
        )
    output: Path | None = None if args.no_picture else args.output or Path("trace.html")
    kept: Path | None = args.keep
    for path in (output, kept):
        if path is not None and path.exists():
            raise _cannot_write(path, "File exists")
    if given is not None:
        _show(given, output)
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
        _show(recorded, output)
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


def _show(recorded: Path, output: Path | None) -> None:
    trace = build(read_trace(recorded))
    if output is not None:
        try:
            with output.open("x", encoding="utf-8") as file:
                file.write(page(trace))
        except OSError as error:
            raise _cannot_write(output, error.strerror or str(error)) from error
    sys.stdout.write(summary(trace))
    if output is not None:
        sys.stdout.write(f"the picture: {output}\n")


def _cannot_write(path: Path, why: str) -> HoldfastError:
    return HoldfastError(
        "HF807", f"cannot write '{path}': {why}", "name another file, or remove this one"
    )
