"""Start a host that waits for a debugger, and whose native threads stop at its breakpoints.

HOST is a program, or a source file that is compiled as by holdfast run. Words after -- are passed
to it. When the host starts Python, it imports debugpy, which its Python must have, and waits until
a debugger such as VS Code connects to the address that it prints. Whoever can connect can run code
in the host: keep the address local.

HOLDFAST_DEBUGGER=[ADDRESS:]PORT does the same for a host that other programs start.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.commands.common import add_build_options, chosen_python, demand_source
from pyholdfast.commands.compiled import become, compiled_host
from pyholdfast.errors import UsageError

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "run"]

SOURCES = {".c", ".cc", ".cpp", ".cxx", ".c++"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.usage = "holdfast debug HOST [OPTIONS] [-- ARGS]"
    add_build_options(parser, "HOST", "a program, or a C++ or C source file")
    parser.add_argument(
        "--listen",
        default="5678",
        metavar="[ADDRESS:]PORT",
        help="where a debugger connects; default 127.0.0.1:5678; port 0: a free one",
    )
    parser.add_argument(
        "--no-wait", action="store_true", help="start at once; a debugger may connect later"
    )


def run(args: argparse.Namespace) -> int:
    """Compile a source file, then replace this process with the host."""
    source: Path = args.source
    if source.suffix in SOURCES:
        demand_source(source)
        host, environ = compiled_host(args, chosen_python(args))
    else:
        host, environ = source.absolute(), dict(os.environ)
        if args.python is not None:
            environ["HOLDFAST_PYTHON"] = args.python
    environ["HOLDFAST_DEBUGGER"] = args.listen
    environ["HOLDFAST_DEBUGGER_WAIT"] = "0" if args.no_wait else "1"
    try:
        become(host, [str(source), *args.program_arguments], environ)
    except OSError as error:
        raise UsageError(
            "HF806",
            f"cannot start '{source}': {error.strerror or error}",
            "name a program that can be run, or a source file",
        ) from error
