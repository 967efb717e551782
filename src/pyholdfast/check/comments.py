"""Comments that accept a finding: ``// holdfast: ignore[HF601] runs under the loader's lock``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.tokens import read_source

__all__ = ["Comment", "comment_at"]

_COMMENT = re.compile(r"holdfast:\s*ignore\[([^\]]*)\]\s*(.*?)\s*(?:\*/)?\s*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that accepts findings.

    Attributes:
        place: where it is.
        codes: the codes that it accepts.
        reason: why; empty if missing.
    """

    place: Place
    codes: frozenset[str]
    reason: str


def comment_at(place: Place) -> Comment | None:
    """The comment for a line: on that line, or on the line above."""
    for comment in read_source(place.file).comments:
        last = comment.line + comment.text.count("\n")
        if place.line - last not in {0, 1}:
            continue
        match = _COMMENT.search(comment.text)
        if match:
            codes = frozenset(re.split(r"[,\s]+", match.group(1)))
            return Comment(Place(place.file, comment.line, comment.column), codes, match.group(2))
    return None
