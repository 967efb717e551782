"""A trace as text: which threads waited, which held Python, and one sentence about what to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.trace.model import owners_during, place

if TYPE_CHECKING:
    from pyholdfast.trace.model import Distribution, Hold, Thread, Trace

__all__ = ["Finding", "facts", "find", "summary", "time_text"]

WORTH_SAYING_NS = 1_000_000  # shorter waits do not justify a change
TURNS_OF_THE_GREEDY = 3
NAME = 15  # characters of a thread's name that the system keeps
US, MS, S = 1_000, 1_000_000, 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands out, in one sentence, and what to do about it."""

    sentence: str
    remedy: str


def time_text(ns: float) -> str:
    """Three digits and a unit, e.g. ``41.2 ms``."""
    for unit, text in ((S, "s"), (MS, "ms"), (US, "us")):
        if ns >= unit:
            return f"{ns / unit:.3g} {text}"
    return f"{ns:.0f} ns"


def find(trace: Trace) -> Finding:
    """The hold or the habit that cost other threads most time."""
    waits = [(hold.wait, hold) for thread in trace.threads for hold in thread.holds]
    longest_wait, waited = max(waits, key=lambda pair: pair[0], default=(0, None))
    drains = [note for _, note in trace.notes if note.startswith("HF811")]
    # The watchdog has reported those of the two that exceeded its limit.
    if drains and not any(note.startswith("HF810") for _, note in trace.notes):
        return _of_drain(drains[0])
    if waited is None or longest_wait < WORTH_SAYING_NS:
        return Finding(
            f"no attach waited longer than {time_text(trace.waits.longest)}", "nothing to fix here"
        )
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
    names = _names(trace)
    victim = names[waited.thread]
    if not shares:
        return Finding(
            f"{victim} waited {time_text(longest_wait)} {place(waited.site, waited.function)},"
            " and no thread that holdfast knows of held it",
            "look for code that attaches without holdfast, e.g. by PyGILState_Ensure",
        )
    culprit = max(shares, key=lambda index: shares[index])
    name, hold = names[culprit], longest[culprit]
    if len(turns[culprit]) >= TURNS_OF_THE_GREEDY and hold.length < longest_wait / 2:
        return Finding(
            f"{victim} starved: it waited {time_text(longest_wait)} while {name} attached"
            f" {len(turns[culprit])} times {place(hold.site, hold.function)}",
            "let that thread do several things in one attach and pause between, or lower switch_interval",
        )
    waiting = {
        other.index
        for other in trace.threads
        for wait in other.holds
        if other.index != culprit and min(wait.middle, hold.end) > max(wait.start, hold.middle)
    }
    ending = ", to the end of the trace" if hold.open_end else ""
    return Finding(
        f"{name} held it {time_text(hold.length)} {place(hold.site, hold.function)}{ending};"
        f" {_count(len(waiting), 'thread')} waited",
        "put a detach_guard around what blocks or computes natively there, or split the work",
    )


def facts(trace: Trace) -> str:
    """The facts in every picture: Python, number of threads, duration."""
    raw = trace.raw
    kind = "free-threaded" if raw.free_threaded else "with a GIL"
    text = (
        f"{trace.python} {kind}, {_count(len(trace.threads), 'thread')}, {trace.attaches} attaches,"
        f" {time_text(trace.duration)}, pid {raw.pid}"
    )
    if trace.dropped:
        text += f"; {trace.dropped} of the oldest events were dropped"
    return text


def summary(trace: Trace) -> str:
    """The summary's text."""
    raw = trace.raw
    kind = "free-threaded" if raw.free_threaded else "with a GIL"
    command = " ".join(raw.command) or "?"
    names = _names(trace, longest=NAME)
    width = max([NAME, *map(len, names.values())]) + 1
    lines = [
        f"{command} (pid {raw.pid}): {trace.python}, {kind}",
        f"{_count(len(trace.threads), 'thread')}, {trace.attaches} attaches in"
        f" {time_text(trace.duration)}" + ("" if raw.ended else "; it did not end Python"),
        "",
        f"  {'thread':<{width}}{'attaches':>10}{'calls/s':>10}{'waiting':>9}{'attached':>10}  longest hold",
    ]
    lines += [
        _row(thread, names[thread.index].ljust(width))
        for thread in sorted(trace.threads, key=lambda t: -t.wait_total)
    ]
    lines += ["", _durations("waits", trace.waits), _durations("holds", trace.holds)]
    collections = sum(thread.collections for thread in trace.threads)
    if collections:
        took = sum(thread.collection_total for thread in trace.threads)
        stops = ", all other threads stopped" if raw.free_threaded else ""
        lines.append(f"  {_count(collections, 'garbage collection')}, {time_text(took)}{stops}")
    tasks = sum(thread.tasks for thread in trace.threads)
    if tasks:
        lines.append(f"  {_count(tasks, 'task')} of pools")
    if trace.dropped:
        lines.append(f"  {trace.dropped} of the oldest events were dropped; totals count them")
    if raw.threads_without_track:
        lines.append(
            f"  {_count(raw.threads_without_track, 'thread')} found no free track and were not recorded"
        )
    for when, text in trace.notes:
        lines += ["", f"  after {time_text(when)} the watchdog said:"]
        lines += [f"    {line}" for line in text.splitlines()]
    found = find(trace)
    lines += ["", found.sentence, f"  do: {found.remedy}"]
    return "\n".join(lines) + "\n"


def _of_drain(note: str) -> Finding:
    first, *inside = (line.strip() for line in note.splitlines())
    who = [line.removeprefix("inside").strip() for line in inside if line.startswith("inside")]
    return Finding(
        f"{first.removeprefix('HF811 ')}: {'; '.join(who)}",
        "tell these threads to end before finalize()",
    )


def _names(trace: Trace, longest: int | None = None) -> dict[int, str]:
    """Each thread's name by index; with its number if several threads have the same name."""
    names = {thread.index: thread.name[:longest] for thread in trace.threads}
    times = Counter(names.values())
    return {
        thread.index: name if times[name] == 1 else f"{name} ({thread.native_id})"
        for thread, name in zip(trace.threads, names.values(), strict=True)
    }


def _row(thread: Thread, name: str) -> str:
    life = thread.life
    longest = f"{time_text(thread.longest_hold)} {thread.longest_hold_place}".rstrip()
    rate = thread.calls * S / life
    return (
        f"  {name}{thread.attaches:>10}{rate:>10.0f}"
        f"{thread.wait_total / life:>9.1%}{thread.hold_total / life:>10.1%}  {longest}"
    )


def _durations(what: str, found: Distribution) -> str:
    return (
        f"  {what}  p50 {time_text(found.quantile(0.5))}, p99 {time_text(found.quantile(0.99))},"
        f" max {time_text(found.longest)}"
    )


def _count(many: int, what: str) -> str:
    return f"{many} {what}{'' if many == 1 else 's'}"
