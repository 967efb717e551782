"""Measures all rows on one Python, interleaved.

In each round, every side of every row is measured once, one after the other, so that other load
on the machine affects all sides alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING

from holdfast_bench.arithmetic import compare
from holdfast_bench.contenders import Contender, Effort, Missing
from holdfast_bench.results import Comparison, Gap
from pyholdfast.errors import HoldfastError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from holdfast_bench.rows import Opponent, Row, Side, Target

__all__ = ["measure"]


@dataclass(slots=True)
class _Series:
    """The measurements of the sides of one row.

    Attributes:
        values: one per round.
        failed: why a side dropped out.
    """

    values: dict[Side, list[float]] = field(default_factory=dict)
    failed: dict[Side, str] = field(default_factory=dict)


def measure(
    rows: Sequence[Row],
    contenders: Mapping[str, Contender | Missing],
    target: Target,
    *,
    rounds: int,
    effort: Effort,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[Comparison | Gap, ...]:
    """Measure `rows` on one Python.

    Args:
        rows: what to measure.
        contenders: all contenders that the rows name, built or missing.
        target: the Python, for its goals.
        rounds: how many, at least 1.
        effort: how much to measure each time.
        say: receives a text about each step.
    """
    everything = {row.key: _Series() for row in rows}
    for number in range(rounds):
        for row in rows:
            say(f"round {number + 1} of {rounds}: {row.title}")
            _one_round(row, number, contenders, target, effort, everything[row.key])
    return tuple(
        _entry(row, opponent, everything[row.key], contenders, target)
        for row in rows
        for opponent in row.opponents
    )


def _one_round(
    row: Row,
    number: int,
    contenders: Mapping[str, Contender | Missing],
    target: Target,
    effort: Effort,
    series: _Series,
) -> None:
    sides = [opponent.side for opponent in row.opponents if opponent.unless(target) is None]
    sides = list(dict.fromkeys([row.ours, *sides])) if sides else []
    taken: dict[Side, list[float]] = {side: [] for side in sides}
    for run in range(row.runs):
        turn = (number + run) % max(1, len(sides))  # nobody is always first
        for side in sides[turn:] + sides[:turn]:
            contender = contenders[side.contender]
            if isinstance(contender, Missing) or side in series.failed:
                continue
            try:
                taken[side] += contender.take(side, effort)
            except HoldfastError as error:
                series.failed[side] = f"{error.code} {error.problem}"
    for side, samples in taken.items():
        if samples and side not in series.failed:
            series.values.setdefault(side, []).append(median(samples))


def _entry(
    row: Row,
    opponent: Opponent,
    series: _Series,
    contenders: Mapping[str, Contender | Missing],
    target: Target,
) -> Comparison | Gap:
    def gap(why: str, *, failed: bool = False) -> Gap:
        return Gap(row.key, row.title, opponent.label, why, failed)

    if reason := opponent.unless(target):
        return gap(reason)
    version = ""
    for side in (row.ours, opponent.side):
        contender = contenders[side.contender]
        if isinstance(contender, Missing):
            return gap(contender.why, failed=contender.failed)
        if side in series.failed:
            return gap(series.failed[side], failed=True)
        version = contender.version
    ours, theirs = series.values[row.ours], series.values[opponent.side]
    goal = opponent.goal(target)
    same = opponent.side.contender == row.ours.contender
    return Comparison(
        row=row.key,
        title=row.title,
        against=opponent.label,
        version="" if same else version,
        reads=row.reads,
        ours=tuple(ours),
        theirs=tuple(theirs),
        figure=compare(row.reads, ours, theirs, goal),
        goal=goal,
    )
