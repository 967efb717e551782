"""Numbers, truth and nothing."""

from typing import Annotated, Any, Final

LIMIT: Final = 1000
RATE: Final = 0.25
NAME: Final = "corpus"
ENABLED: Final = True


def add(a: int, b: int) -> int:
    """The sum.

    Of two integers of 64 bits.
    """
    return a + b


def halve(value: float) -> float:
    """Half of it."""
    return value / 2


def negate(flag: bool) -> bool:
    """The opposite."""
    return not flag


def conjugate(value: complex) -> complex:
    """Mirrored at the real axis."""
    return value.conjugate()


def nothing() -> None:
    """No result."""


def is_nothing(value: None) -> bool:
    """Whether None has come as None."""
    return value is None


def byte_and_word(
    small: Annotated[int, "uint8"], large: Annotated[int, "uint64"]
) -> Annotated[int, "uint64"]:
    """Integers of other widths, checked against them."""
    return small + large


def single(value: Annotated[float, "float32"]) -> Annotated[float, "float32"]:
    """A float of 32 bits."""
    return value


def anything(value: Any) -> object:
    """Objects go through as they are."""
    return value


def too_large() -> int:
    """More than 64 bits."""
    return 2**64
