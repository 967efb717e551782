"""The Python that a module is read for, and what tests of its version and platform give there."""

from __future__ import annotations

import ast
import operator
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["decide", "reading_for"]

_VERSION: ContextVar[tuple[int, ...] | None] = ContextVar("version", default=None)
_OPERATORS: dict[type[ast.cmpop], Callable[[Any, Any], object]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: operator.contains(right, left),
    ast.NotIn: lambda left, right: not operator.contains(right, left),
}


@contextmanager
def reading_for(version: tuple[int, ...] | None) -> Iterator[None]:
    """Within the block, tests are decided for this version; None: the Python that runs."""
    before = _VERSION.set(version)
    try:
        yield
    finally:
        _VERSION.reset(before)


def decide(test: ast.expr) -> bool | None:
    """The result of a test if it is known without running code; else None.

    ``TYPE_CHECKING`` is true, and the module is not the one that Python runs.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = decide(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        parts = [decide(part) for part in test.values]
        settles = isinstance(test.op, ast.Or)
        if settles in parts:
            return settles
        return None if None in parts else not settles
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, (ast.Name, ast.Attribute)):
        name = test.id if isinstance(test, ast.Name) else test.attr
        return True if name == "TYPE_CHECKING" else None
    try:
        if isinstance(test, ast.Compare) and len(test.ops) == 1:
            compare = _OPERATORS[type(test.ops[0])]
            return bool(compare(_value(test.left), _value(test.comparators[0])))
        if isinstance(test, ast.Call) and ast.unparse(test.func) == "sys.platform.startswith":
            return sys.platform.startswith(ast.literal_eval(test.args[0]))
    except (KeyError, ValueError, TypeError, IndexError):
        pass
    return None


def _value(node: ast.expr) -> object:
    """The value of an expression of known names and literals; ValueError for any other."""
    version: tuple[object, ...] = _VERSION.get() or sys.version_info
    known: dict[str, object] = {
        "sys.version_info": version,
        "sys.version_info.major": version[0],
        "sys.version_info.minor": version[1],
        "sys.platform": sys.platform,
        "os.name": os.name,
        "__name__": None,  # the module's own, which is never "__main__"
    }
    text = ast.unparse(node)
    if text in known:
        return known[text]
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "sys.version_info":
        if isinstance(node.slice, ast.Slice):
            lower, upper = (
                None if part is None else ast.literal_eval(part)
                for part in (node.slice.lower, node.slice.upper)
            )
            return version[lower:upper]
        return version[ast.literal_eval(node.slice)]
    return ast.literal_eval(node)
