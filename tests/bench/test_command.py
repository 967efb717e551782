"""The command itself, on a Python of this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness import run_holdfast
from holdfast_bench.results import Comparison, load
from matrix import default_python
from pyholdfast.cli import main
from pyholdfast.paths import PACKAGE


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
    """Status 2 and HF116, before any compiler runs."""
    assert main(["bench", *words]) == 2
    assert capsys.readouterr().err.startswith("HF116 ")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, as an installation leaves it."""
    folder = tmp_path_factory.mktemp("lib") / "site-packages"
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, folder / PACKAGE.name, ignore=leave_out)
    return folder


@pytest.mark.parametrize("words", ["", "--quick", "--rows small_call --rounds 2", "some words"])
def test_an_installed_package_says_that_it_has_no_benchmarks(installed: Path, words: str) -> None:
    """Whatever the options are, because it does not know them."""
    environ = {"PYTHONPATH": str(installed)}
    outcome = run_holdfast("bench", *words.split(), environ=environ)

    assert outcome.code == 2, outcome.explain()
    assert outcome.err.startswith("HF147 ")
    assert str(installed) in outcome.err
    assert "make bench" in outcome.err


def test_help_works_in_an_installed_package(installed: Path) -> None:
    """It names the place of the benchmarks, and shows no options that do not work."""
    outcome = run_holdfast("bench", "--help", environ={"PYTHONPATH": str(installed)})

    assert outcome.code == 0, outcome.explain()
    assert "in the folder benchmarks of a checkout" in outcome.out
    assert "--quick" not in outcome.out


def test_help_shows_the_options_in_a_checkout() -> None:
    """It shows the options that the benchmarks declare."""
    outcome = run_holdfast("bench", "--help")

    assert outcome.code == 0, outcome.explain()
    assert "--quick" in outcome.out
    assert "small_call" in outcome.out
