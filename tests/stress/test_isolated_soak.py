"""Worker processes under random kills, crashes and limits, and random bytes for the reader of their answers.

The seed is in the message of a failure: the program takes the seconds or rounds, and the seed.
"""

from __future__ import annotations

import random

import pytest

from harness import run_built
from matrix import MatrixPython, usable
from program_text import find_source, read_program

pytestmark = pytest.mark.long
MEMORY = ("-fsanitize=address,undefined", "-fno-sanitize-recover=undefined")
LONG_S = 600
ROUNDS = 200_000


@pytest.mark.parametrize("python", [pytest.param(p, id=p.name) for p in usable()[-1:]])
def test_ten_minutes_of_kills_lose_nothing(
    python: MatrixPython, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every future has its value or its error; no process, descriptor or segment is left."""
    program = read_program(find_source("isolated_soak.cpp"))

    outcome = run_built(program, python, arguments=[str(LONG_S)], deadline_s=LONG_S + 60)

    assert outcome.code == 0, outcome.explain()
    with capsys.disabled():
        print(f"\n  {outcome.out.splitlines()[-1]}", end=" ")


@pytest.mark.parametrize("python", [pytest.param(p, id=p.name) for p in usable()[-1:]])
def test_the_reader_survives_any_answer(python: MatrixPython) -> None:
    """Under AddressSanitizer and UndefinedBehaviorSanitizer."""
    program = read_program(find_source("isolated_reader.cpp"))
    seed = random.SystemRandom().randrange(2**31)

    outcome = run_built(
        program,
        python,
        arguments=[str(seed), str(ROUNDS)],
        deadline_s=600,
        sanitize=MEMORY,
        environ={"ASAN_OPTIONS": "detect_leaks=0"},
    )

    assert outcome.code == 0, outcome.explain()
