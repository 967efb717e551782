"""Functions as arguments and results."""

from collections.abc import Callable
from typing import Any, Protocol


class Visit(Protocol):
    """A callback with a name."""

    def __call__(self, name: str, depth: int) -> bool:
        """Whether to go on."""
        ...


def apply(function: Callable[[int, str], float], value: int) -> float:
    """Call it back."""
    return function(value, "text")


def multiplier(factor: int) -> Callable[[int], int]:
    """A function of Python."""
    return lambda value: value * factor


def walk(names: list[str], visit: Visit) -> int:
    """Until the callback has enough."""
    for depth, name in enumerate(names):
        if not visit(name, depth):
            return depth
    return len(names)


def each(values: list[int], done: Callable[[], None], item: Callable[[int], None]) -> None:
    """Without results."""
    for value in values:
        item(value)
    done()


def compose(
    first: Callable[[int], int], second: Callable[[int], int]
) -> Callable[[list[int]], list[int]]:
    """Of callbacks, a callback."""
    return lambda values: [second(first(value)) for value in values]


def unknown(function: Callable[..., int]) -> Callable[..., Any]:
    """Parameters that are not known make it an object."""
    return function
