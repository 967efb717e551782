"""What benchmarks/latency.py measured: how long attaches waited, and what that cost the busy threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.trace.verdict import time_text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Latency", "microseconds_text", "table"]

FEW = 1000  # with fewer waits, the slowest thousandth is one wait or none


@dataclass(frozen=True, slots=True)
class Latency:
    """One number of busy threads at one switch interval.

    Attributes:
        busy: Python threads that never wait.
        interval_us: switch interval in microseconds.
        waits: of each attach in microseconds, sorted.
        speed: what the busy threads did meanwhile; one thread that nobody disturbs does 1.
        urgent: whether it was an urgent_attach_guard.
    """

    busy: int
    interval_us: int
    waits: tuple[float, ...]
    speed: float
    urgent: bool = False

    def slowest(self, share: float) -> float:
        """The wait in microseconds that this share of the attaches did not exceed.

        >>> Latency(1, 50, (1.0, 2.0, 9.0), 1.0).slowest(0.5)
        2.0
        """
        return self.waits[round(share * (len(self.waits) - 1))]


def microseconds_text(microseconds: float) -> str:
    """E.g. ``5 ms``."""
    return time_text(1000 * microseconds)


def table(measured: Sequence[Latency]) -> list[str]:
    """Markdown, a line for each number of busy threads and interval."""
    lines = [
        "| busy threads | switch interval | attach | median | p99 | p99.9 | their work |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in measured:
        rare = microseconds_text(one.slowest(0.999)) if len(one.waits) >= FEW else ""
        how = "urgent" if one.urgent else "ordinary"
        lines.append(
            f"| {one.busy} | {microseconds_text(one.interval_us)} | {how}"
            f" | {microseconds_text(one.slowest(0.5))} | {microseconds_text(one.slowest(0.99))}"
            f" | {rare} | {one.speed:.0%} |"
        )
    return lines
