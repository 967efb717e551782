"""What compile_typed.cpp and compile_pybind11.cpp call, with and without a bound header."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Level:
    """A price, and how much there is."""

    price: float
    size: int


def worth(levels: list[Level]) -> float:
    """What all of it costs."""
    return sum(level.price * level.size for level in levels)


def counted(words: list[str]) -> dict[str, int]:
    """How often each word occurs."""
    return {word: words.count(word) for word in words}


def found(text: str, word: str) -> int | None:
    """Where a word begins."""
    at = text.find(word)
    return None if at < 0 else at
