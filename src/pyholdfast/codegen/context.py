"""What the writers of a header share: the mapper, the account of what has no equal, and layout."""

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
    """The state of writing one header.

    Attributes:
        seen: each thing with a hint, and whether all of its type has an equal.
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
        """What is written belongs to a module: in its namespace its names stand alone."""
        here, self.mapper.module = self.mapper.module, module
        try:
            yield
        finally:
            self.mapper.module = here

    def cpp(
        self, hint: Hint, direction: Direction, subject: str, line: int, module: str = ""
    ) -> str:
        """The C++ type of a hint; notes what of it has no equal.

        Args:
            hint: the type.
            direction: what it is the type of.
            subject: the same, in words.
            line: where that is written.
            module: in which module; by default the one that is written.
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
        """Note that something has no equal."""
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
        """A pointer to what was expected of a name; empty where nothing was.

        Args:
            module: where it is defined.
            name: dotted, as in Python.
            made: its name in C++, where that says more.
        """
        if (module, name) not in self.module.hashes:
            return ""
        return f"&::{namespace(module)}::expected_::{made or identifier(name)}"

    def expectation_line(self, module: str, name: str, signature: str, made: str = "") -> list[str]:
        """The definition of that."""
        number = self.module.hashes.get((module, name))
        if number is None:
            return []
        head = f"inline constexpr auto {made or identifier(name)} = holdfast::detail::expect("
        items = [text_literal(number), text_literal(signature)]
        return wrapped(head, items, ");")


def wrapped(head: str, items: Sequence[str], tail: str, indent: str = "") -> list[str]:
    """``head(items)tail`` on one line, or with an item on each line where it is too long.

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
