"""Makes the reference page of the C interface from its header.

The header has sections (``/* ---- Title ---- */``); in each, a comment stands above what it is about.
Imports nothing of this package but `comments`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docs_pages.comments import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["c_page"]

_SECTION = re.compile(r"^/\* ---- (.*?) -+ \*/$", re.MULTILINE)
_PART = re.compile(r"^/\*(?P<comment>.*?)\*/\n(?P<code>(?:(?!/\*)[^\n]+\n|\n(?=\S)(?!/\*|#))*)",
                   re.MULTILINE | re.DOTALL)  # fmt: skip
_LABEL = re.compile(r"^(Owns|Threads|Errors?|Returns|limit_ms): +", re.MULTILINE)
_LEFT_OUT = "Sizes that programs and the library must agree on"

_INTRODUCTION = """\
# C interface

`#include <holdfast/holdfast.h>` and the library `holdfast`: see [From C](../how-to/from-c.md). Made from the header."""


def c_page(header: Path) -> str:
    """Make the page's text."""
    source = header.read_text(encoding="utf-8")
    parts = [_INTRODUCTION, _rules(source)]
    titles = list(_SECTION.finditer(source))
    if _LEFT_OUT not in {title[1] for title in titles}:
        message = f"{header.name} has no section '{_LEFT_OUT}' to leave out"
        raise ValueError(message)
    for title, following in zip(titles, [*titles[1:], None], strict=True):
        if title[1] == _LEFT_OUT:
            continue
        parts.append(f"## {title[1]}")
        parts += _described(source[title.end() : following.start() if following else len(source)])
    return "\n\n".join(parts) + "\n"


def _rules(source: str) -> str:
    """The rules for every function, from the comment at the top."""
    text = source[source.index("* Rules for every function") : source.index("*/")]
    lines = [line.strip().removeprefix("*").rstrip() for line in text.splitlines()[2:]]
    points = re.split(r"\n(?= [A-Z]\w+: )", "\n".join(line for line in lines if line))
    items = [re.sub(r"^(\w+):", r"- **\1**:", " ".join(point.split())) for point in points]
    return "## Rules for every function\n\n" + _linked("\n".join(items))


def _described(section: str) -> Iterator[str]:
    for part in _PART.finditer(section):
        is_macro = part["code"].startswith("#")
        if is_macro and not part["comment"].lstrip().startswith("HF_"):
            continue  # it says what the header itself does
        code = "\n".join(line for line in part["code"].splitlines() if not line.startswith("#"))
        shown = re.sub(r"HF_(?:API|CALL)\s+", "", code).strip("\n")
        blocks = [] if is_macro or not shown else shown.split("\n\n")
        blocks = [f"```c\n{block}\n```" for block in blocks]
        yield from blocks[:1]  # which the comment is about
        yield _prose(part["comment"])
        yield from blocks[1:]


def _prose(comment: str) -> str:
    """A comment as Markdown: its paragraphs, its code, and its labels as a list."""
    lines = [re.sub(r"^ ?\*", "", line.strip()) for line in comment.splitlines()]
    text = _LABEL.sub(r"- \1: ", "\n".join(line.removeprefix(" ") for line in lines))
    return markdown([f" {line.rstrip()}" if line.strip() else "" for line in text.splitlines()])


def _linked(text: str) -> str:
    return re.sub(
        r"\b(HF\d{3})\b", lambda found: f"[{found[1]}](errors.md#{found[1].lower()})", text
    )
