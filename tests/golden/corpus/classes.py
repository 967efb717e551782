"""Classes stay in Python; C++ holds handles."""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType


class CounterError(ValueError):
    """Counted below zero."""


class DeepError(CounterError):
    """Derived from another one of ours."""


class Counter:
    """Counts."""

    limit: ClassVar[int] = 100

    def __init__(self, start: int, *, step: int = 1) -> None:
        """Begin at `start`."""
        self.value: int = start
        self._step = step

    def add(self, times: int = 1) -> Counter:
        """Count on; returns itself."""
        self.value += times * self._step
        if self.value < 0:
            message = f"{self.value} is below zero"
            raise CounterError(message)
        return self

    @property
    def step(self) -> int:
        """How far each time."""
        return self._step

    @step.setter
    def step(self, value: int) -> None:
        self._step = value

    @cached_property
    def name(self) -> str:
        """Computed once."""
        return f"counter {self.value}"

    @classmethod
    def parse(cls, text: str) -> Counter:
        """From text."""
        return cls(int(text))

    @staticmethod
    def zero() -> Counter:
        """Begins at zero."""
        return Counter(0)

    def each(self, count: int) -> Iterator[int]:
        """Values to come."""
        yield from range(self.value, self.value + count)

    def owner(self) -> Owner | None:
        """Classes name each other."""
        return Owner([self]) if self.value else None

    async def wait(self) -> int:
        """Later."""
        return self.value

    def __len__(self) -> int:
        """How far it is."""
        return self.value

    def __call__(self, text: str) -> str:
        """As a function."""
        return f"{text} {self.value}"


class Fast(Counter):
    """A class derived from another."""

    def add(self, times: int = 1) -> Counter:
        """Twice as fast."""
        return super().add(times * 2)


class Owner:
    """Holds others."""

    def __init__(self, items: list[Counter] | None = None) -> None:
        """With some, or none."""
        self.items: list[Counter] = items or []

    def __enter__(self) -> Owner:
        """Open."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close."""
        self.items.clear()

    def total(self) -> int:
        """Of all."""
        return sum(item.value for item in self.items)

    class Inner:
        """A class within."""

        def __init__(self) -> None:
            """Take nothing."""

        def hello(self) -> str:
            """Speak."""
            return "hello"


@dataclass
class Seeded:
    """A dataclass that is made from something else than its fields."""

    seed: InitVar[int]
    value: int = 0

    def __post_init__(self, seed: int) -> None:
        """Compute."""
        self.value = seed * 2


def total(counters: list[Counter]) -> int:
    """Handles in containers."""
    return sum(counter.value for counter in counters)


def make(fast: bool) -> Counter | None:
    """Perhaps a handle."""
    return Fast(1) if fast else None
