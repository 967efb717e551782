"""Finds aliases that contain themselves, directly or indirectly."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pyholdfast.hints.lookup import Definition, Lookup, MissingNameError, Place

__all__ = ["contains_itself", "is_type_statement", "value_of"]


def value_of(statement: ast.stmt) -> ast.expr | None:
    """The right side of an assignment or ``type`` statement."""
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return statement.value
    value = getattr(statement, "value", None) if is_type_statement(statement) else None
    return value if isinstance(value, ast.expr) else None


def is_type_statement(statement: ast.stmt) -> bool:
    """Whether it is a ``type`` statement of PEP 695, whose node class needs Python 3.12."""
    return type(statement).__name__ == "TypeAlias"


def contains_itself(definition: Definition, lookup: Lookup) -> bool:
    """Whether the names in an alias lead back to the alias."""
    seen: set[int] = set()
    waiting = list(_parts(definition, lookup))
    while waiting:
        part = waiting.pop()
        if part.node is definition.node:
            return True
        if id(part.node) not in seen:
            seen.add(id(part.node))
            waiting += _parts(part, lookup)
    return False


def _parts(definition: Definition, lookup: Lookup) -> Iterator[Definition]:
    """The definitions that an alias names."""
    value = value_of(definition.node)
    if value is None or isinstance(value, ast.Call):
        return
    place = Place(definition.source)
    for name, late in _names(value, late=is_type_statement(definition.node)):
        try:
            target = lookup.target(name, place)
        except MissingNameError:
            continue
        # Without quotes, the right side can only name what was defined before the assignment.
        again = isinstance(target, Definition) and target.node is definition.node and not late
        if isinstance(target, Definition) and not again:
            yield target


def _names(node: ast.expr, *, late: bool) -> Iterator[tuple[ast.expr, bool]]:
    """The names in a hint, and whether each is looked up only when the hint is evaluated."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        yield node, late
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            inner = ast.parse(f"({node.value.strip()}\n)", mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        yield from _names(inner, late=True)
    elif isinstance(node, ast.Subscript):
        yield from _names(node.value, late=late)
        yield from _names(node.slice, late=late)
    elif isinstance(node, ast.BinOp):
        yield from _names(node.left, late=late)
        yield from _names(node.right, late=late)
    elif isinstance(node, (ast.Tuple, ast.List)):
        for item in node.elts:
            yield from _names(item, late=late)
