"""Rows of Markdown tables, and the order of their columns."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["by_number", "line"]


def line(cells: Iterable[str]) -> str:
    """One row.

    >>> line(["Python", "3.12"])
    '| Python | 3.12 |'
    """
    return f"| {' | '.join(cells)} |"


def by_number(name: str) -> tuple[int, str]:
    """A sort key for names of Pythons: 3.9 before 3.13, and 3.13 before 3.13t."""
    return int(name.rstrip("t").split(".")[1]), name
