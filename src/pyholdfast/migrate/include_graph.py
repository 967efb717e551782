"""Which headers of the project each source includes, from their text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from pyholdfast.check.commands import CompileCommand
from pyholdfast.inputs import read_text

__all__ = ["IncludeGraph"]

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)
_OF_SYSTEM = ("/usr/", "/opt/", "/Library/")


class IncludeGraph:
    """The headers that sources include, directly or not; none of the system's.

    Conditional compilation is not evaluated: every ``#include`` of the text counts.
    """

    def __init__(self, commands: Iterable[CompileCommand]) -> None:
        """Follow the includes of each command's file."""
        self._includers: dict[str, list[CompileCommand]] = {}
        self._direct: dict[str, Sequence[tuple[int, str, str]]] = {}
        for command in commands:
            for file in self._reached(command):
                self._includers.setdefault(file, []).append(command)

    @property
    def files(self) -> list[str]:
        """All files, sources included, in the order of their paths."""
        return sorted(self._includers)

    def compiled_by(self, file: str) -> Sequence[CompileCommand]:
        """The commands that compile a file, as a source or as part of one."""
        return self._includers.get(file, ())

    def line_that_includes(self, file: str, header: str) -> int | None:
        """The line of a file's first include that leads to a header, given its last name."""
        for line, name, path in self._direct.get(file, ()):
            if name == header or (path and self._leads_to(path, header, set())):
                return line
        return None

    def _leads_to(self, file: str, header: str, seen: set[str]) -> bool:
        seen.add(file)
        return any(
            name == header or (path and path not in seen and self._leads_to(path, header, seen))
            for _, name, path in self._direct.get(file, ())
        )

    def _reached(self, command: CompileCommand) -> set[str]:
        folders = tuple(_folders(command))
        found: set[str] = set()
        waiting = [str(command.file)]
        while waiting:
            file = os.path.normpath(waiting.pop())
            if file in found:
                continue
            found.add(file)
            direct = _resolved(file, folders)
            waiting += [path for _, _, path in direct if path]
            if any(path for _, _, path in direct) or file not in self._direct:
                self._direct[file] = direct
        return found


@cache
def _resolved(file: str, folders: tuple[Path, ...]) -> Sequence[tuple[int, str, str]]:
    """Line, name and path of each include; the path is empty if it is not of the project."""
    found = []
    for line, quoted, name in _includes(file):
        near = [Path(file).parent] if quoted else []
        found.append((line, name, _first(name, [*near, *folders])))
    return found


def _folders(command: CompileCommand) -> Iterator[Path]:
    for option in command.options:
        if option.startswith("-I") and len(option) > len("-I"):
            yield command.folder / option[len("-I") :]


def _first(name: str, folders: Sequence[Path]) -> str:
    for folder in folders:
        path = os.path.normpath(folder / name)
        if not path.startswith(_OF_SYSTEM) and Path(path).is_file():
            return path
    return ""


@cache
def _includes(file: str) -> tuple[tuple[int, bool, str], ...]:
    try:
        text = read_text(Path(file), errors="replace")
    except OSError:
        return ()
    return tuple(
        (text.count("\n", 0, found.start(1)) + 1, found[1] == '"', found[2])
        for found in _INCLUDE.finditer(text)
    )
