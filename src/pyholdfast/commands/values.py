"""Parsers for the values of options.

Each function is the ``type`` of an option; argparse puts the option's name before the error text.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

__all__ = ["LONGEST_S", "duration", "duration_text", "number", "version", "whole_number"]

UNITS = (("ms", 1e6), ("us", 1e3), ("s", 1e9), ("", 1e9))
LONGEST_S = 1e9


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """A parser for whole numbers >= `least`, and <= `most` if that is given.

    >>> whole_number(1, 8)("3")
    3
    """

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number") from None
        if value < least or (most is not None and value > most):
            raise argparse.ArgumentTypeError(f"{value} is {_outside(least, most)}")
        return value

    return read


def number(least: float, most: float) -> Callable[[str], float]:
    """A parser for numbers between `least` and `most`, inclusive.

    >>> number(0.1, 3600)("0.5")
    0.5
    """

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is {_outside(least, most)}")
        return value

    return read


def duration(text: str) -> int:
    """Parse a duration; return nanoseconds.

    >>> duration("1.5s"), duration("200ms")
    (1500000000, 200000000)
    """
    unit, factor = next(pair for pair in UNITS if text.endswith(pair[0]))
    try:
        value = float(text.removesuffix(unit))
    except ValueError:
        value = -1.0
    if not 0 <= value < LONGEST_S:
        raise argparse.ArgumentTypeError(f"'{text}' is not a time such as 2s or 500ms")
    return round(value * factor)


def duration_text(text: str) -> str:
    """Check a duration in seconds or milliseconds, and return the text unchanged for the host."""
    duration(text.replace("us", "?"))
    return text


def version(text: str) -> tuple[int, int]:
    """Parse a version of Python.

    >>> version("3.13")
    (3, 13)
    """
    try:
        major, minor = map(int, text.split("."))
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a version such as 3.13") from None
    return major, minor


def _outside(least: float, most: float | None) -> str:
    return f"less than {least:g}" if most is None else f"not between {least:g} and {most:g}"
