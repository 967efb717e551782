"""PEP 695: aliases and generics in their new form."""

from dataclasses import dataclass

type Pair[T] = tuple[T, T]
type Ids = list[int]


@dataclass
class Box[T]:
    """Of any type."""

    content: T


def swapped(pair: Pair[int]) -> Pair[int]:
    """A generic alias, closed."""
    return pair[1], pair[0]


def boxed(ids: Ids) -> Box[list[int]]:
    """A generic record, closed."""
    return Box(ids)


def unbox[T: int](box: Box[T]) -> T:
    """A parameter with a bound."""
    return box.content


def either[T: (int, str)](value: T) -> T:
    """A parameter with constraints."""
    return value


type Json = dict[str, Json] | list[Json] | str | float | None


def leaves(value: Json) -> int:
    """An alias that contains itself, without quotes."""
    if isinstance(value, dict):
        return sum(map(leaves, value.values()))
    return sum(map(leaves, value)) if isinstance(value, list) else 1
