"""Compares two results."""

from __future__ import annotations

from typing import Any

__all__ = ["same"]


def same(direct: Any, found: Any) -> bool:  # noqa: ANN401 - whatever a function returns
    """Whether a call from a native thread had the same result as the direct call.

    Like ``==``, but NaN equals NaN, arrays are compared as memory, exceptions by type and text, and
    objects without an equality of their own by type and attributes.

    >>> same([1.0, float("nan")], [1.0, float("nan")]), same((1, 2), [1, 2])
    (True, False)
    >>> same(KeyError("a"), KeyError("a")), same(KeyError("a"), KeyError("b"))
    (True, False)
    """
    if direct is found:
        return True
    if isinstance(direct, BaseException):
        return type(direct) is type(found) and str(direct) == str(found)
    if isinstance(direct, (list, tuple)):
        return (
            type(direct) is type(found)
            and len(direct) == len(found)
            and all(map(same, direct, found))
        )
    if isinstance(direct, dict):
        return (
            isinstance(found, dict)
            and direct.keys() == found.keys()
            and all(same(value, found[key]) for key, value in direct.items())
        )
    memory = _memory(direct), _memory(found)
    if None not in memory:
        return memory[0] == memory[1]
    fields = getattr(direct, "__dataclass_fields__", None)
    if fields is not None and type(direct) is type(found):
        return all(same(getattr(direct, name), getattr(found, name)) for name in fields)
    if vars(object)["__eq__"] is getattr(type(direct), "__eq__", None):
        mine, theirs = (getattr(value, "__dict__", {}) for value in (direct, found))
        return type(direct) is type(found) and same(mine, theirs)
    return bool(direct == found or (direct != direct and found != found))  # noqa: PLR0124 - NaN


def _memory(value: object) -> tuple[str, tuple[int, ...] | None, bytes] | None:
    """The contents of an array; None for anything else."""
    if isinstance(value, (str, int, float)):
        return None
    try:
        with memoryview(value) as view:  # type: ignore[arg-type]
            return view.format, view.shape, view.tobytes()
    except (TypeError, ValueError, BufferError):
        return None
