"""Shared by commands that build hosts: options, and the choice of a Python."""

from __future__ import annotations

import argparse
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.errors import ToolchainError, UsageError
from pyholdfast.find_python import find_python
from pyholdfast.toolchain.cache import cached_probe
from pyholdfast.toolchain.host import CXX_STANDARD

if TYPE_CHECKING:
    from pyholdfast.toolchain.probe import PythonBuild

__all__ = [
    "add_build_options",
    "add_python_option",
    "cannot_start",
    "chosen_python",
    "demand_source",
]

OPTIMISATIONS = ("-O0", "-O1", "-O2", "-O3", "-Os", "-Og")


def add_python_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--python``."""
    parser.add_argument(
        "--python",
        metavar="PATH",
        help="the interpreter to use; default: HOLDFAST_PYTHON, the active environment, a .venv"
        " beside the project, the Python that runs holdfast",
    )


def add_build_options(
    parser: argparse.ArgumentParser,
    metavar: str = "HOST.cpp",
    what: str = "a C++ source file, or a C one: HOST.c",
) -> None:
    """Add the source file and the options for compiling it."""
    parser.add_argument("source", type=Path, metavar=metavar, help=what)
    add_python_option(parser)
    parser.add_argument(
        "--std",
        metavar="STANDARD",
        help=f"C++: {CXX_STANDARD} (default) or later; C: c99 or later (default: the compiler's)",
    )
    for option in OPTIMISATIONS:
        parser.add_argument(
            option,
            dest="optimise",
            action="store_const",
            const=option,
            default="-O2",
            help="or -O1, -O2 (default), -O3, -Os, -Og: optimisation level"
            if option == "-O0"
            else argparse.SUPPRESS,
        )


def demand_source(source: Path) -> None:
    """Check that `source` is a readable file.

    Raises:
        UsageError: HF111.
    """
    try:
        mode = source.stat().st_mode
        reason = "it is a folder" if stat.S_ISDIR(mode) else "it is not a regular file"
        if stat.S_ISREG(mode):
            with source.open("rb"):
                return
    except OSError as error:
        reason = error.strerror or str(error)
    raise UsageError(
        "HF111", f"cannot read '{source}': {reason}", "name a source file that is readable"
    )


def chosen_python(args: argparse.Namespace) -> PythonBuild:
    """The Python that the command line and the environment select.

    Raises:
        FindingError: HF101 to HF104.
    """
    source: Path | None = getattr(args, "source", None)
    start = source.absolute().parent if source is not None else None
    return cached_probe(find_python(args.python, start=start).path)


def cannot_start(host: str | Path, error: OSError) -> ToolchainError:
    """The error for a host that was built, and that the system does not start."""
    return ToolchainError(
        "HF114",
        f"cannot start '{host}': {error.strerror or error}",
        "point XDG_CACHE_HOME at a folder where programs may run",
    )
