"""A trace as text: which threads waited, which held Python, and one sentence about what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyholdfast.trace.verdict import count, find, names, population, time_text

if TYPE_CHECKING:
    from pyholdfast.trace.model import Distribution, Thread, Trace

__all__ = ["facts", "summary"]

NAME = 15  # characters of a thread's name that the system keeps
S = 1_000_000_000


def facts(trace: Trace) -> str:
    """The facts in every picture: Python, number of threads and worker processes, duration."""
    raw = trace.raw
    python = " ".join(filter(None, (trace.python, trace.kind)))
    text = (
        f"{python}, {population(trace.threads)}, {trace.attaches} attaches,"
        f" {time_text(trace.duration)}, pid {raw.pid}"
    )
    if trace.dropped:
        text += f"; {trace.dropped} of the oldest events were dropped"
    return text


def summary(trace: Trace) -> str:
    """The summary's text."""
    raw = trace.raw
    command = " ".join(raw.command) or "?"
    python = ", ".join(filter(None, (trace.python, trace.kind)))
    called = names(trace, longest=NAME)
    width = max([NAME, *map(len, called.values())]) + 1
    lines = [
        f"{command} (pid {raw.pid}): {python}",
        f"{population(trace.threads)}, {trace.attaches} attaches in"
        f" {time_text(trace.duration)}" + ("" if raw.ended else "; it did not end Python"),
        "",
        f"  {'thread':<{width}}{'attaches':>10}{'calls/s':>10}{'waiting':>9}{'attached':>10}  longest hold",
    ]
    lines += [
        _row(thread, called[thread.index].ljust(width))
        for thread in sorted(trace.threads, key=lambda t: -t.wait_total)
        if not thread.is_worker
    ]
    workers = [thread for thread in trace.threads if thread.is_worker]
    if workers:
        lines += ["", f"  {'worker process':<{width}}{'tasks':>10}{'tasks/s':>10}  longest task"]
        lines += [_worker_row(one, called[one.index].ljust(width)) for one in workers]
    lines += ["", _durations("waits", trace.waits), _durations("holds", trace.holds)]
    collections = sum(thread.collections for thread in trace.threads)
    if collections:
        took = sum(thread.collection_total for thread in trace.threads)
        stops = ", all other threads stopped" if raw.free_threaded else ""
        lines.append(f"  {count(collections, 'garbage collection')}, {time_text(took)}{stops}")
    tasks = sum(thread.tasks for thread in trace.threads if not thread.is_worker)
    if tasks:
        lines.append(f"  {count(tasks, 'task')} of pools")
    if trace.dropped:
        lines.append(f"  {trace.dropped} of the oldest events were dropped; totals count them")
    if raw.threads_without_track:
        lines.append(
            f"  {count(raw.threads_without_track, 'thread')} found no free track and were not recorded"
        )
    for when, text in trace.notes:
        lines += ["", f"  after {time_text(when)} the watchdog said:"]
        lines += [f"    {line}" for line in text.splitlines()]
    found = find(trace)
    lines += ["", found.sentence, f"  do: {found.remedy}"]
    return "\n".join(lines) + "\n"


def _row(thread: Thread, name: str) -> str:
    life = thread.life
    longest = f"{time_text(thread.longest_hold)} {thread.longest_hold_place}".rstrip()
    rate = thread.calls * S / life
    return (
        f"  {name}{thread.attaches:>10}{rate:>10.0f}"
        f"{thread.wait_total / life:>9.1%}{thread.hold_total / life:>10.1%}  {longest}"
    )


def _worker_row(worker: Thread, name: str) -> str:
    longest = max(worker.spans, key=lambda span: span.end - span.start, default=None)
    told = f"{time_text(longest.end - longest.start)} {longest.name}()" if longest else ""
    return f"  {name}{worker.tasks:>10}{worker.tasks * S / worker.life:>10.0f}  {told}".rstrip()


def _durations(what: str, found: Distribution) -> str:
    return (
        f"  {what}  p50 {time_text(found.quantile(0.5))}, p99 {time_text(found.quantile(0.99))},"
        f" max {time_text(found.longest)}"
    )
