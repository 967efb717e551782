"""Lines of a picture, and their labels beside the right ends. Both pictures of curves use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.svg import line, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["COLOURS", "RIGHT", "labels", "path"]

RIGHT = 630  # where the lines end
COLOURS = 6  # classes k0 to k5
APART = 16  # labels need so much room


def path(places: Sequence[tuple[float, float]], kind: str) -> str:
    """A line through these points."""
    joined = " L ".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return f'<path class="{kind}" d="M {joined}"/>'


def labels(ends: Iterable[tuple[float, str, int]]) -> list[str]:
    """The labels beside the lines' ends, moved apart if they would overlap.

    Args:
        ends: height, words and number of each line.
    """
    parts = []
    free_from = 0.0
    for y, label, number in sorted(ends):
        place = max(y, free_from)
        free_from = place + APART
        parts.append(line(RIGHT + 6, y, RIGHT + 20, place, f"k{number % COLOURS}"))
        parts.append(text(RIGHT + 26, place + 4, label))
    return parts
