"""If a line that a promise depends on is broken, a program fails.

The short run checks that the rows fit the headers; the long run breaks the lines one by one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from matrix import EXPECTED
from mutants.mutant import Mutant, examine, read_tables, why_stale

MUTANTS = read_tables()
AREAS = {"gate", "attach", "end", "objects", "pools", "waits", "output", "fork"}
SMALL = Mutant(
    name="none/no-op",
    broken="nothing: the text means what it meant",
    file="gate/gate.hpp",
    old="gate() = default;",
    new="gate()  = default;",
    program="guard_does_not_attach",
)


def test_every_row_fits_the_headers() -> None:
    """A row whose text no longer exists would break nothing, and its mutant would survive."""
    stale = [text for text in map(why_stale, MUTANTS) if text]

    assert not stale, "\n".join(stale)


def test_the_table_covers_every_area() -> None:
    """At least eighty mutants, some in each area, all different, for Pythons that exist."""
    areas = Counter(mutant.name.partition("/")[0] for mutant in MUTANTS)
    changes = Counter((mutant.file, mutant.old, mutant.new) for mutant in MUTANTS)

    assert len(MUTANTS) >= 80
    assert areas.keys() >= AREAS
    assert all(areas[area] >= 5 for area in AREAS), areas
    assert [change for change, times in changes.items() if times > 1] == []
    assert {mutant.python for mutant in MUTANTS} <= {"", *EXPECTED}


@pytest.mark.long
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_caught(mutant: Mutant) -> None:
    """With the line broken, the program named for it fails, crashes or hangs."""
    verdict = examine(mutant)
    if verdict.word == "not tried":
        pytest.skip(verdict.text)

    assert verdict.word == "caught", (
        f"{mutant.name} {verdict.word}: {mutant.broken}\n{verdict.text}"
    )


def test_a_change_that_breaks_nothing_survives() -> None:
    """Otherwise the harness would call any change caught."""
    assert examine(SMALL).word == "survived"


def test_a_row_that_does_not_fit_is_not_caught() -> None:
    """Its text does not exist, or exists twice, or its program does not exist."""
    assert examine(replace(SMALL, old="no such text")).word == "stale"
    assert examine(replace(SMALL, old="noexcept")).word == "stale"
    assert examine(replace(SMALL, file="no_such.hpp")).word == "stale"
    assert examine(replace(SMALL, program="no_such_program")).word == "stale"
    assert examine(replace(SMALL, new=SMALL.old)).word == "stale"


def test_a_python_that_is_not_here_stands_for_no_other() -> None:
    """Another Python may not show what the row breaks."""
    assert examine(replace(SMALL, python="2.7")).word == "not tried"


def test_a_program_that_is_red_anyway_catches_nothing() -> None:
    """Its failure says nothing about the mutant."""
    assert examine(replace(SMALL, program="fails_on_purpose")).word == "red without it"


def test_what_does_not_compile_is_not_caught() -> None:
    """The compiler's error comes from the row, not from the program."""
    assert examine(replace(SMALL, new="gate() = defalut;")).word == "does not compile"
