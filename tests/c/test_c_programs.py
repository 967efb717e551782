"""C programs, compiled once without any Python, on every Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from c_builds import PROGRAMS, built, pythons, run_on

if TYPE_CHECKING:
    from matrix import MatrixPython

NAMES = sorted(path.stem for path in PROGRAMS.glob("*.c"))
# What a program prints, where that is its promise; the others print nothing.
OUTPUTS = {"exits_without_finalize": "main\natexit ran\n", "output": "past\nkept\n"}


@pytest.mark.parametrize("python", pythons())
@pytest.mark.parametrize("name", NAMES)
def test_a_program_keeps_its_promise(name: str, python: MatrixPython) -> None:
    """The comment at its top."""
    outcome = run_on(built(PROGRAMS / f"{name}.c", ["-rdynamic"]), python)

    assert outcome.code == 0, outcome.explain()
    assert outcome.out == OUTPUTS.get(name, "")


def test_each_program_says_what_it_promises() -> None:
    """Its first line is a sentence."""
    for name in NAMES:
        first = (PROGRAMS / f"{name}.c").read_text(encoding="utf-8").splitlines()[0]
        assert re.fullmatch(r"/\* [A-Zh].*\. \*/", first), name
    assert len(NAMES) >= 12
