"""Mistakes that compile, but that `holdfast check` finds by the headers' annotations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from check.support import check, found, needs_clang_tidy
from compile_fail.samples import files_of, mistake, quoted, write_unit

FILES = files_of("check")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The findings in all files, which do not call each other and are read together."""
    needs_clang_tidy()
    unit = write_unit(FILES, tmp_path_factory.mktemp("check"))
    return found(check(unit, "--format", "json", "--target", "3.13", deadline_s=240))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_mistake_is_found_and_nothing_else(report: dict[str, Any], file: Path) -> None:
    """On its line, with the words of its comment; nothing in the correct version."""
    number, words = mistake(file)
    findings = [item for item in report["findings"] if Path(item["file"]).name == file.name]
    said = [(item["line"], f"{item['code']} {item['problem']}") for item in findings]

    assert [line for line, _ in said] == [number], said
    assert re.search(words, said[0][1]), said


@pytest.mark.parametrize("name", sorted(name for name in quoted() if "/check/" in name))
def test_the_page_quotes_what_is_said(report: dict[str, Any], name: str) -> None:
    """The page has the code and the problem of the report."""
    findings = [item for item in report["findings"] if Path(item["file"]).name == Path(name).name]

    assert quoted()[name].is_in("\n".join(f"{f['code']} {f['problem']}" for f in findings))


def test_every_file_was_read_as_a_whole(report: dict[str, Any]) -> None:
    """A part that was not analysed would hide a mistake."""
    assert report["troubles"] == report["unchecked"] == []
    assert report["functions"] >= 2 * len(FILES)
