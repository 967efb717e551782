"""Prices of order books."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Level:
    """One price."""

    price: float
    size: int = 1


@dataclass
class Book:
    """A field of each type that C has."""

    symbol: str
    levels: list[Level] = field(default_factory=list)
    note: str | None = None
    data: bytes = b""
    flag: bool = False
    best: Level | None = None
    limit: float | None = None


def price(book: Book, *, rate: float = 1.0) -> float:
    """What the book is worth, in another currency."""
    return rate * sum(level.price * level.size for level in book.levels)


def best(book: Book) -> Level | None:
    """The highest price, if there is one."""
    return max(book.levels, key=lambda level: level.price, default=None)


def same(book: Book) -> Book:
    """Both ways."""
    return book


def names(books: list[Book]) -> list[str]:
    """A list of texts from a list of dataclasses."""
    return [book.symbol for book in books]


def rows(values: list[list[float]]) -> list[list[float]]:
    """Nested lists, reversed."""
    return values[::-1]


def greet(name: str, *, greeting: str = "hello", count: int = 1) -> str:
    """Parameters that may be left out."""
    return " ".join([f"{greeting} {name}"] * count)


def maybe(x: int | None) -> int | None:
    """None both ways."""
    return x if x is None else x + 1


def lies() -> float:
    """Another type than the hint."""
    return "text"  # type: ignore[return-value]


def nul() -> str:
    """Text that C cannot end."""
    return "a\0b"


def fails(x: int) -> None:
    """Raises."""
    raise KeyError(x)


def count(data: bytes, values: list[int] | None = None) -> int:
    """Bytes, and a list that may be left out."""
    return len(data) + (-1 if values is None else len(values))


@dataclass
class Node:
    """A dataclass that contains itself."""

    value: int
    next: Node | None = None
    children: list[Node] = field(default_factory=list)


def chain(n: int) -> Node:
    """Nested as deep as asked."""
    node = Node(0)
    for i in range(1, n):
        node = Node(i, node, [Node(-i)])
    return node


def total(node: Node | None) -> int:
    """What all nodes sum up to."""
    return 0 if node is None else node.value + total(node.next) + sum(map(total, node.children))


def endless() -> Node:
    """Contains itself in fact."""
    node = Node(1)
    node.next = node
    return node
