"""Breaks one line of the runtime, and runs the program that must notice.

A mutant is caught if its program passes with the unchanged headers, and does not pass with the
changed copy. The tables, ``*.toml`` beside this file, explain the rows.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from c_builds import DEADLINE_S
from compiled_files import CACHE, CompileError
from harness import environment_for, run_built, run_command
from matrix import MatrixPython, default_python, usable
from mutants import c_bodies
from program_build import build_program
from program_text import find_source, program_sources, read_program
from pyholdfast import paths
from source_text import count_in, replace_in

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Not the newest that there is: the figure in the docs is then that of one Python.
PYTHON = "3.12"
__all__ = ["Mutant", "Verdict", "examine", "read_tables", "why_stale"]

TABLES = Path(__file__).resolve().parent
KEYS = frozenset({"broken", "file", "old", "new", "program", "python", "runs"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """One thing that is broken.

    Attributes:
        name: the table and the row, e.g. ``gate/closed-lets-in``.
        broken: in a sentence.
        file: in ``include/holdfast``; for the table ``c``, in the folder of the C interface.
        old: what stands there, exactly once.
        new: what stands there in its place.
        program: of ``tests/programs``, or ``tests/c/programs``: it must fail, crash or hang.
        python: the one to try it on; empty: PYTHON.
        runs: how often it is tried; more than once where a mutant needs luck.
    """

    name: str
    broken: str
    file: str
    old: str
    new: str
    program: str
    python: str = ""
    runs: int = 1

    @property
    def is_c(self) -> bool:
        """Whether it breaks the C interface, and a C program must notice."""
        return self.name.startswith("c/")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant: ``word`` is ``caught`` if all is well; ``text`` is for a reader."""

    word: str
    text: str


def read_tables(folder: Path = TABLES) -> list[Mutant]:
    """All mutants of all tables, by name.

    Raises:
        ValueError: a row has a key that means nothing.
    """
    found: list[Mutant] = []
    for table in sorted(folder.glob("*.toml")):
        rows: dict[str, dict[str, Any]] = tomllib.loads(table.read_text(encoding="utf-8"))
        for key, row in rows.items():
            name = f"{table.stem}/{key}"
            if unknown := row.keys() - KEYS:
                message = f"{name}: unknown keys {sorted(unknown)}"
                raise ValueError(message)
            found.append(Mutant(name, **row))
    return found


def why_stale(mutant: Mutant) -> str:
    """What is wrong with a row; empty if nothing is."""
    table, _, row = mutant.name.partition("/")
    place = f"tests/mutants/{table}.toml [{row}]"
    header = _sources(mutant) / mutant.file
    times = count_in(_text(header), mutant.old) if header.is_file() else 0
    if times != 1:
        return (
            f"{place}: its old text is found {times} times in {mutant.file}, not once:\n"
            f"{mutant.old}\n"
            "  do: copy what stands there now, as much as is unique, and break it in the same way; "
            f"see that it is caught: pytest tests/mutants -k {row}. Delete the row if what it "
            "breaks is no longer promised"
        )
    if mutant.old == mutant.new or not mutant.broken:
        return f"{place}: it changes nothing, or does not say what it breaks"
    if mutant.is_c:
        exists, name = c_bodies.has_program(mutant.program), f"c/programs/{mutant.program}.c"
    else:
        name = f"programs/{mutant.program}.cpp"
        exists = f"{mutant.program}.cpp" in {source.name for source in program_sources()}
    if not exists:
        return f"{place}: there is no tests/{name}\n  do: name the program that checks this now"
    return ""


def examine(mutant: Mutant) -> Verdict:
    """Break the headers in a copy, build the program with them, and run it."""
    if stale := why_stale(mutant):
        return Verdict("stale", stale)
    python = _python_for(mutant)
    if python is None:
        return Verdict("not tried", f"there is no Python {mutant.python} here")
    if trouble := _trouble_without(mutant.program, python.name, is_c=mutant.is_c):
        return Verdict("red without it", trouble)
    (CACHE / "work").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=CACHE / "work") as folder:
        try:
            binary, environ, deadline_s = _built(mutant, python, Path(folder))
        except CompileError as error:
            return Verdict("does not compile", str(error))
        for _ in range(mutant.runs):
            outcome = run_command(
                [str(binary)],
                environ=environ,
                deadline_s=deadline_s,
                promise=mutant.broken,
                with_stacks=False,
            )
            if outcome.code != 0:
                return Verdict("caught", outcome.explain())
    return Verdict("survived", outcome.explain())


def _built(
    mutant: Mutant, python: MatrixPython, folder: Path
) -> tuple[Path, dict[str, str], float]:
    """The program with the line broken, its environment, and its deadline."""
    text = replace_in(_text(_sources(mutant) / mutant.file), mutant.old, mutant.new)
    if mutant.is_c:
        made = c_bodies.build_changed(mutant.file, text, mutant.program, python, folder)
        return *made, DEADLINE_S
    program = read_program(find_source(f"{mutant.program}.cpp"))
    headers = folder / "include"
    shutil.copytree(paths.include_dir(), headers)
    (headers / "holdfast" / mutant.file).write_text(text, encoding="utf-8")
    binary = build_program(program, python, headers=headers)
    return binary, environment_for(python), program.deadline_s


@cache
def _trouble_without(name: str, python_name: str, *, is_c: bool) -> str:
    """How the program fails with unchanged headers, so that it cannot judge. Checked once for each."""
    python = next(python for python in usable() if python.name == python_name)
    if is_c:
        return c_bodies.trouble_of(name, python)
    program = read_program(find_source(f"{name}.cpp"))
    if not program.applies_to(python) or program.raw_twin:
        return f"{name} is no program that must pass on {python_name}"
    outcome = run_built(program, python)
    return "" if outcome.code == 0 else outcome.explain()


def _python_for(mutant: Mutant) -> MatrixPython | None:
    """The row's Python, which may be the only one that shows the fault; otherwise PYTHON, or any other."""
    wanted = mutant.python or PYTHON
    found = next((python for python in usable() if python.name == wanted), None)
    return found or (None if mutant.python else default_python())


def _sources(mutant: Mutant) -> Path:
    return c_bodies.sources() if mutant.is_c else paths.include_dir() / "holdfast"


def _text(header: Path) -> str:
    return header.read_text(encoding="utf-8")
