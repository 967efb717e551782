"""Rows of tables in Markdown, and the order of their columns. Nothing but text."""

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
    """What to sort names of Pythons by: 3.9 before 3.13, and that before 3.13t."""
    return int(name.rstrip("t").split(".")[1]), name
