"""The picture: well-formed, self-contained, and true to the numbers."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.samples import comparison, python, report
from holdfast_bench.arithmetic import Goal
from holdfast_bench.plot import draw
from holdfast_bench.results import PythonReport, save
from pyholdfast.cli import main
from pyholdfast.errors import UsageError

SVG = "{http://www.w3.org/2000/svg}"


def small_call(version: str, speed: float, *, free: bool = False) -> PythonReport:
    """A Python on which holdfast is `speed` times faster."""
    entry = comparison(ours=(10.0,), theirs=(10.0 * speed,), goal=Goal(at_least=50))
    return python(entry, version=version, free=free)


def parsed(svg: str) -> ET.Element:
    """The root element, if the text is XML."""
    return ET.fromstring(svg)  # noqa: S314 - we wrote it ourselves


def bars(svg: str) -> list[tuple[str, float, float]]:
    """Class, left end and right end of every bar, from top to bottom."""
    rects = [rect for rect in parsed(svg).iter(f"{SVG}rect") if rect.get("class") != "paper"]
    return [
        (
            rect.get("class", ""),
            float(rect.get("x", 0)),
            float(rect.get("x", 0)) + float(rect.get("width", 0)),
        )
        for rect in rects
    ]


def test_each_factor_of_ten_is_the_same_length() -> None:
    """The Pythons are in the order of their versions, whatever the order of the files."""
    svg = draw([report(small_call("3.13.0", 100)), report(small_call("3.9.0", 10))])

    (_, left, ten), (_, same_left, hundred) = bars(svg)
    assert left == same_left
    assert hundred - left == pytest.approx(2 * (ten - left), abs=0.2)


def test_what_is_slower_points_left_in_another_colour() -> None:
    """Twice the time is as far to the left of 1x as half the time is to the right."""
    slower = comparison("outermost", reads="cost", ours=(20.0,), theirs=(10.0,),
                        against="bare Restore/SaveThread")  # fmt: skip
    faster = comparison("outermost", reads="cost", ours=(10.0,), theirs=(20.0,),
                        against="bare Restore/SaveThread")  # fmt: skip
    svg = draw([report(python(slower, version="3.12.1"), python(faster, version="3.13.0"))])

    (first, left, one), (second, same_one, right) = bars(svg)
    assert (first, second) == ("slow", "bar")
    assert one == pytest.approx(same_one, abs=0.1)
    assert right - one == pytest.approx(one - left, abs=0.2)


def test_it_is_well_formed_and_needs_nothing_from_elsewhere() -> None:
    """GitHub shows pictures without scripts, fonts or links; names may contain any character."""
    run = report(small_call("3.13.0", 57), small_call("3.13.5t", 97, free=True))
    svg = draw([run])

    root = parsed(svg)
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert root.get("width") == "850"
    assert {"3.13", "3.13t", "57.0x faster", "97.0x faster"} <= set(words)
    assert "prefers-color-scheme: dark" in svg
    assert not re.search(r"href|url\(|<script|<image|@import|@font-face", svg)
    assert svg.count("http") == 1  # the name of the format
    assert "Python 3.13t 97.0x faster" in svg  # for those who have it read to them


def test_nothing_lies_outside_the_picture() -> None:
    """Bars, lines and the beginnings of texts, even with seven Pythons and extreme numbers."""
    pythons = [small_call(f"3.{minor}.0", 0.01 * 10**minor) for minor in range(7)]
    root = parsed(draw([report(*pythons)]))
    height = float(root.get("height", 0))

    for shape in root.iter():
        for name in ("x", "x1", "x2"):
            assert 0 <= float(shape.get(name, 0)) <= 850
        for name in ("y", "y1", "y2"):
            assert 0 <= float(shape.get(name, 0)) <= height


def test_without_rows_of_the_picture_there_is_nothing_to_draw() -> None:
    """An empty frame would look like a result."""
    with pytest.raises(UsageError, match="HF116 there is nothing to draw"):
        draw([report(python(comparison("compile_all", reads="cost")))])


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It draws from existing results, without measuring."""
    save(report(small_call("3.12.1", 60)), tmp_path / "run.json")

    status = main(
        ["bench", "--from", str(tmp_path / "run.json"), "--plot", str(tmp_path / "out.svg")]
    )

    assert status == 0
    assert "60.0x faster" in (tmp_path / "out.svg").read_text()
    assert "60.0x faster" in capsys.readouterr().out
