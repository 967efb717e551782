"""Writes a trace as one HTML page that needs no network.

The page is picture.html, beside this module; this module reduces its data. Holds that are too close
to be distinguished are merged and counted; the longest ones are always kept.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyholdfast.trace.model import short
from pyholdfast.trace.summary import facts, find

if TYPE_CHECKING:
    from pyholdfast.trace.model import Distribution, Hold, Owned, Thread, Trace

__all__ = ["page"]

TEMPLATE = Path(__file__).with_name("picture.html")
MOST_BARS = 9000  # in all tracks together: about 350 kB
LISTED = 10


def page(trace: Trace, title: str | None = None) -> str:
    """The page. `title` is its first line; default: the command."""
    data = json.dumps(_data(trace, title), separators=(",", ":"), ensure_ascii=False)
    # In a script element, only this sequence could end it early.
    return TEMPLATE.read_text(encoding="utf-8").replace(
        "/*DATA*/null", data.replace("<", "\\u003c")
    )


def _data(trace: Trace, title: str | None) -> dict[str, Any]:
    names: dict[str, int] = {"": 0}

    def number(text: str) -> int:
        return names.setdefault(text, len(names))

    raw = trace.raw
    positions = {thread.index: at for at, thread in enumerate(trace.threads)}
    bars = sum(len(thread.holds) + len(thread.spans) for thread in trace.threads)
    bars += sum(len(strip) for strip in trace.strips.values())
    grain = 0 if bars <= MOST_BARS else _grain(trace)
    everything = (hold for thread in trace.threads for hold in thread.holds)
    longest = sorted(everything, key=lambda hold: -hold.length)[:LISTED]
    strip = [] if raw.free_threaded else next(iter(trace.strips.values()), [])
    found = find(trace)
    threads = [
        {
            "name": thread.name,
            "started": thread.started,
            "ended": thread.ended,
            "attaches": thread.attaches,
            "waited": thread.wait_total / thread.life,
            "held": thread.hold_total / thread.life,
            "longestWait": thread.longest_wait,
            "longestHold": thread.longest_hold,
            "holds": [
                [first.start, first.middle if many == 1 else first.start, end,
                 number(short(first.site)), number(first.function), many]
                for first, end, many in _merged(thread.holds, grain)
            ],
            "spans": _spans(thread, grain),
        }
        for thread in trace.threads
    ]  # fmt: skip
    return {
        "title": title or " ".join(raw.command) or "holdfast trace",
        "facts": facts(trace),
        "finding": found.sentence,
        "remedy": found.remedy,
        "duration": trace.duration,
        "free": raw.free_threaded,
        "threads": threads,
        "strip": _merged_strip(strip, grain, positions),
        "waits": _histogram(trace.waits),
        "holds": _histogram(trace.holds),
        "longest": [
            [positions[hold.thread], hold.middle, hold.end, number(hold.function), number(short(hold.site))]
            for hold in longest
        ],
        "sites": [
            [f"{site.function} {short(site.site)}".strip(), site.count, site.wait_total, site.longest_wait]
            for site in sorted(trace.sites, key=lambda site: -site.wait_total)[:LISTED]
        ],
        "notes": trace.notes,
        "names": list(names),
    }  # fmt: skip


def _grain(trace: Trace) -> int:
    """The gap below which neighbours are merged, so that at most MOST_BARS remain."""
    tracks = len(trace.threads) * 2 + 1
    return trace.duration * tracks // MOST_BARS


def _merged(holds: list[Hold], grain: int) -> list[tuple[Hold, int, int]]:
    """(first hold, end, how many) of each group. A hold longer than the grain is never merged."""
    groups: list[tuple[Hold, int, int]] = []
    for hold in sorted(holds, key=lambda one: one.start):
        short_one = hold.end - hold.start < grain
        if groups and short_one and hold.end - groups[-1][0].start < grain:
            first, _, many = groups[-1]
            groups[-1] = (first, hold.end, many + 1)
        else:
            groups.append((hold, hold.end, 1))
    return groups


def _spans(thread: Thread, grain: int) -> list[list[int]]:
    kept: list[list[int]] = []
    for span in sorted(thread.spans, key=lambda one: one.start):
        if kept and kept[-1][2] == span.kind and span.end - kept[-1][0] < grain:
            kept[-1][1] = max(kept[-1][1], span.end)
        else:
            kept.append([span.start, span.end, span.kind])
    return kept


def _merged_strip(strip: list[Owned], grain: int, positions: dict[int, int]) -> list[list[int]]:
    kept: list[list[int]] = []
    for piece in strip:
        owner = positions[piece.hold.thread]
        if (kept and piece.end - kept[-1][0] < grain) or (
            kept and kept[-1][2] == owner and piece.start - kept[-1][1] <= grain
        ):
            kept[-1][1] = piece.end
        else:
            kept.append([piece.start, piece.end, owner])
    return kept


def _histogram(found: Distribution) -> dict[str, Any]:
    return {
        "classes": found.classes,
        "p50": found.quantile(0.5),
        "p99": found.quantile(0.99),
        "longest": found.longest,
    }
