"""Inserts lines that a file needs at its top."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyholdfast.migrate.draft import Draft
from pyholdfast.migrate.include_graph import IncludeGraph

__all__ = ["add_include"]

_INCLUDE = re.compile(r'#\s*include\s*[<"]([^>"]+)[>"]')
_NAMED = re.compile(r"[<\"]([^>\"]+)[>\"]")
_GUARDS = frozenset(
    {"holdfast/holdfast.hpp", "holdfast/thread_state.hpp", "holdfast/PyThreadStateLock.h"}
)


def _includes(draft: Draft) -> list[tuple[int, int, str]]:
    """Line, #if depth, and name of each include."""
    found = []
    depth = 0
    for token in draft.source.tokens:
        if token.kind != "directive":
            continue
        word = token.text[1:].lstrip()
        if word.startswith("if"):
            depth += 1
        elif word.startswith("endif"):
            depth -= 1
        elif match := _INCLUDE.match(token.text):
            found.append((token.line, depth, match.group(1)))
    return found


def add_include(draft: Draft, graph: IncludeGraph, lines: Sequence[str]) -> None:
    """Include headers after Python's own, or after the one that leads to it, if they are missing."""
    found = _includes(draft)
    there = {name for _, _, name in found}
    missing = [line for line in lines if not _is_there(line, there)]
    if not missing:
        return
    text = "".join(f"{line}\n" for line in missing)
    after = graph.line_that_includes(draft.path, "Python.h")
    if after is not None:
        draft.insert_line(after + 1, text)
    else:
        draft.insert_line(found[0][0] if found else _first_line(draft), f"{text}\n")


def _is_there(line: str, there: set[str]) -> bool:
    named = _NAMED.search(line)
    name = named.group(1) if named else ""
    return name in there or (name in _GUARDS and bool(there & _GUARDS))


def _first_line(draft: Draft) -> int:
    """The first line behind an include guard; 1 without one."""
    lines = [t.line for t in draft.source.tokens[:2] if t.kind == "directive"]
    guard = [t.text.split()[0] for t in draft.source.tokens[:2] if t.kind == "directive"]
    if guard[:1] == ["#pragma"]:
        return lines[0] + 1
    if guard == ["#ifndef", "#define"]:
        return lines[1] + 1
    return 1
