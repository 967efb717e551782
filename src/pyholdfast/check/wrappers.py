"""Finds functions and classes that wrap a change of the thread's state, by their text.

Control flow that macros hide, returns above all, is queried only in functions that may change the
state. This module finds these before clang-tidy starts. A false match only costs time.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pyholdfast.check.clang_tidy_queries import Vocabulary
from pyholdfast.check.outline import outline
from pyholdfast.check.tokens import read_source
from pyholdfast.check.vocabulary import STATE_CALLS
from pyholdfast.inputs import read_text

__all__ = ["with_wrappers"]

_CHANGES = re.compile(rf"\b(?:{'|'.join(STATE_CALLS)})\b|gil_scoped_|ALLOW_THREADS")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)
# Longer functions do more than wrap.
_LONGEST = 25


def with_wrappers(words: Vocabulary, files: Iterable[Path]) -> Vocabulary:
    """The names, plus those of functions and classes that wrap a state change."""
    functions: set[str] = set()
    classes: set[str] = set()
    seen: set[Path] = set()
    waiting = list(files)
    while waiting:
        file = Path(os.path.normpath(waiting.pop()))
        if file in seen:
            continue
        seen.add(file)
        text = _read(file)
        waiting += [
            near for name in _INCLUDE.findall(text) if (near := file.parent / name).is_file()
        ]
        if _CHANGES.search(text):
            _add_names(file, functions, classes)
    return replace(
        words, state_calls=(*words.state_calls, *sorted(functions)), wrapping=tuple(sorted(classes))
    )


def _add_names(file: Path, functions: set[str], classes: set[str]) -> None:
    source = read_source(str(file))
    lines = {token.line for token in source.tokens if _CHANGES.search(token.text)}
    for found in outline(source):
        if found.last_line - found.line > _LONGEST:
            continue
        if any(found.line <= line <= found.last_line for line in lines):
            owner, _, name = found.name.rpartition("::")
            if name == owner or name.startswith("~") or not owner:
                classes.add(owner or name)
            functions.add(name)


def _read(file: Path) -> str:
    try:
        return read_text(file, errors="replace")
    except OSError:
        return ""
