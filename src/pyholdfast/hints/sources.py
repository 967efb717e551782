"""The files of a package, found and parsed when a hint first needs them.

Nothing is imported or run.
"""

from __future__ import annotations

import ast
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

from pyholdfast.errors import HoldfastError, UsageError
from pyholdfast.inputs import read_bytes

__all__ = ["Source", "Sources", "module_of"]


@dataclass(slots=True, eq=False)
class Source:
    """A parsed module.

    Attributes:
        name: dotted, as in ``import``.
        text: its bytes, in the encoding that it declares.
    """

    name: str
    path: Path
    text: bytes
    tree: ast.Module = field(repr=False)

    @property
    def package(self) -> str:
        """The package that its relative imports refer to."""
        return self.name if self.path.stem == "__init__" else self.name.rpartition(".")[0]


def module_of(path: Path, root: Path | None = None) -> tuple[str, Path]:
    """The dotted name of a module, and the folder that must be on ``sys.path``.

    Args:
        path: the module's file.
        root: that folder; by default, the first one upwards without an ``__init__.py``. A package
            without that file cannot be distinguished from a plain folder.

    Raises:
        HoldfastError: HF505 if a part of the name is not an identifier.
    """
    path = path.absolute()
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while folder not in (root, folder.parent):
        if root is None and not (folder / "__init__.py").is_file():
            break
        parts.insert(0, folder.name)
        folder = folder.parent
    if root is not None and folder != root:
        raise UsageError(
            "HF505", f"'{path}' is not in '{root}'", "name a folder that contains it as --root"
        )
    wrong = next((part for part in parts if not part.isidentifier()), None)
    if wrong is not None or not parts:
        raise HoldfastError(
            "HF505",
            f"'{path.name}' cannot be imported: '{wrong or path.name}' is not a valid name in Python",
            "rename it, e.g. with _ instead of -",
        )
    return ".".join(parts), folder


class Sources:
    """The modules below one folder of ``sys.path``."""

    def __init__(self, root: Path) -> None:
        """Remember the root; read nothing yet."""
        self.root = root
        self._known: dict[str, Source | None] = {}

    def open(self, name: str, path: Path) -> Source:
        """The module in a file.

        Raises:
            HoldfastError: HF501 if it cannot be read, HF502 if it is not valid Python.
        """
        source = self._known.get(name)
        if source is None:
            source = self._known[name] = _parse(name, path)
        return source

    def find(self, name: str) -> Source | None:
        """The module of that name below the root, or None.

        Names of the standard library's modules are never found here, whatever is in the folder.

        Raises:
            HoldfastError: as `open`.
        """
        if name not in self._known:
            file = self._file_of(name)
            self._known[name] = _parse(name, file) if file is not None else None
        return self._known[name]

    def places(self) -> dict[str, Path]:
        """The file of each module that was read, in order."""
        return {source.name: source.path for source in self._known.values() if source is not None}

    def _file_of(self, name: str) -> Path | None:
        if not name or name.partition(".")[0] in sys.stdlib_module_names:
            return None
        place = self.root.joinpath(*name.split("."))
        candidates = (
            place / "__init__.py",
            place.with_name(f"{place.name}.py"),
            place / "__init__.pyi",
            place.with_name(f"{place.name}.pyi"),
        )
        return next((file for file in candidates if file.is_file()), None)


def _parse(name: str, path: Path) -> Source:
    try:
        text = read_bytes(path)
    except OSError as error:
        raise UsageError(
            "HF501",
            f"cannot read '{path}': {error.strerror or error}",
            "name a Python file that exists and may be read",
        ) from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the parser's warnings are not about hints
            tree = ast.parse(text, str(path))
    except SyntaxError as error:
        at = f"{path}:{error.lineno or 1}"
        raise HoldfastError("HF502", f"{at}: {error.msg}", _remedy()) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise HoldfastError("HF502", f"{path}:1: {error}", _remedy()) from error
    return Source(name, path, text, tree)


def _remedy() -> str:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return (
        "repair the line, or name the Python that it is written for with --python: it was read"
        f" by Python {version}"
    )
