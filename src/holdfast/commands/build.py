"""Compile a C++ host for the active Python.

The program contains that Python and finds it again wherever it is started on this machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from holdfast.commands.common import add_build_options, chosen_python
from holdfast.toolchain.compile import compile_host, find_compiler

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_build_options(parser)
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="the program to write"
    )


def run(args: argparse.Namespace) -> int:
    """Compile."""
    compile_host(
        args.source,
        args.output,
        chosen_python(args),
        find_compiler(),
        standard=args.std,
        optimise=args.optimise,
    )
    return 0
