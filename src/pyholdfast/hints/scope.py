"""The names of a module, or of a class in it, and what they refer to.

Only names in the text count: imports, classes, functions, assignments, including those under
``if TYPE_CHECKING``, ``try`` and version checks.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

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

    ``TYPE_CHECKING`` is true. If a test cannot be decided, both branches are included.
    """
    for node in body:
        if isinstance(node, ast.If):
            decided = _decide(node.test)
            if decided is not False:
                yield from statements(node.body)
            if decided is not True:
                yield from statements(node.orelse)
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


def _decide(test: ast.expr) -> bool | None:
    """The result of a test if it is known without running code; else None."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _decide(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, (ast.Name, ast.Attribute)):
        name = test.id if isinstance(test, ast.Name) else test.attr
        return True if name == "TYPE_CHECKING" else None
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compare(test.left, test.ops[0], test.comparators[0])
    return None


def _compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool | None:
    """Evaluate ``sys.version_info >= (3, 12)`` and similar, and ``__name__ == "__main__"``."""
    if isinstance(left, ast.Name) and left.id == "__name__":
        return isinstance(operator, ast.NotEq)
    if ast.unparse(left) != "sys.version_info" or not isinstance(right, ast.Tuple):
        return None
    try:
        wanted = ast.literal_eval(right)
    except ValueError:
        return None
    running: tuple[object, ...] = tuple(sys.version_info)
    here = running[: len(wanted)]
    results = {
        ast.GtE: here >= wanted,
        ast.Lt: here < wanted,
        ast.Gt: running > wanted,
        ast.LtE: running <= wanted,
        ast.Eq: here == wanted,
        ast.NotEq: here != wanted,
    }
    return results.get(type(operator))
