"""Names that mean something to C++."""

from enum import Enum
from typing import NamedTuple


class namespace(Enum):
    """A keyword as a class."""

    private = 1
    EOF = 2
    none = 3


class template(NamedTuple):
    """A keyword as a record."""

    int: int
    class_: str
    π: float = 3.14


def switch(new: bool) -> bool:
    """A keyword as a function."""
    return not new


def delete(this: template, auto: namespace) -> template:
    """All of them."""
    return this._replace(int=auto.value)


def größe(maß: float) -> float:
    """Letters that are not in ASCII."""
    return maß * 2
