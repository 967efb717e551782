"""What crosses from the test to the host: cases, and where modules are. Plain values, pickled once."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

__all__ = ["Finder", "Plan", "module_files"]


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of a host.

    Attributes:
        module: where the function is, as the test imported it.
        bound_module: the same, as the header names it.
        function: its name there.
        signatures: the parameters in the order of C++, for each signature that the header has.
        cases: pickled one by one; each call gets arguments of its own.
        equal: the function that compares, pickled.
        path: ``sys.path`` of the test.
        files: of the modules that the test has imported, by name.
    """

    module: str
    bound_module: str
    function: str
    signatures: tuple[tuple[str, ...], ...]
    cases: tuple[bytes, ...]
    equal: bytes
    path: tuple[str, ...]
    files: Mapping[str, str]


def module_files() -> dict[str, str]:
    """The files of the modules that are imported now, but for those of Python itself."""
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        own = name.partition(".")[0] not in sys.stdlib_module_names
        if own and isinstance(file, str) and file.endswith(".py"):
            found[name] = file
    return found


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules that a test runner imported by their file, and no path leads to."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """Know these files, by the name of the module."""
        self.files = files

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - part of the interface
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """The module in its file; a folder around such a module is a package."""
        if fullname in self.files:
            return importlib.util.spec_from_file_location(fullname, self.files[fullname])
        if any(name.startswith(f"{fullname}.") for name in self.files):
            return importlib.machinery.ModuleSpec(fullname, None, is_package=True)
        return None
