"""One name, several signatures."""

from __future__ import annotations

from typing import overload


@overload
def parse(value: str) -> int: ...
@overload
def parse(value: bytes, base: int = ...) -> int: ...
@overload
def parse(value: list[str]) -> list[int]: ...
def parse(value: str | bytes | list[str], base: int = 10) -> int | list[int]:
    """By the type of the argument."""
    if isinstance(value, list):
        return [int(item, base) for item in value]
    return int(value, base)


@overload
def twice(value: int) -> int: ...
@overload
def twice(value: str, *, sep: str = ...) -> str: ...
def twice(value: int | str, *, sep: str = "") -> int | str:
    """With other parameters."""
    return value * 2 if isinstance(value, int) else value + sep + value


@overload
def kind(value: bool) -> str: ...
@overload
def kind(value: int) -> str: ...
@overload
def kind(value: float, places: int = ...) -> str: ...
def kind(value: float, places: int = 0) -> str:
    """Numbers of three kinds, which C++ would take for each other."""
    return f"{type(value).__name__} {places}"


class Meter:
    """With methods and constructors that differ so."""

    @overload
    def __init__(self, first: int) -> None: ...
    @overload
    def __init__(self, first: float) -> None: ...
    def __init__(self, first: float) -> None:
        self.first = kind(first)

    @overload
    def put(self, value: bool) -> str: ...
    @overload
    def put(self, value: int) -> str: ...
    def put(self, value: int) -> str:
        """By kind."""
        return f"{self.first}, {kind(value)}"
