"""Functions to hammer: some pass, and each of the others fails in its own way."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import overload


@dataclass
class Level:
    """A price and a quantity."""

    price: float
    size: int = 1


@dataclass
class Book:
    """Levels of one symbol."""

    symbol: str
    levels: list[Level] = field(default_factory=list)


class Account:
    """Crosses as a handle, and does not define equality."""

    def __init__(self, name: str) -> None:
        """Open it."""
        self.name = name


def worth(book: Book, *, rate: float = 1.0) -> dict[str, float]:
    """Records and containers in both directions; refuses a rate below zero."""
    if rate < 0:
        message = f"rate {rate}"
        raise ValueError(message)
    return {book.symbol: rate * sum(level.price * level.size for level in book.levels)}


def mean(weight: int, *values: float, strict: bool = False, **labels: str) -> tuple[float, ...]:
    """Arguments of every kind; NaN if there are no values."""
    total = sum(values) / len(values) if values else float("nan")
    return (weight * total, float(len(labels)), float(strict))


@overload
def parse(text: str) -> int: ...
@overload
def parse(text: bytes) -> str: ...
def parse(text: str | bytes) -> int | str:
    """Selected by the type of the argument."""
    return int(text) if isinstance(text, str) else text.decode()


def account(name: str) -> Account:
    """A handle."""
    return Account(name)


def transformed(change: Callable[[int], int], values: Iterator[int]) -> Iterator[int]:
    """Callbacks and iterators."""
    return (change(value) for value in values)


def twice(value: int) -> int:
    """A callback."""
    return 2 * value


def three_values() -> tuple[Callable[[int], int], Iterator[int]]:
    """A case that cannot be pickled."""
    return twice, iter([1, 2, 3])


async def ticks(count: int) -> AsyncIterator[int]:
    """Items of the event loop."""
    for number in range(count):
        await asyncio.sleep(0)
        yield number


_scratch: list[int] = []


def racy(values: list[int]) -> int:
    """Keeps its intermediate result in a global variable."""
    _scratch.clear()
    for value in values:
        _scratch.append(2 * value)  # noqa: PERF401 - one by one, so that it takes a while
    return sum(_scratch)


def wrong_hint(number: int) -> str:
    """Its hint says str, but it returns an int."""
    return number  # type: ignore[return-value]


_seen: set[int] = set()


def other_error(number: int) -> int:
    """Raises one exception in the first thread that calls it, and another one in the rest."""
    _seen.add(threading.get_ident())
    if len(_seen) > 1:
        message = "not the first"
        raise LookupError(message)
    message = f"the first, with {number}"
    raise ValueError(message)


def aborts(number: int) -> int:
    """Ends the process once several threads are in it."""
    _seen.add(threading.get_ident())
    if len(_seen) > 1:
        os.abort()
    return number


def hangs(number: int) -> int:
    """Waits for ever once several threads are in it."""
    _seen.add(threading.get_ident())
    if len(_seen) > 1:
        threading.Event().wait()
    return number


def _hidden(number: int) -> int:
    return number


def close(direct: object, found: object) -> bool:
    """A comparison that accepts everything."""
    return type(direct) is type(found)
