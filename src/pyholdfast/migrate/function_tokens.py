"""Queries about one function's statements and tokens."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pyholdfast.check.facts import Event
from pyholdfast.check.flow import Walk
from pyholdfast.check.structure import Statement
from pyholdfast.check.tokens import Source, read_source
from pyholdfast.migrate.function_text import head_of
from pyholdfast.migrate.macros import Macros

__all__ = ["Ground"]

_BEFORE_NAME = frozenset({"*", "&", "&&", ">"})
_AFTER_NAME = frozenset({"=", ";", "(", "{", "[", ","})
_NO_TYPES = frozenset(
    {"return", "goto", "delete", "new", "else", "case", "throw", "using", "typedef", "co_return",
     "co_await", "co_yield", "sizeof", "not"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ground:
    """A function that the check has walked.

    Attributes:
        walk: its walk.
        body: its block.
        macros: the macros of the program.
        must_not_throw: why an exception must not leave it; empty if it may.
        is_cplusplus: whether its file is C++.
    """

    walk: Walk
    body: Statement
    macros: Macros
    must_not_throw: str
    is_cplusplus: bool

    @property
    def source(self) -> Source:
        """The tokens of its file."""
        return read_source(self.walk.function.body.file)

    def number_of(self, event: Event) -> int | None:
        """The token of an event."""
        return self.source.at(event.place.line, event.place.column)

    def text(self, start: int, stop: int) -> str:
        """Tokens, separated by one space."""
        return " ".join(token.text for token in self.source.tokens[start:stop])

    def chain(self, number: int) -> list[Statement]:
        """The statements around a token, outermost first."""
        found = [self.body]
        while True:
            parts = found[-1].parts
            inner = next((part for part in parts if part.start <= number < part.stop), None)
            if inner is None:
                return found
            found.append(inner)

    def statements(self, what: Statement | None = None) -> Iterator[Statement]:
        """All statements, outer ones first."""
        for part in (what or self.body).parts:
            yield part
            yield from self.statements(part)

    def hides_control(self, start: int, stop: int) -> bool:
        """Whether a macro in a range may leave the range."""
        return any(start <= position < stop for position in self.walk.controls)

    def words(self, start: int, stop: int) -> set[str]:
        """The words in a range."""
        return {t.text for t in self.source.tokens[start:stop] if t.kind == "word"}

    def unused(self, name: str, planned: Collection[str] = ()) -> str:
        """The name, or a variant of it that neither the function nor its plan uses."""
        taken = self.words(self.source.at(*self._place()) or 0, self.body.stop)
        number = 1
        found = name
        while found in taken or found in planned:
            number += 1
            found = f"{name}_{number}"
        return found

    def declared(self, statements: Sequence[Statement]) -> set[str]:
        """Names that statements may declare in their block; possibly some that they do not."""
        found: set[str] = set()
        for statement in statements:
            if statement.kind == "expression":
                found |= self._declared_by(statement)
        return found

    def _declared_by(self, statement: Statement) -> set[str]:
        tokens = self.source.tokens
        names: set[str] = set()
        depth = 0
        for at in range(statement.start + 1, statement.stop - 1):
            text, before, after = tokens[at].text, tokens[at - 1], tokens[at + 1].text
            if text == "[" and not names and before.text in {"auto", "&", "&&"}:
                return self.words(at, self.source.closing(at))  # auto [one, other] = ...
            depth += (text in {"(", "[", "{"}) - (text in {")", "]", "}"})
            if depth:
                if not names:
                    break  # a call, or an assignment to an element
                continue
            if not names and text in {"=", ".", "->", "++", "--", "+=", "-=", "<<"}:
                break
            is_name = tokens[at].kind == "word" and after in _AFTER_NAME
            typed = before.text in _BEFORE_NAME or (
                before.kind == "word" and before.text not in _NO_TYPES
            )
            if is_name and (typed if not names else before.text in {",", "*", "&"}):
                names.add(text)
        return names

    def _place(self) -> tuple[int, int]:
        place = self.walk.function.place
        return place.line, place.column

    def spelled(self, statement: Statement) -> str:
        """A statement's tokens, with a macro at its beginning expanded."""
        words = [token.text for token in self.source.tokens[statement.start : statement.stop]]
        made = self.macros.expanded(words)
        if made != words and made and made[-1] not in {";", "{", "}"}:
            made.append(";")
        while made[-2:] == [";", ";"]:
            made.pop()
        return " ".join(made)

    def ends_with(self, block: Statement) -> bool:
        """Whether the function does nothing more behind a block."""
        chain = self.chain(block.start)
        if block not in chain:
            chain.append(block)
        for parent, child in pairwise(chain):
            if parent.kind in {"loop", "do", "switch"}:
                return False
            if parent.kind == "block" and not all(
                (part.kind == "return" and not {"(", "{"} & self.words_of(part))
                or self.text(part.start, part.stop) == ";"
                for part in parent.parts[parent.parts.index(child) + 1 :]
            ):
                return False
            if child is block:
                break
        return True

    def words_of(self, statement: Statement) -> set[str]:
        """The tokens of a statement."""
        return {token.text for token in self.source.tokens[statement.start : statement.stop]}

    def _gives(self, statement: Statement) -> bool:
        """Whether a statement returns a value."""
        text = self.text(statement.start, statement.stop)
        return statement.kind == "return" and text != "return ;"

    def result_when_refused(self) -> str | None:
        """The statement by which the function reports that it did nothing; None if unknown."""
        head = head_of(self.walk.function)
        if self.walk.function.name == "(lambda)":
            if "->" in head or any(self._gives(part) for part in self.statements()):
                return None
            return "return;"
        if self.walk.function.name.startswith("~"):
            return "return;"
        before = head.split(f" {self.walk.function.name} (")[0]
        if "*" in before:
            return "return nullptr;" if self.is_cplusplus else "return NULL;"
        return "return;" if re.search(r"\bvoid\b", before) else None
