"""The picture of scaling: true to the numbers, readable, and without anything that was not measured."""

from __future__ import annotations

import itertools
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.samples import comparison, python, report
from holdfast_bench.results import Comparison, Gap, PythonReport, save
from holdfast_bench.scaling import draw_scaling
from pyholdfast.cli import main
from pyholdfast.errors import UsageError

SVG = "{http://www.w3.org/2000/svg}"


def busy(threads: int, ours: float, theirs: float, against: str) -> Comparison:
    """The time per call of any contender, in nanoseconds."""
    return comparison(
        f"cores_{threads}", reads="cost", ours=(ours,), theirs=(theirs,), against=against
    )


def measured(*, free: bool = False) -> PythonReport:
    """Two threads are twice as fast, four are not faster; with one GIL, threads never are."""
    entries: list[Comparison | Gap] = []
    for threads, time in ((1, 40_000.0), (2, 20_000.0), (4, 20_000.0)):
        entries.append(busy(threads, time, time, "as many processes"))
        entries.append(
            Gap(f"cores_{threads}", "title", "one GIL", "there is no GIL to share")
            if free
            else busy(threads, time, 40_000.0, "one GIL")
        )
    return python(*entries, version="3.13.5t" if free else "3.12.1", free=free)


def curves(svg: str) -> dict[str, list[tuple[float, float]]]:
    """The points of each line, by its class."""
    found = {}
    for path in ET.fromstring(svg).iter(f"{SVG}path"):  # noqa: S314 - we wrote it ourselves
        numbers = [float(word) for word in path.get("d", "").split() if word not in "ML"]
        found[path.get("class", "")] = list(zip(numbers[::2], numbers[1::2], strict=True))
    return found


def words(svg: str) -> set[str | None]:
    """All texts of the picture."""
    return {text.text for text in ET.fromstring(svg).iter(f"{SVG}text")}  # noqa: S314


def test_twice_the_calls_are_twice_as_high() -> None:
    """The axis begins at zero, and the ideal line rises up to the number of cores."""
    drawn = curves(draw_scaling([report(measured())]))
    own, processes, one_gil = drawn["k0"], drawn["k1"], drawn["k2"]
    floor = 350.0

    assert own == processes
    assert floor - own[1][1] == pytest.approx(2 * (floor - own[0][1]), abs=0.2)
    assert own[1][1] == own[2][1]
    assert one_gil[0][1] == one_gil[2][1] == own[0][1]
    assert drawn["ideal"] == own  # two cores: see samples.report


def test_each_line_has_its_name_and_no_two_names_meet() -> None:
    """For a Python without a GIL, no label mentions one."""
    svg = draw_scaling([report(measured(), measured(free=True))])
    labels = [
        text for text in ET.fromstring(svg).iter(f"{SVG}text")  # noqa: S314
        if text.text and text.text.startswith("3.")
    ]  # fmt: skip
    heights = sorted(float(label.get("y", 0)) for label in labels)

    assert {label.text for label in labels} == {
        "3.12, a GIL each", "3.12, processes", "3.12, one GIL",
        "3.13t, free-threaded", "3.13t, processes",
    }  # fmt: skip
    assert min(b - a for a, b in itertools.pairwise(heights)) >= 16
    assert "4 threads, 2 cores" in words(svg)


def test_without_its_rows_there_is_nothing_to_draw() -> None:
    """An empty frame would look like a result."""
    with pytest.raises(UsageError, match="HF116 there is no scaling to draw"):
        draw_scaling([report(python(comparison()))])


def test_the_command_writes_it(tmp_path: Path) -> None:
    """It draws from existing results, without measuring."""
    save(report(measured()), tmp_path / "run.json")
    status = main(
        ["bench", "--from", str(tmp_path / "run.json"), "--scaling", str(tmp_path / "out.svg")]
    )

    assert status == 0
    assert "3.12, a GIL each" in (tmp_path / "out.svg").read_text()
