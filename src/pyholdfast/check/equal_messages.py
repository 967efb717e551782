"""Groups equal messages, so that thirty equal lines of a report become one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from pyholdfast.check.clang_tidy import Trouble
from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.check.findings import Finding

__all__ = ["equal_findings", "equal_troubles", "equal_unchecked"]

_Item = TypeVar("_Item")
_FEW = 4  # findings that are shown with the path of each


def equal_troubles(troubles: Iterable[Trouble]) -> list[list[Trouble]]:
    """The troubles with the same message, in the order of the first of each."""
    return _grouped((trouble, (trouble.code, trouble.problem)) for trouble in troubles)


def equal_unchecked(
    unchecked: Iterable[tuple[Place, str, str]],
) -> list[tuple[Sequence[Place], Sequence[str], str]]:
    """The functions of a file that were not analysed for the same reason: places, names, reason."""
    groups = _grouped((item, (item[0].file, item[2])) for item in unchecked)
    return [
        ([item[0] for item in group], [item[1] for item in group], group[0][2]) for group in groups
    ]


def equal_findings(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings that say the same: those without a path, or if there are more than a few."""
    grouped: list[list[Finding]] = []
    for group in _grouped((f, (f.code, f.problem, f.remedy)) for f in findings):
        if len(group) > _FEW:
            grouped.append(group)
        else:
            grouped += _grouped((finding, finding.path and finding.place) for finding in group)
    return sorted(grouped, key=lambda group: group[0].place)


def _grouped(keyed: Iterable[tuple[_Item, Hashable]]) -> list[list[_Item]]:
    groups: dict[Hashable, list[_Item]] = {}
    for item, key in keyed:
        groups.setdefault(key, []).append(item)
    return list(groups.values())
