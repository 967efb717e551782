"""Reads the members of enumerations, and their values if these are known without running code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyholdfast.hints import model
from pyholdfast.hints.functions import docstring
from pyholdfast.hints.scope import statements

if TYPE_CHECKING:
    from pyholdfast.hints.class_kinds import Kinds
    from pyholdfast.hints.lookup import Definition

__all__ = ["read_enumeration"]


def read_enumeration(definition: Definition, kinds: Kinds) -> model.Enumeration:
    """An enumeration; aliases of earlier members are left out."""
    node = definition.node
    base = kinds.enumeration_base(definition)
    found: list[tuple[str, model.Value]] = []
    if isinstance(node, ast.ClassDef):
        for name, expression in _member_nodes(node):
            automatic = (
                isinstance(expression, ast.Call)
                and kinds.resolver.called(expression, kinds.place(definition)) == "enum.auto"
            )
            value = _automatic(base, name, found) if automatic else _value(expression, dict(found))
            if value is None or value not in [other for _, other in found]:
                found.append((name, value))
    else:
        call = getattr(node, "value", None)
        for name in _names_in_call(call):
            found.append((name, _automatic(base, name, found)))
    return model.Enumeration(
        base=base,
        module=definition.source.name,
        name=definition.name,
        members=tuple(found),
        doc=docstring(node) if isinstance(node, ast.ClassDef) else "",
        line=node.lineno,
    )


def _member_nodes(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for statement in statements(node.body):
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            # A member with a hint is one like any other; a hint alone makes none.
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                if isinstance(target, ast.Name) and not target.id.startswith("_"):
                    yield target.id, statement.value


def _names_in_call(call: ast.expr | None) -> list[str]:
    if not isinstance(call, ast.Call) or len(call.args) < 2:  # noqa: PLR2004 - name and members
        return []
    try:
        content = ast.literal_eval(call.args[1])
    except ValueError:
        return []
    if isinstance(content, str):
        return content.replace(",", " ").split()
    return [item if isinstance(item, str) else str(item[0]) for item in content]


def _automatic(base: str, name: str, before: list[tuple[str, model.Value]]) -> model.Value:
    """The value of ``auto()``."""
    if base == "StrEnum":
        return name.lower()
    numbers = [value for _, value in before if isinstance(value, int)]
    if len(numbers) != len(before):
        return None
    highest = max(numbers, default=0)
    if base in ("Flag", "IntFlag"):
        return 1 << highest.bit_length()
    return highest + 1


def _value(node: ast.expr, known: dict[str, model.Value]) -> model.Value:
    """The value of a literal or of an expression of numbers and earlier members; else None."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, known), _value(node.right, known)
        if not isinstance(left, int) or not isinstance(right, int):
            return None
        if isinstance(node.op, ast.BitOr):
            return left | right
        if isinstance(node.op, ast.LShift) and 0 <= right < 63:  # noqa: PLR2004 - bits of int64_t
            return left << right
        return left + right if isinstance(node.op, ast.Add) else None
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, (bool, int, float, str, bytes)) else None
