"""Explain an error code: its cause, an example, and what to do.

Without a code, list all codes.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from pyholdfast.codes import CODES, Code
from pyholdfast.errors import UsageError

if TYPE_CHECKING:
    import argparse

__all__ = ["add_arguments", "run"]

WIDTH = 88


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the argument."""
    parser.add_argument("code", nargs="?", metavar="HFnnn", help="the code in the message")


def run(args: argparse.Namespace) -> int:
    """Print the entry, or the list."""
    if args.code is None:
        for code, listed in sorted(CODES.items()):
            print(f"{code}  {listed.title}")
        return 0
    entry = CODES.get(args.code.upper())
    if entry is None:
        raise UsageError(
            "HF115",
            f"unknown code: '{args.code}'",
            "copy the code from the message; holdfast explain without a code lists all of them",
        )
    print(page(entry))
    return 0


def page(entry: Code) -> str:
    """The entry as text of at most WIDTH columns."""
    return "\n".join(
        [
            f"{entry.code} {entry.title}",
            "",
            "cause",
            _wrapped(entry.cause),
            "",
            "example",
            textwrap.indent(entry.example, "  "),
            "",
            "do",
            _wrapped(entry.remedy),
        ]
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(
        text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )
