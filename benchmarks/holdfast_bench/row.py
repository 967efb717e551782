"""What a row of the table consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from holdfast_bench.arithmetic import Goal, Reads

__all__ = ["Opponent", "Row", "Side", "Target", "always", "no_goal"]


@dataclass(frozen=True, slots=True)
class Target:
    """What goals depend on.

    Attributes:
        version: ``(major, minor)`` of the Python.
        free_threaded: True for a build without a GIL.
    """

    version: tuple[int, int]
    free_threaded: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One thing to measure.

    Attributes:
        contender: the contender's name, for `peers.build_contender`.
        measure: the name of the measurement in its program.
        threads: native threads at the same time.
    """

    contender: str
    measure: str
    threads: int = 1


def no_goal(_: Target) -> Goal | None:
    """Shown for comparison only."""
    return None


def always(_: Target) -> str | None:
    """Measured on every Python."""
    return None


@dataclass(frozen=True, slots=True)
class Opponent:
    """An opponent of holdfast in one row.

    Attributes:
        label: its name in the table.
        side: its side of the measurement.
        goal: the goal on one Python, or None.
        unless: why it cannot be measured on a Python; None if it can.
    """

    label: str
    side: Side
    goal: Callable[[Target], Goal | None] = no_goal
    unless: Callable[[Target], str | None] = always


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, with all its opponents.

    Attributes:
        key: for ``--rows``.
        title: for people.
        reads: how to read the figure.
        ours: holdfast's side of the measurement.
        opponents: the opponents.
        runs: how many times each side is run within a round, in turns; the median counts.
    """

    key: str
    title: str
    reads: Reads
    ours: Side
    opponents: tuple[Opponent, ...]
    runs: int = 1
