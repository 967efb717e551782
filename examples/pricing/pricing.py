"""What order books are worth: plain Python with type hints, and no C++."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Side(enum.Enum):
    """Who waits in a book."""

    BUYERS = "buyers"
    SELLERS = "sellers"


@dataclass
class Level:
    """The number of pieces that wait at one price."""

    price: float
    size: int = 1


@dataclass
class Book:
    """The levels of one symbol, the best price first."""

    symbol: str
    side: Side
    levels: list[Level] = field(default_factory=list)


@dataclass
class Quote:
    """What a number of pieces costs; `missing` of them are not available."""

    symbol: str
    total: float
    missing: int


def quote(book: Book, size: int) -> Quote:
    """What it costs to take a number of pieces out of a book."""
    if size <= 0:
        message = f"{book.symbol}: a size of {size}"
        raise ValueError(message)
    total = 0.0
    for level in book.levels:
        taken = min(size, level.size)
        total += taken * level.price
        size -= taken
    return Quote(book.symbol, total if book.side is Side.SELLERS else -total, size)


def best(quotes: list[Quote]) -> Quote | None:
    """The cheapest complete one, if there is one."""
    return min((one for one in quotes if not one.missing), key=lambda one: one.total, default=None)
