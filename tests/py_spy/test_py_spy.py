"""py-spy shows the threads of a pool from outside, by name and with their Python code."""

from __future__ import annotations

import re
import select
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness import environment_for, run_command
from matrix import MatrixPython, quick_names, usable
from program_build import build_program
from program_text import read_program

PROGRAM = Path(__file__).with_name("waiting_pool.cpp")
LIMIT_S = 60
# What it says where the system, or its own age, is in its way: nothing of ours.
HINDERED = re.compile(
    r"Permission denied|Operation not permitted"
    r"|not supported|Unsupported|Failed to (?:copy|find|get|read|suspend)",
    re.IGNORECASE,
)


def py_spy() -> str | None:
    """The program, from the environment of the tests or from PATH."""
    beside = Path(sys.executable).with_name("py-spy")
    return str(beside) if beside.is_file() else shutil.which("py-spy")


@pytest.mark.ci
@pytest.mark.parametrize(
    "python",
    [
        pytest.param(
            p,
            id=p.name,
            marks=() if p.name in quick_names("py_spy", most=1) else pytest.mark.long,
        )
        for p in usable()
    ],
)
def test_it_names_the_threads_of_a_pool(python: MatrixPython) -> None:
    """Each worker appears with its name, in the function that it runs."""
    spy = py_spy()
    if spy is None:
        pytest.skip("py-spy is not installed")
    program = build_program(read_program(PROGRAM), python)
    with subprocess.Popen(
        [str(program)], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=environment_for(python),
    ) as host:  # fmt: skip
        try:
            assert host.stdout is not None
            ready, _, _ = select.select([host.stdout], [], [], LIMIT_S)
            assert ready
            assert host.stdout.readline() == b"inside\n"
            seen = run_command([spy, "dump", "--pid", str(host.pid)], deadline_s=LIMIT_S)
            assert host.stdin is not None
            host.stdin.close()
            code = host.wait(LIMIT_S)
        finally:
            host.kill()
    assert code == 0
    if seen.code != 0 and HINDERED.search(seen.err):
        pytest.skip(f"py-spy cannot: {seen.err.strip().splitlines()[0]}")

    assert seen.code == 0, seen.explain()
    for name in ("waiting-0", "waiting-1"):
        stack = re.search(rf'Thread [^\n]*"{name}"\n(.*?)(?=\nThread |\Z)', seen.out, re.DOTALL)
        assert stack, seen.out
        assert "wait_for_the_end" in stack[1]
