"""Lists, dicts, sets and tuples, and what is like them."""

from collections.abc import Collection, Iterable, Mapping, MutableMapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Dict, FrozenSet, List, Set, Tuple


def doubled(values: list[float]) -> list[float]:
    """Each twice as large."""
    return [value * 2 for value in values]


def part(values: Sequence[int], start: int, stop: int) -> Sequence[int]:
    """A slice."""
    return values[start:stop]


def total(values: Iterable[int]) -> int:
    """The sum."""
    return sum(values)


def count(values: Collection[str]) -> int:
    """How many."""
    return len(values)


def inverted(table: dict[str, int]) -> dict[int, str]:
    """Keys and values exchanged."""
    return {value: key for key, value in table.items()}


def longest(table: Mapping[str, list[int]]) -> Mapping[str, int]:
    """The length of each list."""
    return {key: len(values) for key, values in table.items()}


def nested(table: MutableMapping[str, dict[str, int]]) -> list[dict[str, int]]:
    """The inner ones."""
    return list(table.values())


def unique(values: list[int]) -> set[int]:
    """Without doubles."""
    return set(values)


def common(a: frozenset[str], b: AbstractSet[str]) -> frozenset[str]:
    """What is in both."""
    return a & frozenset(b)


def swap(pair: tuple[int, str]) -> tuple[str, int]:
    """The other way round."""
    return pair[1], pair[0]


def empty() -> tuple[()]:
    """Nothing, as a tuple."""
    return ()


def row(values: tuple[int, ...]) -> tuple[float, ...]:
    """Of any length; a tuple arrives as a tuple."""
    assert isinstance(values, tuple)
    return tuple(value / 2 for value in values)


def rows(table: dict[tuple[int, int], str]) -> list[tuple[int, ...]]:
    """Tuples as keys."""
    return list(table)


def matrix(size: int) -> list[list[int]]:
    """The unit matrix."""
    return [[int(a == b) for b in range(size)] for a in range(size)]


def old_names(
    a: List[int],
    b: Dict[str, Set[int]],
    c: Tuple[int, ...],
) -> FrozenSet[int]:
    """As they were written before 3.9."""
    return frozenset(a) | frozenset(c) | frozenset().union(*b.values())


def bare(values: list, table: dict) -> tuple:  # type: ignore[type-arg]
    """Without arguments, elements are objects; keys without an order make the dict one."""
    return tuple(values) + tuple(table)


def mixed(values: list[Any]) -> dict[str, Any]:
    """Objects within containers."""
    return {str(index): value for index, value in enumerate(values)}
