"""Ratios and verdicts from times."""

from __future__ import annotations

import pytest

from holdfast_bench.arithmetic import MIB, Goal, compare


def test_ratios_are_taken_within_a_round_and_their_median_counts() -> None:
    """A slow minute of the machine slows both sides of a round, and must not change the ratio.

    The ratio of the medians would be 600 / 10 here.
    """
    figure = compare("faster", [10.0, 10.0, 100.0], [500.0, 600.0, 5200.0], None)

    assert (figure.low, figure.middle, figure.high) == (50.0, 52.0, 60.0)
    assert figure.met is None


def test_cost_is_ours_by_theirs() -> None:
    """1.25x the time means that holdfast is slower."""
    assert compare("cost", [50.0], [40.0], None).middle == 1.25


@pytest.mark.parametrize(
    ("goal", "ours", "met"),
    [
        (Goal(at_least=50), 10.0, True),
        (Goal(at_least=50), 10.1, False),
    ],
)
def test_a_goal_is_met_by_the_median(goal: Goal, ours: float, met: bool) -> None:
    """A figure that equals the goal meets it."""
    assert compare("faster", [ours], [500.0], goal).met is met


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        (Goal(at_most=4), True),
        (Goal(at_most=2.9), False),
        (Goal(at_most_theirs=True), False),
    ],
)
def test_memory_is_read_in_mebibytes(goal: Goal, met: bool) -> None:
    """3 MiB for holdfast against 2 MiB for the other side."""
    figure = compare("growth", [3.0 * MIB], [2.0 * MIB], goal)

    assert figure.middle == 3.0
    assert figure.met is met


@pytest.mark.parametrize(("at_most", "met"), [(2.0, True), (1.4, False)])
def test_added_time_is_in_milliseconds(at_most: float, met: bool) -> None:
    """41.5 ms against 40; it may be less than nothing."""
    figure = compare("added", [41.5e6], [40e6], Goal(at_most=at_most))

    assert (figure.middle, figure.met) == (1.5, met)
    assert compare("added", [39e6], [40e6], Goal(at_most=2.0)).middle == -1.0


def test_growth_of_nothing_is_no_division_by_nothing() -> None:
    """Neither side may leave any memory behind; that must not divide by zero."""
    assert compare("growth", [0.0], [0.0], Goal(at_most_theirs=True)).met is True


@pytest.mark.parametrize(("ours", "theirs"), [([], []), ([1.0], [1.0, 2.0])])
def test_sides_of_different_rounds_are_not_compared(ours: list[float], theirs: list[float]) -> None:
    """That would compare times from different minutes."""
    with pytest.raises(ValueError, match=r"round|zip"):
        compare("faster", ours, theirs, None)
