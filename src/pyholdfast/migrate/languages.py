"""Decides whether a file is C or C++: by who compiles it, then by its text."""

from __future__ import annotations

import re
from pathlib import Path

from pyholdfast.check.tokens import read_source
from pyholdfast.migrate.include_graph import IncludeGraph
from pyholdfast.migrate.refusal import RefusedError

__all__ = ["HEADERS", "Languages"]

HEADERS = frozenset({".h", ".hpp", ".hh", ".hxx", ".h++"})
_ASKS = re.compile(r"\b__cplusplus\b(?!\s*[<>=])")
_OF_CPLUSPLUS = frozenset(
    {"class", "namespace", "template", "typename", "virtual", "nullptr", "noexcept", "constexpr",
     "public", "private", "protected", "operator", "static_cast", "reinterpret_cast", "using", "::"}
)  # fmt: skip


class Languages:
    """The language of each file."""

    def __init__(self, graph: IncludeGraph) -> None:
        """Ask the commands that compile a file, or a file that includes it."""
        self._graph = graph

    def is_cplusplus(self, file: str) -> bool:
        """Whether guards can be written there."""
        return self._languages(file) == {True}

    def refusal(self, file: str) -> RefusedError:
        """Why no guard can be written into a file."""
        if _asks(file):
            return RefusedError(
                "HF641",
                "holdfast's guards are C++, and this header is for C, too: it asks for __cplusplus",
            )
        if self._languages(file) == {True, False}:
            sources = [c.file.name for c in self._graph.compiled_by(file) if not c.cplusplus]
            return RefusedError(
                "HF641", f"holdfast's guards are C++, and '{sources[0]}' includes this file as C"
            )
        return RefusedError("HF641", "holdfast's guards are C++, and this is a C file")

    def _languages(self, file: str) -> set[bool]:
        if Path(file).suffix not in HEADERS:
            own = [c for c in self._graph.compiled_by(file) if str(c.file) == file]
            return {command.cplusplus for command in own or self._graph.compiled_by(file)}
        by_others = {c.cplusplus for c in self._graph.compiled_by(file) if str(c.file) != file}
        if by_others:
            return by_others | {False} if _asks(file) else by_others
        if Path(file).suffix != ".h":
            return {True}
        words = {token.text for token in read_source(file).tokens}
        return {bool(words & _OF_CPLUSPLUS)}


def _asks(file: str) -> bool:
    """Whether a header asks if it is compiled as C++: then C files may include it."""
    return Path(file).suffix == ".h" and any(
        token.kind == "directive" and _ASKS.search(token.text) for token in read_source(file).tokens
    )
