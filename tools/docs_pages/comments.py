r"""Converts a declaration's comment to Markdown.

Understands the marks that the headers use: ``\param``, ``\throws``, ``\return``, lines that begin
with ``Owns:``, ``Threads:`` or ``Lock order:``, and list items that begin with ``- ``. A
``\throws`` may also end a line of text. Imports nothing of this package.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["cell", "markdown"]

_MARK = re.compile(
    r"^\s*(?:\\(?P<tag>param|tparam|throws|return)\s+|(?P<label>Owns|Threads|Lock order):\s+)(?P<text>.*)$"
)


# The order of points, whatever that of the comment.
_RANKS = {"tparam": 1, "param": 1, "return": 2, "throws": 3}
_ITEM = re.compile(r"^\s{0,2}- \S")
_NAME = re.compile(r"\w+:?")
_EXCEPTION = r"(?:std::\w+|(?:\w+::)*(?:\w+_)?error\b)"
_EXCEPTIONS = re.compile(rf"{_EXCEPTION}(?:, {_EXCEPTION})*:?")


@dataclass(slots=True)
class _Block:
    """A part of a comment.

    Attributes:
        kind: ``text``, ``code``, ``item`` or ``point``.
        text: without its mark.
        mark: of a point.
    """

    kind: str
    text: str
    mark: re.Match[str] | None = None

    @property
    def rank(self) -> int:
        """Its place among the points: labels, parameters, result, exceptions."""
        return _RANKS.get(self.mark["tag"] or "", 0) if self.mark else 0

    def is_hidden(self, signature: str | None) -> bool:
        """Whether it describes a parameter that the signature does not have."""
        if signature is None or self.mark is None or self.mark["tag"] != "param":
            return False
        name = self.text.split(maxsplit=1)[0].rstrip(":")
        return re.search(rf"\b{re.escape(name)}\b", signature) is None


def markdown(lines: Sequence[str], signature: str | None = None) -> str:
    r"""The comment as paragraphs and one list; empty if there is none.

    Args:
        lines: the comment.
        signature: if given, a ``\param`` that it does not have is left out.
    """
    blocks: list[_Block] = []
    kind: str | None = None  # of the block that the next line may continue
    for line in _lines(lines):
        mark = _MARK.match(line)
        if not line.strip():
            # Code continues after an empty line; any other block ends there.
            if kind == "code":
                blocks[-1].text += "\n"
            else:
                kind = None
        elif mark:
            kind = "point"
            blocks.append(_Block(kind, mark["text"].strip(), mark))
        elif _ITEM.match(line):
            kind = "item"
            blocks.append(_Block(kind, line.strip().removeprefix("- ")))
        elif _is_code(line) and kind in (None, "code"):
            if kind is None:
                blocks.append(_Block("code", line))
            else:
                blocks[-1].text += "\n" + line
            kind = "code"
        elif kind in (None, "code"):
            kind = "text"
            blocks.append(_Block(kind, line.strip()))
        else:
            blocks[-1].text += " " + line.strip()
    return _joined([block for block in blocks if not block.is_hidden(signature)])


def cell(lines: Sequence[str]) -> str:
    """The comment as one cell of a table."""
    return _prose(" ".join(line.strip() for line in lines if line.strip())).replace("|", "\\|")


def _lines(lines: Sequence[str]) -> Iterator[str]:
    r"""The lines; a ``\throws`` at the end of a line gets a line of its own."""
    for line in lines:
        before, mark, after = line.partition(" \\throws ")
        if mark and before.strip() and not _is_code(line):
            yield before
            yield f"\\throws {after}"
        else:
            yield line


def _joined(blocks: Sequence[_Block]) -> str:
    """Paragraphs in order, neighbouring items as one list, and the points by rank at the end."""
    parts: list[str] = []
    previous = ""
    for block in blocks:
        if block.kind == "point":
            continue
        shown = _shown(block)
        if block.kind == previous == "item":
            parts[-1] += "\n" + shown
        else:
            parts.append(shown)
        previous = block.kind
    if points := [block for block in blocks if block.kind == "point"]:
        parts.append("\n".join(map(_shown, sorted(points, key=lambda point: point.rank))))
    return "\n\n".join(parts)


def _shown(block: _Block) -> str:
    if block.kind == "code":
        language = "cpp" if ";" in block.text else "text"
        return f"```{language}\n{textwrap.dedent(block.text).rstrip()}\n```"
    if block.kind == "item":
        return f"- {_prose(block.text)}"
    return _point(block.mark, block.text) if block.mark else _prose(block.text)


def _point(mark: re.Match[str], text: str) -> str:
    if mark["label"]:
        return f"- {mark['label']}: {_prose(text)}"
    if mark["tag"] == "return":
        return f"- Returns: {_prose(text)}"
    verb = "Throws" if mark["tag"] == "throws" else "Parameter"
    pattern = _EXCEPTIONS if mark["tag"] == "throws" else _NAME
    names, rest = _names_and_rest(pattern, text)
    if not names:
        return f"- {verb} {_prose(rest)}"
    subject = ", ".join(f"`{name}`" for name in names)
    if not rest:
        return f"- {verb} {subject}"
    colon = "" if rest[0] in ",;" else ": "
    return f"- {verb} {subject}{colon}{_prose(rest)}"


def _names_and_rest(pattern: re.Pattern[str], text: str) -> tuple[list[str], str]:
    """Split ``a, b  when`` into the names and the text about them."""
    names = pattern.match(text)
    if names is None:
        return [], text
    return names[0].rstrip(":").split(", "), text[names.end() :].strip()


def _is_code(line: str) -> bool:
    """Whether a line is code: it is indented by two or more spaces after the comment's own one."""
    return line.startswith("   ")


def _prose(text: str) -> str:
    """Plain text with Markdown's special characters escaped; codes become links."""
    parts = text.split("`")
    for i in range(0, len(parts), 2):
        part = parts[i].replace("<", "&lt;").replace("*", "\\*").replace("[", "\\[")
        part = re.sub(r"(?<!\w)(_*\w*_\w*)", lambda found: found[1].replace("_", "\\_"), part)
        parts[i] = re.sub(
            r"\bHF\d{3}\b", lambda code: f"[{code[0]}](errors.md#{code[0].lower()})", part
        )
    return "`".join(parts)
