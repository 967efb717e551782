"""A host that was built for one Python and finds another one when it starts."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from harness import environment_for, run_command
from matrix import MatrixPython, usable
from pyholdfast.toolchain.compile import find_compiler
from pyholdfast.toolchain.flags import flags_for

if TYPE_CHECKING:
    from pathlib import Path

HOST = """\
#include <holdfast/interpreter.hpp>

#include <cstdio>

int main() {
    try {
        holdfast::interpreter python;
    } catch (const holdfast::startup_error &error) {
        std::puts(error.what());
        return 3;
    }
    return 4;
}
"""


def pairs() -> list[tuple[MatrixPython, MatrixPython]]:
    """An older minor version on the next one, and a GIL build on the free-threaded build of its version."""
    with_gil = [p for p in usable() if not p.build.free_threaded and p.build.loader is None]
    found = list(pairwise(with_gil))
    for free in (p for p in usable() if p.build.free_threaded):
        found += [(p, free) for p in with_gil if p.build.version[:2] == free.build.version[:2]]
    return found


@pytest.mark.parametrize(
    ("built_for", "runs_on"), [pytest.param(*p, id=f"{p[0].name}-on-{p[1].name}") for p in pairs()]
)
def test_a_host_on_another_python_stops_and_names_both(
    built_for: MatrixPython, runs_on: MatrixPython, tmp_path: Path
) -> None:
    """The loader misses a function, or the host reports HF231 before it uses that Python."""
    source, host = tmp_path / "host.cpp", tmp_path / "host"
    source.write_text(HOST, encoding="utf-8")
    cflags = flags_for(built_for.build, optimise="-O1").cflags
    wrong = flags_for(runs_on.build)
    command = [*find_compiler().command, *cflags, str(source), "-o", str(host)]
    linked = subprocess.run(
        [*command, *wrong.ldflags, *wrong.libs], capture_output=True, text=True, check=False
    )
    if linked.returncode != 0:
        assert "undefined reference" in linked.stderr
        return

    outcome = run_command([str(host)], environ=environment_for(runs_on), deadline_s=20)

    assert outcome.code == 3, outcome.explain()
    assert outcome.out.startswith("HF231 ")
    assert _text(built_for) in outcome.out
    assert _text(runs_on) in outcome.out
    assert "\n  do: " in outcome.out


def _text(python: MatrixPython) -> str:
    major, minor, _ = python.build.version
    return f"CPython {major}.{minor}" + (" free-threaded" if python.build.free_threaded else "")
