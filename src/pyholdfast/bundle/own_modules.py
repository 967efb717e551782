"""Copies the Python modules that belong to a host: those beside it that it uses, and those named."""

from __future__ import annotations

import ast
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from pyholdfast.bundle.standard_library import copy_file
from pyholdfast.codegen.companion_modules import modules_beside
from pyholdfast.errors import UsageError
from pyholdfast.inputs import open_regular, read_bytes, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["add_modules", "modules_used", "others_beside"]

STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"|R"\((.*?)\)"', re.DOTALL)
WORD = re.compile(r"[A-Za-z_]\w*")
# Bytes that no name of a file has; to ask for one is an error
LONGEST_NAME = 256
DOTTED = re.compile(r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)")
FROM = re.compile(r"\bfrom\s+([A-Za-z_]\w*)\s+import\s+\(?([\w, \t]+)")
SUFFIXES = (".py", ".so", ".pyd")


def modules_used(sources: Iterable[Path], named: Iterable[Path] = ()) -> list[Path]:
    """The modules and packages beside a host's sources that they name, and all that these import.

    A host names a module by including its header, or in a string: ``call("pricing", "total")``. A
    package without ``__init__.py`` is named together with a module in it: ``"shop.pricing"``.

    Args:
        sources: C and C++ files.
        named: further modules, which may import what is beside them.
    """
    used: dict[Path, None] = {}
    waiting = [_in_real_folder(path) for path in named]
    for source in sources:
        folder = _in_real_folder(source).parent
        beside = _beside(folder)
        text = " ".join(_strings(source))
        words = set(WORD.findall(text))
        without_init = _packages_without_init(folder, _pairs(text))
        words |= without_init.keys()
        for name, path in without_init.items():
            beside.setdefault(name, []).append(path)
        for name in modules_beside(source):
            top = Path(name).parts[0].split(".")[0]
            words.add(top)
            if len(Path(name).parts) > 1 and (folder / top).is_dir():
                beside[top] = [folder / top]  # a package, with __init__.py or without
        waiting += [path for name in sorted(words & beside.keys()) for path in beside[name]]
    while waiting:
        module = waiting.pop()
        if module in used:
            continue
        used[module] = None
        if module.exists():
            imported = list(_imported(module))
            beside = _beside(module.parent)
            waiting += [path for name, _ in imported for path in beside.get(name, [])]
            waiting += _packages_without_init(module.parent, imported).values()
    return sorted(used)


def others_beside(sources: Iterable[Path], used: Iterable[Path]) -> list[Path]:
    """The modules beside a host's sources that are not used, as far as that can be seen."""
    folders = {_in_real_folder(source).parent for source in sources}
    there = {path for folder in folders for paths in _beside(folder).values() for path in paths}
    return sorted(there - set(used))


def add_modules(modules: Sequence[Path], place: Path, standard: Path) -> None:
    """Copy modules and packages into a folder.

    Raises:
        UsageError: HF124 if one does not exist, is not a module, or has a name that is taken.
    """
    for module in modules:
        name = module.name.split(".")[0]
        if not module.exists():
            raise _refused(module, "there is no such file", "name a module or a package's folder")
        if module.is_file() and module.suffix not in SUFFIXES:
            raise _refused(
                module, "it is not a Python module", "name a .py, .so or .pyd file, or a folder"
            )
        if (standard / f"{name}.py").exists() or (standard / name).is_dir():
            raise _refused(
                module,
                f"'{name}' is a module of the standard library, which is found first",
                "give it another name",
            )
        if (place / module.name).exists():
            raise _refused(
                module, "a package of this name is in the bundle already", "give it another name"
            )
        if module.is_dir():
            _copy_package(module, place / module.name)
        else:
            copy_file(module, place / module.name)


def _copy_package(package: Path, place: Path) -> None:
    """Copy a folder; programs in it stay executable, and all users may read it."""
    try:
        shutil.copytree(
            package, place, ignore=shutil.ignore_patterns("__pycache__", ".*"),
            copy_function=_copy_readable,
        )  # fmt: skip
    except shutil.Error as error:
        file, _, reason = error.args[0][0]
        raise _refused(
            package, f"'{file}' cannot be read: {reason}", "remove it, or make it readable"
        ) from error
    for folder in (place, *place.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o755)


def _copy_readable(source: str, place: str) -> None:
    with open_regular(Path(source)):  # else a link that leads nowhere would be left out
        copy_file(Path(source), Path(place))


def _in_real_folder(path: Path) -> Path:
    """One path for each module, however it is named; a link keeps its name."""
    return Path(os.path.realpath(path.absolute().parent), path.absolute().name)


def _beside(folder: Path) -> dict[str, list[Path]]:
    """Modules and packages of a folder by name.

    A name may have several: a module that was compiled for some Pythons, and its source. Which one
    is imported is up to Python.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir() and (path / "__init__.py").is_file():
            found.setdefault(path.name, []).append(path)
        elif path.is_file() and path.suffix in SUFFIXES:
            found.setdefault(path.name.split(".")[0], []).append(path)
    return found


def _packages_without_init(folder: Path, named: Iterable[tuple[str, str]]) -> dict[str, Path]:
    """The folders in a folder that are packages because a module in them is named, by name.

    Args:
        folder: where they are.
        named: pairs of a package, and a name in it.
    """
    return {
        package: folder / package
        for package, name in named
        if len(f"{package}/{name}".encode()) < LONGEST_NAME
        and not (folder / package / "__init__.py").exists()
        and _has_module(folder / package, name)
    }


def _has_module(package: Path, name: str) -> bool:
    if not name or not package.is_dir():
        return False
    return (package / name).is_dir() or any(
        file.name.split(".")[0] == name and file.suffix in SUFFIXES for file in package.iterdir()
    )


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Packages, and names in them, in what a host's strings say."""
    yield from DOTTED.findall(text)
    for package, names in FROM.findall(text):
        yield from ((package, name) for name in WORD.findall(names))


def _strings(source: Path) -> Iterator[str]:
    for plain, raw in STRING.findall(read_text(source, errors="replace")):
        yield plain or raw


def _imported(module: Path) -> Iterator[tuple[str, str]]:
    """The first part of each name that a module or package imports, and the part after it, or ""."""
    for file in module.rglob("*.py") if module.is_dir() else [module]:
        try:
            tree = ast.parse(read_bytes(file))
        except (SyntaxError, ValueError, OSError):  # a binary, or syntax of another Python
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            for name in names:
                top, _, rest = name.partition(".")
                yield top, rest.partition(".")[0]


def _refused(module: Path, reason: str, remedy: str) -> UsageError:
    return UsageError("HF124", f"the module '{module}' cannot be bundled: {reason}", remedy)
