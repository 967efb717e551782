"""Inserts lines that a file needs at its top."""

from __future__ import annotations

import re

from pyholdfast.migrate.draft import Draft

__all__ = ["add_helper", "add_include"]

_INCLUDE = re.compile(r'#\s*include\s*[<"]([^>"]+)[>"]')
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


def add_include(draft: Draft, line: str) -> None:
    """Include a header after Python's own, unless it is already included."""
    found = _includes(draft)
    if any(name in _GUARDS for _, _, name in found):
        return
    python = [number for number, _, name in found if name == "Python.h"]
    if python:
        draft.insert_line(python[0] + 1, f"{line}\n")
    else:
        draft.insert_line(found[0][0] if found else 1, f"{line}\n\n")


def add_helper(draft: Draft, text: str) -> None:
    """Insert a function after the includes."""
    found = _includes(draft)
    outermost = min((depth for _, depth, _ in found), default=0)
    last = max((number for number, depth, _ in found if depth == outermost), default=0)
    draft.insert_line(last + 1, f"\n{text}")
