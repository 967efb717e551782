"""What the test sends to the host: cases, and the places of modules. Plain values, pickled once."""

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
        module: the module's name in the test.
        bound_module: the module's name in the header.
        function: the function's name in the module.
        signatures: for each signature in the header, its parameters in the order of C++.
        cases: pickled one by one, so that each call gets its own arguments.
        equal: the function that compares, pickled.
        path: ``sys.path`` of the test.
        files: file of each module that the test has imported, by name.
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
    """The files of all imported modules that are not part of Python."""
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        own = name.partition(".")[0] not in sys.stdlib_module_names
        if own and isinstance(file, str) and file.endswith(".py"):
            found[name] = file
    return found


class Finder(importlib.abc.MetaPathFinder):
    """Finds modules that a test runner imported by file, and that are not on ``sys.path``."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """Remember these files, by the name of the module."""
        self.files = files

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - part of the interface
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a module's file; a folder around such a module is a package."""
        if fullname in self.files:
            return importlib.util.spec_from_file_location(fullname, self.files[fullname])
        if any(name.startswith(f"{fullname}.") for name in self.files):
            return importlib.machinery.ModuleSpec(fullname, None, is_package=True)
        return None
