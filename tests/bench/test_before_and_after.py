"""Two checkouts compared row by row."""

from __future__ import annotations

from pathlib import Path

import pytest

from before_and_after import HERE, Line, Tree, note


@pytest.mark.parametrize(
    ("reads", "after", "word"),
    [
        ("faster", [3.0, 6.0, 4.0], "100 % better"),
        ("faster", [1.0, 1.5, 1.0], "50 % worse"),
        ("cost", [1.0, 1.5, 1.0], "50 % better"),
        ("cost", [3.0, 6.0, 4.0], "100 % worse"),
    ],
)
def test_a_change_says_for_whom_it_is_good(reads: str, after: list[float], word: str) -> None:
    """A ratio that grows is good for a speed and bad for a cost; the change is a median of rounds."""
    line = Line("nested; nanobind", reads, before=[2.0, 3.0, 2.0], after=after)
    assert line.text().endswith(f"| {word} |")


def test_only_what_both_have_measured_is_compared() -> None:
    """A row that one of the two lacks, or could not measure, is left out."""
    measured = {"title": "nested", "reads": "faster", "figure": {"middle": 2.0}}
    lines: dict[tuple[str, str], Line] = {}
    note(
        lines,
        [
            {**measured, "against": "nanobind"},
            {"title": "nested", "against": "PyO3", "why": "none"},
        ],
        [{**measured, "against": "nanobind"}, {**measured, "against": "PyO3"}],
    )
    assert list(lines) == [("nested", "nanobind")]


def test_a_checkout_is_known_by_its_package(tmp_path: Path) -> None:
    """An older one may have another name; a folder without one is refused, by name."""
    older = tmp_path / "src" / "holdfast"
    older.mkdir(parents=True)
    (older / "__main__.py").touch()
    assert Tree.at(tmp_path).package == "holdfast"
    assert Tree.at(HERE).package == "pyholdfast"
    with pytest.raises(SystemExit, match=f"no checkout of holdfast in '{older}'"):
        Tree.at(older)
