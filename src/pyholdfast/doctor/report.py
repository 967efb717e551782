"""The doctor's report, as text and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pyholdfast.doctor.model import Verdict
from pyholdfast.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyholdfast.doctor.model import Finding

__all__ = ["as_json", "as_text", "can_encode", "exit_status"]

MARKS = {Verdict.GOOD: "✓", Verdict.WARNING: "!", Verdict.BAD: "✗", Verdict.SKIPPED: "-"}
ASCII_MARKS = {**MARKS, Verdict.GOOD: "+", Verdict.BAD: "x"}
JSON_FORMAT = 1


def can_encode(encoding: str | None) -> bool:
    """True if the marks can be written in `encoding`, e.g. `sys.stdout.encoding`."""
    try:
        "".join(MARKS.values()).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def exit_status(findings: Sequence[Finding]) -> int:
    """1 if anything is bad, else 0: a warning does not fail a build."""
    return int(any(finding.verdict is Verdict.BAD for finding in findings))


def as_text(subject: str, findings: Sequence[Finding], *, unicode: bool = True) -> str:
    """One line per check under the headings of the rooms, and a last line with the totals.

    Args:
        subject: what was examined, in one line.
        findings: in the order to show them; those of one room must be consecutive.
        unicode: False if the terminal cannot show the marks.
    """
    marks = MARKS if unicode else ASCII_MARKS
    lines = [f"holdfast doctor: {visible(subject)}"]
    room = None
    for finding in findings:
        if finding.room is not room:
            room = finding.room
            lines.append(room.value)
        lines += map(visible, _lines(finding, marks[finding.verdict]))
    lines.append(_count(findings))
    text = "\n".join(lines) + "\n"
    return text if unicode else text.encode("ascii", "backslashreplace").decode("ascii")


def _lines(finding: Finding, mark: str) -> list[str]:
    """A good check takes one line; the others list all their evidence."""
    head = f"  {mark} {finding.code} {finding.title}"
    if finding.verdict in (Verdict.GOOD, Verdict.SKIPPED):
        return [": ".join([head, "; ".join(finding.evidence)]) if finding.evidence else head]
    seen = [f"      {line}" for line in finding.evidence]
    return [head, *seen, f"      do: {finding.fix}"]


def _count(findings: Sequence[Finding]) -> str:
    counts = dict.fromkeys(Verdict, 0)
    for finding in findings:
        counts[finding.verdict] += 1
    if not counts[Verdict.BAD] and not counts[Verdict.WARNING]:
        return f"nothing wrong in {counts[Verdict.GOOD]} checks"
    parts = [
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in ((counts[Verdict.BAD], "failure"), (counts[Verdict.WARNING], "warning"))
        if number
    ]
    return f"{' and '.join(parts)}; 'holdfast explain HFnnn' explains a code"


def as_json(subject: str, findings: Sequence[Finding]) -> str:
    """The same report as JSON, with stable keys."""
    return json.dumps(
        {
            "format": JSON_FORMAT,
            "subject": subject,
            "exit_status": exit_status(findings),
            "findings": [
                {
                    "code": finding.code,
                    "room": finding.room.value,
                    "verdict": finding.verdict.value,
                    "title": finding.title,
                    "evidence": list(finding.evidence),
                    "fix": finding.fix or None,
                }
                for finding in findings
            ],
        },
        indent=2,
    )
