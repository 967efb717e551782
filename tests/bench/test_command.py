"""The command itself, on a Python of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import run_holdfast
from matrix import default_python
from pyholdfast.bench.results import Comparison, load
from pyholdfast.cli import main


@pytest.mark.long
def test_it_builds_measures_and_reports(tmp_path: Path) -> None:
    """Two programs, one round: a table on stdout, results in the file, progress on stderr."""
    python = default_python()
    outcome = run_holdfast(
        *("bench", "--quick", "--rows", "outermost,start", "--python", python.path),
        *("--json", tmp_path / "run.json"),
        deadline_s=240,
    )

    assert outcome.code == 0, outcome.explain()
    (measured,) = load(tmp_path / "run.json").pythons
    assert measured.version == python.build.version_text
    for entry in measured.entries:
        assert isinstance(entry, Comparison), outcome.explain()
        assert all(time > 0 for time in entry.ours + entry.theirs)
    assert "bare Restore/SaveThread" in outcome.out
    assert "round 1 of 1" in outcome.err
    told = (tmp_path / "run.json").read_text()
    for place in (Path.home(), Path(__file__).parents[2], python.path.parent):
        assert str(place) not in told


@pytest.mark.parametrize(
    "words",
    [
        ["--rows", "small_cal"],
        ["--from", "run.json", "--python", "python3"],
        ["--from", "run.json", "--json", "out.json"],
    ],
)
def test_wrong_use_is_told_before_anything_is_built(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 2 and HF116."""
    assert main(["bench", *words]) == 2
    assert capsys.readouterr().err.startswith("HF116 ")
