"""What the names of a module, or of a class in it, stand for.

Only what is written there counts: imports, classes, functions, assignments; also those behind
``if TYPE_CHECKING``, ``try`` and tests of the version.
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
    """A name that an import made: a module, or an attribute of it."""

    module: str
    attribute: str | None


@dataclass(frozen=True, slots=True)
class Defined:
    """A name that a statement of the file made: ``class``, ``def``, ``=``, ``type``."""

    node: ast.stmt


Binding = Imported | Defined


class Scope:
    """The names of a body.

    Attributes:
        open: whether there is a ``from ... import *`` or a ``__getattr__``, so that a name that is not
            here may still exist. Those of neighbours are followed by the resolver; see `stars`.
        stars: the modules that everything is imported from.
    """

    def __init__(self, source: Source, body: Iterable[ast.stmt]) -> None:
        """Read the statements of `body`, in `source`."""
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
    """The module that a ``from`` names; relative ones are relative to the package of `source`."""
    if not node.level:
        return node.module or ""
    parts = source.package.split(".") if source.package else []
    kept = parts[: len(parts) - (node.level - 1)] if node.level > 1 else parts
    return ".".join([*kept, *([node.module] if node.module else [])])


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that count, in their order: those of branches that are not taken do not.

    ``TYPE_CHECKING`` is true here. A test that cannot be decided counts with both branches.
    """
    for node in body:
        if isinstance(node, ast.If):
            decided = _decide(node.test)
            if decided is not False:
                yield from statements(node.body)
            if decided is not True:
                yield from statements(node.orelse)
        elif isinstance(node, ast.Try):
            # The body goes last: what it defines is what a healthy installation has.
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
    if type(node).__name__ == "TypeAlias":  # PEP 695; not there before 3.12
        name = getattr(node, "name", None)
        return [name.id] if isinstance(name, ast.Name) else []
    return []


def _decide(test: ast.expr) -> bool | None:
    """Whether a test holds, if it can be known without running anything."""
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
    """``sys.version_info >= (3, 12)`` and its like, and the comparison of names in ``__main__``."""
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
