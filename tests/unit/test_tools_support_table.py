"""The support table of the README."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING

from elsewhere.results import collected, merge_into
from support_table import support_block

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

RUN = {"row": ["Windows", "x86-64", "g++ 12", "libstdc++"], "how": "run by wine"}


def test_targets_that_differ_in_their_python_share_a_row() -> None:
    """Each has a count of its own; of older runs only the number of programs is known."""
    results = {
        "run": {
            "windows-3.13": {**RUN, "python": "3.13.2", "passed": list("abcd"), "failed": ["e"]},
            "windows-3.10": {**RUN, "python": "3.10.11", "passed": 5, "failed": 0},
        },
        "compiled": {},
    }

    rows = support_block(results, ["3.10"]).splitlines()

    row = "| Windows | x86-64 | g++ 12 | libstdc++ | 3.10, 3.13 | run by wine | {} |"
    assert row.format("3.10: 5 of 5, 3.13: 4 of 5") in rows


def test_what_was_only_compiled_says_so() -> None:
    """A failed one is not listed."""
    results = {
        "run": {},
        "compiled": {"aarch64-macos": "passed", "g++-16-c++26": "passed", "g++-11-c++17": "failed"},
    }

    text = support_block(results, ["3.10"])

    assert (
        "| macOS | aarch64 | zig's clang | libc++ | 3.13 | compiled and linked, never run |" in text
    )
    assert text.endswith("Compiled without a warning, besides: g++ 16 (C++26).")


def test_runs_of_some_programs_add_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each counts as it ended last; those that are gone, and mere numbers of older runs, do not."""
    here = SimpleNamespace(row=("Linux",), python="3.13", how="run here")
    monkeypatch.setattr("elsewhere.results.target", lambda _: here)
    there = ("attach_nests", "pool_executor", "typed_values")
    monkeypatch.setattr(
        "elsewhere.results.programs", lambda: [SimpleNamespace(name=name) for name in there]
    )

    def run(**outcomes: list[str]) -> dict[str, list[str]]:
        test = "tests/elsewhere/x.py::test_a_program_keeps_its_promise_elsewhere[zig-{}]"
        reports = {
            outcome: [SimpleNamespace(nodeid=test.format(name)) for name in names]
            for outcome, names in outcomes.items()
        }
        merge_into(tmp_path / "results.json", collected(reports))
        row = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["run"]["zig"]
        return {outcome: row[outcome] for outcome in ("passed", "failed")}

    (tmp_path / "results.json").write_text('{"run": {"zig": {"passed": 9, "failed": 0}}}')
    first = run(passed=["attach_nests", "gone"], failed=["pool_executor"], skipped=["typed_values"])
    assert first == {"passed": ["attach_nests", "gone"], "failed": ["pool_executor"]}
    second = run(passed=["pool_executor"], failed=["typed_values"])
    assert second == {"passed": ["attach_nests", "pool_executor"], "failed": ["typed_values"]}
    third = run(skipped=["typed_values"])
    assert third == {"passed": ["attach_nests", "pool_executor"], "failed": []}
