"""The result of a migration: edits, refusals, and what to know about both."""

from __future__ import annotations

from dataclasses import dataclass, field

from pyholdfast.check.clang_tidy_output import Place
from pyholdfast.migrate.draft import Draft
from pyholdfast.migrate.refusal import Refusal

__all__ = ["Migration"]


@dataclass(slots=True)
class Migration:
    """The result: edits and refusals.

    Attributes:
        drafts: files with edits, in the order of their paths.
        made: text of files that the edits need, by their path.
        refusals: what stays as it is, ordered by place.
        remarks: what to know about the changes: place and sentence.
        rewritten: number of pairs, guard classes and single calls that change.
        elsewhere: number of pairs in files that were included, not named.
    """

    drafts: list[Draft] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    remarks: list[tuple[Place, str]] = field(default_factory=list)
    rewritten: int = 0
    elsewhere: int = 0
