"""A host's counters in Prometheus' text format, under the names that counters.hpp uses.

Source:
    https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyholdfast.top.change import Change
    from pyholdfast.trace.model import Thread

__all__ = ["metrics"]

S = 1e9


def metrics(change: Change) -> str:
    """The text for all metrics."""
    trace = change.trace
    span = trace.raw.clock.span
    waited = sum(thread.wait_total for thread in trace.threads) + span(trace.raw.past_wait_total)
    held = sum(thread.hold_total for thread in trace.threads) + span(trace.raw.past_hold_total)
    longest_wait = max((thread.longest_wait for thread in trace.threads), default=0)
    longest_hold = max((thread.longest_hold for thread in trace.threads), default=0)
    alive = [row.thread for row in sorted(change.rows, key=lambda row: row.thread.index)]
    lines: list[str] = []

    def metric(name: str, kind: str, meaning: str, values: Iterable[tuple[str, float]]) -> None:
        lines.extend((f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"))
        lines.extend(f"{name}{labels} {value:.9g}" for labels, value in values)

    def one(name: str, kind: str, meaning: str, value: float) -> None:
        metric(name, kind, meaning, [("", value)])

    one("holdfast_attaches_total", "counter", "Attaches of all threads.", trace.attaches)
    one("holdfast_wait_seconds_total", "counter", "Time that threads waited to attach.", waited / S)
    one("holdfast_hold_seconds_total", "counter", "Time that threads were attached.", held / S)
    one("holdfast_longest_wait_seconds", "gauge", "The longest wait so far.", longest_wait / S)
    one("holdfast_longest_hold_seconds", "gauge", "The longest hold so far.", longest_hold / S)
    one("holdfast_threads_waiting", "gauge", "Threads that wait to attach now.", change.waiting)
    one("holdfast_threads_attached", "gauge", "Threads that are attached now.", change.attached)
    metric(
        "holdfast_thread_attaches_total", "counter", "Attaches of a thread.",
        [(_labels(thread), thread.attaches) for thread in alive],
    )  # fmt: skip
    metric(
        "holdfast_thread_wait_seconds_total", "counter", "Time that a thread waited to attach.",
        [(_labels(thread), thread.wait_total / S) for thread in alive],
    )  # fmt: skip
    metric(
        "holdfast_thread_hold_seconds_total", "counter", "Time that a thread was attached.",
        [(_labels(thread), thread.hold_total / S) for thread in alive],
    )  # fmt: skip
    return "\n".join(lines) + "\n"


def _labels(thread: Thread) -> str:
    name = thread.name.replace("\\", r"\\").replace('"', r"\"")
    return f'{{thread="{name}",id="{thread.native_id}"}}'
