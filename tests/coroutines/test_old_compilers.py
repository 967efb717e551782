"""Coroutines by the oldest compilers that docs/explanation/versions.md promises."""

from __future__ import annotations

import shutil

import pytest

from harness import environment_for, run_command
from matrix import default_python
from program_build import build_program
from program_text import find_source, read_program
from pyholdfast.toolchain.compiler import Compiler

pytestmark = pytest.mark.long


@pytest.mark.parametrize("program", ["coroutine_awaits", "coroutine_unread_failure"])
@pytest.mark.parametrize("name", ["g++-11", "clang++-14"])
def test_an_old_compiler_makes_coroutines(name: str, program: str) -> None:
    """It has <coroutine>, and what it makes of them keeps the programs' promises."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: tools/platforms.py compilers installs it")
    read = read_program(find_source(f"{program}.cpp"))
    python = default_python()
    built = build_program(read, python, compiler=Compiler((found,), name))

    outcome = run_command(
        [str(built)], environ=environment_for(python), deadline_s=read.deadline_s,
        promise=read.promise,
    )  # fmt: skip

    assert outcome.code == 0, outcome.explain()
