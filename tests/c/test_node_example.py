"""examples/node: what its README promises. Needs Node.js and its headers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from c_builds import run_on
from matrix import quick_names, usable
from pyholdfast import paths
from pyholdfast.toolchain.c_library import link_options, make_library
from pyholdfast.toolchain.compiler import find_c_compiler, find_compiler

if TYPE_CHECKING:
    from matrix import MatrixPython

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "node"
EXPECTED = """\
the event loop ran
Python slept
[ 1, 2, 3, 4 ]
[ 'native threads', 'call Python' ]
exception 400: """
QUICK = quick_names("c", most=1)
PYTHONS = [
    pytest.param(p, id=p.name, marks=() if p.name in QUICK else (pytest.mark.long,))
    for p in usable()
    if p.build.loader is None  # its libraries need another C library than Node's
]


NODE = Path(shutil.which("node") or "/nowhere/bin/node").resolve()
HEADERS = NODE.parent.parent / "include" / "node"
pytestmark = pytest.mark.skipif(
    not (HEADERS / "node_api.h").is_file(), reason="node or node_api.h is not installed"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the example with its addon, compiled once for all Pythons."""
    copy = tmp_path_factory.mktemp("node") / "project"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("build"))
    (copy / "build").mkdir()
    command = [
        *find_c_compiler().command, "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
        "-shared", "-fPIC", "-isystem", str(paths.include_dir()), "-isystem", str(HEADERS),
        str(copy / "addon.c"), *link_options(make_library(find_compiler())),
        "-o", str(copy / "build" / "addon.node"),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return copy


@pytest.mark.parametrize("python", PYTHONS)
def test_promises_exceptions_and_late_calls(project: Path, python: MatrixPython) -> None:
    """One addon prints the same on every Python, but for what math.sqrt(-1) says."""
    outcome = run_on(NODE, python, str(project / "main.js"))

    assert outcome.code == 0, outcome.explain()
    assert outcome.out.startswith(EXPECTED)
    assert outcome.out.endswith("\nlate: 203\n")
