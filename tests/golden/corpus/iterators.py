"""Iterators and generators, both ways."""

from collections.abc import Generator, Iterable, Iterator

from .records import Level


def squares(count: int) -> Iterator[int]:
    """Made one by one."""
    return (value * value for value in range(count))


def countdown(start: int) -> Generator[int, None, None]:
    """A generator, as an iterator."""
    while start > 0:
        yield start
        start -= 1


def words(text: str) -> Iterable[str]:
    """Anything that can be iterated over."""
    return text.split()


def levels(count: int) -> Iterator[Level]:
    """Records."""
    for index in range(count):
        yield Level(float(index))


def running(values: Iterator[float]) -> Iterator[float]:
    """From an iterator, an iterator."""
    total = 0.0
    for value in values:
        total += value
        yield total


def talk(start: int) -> Generator[int, str, bool]:
    """Takes answers, and ends with a result."""
    heard = ""
    for value in range(start):
        heard += yield value
    return heard == "yes" * start


def first(values: Iterable[str]) -> str | None:
    """A list will do."""
    return next(iter(values), None)


def fails(after: int) -> Iterator[int]:
    """Raises in the middle."""
    yield from range(after)
    message = "enough"
    raise ValueError(message)
