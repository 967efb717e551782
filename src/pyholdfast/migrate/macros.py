"""Macros of the program that stand for the calls of a pair, or for a guard."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyholdfast.check.tokens import read_source, tokenize

__all__ = ["Macros"]

_DEFINE = re.compile(r"#\s*define\s+(\w+)(\(([^)]*)\))?(.*)", re.DOTALL)
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class _Macro:
    """A definition: its parameters (None if it takes none) and its tokens."""

    parameters: tuple[str, ...] | None
    words: tuple[str, ...]


class Macros:
    """The macros that some files define."""

    def __init__(self, files: Iterable[str]) -> None:
        """Read the definitions."""
        self._known: dict[str, set[_Macro]] = {}
        for file in files:
            for token in read_source(file).tokens:
                found = _DEFINE.match(token.text) if token.kind == "directive" else None
                if found is None:
                    continue
                named = found[3].split(",") if found[2] is not None else None
                parameters = tuple(word.strip() for word in named) if named is not None else None
                body = found[4].replace("\\\n", " ")
                words = tuple(each.text for each in tokenize(body).tokens)
                self._known.setdefault(found[1], set()).add(_Macro(parameters, words))

    def expanded(self, words: Sequence[str]) -> list[str]:
        """The tokens of a statement with the macro at its beginning expanded, as often as needed.

        A macro with several definitions counts only if all but one are empty: then the others are
        for builds without threads.
        """
        made = list(words)
        for _ in range(_DEPTH):
            macro = self._only(made[0]) if made else None
            if macro is None:
                break
            if macro.parameters is None:
                made = [*macro.words, *made[1:]]
                continue
            given = _arguments(made[1:])
            if given is None or len(given[0]) != len(macro.parameters):
                break
            values = dict(zip(macro.parameters, given[0], strict=True))
            body = [part for word in macro.words for part in values.get(word, [word])]
            made = [*body, *made[1 + given[1] :]]
        return made

    def _only(self, name: str) -> _Macro | None:
        meant = [macro for macro in self._known.get(name, ()) if macro.words]
        return meant[0] if len(meant) == 1 else None


def _arguments(words: Sequence[str]) -> tuple[list[list[str]], int] | None:
    """The arguments of a call that the words begin with, and how many words it takes."""
    if not words or words[0] != "(":
        return None
    depth = 0
    found: list[list[str]] = [[]]
    for number, word in enumerate(words):
        depth += (word in {"(", "[", "{"}) - (word in {")", "]", "}"})
        if depth == 0:
            return found, number + 1
        if word == "," and depth == 1:
            found.append([])
        elif number > 0:
            found[-1].append(word)
    return None
