"""Comments that answer for a line: ``// holdfast: ignore[HF601] runs under the loader's lock``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyholdfast.check.diagnostics import Place
from pyholdfast.check.tokens import read_source

__all__ = ["Comment", "comment_at"]

_COMMENT = re.compile(r"holdfast:\s*ignore\[([^\]]*)\]\s*(.*?)\s*(?:\*/)?\s*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Comment:
    """One of them.

    Attributes:
        place: where.
        codes: what it accepts.
        reason: why; empty if it does not say.
    """

    place: Place
    codes: frozenset[str]
    reason: str


def comment_at(place: Place) -> Comment | None:
    """The comment for a line: on it, or on the line above."""
    for comment in read_source(place.file).comments:
        last = comment.line + comment.text.count("\n")
        if place.line - last not in {0, 1}:
            continue
        match = _COMMENT.search(comment.text)
        if match:
            codes = frozenset(re.split(r"[,\s]+", match.group(1)))
            return Comment(Place(place.file, comment.line, comment.column), codes, match.group(2))
    return None
