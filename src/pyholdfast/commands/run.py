"""Compile a C++ or C host for the active Python, unless that was done before, and run it.

Words after -- are passed to the host. Once compiled, the host replaces this process: its exit
status is that of the command, and signals reach it directly. If the host includes "NAME.hpp" and
beside it there is only NAME.py, the header is generated from that, as by holdfast bind.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.codegen.companion_modules import modules_beside
from pyholdfast.commands.common import (
    add_build_options,
    cannot_start,
    chosen_python,
    demand_source,
)
from pyholdfast.commands.compiled import become, compiled_host
from pyholdfast.errors import UsageError
from pyholdfast.find_python import WINDOWS
from pyholdfast.outputs import cannot_write_output, demand_apart, write_output

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.usage = "holdfast run HOST.cpp [OPTIONS] [-- ARGS]"
    add_build_options(parser)
    parser.add_argument(
        "--keep", action="store_true", help="save the program beside its source, without .cpp"
    )


def run(args: argparse.Namespace) -> int:
    """Compile if necessary, then replace this process with the host."""
    source: Path = args.source
    demand_source(source)
    kept = source.with_suffix(".exe" if WINDOWS else "")
    if args.keep and kept == source:
        raise UsageError(
            "HF116",
            f"--keep would overwrite the source: '{source}'",
            "give the source a suffix, e.g. .cpp",
        )
    if args.keep:
        demand_apart([kept], [source, *modules_beside(source).values()])
    build = chosen_python(args)
    host, environ = compiled_host(args, build)
    if args.keep:
        _copy(host, kept)
    try:
        become(host, [str(kept), *args.program_arguments], environ)
    except OSError as error:
        raise cannot_start(host, error) from error


def _copy(host: Path, kept: Path) -> None:
    """Replace the whole file at once: the old program may be running."""
    try:
        write_output(kept, host.read_bytes(), mode=0o777)
    except OSError as error:
        raise cannot_write_output(kept, error) from error
