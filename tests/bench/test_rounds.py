"""The order of measurements, and contenders that cannot be measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from holdfast_bench.contenders import Contender, Effort, Missing
from holdfast_bench.results import Comparison, Gap
from holdfast_bench.rounds import measure
from holdfast_bench.rows import ROWS, Opponent, Row, Side, Target
from pyholdfast.errors import HoldfastError

PROGRAMS = Path(__file__).resolve().parents[2] / "benchmarks" / "programs"
EFFORT = Effort(sample_ms=1.0, samples=1, crowd=1)
TARGET = Target((3, 13), free_threaded=False)


@dataclass(slots=True)
class Fake:
    """A contender whose times are known, and who writes down when it was asked.

    Attributes:
        name: for the list.
        times: one sample per call, in turn.
        asked: everybody's list.
        fails_at: the call that fails.
    """

    name: str
    times: list[float]
    asked: list[str]
    fails_at: int = -1
    version: str = "1.2"
    calls: int = field(default=0, init=False)

    def take(self, side: Side, effort: Effort) -> list[float]:
        """The next time."""
        del side, effort
        self.asked.append(self.name)
        self.calls += 1
        if self.calls - 1 == self.fails_at:
            raise HoldfastError("HF146", f"{self.name} failed: on purpose", "")
        return [self.times[(self.calls - 1) % len(self.times)]]


def row(*opponents: Opponent, key: str = "row", runs: int = 1) -> Row:
    """A row with `opponents`."""
    return Row(key, "a row", "faster", Side("ours", "m"), opponents, runs)


def against(name: str) -> Opponent:
    """An opponent with the name of its contender."""
    return Opponent(name, Side(name, "m"))


def test_sides_take_turns_and_nobody_is_always_first() -> None:
    """Every round measures every side once, and begins with a different one."""
    asked: list[str] = []
    contenders = {name: Fake(name, [1.0], asked) for name in ("ours", "a", "b")}

    measure([row(against("a"), against("b"))], contenders, TARGET, rounds=3, effort=EFFORT)

    assert asked == ["ours", "a", "b", "a", "b", "ours", "b", "ours", "a"]


def test_several_runs_in_a_round_count_by_their_median() -> None:
    """A single slow start of Python does not decide a round."""
    asked: list[str] = []
    contenders = {"ours": Fake("ours", [10.0, 90.0, 11.0], asked), "a": Fake("a", [22.0], asked)}

    (entry,) = measure([row(against("a"), runs=3)], contenders, TARGET, rounds=1, effort=EFFORT)

    assert isinstance(entry, Comparison)
    assert entry.ours == (11.0,)
    assert entry.figure.middle == 2.0
    assert entry.version == "1.2"


def test_a_peer_that_is_not_installed_is_named_and_no_failure() -> None:
    """Its row gives the reason; the other rows are measured."""
    asked: list[str] = []
    contenders: dict[str, Contender | Missing] = {
        "ours": Fake("ours", [1.0], asked),
        "a": Fake("a", [2.0], asked),
        "b": Missing("b is not installed: pip install b"),
    }

    first, second = measure(
        [row(against("a"), against("b"))], contenders, TARGET, rounds=2, effort=EFFORT
    )

    assert isinstance(first, Comparison)
    assert second == Gap("row", "a row", "b", "b is not installed: pip install b", failed=False)


def test_a_program_that_fails_takes_its_own_row_with_it_only() -> None:
    """It is not run again, and its earlier times do not count."""
    asked: list[str] = []
    contenders = {
        "ours": Fake("ours", [1.0], asked),
        "a": Fake("a", [2.0], asked, fails_at=1),
        "b": Fake("b", [3.0], asked),
    }

    first, second = measure(
        [row(against("a"), against("b"))], contenders, TARGET, rounds=4, effort=EFFORT
    )

    assert isinstance(first, Gap)
    assert first.failed
    assert "HF146 a failed: on purpose" in first.why
    assert isinstance(second, Comparison)
    assert asked.count("a") == 2


def test_what_a_python_cannot_do_is_not_asked_of_it() -> None:
    """A row for 3.15 costs nothing on 3.13, and says why it is empty."""
    asked: list[str] = []
    late = Opponent("late", Side("a", "m"), unless=lambda _: "comes with Python 3.15")

    (entry,) = measure(
        [row(late)], {"ours": Fake("ours", [1.0], asked)}, TARGET, rounds=1, effort=EFFORT
    )

    assert entry == Gap("row", "a row", "late", "comes with Python 3.15")
    assert asked == []


def test_goals_depend_on_the_python() -> None:
    """New thread states are cheap on 3.10, and builds without a GIL have other goals."""
    rows = {row.key: row for row in ROWS}
    small, eight = rows["small_call"].opponents[0], rows["eight_threads"].opponents[0]
    old, free = Target((3, 10), free_threaded=False), Target((3, 13), free_threaded=True)

    goals = [small.goal(target) for target in (old, TARGET)]

    assert [goal.at_least for goal in goals if goal] == [1.3, 50]
    assert eight.goal(free) is None
    assert rows["two_threads"].opponents[0].unless(TARGET) is not None
    assert rows["two_threads"].opponents[0].unless(free) is None


def test_each_side_of_a_row_is_in_its_program() -> None:
    """A measure that was renamed in one of two programs would leave its row empty."""
    sources = {file.stem.removesuffix("_side"): file for file in PROGRAMS.glob("*_side.cpp")}
    sources["pyo3"] = PROGRAMS / "pyo3" / "main.rs"
    sides = {side for row in ROWS for side in (row.ours, *(one.side for one in row.opponents))}
    in_programs = [side for side in sides if not side.contender.startswith("compiler")]

    for side in in_programs:
        text = sources[side.contender].read_text(encoding="utf-8")
        assert f'"{side.measure}"' in text, side
    assert len(in_programs) > 50
