"""What has no equal in C++, in all the places where it can be."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")


def match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Types that only Python has."""
    return pattern.match(text)


def fractions(values: list[Fraction]) -> dict[str, Fraction]:
    """Within containers only the element is an object."""
    return {str(value): value for value in values}


def keys(table: dict[Any, int]) -> set[Any]:
    """Keys without an order."""
    return set(table)


def first(values: Sequence[T]) -> T:
    """A type parameter."""
    return values[0]


def number(value: 5) -> "1 + 1":  # type: ignore[valid-type]
    """No types at all."""
    return value


def pending(task: Awaitable[int]) -> bool:
    """An awaitable can only come from Python."""
    return task is not None


Tree: TypeAlias = "dict[str, Tree[T]] | T"


def tree(value: Tree[int]) -> int:
    """An alias that contains itself, of any type."""
    return len(value) if isinstance(value, dict) else value


def still_bound(value: int) -> int:
    """The rest goes on."""
    return value + 1
