"""Measure holdfast against its peers, and print ratios.

Every side of every row is run in turns, in several rounds; what counts is the median of the
rounds' ratios. Peers that are not installed are named, with the line that installs them. A
missed goal is reported and is no failure; exit status 1 means that something did not build or
did not run.

The benchmarks are in the folder benchmarks of a checkout of holdfast. An installed package does
not have them.
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
    """Declare the options, which the benchmarks know; without them, --help alone is left."""
    benchmarks = _benchmarks()
    if benchmarks is None:
        parser.add_argument("words", nargs="*", action=_Missing, help=argparse.SUPPRESS)
    else:
        benchmarks.add_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Let the benchmarks measure, print, save and draw.

    Raises:
        UsageError: HF147 if they are not there.
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
    """Takes whatever stands on the command line, even nothing, and says what is missing."""

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
