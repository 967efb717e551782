"""Each folder of examples/ has one program and its output, or a project with tests elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness import environment_for, run_command
from matrix import MatrixPython, quick_names, running, usable
from program_text import read_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

CHECKOUT = Path(__file__).resolve().parent.parent
EXAMPLES = CHECKOUT / "examples"
COMPILE_LIMIT_S = 120
# Examples that are not C++, or have to be talked to, and their tests.
WITH_OWN_TESTS = {
    "c_server": "c/test_c_server.py",
    "go": "c/test_go_example.py",
    "node": "c/test_node_example.py",
    "rust": "c/test_rust_example.py",
    "service": "server/test_service.py",
}


def folders() -> list[Path]:
    """All examples of one file; those with their own build have their own tests."""
    return sorted(path.parent for path in EXAMPLES.glob("*/expected.txt"))


def needs(folder: Path) -> tuple[str, ...]:
    """The packages that an example's Python must have."""
    return read_program(folder / "main.cpp").needs


def cases() -> Iterator[ParameterSet]:
    """Examples by Pythons. Those outside the short run are marked long.

    One that needs packages runs on the Python of the tests alone, whose environment has them.
    """
    for folder in folders():
        if needs(folder):
            continue
        quick = quick_names(folder.name, most=1)
        for python in usable():
            marks = () if python.name in quick else (pytest.mark.long,)
            yield pytest.param(folder, python, id=f"{folder.name}-{python.name}", marks=marks)


@pytest.mark.parametrize(("folder", "python"), list(cases()))
def test_example_prints_what_its_folder_says(folder: Path, python: MatrixPython) -> None:
    """`holdfast run` compiles the example and it prints expected.txt, nothing else."""
    runs_as_told(folder, python, python.path)


@pytest.mark.ci
@pytest.mark.parametrize(
    "folder", [folder for folder in folders() if needs(folder)], ids=lambda folder: folder.name
)
def test_example_with_packages_prints_what_its_folder_says(folder: Path) -> None:
    """The same, in the environment of the tests."""
    for name in needs(folder):
        pytest.importorskip(name, reason=f"the example needs {name}, which is not installed")
    python = running() or pytest.skip("no host can be built for the Python that runs the tests")
    runs_as_told(folder, python, Path(sys.executable))


def runs_as_told(folder: Path, python: MatrixPython, executable: Path) -> None:
    """Whether `holdfast run` compiles and runs it, and prints the expected text."""
    source = folder / "main.cpp"
    command = [sys.executable, "-m", "pyholdfast", "run", "--python", str(executable), str(source)]

    outcome = run_command(command, environ=_environment(python), deadline_s=COMPILE_LIMIT_S)

    assert outcome.code == 0, outcome.explain()
    assert outcome.out == (folder / "expected.txt").read_text(encoding="utf-8")
    assert outcome.complaints == ""


def test_no_folder_is_forgotten() -> None:
    """An example without an expected text has its own test."""
    others = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    others -= {folder.name for folder in folders()}

    with_cmake = {path.parent.name for path in EXAMPLES.glob("*/CMakeLists.txt")}
    assert others == with_cmake | set(WITH_OWN_TESTS)
    assert all((CHECKOUT / "tests" / name).is_dir() for name in with_cmake)
    assert all((CHECKOUT / "tests" / test).is_file() for test in WITH_OWN_TESTS.values())


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_example_is_complete(folder: Path) -> None:
    """It has a program, its output, a page that says how to run it from the checkout, and Python."""
    files = {path.name for path in folder.iterdir() if path.name != "__pycache__"}
    modules = {name for name in files if name.endswith(".py")}

    assert files - modules == {"main.cpp", "expected.txt", "README.md"}
    command = f"holdfast run examples/{folder.name}/main.cpp"
    assert command in (folder / "README.md").read_text(encoding="utf-8")


def _environment(python: MatrixPython) -> dict[str, str]:
    """The variables of a run: no other Python, and this checkout's package."""
    return {**environment_for(python), "PYTHONPATH": str(CHECKOUT / "src")}
