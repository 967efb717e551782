"""Compile a C++ or C host for the active Python.

The program embeds that Python and finds it again from any folder on this machine. It also finds the
modules beside its source, unless it is isolated. Headers for those are made as by holdfast run.
A C host contains libholdfast, and chooses its Python each time it starts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.codegen.companion_modules import modules_beside
from pyholdfast.commands.binding import bind_beside
from pyholdfast.commands.common import add_build_options, chosen_python, demand_source
from pyholdfast.outputs import demand_apart
from pyholdfast.toolchain.host import compile_program

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
    demand_source(args.source)
    demand_apart([args.output], [args.source, *modules_beside(args.source).values()])
    build = chosen_python(args)
    compile_program(
        args.source,
        args.output,
        build,
        standard=args.std,
        optimise=args.optimise,
        extra=bind_beside(args.source, build),
    )
    return 0
