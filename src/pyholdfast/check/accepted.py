"""Findings that the project has accepted: in a comment beside them, or in a baseline.

A comment names the codes and gives a reason:

    PyObject *leak = PyList_New(0);  // holdfast: ignore[HF601] runs under the loader's lock

It stands on the line of the finding or the line above. If it accepts a call, it also does so for
the callers of the function. A baseline is a file with the findings of an old code base: these are
not reported again, new ones are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.comments import comment_at
from pyholdfast.check.findings import Finding
from pyholdfast.check.tokens import read_source
from pyholdfast.errors import UsageError
from pyholdfast.inputs import read_text
from pyholdfast.outputs import put_output

__all__ = ["read_baseline", "without_accepted", "without_ignored", "write_baseline"]


def without_ignored(findings: Iterable[Finding]) -> tuple[list[Finding], int]:
    """The findings that no comment accepts, and the number of those that one does.

    A comment without a reason accepts nothing and is itself a finding.
    """
    kept: list[Finding] = []
    ignored = 0
    unreasoned: dict[Place, Finding] = {}
    for finding in findings:
        comment = comment_at(finding.place)
        if comment is None or finding.code not in comment.codes:
            kept.append(finding)
        elif comment.reason:
            ignored += 1
        else:
            kept.append(finding)
            place = comment.place
            unreasoned[place] = Finding(
                "HF626",
                place,
                f"the comment ignores {finding.code} without a reason",
                "give the reason after the bracket, e.g. // holdfast: ignore[HF601] called by atexit",
                finding.function,
            )
    return [*kept, *unreasoned.values()], ignored


def _fingerprint(finding: Finding, root: Path) -> str:
    lines = read_source(finding.place.file).lines
    inside = 0 < finding.place.line <= len(lines)
    return finding.fingerprint(lines[finding.place.line - 1] if inside else "", root)


def read_baseline(file: Path) -> Counter[str]:
    """The fingerprints in a baseline, and how often each is accepted.

    Raises:
        UsageError: HF624 if it cannot be read.
    """
    try:
        entries = json.loads(read_text(file))["findings"]
        return Counter(str(entry["fingerprint"]) for entry in entries)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            "HF624",
            f"the baseline '{file}' cannot be read: {error}",
            "make one with --write-baseline, or leave out --baseline",
        ) from error


def without_accepted(
    findings: Iterable[Finding], baseline: Counter[str], root: Path
) -> tuple[list[Finding], int]:
    """The findings that the baseline does not contain, and the number of those that it does."""
    left = Counter(baseline)
    kept: list[Finding] = []
    accepted = 0
    for finding in findings:
        fingerprint = _fingerprint(finding, root)
        if left[fingerprint] > 0:
            left[fingerprint] -= 1
            accepted += 1
        else:
            kept.append(finding)
    return kept, accepted


def write_baseline(file: Path, findings: Sequence[Finding], root: Path) -> None:
    """Write a baseline that accepts these findings.

    Raises:
        HoldfastError: HF112 if the file cannot be written.
    """
    entries = []
    for finding in findings:
        path = Path(finding.place.file)
        shown = path.relative_to(root) if path.is_relative_to(root) else path
        entries.append(
            {
                "fingerprint": _fingerprint(finding, root),
                "code": finding.code,
                "file": shown.as_posix(),
                "function": finding.function,
            }
        )
    put_output(file, (json.dumps({"findings": entries}, indent=1) + "\n").encode())
