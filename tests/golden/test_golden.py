"""One annotated module per topic: its header's text, and a host that calls it.

A change of the generator shows as a change of ``headers/``, which is written anew by

    HOLDFAST_UPDATE_PINS=1 python -m pytest tests/golden/test_golden.py

and read in review. That the modules are right is what mypy and pyright say of them, as part of the tests.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness import environment_for, run_built, run_command
from matrix import MatrixPython, default_python, usable
from program_text import Program
from pyholdfast.codegen.emit import write_header
from pyholdfast.hints.read import read_module

HERE = Path(__file__).parent
CORPUS = sorted(path for path in (HERE / "corpus").glob("*.py") if path.stem != "__init__")
HEADERS = HERE / "headers"
SOURCES = Path(__file__).resolve().parents[2] / "src"
# What only a later Python can parse, and so is read by it.
SINCE = {"generics": (3, 12)}


def readable(module: Path) -> bool:
    """Whether the Python that runs the tests understands a module."""
    return sys.version_info[:2] >= SINCE.get(module.stem, (3, 10))


def able(module: Path) -> MatrixPython:
    """A Python that understands it."""
    found = [p for p in usable() if p.build.version[:2] >= SINCE.get(module.stem, (3, 10))]
    return found[0] if found else pytest.skip("no Python here is new enough for it")


@pytest.mark.parametrize("module", CORPUS, ids=lambda path: path.stem)
def test_the_header_of_a_module(module: Path) -> None:
    """The whole text is as reviewed."""
    if not readable(module):
        pytest.skip("read by another Python, in the next test")
    text = write_header(read_module(module), module).text
    golden = HEADERS / f"{module.stem}.hpp"
    if os.environ.get("HOLDFAST_UPDATE_PINS"):
        golden.write_text(text, encoding="utf-8")

    assert text == golden.read_text(encoding="utf-8"), "see the docstring of this file"


@pytest.mark.parametrize("python", [pytest.param(p, id=p.name) for p in usable()])
def test_every_python_writes_the_same(python: MatrixPython, tmp_path: Path) -> None:
    """The parser's version, the hash seed and the folder make no difference."""
    modules = [m for m in CORPUS if python.build.version[:2] >= SINCE.get(m.stem, (3, 10))]
    environ = {**environment_for(python), "PYTHONPATH": str(SOURCES), "PYTHONHASHSEED": "random"}
    done = run_command(
        [str(python.path), "-m", "pyholdfast", "bind", *map(str, modules), "-o", str(tmp_path)],
        environ=environ, deadline_s=60, cwd=tmp_path,
    )  # fmt: skip
    assert done.code == 0, done.explain()
    for module in modules:
        golden = HEADERS / f"{module.stem}.hpp"
        text = (tmp_path / golden.name).read_text(encoding="utf-8")
        if os.environ.get("HOLDFAST_UPDATE_PINS") and not readable(module):
            golden.write_text(text, encoding="utf-8")
        assert text == golden.read_text(encoding="utf-8"), f"{module.stem} by {python.name}"


def test_pyright_finds_the_corpus_right() -> None:
    """A second opinion: a hint that only one checker understands is no example."""
    if importlib.util.find_spec("basedpyright") is None:
        pytest.skip("basedpyright is not installed")
    outcome = run_command(
        [sys.executable, "-m", "basedpyright", "--level", "error", "--pythonpath", sys.executable],
        deadline_s=120, cwd=HERE.parents[1],
    )  # fmt: skip

    assert outcome.code == 0, outcome.explain()
    assert "0 errors" in outcome.out


def test_what_is_listed_as_having_no_equal() -> None:
    """Each with its line and reason; the rest of the module goes on."""
    module = HERE / "corpus" / "unmapped.py"
    header = write_header(read_module(module), module)
    listed = [f"{p.line}: {p.subject} {p.text!r}: {p.reason}" for p in header.problems]
    golden = HEADERS / "unmapped.txt"
    if os.environ.get("HOLDFAST_UPDATE_PINS"):
        golden.write_text("".join(f"{line}\n" for line in listed), encoding="utf-8")

    assert listed == golden.read_text(encoding="utf-8").splitlines()
    assert "still_bound" in header.text


@pytest.mark.parametrize("style", ["LLVM", "Google", "Mozilla"])
def test_formatters_leave_a_header_alone(style: str, tmp_path: Path) -> None:
    """A project may run clang-format over all of its files."""
    for golden in HEADERS.glob("*.hpp"):
        text = golden.read_text(encoding="utf-8")
        assert "// clang-format off\n" in text
        assert text.endswith("// clang-format on\n")
    done = subprocess.run(
        ["clang-format", f"--style={style}", *HEADERS.glob("*.hpp")],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    ) if _has("clang-format") else None  # fmt: skip
    if done is None:
        pytest.skip("clang-format is not installed")
    texts = [golden.read_text(encoding="utf-8") for golden in HEADERS.glob("*.hpp")]

    assert done.stdout == "".join(texts)


def _has(command: str) -> bool:
    return any(Path(folder, command).is_file() for folder in os.environ["PATH"].split(os.pathsep))


def columns() -> list[object]:
    """The Pythons; the newest with a GIL in the short run, the others in the long one."""
    short = default_python().name
    return [
        pytest.param(p, id=p.name, marks=() if p.name == short else (pytest.mark.long,))
        for p in usable()
    ]


@pytest.mark.ci
@pytest.mark.parametrize("python", columns())
def test_a_host_calls_everything(python: MatrixPython) -> None:
    """From several threads at once, with all headers in one program."""
    program = Program(
        HERE / "host.cpp", "bound functions can be called", flags=(f"-I{HEADERS}", "-O0")
    )
    # The environment of the tests has numpy; other Pythons may have it or not.
    same = python.build.version == sys.version_info[:3] and not python.build.free_threaded
    ran = run_built(
        program, python, arguments=[str(HERE), *([sys.executable] if same else [])], deadline_s=60
    )

    assert ran.code == 0, ran.explain()
