"""The classes of a program, from its text: where they stand, and which derives from which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.tokens import Source, read_source

__all__ = ["ClassIndex", "ClassText"]

_NOT_BASES = frozenset({"public", "protected", "private", "virtual", "std", "boost"})
_WORDS_AFTER_NAME = frozenset({"final"})


@dataclass(frozen=True, slots=True)
class ClassText:
    """The definition of a class.

    Attributes:
        name: without namespaces.
        file: the file.
        start: the token ``class`` or ``struct``.
        opening: its ``{``.
        stop: one after its ``}``.
        bases: names of the classes that it derives from, without namespaces.
    """

    name: str
    file: str
    start: int
    opening: int
    stop: int
    bases: frozenset[str]

    @property
    def source(self) -> Source:
        """The tokens of its file."""
        return read_source(self.file)


class ClassIndex:
    """The classes that some files define."""

    def __init__(self, files: Iterable[str]) -> None:
        """Read the files."""
        self._in_file = {file: list(_classes(file)) for file in files}

    @property
    def files(self) -> list[str]:
        """The files, in the order of their paths."""
        return sorted(self._in_file)

    def all(self) -> Iterator[ClassText]:
        """All classes, by file and by their place in it."""
        for file in sorted(self._in_file):
            yield from self._in_file[file]

    def named(self, name: str) -> list[ClassText]:
        """The classes with a name."""
        return [found for found in self.all() if found.name == name]

    def owner_at(self, place: Place) -> str:
        """The class whose definition contains a place; empty outside of all classes."""
        number = read_source(place.file).at(place.line, place.column)
        around = [found for found in self._in_file.get(place.file, ())
                  if number is not None and found.opening < number < found.stop]  # fmt: skip
        return around[-1].name if around else ""

    def derived_from(self, name: str) -> set[str]:
        """The classes that derive from a class, directly or not."""
        found: set[str] = set()
        waiting = {name}
        while waiting:
            base = waiting.pop()
            more = {each.name for each in self.all() if base in each.bases} - found
            found |= more
            waiting |= more
        return found


def _classes(file: str) -> Iterator[ClassText]:
    source = read_source(file)
    tokens = source.tokens
    for start in range(len(tokens) - 2):
        if tokens[start].text not in {"class", "struct"} or tokens[start].kind != "word":
            continue
        opening, name, colon = start + 1, "", 0
        while opening < len(tokens) and tokens[opening].text not in {"{", ";", ")", ">", "="}:
            token = tokens[opening]
            if token.text in {"(", "["}:
                opening = source.closing(opening)
            elif token.text == ":" and not colon:
                colon = opening
            elif token.text == "<" and colon:  # the arguments of a base
                opening = _after_arguments(source, opening)
            elif token.kind == "word" and not colon and token.text not in _WORDS_AFTER_NAME:
                name = token.text
            opening += 1
        if opening >= len(tokens) or tokens[opening].text != "{" or not name:
            continue
        bases = frozenset(
            tokens[at].text for at in range(colon + 1, opening)
            if colon and tokens[at].kind == "word" and tokens[at].text not in _NOT_BASES
        )  # fmt: skip
        yield ClassText(name, file, start, opening, source.closing(opening) + 1, bases)


def _after_arguments(source: Source, opening: int) -> int:
    depth = 0
    for position in range(opening, len(source.tokens)):
        text = source.tokens[position].text
        depth += text.count("<") if text in {"<", "<<"} else 0
        depth -= text.count(">") if text in {">", ">>"} else 0
        if depth <= 0 or text in {"{", ";"}:
            return position
    return len(source.tokens) - 1
