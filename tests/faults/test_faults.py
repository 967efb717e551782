"""The fault catalogue: every fault has its programs, or a reason, and an outcome for each peer."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import conformance
from docs.pages import CHECKOUT
from faults.twin import PEERS, build_twins, faults_with_twins, run_twin, worst
from harness import run_command
from matrix import MatrixPython, usable
from program_build import missing_needs
from program_text import Program, find_source

CATALOGUE = conformance.catalogue()
RESULTS = json.loads(conformance.RESULTS.read_text(encoding="utf-8"))
AT_ONCE = 2
pybind11_is_there = missing_needs(Program(Path("-"), "-", needs=("pybind11",))) is None


@pytest.mark.parametrize("fault", CATALOGUE)
def test_a_fault_has_programs_or_a_reason(fault: str) -> None:
    """Each row names existing programs, or says why there are none; the same for its twins."""
    row = CATALOGUE[fault]

    assert bool(row.get("programs")) != bool(row.get("no_program"))
    assert all(find_source(f"{name}.cpp").is_file() for name in row.get("programs", ()))
    assert (fault in faults_with_twins()) != bool(row.get("no_twin"))


@pytest.mark.parametrize("python", RESULTS)
def test_what_a_twin_shows_has_an_outcome_of_holdfast(python: str) -> None:
    """A fault that a twin shows on a Python counts for holdfast too, with a reason if no program does."""
    column = RESULTS[python]
    without = {fault for fault, word in column["holdfast"].items() if word == "none"}

    assert sorted(conformance.shown_by_twins(column) - column["holdfast"].keys()) == []
    assert all({"no_program", "no_program_on_some"} & CATALOGUE[f].keys() for f in without)


def test_a_fault_counts_only_where_it_can_happen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`none` if a twin shows what no program does, and nothing if the fault needs another build."""
    shown = {"CPython": {"F49": ["hang", ""], "F54": ["n/a", ""]}}
    passed = {
        "subinterpreter_ends_in_any_order": "passed",
        "subinterpreter_refuses_module": "passed",
    }
    matrix = tmp_path / "matrix.json"
    matrix.write_text(json.dumps({"3.10": passed, "3.13t": passed}), encoding="utf-8")
    monkeypatch.setattr(conformance, "MATRIX", matrix)
    monkeypatch.setattr(conformance, "TWINS", tmp_path / "twins")

    made = conformance.merged({"3.10": {"twins": shown}, "3.13t": {"twins": {}}})

    words = [[made[p]["holdfast"].get(f) for f in ("F49", "F50", "F54")] for p in made]
    assert words == [["none", "ok", None], [None, "ok", "ok"]]
    assert conformance.totals(made)["CPython"] == (0, 1)


def test_the_page_is_as_its_sources_want_it() -> None:
    """The page's table has the catalogue and the committed results."""
    tool = CHECKOUT / "tools" / "conformance.py"

    outcome = run_command([sys.executable, str(tool), "--check"], deadline_s=30)

    assert outcome.code == 0, outcome.explain()


def test_a_twin_shows_the_fault() -> None:
    """A thread that attaches too late crashes or hangs, and one that attaches in time does not."""
    python = usable()[0]
    binary = build_twins(python, "CPython")

    assert run_twin(binary, python, "F02")[0] in ("crash", "hang")
    assert run_twin(binary, python, "F43")[0] == "ok"


def test_of_a_race_the_worst_counts() -> None:
    """One crash in five runs counts as a crash, with the number."""
    assert worst([("ok", ""), ("crash", "signal 11"), ("ok", "")]) == ("crash", "1 of 3 runs")
    assert worst([("ok", "fine")]) == ("ok", "fine")


@pytest.mark.long
@pytest.mark.parametrize("python", [pytest.param(p, id=p.name) for p in usable()])
def test_twins(python: MatrixPython) -> None:
    """Run all of them, and leave the outcomes for tools/conformance.py."""
    column: dict[str, Any] = {"version": python.build.version_text, "twins": {}}
    for peer in PEERS if pybind11_is_there else PEERS[:1]:
        binary = build_twins(python, peer)

        def show(fault: str, binary: Path = binary) -> tuple[str, tuple[str, str]]:
            runs = int(CATALOGUE[fault].get("runs", 1))
            return fault, worst([run_twin(binary, python, fault) for _ in range(runs)])

        with ThreadPoolExecutor(AT_ONCE) as pool:
            column["twins"][peer] = dict(pool.map(show, sorted(faults_with_twins())))
    conformance.TWINS.mkdir(parents=True, exist_ok=True)
    out = conformance.TWINS / f"{python.name}.json"
    out.write_text(json.dumps(column, indent=1) + "\n", encoding="utf-8")

    assert column["twins"]["CPython"]["F43"][0] == "ok"
