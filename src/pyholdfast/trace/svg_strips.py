"""The strips of a still picture: who ran Python, with the colours and stripes of the threads."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pyholdfast.svg import rect
from pyholdfast.trace.colours import STRIPED_FROM, THREADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pyholdfast.trace.model import Owned

__all__ = ["STYLE", "patterns", "strip_paths", "swatch"]

STYLE = (
    "".join(f".o{at} {{ fill: {colour}; }} " for at, colour in enumerate(THREADS))
    + ".stripe { stroke: var(--fg); stroke-width: 1; }\n"
)
WIDEST_GAP, LEAST_GAP = 7, 3  # pixels between stripes


def patterns(threads: int) -> list[str]:
    """The definitions of the stripes that this number of threads needs."""
    turns = range(1, (threads - 1) // STRIPED_FROM + 1)
    return [f"<defs>{''.join(map(_pattern, turns))}</defs>"] if turns else []


def _pattern(turn: int) -> str:
    gap = max(LEAST_GAP, WIDEST_GAP - turn)
    return (
        f'<pattern id="s{turn}" width="{gap}" height="{gap}" patternUnits="userSpaceOnUse"'
        f' patternTransform="rotate({45 if turn % 2 else -45})">'
        f'<line class="stripe" x1="0" y1="0" x2="0" y2="{gap}"/></pattern>'
    )


def swatch(x: float, y: float, thread: int) -> str:
    """A small box in the thread's colour and stripes."""
    turn, colour = divmod(thread, STRIPED_FROM)
    plain = rect(x, y, 7, 9, f"o{colour}", 1)
    return plain + (plain.replace(f'class="o{colour}"', f'fill="url(#s{turn})"') if turn else "")


def strip_paths(
    strip: Sequence[Owned],
    order: Mapping[int, int],
    shares: Callable[[Iterable[tuple[int, int]]], list[float]],
    box: Callable[[int, int, float], str],
) -> str:
    """Columns as high as the share of the time in which a thread ran, in the colour of the one that ran longest.

    Args:
        strip: who ran, and when.
        order: of the threads, by index: their colours follow it.
        shares: of each column, the part that stretches of time cover.
        box: the path of the columns from the first to before the last, for a share.
    """
    by_thread: dict[int, list[tuple[int, int]]] = {}
    for piece in strip:
        by_thread.setdefault(order[piece.hold.thread], []).append((piece.start, piece.end))
    of_each = {thread: shares(stretches) for thread, stretches in by_thread.items()}
    columns = [
        (max(of_each, key=lambda thread: of_each[thread][at]), sum(s[at] for s in of_each.values()))
        for at in range(len(next(iter(of_each.values()), [])))
    ]
    paths: dict[int, list[str]] = {}
    at = 0
    for (thread, share), run in groupby(columns):
        first, at = at, at + len(list(run))
        if share > 0:
            paths.setdefault(thread, []).append(box(first, at, share))
    drawn = []
    for thread, path in paths.items():
        turn, colour = divmod(thread, STRIPED_FROM)
        drawn.append(f'<path class="o{colour}" d="{"".join(path)}"/>')
        if turn:
            drawn.append(f'<path fill="url(#s{turn})" d="{"".join(path)}"/>')
    return "".join(drawn)
