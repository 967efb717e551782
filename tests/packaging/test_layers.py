"""Arrows only downward: includes and imports, compared with the table in layers.toml."""

from __future__ import annotations

import ast
import graphlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "pyholdfast"
HEADERS = PACKAGE / "include" / "holdfast"
TABLE: dict[str, dict[str, int]] = tomllib.loads(
    Path(__file__).with_name("layers.toml").read_text(encoding="utf-8")
)
HEADER_ORDER = list(TABLE["headers"])
MODULE_ORDER = list(TABLE["modules"])
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)
VERSION_TEST = re.compile(r"^\s*#\s*(?:el)?if.*\bPY_\w*(?:VERSION|HEX)", re.MULTILINE)
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


def header_of(body: str) -> str:
    """The header whose bodies a file has."""
    return body.removesuffix(".ipp") + ".hpp"


def included(header: str) -> set[str]:
    """Headers of ours that a header includes, relative to include/holdfast."""
    folder = (HEADERS / header).parent
    names = INCLUDE.findall((HEADERS / header).read_text(encoding="utf-8"))
    ours = [(folder / name).resolve() for name in names]
    ours += [(HEADERS.parent / name).resolve() for name in names]
    return {str(path.relative_to(HEADERS)) for path in ours if path.is_relative_to(HEADERS)
            and path.is_file()}  # fmt: skip


def modules() -> list[str]:
    """All modules of the package, dotted, without `holdfast.`."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] not in GENERATED:
            found.append(".".join(parts))
    return sorted(found)


def imported(module: str) -> set[str]:
    """Modules that `module` imports when it runs; what only a type checker sees is left out."""
    path = PACKAGE / (module.replace(".", "/") + ".py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    skipped = [node for block in ast.walk(tree) if _is_type_checking(block)
               for node in ast.walk(block)]  # fmt: skip
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
    if not name.startswith("holdfast."):
        return False
    path = PACKAGE.joinpath(*name.split(".")[1:])
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def row_of(module: str) -> str:
    """The row of the table that a module belongs to: its own, or that of a folder around it."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        for row in (name, f"{name}.__init__"):
            if row in TABLE["modules"]:
                return row
    pytest.fail(f"{module} has no row in layers.toml")


@pytest.mark.parametrize("header", headers())
def test_a_header_includes_only_what_stands_above_it(header: str) -> None:
    """An arrow upward, or a header without a row, fails here."""
    assert header in HEADER_ORDER, f"{header} has no row in layers.toml"
    above = set(HEADER_ORDER[: HEADER_ORDER.index(header)])
    body = header.removesuffix(".hpp") + ".ipp"

    assert included(header) - {body} <= above


@pytest.mark.parametrize("body", bodies())
def test_a_body_includes_only_what_its_header_may(body: str) -> None:
    """It shares its header's row."""
    header = header_of(body)
    above = set(HEADER_ORDER[: HEADER_ORDER.index(header)])

    assert included(body) <= {header, *above}
    assert body in included(header)
    assert f"// Layer {TABLE['headers'][header]:02}." in (HEADERS / body).read_text("utf-8")


def test_every_body_is_compiled() -> None:
    """The one source file of builds that define HOLDFAST_COMPILED has them all, and nothing else."""
    assert included("compiled.cpp") == {"python.hpp", *bodies()}


@pytest.mark.parametrize("header", headers())
def test_a_header_says_its_layer(header: str) -> None:
    """The comment at its top and the table agree, so a reader need not look for the table."""
    said = re.search(r"^// Layer (\d\d)\.", (HEADERS / header).read_text("utf-8"), re.MULTILINE)

    assert said, "no line '// Layer NN.'"
    assert int(said.group(1)) == TABLE["headers"][header]


def test_the_table_is_in_order_and_up_to_date() -> None:
    """Numbers only rise, and no row speaks of a file that is gone."""
    for part in ("headers", "modules"):
        assert list(TABLE[part].values()) == sorted(TABLE[part].values())
    assert set(HEADER_ORDER) <= set(headers())
    for row in MODULE_ORDER:
        assert (PACKAGE / row.replace(".", "/")).is_dir() or row in modules(), row


@pytest.mark.parametrize("header", [*headers(), *bodies()])
def test_only_one_header_knows_pythons_own(header: str) -> None:
    """<Python.h> and tests of its version stand in python.hpp; all others ask a HOLDFAST_HAS_."""
    text = (HEADERS / header).read_text(encoding="utf-8")
    if header != "python.hpp":
        assert "Python.h" not in INCLUDE.findall(text)
        assert VERSION_TEST.findall(text) == []


@pytest.mark.parametrize("header", headers())
def test_a_header_that_uses_python_includes_it_first(header: str) -> None:
    """CPython asks for it: its header sets macros that the C library's headers look at."""
    names = INCLUDE.findall((HEADERS / header).read_text(encoding="utf-8"))
    if TABLE["headers"].get(header, 0) > TABLE["headers"]["python.hpp"] and names:
        ours_only = all(name.startswith("holdfast/") or "/" not in name for name in names)
        assert names[0].endswith("python.hpp") or (
            header == "holdfast.hpp" and ours_only
        ) or "python.hpp" not in " ".join(names)  # fmt: skip


@pytest.mark.parametrize("header", [*headers(), *bodies()])
def test_the_core_stays_light(header: str) -> None:
    """A host that only attaches does not pay for <future> and its like."""
    layer = TABLE["headers"].get(header_of(header) if header.endswith(".ipp") else header, 0)
    names = set(INCLUDE.findall((HEADERS / header).read_text(encoding="utf-8")))

    assert {name for name, first in TABLE["heavy"].items() if layer < first} & names == set()


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_what_stands_above_it(module: str) -> None:
    """Within a folder that has one row, modules may import each other."""
    row = row_of(module)
    position = MODULE_ORDER.index(row)
    for name in imported(module):
        if name.startswith("holdfast."):
            target = row_of(name.removeprefix("holdfast."))
            assert target == row or MODULE_ORDER.index(target) < position, name


@pytest.mark.parametrize("module", modules())
def test_a_module_needs_nothing_but_the_standard_library(module: str) -> None:
    """The package has no dependencies, and is run by every Python from 3.10 on."""
    roots = {name.split(".")[0] for name in imported(module)}
    ours = {"holdfast", "pytest"} if module == PLUGIN else {"holdfast"}

    assert roots - ours <= sys.stdlib_module_names


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("commands.")])
def test_a_command_imports_no_other_command(module: str) -> None:
    """What two of them need lies in commands.common, .values, .binding and .reading."""
    others = {
        name for name in imported(module)
        if name.startswith("pyholdfast.commands.")
        and name.removeprefix("pyholdfast.commands.") not in ("common", "values", "binding", "reading")
    }  # fmt: skip

    assert others == set()


def test_modules_import_each_other_without_a_circle() -> None:
    """prepare() raises CycleError, with the circle in it."""
    graph: dict[str, set[str]] = {}
    for module in modules():
        names = {name.removeprefix("holdfast.") for name in imported(module)}
        graph[module] = {name for name in names if name in modules()}
    graphlib.TopologicalSorter(graph).prepare()


def test_the_rules_can_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An arrow upward and a version test are seen, so the tests above are no decoration."""
    monkeypatch.setattr(sys.modules[__name__], "HEADERS", tmp_path)
    low = '#include "high.hpp"\n#if PY_VERSION_HEX >= 1\n#elif defined(X) && PY_MINOR_VERSION\n'
    (tmp_path / "low.hpp").write_text(low)
    (tmp_path / "high.hpp").touch()
    table: Any = {"low.hpp": 1, "high.hpp": 2}

    assert included("low.hpp") == {"high.hpp"}
    assert not included("low.hpp") <= set(list(table)[:0])
    assert len(VERSION_TEST.findall(low)) == 2
