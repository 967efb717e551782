"""One file's text, and the edits to make in it.

Edits refer to tokens; lines that become empty are removed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from pyholdfast.check.tokens import Source, read_source
from pyholdfast.inputs import read_bytes
from pyholdfast.outputs import put_output

__all__ = ["Draft", "diff_of_new", "write_all", "write_new"]

UNIT = "    "


@dataclass(slots=True)
class Draft:
    """Edits of one file, applied together.

    Attributes:
        path: the file's path.
        text: the text before the edits.
        source: its tokens.
    """

    path: str
    text: str
    source: Source
    _edits: list[tuple[int, int, str]] = field(default_factory=list)
    _deeper: set[int] = field(default_factory=set)
    _starts: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, path: str) -> Draft:
        """A file without edits."""
        text = read_bytes(Path(path)).decode("utf-8", "surrogateescape")
        starts = [0, *accumulate(len(line) for line in text.splitlines(keepends=True))]
        return cls(path, text, read_source(path), _starts=starts)

    def replace(self, first: int, stop: int, text: str) -> None:
        """Replace tokens by a text."""
        begin, end = self._span(first, stop)
        self._edits.append((begin, end, text))

    def remove(self, first: int, stop: int) -> None:
        """Remove tokens, and their lines if nothing else is on them."""
        begin, end = self._span(first, stop)
        line_begin = self.text.rfind("\n", 0, begin) + 1
        line_end = self.text.find("\n", end)
        line_end = len(self.text) if line_end < 0 else line_end + 1
        alone = not self.text[line_begin:begin].strip() and not self.text[end:line_end].strip()
        if alone:
            begin, end = line_begin, line_end
        else:
            while end < len(self.text) and self.text[end] == " ":
                end += 1
            while (
                begin > line_begin
                and self.text[end : end + 1] == "\n"
                and self.text[begin - 1] == " "
            ):
                begin -= 1
        self._edits.append((begin, end, ""))

    def insert_line(self, line: int, text: str) -> None:
        """Insert lines before a line."""
        offset = self._starts[line - 1]
        self._edits.append((offset, offset, text))

    def insert_after(self, number: int, lines: Sequence[str], like: int) -> None:
        """Insert lines behind a token, indented like another one; on its line if more follows."""
        offset = self._offset(number) + len(self.source.tokens[number].text)
        line_end = self.text.find("\n", offset)
        rest = self.text[offset : line_end if line_end >= 0 else len(self.text)].strip()
        if rest and not rest.startswith(("//", "/*")):
            self._edits.append((offset, offset, "".join(f" {line}" for line in lines)))
            return
        margin = self.indentation(self.source.tokens[like].line)
        end = line_end if line_end >= 0 else len(self.text)
        self._edits.append((end, end, "".join(f"\n{margin}{line}" for line in lines)))

    def joined(self, first: int, stop: int, lines: Sequence[str]) -> str:
        """Lines for the place of some tokens: on one line if other code is on theirs."""
        begin, end = self._span(first, stop)
        line_begin = self.text.rfind("\n", 0, begin) + 1
        rest = self.text[end:].partition("\n")[0].strip()
        if self.text[line_begin:begin].strip() or not (not rest or rest.startswith(("//", "/*"))):
            return " ".join(line.strip() for line in lines)
        margin = self.indentation(self.source.tokens[first].line)
        return f"\n{margin}".join(lines)

    def drop_blank_before(self, line: int) -> None:
        """Remove the empty line before a line, if there is one."""
        begin, end = self._starts[line - 2], self._starts[line - 1]
        if line > 1 and not self.text[begin:end].strip():
            self._edits.append((begin, end, ""))

    def deepen(self, first: int, last: int, than: int) -> None:
        """Indent lines, unless all of them are already indented deeper than line `than`."""
        lines = self.text.splitlines()
        inside = [n for n in range(first, last + 1) if lines[n - 1].strip()]
        inner = {n for n in inside if not lines[n - 1].startswith("#")} - self._within_tokens()
        width = len(self.indentation(than))
        if any(len(self.indentation(n)) <= width for n in inner):
            self._deeper |= inner

    def indentation(self, line: int) -> str:
        """The white space at the start of a line."""
        begin = self._starts[line - 1]
        end = begin
        while end < len(self.text) and self.text[end] in " \t":
            end += 1
        return self.text[begin:end]

    def result(self) -> str:
        """The text with all edits applied."""
        removed = [(begin, end) for begin, end, text in self._edits if not text]
        edits = list(self._edits)
        for line in self._deeper:
            at = self._starts[line - 1]
            if not any(begin <= at < end for begin, end in removed):
                edits.append((at, at, UNIT))
        crlf = "\r\n" in self.text
        made, position = [], 0
        for begin, end, text in sorted(edits, key=lambda edit: edit[:2]):
            if begin < position:
                continue  # inside a range that another edit removes
            made += [self.text[position:begin], text.replace("\n", "\r\n") if crlf else text]
            position = end
        return "".join([*made, self.text[position:]])

    def diff(self, shown: str) -> str:
        """The edits as a unified diff."""
        made = difflib.unified_diff(
            self.text.splitlines(keepends=True), self.result().splitlines(keepends=True),
            f"a/{shown}", f"b/{shown}",
        )  # fmt: skip
        ended = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
                 for line in made)  # fmt: skip
        return "".join(ended)

    def _span(self, first: int, stop: int) -> tuple[int, int]:
        last = self.source.tokens[stop - 1]
        return self._offset(first), self._offset(stop - 1) + len(last.text)

    def _offset(self, number: int) -> int:
        token = self.source.tokens[number]
        begin = self._starts[token.line - 1]
        if self.text.isascii():
            return begin + token.column - 1
        head = self.text[begin : self._starts[token.line]].encode("utf-8", "surrogateescape")
        return begin + len(head[: token.column - 1].decode("utf-8", "surrogateescape"))

    def _within_tokens(self) -> set[int]:
        """Lines that begin inside a token: indenting them would change a string."""
        found: set[int] = set()
        for token in self.source.tokens:
            count = token.text.count("\n")
            found.update(range(token.line + 1, token.line + 1 + count))
        return found


def diff_of_new(shown: str, text: str) -> str:
    """A new file as a unified diff."""
    lines = text.splitlines(keepends=True)
    return "".join(difflib.unified_diff([], lines, "/dev/null", f"b/{shown}"))


def write_new(files: Mapping[str, str]) -> None:
    """Write new files.

    Raises:
        HoldfastError: HF112 if one cannot be written.
    """
    for path, text in files.items():
        put_output(Path(path), text.encode(), remedy="make the folder writable")


def write_all(drafts: Iterable[Draft]) -> None:
    """Write each file as a whole or not at all.

    Raises:
        HoldfastError: HF112 if one cannot be written; that file keeps its old text.
    """
    for draft in drafts:
        data = draft.result().encode("utf-8", "surrogateescape")
        put_output(Path(draft.path), data, remedy="make the file and its folder writable")
