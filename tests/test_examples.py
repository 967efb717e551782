"""Each folder of examples/ holds one program and what it prints, or a project with tests elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import environment_for, run_command
from matrix import MatrixPython, quick_names, usable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

CHECKOUT = Path(__file__).resolve().parent.parent
EXAMPLES = CHECKOUT / "examples"
COMPILE_LIMIT_S = 120


def folders() -> list[Path]:
    """Every example of one file; those with a build of their own have their own tests."""
    return sorted(path.parent for path in EXAMPLES.glob("*/expected.txt"))


def cases() -> Iterator[ParameterSet]:
    """Examples by Pythons. Those outside the short run are marked long."""
    for folder in folders():
        quick = quick_names(folder.name)
        for python in usable():
            marks = () if python.name in quick else (pytest.mark.long,)
            yield pytest.param(folder, python, id=f"{folder.name}-{python.name}", marks=marks)


@pytest.mark.parametrize(("folder", "python"), list(cases()))
def test_example_prints_what_its_folder_says(folder: Path, python: MatrixPython) -> None:
    """`holdfast run` compiles the example and it prints expected.txt, nothing else."""
    source = folder / "main.cpp"
    command = [sys.executable, "-m", "holdfast", "run", "--python", str(python.path), str(source)]

    outcome = run_command(command, environ=_environment(python), deadline_s=COMPILE_LIMIT_S)

    assert outcome.code == 0, outcome.explain()
    assert outcome.out == (folder / "expected.txt").read_text(encoding="utf-8")
    assert outcome.err == ""


def test_no_folder_is_forgotten() -> None:
    """What does not print an expected text has a test that knows what it does."""
    others = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    others -= {folder.name for folder in folders()}

    assert others == {path.parent.name for path in EXAMPLES.glob("*/CMakeLists.txt")}
    assert all((CHECKOUT / "tests" / name).is_dir() for name in others)


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_example_is_complete(folder: Path) -> None:
    """A program, its output, and a page that says how to run it from the checkout's top."""
    assert {path.name for path in folder.iterdir()} == {"main.cpp", "expected.txt", "README.md"}
    command = f"holdfast run examples/{folder.name}/main.cpp"
    assert command in (folder / "README.md").read_text(encoding="utf-8")


def _environment(python: MatrixPython) -> dict[str, str]:
    """No other Python in sight, the package from the checkout, and the cache of the tests."""
    environ = environment_for(python)
    environ["PYTHONPATH"] = str(CHECKOUT / "src")
    environ["XDG_CACHE_HOME"] = str(CHECKOUT / ".cache" / "tests" / "examples")
    return environ
