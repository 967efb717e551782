"""Names that look like types of holdfast's own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal


class list_view(Enum):
    """An enumeration, whose members have an order in C++."""

    WIDE = 1
    NARROW = 2


@dataclass(frozen=True)
class page_view:
    """A record with an order."""

    page: int
    mode: Literal["grid_view", "context_manager"] = "grid_view"


@dataclass(frozen=True)
class Visit:
    """Has the order of its fields."""

    first: page_view
    by: list_view = list_view.WIDE


@dataclass
class double_view:
    """Begins like a number."""

    value: float = 0.5


@dataclass
class Holder:
    """A default that only a number could have."""

    inner: double_view | float = 1.5


def distinct(visits: list[Visit]) -> set[Visit]:
    """A set of them."""
    return set(visits)


def count(modes: dict[list_view, int], kinds: set[Literal["grid_view", "list"]]) -> int:
    """Keys of both kinds."""
    return len(modes) + len(kinds)
