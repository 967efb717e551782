"""What a test program says about itself in the comment at its top.

// finalize() waits for the worker inside.        the promise: the first line
// python: >=3.12, gil                            where it applies
// needs: pybind11                                packages whose headers it includes
// link: other_lib.cpp                            shared libraries it is linked with
// shared: plugin.cpp                             shared libraries it loads, beside it
// flags: -fno-exceptions                         further options for the compiler
// deadline: 40                                   seconds; DEADLINE_S if not said
// precompiled: no                                what it includes is what is tested
// short-run: no                                  takes long, so make test leaves it to .ci/run
// raw-twin: hang                                 must hang or crash: it shows the fault
//                                                that its namesake is protected from
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matrix import MatrixPython

__all__ = [
    "DEADLINE_S",
    "PROGRAMS",
    "Program",
    "find_source",
    "program_sources",
    "programs",
    "read_program",
]

PROGRAMS = Path(__file__).resolve().parent / "programs"
DEADLINE_S = 20.0
# These end badly on purpose: test_harness.py runs them to show that the harness notices.
ON_PURPOSE = frozenset({"hang_on_purpose", "fails_on_purpose", "crash_on_purpose"})
KEYS = frozenset(
    {
        "python",
        "needs",
        "link",
        "shared",
        "flags",
        "deadline",
        "precompiled",
        "short-run",
        "raw-twin",
    }
)
ENDINGS = frozenset({"hang", "crash"})
COMPARE = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "==": lambda a, b: a == b,
}


@dataclass(frozen=True, slots=True)
class Program:
    """A test program and its directives; see the module's docstring.

    Attributes:
        source: the .cpp file.
        promise: the first line of its comment.
    """

    source: Path
    promise: str
    python: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    link: tuple[Path, ...] = ()
    shared: tuple[Path, ...] = ()
    flags: tuple[str, ...] = ()
    deadline_s: float = DEADLINE_S
    precompiled: bool = True
    in_short_run: bool = True
    raw_twin: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """File name without suffix."""
        return self.source.stem

    def applies_to(self, python: MatrixPython) -> bool:
        """Whether the program is to be run on this Python."""
        return self.applies_to_version(python.build.version[:2], python.build.free_threaded)

    def applies_to_version(self, version: tuple[int, int], free_threaded: bool) -> bool:
        """Whether the program is to be run on such a Python."""
        return all(_holds(condition, version, free_threaded) for condition in self.python)


def program_sources() -> list[Path]:
    """Every program of ``tests/programs``, and every shared library of one."""
    return sorted(PROGRAMS.glob("*/*.cpp"))


def programs() -> list[Program]:
    """The programs that must keep their promise, without the libraries that some of them use."""
    found = [read_program(path) for path in program_sources()]
    parts = {source for program in found for source in (*program.link, *program.shared)}
    return [p for p in found if p.source not in parts and p.name not in ON_PURPOSE]


def find_source(name: str) -> Path:
    """The source of that file name, in whichever room it lies.

    Raises:
        FileNotFoundError: if there is none.
    """
    if (found := _in_a_room(name)) is None:
        message = f"there is no tests/programs/*/{name}"
        raise FileNotFoundError(message)
    return found


def _in_a_room(name: str) -> Path | None:
    return next(PROGRAMS.glob(f"*/{name}"), None)


def _library(source: Path, name: str) -> Path:
    """A file that a program names: beside it, or in another room."""
    beside = source.parent / name
    return beside if beside.exists() else _in_a_room(name) or beside


def read_program(source: Path) -> Program:
    """Read the directives of a program.

    Raises:
        ValueError: if there is no promise, or a directive is not known.
    """
    comment = re.match(r"(?://[^\n]*\n)+", source.read_text(encoding="utf-8"))
    lines = [line[2:].strip() for line in comment.group().splitlines()] if comment else []
    if not lines or lines[0].partition(":")[0] in KEYS:
        message = f"{source.name}: the first line must be a comment that says the promise"
        raise ValueError(message)
    said: dict[str, str] = {}
    for line in lines[1:]:
        match = re.fullmatch(r"([a-z-]+): (.*)", line)
        if match is None:
            continue
        key, value = match.groups()
        if key not in KEYS:
            message = f"{source.name}: unknown directive '{key}'"
            raise ValueError(message)
        said[key] = value
    endings = frozenset(re.findall(r"\w+", said.get("raw-twin", ""))) - {"expects", "or"}
    if not endings <= ENDINGS:
        message = f"{source.name}: a raw twin ends by hang or crash, not by {said['raw-twin']!r}"
        raise ValueError(message)
    return Program(
        source=source,
        promise=lines[0],
        python=tuple(word.strip() for word in said.get("python", "").split(",") if word.strip()),
        needs=tuple(said.get("needs", "").split()),
        link=tuple(_library(source, name) for name in said.get("link", "").split()),
        shared=tuple(_library(source, name) for name in said.get("shared", "").split()),
        flags=tuple(said.get("flags", "").split()),
        deadline_s=float(said.get("deadline", DEADLINE_S)),
        precompiled=said.get("precompiled", "yes") != "no",
        in_short_run=said.get("short-run", "yes") != "no",
        raw_twin=endings,
    )


def _holds(condition: str, version: tuple[int, int], free_threaded: bool) -> bool:
    if condition in ("gil", "free-threaded"):
        return free_threaded == (condition == "free-threaded")
    match = re.fullmatch(r"(>=|<=|>|<|==)\s*(\d+)\.(\d+)", condition)
    if match is None:
        message = f"cannot read the condition {condition!r}; write e.g. >=3.12 or gil"
        raise ValueError(message)
    operator, major, minor = match.groups()
    return bool(COMPARE[operator](version, (int(major), int(minor))))
