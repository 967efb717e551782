"""Generators, one behind the other: no stage waits for the one before it to finish."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple


class Entry(NamedTuple):
    """A line of a log."""

    level: str
    text: str


def entries(lines: Iterator[str]) -> Iterator[Entry]:
    """Lines that say their level; others belong to the line before."""
    found: Entry | None = None
    for line in lines:
        level, colon, text = line.partition(": ")
        if colon:
            if found is not None:
                yield found
            found = Entry(level, text)
        elif found is not None:
            found = Entry(found.level, f"{found.text} / {line.strip()}")
    if found is not None:
        yield found


def at_least(level: str, lines: Iterator[str]) -> Iterator[Entry]:
    """The entries of at least this level."""
    order = ["debug", "info", "warning", "error"]
    wanted = order[order.index(level) :]
    return (entry for entry in entries(lines) if entry.level in wanted)


def longest() -> Generator[str, str, int]:
    """Receives words, yields the longest so far, and returns how many there were."""
    found, count = "", 0
    while word := (yield found):
        found = max(found, word, key=len)
        count += 1
    return count


def words(texts: Iterable[str]) -> Iterable[str]:
    """The words of some texts."""
    for text in texts:
        yield from text.split()
