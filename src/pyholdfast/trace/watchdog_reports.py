"""What the watchdog's reports in a trace say, as a verdict."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyholdfast.trace.places import short_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyholdfast.trace.model import Trace

__all__ = ["Finding", "of_drain_report", "of_mutexes_report", "of_wait_report"]

_THREAD = re.compile(r"'([^'\n]*)' \((\d+)\)")
_KNOWN = re.compile(r".*?; \d+ threads? waited")  # without the reason
_WAITERS = re.compile(r"; \d+ threads? waits?; ")


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands out, in one sentence, and what to do about it."""

    sentence: str
    remedy: str


def of_wait_report(
    trace: Trace, report: str, called: Mapping[int, str], waited: Finding | None
) -> Finding:
    """HF810: the culprit's whole hold, and the watchdog's reason. `waited` is what the events say."""
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


def of_mutexes_report(trace: Trace, report: str, called: Mapping[int, str]) -> Finding:
    """HF812: who holds what, and waits for which."""
    lines = [line.strip() for line in report.splitlines()[1:] if not line.startswith("  do: ")]
    told = "; ".join(_plain(trace, line, called) for line in lines)
    circle = "mutexes taken in opposite orders: " if "in one order" in _remedy(report) else ""
    return Finding(circle + told, _remedy(report))


def of_drain_report(trace: Trace, report: str, called: Mapping[int, str]) -> Finding:
    """HF811: who was inside."""
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
