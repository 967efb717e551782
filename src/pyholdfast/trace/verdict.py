"""What stands out in a trace: who made others wait, where, and what to do about it.

A report of the watchdog in the trace is the verdict, because the watchdog saw what the thread was
doing. Without one, the events and the mutexes decide.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.trace.file_layout import LOCK
from pyholdfast.trace.model import owners_during, place, short, short_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyholdfast.trace.file_layout import RawLane
    from pyholdfast.trace.model import Hold, Trace

__all__ = ["Finding", "count", "find", "names", "time_text"]

WORTH_SAYING_NS = 1_000_000  # shorter waits do not justify a change
TURNS_OF_THE_GREEDY = 3
_THREAD = re.compile(r"'([^'\n]*)' \((\d+)\)")
_KNOWN = re.compile(r".*?; \d+ threads? waited")  # without the reason
_WAITERS = re.compile(r"; \d+ threads? waits?; ")


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands out, in one sentence, and what to do about it."""

    sentence: str
    remedy: str


def time_text(ns: float) -> str:
    """Three digits and a unit, e.g. ``41.2 ms``.

    >>> time_text(999_999)
    '1 ms'
    """
    for unit, text in ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")):
        if ns >= 0.9995 * unit:
            return f"{ns / unit:.3g} {text}"
    return f"{ns:.0f} ns"


def count(many: int, what: str) -> str:
    """E.g. ``1 thread``, ``2 threads``."""
    return f"{many} {what}{'' if many == 1 else 's'}"


def names(trace: Trace, longest: int | None = None) -> dict[int, str]:
    """Each thread's name by index; with its number if several threads have the same name."""
    known = {thread.index: thread.name[:longest] for thread in trace.threads}
    times = Counter(known.values())
    return {
        thread.index: name if times[name] == 1 else f"{name} ({thread.native_id})"
        for thread, name in zip(trace.threads, known.values(), strict=True)
    }


def find(trace: Trace) -> Finding:
    """The lock, the hold or the habit that cost other threads most time."""
    called = names(trace)
    reports = {note[:5]: note for _, note in reversed(trace.notes)}
    if "HF812" in reports:
        return _of_mutexes_report(trace, reports["HF812"], called)
    if locked := _mutexes(trace, called):
        return locked
    waited = _of_waits(trace, called)
    if "HF810" in reports:
        return _of_wait_report(trace, reports["HF810"], called, waited)
    if "HF811" in reports:
        return _of_drain_report(trace, reports["HF811"], called)
    return waited or _of_past_mutexes(trace, called) or _nothing(trace, called)


# From the watchdog's reports.


def _of_wait_report(
    trace: Trace, report: str, called: Mapping[int, str], waited: Finding | None
) -> Finding:
    _, diagnosis, *_ = [*report.splitlines(), ""]
    diagnosis = _plain(trace, diagnosis.strip(), called)
    remedy = _plain(trace, _remedy(report), called)
    culprit = diagnosis.partition(" has held it ")[0]
    if waited is None:
        return Finding(diagnosis, remedy)
    if " starved: " in waited.sentence and "starved: " in diagnosis:
        return Finding(waited.sentence, remedy)
    if waited.sentence.startswith(f"{culprit} held it "):  # the whole time, not until the report
        reason = _WAITERS.split(diagnosis, maxsplit=1)[-1]
        known = _KNOWN.match(waited.sentence)
        return Finding(f"{known[0] if known else waited.sentence}; {reason}", remedy)
    return Finding(diagnosis, remedy)


def _of_mutexes_report(trace: Trace, report: str, called: Mapping[int, str]) -> Finding:
    lines = [line.strip() for line in report.splitlines()[1:] if not line.startswith("  do: ")]
    told = "; ".join(_plain(trace, line, called) for line in lines)
    circle = "mutexes taken in opposite orders: " if "in one order" in _remedy(report) else ""
    return Finding(circle + told, _remedy(report))


def _of_drain_report(trace: Trace, report: str, called: Mapping[int, str]) -> Finding:
    first, *inside = (line.strip() for line in report.splitlines())
    who = [line.removeprefix("inside").strip() for line in inside if line.startswith("inside")]
    told = f"{first.removeprefix('HF811 ')}: {'; '.join(who)}"
    return Finding(_plain(trace, told, called), "tell these threads to end before finalize()")


def _remedy(report: str) -> str:
    found = [line[6:] for line in report.splitlines() if line.startswith("  do: ")]
    return found[-1] if found else "see the watchdog's report"


def _plain(trace: Trace, text: str, called: Mapping[int, str]) -> str:
    """With short paths; threads by name, with a number only where two have the same name."""
    by_number = {thread.native_id: called[thread.index] for thread in trace.threads}
    return _THREAD.sub(lambda who: by_number.get(int(who[2]), who[1]), short_paths(text))


# From the mutexes that were awaited at the end of the trace.


def _mutexes(trace: Trace, called: Mapping[int, str]) -> Finding | None:
    waiters = {track.index: track for track in trace.raw.tracks if track.wanted_lock}
    owner = {lock: track.index for track in trace.raw.tracks for lock in track.held_locks}
    circle = next(_circles(waiters, owner), ())
    if circle:
        told = "; ".join(
            f"{called[at]} holds one and waits for another one that {called[owner[waiters[at].wanted_lock]]}"
            f" holds, {_where(trace, waiters[at])}"
            for at in circle
        )
        return Finding(
            f"holdfast::mutexes taken in opposite orders, to the end of the trace: {told}",
            "let every thread take these mutexes in one order, or take them at once by std::scoped_lock",
        )
    for index, track in waiters.items():
        long = trace.duration - trace.raw.clock.ns(track.wanted_since)
        if long >= WORTH_SAYING_NS and index in called:
            holder = owner.get(track.wanted_lock, -1)
            who = f"that {called[holder]} holds" if holder in called else "of an unknown owner"
            return Finding(
                f"{called[index]} waited {time_text(long)} for a holdfast::mutex {who},"
                f" {_where(trace, track)}, to the end of the trace",
                "unlock it sooner: move work that takes long, or waits, out of the lock",
            )
    return None


def _circles(waiters: Mapping[int, RawLane], owner: Mapping[int, int]) -> Iterator[list[int]]:
    for first in waiters:
        path = [first]
        while (following := owner.get(waiters[path[-1]].wanted_lock)) in waiters:
            if following == first:
                yield path
            if following is None or following in path:
                break
            path.append(following)


def _where(trace: Trace, track: RawLane) -> str:
    return f"in the guard {place(trace.raw.names.get(track.site, ''), '')}".removesuffix(" ")


def _of_past_mutexes(trace: Trace, called: Mapping[int, str]) -> Finding | None:
    waits = (span for thread in trace.threads for span in thread.spans if span.kind == LOCK)
    longest = max(waits, key=lambda span: span.end - span.start, default=None)
    if longest is None or longest.end - longest.start < WORTH_SAYING_NS:
        return None
    made = "" if longest.name == "a mutex" else f" made at {short(longest.name)}"
    return Finding(
        f"{called[longest.thread]} waited {time_text(longest.end - longest.start)}"
        f" for the holdfast::mutex{made}",
        "unlock it sooner: move work that takes long, or waits, out of the lock",
    )


# From the events.


def _of_waits(trace: Trace, called: Mapping[int, str]) -> Finding | None:
    waits = [(hold.wait, hold) for thread in trace.threads for hold in thread.holds]
    longest_wait, waited = max(waits, key=lambda pair: pair[0], default=(0, None))
    if waited is None or longest_wait < WORTH_SAYING_NS:
        return None
    strip = trace.strips.get(waited.interpreter, [])
    shares: defaultdict[int, int] = defaultdict(int)
    turns: defaultdict[int, set[int]] = defaultdict(set)
    longest: dict[int, Hold] = {}
    for piece, shared in owners_during(strip, waited.start, waited.middle):
        owner = piece.hold.thread
        if owner == waited.thread:
            continue
        shares[owner] += shared
        turns[owner].add(piece.hold.start)
        if owner not in longest or piece.hold.length > longest[owner].length:
            longest[owner] = piece.hold
    victim = called[waited.thread]
    if not shares:
        return Finding(
            f"{victim} waited {time_text(longest_wait)} {place(waited.site, waited.function)},"
            " and no thread that holdfast knows of held it",
            "look for code that attaches without holdfast, e.g. by PyGILState_Ensure",
        )
    culprit = max(shares, key=lambda index: shares[index])
    name, hold = called[culprit], longest[culprit]
    if len(turns[culprit]) >= TURNS_OF_THE_GREEDY and hold.length < longest_wait / 2:
        return Finding(
            f"{victim} starved: it waited {time_text(longest_wait)} while {name} attached"
            f" {len(turns[culprit])} times {place(hold.site, hold.function)}",
            f"let {name} do several things in one attach, and pause before it attaches again",
        )
    waiting = {
        other.index
        for other in trace.threads
        for wait in other.holds
        if other.index != culprit and min(wait.middle, hold.end) > max(wait.start, hold.middle)
    }
    ending = ", to the end of the trace" if hold.open_end else ""
    told = (
        f"{name} held it {time_text(hold.length)} {place(hold.site, hold.function)}{ending};"
        f" {count(len(waiting), 'thread')} waited"
    )
    return _with_remedy(trace, told, hold, waited, victim)


def _with_remedy(trace: Trace, told: str, hold: Hold, waited: Hold, victim: str) -> Finding:
    interval = trace.raw.switch_interval_us * 1000
    if hold.function and interval >= hold.length / 2:
        return Finding(
            f"{told}; Python asks for it only every {time_text(interval)} (switch_interval)",
            "lower interpreter_config::switch_interval, do the work in smaller pieces, or run it in"
            " another interpreter or process",
        )
    if hold.function:
        return Finding(
            told,
            "put a detach_guard around the native code that it calls and that blocks or computes; for an"
            " extension module, call it with smaller pieces of work, or in another process",
        )
    if hold.open_end and waited.open_end:
        return Finding(
            f"{told}; if it waits for a lock that {victim} has, which waits to attach"
            f" {place(waited.site, waited.function)}, this is a lock inversion",
            "make that lock a holdfast::mutex, or put a detach_guard around the wait; with"
            " HOLDFAST_WATCHDOG=2s the trace says for what it waits",
        )
    return Finding(
        told,
        "put a detach_guard around what blocks or computes natively there, or do it in smaller pieces",
    )


def _nothing(trace: Trace, called: Mapping[int, str]) -> Finding:
    told = f"no attach waited longer than {time_text(trace.waits.longest)}"
    if trace.raw.ended:
        return Finding(told, "nothing to fix here")
    inside = [
        f"{called[thread.index]} was inside, {'attached' if thread.state == 'attached' else 'detached'}"
        f" {place(thread.holds[-1].site, thread.holds[-1].function)}"
        for thread in trace.threads
        if thread.holds
        and (
            thread.state == "attached" or (thread.holds[-1].continued and thread.state == "native")
        )
    ]
    return Finding(
        "; ".join([f"{told}, and the trace ends before Python did", *inside]),
        "if the host hung, record it with HOLDFAST_WATCHDOG=2s; end Python by finalize() with a limit,"
        " which names the threads that are still inside",
    )
