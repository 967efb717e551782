"""Computes ratios from times: medians, spreads, goals.

Pure functions of numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MIB", "Figure", "Goal", "Reads", "compare"]

MIB = 1024 * 1024
MILLISECOND = 1e6  # in nanoseconds

Reads = Literal["faster", "cost", "growth", "size", "added"]
"""How a row is to be read: theirs / ours, ours / theirs, memory of ours in MiB, or its ratio; or by how
many milliseconds ours takes longer."""


@dataclass(frozen=True, slots=True)
class Goal:
    """The goal for a figure.

    Attributes:
        at_least: smallest figure that is good enough.
        at_most: largest figure that is good enough.
        at_most_theirs: the other side's figure is the limit (for memory).
    """

    at_least: float | None = None
    at_most: float | None = None
    at_most_theirs: bool = False

    def met(self, figure: float, theirs: float) -> bool:
        """Whether `figure` meets the goal; `theirs` is the other side's figure in the same unit."""
        return not (
            (self.at_least is not None and figure < self.at_least)
            or (self.at_most is not None and figure > self.at_most)
            or (self.at_most_theirs and figure > theirs)
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """The outcome of one comparison.

    Attributes:
        middle: median over the rounds.
        low: smallest of a round.
        high: largest of a round.
        met: whether the goal is met by `middle`; None without a goal.
    """

    middle: float
    low: float
    high: float
    met: bool | None


def compare(
    reads: Reads, ours: Sequence[float], theirs: Sequence[float], goal: Goal | None
) -> Figure:
    """Compare two sides, round by round.

    The ratio is taken within each round, where both sides had the same machine; the median
    is taken of the ratios.

    Args:
        reads: the kind of figure.
        ours: one time or size per round; times above 0.
        theirs: the same, in the same rounds.
        goal: the goal for the figure, if there is one.

    Raises:
        ValueError: if the two are of different lengths, or empty.

    >>> compare("faster", [10.0, 20.0, 10.0], [500.0, 500.0, 700.0], Goal(at_least=50))
    Figure(middle=50.0, low=25.0, high=70.0, met=True)
    """
    if not ours:
        raise ValueError("no rounds to compare")
    per_round = [_figure(reads, a, b) for a, b in zip(ours, theirs, strict=True)]
    middle = median(per_round)
    limit = median(theirs) / MIB if reads == "growth" else middle
    met = None if goal is None else goal.met(middle, limit)
    return Figure(middle, min(per_round), max(per_round), met)


def _figure(reads: Reads, ours: float, theirs: float) -> float:
    if reads == "growth":
        return ours / MIB
    if reads == "added":
        return (ours - theirs) / MILLISECOND
    return theirs / ours if reads == "faster" else ours / theirs
