"""Reads hints and collects problems."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pyholdfast.hints import model
from pyholdfast.hints.lookup import MissingNameError, Place

if TYPE_CHECKING:
    from pyholdfast.hints.model import Hint
    from pyholdfast.hints.resolve import Resolver

__all__ = ["HintReader"]


class HintReader:
    """A resolver that records errors in a list, and returns `Unmapped` for them."""

    def __init__(self, resolver: Resolver) -> None:
        """Start with an empty list."""
        self.resolver = resolver
        self.problems: list[model.Problem] = []

    def read(self, node: ast.expr | None, place: Place, subject: str, line: int) -> Hint:
        """The type of a hint; `Unmapped` if it is missing or wrong.

        Args:
            node: the hint; None if there is none.
            place: the scope of the hint.
            subject: what has the hint, for messages.
            line: line of the subject.
        """
        if node is None:
            return model.Unmapped("", "it has no hint")
        try:
            return self.resolver.hint(node, place)
        except MissingNameError as error:
            reason = f"'{error}' is not defined"
            code = "HF503"
        except SyntaxError as error:
            reason = f"the hint in a string cannot be read: {error.msg}"
            code = "HF502"
        except (RecursionError, MemoryError):  # Python's parser raises either
            return self.note(place, subject, line, "", "the hint is nested too deeply", "HF516")
        text = ast.unparse(node)
        return self.note(place, subject, line, text, reason, code)

    def note(
        self,
        place: Place,
        subject: str,
        line: int,
        text: str,
        reason: str,
        code: str = "",
        *,
        left_out: bool = False,
    ) -> Hint:
        """Record a problem, once; return the type for its subject."""
        path = str(place.source.path)
        problem = model.Problem(path, line, subject, text, reason, code, left_out=left_out)
        if problem not in self.problems:
            self.problems.append(problem)
        return model.Unmapped(text, reason)
