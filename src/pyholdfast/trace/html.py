"""Writes a trace as one HTML page that needs no network.

The page is picture.html and its scripts, beside this module; this module reduces its data. Stretches that are too
close to be distinguished are merged; a merged one says how much of it each state has, and the page
fills it by these shares. Long stretches are never merged.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyholdfast.trace.colours import THREADS, variables
from pyholdfast.trace.file_layout import COLLECTION, DRAIN, LOCK
from pyholdfast.trace.lanes import lanes, union
from pyholdfast.trace.places import short, short_paths
from pyholdfast.trace.summary import facts
from pyholdfast.trace.verdict import find, ranges
from pyholdfast.trace.verdict import names as names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyholdfast.trace.lanes import Stretch
    from pyholdfast.trace.model import Distribution, Hold, Thread, Trace

__all__ = ["page"]

FOLDER = Path(__file__).parent
SCRIPTS = ("picture_tracks.js", "picture_moves.js", "picture_tables.js")
MOST_STRETCHES = 40_000  # in all tracks together: about 1.2 MB
LEAST_PER_TRACK = 100
LISTED = 10
STATES = 5
MERGED = STATES  # in place of a state


def page(trace: Trace, title: str | None = None) -> str:
    """The page. `title` is its first line; default: the command."""
    data = json.dumps(_data(trace, title), separators=(",", ":"), ensure_ascii=False)
    text = (FOLDER / "picture.html").read_text(encoding="utf-8")
    scripts = (f"\n{(FOLDER / name).read_text(encoding='utf-8')}" for name in SCRIPTS)
    text = text.replace("/*COLOURS*/\n", variables(":root"), 1)
    text = text.replace("/*SCRIPT*/\n", "".join(scripts), 1)
    # In a script element, only this character could end it early.
    return text.replace("/*DATA*/null", data.replace("<", "\\u003c"), 1)


class _Names:
    """Numbers for texts, so that each is in the page once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        return self._numbers.setdefault(text, len(self._numbers))

    def all(self) -> list[str]:
        return list(self._numbers)


def _data(trace: Trace, title: str | None) -> dict[str, Any]:
    raw = trace.raw
    names = _Names()
    found = find(trace)
    called = names_of(trace)
    drawn = lanes(trace)
    total = sum(map(len, drawn.values())) + sum(len(thread.spans) for thread in trace.threads)
    budget = max(LEAST_PER_TRACK, MOST_STRETCHES // max(1, len(trace.threads)))
    threads = [
        {
            "name": called[thread.index],
            "id": thread.native_id,
            "worker": thread.is_worker,
            "tasks": thread.tasks,
            "longestTask": max((span.end - span.start for span in thread.spans), default=0),
            "started": thread.started,
            "ended": thread.ended,
            "known": max(thread.started, min(thread.complete_from, thread.ended)),
            "attaches": thread.attaches,
            "waited": thread.wait_total / thread.life,
            "held": thread.hold_total / thread.life,
            "longestWait": thread.longest_wait,
            "longestHold": thread.longest_hold,
            "lane": _lane(drawn[thread.index], _grain(thread, total, budget), names),
            **_spans(thread, _grain(thread, total, budget)),
        }
        for thread in trace.threads
    ]
    return {
        "title": title or " ".join(raw.command) or "holdfast trace",
        "facts": facts(trace),
        "finding": found.sentence,
        "remedy": found.remedy,
        "duration": trace.duration,
        "free": raw.free_threaded,
        "gils": [interpreters for interpreters, _ in trace.gils],
        "strips": [ranges(interpreters) for interpreters, _ in trace.gils],
        "palette": THREADS,
        "threads": threads,
        "waits": _histogram(trace.waits),
        "holds": _histogram(trace.holds),
        "longest": _longest(trace),
        "sites": [
            [f"{site.function} {short(site.site)}".strip(), site.count, site.wait_total, site.longest_wait]
            for site in sorted(trace.sites, key=lambda site: -site.wait_total)[:LISTED]
        ],
        "notes": [[time, short_paths(text)] for time, text in trace.notes],
        "names": names.all(),
    }  # fmt: skip


def _grain(thread: Thread, total: int, budget: int) -> int:
    """The length below which neighbours are merged, so that a track has about `budget` stretches."""
    # Between two merged groups there may be a long stretch, which is never merged.
    return 0 if total <= MOST_STRETCHES else 3 * thread.life // budget


@dataclass(slots=True)
class _Group:
    """Neighbours that are drawn as one: the time in each state, and how many attaches began."""

    first: Stretch
    end: int
    shares: list[int]
    begun: int
    single: bool = True


def _groups(stretches: Sequence[Stretch], grain: int) -> list[_Group]:
    groups: list[_Group] = []
    for one in stretches:
        last = groups[-1] if groups else None
        if (
            last is None
            or one.end - last.first.start >= grain
            or one.interpreter != last.first.interpreter
        ):
            shares = [0] * STATES
            shares[one.state] = one.end - one.start
            groups.append(_Group(one, one.end, shares, int(one.begins)))
        else:
            last.shares[one.state] += one.end - one.start
            last.end = one.end
            last.begun += one.begins
            last.single = False
    return groups


def _lane(stretches: Sequence[Stretch], grain: int, names: _Names) -> list[int]:
    """Numbers one after the other: for each group, the gap before it, its length, and so on.

    The third is the state, or MERGED, plus 8 times the interpreter; then come the number of attaches
    that began, the site, and the function; and if merged, the nanoseconds in each state.
    """
    flat: list[int] = []
    at = 0
    for group in _groups(stretches, grain):
        first = group.first
        kind = first.state if group.single else MERGED
        flat += (first.start - at, group.end - first.start, kind + 8 * first.interpreter,
                 group.begun, names.number(short(first.site)), names.number(first.function))  # fmt: skip
        if not group.single:
            flat += group.shares
        at = group.end
    return flat


def _spans(thread: Thread, grain: int) -> dict[str, list[int]]:
    """Calls and tasks, and collections: for each group its gap, its length, and the time covered."""
    return {
        "work": _covered(
            ((s.start, s.end) for s in thread.spans if s.kind not in (COLLECTION, DRAIN, LOCK)),
            grain,
        ),
        "gc": _covered(((s.start, s.end) for s in thread.spans if s.kind == COLLECTION), grain),
    }


def _covered(periods: Iterable[tuple[int, int]], grain: int) -> list[int]:
    groups: list[list[int]] = []
    for first, last in union(periods):
        if groups and last - groups[-1][0] < grain:
            groups[-1][1] = last
            groups[-1][2] += last - first
        else:
            groups.append([first, last, last - first])
    flat: list[int] = []
    at = 0
    for first, last, covered in groups:
        flat += (first - at, last - first, covered)
        at = last
    return flat


def _longest(trace: Trace) -> list[list[Any]]:
    """The longest hold at each place, and how many holds there were."""
    positions = {thread.index: at for at, thread in enumerate(trace.threads)}
    alike: defaultdict[tuple[str, str], list[Hold]] = defaultdict(list)
    for thread in trace.threads:
        for hold in thread.holds:
            if hold.length:
                alike[hold.function, hold.site].append(hold)
    rows = [(max(holds, key=lambda one: one.length), len(holds)) for holds in alike.values()]
    rows.sort(key=lambda row: -row[0].length)
    return [
        [positions[hold.thread], hold.middle, hold.end, f"{hold.function} {short(hold.site)}".strip(), many]
        for hold, many in rows[:LISTED]
    ]  # fmt: skip


def _histogram(found: Distribution) -> dict[str, Any]:
    return {
        "classes": found.classes,
        "p50": found.quantile(0.5),
        "p99": found.quantile(0.99),
        "longest": found.longest,
    }
