"""Shared by the writers of a header: the mapper, the list of unmapped hints, and layout."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pyholdfast.codegen.mapping import Mapper
from pyholdfast.codegen.naming import identifier, namespace, text_literal
from pyholdfast.hints import model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pyholdfast.codegen.mapping import Direction
    from pyholdfast.hints.model import Hint

__all__ = ["WIDTH", "Context", "listed", "wrapped"]

WIDTH = 110


class Context:
    """The state while writing one header.

    Attributes:
        seen: each subject with a hint, and whether its whole type has a C++ equivalent.
    """

    def __init__(self, module: model.Module, path: Path) -> None:
        """Begin a header for `module`, which is in the file `path`."""
        self.module = module
        self.path = path
        self.mapper = Mapper(module.name, module.types)
        self.problems: list[model.Problem] = []
        self.seen: dict[tuple[str, int, str], bool] = {}

    @contextmanager
    def within(self, module: str) -> Iterator[None]:
        """Within the block, names of `module` are written without their namespace."""
        here, self.mapper.module = self.mapper.module, module
        try:
            yield
        finally:
            self.mapper.module = here

    def cpp(
        self, hint: Hint, direction: Direction, subject: str, line: int, module: str = ""
    ) -> str:
        """The C++ type of a hint; records the parts that have no C++ equivalent.

        Args:
            hint: the type.
            direction: whether it is a parameter, a result, or part of another type.
            subject: the same, in words.
            line: line of the hint.
            module: module of the hint; default: the one that is being written.
        """
        mapped = self.mapper.map(hint, direction)
        self.seen[self._file(module), line, subject] = not mapped.unmapped
        for missing in mapped.unmapped:
            self.note(subject, line, missing.text, missing.reason, module)
        return mapped.text

    def note(
        self,
        subject: str,
        line: int,
        text: str,
        reason: str,
        module: str = "",
        *,
        left_out: bool = False,
    ) -> None:
        """Record that something has no C++ equivalent."""
        file = self._file(module)
        problem = model.Problem(file, line, subject, text, reason, left_out=left_out)
        same = any(
            (known.file, known.line, known.text, known.subject) == (file, line, text, subject)
            for known in (*self.problems, *self.module.problems)
        )
        if not same:
            self.problems.append(problem)

    def _file(self, module: str) -> str:
        return str(self.module.places.get(module or self.mapper.module, self.path))

    def expectation(self, module: str, name: str, made: str = "") -> str:
        """A pointer to the expected signature of a name; empty if there is none.

        Args:
            module: the module that defines it.
            name: dotted, as in Python.
            made: its C++ name, if that is more specific.
        """
        if (module, name) not in self.module.hashes:
            return ""
        return f"&::{namespace(module)}::expected_::{made or identifier(name)}"

    def expectation_line(self, module: str, name: str, signature: str, made: str = "") -> list[str]:
        """The definition of that expectation."""
        number = self.module.hashes.get((module, name))
        if number is None:
            return []
        head = f"inline constexpr auto {made or identifier(name)} = holdfast::detail::expect("
        items = [text_literal(number), text_literal(signature)]
        return wrapped(head, items, ");")


def wrapped(head: str, items: Sequence[str], tail: str, indent: str = "") -> list[str]:
    """``head(items)tail`` on one line, or with one item per line if it is too long.

    >>> wrapped("f(", ["int a", "int b"], ");")
    ['f(int a, int b);']
    """
    whole = f"{indent}{head}{', '.join(items)}{tail}"
    if len(whole) <= WIDTH or not items:
        return [whole]
    inner = f"{indent}    "
    lines = [f"{indent}{head}"]
    lines += [f"{inner}{item}," for item in items[:-1]]
    return [*lines, f"{inner}{items[-1]}{tail}"]


def listed(items: Sequence[str]) -> str:
    """``{a, b}``."""
    return f"{{{', '.join(items)}}}"
