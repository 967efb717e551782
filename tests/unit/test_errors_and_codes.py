"""Errors have the same form everywhere, and every code is explained."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from pyholdfast.codes import CODES
from pyholdfast.errors import FindingError, HoldfastError

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = (CHECKOUT / "src" / "pyholdfast", CHECKOUT / "benchmarks" / "holdfast_bench")
CODE = re.compile(r"HF\d{3}")


def used_codes() -> dict[str, set[str]]:
    """Where each code occurs in the sources, outside the table itself."""
    used: dict[str, set[str]] = {}
    for path in (path for folder in SOURCES for path in folder.rglob("*")):
        if path.suffix in {".py", ".hpp", ".ipp", ".h", ".cmake"} and "codes" not in path.parts:
            text = path.read_text(encoding="utf-8")
            # Docstrings may speak of ranges and of form: HFnnn, "HF101 to HF104".
            for code in CODE.findall(text):
                used.setdefault(code, set()).add(str(path.relative_to(CHECKOUT)))
    return used


def test_an_error_prints_problem_and_remedy() -> None:
    """The text form is the same as in the C++ runtime."""
    error = FindingError("HF103", "no such Python: 'x'", "name one that exists")

    assert str(error) == "HF103 no such Python: 'x'\n  do: name one that exists"


def test_an_error_survives_being_sent_to_another_process() -> None:
    """Pickling keeps all three parts and the type."""
    error = FindingError("HF103", "problem", "remedy")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert isinstance(copy, FindingError)
    assert isinstance(copy, HoldfastError)
    assert (copy.code, copy.problem, copy.remedy) == ("HF103", "problem", "remedy")


def test_every_code_that_is_used_is_explained() -> None:
    """`holdfast explain` knows every code that a message can show."""
    unlisted = {code: files for code, files in used_codes().items() if code not in CODES}

    assert unlisted == {}


def test_every_code_that_is_explained_is_used() -> None:
    """An entry that nothing prints is a leftover."""
    assert sorted(set(CODES) - set(used_codes())) == []


@pytest.mark.parametrize("code", sorted(CODES))
def test_an_entry_is_complete_and_in_style(code: str) -> None:
    """It has all parts, its title fits on a line, and no text has an exclamation mark."""
    entry = CODES[code]

    assert entry.code == code
    assert len(entry.title) <= 70
    assert entry.example.strip()
    for text in (entry.title, entry.cause, entry.remedy):
        assert text.strip() == text != ""
        assert "!" not in text
        assert "please" not in text.lower()
