"""The names of a module, or of a class in it, and what they refer to.

Only names in the text count: imports, classes, functions, assignments, including those under
``if TYPE_CHECKING``, ``try`` and version checks.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.hints.target import decide

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyholdfast.hints.sources import Source

__all__ = ["Binding", "Defined", "Imported", "Scope", "absolute_module", "statements"]


@dataclass(frozen=True, slots=True)
class Imported:
    """A name from an import: a module, or an attribute of it."""

    module: str
    attribute: str | None


@dataclass(frozen=True, slots=True)
class Defined:
    """A name from a statement of the file: ``class``, ``def``, ``=``, ``type``."""

    node: ast.stmt


Binding = Imported | Defined


class Scope:
    """The names of a body.

    Attributes:
        open: whether there is a ``from ... import *`` or a ``__getattr__``, so that other names
            may exist. The resolver follows star imports from the package; see `stars`.
        stars: the modules of star imports.
    """

    def __init__(self, source: Source, body: Iterable[ast.stmt]) -> None:
        """Read the statements of `body` in `source`."""
        self.names: dict[str, Binding] = {}
        self.stars: list[str] = []
        self.has_getattr = False
        for node in statements(body):
            self._add(source, node)

    def _add(self, source: Source, node: ast.stmt) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                whole = alias.asname is not None
                name = alias.asname or alias.name.partition(".")[0]
                self.names[name] = Imported(
                    alias.name if whole else alias.name.partition(".")[0], None
                )
        elif isinstance(node, ast.ImportFrom):
            module = absolute_module(source, node)
            for alias in node.names:
                if alias.name == "*":
                    self.stars.append(module)
                else:
                    self.names[alias.asname or alias.name] = Imported(module, alias.name)
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            self.names[node.name] = Defined(node)
            self.has_getattr = self.has_getattr or node.name == "__getattr__"
        else:
            for name in _targets(node):
                self.names[name] = Defined(node)


def absolute_module(source: Source, node: ast.ImportFrom) -> str:
    """The module in a ``from`` import; a relative one is relative to the package of `source`."""
    if not node.level:
        return node.module or ""
    parts = source.package.split(".") if source.package else []
    kept = parts[: len(parts) - (node.level - 1)] if node.level > 1 else parts
    return ".".join([*kept, *([node.module] if node.module else [])])


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that take effect, in order, without branches that are not taken.

    If a test cannot be decided, both branches are included; a name that both define is that of the
    first.
    """
    for node in body:
        if isinstance(node, ast.If):
            decided = decide(node.test)
            taken = [] if decided is False else list(statements(node.body))
            yield from taken
            known = set() if decided is False else _names(taken)
            for other in [] if decided is True else statements(node.orelse):
                names = _names([other])
                if not names or names - known:
                    yield other
        elif isinstance(node, ast.Try):
            # The body of a try comes last: its definitions are those of a complete installation.
            for handler in node.handlers:
                yield from statements(handler.body)
            yield from statements(node.body)
            yield from statements(node.orelse)
        elif isinstance(node, ast.With):
            yield from statements(node.body)
        else:
            yield node


def _targets(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    if type(node).__name__ == "TypeAlias":  # PEP 695, from Python 3.12 on
        name = getattr(node, "name", None)
        return [name.id] if isinstance(name, ast.Name) else []
    return []


def _names(nodes: Iterable[ast.stmt]) -> set[str]:
    """The names that statements define."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        else:
            found |= set(_targets(node))
    return found
