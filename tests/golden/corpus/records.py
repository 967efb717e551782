"""Dataclasses: defaults, nested, recursive, inherited, generic."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, Generic, Optional, TypeVar

T = TypeVar("T")


class Side(Enum):
    """Which side of the book."""

    BUY = "buy"
    SELL = "sell"


@dataclass(frozen=True, order=True)
class Level:
    """One price of an order book."""

    price: float
    """In the book's currency."""
    size: int = 1
    side: Side = Side.BUY
    note: str | None = None


@dataclass
class Book:
    """An order book."""

    depth: ClassVar[int] = 10
    symbol: str
    levels: list[Level] = field(default_factory=list)
    best: Optional[Level] = None
    open: bool = True
    count: int = field(init=False)

    def __post_init__(self) -> None:
        """Count."""
        self.count = len(self.levels)

    def value(self) -> float:
        """Methods of records are functions that take the record first."""
        return sum(level.price * level.size for level in self.levels)

    def scaled(self, rate: float, *, digits: int = 2) -> Book:
        """A method that takes more."""
        levels = [Level(round(level.price * rate, digits), level.size) for level in self.levels]
        return Book(self.symbol, levels, self.best, self.open)

    @classmethod
    def empty(cls, symbol: str) -> Book:
        """A class method is a function without the record."""
        return cls(symbol)

    @staticmethod
    def name_of(side: Side) -> str:
        """A static one as well."""
        return side.value

    @property
    def depth_now(self) -> int:
        """Properties stay in Python, and are listed."""
        return len(self.levels)


@dataclass
class Node:
    """A list that holds itself."""

    value: int
    next: Node | None = None
    children: list[Node] = field(default_factory=list)


@dataclass
class Left:
    """One of two that hold each other."""

    right: Right | None = None


@dataclass
class Right:
    """The other one."""

    name: str
    left: Left | None = None


@dataclass(frozen=True)
class Named(Level):
    """With the fields of another record."""

    name: str = "?"


@dataclass
class Pair(Generic[T]):
    """Of any type; C++ gets one for each that is used."""

    first: T
    second: T


@dataclass
class Empty:
    """No fields."""


@dataclass
class Reserved:
    """Fields whose names mean something to C++."""

    default: int = 5
    Level: Optional[Level] = None


def price(book: Book) -> float:
    """What the book is worth."""
    return book.value()


def levels(count: int) -> list[Level]:
    """So many levels."""
    return [Level(float(index), index) for index in range(count)]


def make_book(symbol: str, count: int) -> Book:
    """A book with levels."""
    made = levels(count)
    return Book(symbol, made, best=made[0] if made else None)


def chain(length: int) -> Node | None:
    """A list of that length."""
    node = None
    for value in range(length, 0, -1):
        node = Node(value, node, [Node(-value)])
    return node


def length(node: Node) -> int:
    """Of a list."""
    return 1 if node.next is None else 1 + length(node.next)


def cross(left: Left) -> Right:
    """From one to the other."""
    return left.right or Right("none")


def name_of(item: Named) -> str:
    """The name."""
    return f"{item.name} {item.price:g}"


def extent(pair: Pair[int]) -> Pair[float]:
    """A generic record, closed."""
    return Pair(pair.first / 2, pair.second / 2)


def by_level(levels: list[Level]) -> dict[Level, int]:
    """Records as keys."""
    return {level: index for index, level in enumerate(levels)}


def nothing(empty: Empty) -> Empty:
    """No fields go both ways."""
    return empty


def reserved(value: Reserved) -> Reserved:
    """What C++ reserves."""
    return value


def broken() -> Book:
    """Says Book, and has something else deep inside."""
    return Book("X", [Level(1.0), Level("no")])  # type: ignore[arg-type]


def _now() -> float:
    return 7.0


@dataclass
class Stamped:
    """Defaults that only Python knows."""

    name: str
    stamp: float = field(default_factory=_now)
    limits: tuple[int, ...] = (1, 2)
    ratio: float | None = 0.5


def stamped(value: Stamped) -> Stamped:
    """What C++ leaves out, Python fills in."""
    return value
