"""Measure holdfast against its peers, and print ratios.

Holdfast and its peers take turns, in several rounds. The result is the median of the rounds'
ratios. If a peer is not installed, the table names the command that installs it. A missed goal is
reported, but is not a failure. Exit status 1 means that a program did not build or did not run.

The benchmarks are in the folder benchmarks of a checkout of holdfast. The installed package does
not contain them.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import TYPE_CHECKING, NoReturn

from pyholdfast import paths
from pyholdfast.errors import UsageError

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options, which the benchmarks define; without them, only --help is left."""
    benchmarks = _benchmarks()
    if benchmarks is None:
        parser.add_argument("words", nargs="*", action=_Missing, help=argparse.SUPPRESS)
    else:
        benchmarks.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the benchmarks: measure, print, save and draw.

    Raises:
        UsageError: HF147 if they are missing.
    """
    benchmarks = _benchmarks()
    if benchmarks is None:
        raise _missing()
    status: int = benchmarks.run(args)
    return status


def _benchmarks() -> ModuleType | None:
    folder = paths.benchmarks_dir()
    if folder is None:
        return None
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return importlib.import_module("holdfast_bench.command")


class _Missing(argparse.Action):
    """Accepts any command line, even an empty one, and reports that the benchmarks are missing."""

    def __call__(self, *_: object) -> NoReturn:
        """Raise.

        Raises:
            UsageError: HF147.
        """
        raise _missing()


def _missing() -> UsageError:
    return UsageError(
        "HF147",
        f"the benchmarks are missing: '{paths.PACKAGE}' is not in a checkout of holdfast",
        "clone holdfast's repository and run 'make bench' there",
    )
