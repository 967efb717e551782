"""A trace as threads, what they waited for, and who held it.

Times are nanoseconds since the recording began.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyholdfast.trace.file_layout import RawTrace

__all__ = ["Distribution", "Hold", "Owned", "Site", "Span", "Thread", "Trace"]


@dataclass(frozen=True, slots=True)
class Hold:
    """A wait and the hold that followed; `middle` is when the thread was attached.

    Attributes:
        open_end: what was going on when the trace ended: "wait", "hold", or an empty text.
        continued: whether a detach_guard comes directly before or after it.
        let_go: whether it did not run when the trace ended, although it was attached.
    """

    thread: int
    start: int
    middle: int
    end: int
    site: str
    function: str
    interpreter: int
    open_end: str = ""
    continued: bool = False
    let_go: bool = False

    @property
    def wait(self) -> int:
        """Nanoseconds from the start of the attach until attached."""
        return self.middle - self.start

    @property
    def length(self) -> int:
        """Nanoseconds attached."""
        return self.end - self.middle


@dataclass(frozen=True, slots=True)
class Span:
    """A call, a task, a collection, or a wait for a mutex or in finalize().

    Attributes:
        owner: the thread that had the mutex when the wait began, if that is known.
    """

    thread: int
    kind: int
    start: int
    end: int
    name: str
    owner: int | None = None


@dataclass(frozen=True, slots=True)
class Owned:
    """A period in which one thread held an interpreter, as far as is visible from outside Python.

    If several threads are attached, the last one to attach holds it, unless it is known not to run:
    the others must have released it inside Python.
    """

    start: int
    end: int
    hold: Hold


@dataclass(slots=True)
class Site:
    """Attaches of all threads at one call site, into one function."""

    site: str
    function: str
    count: int = 0
    wait_total: int = 0
    hold_total: int = 0
    longest_wait: int = 0
    longest_hold: int = 0


@dataclass(frozen=True, slots=True)
class Distribution:
    """Durations, grouped into classes.

    Attributes:
        classes: (upper end in nanoseconds, count), without the empty ones.
        longest: the exact longest duration, in nanoseconds.
    """

    classes: tuple[tuple[int, int], ...]
    longest: int

    @property
    def count(self) -> int:
        """The number of durations."""
        return sum(many for _, many in self.classes)

    def quantile(self, share: float) -> int:
        """The duration that `share` of all do not exceed, to a quarter of a power of two."""
        left = share * self.count
        for upper, many in self.classes:
            left -= many
            if left <= 0:
                return min(upper, self.longest)
        return self.longest


@dataclass(slots=True)
class Thread:
    """One native thread, or one worker process of an isolated executor.

    Attributes:
        is_worker: a worker process; it never attaches, and `native_id` is its process id.
        complete_from: earlier holds and spans were overwritten, except long ones; 0: none was.
    """

    index: int
    name: str
    native_id: int
    state: str
    started: int
    ended: int
    attaches: int
    wait_total: int
    hold_total: int
    longest_hold: int
    longest_hold_place: str
    longest_wait: int
    calls: int
    tasks: int
    collections: int
    collection_total: int
    dropped: int
    holds: list[Hold] = field(repr=False)
    spans: list[Span] = field(repr=False)
    complete_from: int = 0
    is_worker: bool = False

    @property
    def life(self) -> int:
        """Nanoseconds between its first attach and its end."""
        return max(1, self.ended - self.started)


@dataclass(slots=True)
class Trace:
    """A whole recording."""

    raw: RawTrace
    duration: int
    threads: list[Thread]
    sites: list[Site]
    waits: Distribution
    holds: Distribution
    strips: dict[int, list[Owned]]
    notes: list[tuple[int, str]]

    @property
    def python(self) -> str:
        """``Python 3.12.1``, or ``no Python`` if only the host's workers run one."""
        version = self.raw.python_version
        if version == 0:
            return "no Python"
        return f"Python {version >> 24}.{version >> 16 & 255}.{version >> 8 & 255}"

    @property
    def kind(self) -> str:
        """``with a GIL`` or ``free-threaded``; empty without a Python."""
        if self.raw.python_version == 0:
            return ""
        return "free-threaded" if self.raw.free_threaded else "with a GIL"

    @property
    def dropped(self) -> int:
        """Number of events that were overwritten, or lost with a reused track."""
        return sum(thread.dropped for thread in self.threads) + self.raw.past_events

    @property
    def attaches(self) -> int:
        """Attaches of all threads, including those whose track was reused."""
        return sum(thread.attaches for thread in self.threads) + self.raw.past_attaches

    def gil_strips(self) -> list[list[Owned]]:
        """Each strip once, although interpreters with one GIL share theirs."""
        return list({id(strip): strip for strip in self.strips.values()}.values())

    @property
    def gils(self) -> list[tuple[list[int], list[Owned]]]:
        """For each GIL, the interpreters that share it, and their strip; none if free-threaded."""
        return [
            ([number for number, its in self.strips.items() if its is strip], strip)
            for strip in ([] if self.raw.free_threaded else self.gil_strips())
        ]

    def thread(self, index: int) -> Thread:
        """The thread with the index that holds and spans contain."""
        return next(thread for thread in self.threads if thread.index == index)
