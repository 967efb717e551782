"""One of several types, and None."""

from __future__ import annotations

from typing import Any, AnyStr, Optional, Union

from .records import Level, Node

Number = Union[int, float]


def kind(value: int | str | bytes) -> str:
    """Which of them it is."""
    return type(value).__name__


def number(text: str) -> Number:
    """An int if it is one."""
    return float(text) if "." in text else int(text)


def maybe(value: Optional[int]) -> int | None:
    """Goes both ways."""
    return value


def either(value: Union[None, int, list[str]]) -> Union[int, list[str], None]:
    """None among several."""
    return value


def record(value: Level | Node) -> bool:
    """Records of another module."""
    return isinstance(value, Node)


def inside(values: list[int | str]) -> dict[str, int | None]:
    """Within containers."""
    return {str(value): value if isinstance(value, int) else None for value in values}


def whatever(value: int | Any) -> Any | None:
    """Anything at all makes it an object."""
    return value


def same(value: AnyStr) -> AnyStr:
    """Text or bytes."""
    return value
