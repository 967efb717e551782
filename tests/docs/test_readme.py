"""The README's first example, and the tool that fills in its figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import fill_readme
from docs.pages import CHECKOUT, fences
from holdfast_bench.arithmetic import Figure
from holdfast_bench.headers import digest
from holdfast_bench.results import Comparison, Gap, PythonReport, Report
from program_text import Program

README = CHECKOUT / "README.md"
FIRST_HOST = CHECKOUT / "examples" / "first_host"


def test_the_first_host_is_the_example() -> None:
    """The host in the README, and its output, are those of the tested example."""
    program, output = [fence for fence in fences(README) if fence.verb in ("program", "output")]

    assert program.text == (FIRST_HOST / "main.cpp").read_text(encoding="utf-8")
    assert output.text == (FIRST_HOST / "expected.txt").read_text(encoding="utf-8")


def test_the_first_host_is_short() -> None:
    """It can be read at a glance: it has at most twenty lines of code."""
    source = (FIRST_HOST / "main.cpp").read_text(encoding="utf-8")
    code = [line for line in source.splitlines() if line.strip() and not line.startswith("//")]

    assert len(code) <= 20


@pytest.mark.parametrize("page", fill_readme.PAGES, ids=lambda page: page.name)
def test_a_page_is_as_its_sources_want_it(page: Path) -> None:
    """Such as the ratios of benchmarks/results, and the number of programs."""
    text = page.read_text(encoding="utf-8")

    assert fill_readme.fresh(page, fill_readme.blocks()) == text, "run tools/fill_readme.py"


def report(*, quick: bool = False, machine: str = "a machine") -> Report:
    """One row against two opponents, one of which was not installed."""
    figure = Figure(middle=58.25, low=50.0, high=60.0, met=True)
    faster = Comparison(
        "small", "small call", "PyGILState", "", "faster", (1.0,), (2.0,), figure, None
    )
    gap = Gap("small", "small call", "PyO3", "not installed")
    python = PythonReport("3.12.1", free_threaded=False, entries=(faster, gap))
    return Report("0.1.0", machine, 5, quick=quick, pythons=(python,))


def test_ratios_become_a_table() -> None:
    """A row for each opponent that was measured, a column for each Python, and the machine below."""
    lines = fill_readme.bench_block([report()]).splitlines()

    assert lines[0] == "|  | against | 3.12.1 |"
    assert "| small call | PyGILState | 58.2x faster |" in lines
    assert not any("PyO3" in line for line in lines)
    assert "a machine" in lines[-1]


def test_quick_results_are_refused() -> None:
    """Numbers that must not be quoted are kept out of the README."""
    with pytest.raises(ValueError, match="quick"):
        fill_readme.bench_block([report(quick=True)])


def test_results_of_two_machines_are_refused() -> None:
    """Ratios of different machines are never in one table."""
    with pytest.raises(ValueError, match="2 machines"):
        fill_readme.bench_block([report(), report(machine="another")])


def test_ratios_of_other_headers_are_named(tmp_path: Path) -> None:
    """Results say which headers they are of; a change of a body or of a name changes that."""
    (tmp_path / "a.hpp").write_text("one")
    before = digest(tmp_path)
    assert fill_readme.of_other_headers([replace(report(), headers=before)], before) == ""

    (tmp_path / "a.hpp").rename(tmp_path / "b.hpp")
    assert digest(tmp_path) != before
    said = fill_readme.of_other_headers([replace(report(), headers=before)], digest(tmp_path))
    assert all(python.version in said for python in report().pythons)
    assert "measure again" in said


def test_rows_keep_their_order_and_their_text() -> None:
    """A row that only a later Python has stays below the row it refers to; no tag of HTML is made."""
    figure = Figure(middle=2.0, low=2.0, high=2.0, met=None)

    def python(version: str, *titles: str) -> PythonReport:
        entries = tuple(
            Comparison("row", title, "<thread>", "", "faster", (1.0,), (2.0,), figure, None)
            for title in titles
        )
        return PythonReport(version, free_threaded=False, entries=entries)

    first = python("3.12.1", "attach + small call + detach", "start to finalize")
    later = python("3.13.5t", "the same, 2 threads")
    report = Report("0.1.0", "a machine", 5, quick=False, pythons=(first, later))
    lines = fill_readme.bench_block([report]).splitlines()

    assert [line.split(" | ")[0] for line in lines[2:5]] == [
        "| attach + small call + detach",
        "| the same, 2 threads",
        "| start to finalize",
    ]
    assert "&lt;thread>" in lines[2]


def test_programs_are_counted_in_tens() -> None:
    """The Python with the fewest counts, so that a new program seldom changes the README."""
    always = [Program(Path(f"attach/p{number}.cpp"), "p") for number in range(21)]
    newer = [Program(Path("attach/q.cpp"), "q", python=(">=3.12",))]

    assert fill_readme.programs_block([*always, *newer]).startswith("More than 20 programs")
    assert fill_readme.programs_block(always[:20]).startswith("More than 10 programs")


def test_outcomes_become_a_table() -> None:
    """A row of sums for each Python, then the reasons why programs were skipped."""
    block = fill_readme.matrix_block(
        {
            "3.13t": {"late": "passed"},
            "3.9": {"late": "failed", "other": "skipped: needs numpy"},
            "3.10": {"late": "passed", "other": "passed"},
        }
    )

    assert "| 3.9 | 2 | 0 | 1 | 1 |" in block
    assert "| 3.13t | 1 | 1 | 0 | 0 |" in block
    assert "- skipped: needs numpy" in block


def test_filling_needs_its_marks() -> None:
    """A README without marks is an error, and not silently left unchanged."""
    with pytest.raises(ValueError, match="bench:begin"):
        fill_readme.filled("no marks", "bench", "new")


def test_the_faults_block_counts_what_has_no_program() -> None:
    """It names that number below the number of faults that each peer survives."""
    twins = {"CPython": {"F01": ("crash", 1), "F02": ("ok", 1), "F03": ("n/a", 0)}}
    column = {"twins": twins, "holdfast": {"F01": "ok", "F02": "ok", "F04": "none"}}
    lines = fill_readme.faults_block({"3.12": column}).splitlines()

    assert lines[2:4] == ["| plain CPython | 1 | 2 |", "| holdfast | 2 | 3 |"]
    assert lines[-1] == "For 1, holdfast has no program; the conformance page says why."
