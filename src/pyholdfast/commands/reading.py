"""Shared by commands that read C and C++ sources."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from pyholdfast.check.api import NEWEST
from pyholdfast.check.clang_tidy import LIMIT_S
from pyholdfast.check.commands import CompileCommand, from_database, plain
from pyholdfast.commands.common import add_python_option, chosen_python, demand_source
from pyholdfast.commands.values import LONGEST_S, number, whole_number
from pyholdfast.errors import UsageError
from pyholdfast.visible import visible

__all__ = ["Progress", "add_reading_options", "commands_of"]


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the files, and the options that control how they are compiled and read."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="C or C++ sources")
    parser.add_argument(
        "-p", dest="build", type=Path, metavar="BUILD", help="folder of compile_commands.json"
    )
    parser.add_argument("--jobs", "-j", type=whole_number(1), default=os.cpu_count() or 1, metavar="N",
                        help="files to read at a time")  # fmt: skip
    parser.add_argument("--limit", type=number(0.1, LONGEST_S), default=LIMIT_S, metavar="SECONDS",
                        help=f"time limit for one file; default {LIMIT_S:g}")  # fmt: skip
    add_python_option(parser)


def commands_of(args: argparse.Namespace) -> tuple[list[CompileCommand], tuple[int, int]]:
    """How to compile each file, and the version of Python that the files are compiled for.

    Raises:
        UsageError: HF111, HF116, HF627 or HF628.
    """
    if args.build is not None:
        if args.program_arguments:
            raise UsageError(
                "HF116", "options after -- make no sense with -p", "leave out one of the two"
            )
        commands = from_database(args.build, args.files)
        return commands, next((c.version for c in commands if c.version), NEWEST)
    if not args.files:
        raise UsageError("HF116", "there is nothing to read", "name files, or a folder with -p")
    for file in args.files:
        demand_source(file)
    build = chosen_python(args)
    commands = [plain(file, build, args.program_arguments) for file in args.files]
    return commands, (build.version[0], build.version[1])


class Progress:
    """Shows on stderr which files are done: one line that changes, on a terminal only."""

    def __enter__(self) -> Callable[[str], None]:
        """Return a function that shows a message."""
        return self._say

    def __exit__(self, *_: object) -> None:
        """Clear the line."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")

    @staticmethod
    def _say(what: str) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{visible(what)}")
            sys.stderr.flush()
