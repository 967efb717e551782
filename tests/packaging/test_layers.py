"""Arrows only downward: includes and imports, compared with the table in layers.toml."""

from __future__ import annotations

import ast
import graphlib
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "pyholdfast"
HEADERS = PACKAGE / "include" / "holdfast"
TABLE: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("layers.toml").read_text(encoding="utf-8")
)
ROOMS: list[str] = TABLE["headers"]["rooms"]
UMBRELLAS: list[str] = TABLE["headers"]["umbrellas"]
MODULE_ORDER: list[str] = TABLE["modules"]["rows"]
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)
INCLUDE_LINE = re.compile(r"^\s*#\s*include.*$", re.MULTILINE)
VERSION_TEST = re.compile(r"^\s*#\s*(?:el)?if.*\bPY_\w*(?:VERSION|HEX)", re.MULTILINE)
NOT_OF_THE_SYSTEM = {"Python.h", "frameobject.h", "datetime.h", "stddef.h", "stdint.h"}
GENERATED = ("templates",)
# Loaded by pytest alone.
PLUGIN = "pytest_plugin"


def headers() -> list[str]:
    """All headers, relative to include/holdfast."""
    found = (*HEADERS.rglob("*.hpp"), *HEADERS.rglob("*.h"))
    return sorted(str(path.relative_to(HEADERS)) for path in found)


def bodies() -> list[str]:
    """All files with bodies of headers, relative to include/holdfast."""
    return sorted(str(path.relative_to(HEADERS)) for path in HEADERS.rglob("*.ipp"))


def files() -> list[str]:
    """Both."""
    return [*headers(), *bodies()]


def header_of(body: str) -> str:
    """The header whose bodies a file has; of a header, itself.

    A header's bodies may be in several files: NAME.ipp and NAME.PART.ipp.
    """
    return body.partition(".")[0] + ".hpp" if body.endswith(".ipp") else body


def included(header: str) -> set[str]:
    """Our headers that a header includes, relative to include/holdfast."""
    folder = (HEADERS / header).parent
    names = INCLUDE.findall((HEADERS / header).read_text(encoding="utf-8"))
    ours = [(folder / name).resolve() for name in names]
    ours += [(HEADERS.parent / name).resolve() for name in names]
    return {str(path.relative_to(HEADERS)) for path in ours if path.is_relative_to(HEADERS)
            and path.is_file()}  # fmt: skip


@cache
def modules() -> list[str]:
    """All modules of the package, dotted, without `pyholdfast.`."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in GENERATED:
            found.append(".".join(parts))
    return sorted(found)


@cache
def imported(module: str) -> set[str]:
    """The modules that `module` imports when it runs, without those for type checkers only."""
    path = PACKAGE / (module.replace(".", "/") + ".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    skipped = {node for block in ast.walk(tree) if _is_type_checking(block)
               for node in ast.walk(block)}  # fmt: skip
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            known = {name for name in inside if _file_of(name)}
            found |= known
            if known != inside:
                found.add(node.module)
    return found


def _is_type_checking(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    )


def _file_of(name: str) -> bool:
    if not name.startswith("pyholdfast."):
        return False
    path = PACKAGE.joinpath(*name.split(".")[1:])
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def row_of(module: str) -> str:
    """The row of the table for a module: its own, or that of a folder around it."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        for row in (name, f"{name}.__init__"):
            if row in MODULE_ORDER:
                return row
    pytest.fail(f"{module} has no row in layers.toml")


def room_of(header: str) -> str:
    """The folder of a header; for a header at the top, its own name."""
    return header.partition("/")[0]


def upward(file: str) -> set[str]:
    """What a file includes from below its own room."""
    room = room_of(header_of(file))
    if room in UMBRELLAS:
        return set()
    assert room in ROOMS, f"{file} lies in no room of layers.toml"
    below = {*ROOMS[ROOMS.index(room) + 1 :], *UMBRELLAS}
    return {name for name in included(file) if room_of(name) in below}


def test_headers_include_only_rooms_above_their_own() -> None:
    """An arrow upward, or a header without a row, fails here."""
    assert {file: wrong for file in files() if (wrong := upward(file))} == {}


def test_an_umbrella_has_nothing_of_its_own() -> None:
    """It only includes headers of rooms, so a reader sees everything that it gives."""
    for name in set(UMBRELLAS) - {"PyThreadStateLock.h"}:
        lines = (HEADERS / name).read_text("utf-8").splitlines()
        own = [line for line in lines if line and not line.startswith(("//", "#"))]
        assert own == [], name
        assert included(name), name


def test_headers_of_a_room_include_each_other_without_a_circle() -> None:
    """prepare() raises CycleError, with the circle in it. Bodies come last, so they may go round."""
    graph = {
        header: {name for name in included(header) if not name.endswith(".ipp")}
        for header in headers()
    }
    graphlib.TopologicalSorter(graph).prepare()


def test_a_header_brings_its_bodies() -> None:
    """Unless they are compiled separately."""
    for body in bodies():
        assert body in included(header_of(body))
        assert header_of(body) in included(body)


def test_every_body_is_compiled() -> None:
    """The source file for builds with HOLDFAST_COMPILED includes all of them, and nothing else."""
    assert included("compiled.cpp") == {"python.hpp", *bodies()}


def test_our_includes_are_written_from_the_top() -> None:
    """So that a compiler's message shows one short path, however a header was reached."""
    lines = {(file, line) for file in files()
             for line in INCLUDE_LINE.findall((HEADERS / file).read_text("utf-8")) if '"' in line}  # fmt: skip

    assert lines == set()


def test_the_table_is_up_to_date() -> None:
    """No row names a file or folder that no longer exists."""
    for row in (*ROOMS, *UMBRELLAS):
        assert (HEADERS / row).exists(), row
    for row in MODULE_ORDER:
        assert (PACKAGE / row.replace(".", "/")).is_dir() or row in modules(), row


def test_only_one_header_knows_pythons_own() -> None:
    """Only python.hpp includes <Python.h> and tests its version; all others test a HOLDFAST_HAS_ macro."""
    for file in sorted({*files()} - {"python.hpp"}):
        text = (HEADERS / file).read_text(encoding="utf-8")
        assert "Python.h" not in INCLUDE.findall(text), file
        assert VERSION_TEST.findall(text) == [], file


def of_the_system(file: str) -> set[str]:
    """The headers of the system that a file includes: with `.h`, and neither C's nor Python's."""
    names = INCLUDE.findall((HEADERS / file).read_text(encoding="utf-8"))
    return {
        name for name in names
        if name.endswith(".h") and name not in NOT_OF_THE_SYSTEM and not name.startswith("holdfast/")
    }  # fmt: skip


def beside_the_room(file: str) -> set[str]:
    """The headers of the system that a file includes and must not."""
    room = room_of(header_of(file))
    knows = room in (TABLE["headers"]["system"], *TABLE["headers"]["knows_the_system"])
    return set() if knows else of_the_system(file)


def test_only_one_room_knows_the_system() -> None:
    """All others call the functions of that room, which exist on every system."""
    assert {file: wrong for file in files() if (wrong := beside_the_room(file))} == {}


def test_the_rooms_that_know_the_system_do() -> None:
    """A room stands in the list of exceptions only as long as it needs to."""
    for room in TABLE["headers"]["knows_the_system"]:
        inside = [file for file in files() if room_of(file) == room]
        assert set().union(*map(of_the_system, inside)), room


def test_a_header_that_uses_python_includes_it_first() -> None:
    """CPython requires it: its header sets macros that the C library's headers read."""
    for header in sorted({*headers()} - {*UMBRELLAS}):
        names = INCLUDE.findall((HEADERS / header).read_text(encoding="utf-8"))
        if "holdfast/python.hpp" in names:
            assert names[0] == "holdfast/python.hpp", header


def test_the_core_stays_light() -> None:
    """A host that only attaches does not pay for <future> and similar headers."""
    for file in files():
        names = set(INCLUDE.findall((HEADERS / file).read_text(encoding="utf-8")))
        room = room_of(header_of(file))
        if room in ROOMS:
            at = ROOMS.index(room)
            early = {name for name, first in TABLE["heavy"].items() if at < ROOMS.index(first)}
            assert early & names == set(), file


def test_modules_import_only_what_stands_above_them() -> None:
    """Modules of a folder with one row may import each other."""
    for module in modules():
        row = row_of(module)
        position = MODULE_ORDER.index(row)
        for name in imported(module):
            if name.startswith("pyholdfast."):
                target = row_of(name.removeprefix("pyholdfast."))
                above = target == row or MODULE_ORDER.index(target) < position
                assert above, f"{module} imports {name}"


def test_modules_need_nothing_but_the_standard_library() -> None:
    """The package has no dependencies, and every Python from 3.10 on can run it."""
    for module in modules():
        roots = {name.split(".")[0] for name in imported(module)}
        ours = {"pyholdfast", "pytest"} if module == PLUGIN else {"pyholdfast"}
        assert roots - ours <= sys.stdlib_module_names, module


def test_a_command_imports_no_other_command() -> None:
    """Shared code is in commands.common, .values, .binding, .compiled and .reading."""
    shared = ("common", "values", "binding", "compiled", "reading")
    for module in modules():
        if module.startswith("commands."):
            others = {
                name for name in imported(module)
                if name.startswith("pyholdfast.commands.")
                and name.removeprefix("pyholdfast.commands.") not in shared
            }  # fmt: skip
            assert others == set(), module


def test_modules_import_each_other_without_a_circle() -> None:
    """prepare() raises CycleError, with the circle in it."""
    graph: dict[str, set[str]] = {}
    for module in modules():
        names = {name.removeprefix("pyholdfast.") for name in imported(module)}
        graph[module] = {name for name in names if name in modules()}
    graphlib.TopologicalSorter(graph).prepare()


def test_the_rules_can_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An arrow upward, a version test and a system's header are noticed: the tests above can fail."""
    folder = tmp_path / "holdfast"
    for room in ("gate", "pools"):
        (folder / room).mkdir(parents=True)
    monkeypatch.setattr(sys.modules[__name__], "HEADERS", folder)
    low = "#include <holdfast/pools/high.hpp>\n#if PY_VERSION_HEX >= 1\n#elif defined(X) && PY_MINOR_VERSION\n"
    (folder / "gate" / "low.hpp").write_text(low)
    (folder / "pools" / "high.hpp").touch()

    assert included("gate/low.hpp") == {"pools/high.hpp"}
    assert upward("gate/low.hpp") == {"pools/high.hpp"}
    assert len(VERSION_TEST.findall(low)) == 2
    (folder / "gate" / "low.hpp").write_text("#include <cstdint>\n#  include <sys/mman.h>\n")
    assert beside_the_room("gate/low.hpp") == {"sys/mman.h"}
