"""What stands out in a trace: who made others wait, where, and what to do about it.

A report of the watchdog in the trace is the verdict, because the watchdog saw what the thread was
doing. Without one, the events and the mutexes decide.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from pyholdfast.trace.file_layout import DRAIN, LOCK
from pyholdfast.trace.places import place, short
from pyholdfast.trace.strips import owners_during
from pyholdfast.trace.watchdog_reports import (
    Finding,
    of_drain_report,
    of_mutexes_report,
    of_wait_report,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyholdfast.trace.file_layout import RawLane
    from pyholdfast.trace.model import Hold, Span, Thread, Trace

__all__ = ["Finding", "count", "find", "names", "population", "time_text"]

WORTH_SAYING_NS = 1_000_000  # shorter waits do not justify a change
DRAIN_WORTH_SAYING_NS = 100_000_000  # threads that are told to end need a while to do so
# Waits of a few switch intervals are how threads share a GIL, if they wait for little of their time.
SHORT_INTERVALS, SHORT_SHARE = 4, 0.05
TURNS_OF_THE_GREEDY = 3
CROWD = 4  # threads; if none of them had most of the time, no single one is to blame


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


def population(threads: Iterable[Thread]) -> str:
    """E.g. ``2 threads``, ``1 thread and 4 worker processes``, ``4 worker processes``."""
    kinds = Counter(thread.is_worker for thread in threads)
    parts = [] if kinds[True] and not kinds[False] else [count(kinds[False], "thread")]
    if kinds[True]:
        parts.append(f"{kinds[True]} worker process{'' if kinds[True] == 1 else 'es'}")
    return " and ".join(parts)


def ranges(numbers: Iterable[int]) -> str:
    """In ascending order, neighbours as one.

    >>> ranges([0, 2, 3, 4, 7, 8])
    '0, 2-4, 7-8'
    """
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def shortened(name: str, most: int) -> str:
    """Without its middle: names of one kind differ at the end.

    >>> shortened("decoder-of-frames-12", 14)
    'decoder-…es-12'
    """
    if len(name) <= most:
        return name
    end = max(0, most - 1) * 2 // 5
    return f"{name[: most - 1 - end]}\N{HORIZONTAL ELLIPSIS}{name[len(name) - end :]}"


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
        return of_mutexes_report(trace, reports["HF812"], called)
    if locked := _mutexes(trace, called):
        return locked
    waited = _of_waits(trace, called)
    if "HF810" in reports:
        return of_wait_report(trace, reports["HF810"], called, waited)
    # That a short one gave up matters no more if a later one has ended Python.
    drained = _of_past_drain(trace, called)
    gave_up_first = trace.raw.ended and " gave up " in reports.get("HF811", "") and not drained
    if "HF811" in reports and not gave_up_first:
        return of_drain_report(trace, reports["HF811"], called)
    mutex = _of_past_mutexes(trace, called)
    if mutex and _time_of(trace, LOCK) > sum(thread.wait_total for thread in trace.threads):
        return mutex
    others = mutex or drained
    if waited and _is_short(trace):
        return others or (
            _though_short(trace, waited) if trace.raw.ended else _nothing(trace, called)
        )
    return waited or others or _nothing(trace, called)


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


def _spans(trace: Trace, kind: int) -> Iterator[Span]:
    return (span for thread in trace.threads for span in thread.spans if span.kind == kind)


def _time_of(trace: Trace, kind: int) -> int:
    return sum(span.end - span.start for span in _spans(trace, kind))


def _of_past_mutexes(trace: Trace, called: Mapping[int, str]) -> Finding | None:
    longest = max(_spans(trace, LOCK), key=lambda span: span.end - span.start, default=None)
    if longest is None or longest.end - longest.start < WORTH_SAYING_NS:
        return None
    made = "" if longest.name == "a mutex" else f" made at {short(longest.name)}"
    owner = longest.owner
    who = (
        f"which {called[owner]} had when the wait began"
        if owner is not None and owner in called
        else "and who had it is not known: a thread that locked it before the recording began, has"
        " ended since, or had eight other mutexes"
    )
    return Finding(
        f"{called[longest.thread]} waited {time_text(longest.end - longest.start)}"
        f" for the holdfast::mutex{made}, {who}",
        "unlock it sooner: move work that takes long, or waits, out of the lock",
    )


def _of_past_drain(trace: Trace, called: Mapping[int, str]) -> Finding | None:
    """A wait of finalize() that ended, or that goes on: who was inside last, and where."""
    longest = max(_spans(trace, DRAIN), key=lambda span: span.end - span.start, default=None)
    if longest is None or longest.end - longest.start < DRAIN_WORTH_SAYING_NS:
        return None
    told = [f"finalize() waited {time_text(longest.end - longest.start)}"]
    if longest.end == trace.duration and not trace.raw.ended:
        told[0] += ", to the end of the trace"
        told += _inside(trace, called)
    else:
        leaving = (hold for thread in trace.threads for hold in thread.holds)
        meanwhile = [hold for hold in leaving if longest.start < hold.end <= longest.end]
        last = max(meanwhile, key=lambda hold: hold.end, default=None)
        if last is not None:
            told.append(
                f"the last to leave was {called[last.thread]}, attached {place(last.site, last.function)}"
            )
    if len(told) == 1:
        told.append("no thread with a guard was inside")
    return Finding(
        "; ".join(told),
        "tell these threads to end before finalize(); with HOLDFAST_WATCHDOG=2s the trace says who is inside",
    )


# From the events.


def _is_short(trace: Trace) -> bool:
    """Whether the waits are such as threads have that share a GIL: short, and few."""
    most = SHORT_INTERVALS * trace.raw.switch_interval_us * 1000
    return trace.waits.longest <= most and _waiting(trace) < SHORT_SHARE


def _waiting(trace: Trace) -> float:
    """The fraction of the threads' time that they waited to attach."""
    lives = sum(thread.life for thread in trace.threads if not thread.is_worker)
    return sum(thread.wait_total for thread in trace.threads) / max(1, lives)


def _though_short(trace: Trace, waited: Finding) -> Finding:
    longest = time_text(trace.waits.longest)
    return Finding(
        f"waits were short: {longest} at most, {_waiting(trace):.1%} of the threads' time;"
        f" the longest: {waited.sentence}",
        f"nothing to fix, unless {longest} is too long for you; then {waited.remedy}",
    )


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
    if len(shares) >= CROWD and shares[culprit] < longest_wait / CROWD:
        return Finding(
            f"{victim} waited {time_text(longest_wait)} while {count(len(shares), 'thread')} took turns;"
            f" none had it for long, {name} most, {shares[culprit] / longest_wait:.0%} of that time,"
            f" {place(hold.site, hold.function)}",
            "attach from fewer threads, e.g. by a holdfast::executor, or for less: move native work out of"
            " the guards; or use processes, interpreters with a GIL of their own, or a free-threaded Python",
        )
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
    return Finding(
        "; ".join([f"{told}, and the trace ends before Python did", *_inside(trace, called)]),
        "if the host hung, record it with HOLDFAST_WATCHDOG=2s; end Python by finalize() with a limit,"
        " which names the threads that are still inside",
    )


def _inside(trace: Trace, called: Mapping[int, str]) -> list[str]:
    """The threads that were inside at the end of the trace."""
    return [
        f"{called[thread.index]} was inside, {'attached' if thread.state == 'attached' else 'detached'}"
        f" {place(thread.holds[-1].site, thread.holds[-1].function)}"
        for thread in trace.threads
        if thread.holds
        and (
            thread.state == "attached" or (thread.holds[-1].continued and thread.state == "native")
        )
    ]
