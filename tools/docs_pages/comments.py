r"""A declaration's comment as Markdown.

Understands the few marks that the headers use: ``\param``, ``\throws``, ``\return``, and lines
that begin with ``Owns:``, ``Threads:`` or ``Lock order:``. Imports nothing of this package.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["cell", "markdown"]

_MARK = re.compile(
    r"^\s*(?:\\(?P<tag>param|tparam|throws|return)\s+|(?P<label>Owns|Threads|Lock order):\s+)(?P<text>.*)$"
)


def markdown(lines: Sequence[str]) -> str:
    """The comment as paragraphs and one list; empty if there is none."""
    paragraphs: list[str] = []
    points: list[str] = []
    target: list[str] | None = None  # what a further line continues
    for line in lines:
        if not line.strip():
            target = None
        elif mark := _MARK.match(line):
            points.append(_point(mark))
            target = points
        elif target is paragraphs and _is_code(line) and _is_code(paragraphs[-1]):
            paragraphs[-1] += "\n" + line
        elif target is None:
            paragraphs.append(line)
            target = paragraphs
        else:
            target[-1] += " " + line.strip()
    blocks = [_block(text) for text in paragraphs]
    if points:
        blocks.append("\n".join(points))
    return "\n\n".join(blocks)


def cell(lines: Sequence[str]) -> str:
    """The comment as one cell of a table."""
    return _prose(" ".join(line.strip() for line in lines if line.strip())).replace("|", "\\|")


def _point(mark: re.Match[str]) -> str:
    text = mark["text"].strip()
    if mark["label"]:
        return f"- {mark['label']}: {_prose(text)}"
    if mark["tag"] == "return":
        return f"- Returns: {_prose(text)}"
    verb = "Throws" if mark["tag"] == "throws" else "Parameter"
    names, rest = _names_and_rest(text)
    subject = ", ".join(f"`{name}`" for name in names)
    return f"- {verb} {subject}: {_prose(rest)}" if rest else f"- {verb} {subject}"


def _names_and_rest(text: str) -> tuple[list[str], str]:
    """``a, b  when`` as its names and what is said of them."""
    names = re.match(r"[\w:]+(?:, (?=\w+_error\b)[\w:]+)*", text)
    if names is None:
        return [], text
    return [name.rstrip(":") for name in names[0].split(", ")], text[names.end() :].strip()


def _is_code(line: str) -> bool:
    """Whether a line stands apart from the prose: a comment's own space, and two or more."""
    return line.startswith("   ")


def _block(text: str) -> str:
    if _is_code(text):
        language = "cpp" if ";" in text else "text"
        return f"```{language}\n{textwrap.dedent(text).rstrip()}\n```"
    return _prose(text.strip())


def _prose(text: str) -> str:
    """Plain text with nothing that Markdown would take for markup; codes become links."""
    parts = text.split("`")
    for i in range(0, len(parts), 2):
        part = parts[i].replace("<", "&lt;").replace("*", "\\*").replace("[", "\\[")
        part = re.sub(r"(?<!\w)(_*\w*_\w*)", lambda found: found[1].replace("_", "\\_"), part)
        parts[i] = re.sub(
            r"\bHF\d{3}\b", lambda code: f"[{code[0]}](errors.md#{code[0].lower()})", part
        )
    return "`".join(parts)
