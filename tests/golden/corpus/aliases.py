"""Names for types, and types of neighbours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Dict, NewType, TypeVar

from . import records as r
from .enums import Color as Paint

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

    from .records import Book

T = TypeVar("T")
N = TypeVar("N", int, float)
L = TypeVar("L", bound=r.Level)
Price = float
Prices: TypeAlias = "list[Price]"
Table = Dict[str, T]
UserId = NewType("UserId", int)
Port = Annotated[int, "uint16"]

if sys.version_info >= (3, 0):
    Text = str
else:
    Text = bytes

try:
    from no_such_package import Fast as Engine  # type: ignore[import-not-found]
except ImportError:
    Engine = int


def user(name: Text) -> UserId:
    """A type of its own in Python, an integer in C++."""
    return UserId(len(name))


def prices(values: Prices) -> Table[Price]:
    """Aliases of aliases."""
    return {str(value): value for value in values}


def port(number: Port) -> Port:
    """With a width."""
    return number


def neighbours(book: Book, paint: Paint) -> "list[r.Level]":
    """Types of other modules."""
    return book.levels if paint is Paint.RED else []


def constrained(value: N) -> N:
    """One of two."""
    return value


def bounded(value: L) -> L:
    """At least a Level."""
    return value


def engine(power: Engine) -> Engine:  # pyright: ignore[reportInvalidTypeForm]
    """From the branch that a healthy installation takes; not known here."""
    return power
